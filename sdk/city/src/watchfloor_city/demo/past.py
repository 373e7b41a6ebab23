"""What a real centre published of its own work, for the figures of the demo's requests."""

from __future__ import annotations

import gzip
from pathlib import Path

from watchfloor.requests import Columns, PastRow, read_past
from watchfloor_city.opendata import new_orleans

NAME = new_orleans.ORIGIN
"""What the import is called."""
COLUMNS = Columns(
    opened="TimeCreate",
    outcome="rtcc_research_outcome",
    outcomes={"Relevant video was found": "found", "No relevant video was found": "not_found"},
    time_format="%m/%d/%Y %H:%M",
)


def past_outcomes(data: Path) -> list[PastRow]:
    """New Orleans 2022: what its centre answered to each of 6,893 calls."""
    with gzip.open(data / new_orleans.CALLS, "rt", encoding="utf-8", newline="") as file:
        return list(read_past(file, COLUMNS, new_orleans.ZONE))
