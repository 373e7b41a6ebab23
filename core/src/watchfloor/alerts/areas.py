"""Fences: areas that a rule watches, ready to be asked often."""

from __future__ import annotations

from math import cos, radians

from watchfloor.contracts import Point
from watchfloor.ports.geometry import DEGREE_PER_M, box_around, distance_m, in_ring, to_line_m
from watchfloor.ports.store import Box

from .rules import Area


class Fence:
    """An area, ready to be asked often."""

    def __init__(self, area: Area) -> None:
        self._circle = area.circle
        self._ring = area.polygon
        self._edge = (*area.polygon, *area.polygon[:1])
        self._box = _box_of(area)

    def reaches(self, point: Point, error_m: float) -> bool:
        """Whether a point, or some of the circle of error around it, lies in the area. Where the
        place is uncertain, the answer is yes rather than no."""
        if not self._near(point, error_m):
            return False
        if self._circle is not None:
            return distance_m(self._circle.center, point) <= self._circle.radius_m + error_m
        return in_ring(self._ring, point) or to_line_m(self._edge, point) <= error_m

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
