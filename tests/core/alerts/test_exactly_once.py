"""Whatever moment the hub ends at: every alert is raised once, and every channel is owed once."""

import dataclasses

import pytest
from alert_hub import NOON, Hub, call, gunshot, read, retraction
from memory_store import Crash, MemoryStore

from watchfloor.adapters.clock import SettableClock
from watchfloor.ports.store import HotListEntry

EVENTS = [
    read("ZZT0001"),
    gunshot("G-1", rounds=2),
    read(id="r-3"),
    call("C-1", "Armed robbery", priority=1),
    read(at=60),
    read("ZZT0002"),
    gunshot("G-1", state="updated", rounds=5, at=30),
    retraction("r-3", at=70),
    gunshot("G-1", state="cancelled", at=90),
    read("ZZT0003"),
    gunshot("G-2"),
    read(at=3600),
]


async def hub_with(batch):
    clock = SettableClock(NOON)
    hub = Hub(MemoryStore(clock), clock, batch)
    await hub.open()
    await hub.channel("partner")
    await hub.hot_list("stolen", HotListEntry("ZZT1234", None, None, None), share_unverified=True)
    for name, kind in (("shots", "gunshot"), ("weapons", "call"), ("listed", "read")):
        more = "hot_list: any, " if kind == "read" else "severity: high, "
        by = {"gunshot": "data.incident", "call": "data.call_number", "read": "data.plate"}[kind]
        await hub.rule(
            f"{{id: {name}, title: T, {more}kinds: [{kind}], notify: [partner], "
            f"dedupe: {{by: [{by}], minutes: 30}}}}"
        )
    await hub.record(*EVENTS)
    return hub


def outcome(hub):
    alerts = [dataclasses.asdict(alert) for alert in hub.store.alerts.book.values()]
    owed = sorted((o.channel, o.alert, o.body) for o in hub.store.alerts.owed.values())
    return alerts, owed


async def uninterrupted(batch):
    hub = await hub_with(batch)
    hub.store.fault.arm(None, after=False)
    await hub.route()
    return outcome(hub), hub.store.fault.writes


@pytest.mark.parametrize("batch", [1, 3, 100])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_crash_at_any_write_loses_nothing_and_doubles_nothing(batch, after):
    truth, writes = await uninterrupted(batch)
    assert writes >= 3
    for at in range(1, writes + 1):
        hub = await hub_with(batch)
        hub.store.fault.arm(at, after=after)
        with pytest.raises(Crash):
            await hub.route()
        hub.restart()
        await hub.open()
        hub.store.fault.arm(None, after=False)
        await hub.route()
        assert outcome(hub) == truth, f"ended at write {at}"


async def test_batches_of_any_size_come_to_the_same():
    (truth, _), (larger, _), (whole, _) = [await uninterrupted(batch) for batch in (1, 4, 100)]
    assert truth == larger == whole


async def test_crashing_at_every_write_comes_to_the_same():
    """Now before, now after the write: each second run gets one write further."""
    truth, writes = await uninterrupted(2)
    hub = await hub_with(2)
    crashes = 0
    for after in [False, True] * writes:
        hub.store.fault.arm(1, after=after)
        with pytest.raises(Crash):
            await hub.route()
        crashes += 1
        hub.restart()
        hub.store.fault.arm(None, after=False)
        await hub.open()
    await hub.route()
    assert crashes == 2 * writes
    assert outcome(hub) == truth


async def test_a_store_that_is_busy_delays_and_loses_nothing(monkeypatch):
    from watchfloor.alerts import router
    from watchfloor.contracts import RetryLater

    truth, _ = await uninterrupted(3)
    hub = await hub_with(3)
    book, write, calls = hub.store.alerts, hub.store.alerts.raise_alerts, []

    async def busy(*args):
        calls.append(hub.alerts.waits)
        if len(calls) % 3:
            raise RetryLater("The store is busy.")
        return await write(*args)

    async def no_wait(_):
        return None

    monkeypatch.setattr(book, "raise_alerts", busy)
    monkeypatch.setattr(router.asyncio, "sleep", no_wait)
    await hub.route()
    assert outcome(hub) == truth
    assert isinstance(calls[1].why, RetryLater)
    assert hub.alerts.waits is None


async def test_an_uneventful_log_costs_no_write_per_batch():
    hub = await hub_with(1)
    hub.store.log.events.clear()
    hub.store.fault.arm(None, after=False)
    await hub.route(*(read(f"ZZT{number:04}") for number in range(2000, 2200)))
    assert hub.store.fault.writes == 0
    assert await hub.store.log.position("alerts") == 0


async def test_the_position_follows_in_an_uneventful_log(monkeypatch):
    from watchfloor.alerts import router

    monkeypatch.setattr(router, "NOTE_EVERY", 50)
    hub = await hub_with(10)
    hub.store.log.events.clear()
    await hub.route(*(read(f"ZZT{number:04}") for number in range(2000, 2120)))
    assert await hub.store.log.position("alerts") == 100
