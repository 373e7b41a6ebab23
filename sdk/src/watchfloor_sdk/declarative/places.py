"""Where it is: points in the ways in which vendors write them, and how exact they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from watchfloor.contracts import GiveUp, Place, Point
from watchfloor_sdk import mapping
from watchfloor_sdk.mapping import Bounds

from .fields import PlaceRule
from .values import text

PointOf = Callable[..., Point | None]

SOUND = (
    "{0}.__class__ is float and {1}.__class__ is float"
    " and -180.0 <= {0} <= 180.0 and -90.0 <= {1} <= 90.0 and ({0} or {1})"
)
"""An expression: two numbers are a point on the globe as they stand."""


def from_numbers(scale: float | None, bounds: Bounds | None) -> PointOf:
    """A function of longitude and latitude."""

    def read(longitude: Any, latitude: Any) -> Point | None:
        if scale is not None:
            longitude, latitude = _scaled(longitude, scale), _scaled(latitude, scale)
        return mapping.point(_trimmed(longitude), _trimmed(latitude), bounds=bounds)

    return read


def from_wkt(bounds: Bounds | None) -> PointOf:
    """A function of ``POINT (-90.03 29.98)``."""
    return lambda said: mapping.wkt_point(text(said), bounds=bounds)


def from_pair(bounds: Bounds | None) -> PointOf:
    """A function of ``(29.98, -90.03)``: latitude first, as open-data portals write it."""

    def read(said: Any) -> Point | None:
        pair = text(said)
        if pair is None:
            return None
        latitude, comma, longitude = pair.strip("() ").partition(",")
        if not comma:
            raise GiveUp("Not a pair of latitude and longitude.", code="bad_point")
        return mapping.point(longitude.strip(), latitude.strip(), bounds=bounds)

    return read


def from_geojson(bounds: Bounds | None) -> PointOf:
    """A function of a Point geometry (RFC 7946, section 3.1.2)."""

    def read(geometry: Any) -> Point | None:
        if geometry is None:
            return None
        at = geometry.get("coordinates") if isinstance(geometry, dict) else None
        if not isinstance(at, list) or len(at) < 2 or geometry.get("type") != "Point":
            raise GiveUp("Not a GeoJSON point.", code="bad_point")
        return mapping.point(at[0], at[1], bounds=bounds)

    return read


def leaving_out(read: PointOf) -> PointOf:
    """The same; what cannot be right is noted as the scope's doubt instead of being raised."""

    def lenient(scope: Any, *said: Any) -> Point | None:
        try:
            return read(*said)
        except GiveUp as error:
            scope.doubt = error
            return None

    return lenient


def placing(rules: Sequence[PlaceRule], *, pointed: bool) -> Callable[..., Place | None]:
    """A function of point, address, error in metres, and why the point was left out.

    Where points are ``pointed`` out and one is missing, the place is masked, unless it was left
    out. An address says by the ``rules`` how exact its point is.
    """
    compiled = [(re.compile(rule.pattern), rule) for rule in rules]

    def place(
        at: Point | None, address: str | None, error_m: float | None, doubt: GiveUp | None
    ) -> Place | None:
        if at is None:
            masked = "masked" if pointed and doubt is None else None
            return Place(address=address, precision=masked) if address else None  # type: ignore[arg-type]
        said = address or ""
        rule = next((rule for pattern, rule in compiled if pattern.search(said)), None)
        if rule is None:
            return Place(point=at, address=address, error_m=error_m)
        error_m = rule.error_m if error_m is None else error_m
        return Place(point=at, address=address, error_m=error_m, precision=rule.precision)

    return place


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _scaled(value: Any, scale: float) -> float | None:
    read = mapping.number(_trimmed(value))
    return None if read is None else round(read * scale, 7)
