"""A real worker process against the simulated platform, killed on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.webhooks import Door
from watchfloor_city import Asset, CameraChanged
from watchfloor_fusus_style_simulator import FususStyleSimulator
from watchfloor_sdk import Refused
from watchfloor_sdk.finding import find
from watchfloor_sdk.testing import Fault, HubDouble, check_manifest, run_contract, worker_process

START = datetime(2026, 5, 2, 21, 0, tzinfo=UTC)
POINT = (-90.07, 29.95)
CAMERAS = [
    Asset(id=f"SIM-C-{n}", kind="camera", name=f"Camera {n}", point=POINT, heading_deg=90.0,
          range_m=60.0)
    for n in range(250)
]  # fmt: skip


def trouble(count: int) -> list[CameraChanged]:
    return [
        CameraChanged(
            at=START + timedelta(minutes=number),
            camera=f"SIM-C-{number % 250}",
            status="online" if number % 2 else "offline",
            point=POINT,
            reason="No picture",
        )
        for number in range(count)
    ]


async def test_contract():
    hub = await run_contract("fusus-style", FususStyleSimulator(CAMERAS), trouble(200))
    assert len(hub.events) == 200
    assert not hub.rejected


async def test_cameras_and_registrations_are_listed_also_by_a_platform_that_has_a_bad_day():
    platform, hub = FususStyleSimulator(CAMERAS), HubDouble()
    platform.faults.queue([Fault.html(), Fault.half_body(), Fault.status(429, retry_after=1)])
    setup = await platform.start()
    hub.credentials |= setup.credentials
    try:
        async with worker_process("fusus-style", hub) as worker:
            await worker.initialize("fusus-style", {**setup.config, "every_s": 0.2})
            await hub.until(lambda: bool(hub.assets), 30.0)
            await worker.stop()
    finally:
        await platform.stop()
    cameras = {f"camera:{one.id}" for one in CAMERAS}
    registrations = {f"registration:{one.id}" for one in CAMERAS[::3]}
    assert set(hub.assets) == cameras | registrations


async def test_the_recipe_takes_the_account_and_no_other():
    """By the hub's own verifier."""
    platform = FususStyleSimulator(CAMERAS)
    account = (await platform.start()).credentials["push_account"]
    await platform.stop()
    (recipe,) = find("fusus-style").manifest.recipes
    headers = {name.lower(): text for name, text in platform._sign(b"{}").items()}
    Door(recipe, account, {}).check(headers, b"{}", 0)
    for sent, known in ((headers, {**account, "password": "other"}), ({}, account)):
        with pytest.raises(Refused):
            Door(recipe, known, {}).check(sent, b"{}", 0)


def test_the_manifest_fits_its_schema_and_the_settings():
    check_manifest(find("fusus-style").connector)
