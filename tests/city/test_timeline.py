from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest

from watchfloor_city import CameraChanged, City, Happening, Rates, merge, pace, simulate

T0 = datetime(2026, 5, 2, 20, 0, tzinfo=UTC)


def tick(seconds: float, camera: str = "c") -> CameraChanged:
    at = T0 + timedelta(seconds=seconds)
    return CameraChanged(at=at, camera=camera, status="online", point=(0, 0))


class Wall:
    """A wall clock that a test moves; it runs on with the event loop's time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._zero = self._loop.time()
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return T0 + self.ahead + timedelta(seconds=self._loop.time() - self._zero)


def test_merge_keeps_the_order_of_time_and_of_its_arguments():
    joined = list(merge([tick(0, "a"), tick(2, "a")], [tick(0, "b"), tick(1, "b")]))
    assert [(h.at, h.camera) for h in joined] == [
        (T0, "a"),
        (T0, "b"),
        (T0 + timedelta(seconds=1), "b"),
        (T0 + timedelta(seconds=2), "a"),
    ]


def test_merge_takes_endless_timelines(city: City):
    quiet = Rates(reads_per_second=3, units=3, calls_per_hour=0, gunshots_per_day=0)
    joined = list(islice(merge(simulate(city, 1, T0, quiet), simulate(city, 2, T0, quiet)), 2000))
    assert all(one.at <= then.at for one, then in pairwise(joined))


async def test_pace_yields_nothing_before_its_time_and_everything_in_order():
    wall = Wall()
    sent = [tick(n * 0.01) for n in range(40)]
    got: list[Happening] = []
    async for batch in pace(sent, wall):
        assert all(happening.at <= wall() for happening in batch)
        got += batch
    assert got == sent
    assert wall() >= sent[-1].at


async def test_pace_catches_up_when_late_without_dropping_any():
    """The past comes at once, in batches no longer than agreed."""
    wall = Wall()
    wall.ahead = timedelta(hours=1)
    batches = [len(batch) async for batch in pace((tick(n * 0.1) for n in range(9000)), wall)]
    assert sum(batches) == 9000
    assert max(batches) == 2000
    assert wall() - T0 - wall.ahead < timedelta(seconds=2)


async def test_a_slow_consumer_loses_nothing():
    wall = Wall()
    got = 0
    async for batch in pace([tick(n * 0.002) for n in range(100)], wall):
        got += len(batch)
        await asyncio.sleep(0.03)
    assert got == 100


async def test_pace_can_be_cancelled_while_it_waits():
    async def play() -> None:
        async for _ in pace([tick(0), tick(3600)], Wall()):
            pass

    task = asyncio.create_task(play())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_leaving_early_closes_the_timeline():
    closed: list[bool] = []

    def timeline():
        try:
            yield tick(0)
            yield tick(0)
        finally:
            closed.append(True)

    paced: AsyncIterator[list[Happening]] = pace(timeline(), Wall())
    async with aclosing(paced):  # type: ignore[type-var]
        await anext(paced)
    del paced
    assert closed


async def test_twenty_thousand_a_second_keep_pace(city: City):
    """The happenings of a 20,000-a-second day come; how late the last was is printed."""
    rates = Rates(reads_per_second=20_000, units=0, calls_per_hour=0, gunshots_per_day=0, flat=True)
    wall = Wall()
    day = simulate(city, 1, T0, rates)
    first = next(day)
    wall = Wall()
    count, batch = 1, [first]
    async for batch in pace(day, wall):
        count += len(batch)
        if count >= 10_000:
            break
    assert count >= 10_000
    print(f"late by {(wall() - batch[-1].at).total_seconds() * 1000:.0f} ms after {count} reads")
