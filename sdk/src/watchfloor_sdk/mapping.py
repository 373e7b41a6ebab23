"""Vendor words to contract values: times, numbers and points that vendors get wrong.

Pure functions. What cannot be right raises ``GiveUp`` with a stable code, so that the record goes
to the dead letters with its reason; what is only uncertain comes back with its error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from watchfloor.contracts import AskAPerson, GiveUp, Place, Point

ISO = "iso"
EPOCH_S = "epoch_s"
EPOCH_MS = "epoch_ms"


class Moment(NamedTuple):
    """A time in UTC and, where it is not certain, by how many seconds it may be wrong."""

    time: datetime
    error_s: float | None = None


def zone(name: str) -> ZoneInfo:
    """The IANA time zone of that name. Raises ``AskAPerson`` (code ``unknown_zone``)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise AskAPerson(
            f"There is no time zone {name!r}.",
            code="unknown_zone",
            remedy="Write an IANA name such as America/Chicago.",
        ) from None


def moment(value: Any, *, formats: Sequence[str] = (ISO,), local: ZoneInfo | None = None) -> Moment:
    """Read a vendor's time.

    ``formats`` are tried in order: ``iso``, ``epoch_s``, ``epoch_ms`` or a ``strptime`` pattern.
    A time without a zone is taken as ``local``; without ``local`` it is refused, never guessed.
    In the hour that happens twice (the clocks go back) the first is taken, with the length of the
    overlap as error; in the hour that does not exist (the clocks go forward) the time is moved on
    by the length of the gap, with that as error. Raises ``GiveUp``.
    """
    for form in formats:
        read = _read(value, form)
        if read is not None:
            return _in_utc(read, local)
    raise GiveUp("The time is in none of the expected formats.", code="bad_time")


def _read(value: Any, form: str) -> datetime | None:
    try:
        if form == EPOCH_S:
            return datetime.fromtimestamp(_finite(value), UTC)
        if form == EPOCH_MS:
            return datetime.fromtimestamp(_finite(value) / 1000, UTC)
        text = str(value).strip()
        return datetime.fromisoformat(text) if form == ISO else datetime.strptime(text, form)
    except (ValueError, TypeError, OverflowError, OSError, GiveUp):
        return None


def _in_utc(read: datetime, local: ZoneInfo | None) -> Moment:
    if read.tzinfo is not None:
        return Moment(_utc(read))
    if local is None:
        raise GiveUp("The time has no zone.", code="time_without_zone")
    first = _utc(read.replace(tzinfo=local, fold=0))
    second = _utc(read.replace(tzinfo=local, fold=1))
    apart = abs((second - first).total_seconds())
    # PEP 495: in a gap the first reading is the later one, and both lie outside the gap.
    return Moment(first, apart or None)


def _utc(aware: datetime) -> datetime:
    try:
        return aware.astimezone(UTC)
    except OverflowError:
        raise GiveUp("The time is out of range.", code="bad_time") from None


def within(read: Moment, now: datetime, *, past: timedelta, ahead: timedelta) -> Moment:
    """Refuse a clock that is off by more than plausible. Raises ``GiveUp`` (``clock_off``)."""
    if now - past <= read.time <= now + ahead:
        return read
    raise GiveUp("The time is too far from now to be right.", code="clock_off")


def _finite(value: Any) -> float:
    if isinstance(value, bool):
        raise GiveUp("Not a number.", code="bad_number")
    try:
        read = float(value)
    except (TypeError, ValueError, OverflowError):
        raise GiveUp("Not a number.", code="bad_number") from None
    if not math.isfinite(read):
        raise GiveUp("The number is not finite.", code="bad_number")
    return read


def number(
    value: Any, *, low: float = -math.inf, high: float = math.inf, scale: float = 1.0
) -> float | None:
    """A finite number times ``scale``, within bounds; ``None`` for ``None`` and empty text.

    Raises ``GiveUp`` (code ``bad_number``).
    """
    if value is None or value == "":
        return None
    read = _finite(value) * scale
    if not low <= read <= high:
        raise GiveUp("The number is out of range.", code="bad_number")
    return read


class Bounds(NamedTuple):
    """Where a source's things can be: west, south, east, north in degrees."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, point: Point) -> bool:
        """Whether a point is inside."""
        return self.west <= point[0] <= self.east and self.south <= point[1] <= self.north


def point(longitude: Any, latitude: Any, *, bounds: Bounds | None = None) -> Point | None:
    """A (longitude, latitude) in degrees, or ``None`` when the vendor gave none.

    (0, 0) is how systems write "no position", so it is none. With ``bounds``, a point that is
    outside but would be inside with its numbers exchanged is refused as swapped. Raises
    ``GiveUp``: ``bad_point`` (not finite, out of range) or ``swapped_point``.
    """
    if _absent(longitude) or _absent(latitude):
        return None
    read = (_degrees(longitude), _degrees(latitude))
    if read == (0.0, 0.0):
        return None
    if bounds and not bounds.holds(read) and bounds.holds((read[1], read[0])):
        raise GiveUp("Longitude and latitude are exchanged.", code="swapped_point")
    if abs(read[0]) > 180 or abs(read[1]) > 90:
        raise GiveUp("The point is not on the globe.", code="bad_point")
    return read


def _absent(value: Any) -> bool:
    return value is None or value == ""


def _degrees(value: Any) -> float:
    try:
        return _finite(value)
    except GiveUp:
        raise GiveUp("The point is not made of numbers.", code="bad_point") from None


def wkt_point(text: str | None, *, bounds: Bounds | None = None) -> Point | None:
    """``POINT (-90.03 29.98)`` (OGC 06-103r4, section 7): longitude first. As ``point``."""
    if not text or not text.strip():
        return None
    name, _, rest = text.strip().partition("(")
    words = rest.rstrip(") ").split()
    if name.strip().upper() != "POINT" or len(words) < 2:
        raise GiveUp("Not a WKT point.", code="bad_point")
    return point(words[0], words[1], bounds=bounds)


def place(
    at: Point | None, *, address: str | None = None, error_m: float | None = None
) -> Place | None:
    """A place from what is known; ``masked`` when there is an address and no point."""
    if at is None and not address:
        return None
    if at is None:
        return Place(address=address, precision="masked")
    return Place(point=at, address=address, error_m=error_m)
