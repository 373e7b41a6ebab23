"""Batches of one source commit in order; one that fails takes those queued behind it along."""

import asyncio
from types import SimpleNamespace

import pytest

from watchfloor.contracts import AskAPerson, GiveUp, RetryLater
from watchfloor.ingest import lanes
from watchfloor.ingest.lanes import Lane


class Log:
    """What is committed, in which groups; what fails, and how."""

    def __init__(self):
        self.groups = []
        self.poison = {}
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def done(self):
        return [name for group in self.groups for name in group]

    async def commit(self, batches):
        await self.gate.wait()
        for batch in batches:
            if batch.name in self.poison:
                raise self.poison[batch.name]
        self.groups.append([batch.name for batch in batches])
        return [batch.name for batch in batches]


async def prepared(name, delay=0.0, events=1):
    await asyncio.sleep(delay)
    return SimpleNamespace(name=name, events=[None] * events)


@pytest.fixture
async def log():
    return Log()


@pytest.fixture
async def lane(log):
    return Lane(log.commit)


def start(*works):
    return [asyncio.ensure_future(work) for work in works]


async def begun(lane, names, events=1):
    """The first is being committed, the others are ready behind it."""
    calls = start(lane.commit(prepared(names[0], events=events)))
    await asyncio.sleep(0.01)
    calls += start(*(lane.commit(prepared(name, events=events)) for name in names[1:]))
    await asyncio.sleep(0.01)
    return calls


async def test_a_quick_batch_waits_for_the_slow_one_before_it(lane, log):
    works = [prepared("a", 0.02), prepared("b"), prepared("c", 0.01)]
    assert await asyncio.gather(*map(lane.commit, works)) == ["a", "b", "c"]
    assert log.done == ["a", "b", "c"]


async def test_what_is_ready_meanwhile_commits_together(lane, log):
    log.gate.clear()
    calls = await begun(lane, "abcd")
    log.gate.set()
    await asyncio.gather(*calls)
    assert log.groups == [["a"], ["b", "c", "d"]]


async def test_no_commit_grows_beyond_measure(lane, log, monkeypatch):
    monkeypatch.setattr(lanes, "TOGETHER", 10)
    log.gate.clear()
    calls = await begun(lane, "abcdef", events=6)
    log.gate.set()
    await asyncio.gather(*calls)
    assert log.groups == [["a"], ["b", "c"], ["d", "e"], ["f"]]


async def test_a_failure_takes_those_queued_behind_it_along(lane, log):
    log.poison["a"] = AskAPerson("full", code="disk_full")
    works = [prepared("a", 0.02), prepared("b"), prepared("c")]
    first, *behind = await asyncio.gather(*map(lane.commit, works), return_exceptions=True)
    assert isinstance(first, AskAPerson)
    assert all(isinstance(outcome, RetryLater) for outcome in behind)
    assert log.done == []


async def test_those_before_the_one_at_fault_are_kept(lane, log):
    """Also where they were to commit together."""
    log.gate.clear()
    log.poison["c"] = GiveUp("never")
    calls = await begun(lane, "abcd")
    log.gate.set()
    *before, fault, behind = await asyncio.gather(*calls, return_exceptions=True)
    assert before == ["a", "b"]
    assert isinstance(fault, GiveUp)
    assert isinstance(behind, RetryLater)
    assert log.done == ["a", "b"]


async def test_one_still_prepared_while_an_earlier_one_fails_is_not_committed(lane, log):
    log.poison["a"] = RetryLater("busy")
    late = asyncio.Event()

    async def slowly():
        await late.wait()
        return await prepared("b")

    first, behind = start(lane.commit(prepared("a")), lane.commit(slowly()))
    with pytest.raises(RetryLater):
        await first
    late.set()
    with pytest.raises(RetryLater):
        await asyncio.wait_for(behind, 1)
    assert log.done == []


async def test_after_the_failure_was_seen_the_lane_is_open_again(lane, log):
    log.poison["a"] = RetryLater("full")
    with pytest.raises(RetryLater):
        await lane.commit(prepared("a"))
    log.poison.clear()
    await lane.commit(prepared("a"))
    assert log.done == ["a"]


async def test_a_batch_cancelled_while_prepared_fails_those_behind_it_and_hangs_nobody(lane, log):
    slow, behind = start(lane.commit(prepared("a", 10)), lane.commit(prepared("b")))
    await asyncio.sleep(0)
    slow.cancel()
    with pytest.raises(RetryLater):
        await asyncio.wait_for(behind, 1)
    assert log.done == []


async def test_a_caller_that_leaves_stops_nothing_that_is_ready(lane, log):
    log.gate.clear()
    gone, behind = start(lane.commit(prepared("a")), lane.commit(prepared("b")))
    await asyncio.sleep(0.01)
    gone.cancel()
    await asyncio.sleep(0)
    log.gate.set()
    assert await asyncio.wait_for(behind, 1) == "b"
    assert log.done == ["a", "b"]
