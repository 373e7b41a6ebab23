"""The purge job: everything that is due goes, contradictions wait, and it can be stopped."""

import asyncio
from types import SimpleNamespace

import pytest
from store_contract import CALL, NOON, READ, Make

from watchfloor.contracts import RetryLater
from watchfloor.ports.store import EventFilter, Stream
from watchfloor.retention import (
    DAY,
    InForce,
    OwnRule,
    PurgeJob,
    Schedule,
    SwitchedOn,
    lines,
)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    """Nobody else waits for the writer here."""
    monkeypatch.setattr("watchfloor.retention.job.REST", 0)


def job(store, clock, schedule=None, **more):
    in_force = InForce(schedule or Schedule(), 4)

    async def current():
        return in_force

    return PurgeJob(store, clock, current, **more)


async def fill(store, count=300):
    reads = [Make.read(f"r{n}", at=NOON - 31 * DAY + n) for n in range(count)]
    calls = [Make.call(f"c{n}", "fire", at=NOON - 31 * DAY + n) for n in range(20)]
    await store.log.commit([Make.batch([*reads, *calls, Make.read("new")])])


async def left(store):
    return {event.id for event in await store.index.find(EventFilter(), 1000)}


async def test_what_is_due_goes_with_progress_and_receipts(store, clock):
    await fill(store)
    told = []

    async def tell(receipts):
        told.extend(receipts)

    progress = await job(store, clock, told=tell).run()
    assert await left(store) == {"new", *(f"c{n}" for n in range(20))}
    assert (progress.due, progress.deleted, progress.held) == (300, 300, 0)
    assert not progress.running
    assert progress.begun
    assert progress.ended
    [receipt] = told
    assert progress.receipts == [receipt.no]
    assert (receipt.stream, receipt.rule, receipt.schedule) == (Stream("lpr", READ), "default", 4)


async def test_receipts_of_a_run_beside_the_hub_are_told_by_the_hubs_next(store, clock):
    await fill(store)
    progress = await job(store, clock).run()
    told = []

    async def tell(receipts):
        told.extend(receipt.no for receipt in receipts)

    await job(store, clock, told=tell).run()
    assert told == progress.receipts != []


async def test_a_receipt_that_could_not_be_told_is_told_by_the_next_run(store, clock):
    """The audit log was down, or the hub ended before: it must be there in the end."""
    await fill(store)
    told = []

    async def down(receipts):
        raise RetryLater("The audit log is down.")

    async def tell(receipts):
        told.extend(receipt.no for receipt in receipts)

    with pytest.raises(RetryLater):
        await job(store, clock, told=down).run()
    await job(store, clock, told=tell).run()
    await job(store, clock, told=tell).run()
    assert told == [1]


async def test_it_goes_on_by_itself_also_after_a_failure(store, clock, monkeypatch):
    monkeypatch.setattr("watchfloor.retention.job._OFTEN_S", 0.01)
    monkeypatch.setattr("watchfloor.retention.job._SELDOM_S", 0.01)
    await fill(store)
    problems = []

    async def down_once(receipts):
        problems.append(keeper.progress.problem)
        if len(problems) == 1:
            raise RetryLater("The audit log is down.", code="audit_unavailable")

    keeper = job(store, clock, told=down_once)
    keeping = asyncio.create_task(keeper.keep())
    async with asyncio.timeout(20):
        while len(problems) < 2:
            if keeper.progress.problem:
                assert keeper.progress.problem == "audit_unavailable"
            await asyncio.sleep(0.001)
    keeping.cancel()
    assert len(await left(store)) == 21


async def test_a_cap_of_minutes_counts_for_what_first_comes_while_it_sleeps(
    store, clock, monkeypatch
):
    monkeypatch.setattr("watchfloor.retention.job._OFTEN_S", 0.01)
    monkeypatch.setattr("watchfloor.retention.job._SELDOM_S", 60.0)
    schedule = Schedule(presets=[SwitchedOn(preset="us-nh-lpr", counsel="A. Counsel")])
    keeper = job(store, clock, schedule)
    keeping = asyncio.create_task(keeper.keep())
    async with asyncio.timeout(20):
        while keeper.progress.ended is None:
            await asyncio.sleep(0.001)
        await store.log.commit([Make.batch([Make.read("r", at=NOON - DAY)])])
        while await left(store):
            await asyncio.sleep(0.01)
    keeping.cancel()


async def test_a_second_run_finds_nothing(store, clock):
    await fill(store)
    purge = job(store, clock)
    await purge.run()
    progress = await purge.run()
    assert (progress.due, progress.deleted, progress.receipts) == (0, 0, [])


async def test_handling_classes_with_limits_of_their_own(store, clock):
    """Two classes in one stream, each by its own clock."""
    at = NOON - 2 * DAY
    await store.log.commit(
        [
            Make.batch(
                [Make.read("a", at=at, handling="agency"), Make.read("b", at=at, handling="cji")]
            )
        ]
    )
    rule = OwnRule(id="cji", kind="lpr", reason="r", cap="1 day", handling="cji")
    rest = OwnRule(id="rest", kind="lpr", reason="r", cap="9 days")
    await job(store, clock, Schedule(rules=[rule, rest])).run()
    assert await left(store) == {"a"}


async def test_where_floor_and_cap_contradict_nothing_is_deleted_and_it_is_said(store, clock):
    await fill(store)
    schedule = Schedule(
        presets=[SwitchedOn(preset="us-va-lpr", counsel="A. Counsel")],
        rules=[OwnRule(id="keep", kind="read", reason="r", floor="1 year")],
    )
    progress = await job(store, clock, schedule).run()
    assert progress.contradictions == [f"lpr: {READ}"]
    assert progress.deleted == 0
    assert len(await left(store)) == 321


async def test_who_holds_events_in_memory_is_told(store, clock):
    await fill(store)
    forgotten = []
    await job(store, clock, forget=forgotten.append).run()
    limits = {due.stream: due.before for due in forgotten}
    assert limits[Stream("lpr", READ)] == NOON - 30 * DAY
    assert limits[Stream("lpr", CALL)] == NOON - 365 * DAY


async def test_a_run_that_is_stopped_goes_on_later(store, clock, monkeypatch):
    monkeypatch.setattr("watchfloor.retention.job.FIRST", 20)
    await fill(store)
    purge = job(store, clock)
    running = asyncio.create_task(purge.run())
    while purge.progress.deleted < 20:
        await asyncio.sleep(0.001)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not purge.progress.running
    assert len(await left(store)) < 321
    await job(store, clock).run()
    assert len(await left(store)) == 21
    [receipt] = await store.receipts.list(None, 10)
    assert receipt.count == 300


async def test_two_runs_at_once_are_one_after_the_other(store, clock):
    await fill(store)
    purge = job(store, clock)
    first, second = await asyncio.gather(purge.run(), purge.run())
    assert (first.deleted, second.deleted) == (300, 0)


@pytest.mark.parametrize(("record_s", "records"), [(0.000001, 1_000), (0.000125, 80), (0.001, 50)])
async def test_a_step_takes_on_as_much_as_ingest_may_wait_for(
    store, clock, monkeypatch, record_s, records
):
    """As much as ten milliseconds are enough for, within bounds."""
    await fill(store, 3_000)
    now, limits, step = [0.0], [], store.purging.step

    async def timed(due, after, limit):
        if due.stream.kind == READ:
            limits.append(limit)
        now[0] += limit * record_s
        return await step(due, after, limit)

    monkeypatch.setattr(store.purging, "step", timed)
    watch = SimpleNamespace(perf_counter=lambda: now[0])
    monkeypatch.setattr("watchfloor.retention.job.time", watch)
    await job(store, clock).run()
    assert limits[0] == 100
    assert abs(limits[-1] - records) <= 1


async def test_the_plan_names_what_may_hold_anything_with_the_strictest(store, clock):
    streams = [Stream("s", READ), Stream("s", "dead-letter"), Stream("cad", CALL)]
    by_stream = {
        line.stream: line.limits.cap.micros / DAY for line in lines(InForce(Schedule()), streams)
    }
    assert by_stream == {streams[0]: 30, streams[1]: 30, streams[2]: 365}


async def test_one_that_is_asked_for_does_not_wait_for_its_hour(store, clock):
    purge = job(store, clock)
    keeping = asyncio.create_task(purge.keep())
    while not purge.progress.ended:
        await asyncio.sleep(0.001)
    await fill(store)
    assert purge.ask().running
    while not purge.progress.ended:
        await asyncio.sleep(0.001)
    assert purge.progress.deleted == 300
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
