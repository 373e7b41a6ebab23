"""kill -9 at random moments: what was acknowledged is there, once, and the store opens again."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from store_contract import Make

from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import SqliteStore

ROUNDS = int(os.environ.get("WATCHFLOOR_KILL_ROUNDS", "10"))
SUPPORT = Path(__file__).parents[3] / "support"


def run_and_kill(path, first, seconds):
    """What a committer acknowledged before it was killed."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("committer.py")), str(path), str(first)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(SUPPORT)},
    )
    with process, process.stdout as output:
        line = output.readline()  # it runs
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        lines = (line + output.read()).decode().splitlines(keepends=True)
    return [words.split() for words in lines if words.endswith("\n")]


@pytest.mark.survival
async def test_nothing_acknowledged_is_lost_or_doubled(tmp_path):
    path = tmp_path / "store.sqlite"
    chance = random.Random()
    acknowledged, deliveries, checkpoints = set(), set(), {}
    for attempt in range(ROUNDS):
        for task, number, delivery, *ids in run_and_kill(
            path, attempt * 1_000_000 + 1, chance.uniform(0, 0.4)
        ):
            acknowledged |= set(ids)
            deliveries.add(int(delivery))
            checkpoints[task] = int(number)
        store = SqliteStore(path, SystemClock())
        await store.open()
        try:
            await check(store, acknowledged, deliveries, checkpoints)
        finally:
            await store.close()
    assert len(acknowledged) > ROUNDS


async def check(store, acknowledged, deliveries, checkpoints):
    events = await store.log.read(0, 10_000_000)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    times = Counter(event.id for event in events)
    assert max(times.values()) == 1
    assert acknowledged <= times.keys()
    assert len(await store.index.find(Make.plate("ZZT1234"), len(events) + 1)) == len(events)
    batches = Counter(tuple(id.split("-")[:2]) for id in times)
    assert {n for (_, number), n in batches.items() if int(number) % 1_000_000 > 0} <= {5}
    kept = {d.id for task in range(4) for d in await store.inbox.waiting(f"lpr-{task}", 0, 10**7)}
    assert deliveries <= kept
    for task, number in checkpoints.items():
        assert int(await store.log.checkpoint(f"lpr-{task}")) >= number
    integrity = await store._database.read(lambda c: c.execute("PRAGMA integrity_check").fetchall())
    assert integrity == [("ok",)]
