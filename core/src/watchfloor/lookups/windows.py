"""The time that a look-up looks through, as its offer declares it (``LookupWindow``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watchfloor.contracts import LookupDeclaration, Refused, micros, rfc3339
from watchfloor.ports.store import Micros

DAY: Micros = 86_400_000_000

Span = tuple[Micros, Micros]
"""From when to when."""


def span_of(
    declared: LookupDeclaration, filters: Mapping[str, Any], now: Micros, days: int
) -> Span | None:
    """What a question with these filters looks through; where it does not say from when, ``days``
    at most. ``None`` for one that looks through no time. Raises ``Refused`` (``bad_filters``)."""
    window = declared.window
    if window is None:
        return None
    until = min(now, _moment(declared, filters, window.until, now))
    since = _moment(declared, filters, window.since, until - min(window.days, days) * DAY)
    if since >= until:
        raise _bad(declared, "the time that is asked about ends before it begins")
    return since, until


def within(declared: LookupDeclaration, filters: Mapping[str, Any], span: Span) -> dict[str, Any]:
    """The same filters, by which it looks through this time and no longer one."""
    window, (since, until) = declared.window, span
    if window is None:
        return dict(filters)
    narrowed = {**filters, window.since: rfc3339(since)}
    if window.until and window.until in filters:
        narrowed[window.until] = rfc3339(until)
    return narrowed


def _moment(
    declared: LookupDeclaration, filters: Mapping[str, Any], name: str | None, default: Micros
) -> Micros:
    text = filters.get(name) if name else None
    if text is None:
        return max(0, default)
    try:
        return max(0, micros(str(text)))
    except (ValueError, OverflowError):
        raise _bad(declared, f"{name} is a time such as 2026-05-02T21:00:00Z") from None


def _bad(declared: LookupDeclaration, why: str) -> Refused:
    return Refused(
        f"{declared.title} takes no such filters: {why}.",
        code="bad_filters",
        remedy="Compare them with what the look-up's declaration takes.",
    )
