"""Look-ups and actions in a worker: answers as they come, an honest status, the deadline kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from watchfloor.contracts import LookupAnswer, Manifest, Purpose
from watchfloor.contracts import protocol as p
from watchfloor_sdk import (
    ActionReceipt,
    ActionRequest,
    Connector,
    Context,
    Incomplete,
    LookupRequest,
    LookupResult,
    Refused,
    RetryLater,
)
from watchfloor_sdk.testing import HubDouble, Worker, worker_here

MANIFEST = msgspec.convert(
    {
        "id": "toy-lookup", "name": "Toy", "version": "0.1.0", "vendor": "none",
        "description": "A toy.", "licence": "Apache-2.0", "owner": "Watchfloor",
        "capabilities": ["lookup", "action"],
        "event_types": [], "handling": "cji", "config_schema": {}, "min_hub": "0.1.0",
        "cadence": {"every_s": 60, "how": "poll"},
        "impact": {"data": "None.", "legal_basis": "None.", "retention_days": 0},
        "lookups": [{"name": "toy", "title": "Toy", "subject_kinds": ["plate"],
                     "legal_basis": "None."}],
        "actions": [{"name": "note", "title": "Note", "parameters": {}}],
    },
    Manifest,
)  # fmt: skip


class Settings(Struct):
    """None."""


class Toy(Connector[Settings]):
    """Answers what the subject says it shall."""

    settings = Settings
    asked: list[LookupRequest] = []
    ended: list[str] = []

    async def lookup(
        self, ctx: Context[Settings], request: LookupRequest
    ) -> AsyncIterator[LookupResult]:
        self.asked.append(request)
        try:
            yield ctx.result("Registered", {"make": "SIM"}, id="1", confidence=0.9)
            if request.subject == "hang":
                await asyncio.Event().wait()
            if request.subject == "partial":
                raise Incomplete("One of two states did not answer.")
            if request.subject == "gap":
                raise Incomplete("Nothing is kept of that time.", status="gap")
            if request.subject == "denied":
                raise Refused("The system takes no such purpose.", remedy="Choose another.")
            if request.subject == "down":
                raise RetryLater("It is down.")
            if request.subject == "bug":
                raise ValueError("ZZT1234 is in this text")
            yield ctx.result("Stolen", {}, id="2", handling="le-sensitive")
        finally:
            self.ended.append(request.subject)

    async def act(self, ctx: Context[Settings], request: ActionRequest) -> ActionReceipt:
        return ctx.receipt(request, reference="N-1")


@asynccontextmanager
async def toy() -> AsyncIterator[tuple[Worker, list[dict[str, Any]]]]:
    Toy.asked, Toy.ended = [], []
    async with worker_here(Toy, MANIFEST, HubDouble()) as worker:
        found: list[dict[str, Any]] = []

        def hear(raw: msgspec.Raw) -> None:
            found.extend(
                msgspec.json.decode(each) for each in msgspec.json.decode(raw, type=p.Found).results
            )

        worker.peer.listeners["found"] = hear
        await worker.initialize("toy-lookup", {})
        yield worker, found


def question(subject: str, deadline_s: float = 5.0) -> LookupRequest:
    purpose = Purpose(code="investigation", requester="analyst-1", case_number="SIM-1")
    return LookupRequest(
        id=f"q-{subject}",
        offer="toy",
        subject_kind="plate",
        subject=subject,
        purpose=purpose,
        deadline_s=deadline_s,
    )


async def ask(worker: Worker, request: LookupRequest) -> LookupAnswer:
    answer = await worker.peer.request("lookup", request, 10.0)
    return msgspec.json.decode(answer, type=LookupAnswer)


async def test_results_come_before_the_answer_with_the_purpose_passed_on() -> None:
    async with toy() as (worker, found):
        answer = await ask(worker, question("ZZT1234"))
    assert (answer.status, answer.request) == ("ok", "q-ZZT1234")
    assert [(each["title"], each["handling"]) for each in found] == [
        ("Registered", "cji"),
        ("Stolen", "le-sensitive"),
    ]
    assert found[0]["source"] == "contract"
    assert Toy.asked[0].purpose.case_number == "SIM-1"


async def test_what_was_found_before_it_failed_is_kept_and_the_status_says_why() -> None:
    expected = {
        "partial": ("partial", "incomplete", "One of two states did not answer."),
        "gap": ("gap", "incomplete", "Nothing is kept of that time."),
        "denied": ("denied", "refused", "The system takes no such purpose. Choose another."),
        "down": ("unavailable", "retry_later", "It is down."),
    }
    async with toy() as (worker, found):
        for subject, said in expected.items():
            answer = await ask(worker, question(subject))
            assert (answer.status, answer.code, answer.detail) == said
    assert len(found) == len(expected)


async def test_a_bug_is_told_without_its_text() -> None:
    async with toy() as (worker, _):
        answer = await ask(worker, question("bug"))
    assert answer.status == "unavailable"
    assert "ValueError" in (answer.detail or "")
    assert "ZZT1234" not in (answer.detail or "")


async def test_the_deadline_ends_the_question_and_its_connections() -> None:
    async with toy() as (worker, found):
        answer = await ask(worker, question("hang", deadline_s=0.2))
        assert (answer.status, Toy.ended) == ("timed_out", ["hang"])
    assert len(found) == 1


async def test_nobody_waits_any_more() -> None:
    async with toy() as (worker, _):
        asking = asyncio.create_task(ask(worker, question("hang")))
        while not Toy.asked:
            await asyncio.sleep(0.01)
        worker.peer.notify("cancel_lookup", p.CancelParams(request="q-hang"))
        assert (await asking).status == "timed_out"
        assert Toy.ended == ["hang"]


async def test_an_action_is_done_and_receipted_and_one_that_expired_is_not() -> None:
    now = datetime.now(UTC)
    request = ActionRequest(
        idempotency_key="k-1", action="note", requested_by="analyst-1", parameters={}
    )
    late = msgspec.structs.replace(request, expires=now - timedelta(seconds=1))
    async with toy() as (worker, _):
        done, refused = [
            msgspec.json.decode(await worker.peer.request("act", each, 5.0), type=ActionReceipt)
            for each in (request, late)
        ]
    assert (done.outcome, done.reference, done.idempotency_key) == ("done", "N-1", "k-1")
    assert (refused.outcome, refused.detail) == ("refused", "It came too late.")
