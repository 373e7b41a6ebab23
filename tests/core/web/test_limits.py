"""Who asks too much is told when to come back, and what is remembered of them is bounded."""

from __future__ import annotations

import pytest

from watchfloor.web.limits import Buckets, Limits, Rate


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch():
    return Watch()


def test_a_burst_passes_then_one_each_interval(watch):
    buckets = Buckets(Rate(burst=3, per_second=2), now=watch)
    assert [buckets.take("a") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert buckets.take("a") == pytest.approx(0.5)
    watch.seconds += 0.25
    assert buckets.take("a") == pytest.approx(0.25)
    watch.seconds += 0.25
    assert buckets.take("a") == 0.0
    assert buckets.take("a") == pytest.approx(0.5)


def test_over_a_long_time_no_more_pass_than_the_rate(watch):
    buckets = Buckets(Rate(burst=5, per_second=10), now=watch)
    passed = 0
    for _ in range(10_000):  # asked a hundred times a second, for a hundred seconds
        passed += buckets.take("a") == 0.0
        watch.seconds += 0.01
    assert 1_000 <= passed <= 1_006


def test_one_does_not_use_up_what_is_another_s(watch):
    buckets = Buckets(Rate(burst=1, per_second=1), now=watch)
    assert buckets.take("a") == 0.0
    assert buckets.take("b") == 0.0
    assert buckets.take("a") > 0


def test_what_is_remembered_is_bounded_and_ends(watch):
    buckets = Buckets(Rate(burst=2, per_second=1), most=100, now=watch)
    for number in range(10_000):
        buckets.take(f"key {number}")
    assert len(buckets) == 100
    watch.seconds += 60
    for _ in range(60):
        watch.seconds += 2
        buckets.take("one")
    assert len(buckets) == 1, "full buckets are forgotten as others come"


async def test_signing_in_is_held_tighter_than_the_rest(guarded):
    limits = Limits(["/api/v1/session"], signing_in=Rate(2, 0.01))
    async with guarded(limits.middleware) as ask:
        for _ in range(2):
            assert (await ask("POST", "/api/v1/session")).status == 200
        refused = await ask("POST", "/api/v1/session")
        assert (refused.status, refused.code) == (429, "too_many_requests")
        assert 0 < int(refused.headers["Retry-After"]) <= 100
        assert (await ask("GET", "/api/v1/session")).status == 200
        assert (await ask("GET", "/api/v1/hub")).status == 200


async def test_a_session_is_limited_wherever_it_comes_from(guarded):
    limits = Limits([], by_session=Rate(3, 0.01))
    async with guarded(limits.middleware, trusted=["127.0.0.1"]) as ask:
        mine = {"Cookie": "watchfloor_session=mine"}
        for number in range(3):
            away = mine | {"X-Forwarded-For": f"203.0.113.{number}"}
            assert (await ask("GET", "/x", headers=away)).status == 200
        assert (await ask("GET", "/x", headers=away)).status == 429
        other = away | {"Cookie": "watchfloor_session=other"}
        assert (await ask("GET", "/x", headers=other)).status == 200


async def test_an_address_is_limited_whatever_session_it_names(guarded):
    limits = Limits([], by_address=Rate(3, 0.01))
    async with guarded(limits.middleware, trusted=["127.0.0.1"]) as ask:
        for number in range(4):
            headers = {"Cookie": f"watchfloor_session={number}", "X-Forwarded-For": "203.0.113.9"}
            answer = await ask("GET", "/x", headers=headers)
        assert answer.status == 429
        assert (await ask("GET", "/x", headers={"X-Forwarded-For": "203.0.113.8"})).status == 200


async def test_one_customer_s_ipv6_network_counts_as_one(guarded):
    limits = Limits([], by_address=Rate(1, 0.01))
    async with guarded(limits.middleware, trusted=["127.0.0.1"]) as ask:
        statuses = [
            (await ask("GET", "/x", headers={"X-Forwarded-For": address})).status
            for address in ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1")
        ]
    assert statuses == [200, 429, 200]


async def test_programs_on_this_machine_are_not_counted(guarded):
    limits = Limits([], by_session=Rate(1, 0.01), by_address=Rate(1, 0.01))
    async with guarded(limits.middleware) as ask:
        for _ in range(5):
            assert (
                await ask("GET", "/x", headers={"Cookie": "watchfloor_session=a"})
            ).status == 200
