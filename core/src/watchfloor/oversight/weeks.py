"""Weeks of the agency's own time, Monday to Sunday (ISO 8601)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from watchfloor.ports.store import Micros


@dataclass(frozen=True, slots=True)
class Week:
    """``id`` as ``2026-W47``; it holds ``since`` ≤ t < ``until``."""

    id: str
    since: Micros
    until: Micros


def week_of(at: Micros, zone: ZoneInfo) -> Week:
    """The week of a moment. It has an hour more or less where clocks change."""
    day = datetime.fromtimestamp(at / 1_000_000, zone).date()
    monday = day - timedelta(days=day.weekday())
    year, number, _ = day.isocalendar()
    ends = (monday, monday + timedelta(days=7))
    since, until = (
        round(datetime.combine(end, time(), zone).timestamp() * 1_000_000) for end in ends
    )
    return Week(f"{year}-W{number:02}", since, until)
