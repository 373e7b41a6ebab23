"""Purges everything that is due, in small steps, again and again, while more comes in; killed by
its test. Prints a line when it runs.

Usage: purger.py DATABASE
"""

import asyncio
import sys
from pathlib import Path

from store_contract import CALL, NOON, READ, Make

from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.ports.store import Due, Stream


async def ingest(store):
    for number in range(1_000_000):
        event = Make.read(f"new-{number}", at=NOON + 10**9)
        await store.log.commit([Make.batch([event], "other")])
        await asyncio.sleep(0)


async def purge(store):
    await store.purging.settle()
    for kind in (READ, CALL):
        due, after = Due(Stream("lpr", kind), NOON + 10**9, "default", 0), None
        while (done := await store.purging.step(due, after, 5)).after is not None:
            after = done.after
    await store.purging.compact()
    await store.purging.finish()


async def main():
    store = SqliteStore(Path(sys.argv[1]), SystemClock())
    await store.open()
    print("running", flush=True)
    busy = asyncio.create_task(ingest(store))
    await purge(store)
    print("done", flush=True)
    await busy


asyncio.run(main())
