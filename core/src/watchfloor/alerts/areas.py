"""Fences: areas that a rule watches, ready to be asked often."""

from __future__ import annotations

from itertools import pairwise
from math import cos, hypot, radians

from watchfloor.contracts import Point
from watchfloor.ports.geometry import DEGREE_PER_M, EARTH_M, box_around, distance_m, in_ring
from watchfloor.ports.store import Box

from .rules import Area


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
        return in_ring(self._ring, point) or _to_edge_m(self._ring, point) <= error_m

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
