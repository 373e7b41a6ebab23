"""kill -9 in the middle of a purge: every event is whole or gone whole, and what is gone is in a
receipt; the next run goes on until nothing is due."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from store_contract import CALL, NOON, READ, Make

from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.ports.store import Due, EventFilter, RawPage, Stream
from watchfloor.retention import proof_document, proves

ROUNDS = int(os.environ.get("WATCHFLOOR_KILL_ROUNDS", "10"))
EVENTS = 40 * ROUNDS
PICTURED = 6
"""Of so many events one has a picture, which takes a synced file each."""
SUPPORT = Path(__file__).parents[3] / "support"


def run_and_kill(path, seconds):
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("purger.py")), str(path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(SUPPORT)},
    )
    with process, process.stdout as output:
        assert output.readline() == b"running\n"
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)


def made(number):
    """Each with a plate, a word, a picture and a page of its own, so that each can be missed."""
    body = json.dumps({"data": {"media": [{"handle": f"pic/{number}"}]}}, separators=(",", ":"))
    more = {"at": NOON + number, "body": body.encode(), "point": (-90.0, 30.0)}
    keys = (("plate", f"ZZ{number:05}"),)
    if number % 3:
        return Make.read(f"e{number}", plate=f"ZZ{number:05}", **more)
    return Make.call(f"e{number}", f"word{number} fire", keys=keys, **more)


def page(number):
    return RawPage(b"page %d" % number, "text/plain", f"{number:064x}")


async def fill(store):
    everything = [Make.batch([made(number)], raw=page(number)) for number in range(EVENTS)]
    await store.log.commit(everything)
    for number in range(0, EVENTS, PICTURED):
        await store.media.put("lpr", f"pic/{number}", b"picture %d" % number, "image/jpeg")


@pytest.mark.survival
async def test_a_purge_that_is_killed_leaves_nothing_by_half(tmp_path):
    path = tmp_path / "store.sqlite"
    chance = random.Random()
    store = SqliteStore(path, SystemClock())
    await store.open()
    await fill(store)
    await store.close()
    left = set(range(EVENTS))
    for _ in range(ROUNDS):
        run_and_kill(path, chance.uniform(0, 0.3))
        left = await opened(path, check, left)
    await opened(path, finish, left)


async def opened(path, check, left):
    store = SqliteStore(path, SystemClock())
    await store.open()
    try:
        return await check(store, left)
    finally:
        await store.close()


async def check(store, before):
    """What is left, having found each event by all its ways or by none."""
    events = await store.index.find(EventFilter(sources=["lpr"]), EVENTS)
    left = {int(event.id[1:]) for event in events}
    assert left <= before, "none comes back"
    for event in events:
        number = int(event.id[1:])
        assert (await store.log.lineage(event.seq)).raw.body == b"page %d" % number
    for number in chance_of(before, left):
        there = number in left
        assert len(await store.index.find(Make.plate(f"ZZ{number:05}"), 9)) == there
        assert len(await store.index.find(Make.plate(f"*{number:05}"), 9)) == there
        text = EventFilter(text=f"word{number}")
        assert len(await store.index.find(text, 9)) == (there and number % 3 == 0)
        pictured = await store.media.get("lpr", f"pic/{number}") is not None
        assert pictured == (there and number % PICTURED == 0)
    near = Make.box(-90.01, 29.99, -89.99, 30.01, sources=["lpr"])
    assert len(await store.index.find(near, EVENTS + 1)) == len(left)
    rows = await store._database.read(_counts)
    assert rows["raw"] == len(left)
    assert rows["media"] == len([number for number in left if number % PICTURED == 0])
    assert rows["leaves"] == EVENTS - len(left), "what is gone is in a receipt, once"
    assert rows["integrity"] == "ok"
    return left


def chance_of(before, left):
    """Some that went in this round, and some that stay."""
    gone = sorted(before - left)
    return [*gone[-15:], *sorted(left)[:15]]


def _counts(connection):
    one = {
        "raw": "SELECT count(*) FROM raw",
        "media": "SELECT count(*) FROM media",
        "leaves": "SELECT coalesce(sum(length(entries) / 16), 0) FROM deletion_leaves",
        "integrity": "PRAGMA integrity_check",
    }
    return {name: connection.execute(query).fetchone()[0] for name, query in one.items()}


async def finish(store, before):
    """A run that nobody kills: nothing is left, no file either, and each deletion is proven."""
    await store.purging.settle()
    for kind in (READ, CALL):
        due = Due(Stream("lpr", kind), NOON + 10**9, "default", 0)
        await store.purging.step(due, None, EVENTS + 1)
    await store.purging.finish()
    assert await check(store, before) == set()
    shelf = store._database.path.parent / "media"
    assert [file for file in shelf.rglob("*") if file.is_file()] == []
    for number in range(0, EVENTS, EVENTS // 20):
        proof = proof_document(await store.receipts.deletion("lpr", f"e{number}"))
        assert proves(proof, "lpr", f"e{number}")
    [again] = await store.log.commit([Make.batch([made(number) for number in range(EVENTS)])])
    assert again.recorded == []
