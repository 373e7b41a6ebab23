"""The gap keeper: silence, loss and sleep become intervals; signs of life close them."""

import pytest

from watchfloor.adapters.clock import SettableClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.contracts import rfc3339
from watchfloor.gaps import GapKeeper

START = 1_790_000_000_000_000
SECOND = 1_000_000


@pytest.fixture
def clock():
    return SettableClock(START)


@pytest.fixture
async def store(clock, tmp_path):
    store = SqliteStore(tmp_path / "hub.sqlite", clock)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def keeper(store, clock):
    keeper = GapKeeper(store, clock)
    await keeper.watch("lpr", 10, backfill=False)
    return keeper


def spans(gaps):
    """Start and end in seconds after the start; the reason."""
    return [
        ((gap.start - START) // SECOND, gap.end and (gap.end - START) // SECOND, gap.reason)
        for gap in gaps
    ]


async def test_three_silent_cadences_open_a_gap_where_assurance_ended(keeper, clock):
    clock.advance(5)
    await keeper.assured("lpr")
    clock.advance(30)
    await keeper.check()
    assert spans(await keeper.recent("lpr", START)) == []
    clock.advance(1)
    await keeper.check()
    silence = "No sign of life for three cadences."
    assert spans(await keeper.recent("lpr", START)) == [(5, None, silence)]


async def test_the_next_sign_of_life_ends_it(keeper, clock):
    await keeper.lost("lpr", "The worker ended.")
    clock.advance(40)
    await keeper.assured("lpr")
    assert spans(await keeper.recent("lpr", START)) == [(0, 40, "The worker ended.")]


async def test_what_was_fetched_afterwards_is_no_gap(store, clock):
    keeper = GapKeeper(store, clock)
    await keeper.watch("cad", 10, backfill=True)
    await keeper.lost("cad", "The vendor refuses.")
    clock.advance(40)
    await keeper.assured("cad")
    assert spans(await keeper.recent("cad", START)) == []


async def test_one_silence_is_one_gap(keeper, clock):
    for _ in range(3):
        clock.advance(60)
        await keeper.check()
        await keeper.lost("lpr", "The worker ended.")
    assert len(await keeper.recent("lpr", START)) == 1


async def test_a_source_assures_no_further_than_it_says(keeper, clock):
    clock.advance(60)
    await keeper.assured("lpr", rfc3339(START + 20 * SECOND))
    assert keeper.assured_until("lpr") == START + 20 * SECOND
    await keeper.check()
    assert [start for start, _, _ in spans(await keeper.recent("lpr", START))] == [20]


async def test_assurance_never_goes_back(keeper, clock):
    clock.advance(60)
    await keeper.assured("lpr")
    await keeper.assured("lpr", rfc3339(START))
    assert keeper.assured_until("lpr") == START + 60 * SECOND


async def test_what_the_hub_slept_through_is_a_gap(store, keeper, clock):
    clock.advance(5)
    await keeper.assured("lpr")
    clock.advance(600)
    again = GapKeeper(store, clock)
    await again.watch("lpr", 10, backfill=False)
    found = spans(await again.recent("lpr", START))
    assert found == [(5, None, "The hub was not connected to this source.")]


async def test_a_killed_hub_forgets_two_seconds_of_assurance_at_most(store, keeper, clock):
    """Signs of life come thousands a second; the ledger is written now and then, and what it
    misses makes the gap longer, never shorter."""
    for _ in range(20):
        clock.advance(0.5)
        await keeper.assured("lpr")
    assert 8 <= (await store.gaps.assured("lpr") - START) / SECOND <= 10


async def test_a_source_that_is_switched_off_has_no_gaps(keeper, clock):
    keeper.forget("lpr")
    clock.advance(600)
    await keeper.check()
    await keeper.lost("lpr", "Nobody cares.")
    await keeper.assured("lpr")
    assert spans(await keeper.recent("lpr", START)) == []
    assert keeper.assured_until("lpr") is None
