"""Somebody in words that no keyed hash finds."""

import pytest

from watchfloor.audit import Whom

JANE, PLATE = Whom("name", "Jane  EXAMPLE"), Whom("plate", "zzt-1234")
PHONE, STREET = Whom("phone", "(555) 010-0199"), Whom("address", "12 Elm Street")


@pytest.mark.parametrize(
    ("whom", "kind", "words"),
    [
        (JANE, "search", "jane example"),
        (JANE, "search", "“Example, Jane” robbery"),
        (JANE, "person", "Jane Q. Example"),
        (Whom("person", "jane example"), "search", "Jane\u200b Example"),
        (PLATE, "search", "stolen ZZT1234"),
        (PLATE, "search", "zzt 1234"),
        (PLATE, "search", "van ZZT12*"),
        (PLATE, "plate_pattern", "ZZ?12*"),
        (PHONE, "search", "rang from 555-010-0199"),
        (PHONE, "phone_pattern", "555*"),
        (STREET, "search", "noise at 12 elm st again"),
    ],
)
def test_it_is_found(whom, kind, words):
    assert kind in whom.found_in
    assert whom.is_in(kind, words)


@pytest.mark.parametrize(
    ("whom", "kind", "words"),
    [
        (JANE, "search", "jane"),
        (JANE, "person", "June Example"),
        (PLATE, "search", "ZZT123 robbery"),
        (PLATE, "search", "anything *"),
        (PLATE, "plate_pattern", "ZZT9*"),
        (PHONE, "search", "robbery"),
        (Whom("address", "&"), "search", "robbery"),
    ],
)
def test_it_is_not_found(whom, kind, words):
    assert not whom.is_in(kind, words)


def test_a_part_of_a_plate_is_no_part_of_a_name():
    assert "plate_pattern" not in JANE.found_in
