"""What the door costs: the same searches with policy and audit, and without either."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import search
from half_open_hub import passes_by
from hub_process import HubProcess, hub_process, open_request, percentiles, row

ROUNDS = 200
MOST = 1.3
"""Times the search without it, at the 95th of a hundred."""
HUB = Path(__file__).with_name("half_open_hub.py")


def door(folder: Path, events: int) -> list[dict[str, Any]]:
    """Of each kind of question, p95 through the door over p95 without it. Both are asked in turn,
    of one hub, so that what else the machine does falls on both."""
    plates = asyncio.run(search.fill(folder / "hub.sqlite", events))
    return measured(folder, plates, events)


def measured(folder: Path, plates: list[str], events: int) -> list[dict[str, Any]]:
    """The same, of a store that is filled."""
    with hub_process(folder, command=[sys.executable, str(HUB), str(folder)]) as hub:
        requests = {passes_by(each): each for each in (open_request(hub.client) for _ in range(2))}
        ways = {"with": requests[False], "without": requests[True]}
        return [_row(hub, ways, name, plates, events) for name in search.BOUNDS]


def _row(
    hub: HubProcess, ways: dict[str, str], name: str, plates: list[str], events: int
) -> dict[str, Any]:
    chance = random.Random(6)
    took: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        line = search.line(name, plates, chance)
        for way in chance.sample(list(ways), len(ways)):
            took[way].append(_ask(hub, line, ways[way]))
    found = {way: percentiles(samples) for way, samples in took.items()}
    ratios = {
        share: round(found["with"][share] / found["without"][share], 2) for share in ("p50", "p95")
    }
    what = f"search through the door at {events:,} events: {name}, p95 against without"
    p95 = {way: each["p95"] for way, each in found.items()}
    return row(what, ratios["p95"], "x", MOST, MOST, **p95, at_p50=ratios["p50"])


def _ask(hub: HubProcess, line: str, request: str) -> float:
    begun = time.perf_counter()
    answer = list(hub.client.lines("/search", q=line, limit=50, request=request))
    took = time.perf_counter() - begun
    assert "done" in json.loads(answer[-1])
    return took
