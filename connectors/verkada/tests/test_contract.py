"""A real worker process against the simulator, killed on the way: nothing lost, nothing made up.

Pushed and fetched reads are tested apart: the same read says less in the history than in the
webhook (no confidence, no milliseconds), under the same id.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from watchfloor_city import Asset, CameraChanged, Look, PlatePassed
from watchfloor_sdk import LookupRequest, Purpose
from watchfloor_sdk.testing import (
    HubDouble,
    check_manifest,
    run_contract,
    run_lookups,
    worker_process,
)
from watchfloor_verkada.connector import Verkada
from watchfloor_verkada_simulator import Motion, VerkadaSimulator
from watchfloor_verkada_simulator.organisation import camera_id
from watchfloor_verkada_simulator.webhooks import envelope

POINT = (-90.07, 29.95)
ASSETS = [
    Asset(id="gate-1", kind="plate_reader", name="Gate 1", point=POINT, heading_deg=90.0),
    Asset(id="gate-2", kind="plate_reader", name="Gate 2", point=POINT),
    Asset(id="lobby", kind="camera", name="Lobby", point=POINT),
]


def passed(number: int) -> PlatePassed:
    return PlatePassed(
        at=datetime.now(UTC) - timedelta(seconds=600 - number),
        reader=f"gate-{number % 2 + 1}",
        plate=f"ZZT{number:04}",
        region="US-LA",
        confidence=0.9,
        heading_deg=90.0,
        point=POINT,
        vehicle=Look("Ford", "F-150", "white", "pickup"),
    )


def went(status: Any) -> CameraChanged:
    return CameraChanged(at=datetime.now(UTC), camera="lobby", status=status, point=POINT)


def moved() -> Motion:
    return Motion(at=datetime.now(UTC), camera="lobby", point=POINT)


PATIENT = 100_000
"""Requests a minute: the limit has tests of its own, and is in the way of five polls a second."""


async def test_contract_of_what_is_pushed():
    """Without history: no camera reads plates as far as the settings say."""
    config = {"lpr_cameras": ["none-of-them"]}
    happenings = [passed(number) for number in range(300)]
    hub = await run_contract(
        "verkada", VerkadaSimulator(ASSETS, per_minute=PATIENT), happenings, config=config
    )
    assert len(hub.events) == 300
    assert {asset["name"] for asset in hub.assets.values()} == {"Gate 1", "Gate 2", "Lobby"}


class Unpushed(VerkadaSimulator):
    """An organisation whose webhooks lead nowhere: what the hub slept through."""

    def push_to(self, url: str) -> None:
        """Nowhere."""


async def test_contract_of_what_was_missed():
    happenings = [*map(passed, range(250)), went("offline"), went("online"), moved()]
    hub = await run_contract("verkada", Unpushed(ASSETS, per_minute=PATIENT), happenings)
    assert len(hub.events) == 253
    assert hub.checkpoint["swept_until"] > 0
    assert hub.heartbeats[-1].assured_until


async def test_a_read_that_is_pushed_and_then_fetched_is_one_event():
    vendor, hub = VerkadaSimulator(ASSETS, per_minute=PATIENT), HubDouble()
    setup = await vendor.start()
    hub.credentials |= setup.credentials
    bodies: list[bytes] = []
    vendor._send = lambda kind, data: bodies.append(envelope(kind, data))
    for number in range(5):
        vendor.feed(passed(number))
    try:
        async with worker_process("verkada", hub) as worker:
            for body in bodies:
                hub.deliver(body)
            await worker.initialize("verkada", {**setup.config, "every_s": 0.2})
            await hub.hand_over(worker.peer)
            await hub.until(lambda: hub.repeats >= 5)
            await worker.stop()
    finally:
        await vendor.stop()
    assert set(hub.events) == set(vendor.ledger)


def linked(number: int, camera: str, **filters: str) -> LookupRequest:
    purpose = Purpose("exercise", requester="analyst-1", case_number="SIM-1")
    return LookupRequest(
        id=f"q-{number}", offer="footage-link", subject_kind="device", subject=camera,
        purpose=purpose, deadline_s=10.0, filters=filters,
    )  # fmt: skip


async def test_video_is_linked_and_what_cannot_be_is_no_empty_answer():
    lobby = camera_id("lobby")
    at = "2026-09-21T09:15:22-05:00"
    questions = [linked(1, lobby, at=at), linked(2, "nobody's"), linked(3, lobby, at="noon")]
    then, strange, unclear = await run_lookups("verkada", VerkadaSimulator(ASSETS), questions)
    assert then.status == "ok"
    assert then.results[0].data["url"].endswith(f"/cameras/{lobby}/history/1790000122")
    assert [one.status for one in (strange, unclear)] == ["unavailable", "unavailable"]


def test_the_manifest_fits_its_schema_and_the_settings():
    check_manifest(Verkada)
