"""What is said of a place that has no address."""

import pytest

from watchfloor.search import Gazetteer

METRE = 1 / 111_195
"""Degrees of latitude."""


def street(name, *line, kind="LineString"):
    return {
        "properties": {"layer": "street", "name": name},
        "geometry": {"type": kind, "coordinates": [list(p) for p in line]},
    }


EAST = street("Canal St", (-0.02, 0.0), (0.0, 0.0), (0.02, 0.0))
NORTH = street("Bourbon St", (0.0, 0.0), (0.0, 0.02))
APART = street("Service Rd", (-0.02, 100 * METRE), (0.02, 100 * METRE))


@pytest.mark.parametrize(
    ("point", "said"),
    [
        ((0.0005, 20 * METRE), "near Canal St & Bourbon St"),
        ((30 * METRE, 90 * METRE), "near Bourbon St & Canal St"),
        ((0.01, 20 * METRE), "near Canal St"),
        ((0.01, -149 * METRE), "near Canal St"),
        ((0.01, -351 * METRE), "350 m from Canal St"),
        ((0.01, -601 * METRE), None),
        ((10.0, 10.0), None),
    ],
)
def test_the_nearest_corner_or_street_is_named_and_how_far_it_is_where_it_is_not_near(point, said):
    assert Gazetteer([EAST, NORTH]).near(point) == said


def test_where_no_street_is_in_reach_the_area_is_named():
    square = [[[1.0, 1.0], [1.2, 1.0], [1.2, 1.2], [1.0, 1.2], [1.0, 1.0]]]
    town = {
        "properties": {"layer": "area", "name": "Old Town"},
        "geometry": {"type": "Polygon", "coordinates": square},
    }
    gazetteer = Gazetteer([EAST, town])
    assert gazetteer.near((1.1, 1.1)) == "in Old Town"
    assert gazetteer.near((1.3, 1.1)) is None


def test_streets_that_run_side_by_side_make_no_corner():
    assert Gazetteer([EAST, APART]).near((0.01, 40 * METRE)) == "near Canal St"


def test_every_stretch_of_a_street_counts_and_a_basemap_without_streets_names_nothing():
    stretches = [[[0.0, 0.0], [0.001, 0.0]], [[0.01, 0.0], [0.011, 0.0]]]
    broken_up = street("Canal St")
    broken_up["geometry"] = {"type": "MultiLineString", "coordinates": stretches}
    assert Gazetteer([broken_up]).near((0.0105, 0.0)) == "near Canal St"
    assert Gazetteer([]).near((0.0, 0.0)) is None
    assert Gazetteer([street("Dot", (0.0, 0.0))]).near((0.0, 0.0)) is None
