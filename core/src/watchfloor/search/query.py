"""What a line in the search box means.

    7AB?12*                          a plate, in part
    Canal St & Bourbon St            a corner
    F-00412-26                       a call for service
    kind:gunshot since:2h            kinds, sources, times
    near:"1200 Main St" 300m         around a place
    in:"French Quarter" yesterday 22:00..23:30
    in:-90.1,29.9;-90.0,29.9;-90.0,30.0    inside a polygon drawn on the map
    hit and run                      words in calls for service

Nothing is guessed silently: each part that was understood becomes a chip that says what it was
taken for, and a word that could be several things is looked for as each of them.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import pi
from zoneinfo import ZoneInfo

from watchfloor.contracts import BY_NAME, Point, micros, on_clocks
from watchfloor.contracts.normal import normal_address, normal_phone, normal_plate
from watchfloor.ports.geometry import EARTH_M, Ring, box_around, distance_m, in_ring
from watchfloor.ports.store import Box, KeyPattern

from .gazetteer import Gazetteer

DEFAULT_RADIUS_M = 300.0
FARTHEST_M = pi * EARTH_M
"""From one place on Earth to another."""

_TOKEN = re.compile(r'([a-z]+):"([^"]*)"|"([^"]*)"|(\S+)', re.IGNORECASE)
_SPAN = re.compile(r"^(\d+)(m|min|h|d|w)$")
_CLOCK_RANGE = re.compile(r"^(\d{1,2}:\d{2})\.\.(\d{1,2}:\d{2})$")
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_RADIUS = re.compile(r"^(\d+(?:\.\d+)?)(m|km|ft|mi)$")
_COORDINATES = re.compile(r"^(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?)m?)?$")
_PLATE = re.compile(r"^(?=.*[0-9?*])[A-Z0-9?*-]{3,10}$")
_CALL = re.compile(r"^[A-Z]{0,3}-?\d{2,}(?:-\d+)*$")
_UNIT = re.compile(r"^\d{0,2}[A-Z]{1,5}-?\d{1,4}[A-Z]?$")
_PHONE = re.compile(r"^\+?[\d().-]{10,}$")
_STREET = re.compile(
    r"\b(?:ST|AVE|RD|DR|BLVD|LN|CT|PL|PKWY|HWY|TER|CIR|SQ|ALY|EXPY|WAY)$|^\d+(?:XX)?\s+\S+"
)
_CORNER = re.compile(r"[&/@]")
"""What makes two names a corner for sure; "and" does only where the two streets meet."""
_METRES = {"m": 1.0, "km": 1000.0, "ft": 0.3048, "mi": 1609.344}
_ELAPSED = {"m": timedelta(minutes=1), "min": timedelta(minutes=1), "h": timedelta(hours=1)}
_BY_THE_CALENDAR = {"d": timedelta(days=1), "w": timedelta(weeks=1)}
_KEY_FIELDS = {
    "plate": "plate", "call": "call", "unit": "unit", "phone": "phone", "address": "address",
    "asset": "asset", "camera": "asset", "reader": "asset", "incident": "incident",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of the line and what it was taken for."""

    text: str
    means: str
    field: str


@dataclass(frozen=True, slots=True)
class Circle:
    """Around a point."""

    centre: Point
    radius_m: float

    def box(self) -> Box:
        """The box around it."""
        return box_around(self.centre, self.radius_m)

    def holds(self, point: Point) -> bool:
        """Whether a point is within the radius."""
        return distance_m(self.centre, point) <= self.radius_m


@dataclass(frozen=True, slots=True)
class Polygon:
    """Inside any of some rings."""

    rings: Sequence[Ring]

    def box(self) -> Box:
        """The box around them."""
        xs = [p[0] for ring in self.rings for p in ring]
        ys = [p[1] for ring in self.rings for p in ring]
        return Box(min(xs), min(ys), max(xs), max(ys))

    def holds(self, point: Point) -> bool:
        """Whether a point is inside."""
        return any(in_ring(ring, point) for ring in self.rings)


@dataclass(slots=True)
class Query:
    """The line, understood. Times are microseconds; ``keys`` are alternatives. ``named`` is what
    each of its parts names: of what a word can be, the most telling."""

    keys: list[KeyPattern] = field(default_factory=list)
    named: list[KeyPattern] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    since: int | None = None
    until: int | None = None
    shape: Circle | Polygon | None = None
    words: list[str] = field(default_factory=list)
    chips: list[Chip] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def text(self) -> str | None:
        """The words for the text index."""
        return " ".join(self.words) or None


class Parser:
    """Understands search lines of one agency: its time zone and its place names."""

    def __init__(self, zone: ZoneInfo, gazetteer: Gazetteer) -> None:
        self._zone = zone
        self._gazetteer = gazetteer

    def parse(self, line: str, now: int) -> Query:
        """Understand a line at a moment (microseconds). Never raises: doubts are warnings."""
        query = Query()
        reading = _Reading(self._zone, self._gazetteer, now, query)
        tokens = list(_tokens(line))
        reading.take(tokens)
        reading.finish()
        return query


@dataclass(frozen=True, slots=True)
class _Token:
    field: str | None
    value: str
    quoted: bool
    text: str
    """As it was typed."""


def _tokens(line: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(line):
        if match[1]:
            yield _Token(match[1].lower(), match[2], quoted=True, text=match[0])
        elif match[3] is not None:
            yield _Token(None, match[3], quoted=True, text=match[0])
        else:
            name, colon, value = match[4].partition(":")
            known = name.lower() in _FIELDS
            if colon and known:
                yield _Token(name.lower(), value, quoted=False, text=match[0])
            else:
                yield _Token(None, match[4], quoted=False, text=match[0])


@dataclass(frozen=True, slots=True)
class _Distance:
    text: str
    metres: float


def _distance(coming: deque[_Token]) -> _Distance | None:
    """The distance that stands next, taken off; ``None`` where something else does."""
    following = coming[0] if coming else None
    if following is None or following.field is not None or following.quoted:
        return None
    match = _RADIUS.match(following.value.lower())
    if match is None:
        return None
    coming.popleft()
    return _Distance(following.text, float(match[1]) * _METRES[match[2]])


_FIELDS = {*_KEY_FIELDS, "kind", "source", "since", "until", "near", "in", "text"}


class _Reading:
    """One pass over one line."""

    def __init__(self, zone: ZoneInfo, gazetteer: Gazetteer, now: int, query: Query) -> None:
        self._zone = zone
        self._gazetteer = gazetteer
        self._now = on_clocks(now, zone)
        self._query = query
        self._day: date | None = None
        self._loose: list[str] = []

    def take(self, tokens: Sequence[_Token]) -> None:
        coming = deque(tokens)
        while coming:
            token = coming.popleft()
            if token.field == "near":
                self._flush()
                self._near(token, _distance(coming))
            elif token.field is not None:
                self._flush()
                self._field(token)
            elif token.quoted:
                self._flush()
                self._words(token.value, quoted=True)
            elif not self._time_word(token.value):
                self._loose.append(token.value)

    def finish(self) -> None:
        self._flush()
        if self._day is not None:
            self._span(self._day, time(0), 1, time(0))

    # --- fields -----------------------------------------------------------------------------

    def _field(self, token: _Token) -> None:
        value = token.value
        match token.field:
            case "kind":
                self._kinds(value)
            case "source":
                self._query.sources.extend(value.split(","))
                self._chip(f"source:{value}", f"from {value}", "source")
            case "since" | "until":
                self._bound(token.field, value)
            case "in":
                self._in(value)
            case "text":
                self._words(value, quoted=True)
            case name:
                self._key(_KEY_FIELDS[str(name)], value, str(name))

    def _kinds(self, value: str) -> None:
        for name in value.split(","):
            kind = BY_NAME.get(name.lower())
            if kind is None:
                self._query.warnings.append(
                    f"“{name}” is no kind of event; known are: {', '.join(sorted(BY_NAME))}."
                )
            else:
                self._query.types.append(kind.type)
                self._chip(f"kind:{name}", f"{kind.name} events", "kind")

    def _key(self, kind: str, value: str, name: str) -> None:
        normal = _NORMAL[kind](value) if kind in _NORMAL else value
        self._names(KeyPattern(kind, normal))
        self._chip(f"{name}:{value}", f"{name} {normal}", name)

    def _near(self, token: _Token, distance: _Distance | None) -> None:
        value = token.value
        coordinates = _COORDINATES.match(value)
        if coordinates:
            centre: Point | None = (float(coordinates[1]), float(coordinates[2]))
            radius = float(coordinates[3] or DEFAULT_RADIUS_M)
        else:
            centre, radius = self._gazetteer.locate(value), DEFAULT_RADIUS_M
        if centre is None or not _is_on_earth(centre):
            self._query.warnings.append(f"No place called “{value}” is known here.")
            return
        text = token.text
        if distance is not None:
            text, radius = f"{text} {distance.text}", distance.metres
        if radius > FARTHEST_M:
            self._query.warnings.append(f"“{text}” is farther than from any place to any other.")
            return
        self._query.shape = Circle(centre, radius)
        self._chip(text, f"within {radius:.0f} m of {value}", "near")

    def _in(self, value: str) -> None:
        if ";" in value:
            try:
                ring = [tuple(map(float, corner.split(","))) for corner in value.split(";")]
            except ValueError:
                ring = []
            if len(ring) >= 3 and all(map(_is_on_earth, ring)):
                self._query.shape = Polygon([ring])
                self._chip(f"in:{value}", f"inside a shape of {len(ring)} corners", "in")
            else:
                self._query.warnings.append(
                    "A polygon is written in:lon,lat;lon,lat;lon,lat with three corners or more."
                )
            return
        area = self._gazetteer.area(value)
        if area is None:
            self._query.warnings.append(f"No area called “{value}” is known here.")
            return
        self._query.shape = Polygon(area.rings)
        self._chip(f'in:"{value}"', f"inside {area.name}", "in")

    # --- times ------------------------------------------------------------------------------

    def _time_word(self, value: str) -> bool:
        word = value.lower()
        if word in ("today", "yesterday"):
            self._day = self._now.date() - timedelta(days=word == "yesterday")
            return True
        if _DATE.match(word):
            try:
                self._day = date.fromisoformat(word)
            except ValueError:
                return False
            return True
        clock = _CLOCK_RANGE.match(word)
        if clock:
            return self._clock_range(clock[1], clock[2])
        return False

    def _clock_range(self, start: str, end: str) -> bool:
        try:
            first, last = (time.fromisoformat(text.zfill(5)) for text in (start, end))
        except ValueError:
            return False
        day = self._day or self._now.date()
        self._day = None
        self._span(day, first, int(last <= first), last)
        return True

    def _span(self, day: date, first: time, days: int, last: time) -> None:
        """From one time of a day to another, so many days later."""
        try:
            start = datetime.combine(day, first, self._zone)
            end = datetime.combine(day + timedelta(days=days), last, self._zone)
            span = _micros(start), _micros(end)
        except (ValueError, OverflowError):
            self._query.warnings.append(f"“{day}” is no day that can be looked for.")
            return
        self._query.since, self._query.until = span
        self._chip(
            f"{start:%Y-%m-%d %H:%M}..{end:%H:%M}",
            f"{start:%d %b %H:%M} to {end:%d %b %H:%M}",
            "time",
        )

    def _bound(self, name: str, value: str) -> None:
        try:
            moment = self._moment(value)
            at = _micros(moment)
        except (ValueError, OverflowError):
            self._query.warnings.append(
                f"“{name}:{value}” is no time; write {name}:2h, {name}:30min, {name}:3d, "
                f"{name}:2026-05-02 or {name}:2026-05-02T21:00."
            )
            return
        if name == "since":
            self._query.since = at
        else:
            self._query.until = at
        self._chip(f"{name}:{value}", f"{name} {moment:%d %b %H:%M}", "time")

    def _moment(self, value: str) -> datetime:
        """Raises ``ValueError`` and ``OverflowError`` for what is none."""
        span = _SPAN.match(value.lower())
        if span:
            return self._back(int(span[1]), span[2])
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=self._zone)

    def _back(self, count: int, unit: str) -> datetime:
        """Minutes and hours are those that went by; a day or a week ago it was as late by the
        clocks as now, also where they have been changed since."""
        if unit in _ELAPSED:
            then = self._now.astimezone(UTC) - count * _ELAPSED[unit]
        else:
            then = (self._now - count * _BY_THE_CALENDAR[unit]).astimezone(UTC)
        return then.astimezone(self._zone)

    # --- loose words ------------------------------------------------------------------------

    def _flush(self) -> None:
        words, self._loose = self._loose, []
        if words:
            self._words(" ".join(words), quoted=False)

    def _words(self, phrase: str, *, quoted: bool) -> None:
        normal = normal_address(phrase)
        corner = " & " in normal and (_CORNER.search(phrase) or self._gazetteer.locate(phrase))
        if corner or (" & " not in normal and " " in normal and _STREET.search(normal)):
            self._address(phrase, normal)
        elif quoted or " " in phrase:
            self._text_or_identifiers(phrase, quoted=quoted)
        else:
            self._identifier(phrase)

    def _address(self, phrase: str, normal: str) -> None:
        self._names(KeyPattern("address", normal))
        self._chip(phrase, f"address {normal}", "address")

    def _text_or_identifiers(self, phrase: str, *, quoted: bool) -> None:
        if quoted:
            self._text(phrase)
            return
        for word in phrase.split():
            self._identifier(word)

    def _identifier(self, word: str) -> None:
        """A single word: whatever it can be, as alternatives, the most telling first; else text."""
        upper = word.upper()
        found: list[tuple[str, str]] = []
        if _PHONE.match(word) and len(normal_phone(word)) == 10:
            found.append(("phone", normal_phone(word)))
        if _PLATE.match(upper) and "".join(c for c in upper if c.isalnum()):
            found.append(("plate", _plate_pattern(upper)))
        if _CALL.match(upper):
            found.append(("call", upper))
        if _UNIT.match(upper):
            found.append(("unit", upper))
        if not found:
            self._text(word)
            return
        self._names(*(KeyPattern(kind, value) for kind, value in found))
        self._chip(word, " or ".join(f"{kind} {value}" for kind, value in found), found[0][0])

    def _text(self, phrase: str) -> None:
        self._query.words.extend(phrase.split())
        self._chip(phrase, f"“{phrase}” in calls for service", "text")

    def _names(self, *alternatives: KeyPattern) -> None:
        self._query.keys.extend(alternatives)
        self._query.named.append(alternatives[0])

    def _chip(self, text: str, means: str, name: str) -> None:
        self._query.chips.append(Chip(text, means, name))


def _plate_pattern(text: str) -> str:
    """A plate in normal form that keeps the wildcards ``?`` and ``*``."""
    return "".join(
        part if part in "?*" else normal_plate(part) for part in re.split(r"([?*])", text) if part
    )


_NORMAL: dict[str, Callable[[str], str]] = {
    "plate": _plate_pattern,
    "address": normal_address,
    "phone": normal_phone,
}


def _micros(moment: datetime) -> int:
    return micros(moment.isoformat())


def _is_on_earth(place: Sequence[float]) -> bool:
    return len(place) == 2 and abs(place[0]) <= 180 and abs(place[1]) <= 90
