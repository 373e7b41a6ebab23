from __future__ import annotations

from watchfloor_city import City, Street
from watchfloor_city.geometry import Plane, bounds_of
from watchfloor_city.network import StreetNetwork

PLANE = Plane((-90.0, 27.0))


def network(*lines: list[tuple[float, float]]) -> StreetNetwork:
    streets = tuple(
        Street(f"{i} St", tuple(PLANE.degrees(xy) for xy in line)) for i, line in enumerate(lines)
    )
    city = City(
        name="t",
        title="t",
        timezone="UTC",
        region="US-ZZ",
        streets=streets,
        areas=(),
        water=(),
        assets=(),
        bounds=bounds_of(point for street in streets for point in street.points),
        attribution="",
    )
    return StreetNetwork(city)


def test_lines_that_cross_without_a_vertex_are_joined():
    assert len(network([(0, 0), (200, 0)], [(100, -90), (100, 90)]).edges) == 4


def test_a_line_that_ends_near_another_meets_it():
    joined = network([(0, 0), (200, 0)], [(100, 5), (100, 90)])
    assert len(joined.edges) == 3
    assert max(len(hops) for hops in joined.hops_from.values()) == 3


def test_lines_that_share_a_vertex_are_joined():
    assert len(network([(0, 0), (100, 0), (200, 0)], [(100, 0), (100, 90)]).edges) == 3


def test_parts_left_apart_are_linked_by_a_nameless_edge():
    linked = network([(0, 0), (200, 0)], [(300, 0), (500, 0)])
    assert [edge.street.name for edge in linked.edges] == ["0 St", "1 St", ""]


def test_parts_too_far_apart_are_left_out():
    assert len(network([(0, 0), (400, 0), (800, 0)], [(3000, 0), (3300, 0)]).edges) == 1


def test_nearest_finds_the_street_and_says_how_far_off():
    found = network([(0, 0), (200, 0)]).nearest(PLANE.degrees((50, 30)), 40)
    assert found is not None
    assert abs(found.off_m - 30) < 0.2
    assert abs(found.along_m - 50) < 0.2


def test_nearest_is_nothing_beyond_the_limit():
    assert network([(0, 0), (200, 0)]).nearest(PLANE.degrees((50, 30)), 20) is None
