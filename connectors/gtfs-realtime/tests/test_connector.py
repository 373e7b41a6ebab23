"""The connector against the simulated agency, and against feeds that go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.transit import gtfs_realtime_pb2 as gtfs

from watchfloor_city import UnitMoved, VehicleMoved
from watchfloor_gtfs_realtime.connector import GtfsRealtime
from watchfloor_gtfs_realtime.settings import Settings
from watchfloor_gtfs_realtime_simulator import GtfsRealtimeSimulator
from watchfloor_sdk import AskAPerson, Page, Refused, RetryLater
from watchfloor_sdk.http import Http
from watchfloor_sdk.testing import Fault, TestHub, simulated


def moved(vehicle: str = "4582", ago_s: float = 5.0, **about: Any) -> VehicleMoved:
    at = datetime.now(UTC) - timedelta(seconds=ago_s)
    known = {"label": f"Bus {vehicle}", "route": "D96", "trip": "1", "speed_mps": 8.0, **about}
    return VehicleMoved(at=at, vehicle=vehicle, point=(-77.08, 38.93), **known)


@pytest.fixture
def agency() -> GtfsRealtimeSimulator:
    return GtfsRealtimeSimulator()


@pytest.fixture
async def ctx(agency: GtfsRealtimeSimulator) -> AsyncIterator[Any]:
    async with simulated(agency, Settings, source="bus") as configured:
        yield configured


async def poll(ctx: Any, connector: GtfsRealtime | None = None) -> Page:
    (page,) = [page async for page in (connector or GtfsRealtime()).poll(ctx, None)]
    return page


async def test_positions_arrive_as_the_ledger_says(ctx: Any, agency: GtfsRealtimeSimulator):
    for number in range(50):
        agency.feed(moved(str(number)))
    page = await poll(ctx)
    assert [event.id for event in page.events] == list(agency.ledger)
    assert len(gtfs.FeedMessage.FromString(page.raw).entity) == 50


async def test_only_what_moved_since_the_last_poll_comes_again(
    ctx: Any, agency: GtfsRealtimeSimulator
):
    connector = GtfsRealtime()
    agency.feed(moved("1"))
    agency.feed(moved("2", ago_s=20))
    assert len((await poll(ctx, connector)).events) == 2
    agency.feed(moved("2", ago_s=1))
    again = await poll(ctx, connector)
    assert [event.data.vehicle for event in again.events] == ["2"]
    still = await poll(ctx, connector)
    assert (len(still.events), still.raw, still.assured_until is not None) == (0, None, True)


async def test_speed_and_course_that_are_not_sent_are_not_made_up(
    ctx: Any, agency: GtfsRealtimeSimulator
):
    agency.feed(moved(speed_mps=None, course_deg=None))
    (event,) = (await poll(ctx)).events
    assert (event.data.speed_mps, event.data.course_deg) == (None, None)


async def test_buses_and_units_are_different_agencies(ctx: Any, agency: GtfsRealtimeSimulator):
    unit = UnitMoved(
        at=datetime.now(UTC), unit="5A12", point=(-77, 38.9), speed_mps=1, course_deg=2
    )
    agency.feed(unit)
    assert (await poll(ctx)).events == []


async def test_check_counts_the_vehicles(ctx: Any, agency: GtfsRealtimeSimulator):
    agency.feed(moved())
    (finding,) = await GtfsRealtime().check(ctx)
    assert finding.ok
    assert "1 vehicles" in finding.detail


async def test_the_key_goes_into_the_header_that_is_set(agency: GtfsRealtimeSimulator):
    sent: list[Any] = []
    serve = agency._get_feed

    async def listen(request: Any) -> Any:
        sent.append(request.headers.get("api_key"))
        return await serve(request)

    agency._get_feed = listen
    hub = TestHub({"feed_key": {"api_key": "k"}})
    async with simulated(agency, Settings, hub=hub, key_header="api_key") as keyed:
        await poll(keyed)
    assert sent == ["k"]


@pytest.mark.parametrize(
    ("fault", "code", "retry_after"),
    [
        (Fault.html(), "unreadable_answer", None),
        (Fault.half_body(), "half_answer", None),
        (Fault.status(429, retry_after=30), "rate_limited", 30.0),
        (Fault.status(429), "rate_limited", None),
        (Fault.status(502), "vendor_unavailable", None),
    ],
    ids=lambda value: getattr(value, "name", None),
)
async def test_trouble_that_passes_is_tried_again(
    ctx: Any, agency: GtfsRealtimeSimulator, fault: Fault, code: str, retry_after: float | None
):
    agency.feed(moved())
    agency.faults.add(fault)
    with pytest.raises(RetryLater) as caught:
        await poll(ctx)
    assert (caught.value.code, caught.value.retry_after) == (code, retry_after)


async def test_a_hang_ends_at_the_deadline(
    ctx: Any, agency: GtfsRealtimeSimulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(Http.__init__.__kwdefaults__, "deadline_s", 0.2)
    agency.faults.add(Fault.hang())
    with pytest.raises(RetryLater) as caught:
        await asyncio.wait_for(poll(ctx), 5)
    assert caught.value.code == "vendor_timeout"


async def test_a_refused_key_needs_a_person(ctx: Any, agency: GtfsRealtimeSimulator):
    agency.faults.add(Fault.status(403))
    with pytest.raises(AskAPerson):
        await poll(ctx)


async def test_a_redirect_to_an_internal_address_is_refused(
    ctx: Any, agency: GtfsRealtimeSimulator
):
    agency.faults.add(Fault.redirect("http://169.254.169.254/"))
    with pytest.raises(Refused):
        await poll(ctx)


async def test_trouble_in_one_poll_costs_no_position(ctx: Any, agency: GtfsRealtimeSimulator):
    connector = GtfsRealtime()
    agency.feed(moved())
    agency.faults.add(Fault.status(503))
    with pytest.raises(RetryLater):
        await poll(ctx, connector)
    assert len((await poll(ctx, connector)).events) == 1
