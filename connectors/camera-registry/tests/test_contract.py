"""The connector's real worker against its simulator, killed on the way; and what servers do."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from watchfloor_camera_registry import CameraRegistry, Settings
from watchfloor_camera_registry.footage import TRIES
from watchfloor_camera_registry_desk import HubSide
from watchfloor_camera_registry_simulator import CameraRegistrySimulator, reference_of
from watchfloor_city import Asset, CameraChanged
from watchfloor_sdk import ActionRequest, GiveUp, Refused, RetryLater
from watchfloor_sdk.network import host_port
from watchfloor_sdk.testing import (
    Fault,
    HubDouble,
    TestHub,
    check_manifest,
    context,
    run_actions,
    run_contract,
    simulated,
    worker_process,
)

START = datetime(2026, 5, 2, 21, 14, tzinfo=UTC)


def camera(number):
    return Asset(
        id=f"cam-{number}", kind="camera", name=f"Camera {number}", point=(-90.03, 29.98),
        heading_deg=90.0, angle_deg=70.0, range_m=50.0, owner="Example Hardware", access="request",
    )  # fmt: skip


def changed(number, status="offline", minutes=0):
    at = START + timedelta(minutes=minutes)
    return CameraChanged(at=at, camera=f"cam-{number}", status=status, point=(-90.03, 29.98))


@pytest.mark.parametrize("form", ["csv", "desk"])
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


async def test_owners_are_asked_once_and_the_answer_comes_back():
    simulator = CameraRegistrySimulator.rehearsing()
    orders = [one for one in simulator.demo_requests() if isinstance(one, ActionRequest)]
    asked, taken_back = await run_actions("camera-registry", simulator, orders)
    assert asked.outcome == taken_back.outcome == "done"
    assert (asked.reference, taken_back.reference) == tuple(map(reference_of, ("demo-1", "demo-0")))


async def test_what_became_of_requests_is_looked_up():
    simulator = CameraRegistrySimulator.rehearsing()
    order, question, _ = simulator.demo_requests()
    async with simulated(simulator, Settings) as ctx:
        registry = CameraRegistry()
        receipt = await registry.act(ctx, order)
        found = {one.id: one async for one in registry.lookup(ctx, question)}
    assert set(found) == {receipt.reference, reference_of("demo-0")}
    assert found[receipt.reference].title == "Footage of kept-0: no answer yet"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"camera": "cam-unknown"}, "No such camera"),
        ({"camera": "listed"}, "does not want to be asked"),
        ({"end": "2020-01-01T00:00:00Z"}, "window"),
    ],
)
async def test_what_the_desk_does_not_take_is_refused_with_the_reason(changes, words):
    simulator = CameraRegistrySimulator(
        [camera(1), replace(camera(2), id="listed", access="listed")], form="desk"
    )
    order, *_ = CameraRegistrySimulator.rehearsing().demo_requests()
    order = msgspec.structs.replace(
        order, parameters=order.parameters | {"camera": "cam-1"} | changes
    )
    async with simulated(simulator, Settings) as ctx:
        receipt = await CameraRegistry().act(ctx, order)
    assert receipt.outcome == "refused"
    assert words in receipt.detail


async def test_a_list_is_no_desk():
    simulator = CameraRegistrySimulator([camera(1)])
    order, question, _ = simulator.demo_requests()
    async with simulated(simulator, Settings) as ctx:
        with pytest.raises(Refused) as caught:
            await CameraRegistry().act(ctx, order)
        assert caught.value.code == "no_desk"
        with pytest.raises(Refused):
            [one async for one in CameraRegistry().lookup(ctx, question)]


@pytest.mark.parametrize(
    ("after", "error", "code"),
    [(0, RetryLater, "vendor_unavailable"), (9, GiveUp, "footage_doubtful")],
)
async def test_a_request_nobody_heard_of_may_be_made_again_and_a_doubtful_one_not(
    after, error, code
):
    """Both tries end badly; whether the desk can be asked then is the difference."""
    simulator = CameraRegistrySimulator.rehearsing()
    order, *_ = simulator.demo_requests()
    async with simulated(simulator, Settings) as ctx:
        simulator.faults.add(Fault.status(500), path="/hub/footage-requests", times=TRIES + after)
        with pytest.raises(error) as caught:
            await CameraRegistry().act(ctx, order)
    assert caught.value.code == code


async def test_a_camera_comes_from_the_form_and_vanishes_when_it_is_withdrawn(at_work):
    """Even when it was the last: an empty list that says it is whole is believed."""
    app = web.Application()
    app.add_routes(HubSide(at_work.desk, "SIM-token").routes())
    async with TestServer(app) as server:
        config = Settings(desk=str(server.make_url("")).rstrip("/"))
        hub = TestHub({"token": {"token": "SIM-token"}})
        ctx = context(config, hosts=[host_port(config.desk)], hub=hub)
        camera, letter = at_work.confirmed()
        (asset,) = (await CameraRegistry().inventory(ctx)).assets
        assert (asset.id, asset.name, asset.access.level) == (camera, "Home: street", "request")
        assert asset.field_of_view.heading_deg == 135
        at_work.desk.registry.withdraw(letter.token("withdraw"))
        after = await CameraRegistry().inventory(ctx)
        assert (after.assets, after.complete) == ([], True)
        await ctx.aclose()


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
