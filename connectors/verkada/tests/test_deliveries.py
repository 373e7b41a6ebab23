"""What comes by webhook, and the pictures that it names."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from multidict import CIMultiDict

import watchfloor_verkada
from watchfloor.contracts import Manifest, WebhookRecipe
from watchfloor.webhooks import verify
from watchfloor_sdk import Refused
from watchfloor_sdk.testing import Fault
from watchfloor_verkada import cameras
from watchfloor_verkada.connector import Verkada
from watchfloor_verkada_simulator import VerkadaSimulator
from watchfloor_verkada_simulator.webhooks import sign

DEVICES = "/cameras/v1/devices"


@pytest.fixture
def pushed(passed: Any, delivery: Any) -> Callable[..., Awaitable[Any]]:
    """The place of a read that comes by webhook."""

    async def pushed(ctx: Any, vendor: VerkadaSimulator, connector: Verkada, number: int) -> Any:
        vendor.feed(passed(number))
        [event] = await connector.webhook(ctx, delivery(list(vendor.ledger.values())[-1]))
        assert event.data.plate == f"ZZT{number:04}"
        return event.data.place

    return pushed


async def test_the_first_read_waits_for_the_camera_list(
    ctx: Any, vendor: VerkadaSimulator, point: Any, pushed: Any
):
    assert (await pushed(ctx, vendor, Verkada(), 1)).point == point


async def test_reads_and_inventory_at_the_start_share_one_list(
    ctx: Any, vendor: VerkadaSimulator, point: Any, pushed: Any
):
    connector = Verkada()
    reads = [pushed(ctx, vendor, connector, number) for number in range(5)]
    places = await asyncio.gather(connector.inventory(ctx), *reads)
    assert [place.point for place in places[1:]] == [point] * 5
    assert vendor.requests[DEVICES] == 1


async def test_what_is_not_ours_needs_no_list(ctx: Any, vendor: VerkadaSimulator, delivery: Any):
    connector = Verkada()
    assert await connector.webhook(ctx, delivery({}, "alert")) == []
    other = {"camera_id": "x", "created": 1790000122, "notification_type": "crowd"}
    assert await connector.webhook(ctx, delivery(other, "notification")) == []
    assert not vendor.requests


async def test_a_camera_that_is_new_is_looked_for_at_once_and_then_not_for_a_while(
    ctx: Any, vendor: VerkadaSimulator, delivery: Any, passed: Any, point: Any
):
    connector = Verkada()
    await connector.inventory(ctx)
    vendor.feed(passed(1))
    (data,) = vendor.ledger.values()
    for number in range(3):
        await connector.webhook(ctx, delivery({**data, "camera_id": f"unheard-of-{number}"}))
    assert vendor.requests[DEVICES] == 2
    connector._cameras._again_at = 0.0
    new = "gate-0-moved"
    vendor._organisation.cameras[new] = {
        **next(iter(vendor._organisation.cameras.values())), "camera_id": new,
    }  # fmt: skip
    [event] = await connector.webhook(ctx, delivery({**data, "camera_id": new}))
    assert event.data.place.point == point


@pytest.mark.parametrize(
    "fault",
    [Fault.status(500), Fault.status(403), Fault.html(), Fault.hang()],
    ids=lambda fault: fault.name,
)
async def test_without_a_list_a_read_goes_without_its_place(
    ctx: Any, vendor: VerkadaSimulator, fault: Fault, monkeypatch: pytest.MonkeyPatch, pushed: Any
):
    """It is neither lost nor held up, and the list is not asked for with every read."""
    monkeypatch.setattr(cameras, "PATIENCE_S", 1.0)
    vendor.faults.always(fault, path=DEVICES)
    connector, began = Verkada(), asyncio.get_running_loop().time()
    places = [await pushed(ctx, vendor, connector, number) for number in range(20)]
    assert places == [None] * 20
    assert asyncio.get_running_loop().time() - began < 4
    assert vendor.requests[DEVICES] == 1
    [(level, message)] = ctx._hub.logged
    assert (level, "without a place" in message) == ("warning", True)


async def test_after_a_while_a_list_that_could_not_be_had_is_asked_for_again(
    ctx: Any, vendor: VerkadaSimulator, point: Any, pushed: Any
):
    vendor.faults.add(Fault.status(500), path=DEVICES)
    connector = Verkada()
    assert await pushed(ctx, vendor, connector, 1) is None
    assert await pushed(ctx, vendor, connector, 2) is None
    connector._cameras._again_at = 0.0
    assert (await pushed(ctx, vendor, connector, 3)).point == point


@pytest.fixture
def recipe() -> WebhookRecipe:
    text = Path(watchfloor_verkada.__file__).with_name("connector.json").read_bytes()
    return msgspec.json.decode(text, type=Manifest).webhook


def test_the_manifests_recipe_takes_the_vendors_signature_and_no_other(recipe: WebhookRecipe):
    body, now = b'{"webhook_type":"lpr"}', 1_790_000_123
    headers = CIMultiDict(sign("s3cret", body, now))
    verify(recipe, b"s3cret", headers, body, (now + 59) * 1_000_000)
    for secret, sent, at in [
        (b"other", body, now),
        (b"s3cret", body + b" ", now),
        (b"s3cret", body, now + 61),
    ]:
        with pytest.raises(Refused):
            verify(recipe, secret, headers, sent, at * 1_000_000)


def test_a_signature_with_its_time_in_milliseconds_is_taken_too(recipe: WebhookRecipe):
    now_ms = 1_790_000_123_500
    headers = CIMultiDict(sign("s3cret", b"{}", now_ms))
    verify(recipe, b"s3cret", headers, b"{}", now_ms * 1000)


async def test_a_picture_is_fetched_while_its_address_is_valid(
    ctx: Any, vendor: VerkadaSimulator, passed: Any
):
    vendor.feed(passed(7))
    (data,) = vendor.ledger.values()
    answer = await Verkada().media(ctx, data["image_url"])
    assert (answer.state, answer.content_type) == ("fetched", "image/svg+xml")


async def test_a_picture_whose_address_ran_out_says_so(assets: Any, passed: Any, running: Any):
    vendor = VerkadaSimulator(assets(), pictures_for_s=1)
    async with running(vendor) as ctx:
        vendor.feed(passed(7))
        (data,) = vendor.ledger.values()
        assert (await Verkada().media(ctx, data["image_url"])).state == "expired"


async def test_a_picture_from_a_host_that_is_not_set_is_refused(ctx: Any):
    with pytest.raises(Refused):
        await Verkada().media(ctx, "https://elsewhere.example.org/1")
