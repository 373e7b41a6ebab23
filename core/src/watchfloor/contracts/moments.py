"""Times as the store keeps them: integer microseconds since 1970-01-01T00:00:00Z."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(text: str) -> int:
    """RFC 3339 → microseconds. Raises ``ValueError`` for one without an offset or not a time."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"no offset in {text!r}")
    return (moment - _EPOCH) // _MICROSECOND


def rfc3339(moment: int) -> str:
    """Microseconds → RFC 3339 in UTC, to the millisecond (CJISSECPOL AU-8 asks for 1/100 s)."""
    return (
        (_EPOCH + timedelta(microseconds=moment))
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )
