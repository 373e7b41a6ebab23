"""Declarative against hand-written mapping: the same page of plate reads through both.

To be called by the benchmarks: ``measure()`` answers records a second of each.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from declaring import PACKAGES, plan

from watchfloor_lpr_rest.mapping import to_page
from watchfloor_sdk.declarative import Scope

PAGE = 1000
ROUNDS = 50


def page(count: int = PAGE) -> bytes:
    """One answer of the interface of lpr-rest."""
    rows = [
        {
            "id": f"r-{number}", "read_at": "2026-05-02T21:14:07Z", "reader": "lpr-01",
            "plate": f"ZZT{number:04}", "region": "US-LA", "confidence": 0.9, "heading_deg": 90.0,
            "longitude": -90.07, "latitude": 29.95,
            "vehicle": {"make": "Ford", "model": "F-150", "colour": "white", "body": "pickup"},
            "picture": {"path": f"/pictures/US-LA/ZZT{number:04}/1", "expires": "2026-05-03T21:14:07Z"},
        }
        for number in range(count)
    ]  # fmt: skip
    return json.dumps({"reads": rows, "next": "1000", "more": True}).encode()


def measure(rounds: int = ROUNDS) -> dict[str, float]:
    """Records a second by hand and declared, and the ratio; rounds by turns, the best of each."""
    text = (PACKAGES / "watchfloor_plates/source.json").read_text()
    mapper = plan(text, owner="Example PD").mappers["reads"]
    body, scope = page(), Scope(datetime.now(UTC))
    ways: dict[str, Callable[[], Any]] = {
        "by_hand": lambda: to_page("lpr", "Example PD", body),
        "declared": lambda: mapper.page(body, scope),
    }
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            best[name] = min(best[name], time.perf_counter() - began)
    rates = {name: PAGE / seconds for name, seconds in best.items()}
    return {**rates, "ratio": rates["declared"] / rates["by_hand"]}


if __name__ == "__main__":
    print(json.dumps(measure()))
