"""Distance, bearing and areas on the ground.

Distances are metres on a sphere; areas are small enough to be treated as flat (a city).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import asin, atan2, cos, degrees, hypot, radians, sin, sqrt

from watchfloor.contracts import Point

from .store import Box

Ring = Sequence[Sequence[float]]
"""Corners as (longitude, latitude), closed or not."""

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


def to_line_m(line: Ring, point: Point) -> float:
    """Metres from a point to the nearest place of a line, on a plane that touches the Earth at the
    point."""
    lon, lat = point
    metre = radians(1) * EARTH_M
    scale = metre * cos(radians(lat))
    flat = [((x - lon) * scale, (y - lat) * metre) for x, y, *_ in line]
    return min(_from_origin(a, b) for a, b in pairwise(flat))


def _from_origin(a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    along = max(0.0, min(1.0, -(a[0] * dx + a[1] * dy) / length)) if length else 0.0
    return hypot(a[0] + along * dx, a[1] + along * dy)


def in_ring(ring: Ring, point: Point) -> bool:
    """Whether a ring holds a point. Ray cast to the east: inside when it crosses an odd number of
    edges."""
    x, y = point
    inside = False
    for (ax, ay, *_), (bx, by, *_) in pairwise((*ring, ring[0])):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            inside = not inside
    return inside
