"""A real worker process against the simulator, killed on the way: nothing lost, nothing made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watchfloor_city import ShotsDetected
from watchfloor_sdk.finding import find
from watchfloor_sdk.testing import check_manifest, run_contract
from watchfloor_soundthinking_style_simulator import SoundthinkingStyleSimulator

START = datetime(2026, 5, 2, 21, 0, tzinfo=UTC)


def night(count: int) -> list[ShotsDetected]:
    """Found, then confirmed or taken back."""
    found = [
        ShotsDetected(
            at=START + timedelta(seconds=n),
            incident=f"{900_000 + n}",
            state="created",
            classification="GUNSHOT OR FIRECRACKER",
            occurred=START + timedelta(seconds=n),
            rounds=n % 5 + 1,
            point=(-90.07, 29.95),
            error_m=25.0,
            address="030XX Example Ave",
        )
        for n in range(count)
    ]
    return [said for one in found for said in (one, _reviewed(one))]


def _reviewed(one: ShotsDetected) -> ShotsDetected:
    cancelled = int(one.incident) % 3 == 0
    return ShotsDetected(
        at=one.at + timedelta(seconds=30),
        incident=one.incident,
        state="cancelled" if cancelled else "updated",
        classification="FIRECRACKERS" if cancelled else "MULTIPLE GUNSHOTS",
        occurred=one.occurred,
        rounds=one.rounds,
        reviewed=True,
        point=one.point,
    )


async def test_contract():
    vendor = SoundthinkingStyleSimulator(heartbeat_s=0.1)
    hub = await run_contract("soundthinking-style", vendor, night(150))
    states = [event["data"]["state"] for event in hub.events.values()]
    assert {state: states.count(state) for state in set(states)} == {
        "created": 150,
        "updated": 100,
        "cancelled": 50,
    }
    assert hub.rejected == []  # heartbeats are no events, and no errors either


def test_the_manifest_fits_its_schema_and_the_settings():
    check_manifest(find("soundthinking-style").connector)
