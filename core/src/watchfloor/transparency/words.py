"""What every rendering says in the same words."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from watchfloor.contracts import micros, on_clocks

from .model import Figures, Report, Shown

HOW = (
    "Every number here follows from the audit log and nothing else. Counts of one to four are "
    "shown as “&lt;5”, and some others are withheld so that a small one cannot be worked out from "
    "a total."
)
HOW_TO_CHECK = (
    "Ask the agency for an export of its audit log of this time. What is about persons is sealed "
    "in it. “watchfloor audit verify” says whether it is whole, “watchfloor report recompute” "
    "counts everything again."
)
_DEVICES = {
    "camera": ("camera", "cameras"),
    "plate_reader": ("plate reader", "plate readers"),
    "gunshot_sensor": ("gunshot sensor", "gunshot sensors"),
    "drone": ("drone", "drones"),
    "vehicle": ("vehicle", "vehicles"),
    "unit": ("patrol unit", "patrol units"),
    "registry_entry": ("registered private camera", "registered private cameras"),
    "floor_plan": ("floor plan", "floor plans"),
}
AUTHORITY = "What the agency says of its systems; these figures are not from the log."


def span(figures: Figures) -> str:
    """The time that is covered, in words."""
    return f"{figures.since[:10]} up to {figures.until[:10]} (UTC, that day not included)"


def nothing_yet(report: Report) -> str:
    """Why there is nothing to count, on a new hub; empty, where there is."""
    if report.begins is None:
        return ""
    year, month = map(int, report.begins[:7].split("-"))
    after = f"{year + month // 12:04}-{month % 12 + 1:02}-01"
    return (
        f"This hub's audit log begins on {report.begins[:10]}, so there is nothing to count yet. "
        f"Figures are of whole months: the first stand here from {after} on. A month that goes on "
        "is not shown, for what one day's page had more than the day before's would be that one "
        "day's."
    )


def devices_said(devices: Mapping[str, int]) -> str:
    """How many of what a system has, in words; empty where it has none."""
    return ", ".join(f"{n:,} {_DEVICES[kind][n != 1]}" for kind, n in devices.items() if n)


def written(moment: str, timezone: str) -> str:
    """When it was (RFC 3339), as clocks of a zone show it."""
    then = on_clocks(micros(moment), ZoneInfo(timezone))
    return f"{then:%B} {then.day}, {then.year}, {then:%H:%M} ({timezone})"


def shown_count(count: Shown) -> str:
    """A count as people read it."""
    return f"{count:,}" if isinstance(count, int) else count
