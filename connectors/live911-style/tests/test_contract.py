"""A real worker process against the simulator, killed on the way: nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice

from aiohttp import web

from watchfloor.webhooks import Door
from watchfloor_live911_style.connector import Live911Style
from watchfloor_live911_style_simulator import Caller, Live911StyleSimulator
from watchfloor_live911_style_simulator.prepared import message
from watchfloor_sdk import Refused
from watchfloor_sdk.check.memory import peak_mb
from watchfloor_sdk.finding import find
from watchfloor_sdk.testing import HubDouble, check_manifest, run_contract
from watchfloor_sdk.testing.contract import running
from watchfloor_sdk.testing.harness import WORKER


async def test_contract() -> None:
    vendor = Live911StyleSimulator()
    hub = await run_contract("live911-style", vendor, islice(vendor.demo(), 120))
    assert len(hub.events) == 120
    assert hub.rejected == []
    assert hub.conflicts == []


async def test_it_keeps_to_its_memory() -> None:
    """500 messages at once: it takes less than its manifest asks for."""
    vendor, hub = Live911StyleSimulator(), HubDouble()
    settings = {"owner": "Example Centre"}
    async with running("live911-style", settings, WORKER, hub) as worker:
        for number in range(500):
            step = vendor.rehearse(number, datetime.now(UTC))
            hub.deliver(json.dumps(message(step)).encode())
        await hub.until(lambda: len(hub.events) == 500, 40.0)
        assert peak_mb(worker.process) < find("live911-style").manifest.memory_mb


async def test_deliveries_outlive_a_change_of_their_token() -> None:
    """The vendor shows the new token before the hub has it: what is refused comes again."""
    vendor = Live911StyleSimulator()
    known = dict((await vendor.start()).credentials)
    statuses: list[int] = []
    taken: set[bytes] = set()
    runner = web.AppRunner(_door(known, statuses, taken), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    vendor.push_to(f"http://127.0.0.1:{runner.addresses[0][1]}/hooks/sim")
    try:
        async with asyncio.timeout(10):
            for step in islice(vendor.demo(), 30):
                vendor.feed(step)
            fresh = vendor.rotate()
            while 401 not in statuses:
                await asyncio.sleep(0.01)
            known |= fresh
            while len(taken) < 30:
                await asyncio.sleep(0.01)
    finally:
        await vendor.stop()
        await runner.cleanup()


def _door(
    known: Mapping[str, Mapping[str, str]], statuses: list[int], taken: set[bytes]
) -> web.Application:
    """Takes what the manifest's recipe finds genuine."""
    (recipe,) = find("live911-style").manifest.recipes

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            Door(recipe, known[recipe.credential], {}).check(headers, body, 0)
        except Refused:
            statuses.append(401)
        else:
            statuses.append(200)
            taken.add(body)
        return web.Response(status=statuses[-1])

    app = web.Application()
    app.router.add_post("/hooks/sim", take)
    return app


def test_the_manifest_fits_its_schema_and_the_settings() -> None:
    check_manifest(Live911Style)


async def test_contract_of_the_subscription() -> None:
    """An EIDO is a snapshot: each call is told once, so that none is overtaken."""
    vendor = Live911StyleSimulator("eido")
    began = datetime.now(UTC)
    callers = [Caller(f"SIM-{n}", began, (-90.0, 30.0), "+15555550100") for n in range(60)]
    hub = await run_contract("live911-style", vendor, [one.stands(began) for one in callers])
    assert len(hub.events) == 60
    assert hub.rejected == []
    assert vendor.subscriptions.answered > 0
