"""The relay: takes messages, holds answers until they are fetched or dropped."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from watchfloor_sdk import ActionRequest, LookupRequest, Purpose
from watchfloor_sdk.simulation import HttpSimulator, Setup

from .states import Files, HotRecord, Licensed, Manner, Question, Registered, in_the_mood

ORI = "KSSIM0000"
ENTERED_BY = "MOSIM0001"
_REGION = {"Z1": ("KS", "MO", "NE")}


@dataclass
class _Held:
    """A message, and what has come for it."""

    question: Question
    sent: datetime
    answers: list[dict[str, Any]] = field(default_factory=list)
    readers: dict[str, Any] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)


class NletsStyleSimulator(HttpSimulator):
    """Every state answers well within a moment, unless ``manners`` has another way for it.

    Without case number, purpose, who asks and reason code (for what driver files are asked) the
    switch refuses, and a driver's history where ATN is not who asks. The same control field sent
    again changes nothing. ``handed_out`` has every message that was taken, by control field;
    ``held`` what has not been dropped.
    """

    connector = "nlets-style"
    records_path = "/messages"

    def __init__(self) -> None:
        super().__init__()
        self.manners: dict[str, Manner] = {}
        self.held: dict[str, _Held] = {}
        self._files = Files()
        self._denies = False
        self._key = secrets.token_urlsafe(16)
        self._tasks: set[asyncio.Task[None]] = set()

    def feed(self, happening: object) -> None:
        """A vehicle, a licence or a hot record is entered."""
        self._files.take(happening)

    def rehearse(self, number: int, at: datetime) -> Registered:
        """A vehicle is registered; nobody is told."""
        return Registered("KS", f"ZZR{number:05}", f"SIMVIN{at:%d}{number:09}")

    def deny(self) -> None:
        """The agency's access is suspended."""
        self._denies = True

    def demo(self) -> Iterator[object]:
        """Some of everything, in two states."""
        for number in range(10):
            yield Registered("KS", f"ZZT{number:04}", f"SIMVIN0000000{number:04}")
        yield Registered("MO", "ZZT0003", "SIMVIN00000009003", colour="BR0")
        yield Licensed("KS", "SIM0001", "EXAMPLE,SAM", "19900101", "M")
        yield HotRecord("ZZT0003", "KS", "V000000001", ENTERED_BY)

    def demo_requests(self) -> Iterator[LookupRequest | ActionRequest]:
        """Somebody asks about one plate after the other, and once for a confirmation."""
        yield confirm("demo-1")
        driver = {"reason_code": "F"}
        yield question("d-1", "driver-licence", "person", "SIM0001", filters=driver)
        driver = {**driver, "pur": "C"}
        yield question("d-2", "driver-history", "person", "SIM0001", filters=driver)
        yield question("d-3", "hot-list-check", "plate", "ZZT0003", code="criminal-justice")
        for number in itertools.count():
            filters = {"states": ["KS", "MO"], "reason_code": "F"}
            plate = f"ZZT{number % 12:04}"
            yield question(f"q-{number}", "registration", "plate", plate, filters=filters)

    def setup(self, base_url: str) -> Setup:
        """As agency IT would write it."""
        regions = [f"{name}={','.join(states)}" for name, states in _REGION.items()]
        config = {
            "base_url": base_url, "ori": ORI, "home_state": "KS", "regions": regions,
            "settle_s": 0.3,
        }  # fmt: skip
        return Setup(self.connector, config, {"relay": {"api_key": self._key}})

    def routes(self) -> Iterable[web.RouteDef]:
        """The relay's paths."""
        return [
            web.get("/status", self._status),
            web.put("/messages/{control}", self._take),
            web.put("/messages/{control}/readers/{reader}", self._note_reader),
            web.get("/messages/{control}/answers", self._hand_out),
            web.delete("/messages/{control}", self._drop),
        ]

    async def stop(self) -> None:
        """Close the listener; what states would have answered is forgotten."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await super().stop()

    def age(self, control: str, by: timedelta) -> None:
        """A message was sent so much earlier."""
        self.held[control].sent -= by

    async def _status(self, request: web.Request) -> web.Response:
        self._authorised(request)
        return web.json_response({"switch": "up", "ori": ORI})

    async def _take(self, request: web.Request) -> web.Response:
        self._authorised(request)
        control, message = request.match_info["control"], await request.json()
        if reason := "suspended" if self._denies else _refused(message):
            return web.json_response({"state": "refused", "reason": reason})
        if control not in self.handed_out:
            self.handed_out[control] = message
            asked = Question(message["key"], message["ori"], control, message["text"])
            held = self.held[control] = _Held(asked, datetime.now(UTC))
            for state in _states(message["to"]):
                self._soon(self._answer(held, state))
        return web.json_response({"state": "queued"}, status=202)

    async def _note_reader(self, request: web.Request) -> web.Response:
        self._authorised(request)
        self._held(request).readers[request.match_info["reader"]] = await request.json()
        return web.Response(status=204)

    async def _hand_out(self, request: web.Request) -> web.Response:
        self._authorised(request)
        held = self._held(request)
        after, wait_s = int(request.query["after"]), float(request.query["wait_s"])
        if len(held.answers) <= after:
            held.news.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(held.news.wait(), wait_s)
        return web.json_response({
            "sent": held.sent.isoformat().replace("+00:00", "Z"),
            "question": held.question.text,
            "last": len(held.answers),
            "answers": held.answers[after:],
        })  # fmt: skip

    async def _drop(self, request: web.Request) -> web.Response:
        self._authorised(request)
        self._held(request)
        del self.held[request.match_info["control"]]
        return web.Response(status=204)

    async def _answer(self, held: _Held, state: str) -> None:
        manner = self.manners.get(state, Manner())
        await asyncio.sleep(manner.after_s)
        if manner.mood == "refuses":
            self._came(held, state, refused="purpose not permitted here")
            return
        bodies = self._files.answers(state, held.question)
        first, *more = in_the_mood(manner.mood, state, held.question, bodies) or [""]
        if first:
            self._came(held, state, text=first)
        for text in more:
            await asyncio.sleep(manner.more_after_s or 0.0)
            self._came(held, state, text=text)

    def _came(self, held: _Held, state: str, **said: str) -> None:
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        number = len(held.answers) + 1
        held.answers.append({"number": number, "sender": state, "received": now, **said})
        held.news.set()

    def _soon(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _held(self, request: web.Request) -> _Held:
        held = self.held.get(request.match_info["control"])
        if held is None:
            raise web.HTTPNotFound
        return held

    def _authorised(self, request: web.Request) -> None:
        if request.headers.get("x-api-key") != self._key:
            raise web.HTTPUnauthorized


def _refused(message: dict[str, Any]) -> str | None:
    purpose = message.get("purpose") or {}
    if message.get("ori") != ORI:
        return "unknown ORI"
    if not purpose.get("case_number") or not purpose.get("code"):
        return "no purpose or no case"
    if not purpose.get("requester") or not re.fullmatch(r"[A-Z0-9]{9}", purpose.get("ori") or ""):
        return "nobody asks, or for no agency"
    if message["key"] == "KQ" and f".ATN/{_attention(purpose)}" not in message["text"]:
        return "ATN is not who asks"
    if message["key"][:2] in ("RQ", "DQ", "KQ", "RP") and ".RSN/" not in message["text"]:
        return "no reason code"
    return None


def _attention(purpose: dict[str, Any]) -> str:
    """Whoever asks, as ATN has them: up to 30 characters, in which nothing ends the field."""
    name = purpose.get("requester_name") or purpose["requester"]
    return "".join(letter for letter in name.upper() if letter.isascii() and letter.isalnum())[:30]


def _states(to: Iterable[str]) -> list[str]:
    return [state for code in to for state in _REGION.get(code, (code,))]


def question(
    id: str, offer: str, kind: Any, subject: str, *, code: str = "1", deadline_s: float = 10.0,
    **more: Any,
) -> LookupRequest:  # fmt: skip
    """A look-up by an analyst who does not exist."""
    purpose = Purpose(
        code=code, requester="casey", requester_name="Casey Analyst", agency="Example City PD",
        ori=ORI, case_number="SIM-26-000123", reason="Exercise",
    )  # fmt: skip
    return LookupRequest(
        id=id, offer=offer, subject_kind=kind, subject=subject, purpose=purpose,
        deadline_s=deadline_s, **more,
    )  # fmt: skip


def confirm(key: str, **changes: Any) -> ActionRequest:
    """A request for confirmation of the demo's hot record."""
    parameters = {
        "priority": "U", "ori": ENTERED_BY, "nic": "V000000001", "plate": "ZZT0003",
        "plate_state": "KS", "case_number": "SIM-26-000123", "reason": "Traffic stop",
        **changes,
    }  # fmt: skip
    return ActionRequest(
        idempotency_key=key, action="confirm-hit", requested_by="Casey Analyst",
        parameters=parameters,
    )  # fmt: skip
