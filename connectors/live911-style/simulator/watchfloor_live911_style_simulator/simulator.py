"""Tells 911 calls as they ring, move, are answered and end: as webhooks or as EIDOs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Literal

from watchfloor_city import CallChanged
from watchfloor_live911_style.eido import heard
from watchfloor_live911_style.prepared import read, said
from watchfloor_sdk.eido import decode
from watchfloor_sdk.simulation import Setup, WebhookSender
from watchfloor_sdk.simulation.eido import EidoSimulator
from watchfloor_sdk.simulation.signing import token

from .incidents import Told, incident_id
from .prepared import message
from .script import STEPS, Caller, Step

AHEAD_S = (20.0, 60.0)
"""How long before its call for service a 911 call begins."""
ABANDONED_EVERY = 7
"""After so many calls, one that nobody answers."""
SECOND = timedelta(seconds=1)


class Live911StyleSimulator(EidoSimulator):
    """Of a city's calls for service, those that somebody called for: what was said before dispatch
    had the call comes with it, at its own times, and the end after ``talk_s`` seconds.

    ``shape``: as webhooks (deliveries that are not taken are tried again, every tenth is sent
    twice), or as EIDOs to subscribers.
    """

    connector = "live911-style"

    def __init__(
        self,
        shape: Literal["prepared", "eido"] = "prepared",
        *,
        talk_s: float = 30.0,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self._shape = shape
        self._talk_s = talk_s
        self._random = Random(seed)
        self._sender = WebhookSender(self._sign, twice_every=10)
        self._told: dict[str, Told] = {}
        self._heard: set[str] = set()
        self._calls: dict[int, Caller] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def feed(self, happening: Any) -> None:
        """A step as it is; or a call for service, when it is new and somebody called."""
        if isinstance(happening, Step):
            self._say(happening)
        elif isinstance(happening, CallChanged) and self._is_news(happening):
            self._heard.add(happening.call_number)
            self._begin(self._call(happening))
            if len(self._heard) % ABANDONED_EVERY == 0:
                self._give_up(happening)

    def rehearse(self, number: int, at: datetime) -> Step:
        """Calls of six steps each: begin, coarse and fine position, answer, end, CAD number."""
        call, step = divmod(number, STEPS)
        if step == 0:
            self._calls[call] = Caller(f"SIM-{call:05}", at, (-90.07, 29.95), _number(call))
        return list(self._calls[call].whole([at] * STEPS, f"SIM-2026-{call:06}"))[step]

    def push_to(self, url: str) -> None:
        """Where the agency takes deliveries; what waits goes first."""
        self._begin(self._sender.start(url))

    def setup(self, base_url: str) -> Setup:
        """As agency IT would write it."""
        config = {"owner": "Example Emergency Communications"}
        if self._shape == "eido":
            config["base_url"] = self.address(base_url)
        return Setup(self.connector, config, self.credentials)

    @property
    def credentials(self) -> Mapping[str, Mapping[str, str]]:
        """What the vendor shows with its webhooks, or a subscriber to it."""
        name = "webhook_token" if self._shape == "prepared" else "token"
        return {name: {"token": self.token}}

    def state(self, incident: str) -> Any:
        """The EIDO of an incident, which is handed out now."""
        document = self._told[incident].document()
        for one in heard(decode(json.dumps(document).encode())):
            self.handed_out[one.id] = document
        return document

    def active(self) -> list[Any]:
        """The EIDOs of calls that have not ended."""
        return [self.state(name) for name, one in self._told.items() if not one.over]

    def available(self, incident: str) -> bool:
        """Of calls that have ended, too: their last state."""
        return incident in self._told

    async def stop(self) -> None:
        """End calls and deliveries, then the listener."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._sender.stop()
        await super().stop()

    def _is_news(self, call: CallChanged) -> bool:
        somebody_called = not call.self_initiated and call.point is not None
        return somebody_called and call.call_number not in self._heard

    async def _call(self, changed: CallChanged) -> None:
        """What was said before; then, once they have talked, the end."""
        made = changed.created
        began = made - timedelta(seconds=self._random.uniform(*AHEAD_S))
        caller = self._caller(began, changed)
        times = [began, began + 2 * SECOND, began + 6 * SECOND, began + 9 * SECOND]
        ended = max(datetime.now(UTC), made) + timedelta(seconds=self._talk_s)
        *before, end, noted = caller.whole([*times, ended, made], changed.call_number)
        for step in (*before, noted):
            self._say(step)
        await asyncio.sleep(self._talk_s)
        self._say(end)

    def _give_up(self, changed: CallChanged) -> None:
        """Somebody else called, and rang off before anybody answered."""
        began = changed.created - 10 * SECOND
        for step in self._caller(began, changed, "x").abandoned(8 * SECOND):
            self._say(step)

    def _caller(self, began: datetime, changed: CallChanged, mark: str = "") -> Caller:
        if changed.point is None:
            raise ValueError("a caller is somewhere")
        number = changed.callback or _number(len(self._heard))
        return Caller(f"SIM-{changed.call_number}{mark}", began, changed.point, number)

    def _say(self, step: Step) -> None:
        if self._shape == "prepared":
            self._push(message(step))
        else:
            name = incident_id(step.caller)
            self._told.setdefault(name, Told(step.caller)).steps.append(step)
            self.subscriptions.changed(name)

    def _sign(self, body: bytes) -> Mapping[str, str]:
        """By the token of now: it may have been changed."""
        return token(self.token, prefix="Bearer ")(body)

    def _push(self, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        if found := read(body):
            call, told = said(found)
            self.handed_out[f"{call}:{told.key}"] = document
        self._sender.send(body)

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _number(call: int) -> str:
    """A number of those that nobody has."""
    return f"+15555550{100 + call % 100}"
