"""What a room watches is live. What is older, and what the vendor wrote, is seen for a purpose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import orjson
import pytest
import pytest_asyncio
from hub import api_of, hub_here, session_of, until
from made_up import call, push_source, read
from policies import adopt
from staff import noted, open_request, signed_in, somebody

from watchfloor.contracts.protocol import Emit, RawPage
from watchfloor.identity import Role

pytestmark = pytest.mark.asyncio(loop_scope="module")

RULE = """
id: watched
title: Watched
severity: low
kinds: [call]
when: data.call_number == "ZZ-00004"
"""
NUMBER = "ZZ-00002"
"""The call that goes on for days."""


def days_ago(days):
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def quiet(number, **changes):
    """A call that no rule raises an alert about."""
    event = call(number, **changes)
    return {**event, "data": {**event["data"], "incident_type": {"text": "Noise"}}}


def emergency(number, **changes):
    data = {"call": f"911-{number}", "state": "ended", "callback": "(555) 555-0199"}
    return call(100 + number, type="watchfloor.e911.call.v1", data=data, **changes)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    """A hub with the packaged policy: of a call of three days something now and something then, a
    911 call and a call of two days ago, and one of then that a rule looks out for."""
    folder = tmp_path_factory.mktemp("only-live") / "hub"
    adopt(folder, 'contact = "Sam Okafor, 555-0120"\n')
    async with hub_here(folder) as running:
        async with api_of(running.url, session_of(running)) as api:
            await push_source(api)
            await api.send("PUT", "/rules/watched", {"document": RULE})
            then = quiet(2, time=days_ago(3))
            await api.push("push-1", [
                quiet(1), quiet(2), {**then, "id": "call-2-then"},
                emergency(1, time=days_ago(2)), quiet(3, time=days_ago(2)),
                call(4, time=days_ago(2)), read(1),
            ])  # fmt: skip
            await until(lambda: _alerts(running))
        yield running


async def _alerts(running):
    return await running.hub.alerts.list()


@pytest_asyncio.fixture(loop_scope="module")
async def ana(hub):
    """An analyst for whom no request is open."""
    async with signed_in(hub, somebody("ana", Role.ANALYST)) as api:
        yield api


async def of(hub, id):
    rows = await hub.hub.store.log.read(0, 100)
    return next(row.seq for row in rows if row.id == id)


THEN = ("call-2-then", "call-101", "call-3")


async def test_what_is_live_is_listed_and_opens_by_itself(hub, ana):
    shown = {each["seq"] for each in (await ana.get("/events", kind="call,911"))["items"]}
    assert shown == {await of(hub, "call-1"), await of(hub, "call-2")}
    for seq in shown:
        assert (await ana.get(f"/events/{seq}"))["seq"] == seq


async def test_what_is_older_is_neither_listed_nor_opened_without_a_purpose(hub, ana):
    assert len((await ana.get("/events", call=NUMBER))["items"]) == 1
    for path in [f"/events/{await of(hub, id)}" for id in THEN]:
        for each in (path, f"{path}/cameras"):
            answer = await ana.call("GET", each)
            assert (answer.status, answer.code) == (403, "purpose_needed"), each
    answer = await ana.call("GET", "/events", since=days_ago(10))
    assert (answer.status, answer.code) == (403, "purpose_needed")


async def test_a_purpose_opens_it_and_lists_what_is_filed_under_a_call(hub, ana):
    await open_request(ana)
    for id in THEN:
        await ana.get(f"/events/{await of(hub, id)}")
    of_call = (await ana.get("/events", call=NUMBER, since=days_ago(10)))["items"]
    assert [each["seq"] for each in of_call] == [
        await of(hub, "call-2"), await of(hub, "call-2-then"),
    ]  # fmt: skip


async def test_with_a_purpose_too_what_is_older_is_searched_for(hub, ana):
    await open_request(ana)
    assert len((await ana.get("/events", kind="call"))["items"]) == 2
    answer = await ana.call("GET", "/events", kind="call,911", since=days_ago(300))
    assert (answer.status, answer.code) == (403, "only_live")
    assert answer.json["error"]["remedy"].startswith("Search for what is older")


async def test_a_day_by_a_console_whose_clock_is_late_is_a_day(ana):
    assert (await ana.get("/events", kind="call", since=days_ago(1.02)))["items"]


async def test_board_and_stream_show_what_is_live(hub, ana):
    """Also to whoever says that they missed all that ever happened."""
    board = await ana.get("/live")
    live = {await of(hub, "call-1"), await of(hub, "call-2")}
    assert {each["seq"] for each in [*board["recent"], *board["calls"]]} == live
    assert board["reads"]["total"] == 1, "how many there are is no look at any"
    headers = {"Last-Event-ID": "0"}
    async with ana.client.get(f"{hub.url}/api/v1/stream", headers=headers) as stream:
        told = b""
        while b"event: summaries" not in told or not told.endswith(b"\n\n"):
            told += await stream.content.readany()
    assert b"ZZ-00001" in told
    assert b"ZZ-00003" not in told


async def test_what_an_open_alert_is_about_waits_for_no_request(hub, ana):
    seq = await of(hub, "call-4")
    assert (await ana.get(f"/events/{seq}"))["seq"] == seq
    for alert in (await ana.get("/alerts"))["items"]:
        await ana.send("POST", f"/alerts/{alert['id']}/close", {})
    assert (await ana.call("GET", f"/events/{seq}")).code == "purpose_needed"


# --- what the vendor wrote ---------------------------------------------------------------------

PAGE = b'{"calls": [{"id":1, "caller": "555-0101"},\n {"id": 2,  "caller": "555-0102"}]}'


async def page(hub, name, events, pointers):
    """What a connector hands over; where its events stand in the log."""
    origin = hub.hub.sources.push_origin("push-1")
    raws = [orjson.dumps({**each, "id": f"{name}-{n}"}) for n, each in enumerate(events)]
    whole = PAGE[:-1] + f', "page": "{name}"}}'.encode()
    raw = RawPage(body=whole.decode(), content_type="application/json")
    await hub.hub.ingest.accept(origin, Emit(events=raws, raw=raw, pointers=pointers))
    return [await of(hub, f"{name}-{n}") for n in range(len(events))]


async def test_the_vendors_bytes_take_a_purpose_always(hub, ana):
    [seq] = await page(hub, "own", [call(11)], ["/calls/0"])
    await ana.get(f"/events/{seq}")
    answer = await ana.call("GET", f"/events/{seq}/raw")
    assert (answer.status, answer.code) == (403, "purpose_needed")


async def test_of_a_page_an_events_own_part_is_shown_byte_for_byte(hub, ana):
    await open_request(ana)
    seqs = await page(hub, "parts", [call(12), read(12)], ["/calls/0", "/calls/1"])
    parts = [await ana.call("GET", f"/events/{seq}/raw") for seq in seqs]
    assert [each.body for each in parts] == [
        b'{"id":1, "caller": "555-0101"}', b'{"id": 2,  "caller": "555-0102"}',
    ]  # fmt: skip


async def test_a_page_that_says_no_parts_is_shown_where_all_of_it_is(hub, ana):
    """And counted."""
    await open_request(ana)
    seqs = await page(hub, "whole", [call(13), call(14)], [])
    answer = await ana.call("GET", f"/events/{seqs[0]}/raw")
    assert answer.body.startswith(PAGE[:-1])
    [given, *_] = await noted(hub, "answer.given")
    assert given.count == 2


@pytest.mark.parametrize(
    ("name", "other", "pointers"),
    [("class", {**call(16), "dataclassification": "cji"}, []), ("read", read(16), []),
     ("table", call(16), ["row=1", "row=2"]), ("nowhere", call(16), ["/calls/7", "/else/x"])],
)  # fmt: skip
async def test_a_page_with_others_records_is_not_shown(hub, ana, name, other, pointers):
    """Of another class, which is not theirs; a read, which nothing counted; and where a part that
    is named cannot be cut out, whatever is in it."""
    await open_request(ana)
    seqs = await page(hub, f"others-{name}", [call(15), other], pointers)
    answer = await ana.call("GET", f"/events/{seqs[0]}/raw")
    assert (answer.status, answer.code) == (403, "raw_has_others")
    assert b"555" not in answer.body
