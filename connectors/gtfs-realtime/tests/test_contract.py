"""A real worker process against the simulator, killed on the way: nothing lost, nothing made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watchfloor_city import UnitMoved, VehicleMoved
from watchfloor_gtfs_realtime.connector import GtfsRealtime
from watchfloor_gtfs_realtime_simulator import GtfsRealtimeSimulator
from watchfloor_sdk.testing import Fault, check_manifest, run_contract


def buses(count: int) -> list[VehicleMoved]:
    now = datetime.now(UTC)
    return [
        VehicleMoved(
            at=now - timedelta(seconds=n % 60),
            vehicle=f"{4000 + n}",
            label=f"Bus {4000 + n}",
            route="D96",
            trip="30095100",
            point=(-77.08 + n / 10_000, 38.93),
            speed_mps=None if n % 7 == 0 else 8.84,
            course_deg=None if n % 5 == 0 else 133.0,
        )
        for n in range(count)
    ]


def units(count: int) -> list[UnitMoved]:
    now = datetime.now(UTC)
    return [
        UnitMoved(
            at=now, unit=f"5A{n}", point=(-90.07, 29.95 + n / 10_000), speed_mps=3.0, course_deg=0.0
        )
        for n in range(count)
    ]


async def test_contract():
    hub = await run_contract("gtfs-realtime", GtfsRealtimeSimulator(), buses(600))
    assert len(hub.events) == 600
    one = hub.events[next(iter(hub.events))]["data"]
    assert one["fleet"] == "Example Transit"


async def test_contract_of_the_agencys_own_units():
    hub = await run_contract("gtfs-realtime", GtfsRealtimeSimulator(units=True), units(40))
    assert {event["data"]["unit"] for event in hub.events.values()} == {f"5A{n}" for n in range(40)}
    assert {event["dataclassification"] for event in hub.events.values()} == {"le-sensitive"}


async def test_contract_with_a_vendor_that_has_a_bad_day():
    vendor = GtfsRealtimeSimulator()
    vendor.faults.queue([Fault.html(), Fault.half_body()])
    vendor.faults.add(Fault.status(429, retry_after=1), after=2)
    hub = await run_contract("gtfs-realtime", vendor, buses(100))
    assert len(hub.events) == 100


def test_the_manifest_fits_its_schema_and_the_settings():
    check_manifest(GtfsRealtime)
