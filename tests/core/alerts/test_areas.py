"""Places: distances, bearings and areas, and doubt that counts as inside."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.alerts.areas import Fence
from watchfloor.alerts.rules import Area, Circle
from watchfloor.ports.geometry import bearing_deg, box_around, distance_m

CENTER = (-90.07, 29.95)
METRE = 360 / (2 * math.pi * 6_371_008.8)
"""Degrees of latitude in a metre."""


def moved(point, bearing, metres):
    east = metres * math.sin(math.radians(bearing)) / math.cos(math.radians(point[1]))
    return (point[0] + east * METRE, point[1] + metres * math.cos(math.radians(bearing)) * METRE)


bearings = st.floats(0, 359.9)
metres = st.floats(1, 5000)


@given(bearings, metres)
def test_distance_and_bearing_lead_back_to_where_a_point_was_moved(bearing, far):
    point = moved(CENTER, bearing, far)
    assert distance_m(CENTER, point) == pytest.approx(far, rel=0.005, abs=0.5)
    off = abs((bearing_deg(CENTER, point) - bearing + 180) % 360 - 180)
    assert off < 1


@given(bearings, metres, st.floats(1, 3000), st.floats(0, 500))
def test_a_circle_holds_what_is_nearer_than_its_radius_and_the_error(bearing, far, radius, error):
    point = moved(CENTER, bearing, far)
    inside = Fence(Area(circle=Circle(CENTER, radius))).reaches(point, error)
    assert inside == (distance_m(CENTER, point) <= radius + error)


SQUARE = Fence(Area(polygon=tuple(moved(CENTER, bearing, 1000) for bearing in (0, 90, 180, 270))))


@given(bearings, st.floats(0, 1500), st.floats(0, 300))
def test_a_ring_holds_what_is_inside_or_may_be(bearing, far, error):
    """The ring is a diamond: |x| + |y| <= 1000 m."""
    x, y = far * math.sin(math.radians(bearing)), far * math.cos(math.radians(bearing))
    beyond = (abs(x) + abs(y) - 1000) / math.sqrt(2)
    if abs(beyond - error) > 5 and abs(beyond) > 5 and abs(far - 1000) > 5:
        corner = min(math.dist((x, y), c) for c in ((0, 1000), (1000, 0), (0, -1000), (-1000, 0)))
        nearest_is_edge = abs(abs(x) - abs(y)) <= 1000
        truth = beyond <= error if nearest_is_edge else corner <= error or beyond <= 0
        if nearest_is_edge or abs(corner - error) > 5:
            assert SQUARE.reaches(moved(CENTER, bearing, far), error) == truth


def test_a_concave_ring_leaves_out_its_notch():
    corners = [(0, 0), (4, 0), (4, 4), (2, 1), (0, 4)]
    ring = Fence(
        Area(polygon=tuple((CENTER[0] + x / 100, CENTER[1] + y / 100) for x, y in corners))
    )
    inside, notch = ((CENTER[0] + 0.005, CENTER[1] + 0.02), (CENTER[0] + 0.02, CENTER[1] + 0.03))
    assert ring.reaches(inside, 0)
    assert not ring.reaches(notch, 0)
    assert ring.reaches(notch, 2000)


@given(bearings, metres)
def test_the_box_around_a_circle_holds_the_circle(bearing, far):
    box, (lon, lat) = box_around(CENTER, far * 1.001 + 1), moved(CENTER, bearing, far)
    assert box.west <= lon <= box.east
    assert box.south <= lat <= box.north
