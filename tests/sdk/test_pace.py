"""``Pace``: documented limits are kept, a 429 teaches, a storm gets one probe per interval."""

import asyncio
from itertools import pairwise

import pytest

from watchfloor_sdk import NotFound, RetryLater
from watchfloor_sdk import pace as module
from watchfloor_sdk.pace import MOST_FAILURES, Bucket, Limit, Pace


def sent(limit: Limit, seconds: float) -> list[float]:
    """When calls go from somebody who always wants to call."""
    bucket, now, times = Bucket.of(limit), 0.0, []
    while now < seconds:
        now += bucket.wait_s(now)
        bucket.take(now)
        times.append(now)
    return times


@pytest.mark.parametrize(
    "limit",
    [Limit(300, per_s=60, burst=25), Limit(1), Limit(10, per_s=60), Limit(10, 60, burst=10)],
)
def test_no_window_of_the_vendors_length_holds_more_than_the_limit(limit):
    times = sent(limit, 4 * limit.per_s)
    for start in times:
        within = [at for at in times if start <= at < start + limit.per_s - 1e-6]
        assert len(within) <= limit.calls


def test_nearly_all_of_the_limit_is_used():
    assert len(sent(Limit(300, per_s=60, burst=25), 600)) > 0.9 * 3000


def test_after_a_rest_a_burst_may_go_at_once():
    bucket = Bucket.of(Limit(10, per_s=60, burst=4))
    at_once = 0
    while bucket.wait_s(1000.0) == 0:
        bucket.take(1000.0)
        at_once += 1
    assert at_once == 4


async def ask(pace: Pace, outcome: Exception | None = None, patience_s: float = 10.0) -> None:
    async with pace.turn(patience_s):
        if outcome is not None:
            raise outcome


def limited(retry_after: float | None = None) -> RetryLater:
    return RetryLater("x answered with status 429.", code="rate_limited", retry_after=retry_after)


def down() -> RetryLater:
    return RetryLater("x answered with status 503.", code="vendor_unavailable")


async def fails(pace: Pace, outcome: Exception | None = None, patience_s: float = 10.0):
    with pytest.raises(RetryLater) as caught:
        await ask(pace, outcome, patience_s)
    return caught.value


async def test_calls_are_spaced_whoever_asks():
    pace, began = Pace(Limit(50)), asyncio.get_running_loop().time()
    await asyncio.gather(*(ask(pace) for _ in range(6)))
    assert 0.09 < asyncio.get_running_loop().time() - began < 0.5


async def test_a_wait_that_is_too_long_is_said_at_once():
    pace = Pace(Limit(1, per_s=60))
    await ask(pace)
    error = await fails(pace, patience_s=1)
    assert error.code == "rate_limited"
    assert 55 < error.retry_after <= 60


async def test_a_wait_that_the_vendor_names_is_kept_to_by_all():
    pace, loop = Pace(), asyncio.get_running_loop()
    assert (await fails(pace, limited(0.3))).retry_after == 0.3
    began = loop.time()
    error = await fails(pace, patience_s=0.1)
    assert loop.time() - began < 0.05, "who cannot wait is told at once"
    assert (error.code, error.detail) == ("rate_limited", limited().detail)
    assert 0.2 < error.retry_after <= 0.3
    await ask(pace)
    assert loop.time() - began >= 0.29


async def test_in_a_storm_there_is_one_probe_per_interval():
    """Twenty callers that never tire, for a second and a half, at a vendor that says 429 only."""
    pace, asked = Pace(cool_down_s=0.2), []

    async def caller():
        while True:
            try:
                async with pace.turn(5.0):
                    asked.append(asyncio.get_running_loop().time())
                    await asyncio.sleep(0.01)
                    raise limited(0.25)
            except RetryLater:
                await asyncio.sleep(0)

    callers = [asyncio.create_task(caller()) for _ in range(20)]
    await asyncio.sleep(1.5)
    for task in callers:
        task.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    first = [at for at in asked if at < asked[0] + 0.01]
    probes = asked[len(first) :]
    assert 4 <= len(probes) <= 6
    assert all(after - before >= 0.25 for before, after in pairwise(probes))


async def test_a_429_slows_down_and_good_answers_speed_up_again(monkeypatch):
    monkeypatch.setattr(module, "LEARNT_SPACING_S", 0.01)
    pace = Pace(cool_down_s=0.01)
    for _ in range(3):
        await fails(pace, limited())
    learnt = pace._learnt.spacing_s
    assert learnt == pytest.approx(0.04)
    for _ in range(30):
        await ask(pace)
    assert 0 < pace._learnt.spacing_s < learnt / 2
    for _ in range(100):
        await ask(pace)
    assert pace._learnt.spacing_s == 0


async def test_failures_in_a_row_shut_it_and_a_probe_opens_it(monkeypatch):
    pace = Pace(cool_down_s=0.1)
    for _ in range(MOST_FAILURES - 1):
        await fails(pace, down())
        assert pace.shut_for_s == 0
    await fails(pace, down())
    assert 0 < pace.shut_for_s <= 0.11
    await fails(pace, down())  # the probe, after a tenth of a second
    assert pace.shut_for_s > 0.15, "and twice as long when it fails"
    await ask(pace)
    assert pace.shut_for_s == 0


async def test_a_refusal_is_an_answer_and_no_failure():
    pace = Pace()
    for _ in range(2 * MOST_FAILURES):
        with pytest.raises(NotFound):
            await ask(pace, NotFound("nothing"))
    assert pace.shut_for_s == 0


async def test_a_probe_that_is_cancelled_leaves_the_place_to_another():
    pace = Pace(cool_down_s=0.05)
    await fails(pace, limited())

    async def hang():
        async with pace.turn(5):
            await asyncio.sleep(60)

    probe = asyncio.create_task(hang())
    await asyncio.sleep(0.15)
    other = asyncio.create_task(ask(pace))
    await asyncio.sleep(0.02)
    assert not other.done(), "one probe at a time"
    probe.cancel()
    await asyncio.wait_for(other, 1)


async def test_what_was_on_its_way_does_not_open_it_again():
    pace, go = Pace(), asyncio.Event()

    async def slow():
        async with pace.turn(5):
            await go.wait()

    early = asyncio.create_task(slow())
    await asyncio.sleep(0)
    await fails(pace, limited(30))
    go.set()
    await early
    assert pace.shut_for_s > 29
