"""What the door costs: the same searches with policy and audit, and without either."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import search
from hub import Api, api_of, hub_here, session_of
from hub_process import percentiles, row
from policies import WIDE

from watchfloor.access import Asking, Door, Grant
from watchfloor.policy import Decision
from watchfloor.ports.store import EVERYTHING
from watchfloor.web.hub import Hub

ROUNDS = 150
MOST = 1.3
"""Times the search without it, at the 95th of a hundred."""


class Open(Door):
    """Lets everybody see everything, asks no policy and writes nothing down. The purpose is fetched
    as ever: a request carries it, whatever is decided."""

    __slots__ = ()

    async def admit(self, asking: Asking) -> Grant:
        """At once."""
        purpose = await self._purpose(asking)
        return Grant(asking.person, purpose, Decision("", True, "permitted"), EVERYTHING, "")

    def answered(self, grant: Grant, **_: Any) -> None:
        """Noted nowhere."""


def door(folder: Path, events: int) -> list[dict[str, Any]]:
    """Of each kind of question, p95 through the door over p95 without it. Both are asked in turn,
    of one hub, so that what else the machine does falls on both."""
    plates = asyncio.run(search.fill(folder / "hub.sqlite", events))
    return asyncio.run(_measured(folder, plates, events))


async def _measured(folder: Path, plates: list[str], events: int) -> list[dict[str, Any]]:
    async with hub_here(folder, WIDE) as running, api_of(running.url, session_of(running)) as api:
        closed = running.hub.door
        opened = Open(**{each.name: getattr(closed, each.name) for each in fields(closed)})
        return [
            await _row(running.hub, api, {"with": closed, "without": opened}, name, plates, events)
            for name in search.BOUNDS
        ]


async def _row(
    hub: Hub, api: Api, doors: dict[str, Door], name: str, plates: list[str], events: int
) -> dict[str, Any]:
    chance = random.Random(6)
    took: dict[str, list[float]] = {way: [] for way in doors}
    for _ in range(ROUNDS):
        line = search.line(name, plates, chance)
        for way in chance.sample(list(doors), len(doors)):
            hub.door = doors[way]
            took[way].append(await _ask(api, line))
    p95 = {way: percentiles(samples)["p95"] for way, samples in took.items()}
    ratio = round(p95["with"] / p95["without"], 2)
    what = f"search through the door at {events:,} events: {name}, p95 against without"
    return row(what, ratio, "x", MOST, MOST, **p95)


async def _ask(api: Api, line: str) -> float:
    begun = time.perf_counter()
    answer = await api.lines("/search", q=line, limit=50)
    took = time.perf_counter() - begun
    assert "done" in answer[-1]
    return took
