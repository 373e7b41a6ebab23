"""Sensitive zones: where no plate is read for this hub (clinics, places of worship, shelters).

Reads inside are dropped before anything of them is kept, and left out of what look-ups find; they
are counted, never stored. The zones are the agency's own: ``zones.geojson`` (RFC 7946), polygons,
each with a name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from watchfloor.contracts import BY_NAME, Point
from watchfloor.ports.geometry import Ring, in_ring
from watchfloor.ports.store import Box

PLATE_TYPES = frozenset({BY_NAME["read"].type, BY_NAME["hit"].type})
"""Types of event that zones drop."""

Position = Annotated[list[float], Meta(min_length=2, max_length=3)]
Corners = Annotated[list[Position], Meta(min_length=4)]
Polygon = Annotated[list[Corners], Meta(min_length=1)]


class _PolygonGeometry(Struct, tag_field="type", tag="Polygon"):
    coordinates: Polygon


class _MultiPolygonGeometry(Struct, tag_field="type", tag="MultiPolygon"):
    coordinates: list[Polygon]


class _Properties(Struct):
    name: Annotated[str, Meta(min_length=1, max_length=200)]


class _Feature(Struct):
    type: Literal["Feature"]
    properties: _Properties
    geometry: _PolygonGeometry | _MultiPolygonGeometry


class _Collection(Struct):
    type: Literal["FeatureCollection"]
    features: list[_Feature]


@dataclass(frozen=True, slots=True)
class Zone:
    """One area: its outer ring, and rings that are not part of it."""

    name: str
    outer: Ring
    holes: tuple[Ring, ...]
    box: Box

    def holds(self, point: Point) -> bool:
        """Whether a point lies in it."""
        lon, lat = point
        box = self.box
        if not (box.west <= lon <= box.east and box.south <= lat <= box.north):
            return False
        return in_ring(self.outer, point) and not any(in_ring(hole, point) for hole in self.holes)


class Zones:
    """All zones, on a grid of about a kilometre: most points are in no cell that a zone touches."""

    def __init__(self, zones: Iterable[Zone] = ()) -> None:
        self.zones = tuple(zones)
        self._cells: dict[tuple[int, int], tuple[Zone, ...]] = {}
        for zone in self.zones:
            for cell in _cells(zone.box):
                self._cells[cell] = (*self._cells.get(cell, ()), zone)

    def drops(self, type: str, point: Point | None) -> bool:
        """Whether an event of this type at this point is not to be kept."""
        if point is None or type not in PLATE_TYPES:
            return False
        near = self._cells.get(_cell(point[0], point[1]), ())
        return any(zone.holds(point) for zone in near)


_PER_DEGREE = 100


def _cell(lon: float, lat: float) -> tuple[int, int]:
    return int(lon * _PER_DEGREE // 1), int(lat * _PER_DEGREE // 1)


def _cells(box: Box) -> Iterable[tuple[int, int]]:
    west, south = _cell(box.west, box.south)
    east, north = _cell(box.east, box.north)
    return ((x, y) for x in range(west, east + 1) for y in range(south, north + 1))


def read_zones(text: str) -> Zones:
    """Zones from GeoJSON. Raises ``ValueError`` with what is wrong."""
    try:
        collection = msgspec.json.decode(text, type=_Collection)
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from None
    return Zones(_zones(collection))


def _zones(collection: _Collection) -> Iterable[Zone]:
    for feature in collection.features:
        geometry = feature.geometry
        polygons = (
            [geometry.coordinates]
            if isinstance(geometry, _PolygonGeometry)
            else geometry.coordinates
        )
        for outer, *holes in polygons:
            yield Zone(feature.properties.name, outer, tuple(holes), _box(feature, outer))


def _box(feature: _Feature, ring: Ring) -> Box:
    lons, lats = [corner[0] for corner in ring], [corner[1] for corner in ring]
    box = Box(min(lons), min(lats), max(lons), max(lats))
    on_earth = all(abs(lon) <= 180 for lon in lons) and all(abs(lat) <= 90 for lat in lats)
    if not on_earth or box.east - box.west > 1 or box.north - box.south > 1:
        raise ValueError(
            f"zone {feature.properties.name!r} is no place in a city: corners are "
            "[longitude, latitude], less than a degree apart"
        )
    return box
