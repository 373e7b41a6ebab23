"""Where cameras, readers and alerts are, against where people live.

The agency gives the districts (GeoJSON, RFC 7946: polygons with a property ``name``) and their
population (CSV: ``name,population``). A rate per 1,000 residents, and how it compares with the
whole area, make visible who is watched more than others.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from watchfloor.contracts import GiveUp, Point
from watchfloor.ports.geometry import Ring, in_ring

Position = Annotated[list[float], Meta(min_length=2)]
Corners = Annotated[list[Position], Meta(min_length=4)]
OUTSIDE = "outside of all districts"


class Share(Struct, frozen=True, kw_only=True):
    """One district. ``per_1000`` is a rate per 1,000 residents; ``times`` is that rate against the
    one of all districts together (1 is the same). Both are ``None`` without residents."""

    district: str
    residents: int
    count: int
    per_1000: float | None
    times: float | None


class District(Struct, frozen=True):
    """A name, and polygons: each an outer ring and its holes."""

    name: str
    polygons: list[list[Ring]]

    def holds(self, point: Point) -> bool:
        """Whether a point lies in it."""
        return any(_inside(polygon, point) for polygon in self.polygons)


class _Polygon(Struct, tag_field="type", tag="Polygon"):
    coordinates: Annotated[list[Corners], Meta(min_length=1)]


class _MultiPolygon(Struct, tag_field="type", tag="MultiPolygon"):
    coordinates: Annotated[list[Annotated[list[Corners], Meta(min_length=1)]], Meta(min_length=1)]


class _Named(Struct):
    name: Annotated[str, Meta(min_length=1, max_length=200)]


class _Feature(Struct):
    properties: _Named
    geometry: _Polygon | _MultiPolygon


class _Collection(Struct):
    type: Literal["FeatureCollection"]
    features: Annotated[list[_Feature], Meta(min_length=1)]


def read_districts(content: bytes) -> list[District]:
    """From GeoJSON. Raises ``GiveUp`` (``bad_districts``)."""
    try:
        found = msgspec.json.decode(content, type=_Collection)
    except msgspec.MsgspecError as error:
        raise _bad(f"the districts cannot be read: {error}") from None
    return [District(each.properties.name, _polygons(each.geometry)) for each in found.features]


def read_population(text: str) -> dict[str, int]:
    """Residents by district. Raises ``GiveUp`` (``bad_districts``)."""
    try:
        rows = csv.DictReader(io.StringIO(text))
        population = {row["name"].strip(): int(row["population"]) for row in rows}
    except (KeyError, ValueError, TypeError, AttributeError):
        raise _bad("the population needs columns “name” and “population”") from None
    if any(residents < 0 for residents in population.values()):
        raise _bad("a population is negative")
    return population


def distribution(
    points: Iterable[Point], districts: Sequence[District], population: Mapping[str, int]
) -> list[Share]:
    """How many points lie in each district, the most in proportion first; those outside of all
    come last. Raises ``GiveUp`` (``bad_districts``) for a district without a population."""
    if unknown := sorted({each.name for each in districts} - population.keys()):
        raise _bad(f"no population is given for {', '.join(unknown)}")
    counts = Counter(_district(point, districts) for point in points)
    names = sorted({each.name for each in districts})
    residents = sum(population[name] for name in names)
    whole = sum(counts[name] for name in names) / residents if residents else 0
    shares = [_share(name, population[name], counts[name], whole) for name in names]
    shares.sort(key=lambda share: share.per_1000 or 0, reverse=True)
    return [*shares, *_outside(counts[OUTSIDE])]


def points_of(assets: Iterable[Mapping[str, Any]]) -> Iterator[Point]:
    """Where assets are, those that stand at a point."""
    for asset in assets:
        geometry = asset.get("geometry") or {}
        if geometry.get("type") == "Point":
            lon, lat, *_ = geometry["coordinates"]
            yield lon, lat


def _share(name: str, residents: int, count: int, whole: float) -> Share:
    rate = count / residents if residents else None
    return Share(
        district=name,
        residents=residents,
        count=count,
        per_1000=None if rate is None else round(rate * 1000, 3),
        times=None if rate is None or not whole else round(rate / whole, 2),
    )


def _outside(count: int) -> list[Share]:
    if not count:
        return []
    return [Share(district=OUTSIDE, residents=0, count=count, per_1000=None, times=None)]


def _district(point: Point, districts: Sequence[District]) -> str:
    return next((each.name for each in districts if each.holds(point)), OUTSIDE)


def _inside(polygon: Sequence[Ring], point: Point) -> bool:
    outer, *holes = polygon
    return in_ring(outer, point) and not any(in_ring(hole, point) for hole in holes)


def _polygons(geometry: _Polygon | _MultiPolygon) -> list[list[Ring]]:
    if isinstance(geometry, _Polygon):
        return [list(geometry.coordinates)]
    return [list(each) for each in geometry.coordinates]


def _bad(why: str) -> GiveUp:
    return GiveUp(f"The distribution cannot be made: {why}.", code="bad_districts")
