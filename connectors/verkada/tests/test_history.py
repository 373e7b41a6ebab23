"""What was missed is fetched, from each camera that reads plates and from where it stopped."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from watchfloor_city import CameraChanged
from watchfloor_sdk import AskAPerson, Page, Refused, RetryLater
from watchfloor_sdk.http import Http
from watchfloor_sdk.testing import Fault
from watchfloor_verkada.connector import Verkada
from watchfloor_verkada.sweep import MOST_NAMED, OVERLAP_S
from watchfloor_verkada_simulator import VerkadaSimulator
from watchfloor_verkada_simulator.organisation import camera_id

DEVICES = "/cameras/v1/devices"
PLATES = "/cameras/v1/analytics/lpr/images"


def ids(pages: list[Page]) -> set[str]:
    return {event.id for page in pages for event in page.events}


async def test_missed_reads_and_camera_states_are_fetched(
    ctx: Any, vendor: VerkadaSimulator, now: Any, passed: Any, point: Any, sweep: Any
):
    for number in range(450):
        vendor.feed(passed(number))
    vendor.feed(CameraChanged(at=now, camera="lobby", status="offline", point=point))
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
    ctx: Any, vendor: VerkadaSimulator, now: Any, passed: Any, sweep: Any
):
    vendor.feed(passed(1, ago_s=60))
    vendor.feed(passed(2, ago_s=600))
    pages = await sweep(ctx, {"swept_until": int(now.timestamp())})
    assert [event.data.plate for page in pages for event in page.events] == ["ZZT0001"]


@pytest.mark.parametrize(("hours", "plates"), [(0.5, {"ZZT0001"}), (2, {"ZZT0001", "ZZT0002"})])
async def test_no_further_back_than_the_settings_say(
    hours: float, plates: set[str], assets: Any, passed: Any, running: Any, sweep: Any
):
    vendor = VerkadaSimulator(assets())
    vendor.feed(passed(1, ago_s=60))
    vendor.feed(passed(2, ago_s=3600))
    async with running(vendor, backfill_hours=hours) as ctx:
        pages = await sweep(ctx, {"swept_until": 0})
    assert {event.data.plate for page in pages for event in page.events} == plates


async def test_a_camera_that_reads_no_plates_is_asked_once(
    ctx: Any, vendor: VerkadaSimulator, sweep: Any
):
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
    ctx: Any, vendor: VerkadaSimulator, passed: Any, sweep: Any
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


async def test_only_the_named_cameras_are_asked(vendor: VerkadaSimulator, running: Any, sweep: Any):
    async with running(vendor, lpr_cameras=[camera_id("gate-0")]) as ctx:
        await sweep(ctx)
    assert vendor.requests[PLATES] == 1


async def test_a_named_camera_that_is_gone_is_said_and_holds_up_no_other(
    assets: Any, passed: Any, running: Any
):
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


async def test_the_problem_clears_when_the_settings_are_mended(
    vendor: VerkadaSimulator, running: Any, sweep: Any
):
    async with running(vendor, lpr_cameras=["gone", camera_id("gate-0")]) as ctx:
        pages, _ = await broken_sweep(ctx)
    async with running(vendor, lpr_cameras=[camera_id("gate-0")]) as ctx:
        mended = await sweep(ctx, pages[-1].checkpoint)
    assert "behind" not in mended[-1].checkpoint
    assert mended[-1].assured_until is not None


async def test_a_camera_that_is_back_is_fetched_from_where_it_stopped(
    vendor: VerkadaSimulator, now: Any, passed: Any, running: Any, sweep: Any
):
    """What it saw while it could not be had lies before the sweeps of the other cameras."""
    vendor.feed(passed(1, ago_s=3600))
    gate = camera_id("gate-0")
    lost = vendor._organisation.cameras.pop(gate)
    stopped = int((now - timedelta(hours=2)).timestamp())
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


async def test_a_named_camera_that_reads_no_plates_is_said(vendor: VerkadaSimulator, running: Any):
    """Whoever names a camera expects its plates: "none" must not look like "none seen"."""
    async with running(vendor, lpr_cameras=[camera_id("lobby")]) as ctx:
        _, problem = await broken_sweep(ctx)
    assert f"{camera_id('lobby')} (it is not in plate-reading mode)" in problem.detail


async def test_of_many_cameras_that_are_gone_a_few_are_named(
    vendor: VerkadaSimulator, running: Any
):
    async with running(vendor, lpr_cameras=[f"gone-{n}" for n in range(40)]) as ctx:
        _, problem = await broken_sweep(ctx)
    assert problem.detail.count("gone-") == MOST_NAMED
    assert f"and {40 - MOST_NAMED} more. The other cameras go on." in problem.detail


async def test_a_check_says_which_named_cameras_are_not_listed(
    vendor: VerkadaSimulator, running: Any
):
    async with running(vendor, lpr_cameras=["gone", camera_id("gate-0")]) as ctx:
        listed, missing = await Verkada().check(ctx)
    assert (listed.ok, missing.ok, missing.what) == (True, False, "lpr_cameras")
    assert "gone" in missing.detail


async def test_reads_carry_the_place_of_their_camera(
    ctx: Any,
    vendor: VerkadaSimulator,
    delivery: Any,
    passed: Any,
    point: Any,
    sweep: Any,
):
    vendor.feed(passed(1))
    connector = Verkada()
    fetched = [e for page in await sweep(ctx, None, connector) for e in page.events]
    (data,) = vendor.ledger.values()
    pushed = await connector.webhook(ctx, delivery(data))
    assert fetched[0].data.place.point == pushed[0].data.place.point == point
    assert fetched[0].id == pushed[0].id


async def test_a_row_that_cannot_be_does_not_hold_up_the_others(
    ctx: Any, vendor: VerkadaSimulator, passed: Any, sweep: Any
):
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
    ctx: Any, vendor: VerkadaSimulator, fault: Fault, sweep: Any
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
