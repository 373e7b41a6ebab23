"""The connector against the simulated vendor, and against vendors that answer badly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from watchfloor_city import Asset, Look, PlatePassed
from watchfloor_lpr_rest.connector import LprRest
from watchfloor_lpr_rest.settings import Settings
from watchfloor_lpr_rest_simulator import LprRestSimulator
from watchfloor_sdk import AskAPerson, Page, Refused, RetryLater, WatchfloorError
from watchfloor_sdk.http import Http
from watchfloor_sdk.testing import Fault, TestHub, context, simulated

READER = Asset(
    id="lpr-01", kind="plate_reader", name="Reader 1", point=(-90.07, 29.95), heading_deg=90.0
)


def passed(number: int, reader: str = "lpr-01", at: datetime | None = None) -> PlatePassed:
    return PlatePassed(
        at=at or datetime.now(UTC),
        reader=reader,
        plate=f"ZZT{number:04}",
        region="US-LA",
        confidence=0.9,
        heading_deg=90.0,
        point=(-90.07, 29.95),
        vehicle=Look("Ford", "F-150", "white", "pickup"),
    )


@pytest.fixture
def simulator() -> LprRestSimulator:
    return LprRestSimulator([READER])


@pytest.fixture
def hub() -> TestHub:
    return TestHub()


@pytest.fixture
async def ctx(simulator: LprRestSimulator, hub: TestHub) -> AsyncIterator[Any]:
    async with simulated(simulator, Settings, source="lpr", hub=hub) as configured:
        yield configured


async def collect(source: AsyncIterator[Page], into: list[Page]) -> None:
    async for page in source:
        into.append(page)


async def pages(ctx: Any, checkpoint: Any = None) -> list[Page]:
    return [page async for page in LprRest().poll(ctx, checkpoint)]


def ids(read: list[Page]) -> list[str]:
    return [event.id for page in read for event in page.events]


async def test_all_reads_arrive_once_and_in_order(ctx: Any, simulator: LprRestSimulator):
    for number in range(2500):
        simulator.feed(passed(number))
    read = await pages(ctx)
    assert [len(page.events) for page in read] == [1000, 1000, 500]
    assert ids(read) == list(simulator.ledger)
    assert read[-1].assured_until is not None


async def test_polling_goes_on_where_the_checkpoint_says(ctx: Any, simulator: LprRestSimulator):
    simulator.feed(passed(1))
    first = await pages(ctx)
    simulator.feed(passed(2))
    later = await pages(ctx, first[-1].checkpoint)
    assert ids(later) == ["r-1"]
    assert ids(await pages(ctx, later[-1].checkpoint)) == []


async def test_reads_of_other_vendors_readers_are_unknown_here(
    ctx: Any, simulator: LprRestSimulator
):
    simulator.feed(passed(1, reader="somebody-elses"))
    assert ids(await pages(ctx)) == []


async def test_a_cursor_that_is_no_longer_kept_starts_anew_and_says_so():
    vendor, hub = LprRestSimulator([READER], keep=10), TestHub()
    for number in range(25):
        vendor.feed(passed(number))
    async with simulated(vendor, Settings, hub=hub) as ctx:
        read = await pages(ctx, "3")
    assert ids(read) == [f"r-{number}" for number in range(10, 25)]
    assert [level for level, _ in hub.logged] == ["warning"]


async def test_a_poll_that_is_broken_off_leaves_no_request_behind(
    ctx: Any, simulator: LprRestSimulator
):
    for number in range(3000):
        simulator.feed(passed(number))
    before = asyncio.all_tasks()
    async with aclosing(LprRest().poll(ctx, None)) as open_pages:
        await anext(open_pages)
    left = {task for task in asyncio.all_tasks() - before if "reads" in repr(task.get_coro())}
    assert not left


async def test_readers_are_listed_whole(ctx: Any, simulator: LprRestSimulator):
    inventory = await LprRest().inventory(ctx)
    assert inventory.complete
    assert [asset.id for asset in inventory.assets] == ["lpr-01"]
    assert inventory.assets[0].field_of_view.heading_deg == 90.0


async def test_a_picture_is_fetched_while_it_is_kept(ctx: Any, simulator: LprRestSimulator):
    simulator.feed(passed(7))
    (event,) = (await pages(ctx))[0].events
    answer = await LprRest().media(ctx, event.data.media[0].handle)
    assert (answer.state, answer.content_type) == ("fetched", "image/svg+xml")
    assert b"ZZT0007" in answer.body


async def test_a_picture_outlives_the_vendors_restart(ctx: Any, simulator: LprRestSimulator):
    before = LprRestSimulator()
    before.feed(passed(7))
    (read,) = before.ledger.values()
    answer = await LprRest().media(ctx, read["picture"]["path"])
    assert answer.state == "fetched"
    assert b"ZZT0007" in answer.body


def test_a_vendor_that_comes_back_goes_on_counting():
    vendor = LprRestSimulator(first=500)
    vendor.feed(passed(7))
    assert [*vendor.ledger] == ["r-500"]


async def test_an_expired_picture_says_so_and_one_that_never_was_is_missing(
    ctx: Any,
    simulator: LprRestSimulator,
):
    simulator.feed(passed(7, at=datetime.now(UTC) - timedelta(days=2)))
    (event,) = (await pages(ctx))[0].events
    assert (await LprRest().media(ctx, event.data.media[0].handle)).state == "expired"
    assert (await LprRest().media(ctx, "/pictures/r-99")).state == "missing"
    assert (await LprRest().media(ctx, "@other.example.org/x")).state == "missing"


async def test_check_says_what_it_found(ctx: Any, simulator: LprRestSimulator):
    (finding,) = await LprRest().check(ctx)
    assert finding.ok


async def test_a_wrong_token_needs_a_person(ctx: Any, hub: TestHub):
    hub.credentials = {"token": {"token": "wrong"}}
    with pytest.raises(AskAPerson):
        await pages(ctx)


async def test_one_byte_that_is_not_utf_8_costs_one_read(ctx: Any, simulator: LprRestSimulator):
    """The others are filed, and so is what follows: the page is not asked for again for ever."""
    for number in range(1500):
        simulator.feed(passed(number))
    simulator.faults.add(Fault.not_utf8(after=b'"plate":"ZZT'), path="/reads")
    read = await pages(ctx)
    assert ids(read) == list(simulator.ledger)[1:]
    (bad,) = [record for page in read for record in page.rejected]
    assert bad.raw == bytes(simulator._kept._rows[0]).replace(b"ZZT0", b"ZZT\xff", 1)


# --- Vendors that answer badly ---------------------------------------------------------------

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def vendor_answering(handler: Handler) -> AsyncIterator[Any]:
    """A context for a vendor that answers ``/reads`` like this."""
    app = web.Application()
    app.router.add_get("/reads", handler)
    async with TestServer(app) as server:
        settings = Settings(base_url=str(server.make_url("")).rstrip("/"), owner="nopd")
        ctx = context(settings, source="lpr", credentials={"token": {"token": "t"}})
        try:
            yield ctx
        finally:
            await ctx.aclose()


async def polled(handler: Handler, checkpoint: str | None = "c-1") -> list[Page]:
    async with vendor_answering(handler) as ctx:
        return await pages(ctx, checkpoint)


def saying(status: int = 200, text: str = "", **headers: str) -> Handler:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text, headers=headers)

    return handler


@pytest.mark.parametrize(
    ("handler", "code", "retry_after"),
    [
        (saying(text="<html>Sign in</html>"), "unreadable_answer", None),
        (saying(text='{"reads": ['), "unreadable_answer", None),
        (saying(429, **{"Retry-After": "17"}), "rate_limited", 17.0),
        (saying(429), "rate_limited", None),
        (saying(500), "vendor_unavailable", None),
        (saying(503, "<html>"), "vendor_unavailable", None),
    ],
    ids=["html", "cut", "429-with", "429-without", "500", "503"],
)
async def test_trouble_that_passes_is_tried_again(
    handler: Handler, code: str, retry_after: float | None
):
    with pytest.raises(RetryLater) as caught:
        await polled(handler)
    assert (caught.value.code, caught.value.retry_after) == (code, retry_after)


async def test_half_a_page_is_tried_again():
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "5000"})
        await response.prepare(request)
        await response.write(b'{"reads": [')
        request.transport.close()
        return response

    with pytest.raises(RetryLater):
        await polled(handler)


async def test_a_hang_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(Http.__init__.__kwdefaults__, "deadline_s", 0.2)

    async def handler(_: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    with pytest.raises(RetryLater) as caught:
        await polled(handler)
    assert caught.value.code == "vendor_timeout"


async def test_a_redirect_to_an_internal_address_is_refused():
    async def handler(_: web.Request) -> web.Response:
        raise web.HTTPFound("http://169.254.169.254/latest/meta-data")

    with pytest.raises(Refused) as caught:
        await polled(handler)
    assert caught.value.code == "redirect_refused"


async def test_a_cursor_that_stays_ends_the_poll():
    with pytest.raises(RetryLater) as caught:
        await polled(saying(text='{"reads": [], "next": "c-1", "more": true}'))
    assert caught.value.code == "stuck_cursor"


async def test_what_came_before_the_trouble_is_not_lost():
    """The first page is handed on although the second cannot be had."""
    answers = iter([saying(text='{"reads": [], "next": "c-2", "more": true}'), saying(500)])
    got: list[Page] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        return await next(answers)(request)

    async with vendor_answering(handler) as ctx:
        with pytest.raises(WatchfloorError):
            await collect(LprRest().poll(ctx, "c-1"), got)
    assert [page.checkpoint for page in got] == ["c-2"]


async def test_duplicates_and_disorder_keep_their_ids():
    """Telling duplicates apart is the hub's business; the connector must not change ids."""
    row = {"id": "r-1", "read_at": "2026-05-02T21:14:07Z", "reader": "x", "plate": "ZZT1"}
    older = {**row, "id": "r-0", "read_at": "2026-05-01T21:14:07Z"}
    body = json.dumps({"reads": [row, older, row], "next": "c", "more": False})
    read = await polled(saying(text=body))
    assert ids(read) == ["r-1", "r-0", "r-1"]


async def test_clocks_that_are_days_off_are_passed_on_for_the_hub_to_doubt():
    ahead = (datetime.now(UTC) + timedelta(days=4)).isoformat()
    row = {"id": "r-1", "read_at": ahead, "reader": "x", "plate": "ZZT1"}
    (page,) = await polled(saying(text=json.dumps({"reads": [row], "next": "c", "more": False})))
    assert page.events[0].time.isoformat() == ahead
