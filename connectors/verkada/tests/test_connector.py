"""The connector against the simulated organisation: tokens, limits, pages, history, pictures."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from multidict import CIMultiDict

import watchfloor_verkada
from watchfloor.contracts import Manifest, WebhookRecipe
from watchfloor.webhooks import verify
from watchfloor_city import Asset, CameraChanged, Look, PlatePassed
from watchfloor_sdk import AskAPerson, Delivery, Page, Refused, RetryLater
from watchfloor_sdk.http import TRIES, Http
from watchfloor_sdk.pace import Limit
from watchfloor_sdk.testing import Fault, simulated
from watchfloor_verkada import cameras, client
from watchfloor_verkada.connector import Verkada
from watchfloor_verkada.settings import Settings
from watchfloor_verkada.sweep import MOST_NAMED, OVERLAP_S
from watchfloor_verkada_simulator import VerkadaSimulator
from watchfloor_verkada_simulator.limit import Limit as SimulatedLimit
from watchfloor_verkada_simulator.organisation import camera_id
from watchfloor_verkada_simulator.webhooks import envelope, sign

NOW = datetime.now(UTC)
POINT = (-90.07, 29.95)
LIMIT = client.LIMIT
DEVICES = "/cameras/v1/devices"
PLATES = "/cameras/v1/analytics/lpr/images"


def assets(count: int = 1) -> list[Asset]:
    readers = [
        Asset(id=f"gate-{n}", kind="plate_reader", name=f"Gate {n}", point=POINT)
        for n in range(count)
    ]
    return [*readers, Asset(id="lobby", kind="camera", name="Lobby", point=POINT)]


def passed(number: int, ago_s: float = 60.0) -> PlatePassed:
    return PlatePassed(
        at=NOW - timedelta(seconds=ago_s),
        reader="gate-0",
        plate=f"ZZT{number:04}",
        region="US-LA",
        confidence=0.9,
        heading_deg=90.0,
        point=POINT,
        vehicle=Look("Ford", "F-150", "white", "pickup"),
    )


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client, "LIMIT", Limit(100_000))
    monkeypatch.setattr(client, "COOL_DOWN_S", 0.01)


def running(vendor: VerkadaSimulator, **config: Any) -> AbstractAsyncContextManager[Any]:
    return simulated(vendor, Settings, source="vk", **config)


@pytest.fixture
def vendor() -> VerkadaSimulator:
    return VerkadaSimulator(assets())


@pytest.fixture
async def ctx(vendor: VerkadaSimulator) -> AsyncIterator[Any]:
    async with running(vendor) as configured:
        yield configured


def delivery(data: Any, kind: str = "lpr") -> Delivery:
    return Delivery(1, NOW, {}, envelope(kind, data))


async def sweep(ctx: Any, checkpoint: Any = None, connector: Verkada | None = None) -> list[Page]:
    return [page async for page in (connector or Verkada()).poll(ctx, checkpoint)]


def ids(pages: list[Page]) -> set[str]:
    return {event.id for page in pages for event in page.events}


# --- Cameras and tokens ----------------------------------------------------------------------


async def test_all_cameras_are_listed_over_several_pages(monkeypatch: pytest.MonkeyPatch):
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


async def test_a_token_that_ran_out_early_is_exchanged_anew():
    vendor = VerkadaSimulator(assets(), token_life_s=0.05)
    async with running(vendor) as ctx:
        connector = Verkada()
        await connector.inventory(ctx)
        await asyncio.sleep(0.06)
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
    ctx: Any, vendor: VerkadaSimulator, monkeypatch: pytest.MonkeyPatch
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


# --- History ---------------------------------------------------------------------------------


async def test_missed_reads_and_camera_states_are_fetched(ctx: Any, vendor: VerkadaSimulator):
    for number in range(450):
        vendor.feed(passed(number))
    vendor.feed(CameraChanged(at=NOW, camera="lobby", status="offline", point=POINT))
    pages = await sweep(ctx)
    assert ids(pages) == set(vendor.ledger)
    assert pages[-1].assured_until is not None
    for page in pages[:-1]:
        assert page.checkpoint is None  # only a whole sweep moves it
        rows = json.loads(page.raw)
        assert all(_found(rows, pointer) for pointer in page.pointers)


def _found(document: Any, pointer: str) -> Any:
    _, field, index = pointer.split("/")
    return document[field][int(index)]


async def test_a_sweep_begins_a_little_before_the_last_one_ended(
    ctx: Any, vendor: VerkadaSimulator
):
    vendor.feed(passed(1, ago_s=60))
    vendor.feed(passed(2, ago_s=600))
    pages = await sweep(ctx, {"swept_until": int(NOW.timestamp())})
    assert [event.data.plate for page in pages for event in page.events] == ["ZZT0001"]


@pytest.mark.parametrize(("hours", "plates"), [(0.5, {"ZZT0001"}), (2, {"ZZT0001", "ZZT0002"})])
async def test_no_further_back_than_the_settings_say(hours: float, plates: set[str]):
    vendor = VerkadaSimulator(assets())
    vendor.feed(passed(1, ago_s=60))
    vendor.feed(passed(2, ago_s=3600))
    async with running(vendor, backfill_hours=hours) as ctx:
        pages = await sweep(ctx, {"swept_until": 0})
    assert {event.data.plate for page in pages for event in page.events} == plates


async def test_a_camera_that_reads_no_plates_is_asked_once(ctx: Any, vendor: VerkadaSimulator):
    connector = Verkada()
    await sweep(ctx, None, connector)
    await sweep(ctx, None, connector)
    assert vendor.requests[PLATES] == 3  # the gate twice, the lobby (412) once


async def broken_sweep(
    ctx: Any, checkpoint: Any = None, connector: Verkada | None = None
) -> tuple[list[Page], AskAPerson]:
    """A sweep that ends with a problem: the pages that came before it, and the problem."""
    pages: list[Page] = []
    with pytest.raises(AskAPerson) as caught:
        async for page in (connector or Verkada()).poll(ctx, checkpoint):
            pages.append(page)
    return pages, caught.value


async def test_a_camera_that_is_refused_otherwise_does_not_pass_for_one_without_plates(
    ctx: Any, vendor: VerkadaSimulator
):
    """400 may be our own mistake: the other cameras are read, and nothing is assured."""
    vendor.feed(passed(1))
    vendor.faults.add(Fault.status(400), path=PLATES)
    connector = Verkada()
    pages, problem = await broken_sweep(ctx, None, connector)
    assert problem.code == "cameras_left_behind"
    assert f"{camera_id('gate-0')} (" in problem.detail
    assert "status 400" in problem.detail
    assert all(page.assured_until is None for page in pages)
    assert vendor.requests[PLATES] == 2
    assert ids(await sweep(ctx, pages[-1].checkpoint, connector)) == set(vendor.ledger)


async def test_only_the_named_cameras_are_asked(vendor: VerkadaSimulator):
    async with running(vendor, lpr_cameras=[camera_id("gate-0")]) as ctx:
        await sweep(ctx)
    assert vendor.requests[PLATES] == 1


async def test_a_named_camera_that_is_gone_is_said_and_holds_up_no_other():
    """The other camera's plates come, the checkpoint moves, and the state says which is missing
    and what to do."""
    vendor = VerkadaSimulator(assets(2))
    vendor.feed(passed(1))
    async with running(vendor, lpr_cameras=["gone", camera_id("gate-0")]) as ctx:
        pages, problem = await broken_sweep(ctx)
    assert ids(pages) == set(vendor.ledger)
    checkpoint = pages[-1].checkpoint
    assert checkpoint["behind"] == {"gone": checkpoint["swept_until"] - 24 * 3600}
    assert pages[-1].assured_until is None
    assert "gone (Verkada knows no such camera)" in problem.detail
    assert camera_id("gate-0") not in problem.detail
    assert "lpr_cameras" in problem.remedy


async def test_the_problem_clears_when_the_settings_are_mended(vendor: VerkadaSimulator):
    async with running(vendor, lpr_cameras=["gone", camera_id("gate-0")]) as ctx:
        pages, _ = await broken_sweep(ctx)
    async with running(vendor, lpr_cameras=[camera_id("gate-0")]) as ctx:
        mended = await sweep(ctx, pages[-1].checkpoint)
    assert "behind" not in mended[-1].checkpoint
    assert mended[-1].assured_until is not None


async def test_a_camera_that_is_back_is_fetched_from_where_it_stopped(vendor: VerkadaSimulator):
    """What it saw while it could not be had lies before the sweeps of the other cameras."""
    vendor.feed(passed(1, ago_s=3600))
    gate = camera_id("gate-0")
    lost = vendor._organisation.cameras.pop(gate)
    stopped = int((NOW - timedelta(hours=2)).timestamp())
    checkpoint: Any = {"swept_until": stopped}
    async with running(vendor, lpr_cameras=[gate]) as ctx:
        connector = Verkada()
        for _ in range(3):
            pages, _ = await broken_sweep(ctx, checkpoint, connector)
            checkpoint = pages[-1].checkpoint
            assert checkpoint["behind"] == {gate: stopped - OVERLAP_S}
        vendor._organisation.cameras[gate] = lost
        pages = await sweep(ctx, checkpoint, connector)
    assert ids(pages) == set(vendor.ledger)
    assert "behind" not in pages[-1].checkpoint


async def test_a_named_camera_that_reads_no_plates_is_said(vendor: VerkadaSimulator):
    """Whoever names a camera expects its plates: "none" must not look like "none seen"."""
    async with running(vendor, lpr_cameras=[camera_id("lobby")]) as ctx:
        _, problem = await broken_sweep(ctx)
    assert f"{camera_id('lobby')} (it is not in plate-reading mode)" in problem.detail


async def test_of_many_cameras_that_are_gone_a_few_are_named(vendor: VerkadaSimulator):
    async with running(vendor, lpr_cameras=[f"gone-{n}" for n in range(40)]) as ctx:
        _, problem = await broken_sweep(ctx)
    assert problem.detail.count("gone-") == MOST_NAMED
    assert f"and {40 - MOST_NAMED} more. The other cameras go on." in problem.detail


async def test_a_check_says_which_named_cameras_are_not_listed(vendor: VerkadaSimulator):
    async with running(vendor, lpr_cameras=["gone", camera_id("gate-0")]) as ctx:
        listed, missing = await Verkada().check(ctx)
    assert (listed.ok, missing.ok, missing.what) == (True, False, "lpr_cameras")
    assert "gone" in missing.detail


async def test_reads_carry_the_place_of_their_camera(ctx: Any, vendor: VerkadaSimulator):
    vendor.feed(passed(1))
    connector = Verkada()
    fetched = [e for page in await sweep(ctx, None, connector) for e in page.events]
    (data,) = vendor.ledger.values()
    pushed = await connector.webhook(ctx, delivery(data))
    assert fetched[0].data.place.point == pushed[0].data.place.point == POINT
    assert fetched[0].id == pushed[0].id


async def test_a_row_that_cannot_be_does_not_hold_up_the_others(ctx: Any, vendor: VerkadaSimulator):
    vendor.feed(passed(1))
    vendor.feed(passed(2))
    first = next(iter(vendor.ledger.values()))
    first["license_plate_number"] = 12345
    pages = await sweep(ctx)
    assert [event.data.plate for page in pages for event in page.events] == ["ZZT0002"]
    (record,) = [record for page in pages for record in page.rejected]
    assert record.code == "unexpected_shape"


@pytest.mark.parametrize(
    "fault", [Fault.html(), Fault.half_body(), Fault.status(500)], ids=lambda fault: fault.name
)
async def test_trouble_in_the_history_is_tried_again_from_the_checkpoint(
    ctx: Any, vendor: VerkadaSimulator, fault: Fault
):
    vendor.faults.add(fault, path=PLATES)
    with pytest.raises(RetryLater):
        await sweep(ctx)


async def test_a_hang_ends_at_the_deadline(
    ctx: Any, vendor: VerkadaSimulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(Http.__init__.__kwdefaults__, "deadline_s", 0.2)
    vendor.faults.add(Fault.hang(), path=DEVICES)
    with pytest.raises(RetryLater) as caught:
        await Verkada().inventory(ctx)
    assert caught.value.code == "vendor_timeout"


async def test_a_redirect_to_an_internal_address_is_refused(ctx: Any, vendor: VerkadaSimulator):
    vendor.faults.always(Fault.redirect("http://169.254.169.254/"), path=DEVICES)
    with pytest.raises(Refused):
        await Verkada().inventory(ctx)


# --- Webhooks and pictures -------------------------------------------------------------------


async def pushed(ctx: Any, vendor: VerkadaSimulator, connector: Verkada, number: int) -> Any:
    """The place of a read that comes by webhook."""
    vendor.feed(passed(number))
    [event] = await connector.webhook(ctx, delivery(list(vendor.ledger.values())[-1]))
    assert event.data.plate == f"ZZT{number:04}"
    return event.data.place


async def test_the_first_read_waits_for_the_camera_list(ctx: Any, vendor: VerkadaSimulator):
    assert (await pushed(ctx, vendor, Verkada(), 1)).point == POINT


async def test_reads_and_inventory_at_the_start_share_one_list(ctx: Any, vendor: VerkadaSimulator):
    connector = Verkada()
    reads = [pushed(ctx, vendor, connector, number) for number in range(5)]
    places = await asyncio.gather(connector.inventory(ctx), *reads)
    assert [place.point for place in places[1:]] == [POINT] * 5
    assert vendor.requests[DEVICES] == 1


async def test_what_is_not_ours_needs_no_list(ctx: Any, vendor: VerkadaSimulator):
    connector = Verkada()
    assert await connector.webhook(ctx, delivery({}, "alert")) == []
    other = {"camera_id": "x", "created": 1790000122, "notification_type": "crowd"}
    assert await connector.webhook(ctx, delivery(other, "notification")) == []
    assert not vendor.requests


async def test_a_camera_that_is_new_is_looked_for_at_once_and_then_not_for_a_while(
    ctx: Any, vendor: VerkadaSimulator
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
    assert event.data.place.point == POINT


@pytest.mark.parametrize(
    "fault",
    [Fault.status(500), Fault.status(403), Fault.html(), Fault.hang()],
    ids=lambda fault: fault.name,
)
async def test_without_a_list_a_read_goes_without_its_place(
    ctx: Any, vendor: VerkadaSimulator, fault: Fault, monkeypatch: pytest.MonkeyPatch
):
    """It is neither lost nor held up, and the list is not asked for with every read."""
    monkeypatch.setattr(cameras, "PATIENCE_S", 0.3)
    vendor.faults.always(fault, path=DEVICES)
    connector, began = Verkada(), asyncio.get_running_loop().time()
    places = [await pushed(ctx, vendor, connector, number) for number in range(20)]
    assert places == [None] * 20
    assert asyncio.get_running_loop().time() - began < 2
    assert vendor.requests[DEVICES] == 1
    [(level, message)] = ctx._hub.logged
    assert (level, "without a place" in message) == ("warning", True)


async def test_after_a_while_a_list_that_could_not_be_had_is_asked_for_again(
    ctx: Any, vendor: VerkadaSimulator
):
    vendor.faults.add(Fault.status(500), path=DEVICES)
    connector = Verkada()
    assert await pushed(ctx, vendor, connector, 1) is None
    assert await pushed(ctx, vendor, connector, 2) is None
    connector._cameras._again_at = 0.0
    assert (await pushed(ctx, vendor, connector, 3)).point == POINT


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


async def test_a_picture_is_fetched_while_its_address_is_valid(ctx: Any, vendor: VerkadaSimulator):
    vendor.feed(passed(7))
    (data,) = vendor.ledger.values()
    answer = await Verkada().media(ctx, data["image_url"])
    assert (answer.state, answer.content_type) == ("fetched", "image/svg+xml")


async def test_a_picture_whose_address_ran_out_says_so():
    vendor = VerkadaSimulator(assets(), pictures_for_s=1)
    async with running(vendor) as ctx:
        vendor.feed(passed(7))
        (data,) = vendor.ledger.values()
        assert (await Verkada().media(ctx, data["image_url"])).state == "expired"


async def test_a_picture_from_a_host_that_is_not_set_is_refused(ctx: Any):
    with pytest.raises(Refused):
        await Verkada().media(ctx, "https://elsewhere.example.org/1")
