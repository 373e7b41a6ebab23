"""What is done outside is done at most once, with a receipt, and a crash is told as such."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from watchfloor.actions import Actions
from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.contracts import (
    ActionDeclaration,
    ActionReceipt,
    AskAPerson,
    GiveUp,
    NotFound,
    Refused,
    RetryLater,
)
from watchfloor.ports.store import Instance

TEXT = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "maxLength": 20}},
    "additionalProperties": False,
}
REFERENCE = {"type": "object", "required": ["reference"]}
DECLARED = [
    ActionDeclaration(name="add-note", title="Add a note", parameters=TEXT, undo="remove-note"),
    ActionDeclaration(name="remove-note", title="Remove a note", parameters=REFERENCE),
    ActionDeclaration(name="deliver-alert", title="Tell people", parameters={}),
]
BY = "Casey Analyst"


class Supervisor:
    """The workers: each request is done as ``play`` says."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.play: list[Any] = []

    async def act(self, source: str, request: Any) -> ActionReceipt:
        self.asked.append(request)
        answer = self.play.pop(0) if self.play else "done"
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, asyncio.Event):
            await answer.wait()
            answer = "done"
        return ActionReceipt(
            idempotency_key=request.idempotency_key,
            outcome=answer,
            done=datetime.now(UTC),
            reference=f"N-{len(self.asked)}",
            detail=None if answer == "done" else f"It is {answer}, as the receiver says.",
        )


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(tmp_path / "hub.sqlite", SystemClock())
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def supervisor() -> Supervisor:
    return Supervisor()


@pytest.fixture
def actions(store: SqliteStore, supervisor: Supervisor) -> Actions:
    catalogue = SimpleNamespace(manifest=lambda _: SimpleNamespace(actions=DECLARED))
    instances = [
        Instance("cad", "cad-write", "CAD", {}),
        Instance("off", "cad-write", "Off", {}, enabled=False),
    ]
    return Actions(
        lambda: instances,
        catalogue,  # type: ignore[arg-type]
        supervisor,  # type: ignore[arg-type]
        store,
        SystemClock(),
    )


async def test_it_is_done_and_written_down_though_who_asked_has_gone(
    actions: Actions, supervisor: Supervisor
) -> None:
    """At whatever moment they go: nothing may stay under way for ever."""
    for steps in range(8):
        told = asyncio.Event()
        supervisor.play = [told]
        note = ("cad", "add-note", {"text": "hello"}, BY, f"k-{steps}")
        asking = asyncio.create_task(actions.act(*note))
        for _ in range(steps):
            await asyncio.sleep(0.001)
        asking.cancel()
        told.set()
        async with asyncio.timeout(2):
            assert await settled(actions, note) == "done"
    assert len(supervisor.asked) == len({each.idempotency_key for each in supervisor.asked})


async def settled(actions: Actions, asked: Any) -> str | None:
    """What became of it."""
    while True:
        try:
            return (await actions.act(*asked)).outcome
        except RetryLater:
            await asyncio.sleep(0.01)


async def test_it_is_done_once_however_often_it_is_asked(
    actions: Actions, supervisor: Supervisor
) -> None:
    first = await actions.act("cad", "add-note", {"text": "hello"}, BY, key="k-1")
    again = await actions.act("cad", "add-note", {"text": "hello"}, BY, key="k-1")
    assert (first.outcome, first.reference, again) == ("done", "N-1", first)
    assert len(supervisor.asked) == 1
    assert supervisor.asked[0].requested_by == BY
    with pytest.raises(Refused, match="another deed"):
        await actions.act("cad", "add-note", {"text": "other"}, BY, key="k-1")


async def test_what_does_not_fit_is_refused_before_it_leaves(
    actions: Actions, supervisor: Supervisor
) -> None:
    with pytest.raises(Refused, match="text does not fit") as refused:
        await actions.act("cad", "add-note", {"text": "ZZT1234" * 10}, BY)
    assert "ZZT1234" not in refused.value.detail
    for source, action in (("cad", "fly"), ("nowhere", "add-note"), ("off", "add-note")):
        with pytest.raises(NotFound):
            await actions.act(source, action, {"text": "hello"}, BY)
    assert supervisor.asked == []


async def test_nothing_done_may_be_tried_again_with_the_same_key(
    actions: Actions, supervisor: Supervisor
) -> None:
    supervisor.play = [RetryLater("CAD is down."), "done"]
    with pytest.raises(RetryLater):
        await actions.act("cad", "add-note", {"text": "hello"}, BY, key="k-1")
    assert (
        await actions.act("cad", "add-note", {"text": "hello"}, BY, key="k-1")
    ).outcome == "done"


async def test_a_worker_that_fell_silent_may_have_done_it(
    actions: Actions, supervisor: Supervisor
) -> None:
    supervisor.play = [RetryLater("No answer to act within 60 s.", code="worker_silent")]
    deed = await actions.act("cad", "add-note", {"text": "hello"}, BY, key="k-1")
    assert deed.outcome == "failed"
    assert "not known" in (deed.detail or "")
    assert await actions.act("cad", "add-note", {"text": "hello"}, BY, key="k-1") == deed
    assert len(supervisor.asked) == 1


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(Refused("No such right."), "refused"), (AskAPerson("No credential."), "failed")],
)
async def test_what_the_connector_refused_is_the_outcome(
    actions: Actions, supervisor: Supervisor, error: Exception, outcome: str
) -> None:
    supervisor.play = [error]
    deed = await actions.act("cad", "add-note", {"text": "hello"}, BY)
    assert (deed.outcome, deed.detail) == (outcome, str(error))


async def test_who_stops_waiting_does_not_stop_the_deed(
    actions: Actions, supervisor: Supervisor, store: SqliteStore
) -> None:
    go = asyncio.Event()
    supervisor.play = [go]
    asking = asyncio.create_task(actions.act("cad", "add-note", {"text": "x"}, BY, key="k-1"))
    while not supervisor.asked:
        await asyncio.sleep(0.01)
    with pytest.raises(RetryLater, match="under way"):
        await actions.act("cad", "add-note", {"text": "x"}, BY, key="k-1")
    asking.cancel()
    go.set()
    while (await store.deeds.get("k-1")).outcome is None:
        await asyncio.sleep(0.01)
    assert (await store.deeds.get("k-1")).outcome == "done"


async def test_what_a_crash_cut_off_is_told_as_such_and_not_done_again(
    actions: Actions, supervisor: Supervisor, store: SqliteStore
) -> None:
    supervisor.play = [asyncio.Event()]
    asking = asyncio.create_task(actions.act("cad", "add-note", {"text": "x"}, BY, key="k-1"))
    while not supervisor.asked:
        await asyncio.sleep(0.01)
    await actions.open()  # as the next hub does
    deed = await store.deeds.get("k-1")
    assert deed.outcome == "failed"
    assert "not known: the hub ended meanwhile" in (deed.detail or "")
    assert await actions.act("cad", "add-note", {"text": "x"}, BY, key="k-1") == deed
    asking.cancel()


async def test_a_deed_is_taken_back_by_the_action_that_says_how(
    actions: Actions, supervisor: Supervisor
) -> None:
    deed = await actions.act("cad", "add-note", {"text": "hello"}, BY)
    undone = await actions.undo(deed.id, "Sam Supervisor")
    assert (undone.action, undone.parameters) == ("remove-note", {"reference": "N-1"})
    assert undone.requested_by == "Sam Supervisor"
    assert await actions.undo(deed.id, "Sam Supervisor") == undone
    with pytest.raises(Refused, match="taken back"):
        await actions.undo(undone.id, BY)
    with pytest.raises(NotFound):
        await actions.undo("a-none", BY)
    assert [each.action for each in await actions.recent(10)] == ["remove-note", "add-note"]
    assert await actions.recent(10, "elsewhere") == []


async def test_alerts_are_carried_by_a_source_that_declares_it(
    actions: Actions, supervisor: Supervisor
) -> None:
    assert await actions.carry("cad", "msg_1", {"type": "watchfloor.alert.raised"}) == "N-1"
    supervisor.play = ["failed"]
    with pytest.raises(RetryLater):
        await actions.carry("cad", "msg_1", {})
    supervisor.play = ["refused"]
    with pytest.raises(GiveUp, match="as the receiver says") as refused:
        await actions.carry("cad", "msg_1", {})
    assert refused.value.code == "delivery_refused"
    with pytest.raises(NotFound):
        await actions.carry("off", "msg_1", {})
    assert await actions.recent(10) == []
