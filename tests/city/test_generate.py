from __future__ import annotations

import math
from itertools import pairwise

import pytest

from watchfloor_city import City, generate_city
from watchfloor_city.geometry import distance_m, inside
from watchfloor_city.network import StreetNetwork
from watchfloor_city.simulation.traffic import posts_of


def test_same_seed_same_city():
    assert generate_city(3, 12) == generate_city(3, 12)


def test_another_seed_another_city():
    assert generate_city(3, 12).streets != generate_city(4, 12).streets


@pytest.mark.parametrize("size", [8, 20, 45])
def test_any_size_is_one_drivable_network(size: int):
    """At most a few blocks of the outline are cut off from the rest."""
    city = generate_city(1, size)
    network = StreetNetwork(city)
    assert len(network.edges) > 0.97 * len(city.streets)
    assert len({street.name for street in city.streets}) > size
    assert city.cameras
    assert city.readers


def test_too_small_is_refused():
    with pytest.raises(ValueError, match="at least 8"):
        generate_city(1, 7)


def test_streets_cross_the_river_on_bridges_alone():
    """Every street that enters the water is a major one."""
    city = generate_city(5, 24)
    (river,) = city.water
    wet = [street for street in city.streets if any(inside(river.points, p) for p in street.points)]
    assert wet
    assert {street.kind for street in wet} == {"major"}


def test_assets_stand_in_the_city_and_have_different_ids(city: City):
    west, south, east, north = city.bounds
    assert len({asset.id for asset in city.assets}) == len(city.assets)
    for asset in city.assets:
        assert west <= asset.point[0] <= east
        assert south <= asset.point[1] <= north
        assert asset.heading_deg is not None
        assert 0 <= asset.heading_deg < 360
        assert asset.angle_deg
        assert asset.range_m


def test_readers_stand_on_streets_and_look_along_them(city: City):
    network = StreetNetwork(city)
    for reader in city.readers:
        spot = network.nearest(reader.point, 2.0)
        assert spot is not None
        off = abs((network.course(2 * spot.edge) - (reader.heading_deg or 0) + 90) % 180 - 90)
        assert off < 15
    assert len(posts_of(city, network)) == len(city.readers)


def test_basemap_names_layer_class_and_name_of_each_feature(city: City):
    basemap = city.basemap()
    assert {f["properties"]["layer"] for f in basemap["features"]} == {"street", "area", "water"}
    assert all(set(f["properties"]) == {"layer", "class", "name"} for f in basemap["features"])
    names = [f["properties"]["name"] for f in basemap["features"]]
    assert len(names) == len(set(names))


def test_city_lies_in_the_open_sea(city: City):
    """No made-up address may be near anybody's: the nearest coast is 200 km away."""
    assert distance_m((city.bounds[0], city.bounds[3]), (-90.1, 29.05)) > 200_000


def test_routes_join_their_ends_and_are_no_detour(city: City):
    network = StreetNetwork(city)
    nodes = sorted(network.hops_from)
    for a, b in [(nodes[0], nodes[-1]), (nodes[5], nodes[len(nodes) // 2])]:
        hops = network.route(a, b)
        assert network.source(hops[0]) == a
        assert network.target(hops[-1]) == b
        for one, then in pairwise(hops):
            assert network.target(one) == network.source(then)
        metres = sum(network.edges[hop >> 1].metres for hop in hops)
        assert metres < 2.5 * math.dist(network.nodes[a], network.nodes[b]) + 500


def test_route_is_the_quickest(city: City):
    """A* agrees with Dijkstra's search, which looks everywhere."""
    network = StreetNetwork(city)
    nodes = sorted(network.hops_from)
    start, goal = nodes[3], nodes[-7]
    best = next(seconds for seconds, node in network.reached_from(start) if node == goal)
    taken = sum(network.edges[hop >> 1].seconds for hop in network.route(start, goal))
    assert taken == pytest.approx(best)
