"""How fast the store takes plate reads: committed, indexed, synced, then answered.

``python tests/benchmarks/store_ingest.py --events 200000 --batch 1000 [--json] [--on DATABASE]``

The same run inserts the same bodies into a bare table by ``executemany``, one synced transaction a
batch: machines and hours differ, the ratio does not. ``--random-ids`` gives events UUIDs
instead of numbers in order, which costs an index page each. ``--busy`` adds a thread that never
lets go of the interpreter, as a busy event loop would.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import resource
import sqlite3
import tempfile
import threading
import time
import uuid
from pathlib import Path

from synthetic_log import City

from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.ports.store import Batch, NewEvent


def baseline(path: Path, batches: list[list[NewEvent]]) -> float:
    """Events a second into a bare table, same pragmas, nothing indexed but the id."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE t (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, time, body)")
    start = time.perf_counter()
    for batch in batches:
        connection.execute("BEGIN")
        rows = ((event.id, event.time, event.body) for event in batch)
        connection.executemany("INSERT INTO t(id, time, body) VALUES (?, ?, ?)", rows)
        connection.execute("COMMIT")
    took = time.perf_counter() - start
    connection.close()
    return sum(map(len, batches)) / took


async def ingest(path: Path, batches: list[list[NewEvent]], at_once: int) -> dict[str, object]:
    """Commit all batches, ``at_once`` of them waiting at any time."""
    store = SqliteStore(path, SystemClock())
    await store.open()
    waits: list[float] = []
    room = asyncio.Semaphore(at_once)

    async def commit(batch: list[NewEvent]) -> None:
        async with room:
            begun = time.perf_counter()
            await store.log.commit([Batch("lpr", "benchmark/1", batch)])
            waits.append(time.perf_counter() - begun)

    used, start = time.process_time(), time.perf_counter()
    await asyncio.gather(*(commit(batch) for batch in batches))
    took, used = time.perf_counter() - start, time.process_time() - used
    described = await store.describe()
    await store.close()
    waits.sort()
    events = sum(map(len, batches))
    return {
        "events_per_s": round(events / took),
        "cpu_us_per_event": round(used / events * 1e6, 1),
        "batch_p50_ms": round(waits[len(waits) // 2] * 1e3, 1),
        "batch_p99_ms": round(waits[int(len(waits) * 0.99)] * 1e3, 1),
        "batch_max_ms": round(waits[-1] * 1e3, 1),
        "pragmas": described["pragmas"],
        "bytes": described["bytes"],
    }


def spin(stop: threading.Event) -> None:
    """A loop that never waits."""
    while not stop.is_set():
        sum(range(1000))


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=1_000)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--on", type=Path, help="add to this database instead of a new one")
    parser.add_argument("--random-ids", action="store_true")
    parser.add_argument("--busy", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    batches = list(
        City(time.time_ns(), 1, options.events, True).batches(options.events, options.batch)
    )
    fresh = uuid.uuid4().hex[:6]
    batches = [
        [
            event._replace(id=str(uuid.uuid4()) if options.random_ids else fresh + event.id)
            for event in batch
        ]
        for batch in batches
    ]
    gc.freeze()  # the made-up events are no part of a hub's heap
    with tempfile.TemporaryDirectory() as directory:
        raw = baseline(Path(directory) / "raw.sqlite", batches)
        stop = threading.Event()
        if options.busy:
            threading.Thread(target=spin, args=(stop,), daemon=True).start()
        path = options.on or Path(directory) / "store.sqlite"
        result = asyncio.run(ingest(path, batches, options.at_once))
        stop.set()
    result["baseline_events_per_s"] = round(raw)
    result["share_of_baseline"] = round(float(str(result["events_per_s"])) / raw, 2)
    result["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if options.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:24} {value}")


if __name__ == "__main__":
    main()
