"""The demo has cases to work on from the start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watchfloor_city.demo.cases import cases

NOON = datetime(2026, 5, 2, 17, tzinfo=UTC)


def test_some_are_open_some_are_closed_and_all_are_of_the_past(city):
    filed = cases(city, NOON)
    assert {each.disposition for each in filed} == {"OPEN", "CLOSED", "UNFOUNDED"}
    assert len({each.item_number for each in filed}) == len(filed)
    assert NOON - timedelta(days=12) < filed[0].at < filed[-1].at < NOON
    assert all(each.address and each.origin == "synthetic" for each in filed)


def test_a_demo_that_is_started_again_has_no_second_ones(city):
    assert cases(city, NOON) == cases(city, NOON + timedelta(hours=6))
