"""The connector's real worker against its simulator, killed on the way."""

import pytest

from watchfloor_eido_cad import EidoCad
from watchfloor_eido_cad_simulator import EidoCadSimulator
from watchfloor_sdk.check.memory import peak_mb
from watchfloor_sdk.finding import find
from watchfloor_sdk.testing import Fault, HubDouble, check_manifest, run_contract
from watchfloor_sdk.testing.contract import running, wrong_of
from watchfloor_sdk.testing.harness import WORKER


async def test_contract(make):
    """An EIDO is a snapshot: calls of the second half are others, so that none is overtaken."""
    happenings = []
    for number in range(30):
        happenings += [make.call(number, units=("3A12",)), make.unit(f"U{number}", number)]
    hub = await run_contract("eido-cad", EidoCadSimulator(), happenings)
    assert len(hub.events) == 30 * 3
    assert hub.rejected == []


@pytest.mark.parametrize("faults", [[], [Fault.status(503), Fault.dropped()]])
async def test_contract_of_the_subscription(make, faults):
    """Pushed while the worker is killed (kill -9) half way, before it has answered all: what the
    hub does not have comes with the next subscription, and nothing twice."""
    vendor = EidoCadSimulator(way="subscription")
    vendor.faults.queue(faults, path=vendor.path)
    hub = await run_contract(
        "eido-cad", vendor, [make.call(number, units=("3A12",)) for number in range(60)]
    )
    assert len(hub.events) == 60 * 2
    assert hub.rejected == []
    assert vendor.subscriptions.answered > 0


async def test_a_subscription_outlives_a_change_of_its_token(make):
    """The connection ends with it; what happens meanwhile comes with the next one."""
    vendor, hub = EidoCadSimulator(way="subscription"), HubDouble()
    setup = await vendor.start()
    hub.credentials.update(setup.credentials)
    try:
        async with running("eido-cad", {**setup.config, "every_s": 0.2}, WORKER, hub):
            for number in range(20):
                vendor.feed(make.call(number))
            await hub.until(lambda: bool(hub.events))
            hub.credentials |= vendor.rotate()
            for number in range(20, 40):
                vendor.feed(make.call(number))
            await hub.until(lambda: len(hub.events) == 40, 30.0)
    finally:
        await vendor.stop()
    assert wrong_of(hub, vendor) == ""


def test_the_manifest_fits_its_schema_and_the_settings():
    check_manifest(EidoCad)


async def test_it_keeps_to_its_memory(make):
    """With 500 active calls, all in one notification, it takes less than its manifest asks for."""
    vendor = EidoCadSimulator(way="subscription")
    hub = HubDouble()
    setup = await vendor.start()
    hub.credentials.update(setup.credentials)
    for number in range(500):
        vendor.feed(make.call(number))
    try:
        async with running("eido-cad", {**setup.config, "every_s": 0.2}, WORKER, hub) as worker:
            await hub.until(lambda: len(hub.events) == 500, 30.0)
            assert peak_mb(worker.process) < find("eido-cad").manifest.memory_mb
    finally:
        await vendor.stop()
