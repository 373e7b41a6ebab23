"""The connector's real worker against its simulator, killed on the way; and what servers do."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from watchfloor_camera_registry import CameraRegistry
from watchfloor_camera_registry_simulator import CameraRegistrySimulator
from watchfloor_city import Asset, CameraChanged
from watchfloor_sdk import RetryLater
from watchfloor_sdk.network import host_port
from watchfloor_sdk.testing import Fault, HubDouble, check_manifest, run_contract, worker_process

START = datetime(2026, 5, 2, 21, 14, tzinfo=UTC)


def camera(number):
    return Asset(
        id=f"cam-{number}", kind="camera", name=f"Camera {number}", point=(-90.03, 29.98),
        heading_deg=90.0, angle_deg=70.0, range_m=50.0, owner="Example Hardware", access="request",
    )  # fmt: skip


def changed(number, status="offline", minutes=0):
    at = START + timedelta(minutes=minutes)
    return CameraChanged(at=at, camera=f"cam-{number}", status=status, point=(-90.03, 29.98))


@pytest.mark.parametrize("form", ["geojson", "csv"])
async def test_contract(form):
    simulator = CameraRegistrySimulator([camera(number) for number in range(30)], form=form)
    happenings = [changed(number) for number in range(20)]
    hub = await run_contract("camera-registry", simulator, happenings)
    assert len(hub.events) == 20
    assert len(hub.assets) == 30
    asset = hub.assets["cam-7"]
    assert asset["field_of_view"] == {"heading_deg": 90.0, "angle_deg": 70.0, "range_m": 50.0}
    assert asset["access"] == {"level": "request"}
    for word in ("Zed", "555-0100", "rtsp://"):
        assert word not in json.dumps(hub.assets)


async def test_a_removed_camera_goes_and_a_withdrawn_one_says_so():
    simulator = CameraRegistrySimulator([camera(1), camera(2)])
    hub, setup = HubDouble(), await simulator.start()
    try:
        async with worker_process("camera-registry", hub) as worker:
            await worker.initialize("camera-registry", {**setup.config, "every_s": 0.1})
            await hub.until(lambda: len(hub.assets) == 2)
            simulator.remove("cam-1")
            simulator.withdraw("cam-2", START)
            await hub.until(lambda: set(hub.assets) == {"cam-2"})
            assert hub.assets["cam-2"]["access"]["withdrawn"] == "2026-05-02T21:14:00Z"
            await worker.stop()
    finally:
        await simulator.stop()


FAULTS = [
    (Fault.html(), "html_answer"),
    (Fault.status(429, retry_after=7), "rate_limited"),
    (Fault.status(500), "vendor_unavailable"),
    (Fault.half_body(), "half_answer"),
]


@pytest.mark.parametrize(("fault", "code"), FAULTS, ids=[fault.name for fault, _ in FAULTS])
async def test_what_servers_do_takes_no_camera_away(fault, code, reader_of):
    simulator = CameraRegistrySimulator([camera(1)])
    setup = await simulator.start()
    reader = reader_of(setup.config, hosts=[host_port(setup.config["url"])])
    try:
        assert list(await reader.assets()) == ["cam-1"]
        simulator.feed(changed(2))
        simulator.faults.add(fault)
        with pytest.raises(RetryLater) as caught:
            await reader.inventory()
        assert caught.value.code == code
        assert list(await reader.assets()) == ["cam-1", "cam-2"]
    finally:
        await reader.ctx.aclose()
        await simulator.stop()


async def test_a_server_that_hangs_is_left_at_the_deadline(reader_of):
    simulator = CameraRegistrySimulator([camera(1)])
    setup = await simulator.start()
    reader = reader_of(setup.config, hosts=[host_port(setup.config["url"])])
    reader.ctx.http._deadline_s = 0.2
    try:
        simulator.faults.add(Fault.hang())
        with pytest.raises(RetryLater) as caught:
            await reader.inventory()
        assert caught.value.code == "vendor_timeout"
        assert list(await reader.assets()) == ["cam-1"]
    finally:
        await reader.ctx.aclose()
        await simulator.stop()


async def test_an_unchanged_registry_is_not_sent_again(reader_of):
    simulator = CameraRegistrySimulator([camera(1)])
    setup = await simulator.start()
    reader = reader_of(setup.config, hosts=[host_port(setup.config["url"])])
    try:
        await reader.assets()
        document = reader.connector._document
        assert list(await reader.assets()) == ["cam-1"]
        assert reader.connector._document is document
    finally:
        await reader.ctx.aclose()
        await simulator.stop()


def test_the_manifest_fits_its_schema_and_the_settings():
    check_manifest(CameraRegistry)
