"""``kill -9`` of the hub and of its workers at random moments during ingest: 0 lost, 0 doubled.

``WATCHFLOOR_KILLS`` is the number of kills, half of hubs and half of workers (60 by default;
``make soak``: 1,000). The moments come from a seed that is printed: ``WATCHFLOOR_SEED`` repeats it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from functools import partial
from pathlib import Path

import pytest
from hub import hub_process, until
from made_up import connect, hot_list, ids
from vendors import SignedWebhooks, traffic, webhook_source

from watchfloor_lpr_rest_simulator import LprRestSimulator

pytestmark = [pytest.mark.survival]

KILLS = int(os.environ.get("WATCHFLOOR_KILLS", "60"))
SEED = int(os.environ.get("WATCHFLOOR_SEED", random.SystemRandom().randrange(10**6)))
SECRET = "a-secret-of-the-test"
READS_A_SECOND = 200
EVERY_HIT = 250


@pytest.mark.timeout(KILLS * 20 + 120)
async def test_nothing_is_lost_or_doubled(tmp_path):
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    vendor = LprRestSimulator(keep=10_000_000)
    setup = await vendor.start()
    workers = set()
    try:
        async with hub_process(tmp_path / "hub") as hub:
            async with hub.api() as api:
                await connect(api, "lpr", setup, every_s=0.1)
                await webhook_source(api, SECRET)
                await want(api)
            webhooks = SignedWebhooks(f"{hub.hooks_url}gate", SECRET)
            async with traffic(vendor.feed, READS_A_SECOND), webhooks:
                for _ in range(KILLS // 2):
                    workers |= await one_life(hub, chance)
                    await hub.start()
            await settled(hub, vendor, webhooks)
            await compare(hub, vendor, webhooks)
        await gone(workers)
    finally:
        await vendor.stop()


async def want(api):
    """Every so many plates are wanted: their alerts (by the rule that every hub starts with) must
    be there once each, too."""
    await hot_list(api, *(f"ZZ{number:06}" for number in range(0, 10**6, EVERY_HIT)))


async def one_life(hub, chance):
    """From a start to the kill, with the kill of a worker between: both while data flows. The pids
    of the workers that lived."""
    async with hub.api() as api:
        for source in ("lpr", "gate"):
            await until(partial(flowing, api, source))
        await asyncio.sleep(chance.uniform(0, 0.4))
        sources = (await api.get("/sources"))["items"]
        victim = chance.choice(sources)
        os.kill(victim["pid"], signal.SIGKILL)
        seen = {source["pid"] for source in sources}
        if chance.random() < 0.5:
            seen.add(await until(lambda: flowing(api, victim["id"], victim)))
    await asyncio.sleep(chance.uniform(0, 0.4))
    await hub.kill()
    return seen


async def flowing(api, id, before=None):
    """The pid of a source's worker (another than ``before``), once the source brings more."""
    source = await api.source(id)
    pid, count = (before["pid"], before["events_total"]) if before else (None, 0)
    return source["pid"] != pid and source["events_total"] > count and source["pid"]


async def settled(hub, vendor, webhooks):
    """All that was fed is polled, all that was taken is mapped."""
    async with hub.api() as api:

        async def all_there():
            lpr = {event["id"] for event in await api.events(source="lpr")}
            gate = {event["id"] for event in await api.events(source="gate")}
            return lpr == set(vendor.ledger) and webhooks.taken <= gate and count == len(lpr)

        count = vendor._kept.count
        await until(all_there, deadline_s=120, every_s=1.0)


async def compare(hub, vendor, webhooks):
    async with hub.api() as api:
        polled, pushed = await api.events(source="lpr"), await api.events(source="gate")
        heads = {event["id"]: event["headline"] for event in polled}
        hits = [event["seq"] for event in polled if wanted(event["headline"])]
        alerts = await until(lambda: enough(api, len(hits)), deadline_s=30)
        assert await api.dead() == []
        assert len(await api.events()) == len(polled) + len(pushed)
    assert ids(polled) == sorted(vendor.ledger)
    assert heads == {
        id: f"{said['plate']} read by {said['reader']}" for id, said in vendor.ledger.items()
    }
    names = ids(pushed)
    assert len(names) == len(set(names))
    assert webhooks.taken <= set(names) <= set(webhooks.sent)
    seqs = sorted(event["seq"] for event in polled + pushed)
    assert seqs == list(range(1, len(seqs) + 1))
    assert sorted(seq for alert in alerts for seq in alert["events"]) == sorted(hits)
    print(f"{len(polled)} polled, {len(pushed)} pushed, {len(hits)} hits, {KILLS} kills")


def wanted(headline):
    return int(headline[2:8]) % EVERY_HIT == 0


async def enough(api, count):
    """All alerts, once there are as many as hits."""
    alerts, before = [], None
    while True:
        page = await api.get("/alerts", limit=1000, before=before)
        alerts += page["items"]
        before = page["next"]
        if before is None:
            return alerts if len(alerts) >= count else None


async def gone(workers):
    """No worker outlives its hub."""
    await until(lambda: not [pid for pid in workers if alive(pid)], deadline_s=10)


def alive(pid):
    with contextlib.suppress(OSError):
        return b"watchfloor_sdk" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False
