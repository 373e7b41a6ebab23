"""What cameras, registrations and alerts become, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from watchfloor_sdk import Delivery, GiveUp, Inventory
from watchfloor_sdk.finding import find
from watchfloor_sdk.testing import context

CONNECTOR = find("fusus-style").connector
NOW = datetime(2026, 5, 2, 21, 0, tzinfo=UTC)
ACCOUNT = {"account": {"username": "hub", "password": "x"}}


def feature(**changed: Any) -> dict[str, Any]:
    properties = {
        "name": "Camera 1",
        "status": "online",
        "share": "permanent",
        "stream": "rtsp://stream.example.org/1",
        "contact_phone": "504-555-0100",
    }
    geometry = {"type": "Point", "coordinates": [-90.07, 29.95]}
    about = {"type": "Feature", "id": "SIM-1", "geometry": geometry}
    top = {name: changed.pop(name) for name in ("id", "geometry") if name in changed}
    return {**about, **top, "properties": {**properties, **changed}}


async def listed(*features: dict[str, Any], **settings: Any) -> Inventory:
    async def cameras(_: web.Request) -> web.Response:
        return web.json_response({"features": list(features), "numberMatched": len(features)})

    async def registrations(_: web.Request) -> web.Response:
        return web.json_response({"features": [], "numberMatched": 0})

    app = web.Application()
    app.router.add_get("/cameras", cameras)
    app.router.add_get("/registrations", registrations)
    async with TestServer(app) as server:
        base_url = str(server.make_url("")).rstrip("/")
        ctx = context(CONNECTOR.settings(base_url=base_url, **settings), credentials=ACCOUNT)
        try:
            return await CONNECTOR().inventory(ctx)
        finally:
            await ctx.aclose()


async def one(**changed: Any) -> Any:
    (asset,) = (await listed(feature(**changed))).assets
    return asset


async def test_a_camera():
    camera = await one(heading=90, range_ft=100, owner="Example Business", site="Market")
    assert (camera.id, camera.kind, camera.name) == ("camera:SIM-1", "camera", "Camera 1")
    assert camera.geometry == {"type": "Point", "coordinates": [-90.07, 29.95]}
    assert camera.field_of_view.heading_deg == 90
    assert camera.field_of_view.range_m == pytest.approx(30.48)
    assert camera.field_of_view.angle_deg == 90
    assert (camera.status, camera.owner) == ("online", "Example Business")
    assert camera.attributes == {"site": "Market"}
    assert "555" not in str(camera)


@pytest.mark.parametrize(
    ("share", "level", "streams"),
    [
        ("permanent", "live", 1),
        ("conditional", "conditional_live", 1),
        ("registered", "listed", 0),
        ("everything", "listed", 0),
        (None, "listed", 0),
    ],
)
async def test_consent_is_never_more_than_was_said(share: str | None, level: str, streams: int):
    camera = await one(share=share)
    assert (camera.access.level, len(camera.streams)) == (level, streams)


async def test_withdrawn_consent_ends_the_stream():
    camera = await one(consent_withdrawn="2026-05-01T00:00:00Z")
    assert camera.access.withdrawn == datetime(2026, 5, 1, tzinfo=UTC)
    assert camera.streams == []


async def test_a_camera_inside_a_building_is_left_out():
    assert (await listed(feature(indoors=True))).assets == []


async def test_a_camera_with_an_impossible_point_is_kept_without_it():
    inventory = await listed(feature(geometry={"type": "Point", "coordinates": [29.95, -90.07]}),
                             bounds=[-91, 29, -89, 31])  # fmt: skip
    assert [asset.geometry for asset in inventory.assets] == [None]
    assert [row.code for row in inventory.rejected] == ["swapped_point"]


async def test_a_bad_camera_is_told_and_the_others_are_listed():
    inventory = await listed(feature(), feature(id=None), feature(id="SIM-2", heading=400))
    assert [asset.id for asset in inventory.assets] == ["camera:SIM-1"]
    assert [row.code for row in inventory.rejected] == ["incomplete", "unmapped_record"]


def alert(**changed: Any) -> bytes:
    properties = {"state": "new", "kind": "panic button", "level": "high", "camera": "SIM-1",
                  "raised_at": "2026-05-02T20:59:00Z", "note": "Front desk", **changed}  # fmt: skip
    about = feature()
    return json.dumps({**about, "id": "SIM-A-1", "properties": properties}).encode()


def pushed(body: bytes) -> list[Any]:
    settings = CONNECTOR.settings(base_url="https://platform.example.org")
    return list(CONNECTOR().webhook(context(settings, source="rtcc"), Delivery(1, NOW, {}, body)))


def test_an_alert():
    (event,) = pushed(alert())
    assert (event.id, event.subject) == ("SIM-A-1:raised", "alarm/SIM-A-1")
    assert event.time == datetime(2026, 5, 2, 20, 59, tzinfo=UTC)
    alarm = event.data
    assert (alarm.alarm, alarm.state, alarm.classification) == ("SIM-A-1", "raised", "panic button")
    assert (alarm.priority, alarm.device, alarm.detail) == (1, "camera:SIM-1", "Front desk")
    assert alarm.place.point == (-90.07, 29.95)


def test_each_state_is_an_event_of_its_own_at_the_time_of_the_change():
    (event,) = pushed(alert(state="over", changed_at="2026-05-02T21:30:00Z"))
    assert event.id == "SIM-A-1:cleared"
    assert event.time == datetime(2026, 5, 2, 21, 30, tzinfo=UTC)


def test_a_ping_is_no_event():
    assert pushed(b'{"type": "Ping"}') == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (alert(state="exploded"), "unknown_code"),
        (alert(kind=None), "incomplete"),
        (alert(raised_at=None), "incomplete"),
        (alert(raised_at="soon"), "bad_time"),
        (b'{"type": "Invoice"}', "unknown_document"),
        (b"<html>", "not_json"),
        (b"\xff\xfe", "not_json"),
        (alert().replace(b"panic", b"pan\xffc"), "unmapped_record"),
    ],
    ids=["state", "kind", "no time", "time", "document", "html", "bytes", "not utf-8"],
)
def test_what_cannot_be_an_alert_is_refused(body: bytes, code: str):
    with pytest.raises(GiveUp) as caught:
        pushed(body)
    assert caught.value.code == code
