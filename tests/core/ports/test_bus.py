"""The bus: every follower sees every event once, in order, however slow or late it is."""

import asyncio

import pytest

from watchfloor.adapters.bus import InProcessBus
from watchfloor.ports.store import Due, Stream

BUSES = {"in-process": InProcessBus}


@pytest.fixture(params=BUSES)
def bus(request, store):
    return BUSES[request.param](store.log)


async def record(store, make, *ids):
    [committed] = await store.log.commit([make.batch([make.read(id) for id in ids])])
    return committed.recorded


async def collect(bus, count, after=0, limit=1000, pause=0.0):
    seen = []
    async with asyncio.timeout(10):
        async for events in bus.follow(after, limit):
            assert 0 < len(events) <= limit
            seen += [event.seq for event in events]
            if len(seen) >= count:
                break
            await asyncio.sleep(pause)
    return seen


async def test_a_follower_gets_what_was_there_and_what_comes(bus, store, make):
    await bus.publish(await record(store, make, "a", "b"))
    follower = asyncio.create_task(collect(bus, 4))
    await asyncio.sleep(0.01)
    await bus.publish(await record(store, make, "c"))
    await bus.publish(await record(store, make, "d"))
    assert await follower == [1, 2, 3, 4]


async def test_a_follower_starts_after_its_position(bus, store, make):
    await bus.publish(await record(store, make, "a", "b", "c"))
    assert await collect(bus, 1, after=2) == [3]


async def test_publishers_may_come_out_of_order(bus, store, make):
    follower = asyncio.create_task(collect(bus, 3))
    await asyncio.sleep(0.01)
    first = await record(store, make, "a")
    second = await record(store, make, "b", "c")
    await bus.publish(second)
    await asyncio.sleep(0.01)
    await bus.publish(first)
    assert await follower == [1, 2, 3]


async def test_what_nobody_published_is_found_in_the_log(bus, store, make):
    """A publisher may be cancelled between its commit and its publishing."""
    follower = asyncio.create_task(collect(bus, 2))
    await asyncio.sleep(0.01)
    await record(store, make, "a", "b")
    assert await follower == [1, 2]


async def test_publishing_never_waits_for_a_slow_follower(bus, store, make):
    slow = asyncio.create_task(collect(bus, 300, limit=10, pause=0.001))
    await asyncio.sleep(0.01)
    for n in range(30):
        recorded = await record(store, make, *(f"{n}-{k}" for k in range(10)))
        async with asyncio.timeout(1):
            await bus.publish(recorded)
    assert await slow == list(range(1, 301))


async def test_many_followers_at_different_places(bus, store, make):
    await bus.publish(await record(store, make, *map(str, range(50))))
    followers = [collect(bus, 50 - after, after, limit=7) for after in (0, 10, 49)]
    assert await asyncio.gather(*followers) == [list(range(n + 1, 51)) for n in (0, 10, 49)]


async def test_how_far_a_position_is_behind(bus, store, make):
    await bus.publish(await record(store, make, "a", "b", "c"))
    assert bus.behind(0) == 3
    assert bus.behind(3) == 0
    assert bus.behind(9) == 0


async def test_nothing_published_is_no_news(bus):
    await bus.publish([])
    assert bus.behind(0) == 0


async def test_holding_little_still_gives_everything(store, make):
    """With room for two events a follower reads the rest from the log."""
    bus = InProcessBus(store.log, held=2)
    follower = asyncio.create_task(collect(bus, 60, limit=5))
    for n in range(6):
        await bus.publish(await record(store, make, *(f"{n}-{k}" for k in range(10))))
    assert await follower == list(range(1, 61))


async def test_what_was_deleted_is_not_held_and_nobody_misses_the_rest(bus, store, make):
    for seq, id in enumerate("abcd", 1):
        [committed] = await store.log.commit([make.batch([make.read(id, at=make.noon + seq)])])
        await bus.publish(committed.recorded)
    await store.purging.settle()
    stream = Stream("lpr", make.read_type)
    await store.purging.step(Due(stream, make.noon + 3, "default", 0), None, 10)
    bus.forget(*stream, make.noon + 3)
    assert await collect(bus, 2) == [3, 4]
