"""How searches and ingest fare while a million events are purged.

Sixty days of a synthetic city, of which thirty have passed their cap. The same questions and the
same small batches are timed before the purge and while it runs, in the purge's own process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from hub_process import percentiles, row
from store_search import ASKED, DAYS, LIMIT, Questions, fill, settled
from synthetic_log import DAY, START, City

from watchfloor.adapters.clock import SettableClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.ports.store import Batch
from watchfloor.retention import InForce, PurgeJob, Schedule

QUIET_S = 20.0
"""How long it is measured before the purge begins."""
ASK_EVERY_S, COMMIT_EVERY_S, BATCH = 0.03, 0.2, 20
DUE = 0.48
"""The part of the log that is due: half of its days, and calls stay."""


def purge(folder: Path, events: int) -> list[dict[str, Any]]:
    """About ``events`` are purged, from a log of twice as many."""
    return asyncio.run(_purge(folder / "store.sqlite", int(events / DUE)))


async def _purge(path: Path, logged: int) -> list[dict[str, Any]]:
    store = SqliteStore(path, SettableClock(START + DAYS * DAY))
    await store.open()
    try:
        await fill(store, logged)
        await settled(store)
        before, _ = await _beside(store, lambda: asyncio.sleep(QUIET_S), first=0)
        during, took_s = await _beside(store, lambda: _run(store), first=1_000_000)
        deleted = sum(each.count for each in await store.receipts.list(None, 1_000))
    finally:
        await store.close()
    return _rows(before, during, deleted, deleted / took_s)


async def _run(store: SqliteStore) -> None:
    async def in_force() -> InForce:
        return InForce(Schedule())

    await PurgeJob(store, SettableClock(START + DAYS * DAY), in_force).run()


Waits = dict[str, list[float]]


async def _beside(
    store: SqliteStore, work: Callable[[], Awaitable[None]], first: int
) -> tuple[Waits, float]:
    """Ask and commit for as long as some work takes; how long each took, and the work."""
    waits: Waits = {"search": [], "commit": []}
    busy = [
        asyncio.create_task(_ask(store, waits["search"])),
        asyncio.create_task(_commit(store, waits["commit"], first)),
    ]
    began = time.perf_counter()
    await work()
    took_s = time.perf_counter() - began
    for each in busy:
        each.cancel()
    await asyncio.gather(*busy, return_exceptions=True)
    return waits, took_s


async def _ask(store: SqliteStore, waits: list[float]) -> None:
    questions = Questions(7)
    while True:
        for name in ASKED:
            where = getattr(questions, name)()
            began = time.perf_counter()
            await store.index.find(where, LIMIT)
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(ASK_EVERY_S)


async def _commit(store: SqliteStore, waits: list[float], first: int) -> None:
    """New reads, as they come from a city's readers."""
    city = City(9, 1, 1_000_000, reads_only=True)
    for number, batch in enumerate(city.batches(1_000_000, BATCH)):
        events = [
            event._replace(id=f"n-{first + number}-{index}", time=START + DAYS * DAY)
            for index, event in enumerate(batch)
        ]
        began = time.perf_counter()
        await store.log.commit([Batch("new", "benchmark/1", events)])
        waits.append(time.perf_counter() - began)
        await asyncio.sleep(COMMIT_EVERY_S)


def _rows(before: Waits, during: Waits, deleted: int, rate: float) -> list[dict[str, Any]]:
    def figures(name: str) -> dict[str, Any]:
        return {"before": percentiles(before[name]), "during": percentiles(during[name])}

    def slower(name: str) -> float:
        now, then = percentiles(during[name])["p95"], percentiles(before[name])["p95"]
        return round(now / then, 2)

    return [
        row("search p95 during a purge, against without", slower("search"), "x", 2.0, 1.5,
            deleted=deleted, **figures("search")),
        row("commit p95 during a purge, against without", slower("commit"), "x", 5.0, 3.0,
            **figures("commit")),
        row("purge beside searches and ingest", round(rate), "events/s", 1_000, 3_000),
    ]  # fmt: skip
