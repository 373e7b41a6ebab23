"""Batches of one source commit in order; one that fails takes those queued behind it along."""

import asyncio

import pytest

from watchfloor.contracts import RetryLater
from watchfloor.ingest.lanes import Lane


async def work(lane, name, done, delay, fails=False):
    with lane.ticket() as ticket:
        await asyncio.sleep(delay)
        await ticket.turn()
        if fails:
            raise RetryLater("full")
        done.append(name)


async def test_a_quick_batch_waits_for_the_slow_one_before_it():
    lane, done = Lane(), []
    await asyncio.gather(
        work(lane, "a", done, 0.02), work(lane, "b", done, 0), work(lane, "c", done, 0.01)
    )
    assert done == ["a", "b", "c"]


async def test_a_failure_takes_those_queued_behind_it_along():
    lane, done = Lane(), []
    outcomes = await asyncio.gather(
        work(lane, "a", done, 0.02, fails=True),
        work(lane, "b", done, 0),
        work(lane, "c", done, 0),
        return_exceptions=True,
    )
    assert all(isinstance(outcome, RetryLater) for outcome in outcomes)
    assert done == []


async def test_after_the_failure_was_seen_the_lane_is_open_again():
    lane, done = Lane(), []
    with pytest.raises(RetryLater):
        await work(lane, "a", done, 0, fails=True)
    await work(lane, "a", done, 0)
    assert done == ["a"]


async def test_a_cancelled_batch_fails_those_behind_it_and_hangs_nobody():
    lane, done = Lane(), []
    slow = asyncio.create_task(work(lane, "a", done, 10))
    await asyncio.sleep(0)
    behind = asyncio.create_task(work(lane, "b", done, 0))
    await asyncio.sleep(0)
    slow.cancel()
    with pytest.raises(RetryLater):
        await asyncio.wait_for(behind, 1)
    assert done == []
