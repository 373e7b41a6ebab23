"""Commits batches for ever and prints the ids that were acknowledged; killed by its test.

Usage: committer.py DATABASE FIRST. Several tasks commit at once, so that groups form. Each batch
has an event of the batch before it, as a source that starts again would send.
"""

import asyncio
import sys
from pathlib import Path

from store_contract import Make

from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.ports.store import NewDelivery


async def commit(store, task, first):
    for number in range(first, first + 1_000_000):
        ids = [f"{task}-{number - 1}-4", *(f"{task}-{number}-{n}" for n in range(5))]
        events = [Make.read(id, body=b"x" * 700) for id in ids]
        [committed] = await store.log.commit(
            [Make.batch(events, f"lpr-{task}", checkpoint=b"%d" % number)]
        )
        [delivery] = await store.inbox.accept([NewDelivery(f"lpr-{task}", "{}", b"x")])
        new = " ".join(event.id for event in committed.recorded)
        print(f"{task} {number} {delivery} {new}", flush=True)


async def main():
    store = SqliteStore(Path(sys.argv[1]), SystemClock())
    await store.open()
    await asyncio.gather(*(commit(store, task, int(sys.argv[2])) for task in range(4)))


asyncio.run(main())
