"""Times, numbers and points that vendors get wrong."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor_sdk import AskAPerson, GiveUp, Place, mapping

CHICAGO = mapping.zone("America/Chicago")
NEW_ORLEANS = mapping.Bounds(-90.3, 29.8, -89.6, 30.2)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "formats", "expected"),
    [
        ("2026-05-01T12:00:00Z", ["iso"], utc(2026, 5, 1, 12)),
        ("2026-05-01T12:00:00-05:00", ["iso"], utc(2026, 5, 1, 17)),
        ("2026-05-01 12:00:00.5", ["iso"], utc(2026, 5, 1, 17, 0, 0, 500000)),
        ("05/01/2026 12:00:00 PM", ["iso", "%m/%d/%Y %I:%M:%S %p"], utc(2026, 5, 1, 17)),
        (1_777_636_800, ["epoch_s"], utc(2026, 5, 1, 12)),
        ("1777636800123", ["epoch_ms"], utc(2026, 5, 1, 12, 0, 0, 123000)),
    ],
)
def test_times_are_read_in_the_formats_that_vendors_use(value, formats, expected):
    assert mapping.moment(value, formats=formats, local=CHICAGO) == (expected, None)


def test_the_hour_that_happens_twice_is_the_first_with_the_overlap_as_error():
    read = mapping.moment("2026-11-01T01:30:00", local=CHICAGO)
    assert read == (utc(2026, 11, 1, 6, 30), 3600)


def test_the_hour_that_does_not_exist_moves_on_with_the_gap_as_error():
    read = mapping.moment("2026-03-08T02:30:00", local=CHICAGO)
    assert read == (utc(2026, 3, 8, 8, 30), 3600)


@pytest.mark.parametrize("value", ["yesterday", "", None, True, math.nan, 1e30, [], "2026-13-01"])
def test_what_is_no_time_is_given_up(value):
    with pytest.raises(GiveUp) as info:
        mapping.moment(value, formats=["iso", "epoch_s", "epoch_ms"], local=CHICAGO)
    assert info.value.code == "bad_time"


def test_a_time_without_zone_is_never_guessed():
    with pytest.raises(GiveUp) as info:
        mapping.moment("2026-05-01T12:00:00")
    assert info.value.code == "time_without_zone"


def test_a_time_at_the_edge_of_the_calendar_is_given_up():
    with pytest.raises(GiveUp):
        mapping.moment("0001-01-01T00:00:00+14:00")


@given(st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)))
def test_a_local_time_that_is_certain_reads_back_as_it_was_written(naive):
    read = mapping.moment(naive.isoformat(), local=CHICAGO)
    if read.error_s is None:
        assert read.time.astimezone(CHICAGO).replace(tzinfo=None) == naive


def test_a_clock_that_is_off_by_days_is_refused():
    now = utc(2026, 5, 1)
    span = {"past": timedelta(days=30), "ahead": timedelta(minutes=5)}
    good = mapping.Moment(now - timedelta(days=2))
    assert mapping.within(good, now, **span) is good
    for off in (timedelta(days=3), -timedelta(days=31)):
        with pytest.raises(GiveUp):
            mapping.within(mapping.Moment(now + off), now, **span)


def test_an_unknown_zone_is_a_matter_for_a_person():
    for name in ("Middle/Earth", "../etc/passwd", ""):
        with pytest.raises(AskAPerson):
            mapping.zone(name)


def test_numbers_come_scaled_and_within_bounds():
    assert mapping.number("87.5", low=0, high=1, scale=0.01) == 0.875
    assert mapping.number("") is None
    assert mapping.number(None) is None
    for bad in ("x", math.nan, "inf", 101, True, {}):
        with pytest.raises(GiveUp):
            mapping.number(bad, low=0, high=100)


def test_a_point_is_longitude_then_latitude():
    assert mapping.point("-90.07", 29.95) == (-90.07, 29.95)


@pytest.mark.parametrize("pair", [(0, 0), ("0", "0.0"), (None, 29.9), ("", ""), (-0.0, 0.0)])
def test_no_position_is_none(pair):
    assert mapping.point(*pair) is None


@pytest.mark.parametrize(
    ("pair", "code"),
    [
        ((math.nan, 29.9), "bad_point"),
        (("x", 29.9), "bad_point"),
        ((181, 29.9), "bad_point"),
        ((-90, 91), "bad_point"),
        ((29.95, -90.07), "swapped_point"),
    ],
)
def test_an_impossible_point_is_given_up(pair, code):
    with pytest.raises(GiveUp) as info:
        mapping.point(*pair, bounds=NEW_ORLEANS)
    assert info.value.code == code


def test_a_point_outside_the_bounds_that_is_not_swapped_is_kept():
    assert mapping.point(-91.1, 30.4, bounds=NEW_ORLEANS) == (-91.1, 30.4)


def test_wkt_points():
    assert mapping.wkt_point("POINT (-90.07 29.95)") == (-90.07, 29.95)
    assert mapping.wkt_point("point(-90.07 29.95)") == (-90.07, 29.95)
    assert mapping.wkt_point("POINT (0 0)") is None
    assert mapping.wkt_point("") is None
    for bad in ("LINESTRING (1 2, 3 4)", "POINT EMPTY", "POINT (1)"):
        with pytest.raises(GiveUp):
            mapping.wkt_point(bad)


def test_a_place_without_a_point_is_masked():
    assert mapping.place(None, address="100 MAIN ST") == Place(
        address="100 MAIN ST", precision="masked"
    )
    assert mapping.place(None) is None
    assert mapping.place((1.0, 2.0), error_m=50).error_m == 50
