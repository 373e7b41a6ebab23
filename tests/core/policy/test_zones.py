"""Sensitive zones: plate reads inside are dropped, and nothing else is."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from time import perf_counter
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_contract import Make

from watchfloor.assets import Places
from watchfloor.bootstrap.governance import keeps, shows
from watchfloor.contracts import BY_NAME, LookupResult, Place
from watchfloor.policy import Zones, read_zones

READ, HIT, CALL = (BY_NAME[name].type for name in ("read", "hit", "call"))
SQUARE = [[-90.08, 29.95], [-90.07, 29.95], [-90.07, 29.96], [-90.08, 29.96], [-90.08, 29.95]]
HOLE = [[-90.076, 29.954], [-90.074, 29.954], [-90.074, 29.956], [-90.076, 29.956],
        [-90.076, 29.954]]  # fmt: skip


def geojson(*polygons, name="Clinic", **geometry):
    found = geometry or {"type": "MultiPolygon", "coordinates": polygons}
    feature = {"type": "Feature", "properties": {"name": name}, "geometry": found}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


CLINIC = read_zones(geojson([SQUARE, HOLE]))


@pytest.mark.parametrize("type", [READ, HIT])
def test_plates_inside_are_dropped(type):
    assert CLINIC.drops(type, (-90.0785, 29.9515))


@pytest.mark.parametrize(
    ("type", "point"),
    [
        (CALL, (-90.0785, 29.9515)),
        (READ, None),
        (READ, (-90.0685, 29.9515)),
        (READ, (-90.0785, 29.9615)),
        (READ, (-90.075, 29.955)),
    ],
    ids=["a call", "no place", "east of it", "north of it", "in its hole"],
)
def test_nothing_else_is(type, point):
    assert not CLINIC.drops(type, point)


def test_without_zones_nothing_is():
    assert not Zones().drops(READ, (-90.0785, 29.9515))


@given(st.floats(-90.2, -89.9), st.floats(29.85, 30.05))
def test_the_grid_loses_no_point(lon, lat):
    asked = any(zone.holds((lon, lat)) for zone in CLINIC.zones)
    assert CLINIC.drops(READ, (lon, lat)) == asked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        geojson(type="Point", coordinates=[-90.0, 29.9]),
        geojson(type="Polygon", coordinates=[[[-90, 29.9], [-90, 30]]]),
        geojson([[[29.95, -90.08], [29.96, -90.08], [29.96, -90.6], [29.95, -90.08]]]),
        geojson([[[0, 0], [9, 0], [9, 9], [0, 0]]]),
        geojson([SQUARE], name=""),
    ],
)
def test_what_is_no_list_of_zones_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        read_zones(text)


def test_two_hundred_zones_cost_a_read_next_to_nothing():
    many = [
        [[[x + 0.01 * n, y] for x, y in SQUARE]] for n in range(200)
    ]  # fmt: skip
    zones = read_zones(geojson(*many))
    started = perf_counter()
    for _ in range(10_000):
        zones.drops(READ, (-91.0, 29.0))
    assert perf_counter() - started < 0.5


READERS = pytest.mark.parametrize(
    ("reader", "source", "point", "kept"),
    [
        ("inside", "lpr", None, False),
        ("inside", "lpr", [-90.0685, 29.9515], False),
        ("inside", "other", None, True),
        ("outside", "lpr", None, True),
        ("outside", "lpr", [-90.0785, 29.9515], False),
        ("unknown", "lpr", None, True),
    ],
)


@pytest.fixture
def places():
    known = Places()
    known.learn(
        {"source": "lpr", "id": id_, "geometry": {"type": "Point", "coordinates": at}}
        for id_, at in {"inside": [-90.0785, 29.9515], "outside": [-90.0685, 29.9515]}.items()
    )
    return known


@pytest.fixture
def engine():
    return SimpleNamespace(policy=SimpleNamespace(zones=CLINIC))


@READERS
def test_a_reader_that_stands_inside_is_judged_by_where_it_stands(
    places, engine, reader, source, point, kept
):
    """Whatever its reads say of where they were, and though they say nothing."""
    event = Make.read("r", keys=(("plate", "ZZT1"), ("asset", reader)), point=point)
    assert keeps(engine, places)(event, source) is kept


@READERS
def test_a_read_that_a_look_up_found_inside_is_shown_to_nobody(
    places, engine, reader, source, point, kept
):
    totals = defaultdict(Counter)
    found = LookupResult(
        id="r", source=source, retrieved=datetime(2026, 5, 2, tzinfo=UTC), handling="le-sensitive",
        title="Read", data={}, device=reader, place=Place(point=tuple(point)) if point else None,
    )  # fmt: skip
    assert shows(engine, places, totals)(source, found) is kept
    assert totals[source]["dropped"] == (not kept)


def test_what_a_look_up_found_at_no_place_is_shown(places, engine):
    found = LookupResult(
        id="r", source="dmv", retrieved=datetime(2026, 5, 2, tzinfo=UTC), handling="cji",
        title="Registered", data={},
    )  # fmt: skip
    assert shows(engine, places, defaultdict(Counter))("dmv", found)
