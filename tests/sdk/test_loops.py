"""Loops sort what goes wrong, wait as they should, and start again from what is durable."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from watchfloor_sdk import (
    AskAPerson,
    Connector,
    GiveUp,
    Inventory,
    Page,
    PlateRead,
    Rejected,
    RetryLater,
    loops,
)
from watchfloor_sdk.health import Health, wait_after
from watchfloor_sdk.loops import ConnectorFailed, InventoryLoop, PollLoop, StreamLoop
from watchfloor_sdk.testing import TestHub, context

NOW = datetime(2026, 5, 1, tzinfo=UTC)


class Nothing(msgspec.Struct):
    pass


class Sink:
    """An emitter for which everything is durable at once."""

    def __init__(self):
        self.checkpoint = 0
        self.assured_until = None
        self.pages = []

    async def send(self, page):
        self.pages.append(page)
        self.checkpoint = page.checkpoint
        self.assured_until = page.assured_until or self.assured_until

    async def drain(self):
        pass

    def settle(self):
        pass


class Scripted(Connector[Nothing]):
    """Each round does the next thing of its script: raise it, or yield its pages."""

    settings = Nothing

    def __init__(self, *script):
        self.script = list(script)
        self.asked_from = []

    async def poll(self, ctx, checkpoint):
        self.asked_from.append(checkpoint)
        step = self.script.pop(0) if self.script else []
        for page in step if isinstance(step, list) else []:
            if isinstance(page, Exception):
                raise page
            yield page
        if isinstance(step, Exception):
            raise step

    stream = poll

    async def inventory(self, ctx):
        step = self.script.pop(0) if self.script else []
        return Inventory([], complete=True, rejected=step)


@pytest.fixture
def hub():
    return TestHub()


@pytest.fixture
def waits(monkeypatch):
    """Time stands still: waits are noted, and the last of them ends the loop."""
    noted = []
    sleep = asyncio.sleep

    async def note(seconds):
        noted.append(seconds)
        if len(noted) >= 20:
            raise asyncio.CancelledError
        await sleep(0)

    monkeypatch.setattr(loops.asyncio, "sleep", note)
    return noted


async def rounds(connector, hub, *, kind=PollLoop):
    """Runs until cancelled; (health's words so far, the sink)."""
    said, sink = [], Sink()
    health = Health(lambda: said.append(health.heartbeat()))
    loop = kind(connector, context(Nothing(), hub=hub, now=NOW), health, sink, 5.0)
    with pytest.raises((asyncio.CancelledError, ConnectorFailed)) as ended:
        await loop.run()
    return said, sink, ended.value


async def test_a_round_that_ended_well_assures_up_to_its_start(hub, waits):
    said, sink, _ = await rounds(Scripted([Page(checkpoint=1)]), hub)
    assert said[0].assured_until == NOW.isoformat()
    assert len(sink.pages) == 1
    assert all(4.9 < wait <= 5.0 for wait in waits), "the cadence"


async def test_what_the_vendor_assures_goes_before_the_rounds_start(hub, waits):
    earlier = NOW.replace(year=2025)
    said, _, _ = await rounds(Scripted([Page(checkpoint=1, assured_until=earlier)]), hub)
    assert said[0].assured_until == earlier.isoformat()


async def test_a_failed_round_assures_nothing_and_goes_on_from_what_is_durable(hub, waits):
    broken = [Page(checkpoint=3), RetryLater("busy", retry_after=7)]
    connector = Scripted(broken, [])
    said, _, _ = await rounds(connector, hub)
    assert said[0].problem.detail == "busy"
    assert said[0].assured_until is None
    assert connector.asked_from[:2] == [0, 3]
    assert 7 <= waits[0] < 8.1, "as the vendor asked, and a little by chance"
    assert said[-1].problem is None, "and it is told that it is well again"


async def test_a_matter_for_a_person_is_tried_slowly(hub, waits):
    said, _, _ = await rounds(Scripted(AskAPerson("no", remedy="do"), GiveUp("gone")), hub)
    assert waits[:2] == [60.0, 60.0]
    assert said[0].problem.attention
    assert said[0].problem.remedy == "do"


@pytest.mark.parametrize("kind", [PollLoop, StreamLoop])
async def test_waits_grow_with_failures_and_stay_bounded(hub, waits, kind):
    await rounds(Scripted(*[RetryLater("busy")] * 30), hub, kind=kind)
    assert 0.5 <= waits[0] <= 1.0
    assert waits[3] > waits[0]
    assert 150 <= waits[19] <= 300


async def test_connections_that_lived_long_and_broke_are_no_failures_in_a_row(
    hub, waits, monkeypatch
):
    monkeypatch.setattr(StreamLoop, "steady_s", 0.0)
    script = [*[RetryLater("broke off")] * 10, *[ValueError("x")] * 10]
    _, _, ended = await rounds(Scripted(*script), hub, kind=StreamLoop)
    assert isinstance(ended, asyncio.CancelledError)
    assert max(waits) <= 1.0


async def test_five_failures_for_no_known_reason_end_the_worker(hub, waits):
    bugs = [ValueError("plate ZZT1234")] * 5
    said, _, ended = await rounds(Scripted(*bugs), hub)
    assert isinstance(ended, ConnectorFailed)
    assert "ValueError in test_loops.py, line" in str(ended)
    logged = " ".join(message for _, message in hub.logged)
    assert "ZZT1234" not in f"{ended} {logged} {said}"


async def test_failures_that_are_not_in_a_row_do_not_add_up(hub, waits):
    script = [step for _ in range(6) for step in (ValueError("x"), [])]
    _, _, ended = await rounds(Scripted(*script), hub)
    assert isinstance(ended, asyncio.CancelledError)


async def test_a_page_that_says_nothing_is_not_sent(hub, waits):
    _, sink, _ = await rounds(Scripted([Page(checkpoint=0), Page(), Page(checkpoint=1)]), hub)
    assert [page.checkpoint for page in sink.pages] == [1]


async def test_the_lag_is_that_of_the_newest_event(hub, waits):
    ctx = context(Nothing(), now=NOW)
    read = PlateRead(plate="ZZT1", reader="r")
    late = ctx.event(read, id="1", time=NOW - timedelta(seconds=90))
    said, _, _ = await rounds(Scripted([Page([late], checkpoint=1)]), hub)
    assert said[0].lag_s == 90


async def test_a_stream_that_ends_is_opened_again(hub, waits):
    connector = Scripted([Page(checkpoint=1)], [Page(checkpoint=2)])
    _, sink, _ = await rounds(connector, hub, kind=StreamLoop)
    assert [page.checkpoint for page in sink.pages] == [1, 2]
    assert connector.asked_from[:3] == [0, 1, 2]


async def test_the_inventory_is_listed_at_the_cadence(hub, waits):
    asked = []

    class Peer:
        async def request(self, method, params, deadline_s):
            asked.append((method, params.complete))

    health = Health(lambda: None)
    loop = InventoryLoop(Scripted(), context(Nothing(), hub=hub), health, Peer(), Sink(), 5.0)
    with pytest.raises(asyncio.CancelledError):
        await loop.run()
    assert asked[0] == ("assets", True)
    assert set(waits) == {5.0}


def test_what_needs_a_person_is_said_first():
    health = Health(lambda: None)
    health.ill("poll", RetryLater("busy"))
    health.ill("inventory", AskAPerson("no"))
    assert health.heartbeat().problem.detail == "no"
    health.well("inventory")
    assert health.heartbeat().problem.detail == "busy"


def test_hubs_do_not_come_back_in_the_same_moment():
    waits = {wait_after(RetryLater("busy", retry_after=10), 1) for _ in range(20)}
    assert len(waits) > 10


class Register:
    """The hub's register as an inventory sees it: which lists were to be believed whole."""

    def __init__(self):
        self.complete = []

    async def request(self, method, params, deadline_s):
        self.complete.append(params.complete)


async def test_a_list_with_bad_rows_removes_nothing_and_tells_each_of_them_once(hub):
    """Whose row it is nobody can say: an asset that is still listed must not become stale."""
    bad, other = Rejected(b"\xff", "c", "d"), Rejected("{}", "c", "d")
    lists = Scripted([bad], [bad, other], [], [bad, bad])
    register, sink = Register(), Sink()
    ctx = context(Nothing(), hub=hub)
    loop = InventoryLoop(lists, ctx, Health(lambda: None), register, sink, 5.0)
    for _ in range(4):
        await loop.once()
    assert register.complete == [False, False, True, False]
    assert [page.rejected for page in sink.pages] == [[bad], [other], [bad]]
    assert all(page.checkpoint is None for page in sink.pages), "the poll's checkpoint stays"
