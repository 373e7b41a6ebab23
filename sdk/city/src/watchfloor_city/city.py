"""A city as a value: its streets, areas, water, and the assets that stand in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .geometry import Ring, inside
from .happenings import SYNTHETIC, Point

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

StreetClass = Literal["major", "minor"]


@dataclass(frozen=True, slots=True)
class Street:
    """A stretch of street, as a rule between two intersections, with its range of numbers."""

    name: str
    points: tuple[Point, ...]
    kind: StreetClass = "minor"
    number_min: int | None = None
    number_max: int | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """A neighbourhood. ``code`` is its beat, ``district`` the police district where known."""

    name: str
    rings: tuple[Ring, ...]
    code: str | None = None
    district: str | None = None

    def holds(self, point: Point) -> bool:
        """Whether the point lies in one of the outer rings (holes are not kept)."""
        return any(inside(ring, point) for ring in self.rings)


@dataclass(frozen=True, slots=True)
class Water:
    """A river, lake or brook: a closed ring, or an open line where the source has only that."""

    points: tuple[Point, ...]
    name: str = ""

    @property
    def closed(self) -> bool:
        return len(self.points) > 3 and self.points[0] == self.points[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A camera or plate reader. What the source does not say is ``None``, never guessed.

    ``heading_deg`` is the middle of what it sees, from true north; ``angle_deg`` the full opening;
    ``range_m`` its reach. ``access`` is a level of ``contracts.AccessTerms``.
    """

    id: str
    kind: Literal["camera", "plate_reader"]
    name: str
    point: Point
    heading_deg: float | None = None
    angle_deg: float | None = None
    range_m: float | None = None
    owner: str | None = None
    address: str | None = None
    access: str | None = None
    origin: str = SYNTHETIC
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """Everything that stands still. ``attribution`` must be shown wherever the map is shown."""

    name: str
    title: str
    timezone: str
    region: str
    streets: tuple[Street, ...]
    areas: tuple[Area, ...]
    water: tuple[Water, ...]
    assets: tuple[Asset, ...]
    bounds: Bounds
    attribution: str
    origin: str = SYNTHETIC

    @property
    def cameras(self) -> tuple[Asset, ...]:
        """Fixed and turning cameras."""
        return tuple(asset for asset in self.assets if asset.kind == "camera")

    @property
    def readers(self) -> tuple[Asset, ...]:
        """Plate readers."""
        return tuple(asset for asset in self.assets if asset.kind == "plate_reader")

    def area_of(self, point: Point) -> Area | None:
        """The neighbourhood that holds the point."""
        return next((area for area in self.areas if area.holds(point)), None)

    def basemap(self) -> dict[str, Any]:
        """GeoJSON FeatureCollection; each feature has ``layer``, ``class`` and ``name``.

        ``layer`` is ``area``, ``water`` or ``street``, in drawing order. Streets of one name and
        class are one feature; ``class`` is ``major`` or ``minor`` for streets, ``polygon`` or
        ``line`` for water, ``neighbourhood`` for areas.
        """
        features = [*map(_area_feature, self.areas), *map(_water_feature, self.water)]
        features += _street_features(self.streets)
        return {
            "type": "FeatureCollection",
            "bbox": list(self.bounds),
            "attribution": self.attribution,
            "features": features,
        }


def _feature(layer: str, kind: str, name: str, shape: str, coordinates: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"layer": layer, "class": kind, "name": name},
        "geometry": {"type": shape, "coordinates": coordinates},
    }


def _area_feature(area: Area) -> dict[str, Any]:
    polygons = [[ring] for ring in area.rings]
    return _feature("area", "neighbourhood", area.name, "MultiPolygon", polygons)


def _water_feature(water: Water) -> dict[str, Any]:
    if water.closed:
        return _feature("water", "polygon", water.name, "Polygon", [water.points])
    return _feature("water", "line", water.name, "LineString", water.points)


def _street_features(streets: Iterable[Street]) -> list[dict[str, Any]]:
    lines: dict[tuple[str, str], list[tuple[Point, ...]]] = defaultdict(list)
    for street in streets:
        lines[street.kind, street.name].append(street.points)
    minor_first = sorted(lines, key=lambda key: key[0], reverse=True)
    return [_feature("street", *key, "MultiLineString", lines[key]) for key in minor_first]
