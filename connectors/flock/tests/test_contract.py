"""A real worker process against the simulator: alerts and devices; and who may send alerts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from multidict import CIMultiDict

import watchfloor_flock
from watchfloor.contracts import Manifest
from watchfloor.webhooks import Door, chosen
from watchfloor_city import Asset, PlatePassed
from watchfloor_flock.connector import Flock
from watchfloor_flock.settings import Settings
from watchfloor_flock_simulator import FlockSimulator
from watchfloor_sdk import AskAPerson, Refused, RetryLater
from watchfloor_sdk.testing import (
    Fault,
    HubDouble,
    check_manifest,
    run_contract,
    simulated,
    worker_process,
)

MANIFEST = msgspec.json.decode(
    Path(watchfloor_flock.__file__).with_name("connector.json").read_bytes(), type=Manifest
)
BODY = b'{"objectId": "SIM"}'


async def test_contract():
    """200 alerts, every third of a plate that two lists have; one in ten comes twice."""
    hub = await run_contract("flock")
    assert len(hub.events) == 267
    assert {event["type"] for event in hub.events.values()} == {"watchfloor.lpr.hit.v1"}
    assert {asset["kind"] for asset in hub.assets.values()} == {"plate_reader", "camera"}


async def test_a_bad_alert_and_the_xml_form_go_to_the_dead_letters_and_the_rest_flows():
    golden = json.loads((Path(__file__).parent / "golden/alert.json").read_text())["delivery"]
    vendor, hub = FlockSimulator.rehearsing(), HubDouble()
    setup = await vendor.start()
    hub.credentials |= setup.credentials
    hub.deliver(json.dumps({**golden, "ocr": None}).encode(), {"Content-Type": "application/json"})
    hub.deliver(b"<x>ZZT0001</x>", {"Content-Type": "application/xml"})
    hub.deliver(json.dumps(golden).encode(), {"Content-Type": "application/json"})
    try:
        async with worker_process("flock", hub) as worker:
            await worker.initialize("flock", setup.config)
            await hub.hand_over(worker.peer)
    finally:
        await vendor.stop()
    assert [rejected.code for rejected in hub.rejected] == ["no_plate", "xml_not_public"]
    assert set(hub.events) == {event["id"] for event in _golden_events()}


def _golden_events() -> list[dict[str, Any]]:
    return json.loads((Path(__file__).parent / "golden/alert.json").read_text())["events"]


@pytest.mark.parametrize("scheme", ["apiKey", "basic"])
def test_the_manifests_recipes_take_what_flock_sends_and_nothing_else(
    scheme: Literal["apiKey", "basic"],
):
    vendor = FlockSimulator(scheme=scheme)
    setup = vendor.setup("http://127.0.0.1:1")
    recipe = chosen(MANIFEST.recipes, setup.config)
    secret = setup.credentials[recipe.credential]
    door = Door(recipe, secret, setup.config)
    headers = CIMultiDict(vendor._sign(BODY))
    door.check(headers, BODY, 0)
    [name] = headers
    for wrong in ({}, {name: "SIM-other"}, {name: headers[name][:-1]}, {"x-other": headers[name]}):
        with pytest.raises(Refused):
            door.check(CIMultiDict(wrong), BODY, 0)


@pytest.mark.parametrize("scheme", ["none", "oauth2"])
def test_the_schemes_that_prove_nothing_here_are_not_offered(scheme: str):
    with pytest.raises(AskAPerson):
        chosen(MANIFEST.recipes, {"webhook_scheme": scheme, "webhook_header": "x-api-key"})


def test_the_manifest_fits_its_schema_and_the_settings():
    check_manifest(Flock)


@pytest.mark.parametrize("first", [0, 1], ids=["pages from 0", "pages from 1"])
async def test_all_devices_are_listed_wherever_flock_begins_to_count(first: int):
    many = [
        Asset(
            id=f"SIM-{number}", kind="plate_reader", name=f"Reader {number}", point=(-100.0, 40.0)
        )
        for number in range(250)
    ]
    vendor = FlockSimulator(many, first_page=first)
    async with simulated(vendor, Settings) as ctx:
        listed = await Flock().inventory(ctx)
    assert listed.complete
    assert {asset.id for asset in listed.assets} == set(vendor.organisation.devices)


async def test_a_list_that_is_shorter_than_it_says_removes_nothing(assets: list[Asset]):
    vendor = FlockSimulator(assets)
    short = {"results": [], "totalItems": 2, "totalPages": 1}
    vendor.faults.always(Fault.instead(json.dumps(short).encode()), path="/api/v3/devices")
    async with simulated(vendor, Settings) as ctx:
        with pytest.raises(RetryLater) as caught:
            await Flock().inventory(ctx)
    assert caught.value.code == "page_changed"


async def test_check_tells_a_missing_scope_from_a_bad_client(assets: list[Asset]):
    vendor = FlockSimulator(assets, scopes=frozenset())
    async with simulated(vendor, Settings) as ctx:
        devices, hot_lists = await Flock().check(ctx)
    assert (devices.ok, devices.detail) == (True, "Flock lists 2 devices.")
    assert not hot_lists.ok
    assert "scopes" in hot_lists.remedy


@pytest.mark.parametrize("audience", ["com.flocksafety.integrations.dev", "search"])
async def test_a_wrong_audience_asks_a_person(assets: list[Asset], audience: str):
    async with simulated(FlockSimulator(assets), Settings, audience=audience) as ctx:
        with pytest.raises(AskAPerson):
            await Flock().check(ctx)


async def test_a_picture_is_fetched_until_its_address_runs_out(
    assets: list[Asset], passed: Callable[..., PlatePassed]
):
    vendor = FlockSimulator(assets, ncic={"ZZT0001"})
    async with simulated(vendor, Settings) as ctx:
        vendor.feed(passed("ZZT0001"))
        [alert] = vendor.ledger.values()
        url = alert["imageUrl"]
        assert (await Flock().media(ctx, url)).state == "fetched"
        assert (await Flock().media(ctx, url.partition("?")[0] + "?Expires=1")).state == "expired"
        with pytest.raises(Refused):
            await Flock().media(ctx, "https://elsewhere.example.org/1")


async def test_only_plates_on_ncic_or_a_custom_list_raise_alerts(
    assets: list[Asset], passed: Callable[..., PlatePassed]
):
    vendor = FlockSimulator(assets, ncic={"ZZT0001"})
    vendor.feed(passed("ZZT0002"))
    vendor.feed(passed("ZZT0001", reader="somebody-elses"))
    assert not vendor.ledger
