"""How fast the store finds: a log of millions, the questions that analysts ask, p50 and p95.

``python tests/benchmarks/store_search.py --events 5000000 [--json] [--on DATABASE]``

Fills a new database first (minutes), or one named by ``--on``, which is kept and not filled again.
Sixty days of one city: 93 % plate reads, 4 % calls with text, 3 % vehicle positions. The baseline
of the same run is fifty rows of the log by their primary key, spread at random.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from synthetic_log import DAY, EAST, NORTH, PLATES, SOUTH, START, WEST, City, plate

from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.contracts import WatchfloorError
from watchfloor.ports.store import Batch, Box, EventFilter, KeyPattern

DAYS = 60
LIMIT = 50
_WORDS = ("THEFT", "BURGLARY", "ALARM", "DOMESTIC", "TRAFFIC", "SHOTS", "NOISE")


async def fill(store: SqliteStore, events: int) -> float:
    """Commit until there are so many; events a second."""
    start = time.perf_counter()
    done = 0
    for batch in City(1, DAYS, events).batches(events, 2_000):
        await store.log.commit([Batch("city", "benchmark/1", batch)])
        done += len(batch)
        if done % 100_000 == 0:
            rate = done / (time.perf_counter() - start)
            print(f"\r{done:,} events, {rate:,.0f}/s ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return events / (time.perf_counter() - start)


async def settled(store: SqliteStore) -> None:
    """Wait until the writer has done its chores, so that every run measures the same state."""
    while await store._database.read(
        lambda connection: connection.execute(
            "SELECT seq > min(filed, listed) FROM head"
        ).fetchone()[0]
    ):
        await asyncio.sleep(0.5)


class Questions:
    """What is asked, made up anew each time."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def _plate(self) -> str:
        return plate(self._random.randrange(PLATES))

    def _wild(self, count: int) -> EventFilter:
        letters = list(self._plate())
        for position in self._random.sample(range(2, 7), count):
            letters[position] = "?"
        return _of_plate("".join(letters))

    def plate_exact(self) -> EventFilter:
        """One plate."""
        return _of_plate(self._plate())

    def plate_one_wildcard(self) -> EventFilter:
        """One letter not known."""
        return self._wild(1)

    def plate_two_wildcards(self) -> EventFilter:
        """Two letters not known."""
        return self._wild(2)

    def plate_three_wildcards(self) -> EventFilter:
        """Three letters not known."""
        return self._wild(3)

    def plate_prefix(self) -> EventFilter:
        """The first five letters."""
        return _of_plate(self._plate()[:5] + "*")

    def plate_infix(self) -> EventFilter:
        """Four letters from the middle."""
        return _of_plate("*" + self._plate()[2:6] + "*")

    def plate_broad(self) -> EventFilter:
        """The first three letters: many thousands match."""
        return _of_plate(self._plate()[:3] + "*")

    def box_and_day(self) -> EventFilter:
        """A square of some two kilometres, 24 hours."""
        return self._box(0.02, days=1)

    def small_box_and_day(self) -> EventFilter:
        """A square of some 300 m, 24 hours: most find little."""
        return self._box(0.003, days=1)

    def large_box_and_day(self) -> EventFilter:
        """Half the city, 24 hours."""
        return self._box(0.12, days=1)

    def text(self) -> EventFilter:
        """One common word."""
        return EventFilter(text=self._random.choice(_WORDS))

    def text_two_words(self) -> EventFilter:
        """Two common words."""
        return EventFilter(text=" ".join(self._random.sample(_WORDS, 2)))

    def text_and_day(self) -> EventFilter:
        """A word and an address, one day."""
        since = self._day()
        words = f"{self._random.choice(_WORDS)} {self._random.randrange(1, 90) * 100}"
        return EventFilter(text=words, since=since, until=since + DAY)

    def calls_in_box(self) -> EventFilter:
        """Calls with a word, somewhere, any time."""
        where = self._box(0.02, days=DAYS)
        return EventFilter(
            types=["watchfloor.cad.incident.v1"], box=where.box, text=self._random.choice(_WORDS)
        )

    def reader_and_hour(self) -> EventFilter:
        """What one reader saw in an hour."""
        since = self._day()
        return EventFilter(
            keys=[KeyPattern("asset", f"reader-{self._random.randrange(300)}")],
            since=since, until=since + DAY // 24,
        )  # fmt: skip

    def newest(self) -> EventFilter:
        """The newest of anything."""
        return EventFilter()

    def _day(self) -> int:
        return START + int(self._random.uniform(0, DAYS - 1) * DAY)

    def _box(self, size: float, days: int) -> EventFilter:
        west = self._random.uniform(WEST, EAST - size)
        south = self._random.uniform(SOUTH, NORTH - size)
        since = self._day() if days < DAYS else START
        box = Box(west, south, west + size, south + size)
        return EventFilter(box=box, since=since, until=since + days * DAY)


def _of_plate(pattern: str) -> EventFilter:
    return EventFilter(keys=[KeyPattern("plate", pattern)])


ASKED = [name for name in vars(Questions) if not name.startswith("_")]


def percentiles(waits: list[float]) -> tuple[float, float]:
    """p50 and p95 in milliseconds."""
    waits = sorted(waits)
    return tuple(round(waits[int(len(waits) * part)] * 1e3, 2) for part in (0.5, 0.95))  # type: ignore[return-value]


async def ask(
    store: SqliteStore, question: Callable[[], EventFilter], times: int
) -> dict[str, float]:
    """One question many times."""
    waits, found = [], 0
    for _ in range(times):
        where = question()
        begun = time.perf_counter()
        found += len(await store.index.find(where, LIMIT))
        waits.append(time.perf_counter() - begun)
    p50, p95 = percentiles(waits)
    return {"p50_ms": p50, "p95_ms": p95, "found": round(found / times, 1)}


def baseline(path: Path, events: int, times: int) -> dict[str, float]:
    """Fifty rows by primary key, spread over the log."""
    connection = sqlite3.connect(path)
    chance, waits = random.Random(2), []
    for _ in range(times):
        wanted = json.dumps([chance.randrange(1, events + 1) for _ in range(LIMIT)])
        begun = time.perf_counter()
        connection.execute(
            "SELECT e.* FROM json_each(?) j CROSS JOIN event e ON e.seq = j.value", (wanted,)
        ).fetchall()
        waits.append(time.perf_counter() - begun)
    connection.close()
    p50, p95 = percentiles(waits)
    return {"p50_ms": p50, "p95_ms": p95, "found": LIMIT}


async def run(path: Path, events: int, times: int) -> dict[str, object]:
    """Fill if need be, then ask everything."""
    store = SqliteStore(path, SystemClock())
    await store.open()
    try:
        result: dict[str, object] = {"events": await store.log.head() or events}
        if not await store.log.head():
            result["filled_per_s"] = round(await fill(store, events))
        await settled(store)
        result["baseline_50_rows"] = baseline(path, int(str(result["events"])), times)
        questions = Questions(7)
        for name in ASKED:
            result[name] = await ask(store, getattr(questions, name), times)
        described = await store.describe()
    finally:
        await store.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {**result, "bytes": described["bytes"], "peak_memory_mb": peak}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--on", type=Path, help="a database to fill once and keep")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as directory:
            path = options.on or Path(directory) / "store.sqlite"
            result = asyncio.run(run(path, options.events, options.times))
    except WatchfloorError as error:
        sys.exit(f"{error.detail} {error.remedy}")
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:24} {value}")


if __name__ == "__main__":
    main()
