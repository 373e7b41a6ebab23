"""Times as the store keeps them: integer microseconds since 1970-01-01T00:00:00Z."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST, _LAST = (
    (end.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND for end in (datetime.min, datetime.max)
)
"""What can be said in UTC: the years 1 to 9999."""
_A_DAY = timedelta(days=1) // _MICROSECOND


def micros(text: str) -> int:
    """RFC 3339 → microseconds. Raises ``ValueError`` for one without an offset, not a time, or no
    time in UTC: the last hours of the year 9999, west of Greenwich."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"no offset in {text!r}")
    found = (moment - _EPOCH) // _MICROSECOND
    if not _FIRST <= found <= _LAST:
        raise ValueError(f"no time in UTC: {text!r}")
    return found


def rfc3339(moment: int) -> str:
    """Microseconds → RFC 3339 in UTC, to the millisecond (CJISSECPOL AU-8 asks for 1/100 s). What
    cannot be said so is written as the nearest that can."""
    return (
        (_EPOCH + timedelta(microseconds=min(max(moment, _FIRST), _LAST)))
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


def on_clocks(moment: int, zone: tzinfo) -> datetime:
    """Microseconds → what clocks in a zone show. The first and the last day that can be said are
    shown as the next to them: the clocks of some zones cannot show them."""
    shown = min(max(moment, _FIRST + _A_DAY), _LAST - _A_DAY)
    return (_EPOCH + timedelta(microseconds=shown)).astimezone(zone)
