"""Places: distance, bearing, and whether a point lies in an area.

Distances are metres on a sphere; areas are small enough to be treated as flat (a city).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import asin, atan2, cos, degrees, hypot, radians, sin, sqrt

from watchfloor.contracts import Point
from watchfloor.ports.store import Box

from .rules import Area

EARTH_M = 6_371_008.8
"""Mean radius of the Earth (IUGG), metres."""

DEGREE_PER_M = 1.001 * degrees(1 / EARTH_M)
"""Degrees of latitude in a metre, a little more than so, that a box loses nothing at its edges."""


def distance_m(a: Point, b: Point) -> float:
    """Great-circle distance in metres (haversine)."""
    lon_a, lat_a, lon_b, lat_b = map(radians, (*a, *b))
    chord = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(chord)))


def bearing_deg(a: Point, b: Point) -> float:
    """Direction from ``a`` to ``b``, degrees from true north."""
    lon_a, lat_a, lon_b, lat_b = map(radians, (*a, *b))
    east = sin(lon_b - lon_a) * cos(lat_b)
    north = cos(lat_a) * sin(lat_b) - sin(lat_a) * cos(lat_b) * cos(lon_b - lon_a)
    return degrees(atan2(east, north)) % 360


def box_around(center: Point, radius_m: float) -> Box:
    """The smallest box that holds a circle."""
    lon, lat = center
    north = radius_m * DEGREE_PER_M
    east = north / max(cos(radians(lat)), 1e-6)
    return Box(lon - east, lat - north, lon + east, lat + north)


class Fence:
    """An area, ready to be asked often."""

    def __init__(self, area: Area) -> None:
        self._circle = area.circle
        self._ring = area.polygon
        self._box = _box_of(area)

    def reaches(self, point: Point, error_m: float) -> bool:
        """Whether a point, or some of the circle of error around it, lies in the area. Where the
        place is uncertain, the answer is yes rather than no."""
        if not self._near(point, error_m):
            return False
        if self._circle is not None:
            return distance_m(self._circle.center, point) <= self._circle.radius_m + error_m
        return _in_ring(self._ring, point) or _to_edge_m(self._ring, point) <= error_m

    def _near(self, point: Point, error_m: float) -> bool:
        """Most events are far away: a few comparisons say so."""
        box, north = self._box, error_m * DEGREE_PER_M
        east = north / max(cos(radians(point[1])), 1e-6)
        return (
            box.west - east <= point[0] <= box.east + east
            and box.south - north <= point[1] <= box.north + north
        )


def _box_of(area: Area) -> Box:
    if area.circle is not None:
        return box_around(area.circle.center, area.circle.radius_m)
    lons, lats = zip(*area.polygon, strict=True)
    return Box(min(lons), min(lats), max(lons), max(lats))


def _edges(ring: tuple[Point, ...]) -> Iterator[tuple[Point, Point]]:
    return pairwise((*ring, ring[0]))


def _in_ring(ring: tuple[Point, ...], point: Point) -> bool:
    """Ray cast to the east: inside when it crosses an odd number of edges."""
    x, y = point
    inside = False
    for (ax, ay), (bx, by) in _edges(ring):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            inside = not inside
    return inside


def _to_edge_m(ring: tuple[Point, ...], point: Point) -> float:
    """Metres to the nearest edge, on a plane that touches the Earth at the point."""
    lon, lat = point
    metre = radians(1) * EARTH_M
    scale = metre * cos(radians(lat))
    flat = [((x - lon) * scale, (y - lat) * metre) for x, y in (*ring, ring[0])]
    return min(_from_origin(a, b) for a, b in pairwise(flat))


def _from_origin(a: tuple[float, float], b: tuple[float, float]) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    along = max(0.0, min(1.0, -(a[0] * dx + a[1] * dy) / length)) if length else 0.0
    return hypot(a[0] + along * dx, a[1] + along * dy)
