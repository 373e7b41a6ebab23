"""Names of places: areas, street corners and blocks, from the agency's own basemap."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from watchfloor.contracts import Point
from watchfloor.contracts.normal import normal_address
from watchfloor.ports.geometry import Ring, distance_m, in_ring

from .nearest import CORNER_M, Nearest

_BLOCK = re.compile(r"^(\d{1,9})(?:XX)?\s+(.+)$")


@dataclass(frozen=True, slots=True)
class Area:
    """A named polygon (outer rings; holes do not matter for a name)."""

    name: str
    rings: Sequence[Ring]


@dataclass(frozen=True, slots=True)
class _Segment:
    line: Ring
    low: int | None
    high: int | None


class Gazetteer:
    """Finds places by name. Built once from a basemap's features (GeoJSON)."""

    def __init__(self, features: Iterable[dict[str, Any]] = ()) -> None:
        self._areas: dict[str, Area] = {}
        self._streets: dict[str, list[_Segment]] = defaultdict(list)
        self._nearest = Nearest()
        for feature in features:
            self._add(feature)

    def area(self, name: str) -> Area | None:
        """The area of that name, whatever the case."""
        return self._areas.get(name.casefold())

    def locate(self, text: str) -> Point | None:
        """A corner (``Main St & 5th Ave``), a block (``1200 Main St``) or an area's middle."""
        normal = normal_address(text)
        first, _, second = normal.partition(" & ")
        if second:
            return self._corner(first, second)
        block = _BLOCK.match(normal)
        if block and block[2] in self._streets:
            number = int(block[1]) * (100 if "XX" in normal.split(" ", 1)[0] else 1)
            return self._block(block[2], number)
        area = self.area(text)
        return _middle(area.rings[0]) if area else None

    def near(self, point: Point) -> str | None:
        """Where a point is: ``near Main St & 5th Ave``, ``350 m from Main St``, ``in Old Town``."""
        return self._nearest.near(point) or self._within(point)

    def _within(self, point: Point) -> str | None:
        for area in self._areas.values():
            if any(in_ring(ring, point) for ring in area.rings):
                return f"in {area.name}"
        return None

    def _add(self, feature: dict[str, Any]) -> None:
        properties = feature.get("properties") or {}
        name, geometry = properties.get("name"), feature.get("geometry")
        if not name or not geometry:
            return
        if properties.get("layer") == "area":
            self._areas[name.casefold()] = Area(name, _outer_rings(geometry))
        elif properties.get("layer") == "street":
            low, high = properties.get("number_min"), properties.get("number_max")
            for line in _lines(geometry):
                self._nearest.add(name, line)
                self._streets[normal_address(name)].append(_Segment(line, low, high))

    def _corner(self, first: str, second: str) -> Point | None:
        best: tuple[float, Point] | None = None
        others = [_point(p) for segment in self._streets.get(second, ()) for p in segment.line]
        for segment in self._streets.get(first, ()):
            for position in segment.line:
                here = _point(position)
                for there in others:
                    apart = distance_m(here, there)
                    if best is None or apart < best[0]:
                        best = (apart, here)
        return best[1] if best and best[0] <= CORNER_M else None

    def _block(self, street: str, number: int) -> Point | None:
        for segment in self._streets[street]:
            if segment.low is not None and segment.high is not None:
                low, high = sorted((segment.low, segment.high))
                if low <= number <= high:
                    share = (number - low) / (high - low) if high > low else 0.5
                    return _along(segment.line, share)
        return None


def _point(position: Sequence[float]) -> Point:
    return (position[0], position[1])


def _along(line: Ring, share: float) -> Point:
    steps = list(pairwise(line))
    lengths = [distance_m(_point(a), _point(b)) for a, b in steps]
    left = share * sum(lengths)
    for (a, b), length in zip(steps, lengths, strict=True):
        if left <= length and length:
            part = left / length
            return (a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part)
        left -= length
    return _point(line[-1])


def _middle(ring: Ring) -> Point:
    return (sum(p[0] for p in ring) / len(ring), sum(p[1] for p in ring) / len(ring))


def _outer_rings(geometry: dict[str, Any]) -> list[Ring]:
    if geometry["type"] == "Polygon":
        return [geometry["coordinates"][0]]
    if geometry["type"] == "MultiPolygon":
        return [polygon[0] for polygon in geometry["coordinates"]]
    return []


def _lines(geometry: dict[str, Any]) -> list[Ring]:
    if geometry["type"] == "LineString":
        return [geometry["coordinates"]]
    if geometry["type"] == "MultiLineString":
        return list(geometry["coordinates"])
    return []
