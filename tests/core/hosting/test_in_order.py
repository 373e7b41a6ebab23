"""Batches are filed in order whatever fails, and never one checkpoint before its events."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.contracts import AskAPerson, GiveUp, RetryLater
from watchfloor.contracts.protocol import Emit, Emitted
from watchfloor.hosting.in_order import InOrder
from watchfloor.ingest.lanes import Lane


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("watchfloor.hosting.in_order.FIRST_WAIT_S", 0.0001)


async def filed(failures, count=20, gap=0):
    """The order in which checkpoints were committed and answered."""
    committed, answered, left = [], [], list(failures)

    async def commit(batches):
        await asyncio.sleep(0)
        if left and (error := left.pop(0)):
            raise error
        committed.extend(batch.checkpoint for batch in batches)
        return batches

    lane = Lane(commit)

    async def prepare(emit):
        await asyncio.sleep(0)
        return emit

    async def accept(emit):
        await lane.commit(prepare(emit))
        return Emitted(accepted=0, duplicates=0, dead=0)

    batches = InOrder(accept, lambda batch, _: answered.append(batch.id), lambda _: None)
    running = asyncio.create_task(batches.run())
    for number in range(count):
        batches.put(number, Emit(events=[], checkpoint=number), 1)
        for _ in range(gap):
            await asyncio.sleep(0)
    async with asyncio.timeout(5):
        while len(answered) < count and not running.done():
            await asyncio.sleep(0.001)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return committed, answered


ERRORS = st.sampled_from([None, None, RetryLater("busy"), AskAPerson("full", code="disk_full")])


@settings(max_examples=100, deadline=None)
@given(failures=st.lists(ERRORS, max_size=40), gap=st.integers(0, 4))
def test_no_checkpoint_is_committed_before_an_earlier_one(failures, gap):
    committed, answered = asyncio.run(filed(failures, gap=gap))
    assert list(dict.fromkeys(committed)) == list(range(20))
    first = [committed.index(mark) for mark in range(20)]
    assert first == sorted(first)
    assert answered == list(range(20))


async def test_what_can_never_be_accepted_is_raised():
    async def accept(_):
        raise GiveUp("never")

    batches = InOrder(accept, lambda *_: None, lambda _: None)
    batches.put(1, Emit(events=[]), 1)
    with pytest.raises(GiveUp):
        await batches.run()


async def test_the_age_is_of_the_oldest_that_is_not_durable():
    held = asyncio.Event()

    async def accept(_):
        await held.wait()
        return Emitted(accepted=0, duplicates=0, dead=0)

    batches = InOrder(accept, lambda *_: None, lambda _: None)
    assert batches.oldest_s() == 0
    running = asyncio.create_task(batches.run())
    batches.put(1, Emit(events=[]), 1)
    await asyncio.sleep(0.05)
    batches.put(2, Emit(events=[]), 1)
    assert batches.oldest_s() >= 0.05
    held.set()
    await asyncio.sleep(0.01)
    assert batches.oldest_s() == 0
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
