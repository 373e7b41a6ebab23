"""The connector's real worker against its simulator, killed on the way."""

import pytest

from watchfloor_eido_cad import EidoCad
from watchfloor_eido_cad_simulator import EidoCadSimulator
from watchfloor_sdk.testing import Fault, check_manifest, run_contract


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


def test_the_manifest_fits_its_schema_and_the_settings():
    check_manifest(EidoCad)
