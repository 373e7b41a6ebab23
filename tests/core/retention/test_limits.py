"""Caps and floors: different types, the strict side of each, the shortest and the longest."""

import pytest

from watchfloor.contracts import AskAPerson
from watchfloor.retention import DAY, Cap, Floor, Limits, longest, shortest


@pytest.mark.parametrize(
    ("words", "cap", "floor"),
    [
        ("3 minutes", DAY / 480, DAY / 480),
        ("12 hours", DAY / 2, DAY / 2),
        ("21 days", 21 * DAY, 21 * DAY),
        ("1 day", DAY, DAY),
        ("9 months", 270 * DAY, 279 * DAY),
        ("1 year", 365 * DAY, 366 * DAY),
        ("5 years", 1825 * DAY, 1830 * DAY),
    ],
)
def test_a_length_of_time_is_read_to_the_strict_side(words, cap, floor):
    assert Cap.of(words, "r").micros == cap
    assert Floor.of(words, "r").micros == floor


@pytest.mark.parametrize(
    "words",
    ["", "0 days", "-1 days", "forever", "3 weeks", "1.5 years", "1001 years", "999999 years"],
)
def test_what_is_no_length_of_time_is_refused(words):
    with pytest.raises(AskAPerson) as refused:
        Cap.of(words, "r")
    assert refused.value.code == "bad_schedule"


def test_the_shortest_cap_and_the_longest_floor_count():
    assert shortest([Cap(5, "a"), Cap(3, "b"), Cap(3, "c")]) == Cap(3, "b")
    assert longest([Floor(5, "a"), Floor(9, "b")]) == Floor(9, "b")
    assert longest([]) is None


def test_a_floor_longer_than_the_cap_is_a_contradiction():
    assert Limits(Cap(5, "a"), Floor(6, "b")).contradict
    assert not Limits(Cap(5, "a"), Floor(5, "b")).contradict
    assert not Limits(Cap(5, "a")).contradict


def test_a_cap_is_never_taken_for_a_floor():
    assert Cap(5, "a") != Floor(5, "a")
    assert not issubclass(Cap, Floor)
    assert not issubclass(Floor, Cap)
