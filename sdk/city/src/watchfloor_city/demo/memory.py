"""What a demo remembers from run to run, so that what the hub has kept still makes sense.

Vendors' systems keep their addresses: pictures that earlier reads name can still be fetched. Who
was wanted stays wanted until the entry expires: an earlier hit can still be verified.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = "demo.json"

Entry = Mapping[str, str]
"""Of the hot list: ``plate``, ``region``, ``reason``, ``expires`` (RFC 3339)."""


@dataclass(slots=True)
class Memory:
    """``ports`` by source; ``hot_list`` as it was last sent to the hub."""

    ports: dict[str, int] = field(default_factory=dict)
    hot_list: list[Entry] = field(default_factory=list)

    @classmethod
    def of(cls, data_dir: Path) -> Memory:
        """What the last run left; nothing for a first run."""
        file = data_dir / FILE
        return cls(**json.loads(file.read_text("utf-8"))) if file.is_file() else cls()

    def keep(self, data_dir: Path) -> None:
        """For the next run."""
        (data_dir / FILE).write_text(json.dumps(asdict(self)), "utf-8")

    def learn(self, introduction: Mapping[str, Any], now: datetime) -> None:
        """Take in what the vendors say of themselves, and who is wanted now."""
        self.ports = {source["id"]: source["port"] for source in introduction["sources"]}
        self.hot_list = still_wanted(self.hot_list, introduction["hot_list"], now)


def still_wanted(before: Iterable[Entry], new: Iterable[Entry], now: datetime) -> list[Entry]:
    """The new entries, and those of before that have not expired; each plate once."""
    kept = [entry for entry in before if _aware(entry["expires"]) > now]
    by_plate = {(entry["plate"], entry["region"]): entry for entry in [*kept, *new]}
    return list(by_plate.values())


def _aware(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
