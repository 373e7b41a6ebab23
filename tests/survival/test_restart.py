"""A restart under load: no gap against the vendors' ledgers, and the gap ledger says what was."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from functools import partial

import pytest
from hub import until
from made_up import connect, ids
from vendors import traffic

from watchfloor_lpr_rest_simulator import LprRestSimulator
from watchfloor_sdk.simulation import Fault
from watchfloor_verkada_simulator import VerkadaSimulator

pytestmark = [pytest.mark.survival, pytest.mark.timeout(180)]


async def test_restarts_leave_no_gap(process):
    """A polled vendor and one that pushes, tries twice and forgets: what the hub slept through is
    fetched from its history."""
    polled, pushing = LprRestSimulator(), VerkadaSimulator(per_minute=100_000)
    setups = {"lpr": await polled.start(), "gate": await pushing.start()}
    try:
        async with process.api() as api:
            await connect(api, "lpr", setups["lpr"], every_s=0.2)
            await connect(api, "gate", setups["gate"], every_s=1)
        pushing.push_to(f"{process.hooks_url}gate")
        async with traffic(polled.feed, 200), traffic(pushing.feed, 5):
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
                await flowing(process)
                assert await process.stop(number) == 0
                await process.start()
            await flowing(process)
        async with process.api() as api:
            for id, vendor in (("lpr", polled), ("gate", pushing)):
                await until(partial(complete, api, id, vendor), 60, 0.5)
            assert await api.dead() == []
    finally:
        await polled.stop()
        await pushing.stop()


async def flowing(process):
    async with process.api() as api:
        for id in ("lpr", "gate"):
            await until(partial(brought, api, id), deadline_s=30)


async def brought(api, id):
    return (await api.source(id))["events_total"]


async def complete(api, id, vendor):
    """The hub has what the vendor has handed out or can still hand out, each once."""
    found = ids(await api.events(source=id))
    assert len(found) == len(set(found))
    return found == sorted(vendor.ledger) and len(found) > 10


async def test_the_gap_ledger_says_when_the_hub_was_away_and_that_it_was_filled(process):
    vendor = LprRestSimulator()
    setup = await vendor.start()
    try:
        async with process.api() as api:
            await connect(api, "lpr", setup, every_s=0.2)
            async with traffic(vendor.feed, 50):
                await until(lambda: brought(api, "lpr"))
                await until(lambda: assured(api))
        before = datetime.now(UTC)
        assert await process.stop() == 0
        vendor.faults.always(Fault.status(503))
        async with traffic(vendor.feed, 50, first=1000):
            await process.start()
            async with process.api() as api:
                [gap] = await until(lambda: gaps(api), deadline_s=20)
                assert gap["source"] == "lpr"
                assert gap["end"] is None
                assert "not connected" in gap["reason"]
                assert datetime.fromisoformat(gap["start"]) <= before
                status = await status_of(api, "lpr")
                assert status["state"] == "gap"
                vendor.faults.clear()
                await until(lambda: none_left(api), deadline_s=30)
        async with process.api() as api:
            await until(lambda: complete(api, "lpr", vendor), 30, 0.5)
            assert (await status_of(api, "lpr"))["state"] == "ok"
    finally:
        await vendor.stop()


async def assured(api):
    return (await api.source("lpr"))["assured_until"]


async def gaps(api):
    return (await api.get("/gaps", source="lpr"))["items"]


async def none_left(api):
    return not await gaps(api)


async def status_of(api, source):
    """What a search says of a source."""
    lines = await api.lines("/search", q="kind:call since:1h", limit=1)
    return next(line["status"] for line in lines if line.get("status", {}).get("source") == source)
