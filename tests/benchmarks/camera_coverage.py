"""How many calls for service of New Orleans 2022 have a camera of the crime centre nearby.

Reads the real open data through ``watchfloor_city`` (the same rows as the demo plays), prints a
table, and JSON with ``--json``. Apart for calls where the centre found video and where it did not.
``docs/data.md`` holds the result; ``tests/docs/test_data.py`` computes it again.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from watchfloor_city import CallChanged, Point, load_city
from watchfloor_city.geometry import distance_m
from watchfloor_city.opendata import read_dataset

ROOT = Path(__file__).resolve().parents[2]
RADII_M = (75, 150, 300)
OUTCOMES = {
    "video found": "Relevant video was found",
    "no video found": "No relevant video was found",
}


@dataclass(frozen=True)
class Row:
    """One line of the table. ``share`` is of the calls that have a place, by radius in metres."""

    calls: str
    total: int
    with_place: int
    share: dict[int, float]
    median_m: float


def coverage(data_dir: Path) -> list[Row]:
    """A row for each outcome, then one for all calls. Distances are straight lines, in metres."""
    cameras = [camera.point for camera in load_city("new-orleans", data_dir).cameras]
    calls = last_states(data_dir)
    places = {call.point for call in calls if call.point}
    nearest = {place: nearest_m(place, cameras) for place in places}
    rows = [
        _row(name, [call for call in calls if call.centre_outcome == words], nearest)
        for name, words in OUTCOMES.items()
    ]
    return [*rows, _row("all", calls, nearest)]


def last_states(data_dir: Path) -> Sequence[CallChanged]:
    """Every call as it stood at its end: only then is the centre's outcome known."""
    last = {
        call.call_number: call
        for call in read_dataset("new-orleans-calls", data_dir)
        if isinstance(call, CallChanged)
    }
    return list(last.values())


def nearest_m(place: Point, cameras: Iterable[Point]) -> float:
    """Metres from a place to the nearest camera."""
    return min(distance_m(place, camera) for camera in cameras)


def _row(name: str, calls: Sequence[CallChanged], nearest: dict[Point, float]) -> Row:
    distances = [nearest[call.point] for call in calls if call.point]
    share = {
        radius: round(sum(d <= radius for d in distances) / len(distances), 3) for radius in RADII_M
    }
    return Row(name, len(calls), len(distances), share, round(median(distances)))


def table(rows: Sequence[Row]) -> str:
    """Markdown, as ``docs/data.md`` has it."""
    head = ["calls", "number", "with a place", *(f"within {r} m" for r in RADII_M), "median"]
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    for row in rows:
        shares = (f"{row.share[radius]:.1%}" for radius in RADII_M)
        cells = [row.calls, f"{row.total:,}", f"{row.with_place:,}", *shares, f"{row.median_m} m"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    beside = os.environ.get("WATCHFLOOR_DATA", ROOT.parent / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(beside), help="folder of the data sets")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    options = parser.parse_args()
    rows = coverage(options.data)
    print(json.dumps([asdict(row) for row in rows]) if options.json else table(rows))


if __name__ == "__main__":
    main()
