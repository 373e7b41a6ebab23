"""How the organisation is asked: cameras page by page, tokens, the documented limit."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from watchfloor_sdk import AskAPerson, RetryLater
from watchfloor_sdk.http import TRIES
from watchfloor_sdk.pace import Limit
from watchfloor_sdk.testing import Fault
from watchfloor_verkada import cameras, client
from watchfloor_verkada.connector import Verkada
from watchfloor_verkada_simulator import VerkadaSimulator
from watchfloor_verkada_simulator.limit import Limit as SimulatedLimit

LIMIT = client.LIMIT
DEVICES = "/cameras/v1/devices"


async def test_all_cameras_are_listed_over_several_pages(
    monkeypatch: pytest.MonkeyPatch, assets: Any, running: Any
):
    monkeypatch.setattr(client, "PAGE_SIZE", 10)
    async with running(VerkadaSimulator(assets(24))) as ctx:
        inventory = await Verkada().inventory(ctx)
    assert inventory.complete
    assert len({asset.id for asset in inventory.assets}) == 25


async def test_a_camera_that_cannot_be_read_is_rejected_and_the_others_are_listed(
    ctx: Any, vendor: VerkadaSimulator
):
    first, second = vendor._organisation.cameras.values()
    first["name"] = 7
    second["location_lat"] = 99.0
    inventory = await Verkada().inventory(ctx)
    [asset] = inventory.assets
    assert (asset.id, asset.geometry) == (second["camera_id"], None)
    [row] = inventory.rejected
    assert (json.loads(row.raw), row.code) == (first, "unexpected_shape")


async def test_one_token_serves_many_requests(ctx: Any, vendor: VerkadaSimulator):
    connector = Verkada()
    for _ in range(3):
        await connector.inventory(ctx)
    assert vendor.requests == {"/token": 1, DEVICES: 3}


async def test_a_token_that_ran_out_early_is_exchanged_anew(assets: Any, running: Any):
    vendor = VerkadaSimulator(assets(), token_life_s=0.5)
    async with running(vendor) as ctx:
        connector = Verkada()
        await connector.inventory(ctx)
        await asyncio.sleep(0.6)
        assert len((await connector.inventory(ctx)).assets) == 2
    assert vendor.requests["/token"] == 2


async def test_a_wrong_key_needs_a_person(ctx: Any):
    ctx._hub.credentials = {"api_key": {"api_key": "wrong"}}
    with pytest.raises(AskAPerson):
        await Verkada().inventory(ctx)


async def test_a_refusal_that_a_new_token_does_not_help_needs_a_person(
    ctx: Any, vendor: VerkadaSimulator
):
    vendor.faults.always(Fault.status(403), path=DEVICES)
    with pytest.raises(AskAPerson):
        await Verkada().inventory(ctx)


async def test_over_the_limit_it_cools_down_and_goes_on(ctx: Any, vendor: VerkadaSimulator):
    """429 without Retry-After, as documented."""
    ctx.http._tries = TRIES  # as in a worker
    vendor.faults.queue([Fault.status(429), Fault.status(429)], path=DEVICES)
    assert len((await Verkada().inventory(ctx)).assets) == 2


async def test_a_limit_that_stays_is_left_to_the_worker(ctx: Any, vendor: VerkadaSimulator):
    vendor.faults.always(Fault.status(429, retry_after=7), path=DEVICES)
    with pytest.raises(RetryLater) as caught:
        await Verkada().inventory(ctx)
    assert (caught.value.code, caught.value.retry_after) == ("rate_limited", 7.0)


async def test_requests_are_spaced_within_the_documented_limit(
    ctx: Any, monkeypatch: pytest.MonkeyPatch
):
    assert 60 / LIMIT.spacing_s < 300
    monkeypatch.setattr(client, "LIMIT", Limit(20))
    connector, began = Verkada(), asyncio.get_running_loop().time()
    for _ in range(4):
        await connector.inventory(ctx)
    assert asyncio.get_running_loop().time() - began >= 4 * 0.05  # and the token


async def test_in_a_storm_of_429_all_that_ask_make_one_probe_per_cool_down(
    ctx: Any,
    vendor: VerkadaSimulator,
    monkeypatch: pytest.MonkeyPatch,
    delivery: Any,
    passed: Any,
    sweep: Any,
):
    """Sweep, camera list and a read's look for its camera, as in a worker, with all their tries."""
    monkeypatch.setattr(client, "COOL_DOWN_S", 0.1)
    monkeypatch.setattr(cameras, "PATIENCE_S", 0.5)
    vendor.faults.always(Fault.status(429))
    connector, ctx.http._tries = Verkada(), TRIES
    vendor.feed(passed(1))
    (data,) = vendor.ledger.values()
    asking = [sweep(ctx, None, connector), connector.inventory(ctx)]
    asking += [connector.webhook(ctx, delivery({**data, "camera_id": str(n)})) for n in range(9)]
    async with asyncio.timeout(20):
        await asyncio.gather(*asking, return_exceptions=True)
    began, before = asyncio.get_running_loop().time(), sum(vendor.requests.values())
    with pytest.raises(RetryLater):
        await connector.inventory(ctx)
    intervals = (asyncio.get_running_loop().time() - began) / 0.1
    assert before <= TRIES, "eleven callers were one probe at a time"
    assert sum(vendor.requests.values()) - before <= intervals + 1


def test_the_simulated_limit_cools_down_for_five_seconds():
    clock = iter([0.0] * 300 + [1.0, 5.9, 61.0])
    limit = SimulatedLimit(300, lambda: next(clock))
    assert all(limit.admits() for _ in range(300))
    assert [limit.admits() for _ in range(3)] == [False, False, True]
