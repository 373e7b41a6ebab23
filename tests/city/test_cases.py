"""The demo has cases to work on from the start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from watchfloor_city.demo.cases import cases
from watchfloor_city.demo.cast import cast
from watchfloor_osint_style.queries import query
from watchfloor_osint_style.settings import Settings
from watchfloor_osint_style_simulator import OsintStyleSimulator, question

NOON = datetime(2026, 5, 2, 17, tzinfo=UTC)


def test_some_are_open_some_are_closed_and_all_are_of_the_past(city):
    filed = cases(city, NOON)
    assert {each.disposition for each in filed} == {"OPEN", "CLOSED", "UNFOUNDED"}
    assert len({each.item_number for each in filed}) == len(filed)
    assert NOON - timedelta(days=12) < filed[0].at < filed[-1].at < NOON
    assert all(each.address and each.origin == "synthetic" for each in filed)


def test_a_demo_that_is_started_again_has_no_second_ones(city):
    assert cases(city, NOON) == cases(city, NOON + timedelta(hours=6))


def test_people_are_looked_up_for_any_of_them(city):
    [people] = [role for role in cast(city) if role.id == "people"]
    proposed = OsintStyleSimulator().setup("http://127.0.0.1:1").config
    settings = msgspec.convert({**proposed, **people.config}, Settings)
    for each in cases(city, NOON):
        letter, serial, year = each.item_number[0], each.item_number[1:6], each.item_number[6:]
        number = f"{letter}-{serial}-{year}"  # as the records system exports it
        query(question("q", "person", "Example, Sam", case_number=number), settings)
