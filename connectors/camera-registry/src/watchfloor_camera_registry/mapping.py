"""A registry's record to an asset. Pure.

Consent levels are ours, from the facts of public registry programmes: see the contract's
``AccessTerms``. A registry may also number them 0 to 4, in the contract's order.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar, get_args

from watchfloor_sdk import AccessTerms, Asset, FieldOfView, GiveUp, Point
from watchfloor_sdk.mapping import Bounds, moment, number, point, zone

from .plan import Level, MappingFile, Status
from .records import Record, pick

T = TypeVar("T")

LEVELS: tuple[Level, ...] = get_args(Level)
"""From the least to the most that the owner allows."""

_SAID: dict[str, Level] = {level: level for level in LEVELS} | {
    str(number): level for number, level in enumerate(LEVELS)
}
_STATUSES: dict[str, Status] = {status: status for status in get_args(Status)}

SHOWN = frozenset({"conditional_live", "live", "live_and_recorded"})
"""Levels at which a stream's address is taken over at all."""

_NO = frozenset({"", "0", "n", "no", "false", "none", "null"})

_YES = frozenset({"y", "yes", "true"})
_INSIDE = _YES | {"interior", "indoor", "indoors", "inside"}
_OUTSIDE = _YES | {"exterior", "outdoor", "outdoors", "outside", "street"}

_COMPASS = {
    "N": 0.0, "NE": 45.0, "E": 90.0, "SE": 135.0, "S": 180.0, "SW": 225.0, "W": 270.0, "NW": 315.0,
}  # fmt: skip
_WORD = re.compile(r"^(north|south)?[ -]?(east|west)?$", re.I)
_RANGES = {"angle": (1.0, 360.0), "range": (0.0, 100_000.0)}
"""Of what can be: degrees, metres."""
_ANGLE = 90.0
"""Degrees of opening where only the heading is told (the contract's own default)."""


class Camera(NamedTuple):
    """One camera, since when its status holds, and what could not be taken over of it."""

    asset: Asset
    changed: datetime | None
    problem: GiveUp | None


class CameraMapper:
    """Maps the records of one registry."""

    def __init__(self, mapping: MappingFile, source: str, bounds: Bounds | None = None) -> None:
        self._mapping = mapping
        self._source = source
        self._bounds = bounds
        self._local = zone(mapping.time_zone) if mapping.time_zone else None

    def camera(self, record: Record, now: datetime) -> Camera:
        """One record.

        Raises ``GiveUp``: ``no_id``, or ``interior`` for a camera that looks inside a building,
        which is never taken over.
        """
        self._refuse_interior(record)
        name = self._id(record)
        at, problem = self._point(record)
        access = self._access(record, now)
        asset = Asset(
            id=name,
            source=self._source,
            kind=self._mapping.kind,
            name=self._text("name", record) or name,
            geometry={"type": "Point", "coordinates": list(at)} if at else None,
            owner=self._text("owner", record) or self._mapping.owner,
            field_of_view=self._view(record),
            access=access,
            address=self._text("address", record),
            streams=self._streams(record) if _may_stream(access, now) else [],
            status=self._status(record),
            attributes=self._attributes(record),
        )
        problem = problem or self._unreadable(record)
        return Camera(asset, self._moment("changed", record), problem)

    def _value(self, name: str, record: Record) -> Any:
        path = getattr(self._mapping.fields, name)
        return pick(record, path) if path else None

    def _text(self, name: str, record: Record) -> str | None:
        return _words(self._value(name, record))

    def _refuse_interior(self, record: Record) -> None:
        inside, outside = self._value("indoor", record), self._value("outdoor", record)
        if _is_so(inside, _INSIDE) and not _is_so(outside, _OUTSIDE):
            raise GiveUp("The camera looks inside a building.", code="interior")

    def _id(self, record: Record) -> str:
        path = self._mapping.fields.id
        paths = [path] if isinstance(path, str) else path
        parts = [_words(pick(record, one)) for one in paths]
        if not all(parts):
            raise GiveUp("The record has no identifier.", code="no_id")
        if self._mapping.views:
            parts.append(str(record["view_number"]))
        return ":".join(filter(None, parts))

    def _point(self, record: Record) -> tuple[Point | None, GiveUp | None]:
        """A point that cannot be right is left out: a camera without a place is still one."""
        try:
            latitude = number(_words(self._value("latitude", record)))
            longitude = number(_words(self._value("longitude", record)))
            scale = self._mapping.scale
            return (
                point(_scaled(longitude, scale), _scaled(latitude, scale), bounds=self._bounds),
                None,
            )
        except GiveUp as error:
            return None, error

    def _view(self, record: Record) -> FieldOfView | None:
        heading = self._heading(self._text("heading", record))
        if heading is None:
            return None
        angle = _or_none(lambda: self._number("angle", record))
        reach = _or_none(lambda: self._number("range", record))
        return FieldOfView(heading_deg=heading, angle_deg=angle or _ANGLE, range_m=reach)

    def _unreadable(self, record: Record) -> GiveUp | None:
        """What is wrong with a number that is stated; the camera is told without it."""
        try:
            for name in _RANGES:
                self._number(name, record)
        except GiveUp as error:
            return error
        return None

    def _heading(self, words: str | None) -> float | None:
        if words is None:
            return None
        if words in self._mapping.headings:
            return self._mapping.headings[words]
        compass = _compass(words)
        return compass if compass is not None else _or_none(lambda: number(words, low=0, high=360))

    def _number(self, name: str, record: Record) -> float | None:
        low, high = _RANGES[name]
        return number(self._text(name, record), low=low, high=high)

    def _status(self, record: Record) -> Status:
        words = self._text("status", record) or ""
        statuses = self._mapping.statuses
        if known := statuses.get(words) or statuses.get(words.lower()):
            return known
        return _STATUSES.get(words.lower(), "unknown")

    def _access(self, record: Record, now: datetime) -> AccessTerms:
        """The terms. An end that is stated and cannot be read leaves the least."""
        expires = self._moment("expires", record)
        endless = self._text("expires", record) is None
        level = self._level(self._text("level", record))
        return AccessTerms(
            level=level if expires or endless else "listed",
            conditions=self._text("conditions", record),
            expires=expires,
            withdrawn=self._withdrawn(record, now),
        )

    def _level(self, words: str | None) -> Level:
        """A word that is not known is the least, never the most."""
        if words is None:
            return self._mapping.level
        return self._mapping.levels.get(words) or _SAID.get(words, "listed")

    def _withdrawn(self, record: Record, now: datetime) -> datetime | None:
        """When consent was taken back; for a mere yes, now."""
        if (self._text("withdrawn", record) or "").lower() in _NO:
            return None
        return self._moment("withdrawn", record) or now

    def _moment(self, name: str, record: Record) -> datetime | None:
        value = self._value(name, record)
        if _words(value) is None:
            return None
        formats = self._mapping.time_formats
        read = _or_none(lambda: moment(value, formats=formats, local=self._local))
        return read.time if read else None

    def _streams(self, record: Record) -> list[str]:
        found = (_words(pick(record, path)) for path in self._mapping.fields.streams)
        return list(dict.fromkeys(words for words in found if words))

    def _attributes(self, record: Record) -> dict[str, str | int | float | bool]:
        taken = self._mapping.attributes.items()
        values = {name: _plain(pick(record, path)) for name, path in taken}
        return {name: value for name, value in values.items() if value is not None}


def _may_stream(access: AccessTerms, now: datetime) -> bool:
    ended = access.withdrawn is not None or (access.expires is not None and access.expires <= now)
    return access.level in SHOWN and not ended


def _plain(value: Any) -> str | int | float | bool | None:
    """A value as an attribute; numbers that JSON cannot hold are none."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool | int | float) else _words(value)


def _words(value: Any) -> str | None:
    if value is None or isinstance(value, dict | list):
        return None
    return str(value).strip()[:1024] or None


def _is_so(value: Any, words: frozenset[str]) -> bool:
    """A yes, a number above zero, or one of the words; in a list, any of them."""
    if isinstance(value, list):
        return any(_is_so(one, words) for one in value)
    text = (_words(value) or "").lower()
    return text in words or (_or_none(lambda: number(text)) or 0) > 0


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else round(value * scale, 7)


def _compass(words: str) -> float | None:
    found = _WORD.match(words)
    if found:
        short = "".join(word[0] for word in found.groups() if word).upper()
    else:
        short = words.upper()
    return _COMPASS.get(short)


def _or_none(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except GiveUp:
        return None
