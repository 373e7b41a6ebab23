"""A real worker process against the simulator, killed on the way: nothing lost, nothing doubled."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import islice

from watchfloor_live911_style.connector import Live911Style
from watchfloor_live911_style_simulator import Caller, Live911StyleSimulator
from watchfloor_live911_style_simulator.prepared import message
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
