"""What a line in the search box is taken for."""

from datetime import UTC, datetime
from math import isfinite
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.contracts import micros as said
from watchfloor.contracts import rfc3339
from watchfloor.ports.store import KeyPattern
from watchfloor.search import Circle, Gazetteer, Parser, Polygon

ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2026, 5, 2, 21, 0, tzinfo=ZONE)

STREETS = [
    {
        "properties": {
            "layer": "street",
            "name": "Canal Street",
            "number_min": 100,
            "number_max": 198,
        },
        "geometry": {"type": "LineString", "coordinates": [[-90.07, 29.95], [-90.06, 29.95]]},
    },
    {
        "properties": {"layer": "street", "name": "Bourbon St"},
        "geometry": {"type": "LineString", "coordinates": [[-90.07, 29.95], [-90.07, 29.96]]},
    },
    {
        "properties": {"layer": "area", "name": "French Quarter"},
        "geometry": {
            "type": "Polygon",
            "coordinates": [
                [[-90.1, 29.9], [-90.0, 29.9], [-90.0, 30.0], [-90.1, 30.0], [-90.1, 29.9]]
            ],
        },
    },
]


def micros(moment: datetime) -> int:
    return said(moment.isoformat())


@pytest.fixture
def parse():
    parser = Parser(ZONE, Gazetteer(STREETS))
    return lambda line: parser.parse(line, micros(NOW))


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ("ZZT1234", "ZZT1234"),
        ("zz-t1234", "ZZT1234"),
        ("7AB?12*", "7AB?12*"),
        ("plate:abc", "ABC"),
        ("*T12", "*T12"),
    ],
)
def test_a_plate_in_whole_or_in_part_becomes_a_key(parse, line, pattern):
    assert KeyPattern("plate", pattern) in parse(line).keys


def test_a_word_that_can_be_several_things_is_looked_for_as_each(parse):
    """A call number can look like a plate: neither may be lost."""
    query = parse("A0011722")
    assert {key.kind for key in query.keys} == {"plate", "call"}
    assert query.chips[0].means == "plate A0011722 or call A0011722"
    assert query.named == [KeyPattern("plate", "A0011722")], "and is one value, the most telling"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("F-00412-26", ("call", "F-00412-26")),
        ("5B12", ("unit", "5B12")),
        ("(555)010-0199", ("phone", "5550100199")),
        ("1200 Main Street", ("address", "1200 MAIN ST")),
        ("030XX Oliver White Ave", ("address", "030XX OLIVER WHITE AVE")),
        ("Bourbon St & Canal Street", ("address", "BOURBON ST & CANAL ST")),
        ("canal street and bourbon st", ("address", "BOURBON ST & CANAL ST")),
        ("camera:cam-7", ("asset", "cam-7")),
    ],
)
def test_identifiers_and_addresses(parse, line, key):
    assert KeyPattern(*key) in parse(line).keys


def test_words_that_only_sound_like_a_corner_stay_words(parse):
    """“hit and run” is no street corner."""
    query = parse("hit and run")
    assert query.keys == []
    assert query.text == "hit and run"


def test_quotes_make_text_of_anything(parse):
    query = parse('"ZZT1234"')
    assert query.keys == []
    assert query.text == "ZZT1234"


@pytest.mark.parametrize(
    ("line", "since", "until"),
    [
        ("since:2h", datetime(2026, 5, 2, 19, tzinfo=ZONE), None),
        ("since:30min", datetime(2026, 5, 2, 20, 30, tzinfo=ZONE), None),
        ("since:2026-05-01", datetime(2026, 5, 1, tzinfo=ZONE), None),
        ("since:2026-05-01T10:00Z", datetime(2026, 5, 1, 10, tzinfo=UTC), None),
        ("today", datetime(2026, 5, 2, tzinfo=ZONE), datetime(2026, 5, 3, tzinfo=ZONE)),
        ("yesterday", datetime(2026, 5, 1, tzinfo=ZONE), datetime(2026, 5, 2, tzinfo=ZONE)),
        (
            "yesterday 22:00..23:30",
            datetime(2026, 5, 1, 22, tzinfo=ZONE),
            datetime(2026, 5, 1, 23, 30, tzinfo=ZONE),
        ),
        (
            "2026-04-30 22:00..02:00",
            datetime(2026, 4, 30, 22, tzinfo=ZONE),
            datetime(2026, 5, 1, 2, tzinfo=ZONE),
        ),
    ],
)
def test_time_words_mean_the_agencys_own_clock(parse, line, since, until):
    query = parse(line)
    assert query.since == micros(since)
    assert query.until == (micros(until) if until else None)
    assert query.words == []


def test_kind_and_source(parse):
    query = parse("kind:gunshot,call source:cad")
    assert query.types == ["watchfloor.gunshot.detection.v1", "watchfloor.cad.incident.v1"]
    assert query.sources == ["cad"]


@pytest.mark.parametrize(
    "line",
    ["kind:unicorn", "since:whenever", 'near:"Nowhere Rd & No St"', "in:atlantis", "in:1,2;3,4"],
)
def test_what_is_not_understood_is_said(parse, line):
    query = parse(line)
    assert len(query.warnings) == 1
    assert query.types == []
    assert query.shape is None


def test_near_a_corner_with_a_radius(parse):
    shape = parse('near:"Canal St & Bourbon St" 150m').shape
    assert shape == Circle((-90.07, 29.95), 150.0)


@pytest.mark.parametrize(
    ("line", "text", "means"),
    [
        ('near:"Canal St & Bourbon St" 150m', ..., "within 150 m of Canal St & Bourbon St"),
        ('near:"Canal St & Bourbon St"', ..., "within 300 m of Canal St & Bourbon St"),
        ("near:-90.05,29.97 1km", ..., "within 1000 m of -90.05,29.97"),
        ("NEAR:-90.05,29.97,500m 0.5MI", ..., "within 805 m of -90.05,29.97,500m"),
        ("near:-90.05,29.97 2h", "near:-90.05,29.97", "within 300 m of -90.05,29.97"),
        ('near:-90.05,29.97 "150m"', "near:-90.05,29.97", "within 300 m of -90.05,29.97"),
    ],
)
def test_near_and_its_distance_are_one_chip_that_says_what_was_typed(parse, line, text, means):
    """What a chip was typed as is what the console takes out of the line with it."""
    chips = [chip for chip in parse(line).chips if chip.field == "near"]
    assert [(chip.text, chip.means) for chip in chips] == [(line if text is ... else text, means)]


def test_the_distance_of_a_place_that_is_not_known_is_no_plate(parse):
    query = parse('near:"Nowhere Rd & No St" 150m')
    assert (query.keys, len(query.warnings)) == ([], 1)


def test_near_a_block_lies_along_the_street(parse):
    shape = parse('near:"149 Canal St"').shape
    assert shape.centre == pytest.approx((-90.065, 29.95), abs=1e-4)


def test_near_coordinates(parse):
    assert parse("near:-90.05,29.97,500m").shape == Circle((-90.05, 29.97), 500.0)


def test_inside_a_named_area_and_a_drawn_one(parse):
    named = parse('in:"French Quarter"').shape
    drawn = parse("in:-90.1,29.9;-90.0,29.9;-90.0,30.0").shape
    assert isinstance(named, Polygon)
    assert named.holds((-90.05, 29.95))
    assert not named.holds((-90.15, 29.95))
    assert drawn.holds((-90.01, 29.95))
    assert not drawn.holds((-90.09, 29.99))


def test_a_circles_box_holds_the_circle():
    circle = Circle((-90.0, 30.0), 1000.0)
    box = circle.box()
    assert circle.holds((-90.0, 30.0 + (box.north - 30.0) * 0.99))
    assert not circle.holds((-90.0, 30.0 + (box.north - 30.0) * 1.02))
    assert circle.holds((-90.0 + (box.east + 90.0) * 0.99, 30.0))
    assert not circle.holds((-90.0 + (box.east + 90.0) * 1.02, 30.0))


@pytest.mark.parametrize("line", ["", "   ", "&", "kind:", ":::", "near:", '"', "since:", "in:;;"])
def test_no_line_breaks_the_parser(parse, line):
    parse(line)


@pytest.mark.parametrize(
    "line",
    ["since:9999999d", "until:99999999999999999999h", "since:" + "9" * 5000 + "w",
     "until:9999-12-31T23:59:59-12:00", "since:0001-01-01T00:00:00+05:00", "9999-12-31",
     "9999-12-31 22:00..02:00", "in:1e999,0;1,1;2,2", "in:nan,nan;nan,0;0,nan",
     "in:-181,0;0,0;0,1", "in:0,91;0,0;1,0", "near:181,0", "near:0,91", "near:0,0,99999999999",
     "near:0,0 99999999999999999km", "near:0,0," + "9" * 400],
)  # fmt: skip
def test_what_no_clock_and_no_map_has_is_said_and_left_out(parse, line):
    query = parse(line)
    assert len(query.warnings) == 1, query
    assert (query.since, query.until, query.shape, query.chips) == (None, None, None, [])


NUMBERS = st.one_of(
    st.integers(0, 400), st.integers(0), st.integers(0).map(lambda n: f"{n:05}"),
    st.floats(), st.just("9" * 5000),
).map(str)  # fmt: skip
DAYS = st.one_of(
    st.dates().map(str),
    st.builds("{}-{:02}-{:02}".format, st.sampled_from(["0001", "9999", "2026"]),
              st.integers(0, 13), st.integers(0, 32)),
)  # fmt: skip
CLOCKS = st.builds("{}:{:02}".format, st.integers(0, 25), st.integers(0, 61))
MOMENTS = st.builds("{}T{}{}".format, DAYS, CLOCKS, st.sampled_from(["", "Z", "-12:00", "+14:00"]))
CORNERS = st.builds("{},{}".format, NUMBERS, NUMBERS)
SPANS = st.builds("{}{}".format, NUMBERS, st.sampled_from(["m", "min", "h", "d", "w", "y", "km"]))
PARTS = st.one_of(
    st.builds("{}:{}".format, st.sampled_from(["since", "until"]), SPANS | DAYS | MOMENTS),
    st.builds("{} {}..{}".format, DAYS | st.just("yesterday"), CLOCKS, CLOCKS),
    DAYS,
    st.lists(CORNERS, max_size=5).map(lambda corners: "in:" + ";".join(corners)),
    st.builds("near:{} {}".format, CORNERS, SPANS),
    st.builds("near:{},{}".format, CORNERS, NUMBERS),
    st.builds('near:"{} Canal St"'.format, NUMBERS),
    st.builds("{}:{}".format, st.sampled_from(["plate", "phone", "kind", "x"]), st.text()),
    st.text(),
)


@pytest.mark.parametrize("zone", ["America/Chicago", "Asia/Tokyo"])
@given(line=st.lists(PARTS, max_size=4).map(" ".join), now=st.datetimes(datetime(1970, 1, 2)))
def test_whatever_is_typed_is_understood_or_said(zone, line, now):
    query = Parser(ZoneInfo(zone), Gazetteer(STREETS)).parse(line, micros(now.replace(tzinfo=UTC)))
    for moment in (query.since, query.until):
        assert moment is None or abs(said(rfc3339(moment)) - moment) < 1000
    if query.shape:
        box = query.shape.box()
        assert all(map(isfinite, (box.west, box.south, box.east, box.north)))
        query.shape.holds((-90.0, 30.0))


SPRING, AUTUMN = "2026-03-08", "2026-11-01"
"""When Chicago's clocks go from 2:00 to 3:00, and from 2:00 back to 1:00."""


@pytest.mark.parametrize(
    ("now", "span", "then"),
    [
        (f"{SPRING}T03:30-05:00", "2h", f"{SPRING}T00:30-06:00"),
        (f"{SPRING}T03:30-05:00", "90min", f"{SPRING}T01:00-06:00"),
        (f"{SPRING}T21:00-05:00", "24h", "2026-03-07T20:00-06:00"),
        (f"{SPRING}T21:00-05:00", "1d", "2026-03-07T21:00-06:00"),
        ("2026-03-09T02:30-05:00", "1d", f"{SPRING}T03:30-05:00"),
        ("2026-03-12T21:00-05:00", "1w", "2026-03-05T21:00-06:00"),
        (f"{AUTUMN}T01:30-06:00", "1h", f"{AUTUMN}T01:30-05:00"),
        (f"{AUTUMN}T21:00-06:00", "24h", "2026-10-31T22:00-05:00"),
        (f"{AUTUMN}T21:00-06:00", "1d", "2026-10-31T21:00-05:00"),
    ],
)
def test_hours_are_those_that_went_by_and_days_are_the_calendars(now, span, then):
    then = datetime.fromisoformat(then)
    query = Parser(ZONE, Gazetteer()).parse(f"since:{span}", micros(datetime.fromisoformat(now)))
    assert query.since == micros(then)
    assert [chip.means for chip in query.chips] == [f"since {then:%d %b %H:%M}"]


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC)),
    st.integers(0, 5000),
)
def test_a_span_of_hours_is_as_long_as_it_says(now, hours):
    query = Parser(ZONE, Gazetteer()).parse(f"since:{hours}h until:{hours * 60}m", micros(now))
    assert query.since == query.until == micros(now) - hours * 3_600_000_000
