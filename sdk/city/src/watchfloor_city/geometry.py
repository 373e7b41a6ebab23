"""Plane geometry on a city's scale.

Within a city (up to about 80 km across) an equirectangular plane is true to less than 0.1 %,
which is far below the error of any place that a dispatch desk or a gunshot sensor gives.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .happenings import Point

XY = tuple[float, float]
"""Metres east and north of a plane's origin."""

Ring = tuple[Point, ...]

METRES_PER_DEGREE = 111_195.0
"""Of latitude, on the sphere of the mean earth radius, 6,371,009 m."""


@dataclass(frozen=True, slots=True)
class Plane:
    """A flat sheet laid on the globe at ``origin`` (longitude, latitude)."""

    origin: Point

    def metres(self, point: Point) -> XY:
        """Degrees to metres."""
        scale = METRES_PER_DEGREE * math.cos(math.radians(self.origin[1]))
        return (
            (point[0] - self.origin[0]) * scale,
            (point[1] - self.origin[1]) * METRES_PER_DEGREE,
        )

    def degrees(self, xy: XY) -> Point:
        """Metres to degrees, rounded to a decimetre."""
        scale = METRES_PER_DEGREE * math.cos(math.radians(self.origin[1]))
        return (
            round(self.origin[0] + xy[0] / scale, 6),
            round(self.origin[1] + xy[1] / METRES_PER_DEGREE, 6),
        )


def distance_m(a: Point, b: Point) -> float:
    """Metres between two points of one city."""
    east = (b[0] - a[0]) * math.cos(math.radians((a[1] + b[1]) / 2))
    return math.hypot(east, b[1] - a[1]) * METRES_PER_DEGREE


def course_deg(a: XY, b: XY) -> float:
    """Degrees clockwise from north, from a to b, on the plane."""
    return math.degrees(math.atan2(b[0] - a[0], b[1] - a[1])) % 360.0


def turn_deg(a: float, b: float) -> float:
    """The angle between two courses, 0 to 180."""
    return abs((b - a + 180.0) % 360.0 - 180.0)


def length(line: Sequence[XY]) -> float:
    """Of a polyline, in its own unit."""
    return sum(math.dist(a, b) for a, b in pairwise(line))


def nearest_on(a: XY, b: XY, p: XY) -> float:
    """How far along the segment a-b, 0 to 1, its nearest point to p lies."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    if square == 0:
        return 0.0
    return min(1.0, max(0.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / square))


def between(a: XY, b: XY, share: float) -> XY:
    """The point that lies ``share`` of the way from a to b."""
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)


def crossing(a: XY, b: XY, c: XY, d: XY) -> tuple[float, float] | None:
    """Where two segments cross, as shares of each; ``None`` where they do not."""
    rx, ry, sx, sy = b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]
    across = rx * sy - ry * sx
    if across == 0:
        return None
    t = ((c[0] - a[0]) * sy - (c[1] - a[1]) * sx) / across
    u = ((c[0] - a[0]) * ry - (c[1] - a[1]) * rx) / across
    return (t, u) if 0 <= t <= 1 and 0 <= u <= 1 else None


def simplified(line: Sequence[XY], tolerance: float) -> list[XY]:
    """Douglas and Peucker's reduction: no left-out vertex is further off than ``tolerance``."""
    kept = {0, len(line) - 1}
    stretches = [(0, len(line) - 1)]
    while stretches:
        first, last = stretches.pop()
        worst, at = tolerance, None
        for index in range(first + 1, last):
            foot = between(
                line[first], line[last], nearest_on(line[first], line[last], line[index])
            )
            off = math.dist(foot, line[index])
            if off > worst:
                worst, at = off, index
        if at is not None:
            kept.add(at)
            stretches += [(first, at), (at, last)]
    return [line[index] for index in sorted(kept)]


def inside(ring: Ring, point: Point) -> bool:
    """Whether a closed ring holds the point (ray cast; a point on the edge may be either)."""
    x, y = point
    odd = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd


def bounds_of(points: Iterable[Point]) -> tuple[float, float, float, float]:
    """West, south, east, north."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
