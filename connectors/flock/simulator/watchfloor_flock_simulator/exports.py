"""The exports of the simulated organisation: its audit log and its sharing settings, as files.

What can go wrong with them is done on purpose: a search past the hub, a row that is missing, a log
that says less than before, a switch that somebody turned on.
"""

from __future__ import annotations

import csv
import itertools
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

OWN = "Example Agency"
COLUMNS = ("ID", "Time", "User", "Organization", "Networks", "Reason", "Case Number", "Plate")
NATIONAL = "National Lookup"


class Exports:
    """A folder with ``audit.csv`` and ``sharing.csv``, written anew with every change once it is
    open."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self.rows: list[dict[str, str]] = []
        self.settings = {NATIONAL: "Off", "Statewide Lookup": "Off"}
        self._without: frozenset[str] = frozenset()
        self._numbers = itertools.count(1)

    def open(self) -> Path:
        """Make the folder, if there is none yet."""
        if self._path is None:
            self._path = Path(tempfile.mkdtemp(prefix="watchfloor-flock-"))
            self._write()
        return self._path

    def searched(self, user: str, question: Mapping[str, Any], organisation: str = OWN) -> None:
        """Every search is logged with its reason and its user (documented)."""
        self.rows.append({
            "ID": f"SIM-{next(self._numbers)}",
            "Time": datetime.now(UTC).isoformat(timespec="seconds"),
            "User": user,
            "Organization": organisation,
            "Networks": "1",
            "Reason": question["reason"],
            "Case Number": question.get("caseNumber") or "",
            "Plate": question["plate"],
        })  # fmt: skip
        self._write()

    def lose_newest(self) -> None:
        """A row is missing."""
        self.rows.pop()
        self._write()

    def thin(self, *columns: str) -> None:
        """From now on the log does without these columns (reported, December 2025)."""
        self._without = frozenset(columns)
        self._write()

    def switch(self, setting: str, value: str) -> None:
        """Somebody sets it at the vendor."""
        self.settings[setting] = value
        self._write()

    def close(self) -> None:
        """Take the folder away."""
        if self._path is not None:
            shutil.rmtree(self._path)
            self._path = None

    def _write(self) -> None:
        if self._path is None:
            return
        columns = [name for name in COLUMNS if name not in self._without]
        with (self._path / "audit.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(self.rows)
        with (self._path / "sharing.csv").open("w", newline="") as file:
            csv.writer(file).writerows([("Setting", "Value"), *self.settings.items()])
