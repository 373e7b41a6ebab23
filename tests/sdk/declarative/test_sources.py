"""Requests, pages, checkpoints and pushes, against vendors on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from declaring import CALL, NOW, ROW, asked

from watchfloor_sdk import AskAPerson, Delivery, GiveUp, Page, Refused, RetryLater
from watchfloor_sdk.testing import context


def listing(request: dict[str, Any], output: dict[str, Any] = CALL, **source: Any) -> Any:
    one = {"name": "s", "request": request, "layout": {"records": "rows"}, "outputs": [output],
           **source}  # fmt: skip
    return {"name": "test", "auth": {"flow": "bearer", "credential": "token"}, "sources": [one]}


def row(number: int, **more: Any) -> dict[str, Any]:
    return {**ROW, "id": f"Z-{number}", **more}


async def poll(connector: Any, ctx: Any, checkpoint: Any = None) -> tuple[list[str], Any, Any]:
    """Ids told, the last checkpoint, the last ``assured_until``."""
    pages: list[Page] = [page async for page in connector().poll(ctx, checkpoint)]
    ids = [event.id for page in pages for event in page.events]
    return ids, pages[-1].checkpoint, pages[-1].assured_until


async def test_a_request_says_what_the_file_says(package: Any):
    seen: list[web.Request] = []
    bodies: list[Any] = []

    async def vendor(request: web.Request) -> web.Response:
        seen.append(request)
        bodies.append(await request.json())
        return web.json_response({"rows": []})

    connector = package(listing({
        "method": "POST", "path": "/agencies/{settings.owner}/calls",
        "query": {"since": "{checkpoint}", "limit": 10},
        "headers": {"x-agency": "{settings.owner}"},
        "body": {"owner": "{settings.owner}", "at": ["{checkpoint}", 1]},
    }, newest="at"))  # fmt: skip
    async with asked(connector, vendor, owner="a/../b?c") as ctx:
        await poll(connector, ctx)
        await poll(connector, ctx, {"s": 7})
    assert seen[0].raw_path == "/agencies/a%2F..%2Fb%3Fc/calls?limit=10"
    assert dict(seen[1].query) == {"since": "7", "limit": "10"}
    assert seen[0].headers["x-agency"] == "a/../b?c"
    assert seen[0].headers["authorization"] == "Bearer ZZ-secret"
    assert bodies == [{"owner": "a/../b?c", "at": [None, 1]}, {"owner": "a/../b?c", "at": [7, 1]}]


@pytest.mark.parametrize("way", ["offset", "page"])
async def test_pages_by_number(package: Any, way: str):
    async def vendor(request: web.Request) -> web.Response:
        at = int(request.query["at"])
        start = at if way == "offset" else (at - 1) * 3
        return web.json_response({"rows": [row(n) for n in range(start, min(start + 3, 8))]})

    connector = package(listing({"path": "/", "query": {"at": f"{{{way}}}"}}, paging={"way": way}))
    async with asked(connector, vendor) as ctx:
        ids, _, _ = await poll(connector, ctx)
    assert ids == [f"Z-{number}" for number in range(8)]


async def test_pages_by_address_end_and_do_not_leave_the_host(package: Any):
    nexts = {"1": "/list?page=2", "2": "?page=3", "3": None}

    async def vendor(request: web.Request) -> web.Response:
        page = request.query.get("page", "1")
        return web.json_response({"rows": [row(int(page))], "next": nexts[page]})

    connector = package(listing({"path": "/list"}, paging={"way": "next_url", "next": "next"}))
    async with asked(connector, vendor) as ctx:
        assert (await poll(connector, ctx))[0] == ["Z-1", "Z-2", "Z-3"]
        nexts["2"] = "https://elsewhere.example.org/list"
        with pytest.raises(Refused):
            await poll(connector, ctx)


async def test_pages_by_link_header(package: Any):
    async def vendor(request: web.Request) -> web.Response:
        page = int(request.query.get("page", "1"))
        headers = {"Link": f'</list?page={page + 1}>; rel="next"'} if page < 3 else {}
        return web.json_response({"rows": [row(page)]}, headers=headers)

    connector = package(listing({"path": "/list"}, paging={"way": "link"}))
    async with asked(connector, vendor) as ctx:
        assert (await poll(connector, ctx))[0] == ["Z-1", "Z-2", "Z-3"]


async def test_a_version_token_is_kept_and_may_repeat(package: Any):
    async def vendor(request: web.Request) -> web.Response:
        known = int(request.query.get("version", "0"))
        rows = [row(n) for n in range(known, min(known + 2, 5))]
        return web.json_response({"rows": rows, "token": str(known + len(rows))})

    paging = {"way": "version", "next": "token", "size": 2}
    request = {"path": "/", "query": {"version": "{checkpoint}"}}
    connector = package(listing(request, paging=paging))
    async with asked(connector, vendor) as ctx:
        ids, checkpoint, _ = await poll(connector, ctx)
        assert (len(ids), checkpoint) == (5, {"s": "5"})
        assert (await poll(connector, ctx, checkpoint))[0] == []


async def test_the_page_that_says_it_is_the_last_assures_what_it_assures(package: Any):
    """No further page is handed on only to say so."""

    async def vendor(_: web.Request) -> web.Response:
        until = "2026-05-02T20:30:00Z"
        return web.json_response({"rows": [row(1)], "next": "c", "more": False, "until": until})

    paging = {"way": "cursor", "next": "next", "more": "more"}
    connector = package(listing({"path": "/"}, paging=paging, assured="until"))
    async with asked(connector, vendor) as ctx:
        [page] = [one async for one in connector().poll(ctx, None)]
    assert (len(page.events), page.checkpoint) == (1, {"s": "c"})
    assert page.assured_until == datetime(2026, 5, 2, 20, 30, tzinfo=UTC)


async def test_a_round_without_any_page_is_none_that_failed(package: Any):
    async def vendor(_: web.Request) -> web.Response:
        return web.json_response({"rows": []})

    connector = package(listing({"path": "/", "query": {"p": "{page}"}}, paging={"way": "page"}))
    async with asked(connector, vendor) as ctx:
        assert (await poll(connector, ctx))[0] == []


async def test_a_cursor_that_stays_ends_the_round(package: Any):
    async def vendor(_: web.Request) -> web.Response:
        return web.json_response({"rows": [row(1)], "next": "c", "more": True})

    paging = {"way": "cursor", "next": "next", "more": "more"}
    connector = package(listing({"path": "/", "query": {"c": "{checkpoint}"}}, paging=paging))
    async with asked(connector, vendor) as ctx:
        with pytest.raises(RetryLater) as caught:
            await poll(connector, ctx, {"s": "c"})
    assert caught.value.code == "stuck_cursor"


async def test_what_is_newest_is_asked_for_from_there_once_the_round_is_whole(package: Any):
    times = [f"2026-05-02T20:0{number}:00Z" for number in (3, 1, 2)]
    broken = True

    async def vendor(request: web.Request) -> web.Response:
        if request.query["page"] == "2" and broken:
            raise web.HTTPBadRequest
        rows = [row(n, at=at) for n, at in enumerate(times)] if request.query["page"] == "1" else []
        return web.json_response({"rows": rows})

    request = {"path": "/", "query": {"since": "{checkpoint}", "page": "{page}"}}
    connector = package(listing(request, newest="at", paging={"way": "page"}))
    async with asked(connector, vendor) as ctx:
        pages = []
        with pytest.raises(GiveUp):
            async for page in connector().poll(ctx, None):
                pages.append(page)
        assert [page.checkpoint for page in pages] == [{"s": None}]
        broken = False
        assert (await poll(connector, ctx))[1] == {"s": max(times)}


async def test_a_list_that_has_not_changed_is_not_told_again(package: Any):
    etags: list[str | None] = []

    async def vendor(request: web.Request) -> web.Response:
        etags.append(request.headers.get("if-none-match"))
        if etags[-1] == '"v1"':
            return web.Response(status=304)
        return web.json_response({"rows": [row(1)]}, headers={"etag": '"v1"'})

    connector = package(listing({"path": "/"}))
    async with asked(connector, vendor) as ctx:
        ids, checkpoint, _ = await poll(connector, ctx)
        assert ids == ["Z-1"]
        assert await poll(connector, ctx, checkpoint) == ([], checkpoint, None)
        del checkpoint["s"]["etag"]
        assert (await poll(connector, ctx, checkpoint))[0] == []
    assert etags == [None, '"v1"', None]


async def test_a_page_that_is_none_is_asked_for_again(package: Any):
    async def vendor(_: web.Request) -> web.Response:
        return web.json_response({"error": "busy"})

    connector = package(listing({"path": "/"}, paging={"way": "page"}))
    async with asked(connector, vendor) as ctx:
        with pytest.raises(RetryLater) as caught:
            await poll(connector, ctx)
        findings = await connector().check(ctx)
    assert caught.value.code == "unreadable_answer"
    assert [one.ok for one in findings] == [True, False]


async def test_an_unknown_flow_needs_a_person(package: Any):
    file = listing({"path": "/"})
    file["auth"]["flow"] = "handshake"
    connector = package(file)

    async def vendor(_: web.Request) -> web.Response:
        return web.json_response({"rows": []})

    async with asked(connector, vendor) as ctx:
        with pytest.raises(AskAPerson) as caught:
            await poll(connector, ctx)
    assert caught.value.code == "unknown_flow"


# --- A webhook in the shape that Prepared documents (incident events) --------------------------

PREPARED = {
    "name": "911 calls, Prepared shape",
    "time_zone": "UTC",
    "time_formats": ["%Y-%m-%d %H:%M:%S UTC"],
    "webhook": {
        "ignore": {"path": "event_type", "there": True},
        "outputs": [
            {
                "event": "emergency_call",
                "when": {"path": "type", "one_of": ["incident_metadata"]},
                "id": "{id}:{updated_at}", "time": "updated_at", "subject": "emergency/{id}",
                "fields": {
                    "call": "id", "callback": "caller_phone_number", "started": "created_at",
                    "ended": "audio_call_ended_at",
                    "state": {"path": "is_audio_live",
                              "table": {"values": {"true": "answered", "false": "ended"}}},
                },
            },
            {
                "event": "emergency_call",
                "when": {"path": "type", "one_of": ["caller_location"]},
                "id": "location:{id}", "time": "created_at", "subject": "emergency/{incident_id}",
                "place": {"longitude": "lng", "latitude": "lat"},
                "fields": {"call": "incident_id", "state": "=answered",
                           "class_of_service": "class_of_service"},
            },
        ],
    },
}  # fmt: skip

METADATA = {
    "type": "incident_metadata", "id": "sim-0001", "caller_phone_number": "+15555550100",
    "is_audio_live": True, "audio_call_ended_at": None, "created_at": "2026-01-15 03:04:05 UTC",
    "updated_at": "2026-01-15 03:04:05 UTC", "chatroom_url": "https://ui.example.org/chat/sim-0001",
}  # fmt: skip
LOCATION = {
    "type": "caller_location", "id": "sim-loc-1", "incident_id": "sim-0001", "lat": 40.0,
    "lng": -100.0, "class_of_service": "SIM", "created_at": "2026-01-15 03:04:09 UTC",
    "source": "SIM",
}  # fmt: skip


@pytest.fixture
def push(package: Any) -> Callable[[Any], list[Any]]:
    from watchfloor.contracts import BY_DATA, EmergencyCall

    kind = BY_DATA[EmergencyCall].name
    text = json.dumps(PREPARED).replace('"emergency_call"', json.dumps(kind))
    connector = package(json.loads(text))
    ctx = context(connector.settings(base_url="https://x.example.org", owner="x"), source="psap")
    made = connector()

    def pushed(body: Any) -> list[Any]:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return list(made.webhook(ctx, Delivery(1, NOW, {}, raw)))

    return pushed


def test_the_kind_goes_by_a_field(push: Callable[[Any], list[Any]]):
    (call,) = push(METADATA)
    assert (call.data.call, call.data.state) == ("sim-0001", "answered")
    assert call.time == datetime(2026, 1, 15, 3, 4, 5, tzinfo=UTC)
    (place,) = push(LOCATION)
    assert (place.id, place.data.place.point) == ("location:sim-loc-1", (-100.0, 40.0))
    assert place.subject == call.subject == "emergency/sim-0001"


def test_what_is_no_news_is_ignored_and_what_is_unknown_refused(push: Callable[[Any], list[Any]]):
    assert push({"event_type": "note_created", "id": "sim-note-1"}) == []
    with pytest.raises(GiveUp) as caught:
        push({"type": "fax"})
    assert caught.value.code == "unknown_document"


def test_several_records_in_one_delivery(push: Callable[[Any], list[Any]]):
    assert [event.data.call for event in push([METADATA, LOCATION])] == ["sim-0001", "sim-0001"]
    with pytest.raises(GiveUp):
        push([METADATA, {**LOCATION, "created_at": "soon"}])
