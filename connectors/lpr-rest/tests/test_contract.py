"""A real worker process against the simulator, killed on the way: nothing lost, nothing made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watchfloor_city import Asset, Look, PlatePassed
from watchfloor_lpr_rest.connector import LprRest
from watchfloor_lpr_rest_simulator import LprRestSimulator
from watchfloor_sdk.testing import Fault, check_manifest, run_contract

READERS = [
    Asset(id=f"lpr-{n}", kind="plate_reader", name=f"Reader {n}", point=(-90.07, 29.95))
    for n in range(4)
]
START = datetime(2026, 5, 2, 21, 0, tzinfo=UTC)


def traffic(count: int) -> list[PlatePassed]:
    return [
        PlatePassed(
            at=START + timedelta(milliseconds=40 * n),
            reader=f"lpr-{n % 4}",
            plate=f"ZZT{n % 900:04}",
            region="US-LA",
            confidence=0.9,
            heading_deg=90.0,
            point=(-90.07, 29.95),
            vehicle=Look("Ford", "F-150", "white", "pickup"),
        )
        for n in range(count)
    ]


async def test_contract():
    hub = await run_contract("lpr-rest", LprRestSimulator(READERS), traffic(3_500))
    assert len(hub.events) == 3_500
    assert set(hub.assets) == {reader.id for reader in READERS}


async def test_contract_with_a_vendor_that_has_a_bad_day():
    vendor = LprRestSimulator(READERS)
    vendor.faults.queue(
        [Fault.html(), Fault.half_body(), Fault.status(429, retry_after=1)], path="/reads"
    )
    vendor.faults.add(Fault.duplicate(), path="/reads", after=2)
    hub = await run_contract("lpr-rest", vendor, traffic(1_500))
    assert len(hub.events) == 1_500


def test_the_manifest_fits_its_schema_and_the_settings():
    check_manifest(LprRest)
