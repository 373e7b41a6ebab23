"""The watch: nothing is judged before the hot lists are read, and nothing is lost by that."""

import asyncio
from contextlib import suppress

import pytest
from alert_hub import EndOfLog, gunshot, read
from hub import until

from watchfloor.alerts import watch
from watchfloor.contracts import AskAPerson, GiveUp, RetryLater
from watchfloor.ports.store import HotListEntry

LISTED = HotListEntry("ZZT1234", None, None, None)
ANN = "Ann Analyst"


class Book:
    """How reading a hub's hot lists goes: it waits for ``gate``, fails with ``failures`` first."""

    def __init__(self, hub, monkeypatch):
        self.entries, self.gate, self.failures, self.reads = hub.store.alerts.entries, None, [], 0
        monkeypatch.setattr(hub.store.alerts, "entries", self.read)

    async def read(self):
        self.reads += 1
        if self.gate:
            await self.gate.wait()
        async for piece in self.entries():
            yield piece
        if self.failures:
            raise self.failures.pop(0)


@pytest.fixture
async def hub(hub):
    """A hub that was ended with a list and starts again; nothing is read yet."""
    await hub.open()
    await hub.hot_list("stolen", LISTED)
    hub.restart()
    await hub.alerts.open()
    return hub


@pytest.fixture
def book(hub, monkeypatch):
    monkeypatch.setattr(watch, "TRY_AGAIN_S", 0.01)
    return Book(hub, monkeypatch)


@pytest.fixture
async def keeping(hub, book):
    """The watch at its work, with reading held up."""
    book.gate = asyncio.Event()
    task = asyncio.create_task(hub.alerts.keep_watch())
    yield book
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_comes_in_while_lists_are_read_is_judged_when_they_are(hub, keeping):
    hub.router._ready = hub.alerts.watching
    await hub.record(read(), gunshot())
    routing = asyncio.create_task(hub.route())
    await until(lambda: keeping.reads)
    await hub.record(read("ZZT9999"), read(reader="R-2"))
    assert await hub.alerts.list() == []
    keeping.gate.set()
    alerts = await routing
    assert [(alert.rule, alert.events) for alert in alerts] == [
        ("hot-list-hit", [1, 4]), ("gunshot", [2]),
    ]  # fmt: skip


async def test_a_hub_that_reads_its_lists_says_so(hub, keeping):
    assert {status.state for status in hub.alerts.rules.all()} == {"waiting"}
    assert not hub.alerts.hot_lists.in_force
    keeping.gate.set()
    await hub.alerts.watching()
    assert {status.state for status in hub.alerts.rules.all()} == {"active"}
    assert hub.alerts.hot_lists.in_force


async def test_an_alert_from_before_is_acknowledged_but_not_verified_meanwhile(hub, keeping):
    keeping.gate.set()
    [alert] = await hub.route(read())
    keeping.gate.clear()
    hub.restart()
    await hub.alerts.open()
    with pytest.raises(RetryLater) as refusal:
        await hub.alerts.act(alert.id, "verify", ANN, confirmed=["plate"])
    assert (refusal.value.code, refusal.value.retry_after) == ("hot_lists_loading", 2)
    assert (await hub.alerts.act(alert.id, "acknowledge", ANN)).state == "acknowledged"


async def test_a_list_that_is_replaced_while_it_is_read_is_read_again(hub, book):
    """Both by the watch and by a person's import, which must not fail because of another."""
    changed = RetryLater("A hot list was replaced while it was read.", code="hot_list_changed")
    book.failures = [changed, changed]
    await hub.alerts._watch.in_force()
    assert book.reads == 3
    book.failures = [changed]
    report = await hub.alerts.hot_lists.import_csv("stolen", "plate\nZZT0001", ANN)
    assert (report.taken, book.reads) == (1, 5)
    assert [alert.events for alert in await hub.route(read(), read("ZZT0001"))] == [[2]]


@pytest.mark.parametrize(
    "failure",
    [
        RetryLater("The database is busy.", code="store_busy"),
        AskAPerson("The disk cannot be read.", code="disk_error"),
        ValueError("a fault of ours about ZZT1234"),
    ],
    ids=lambda failure: type(failure).__name__,
)
async def test_lists_that_cannot_be_read_are_tried_again(hub, keeping, failure, caplog):
    keeping.failures = [failure, failure]
    keeping.gate.set()
    await asyncio.wait_for(hub.alerts.watching(), 5)
    assert keeping.reads == 3
    assert "cannot be read" in caplog.text
    assert "ZZT1234" not in caplog.text


async def test_a_change_whose_import_failed_half_way_comes_in_force_all_the_same(
    hub, keeping, monkeypatch
):
    """The new entries stand in the book: they are what is watched for, whatever failed after."""
    keeping.gate.set()
    await hub.alerts.watching()

    async def full(*_):
        raise AskAPerson("The disk is full.", code="disk_full")

    monkeypatch.setattr(hub.store.alerts, "put_hot_list", full)
    with pytest.raises(AskAPerson):
        await hub.alerts.hot_lists.import_csv("stolen", "plate\nZZT0001", ANN)
    await until(lambda: hub.alerts.hot_lists.in_force)
    assert [alert.events for alert in await hub.route(read("ZZT0001"))] == [[1]]


async def test_an_import_reads_the_lists_once(hub, keeping):
    """A million plates take seconds: the watch and whoever imports must not both read them."""
    keeping.gate.set()
    await hub.alerts.watching()
    await hub.alerts.hot_lists.import_csv("stolen", "plate\nZZT0001", ANN)
    await until(lambda: hub.alerts.hot_lists.in_force)
    assert keeping.reads == 2


async def test_a_wrong_file_changes_nothing(hub, keeping):
    keeping.gate.set()
    await hub.alerts.watching()
    with pytest.raises(GiveUp):
        await hub.alerts.hot_lists.import_csv("stolen", "plate\n--", ANN)
    assert (keeping.reads, hub.alerts.hot_lists.in_force) == (1, True)


async def test_a_router_that_cannot_begin_tries_again(memory_hub, monkeypatch):
    """A store that is busy at the start must not leave the hub without alerts."""
    await memory_hub.open()
    position, failures = memory_hub.store.log.position, [RetryLater("Busy.")]

    async def busy(consumer):
        if failures:
            raise failures.pop()
        return await position(consumer)

    monkeypatch.setattr(memory_hub.store.log, "position", busy)
    monkeypatch.setattr("watchfloor.alerts.router.TRY_AGAIN_S", 0.01)
    await memory_hub.record(gunshot())
    with suppress(EndOfLog):
        await asyncio.wait_for(memory_hub.router.run(), 5)
    assert len(await memory_hub.all()) == 1
