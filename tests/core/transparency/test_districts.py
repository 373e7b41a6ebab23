"""Who is watched more than others can be seen."""

import json

import pytest

from watchfloor.contracts import GiveUp
from watchfloor.transparency import distribution, points_of, read_districts, read_population


def square(west, *holes):
    ring = [[west, 0], [west + 1, 0], [west + 1, 1], [west, 1], [west, 0]]
    return {"type": "Polygon", "coordinates": [ring, *holes]}


def geojson(**districts):
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": geometry}
        for name, geometry in districts.items()
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


POPULATION = read_population("name,population\nNorth,1000\nSouth,3000\n")
DISTRICTS = read_districts(geojson(North=square(0), South=square(1)))


def test_rate_per_thousand_and_how_it_compares():
    points = [(0.5, 0.5)] * 6 + [(1.5, 0.5)] * 2 + [(9, 9)]
    north, south, outside = distribution(points, DISTRICTS, POPULATION)
    assert (north.district, north.per_1000, north.times) == ("North", 6.0, 3.0)
    assert (south.per_1000, south.times) == (0.667, 0.33)
    assert (outside.count, outside.per_1000) == (1, None)


def test_a_hole_belongs_to_nobody():
    hole = [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6], [0.4, 0.4]]
    districts = read_districts(geojson(North=square(0, hole)))
    assert distribution([(0.5, 0.5)], districts, {"North": 10})[0].count == 0


def test_a_district_without_a_population_is_refused():
    with pytest.raises(GiveUp, match="South"):
        distribution([], DISTRICTS, {"North": 1})


@pytest.mark.parametrize("text", ["", "name,people\nNorth,1", "name,population\nNorth,many"])
def test_a_population_that_is_none_is_refused(text):
    if text:
        with pytest.raises(GiveUp):
            read_population(text)
    else:
        assert read_population(text) == {}


def test_only_what_stands_at_a_point_counts():
    assets = [{"geometry": {"type": "Point", "coordinates": [1, 2, 3]}}, {"geometry": None}, {}]
    assert list(points_of(assets)) == [(1, 2)]
