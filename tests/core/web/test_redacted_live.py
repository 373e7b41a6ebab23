"""What policy leaves out of what somebody is shown is left out as it happens, too: of the board, of
its stream and of alerts."""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest
import pytest_asyncio
from hub import api_of, hub_here, session_of, until
from made_up import HERE, call, hit, hot_list, push_source, read
from policies import adopt
from staff import open_request, signed_in, somebody

from watchfloor.identity import Role
from watchfloor.policy import packaged

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEFT_OUT = """
@id("only-who-develops-sees-it-all")
@obligation("redact data.plate, redact data.place, redact data.callback, redact data.call_number")
permit(
  principal,
  action in [Action::"data:live", Action::"alerts:read", Action::"alerts:act"],
  resource
) unless { principal in Role::"developer" };
"""
SETTINGS = """
contact = "Sam Okafor, 555-0120"

[gates.no_face_recognition]
confirmed_by = "A. Counsel"
confirmed_on = 2025-11-03
"""
CALLBACK, ADDRESS, PLATE, LISTED = "555-0107", "100 Main St", "ZZT0001", "ZZT0009"
SECRET = (CALLBACK, "5550107", ADDRESS, PLATE, LISTED, str(HERE[0]))
CALLS = "{id: calls, title: Robbery, severity: high, kinds: [call], dedupe: {by: [subject]}}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("redacted") / "hub"
    rules = folder / "policy" / "rules.cedar"
    rules.parent.mkdir(parents=True)
    rules.write_text(packaged()["default.cedar"] + LEFT_OUT)
    adopt(folder, SETTINGS)
    async with hub_here(folder) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def everything(hub):
    """The API for whom nothing is left out: a call, a vendor's hit and a read on a list, each with
    its alert."""
    async with api_of(hub.url, session_of(hub)) as api:
        await push_source(api)
        await api.send("PUT", "/rules/calls", {"document": CALLS})
        await hot_list(api, LISTED, reason=f"Theft of {LISTED}")
        await api.push("push-1", [robbery(1), hit(1), read(9), moved(1)])
        await until(lambda: _raised(api, 3))
        yield api


async def _raised(api, count):
    return len((await api.get("/alerts"))["items"]) >= count


def robbery(number):
    """A call whose subject says no number."""
    document = call(number, subject=f"robbery-{number}")
    document["data"]["callback"] = CALLBACK
    return document


def moved(number):
    return {
        **call(number), "id": f"moved-{number}", "type": "watchfloor.vehicle.position.v1",
        "subject": "car-1", "data": {"vehicle": "car-1", "place": {"point": list(HERE)}},
    }  # fmt: skip


@pytest_asyncio.fixture(loop_scope="module")
async def ana(hub, everything):
    async with signed_in(hub, somebody("ana", Role.ANALYST)) as api:
        await open_request(api)
        yield api


def said(answer):
    """What of it is left out, as far as an answer says it."""
    text = answer.decode() if isinstance(answer, bytes) else json.dumps(answer)
    return [each for each in SECRET if each in text]


@contextlib.asynccontextmanager
async def listening(hub, api, after=None):
    """``async with listening(hub, api) as heard``: awaiting ``heard(upto)`` answers what a console
    is told until it is told of ``upto``."""
    others = set(hub.hub.feed._subscribers)
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    async with api.client.get(f"{api.url}/api/v1/stream", headers=headers) as stream:
        await until(lambda: set(hub.hub.feed._subscribers) - others)

        async def heard(upto):
            text = b""
            async with asyncio.timeout(30):
                while upto not in text:
                    text += await stream.content.readany()
            return text

        yield heard


async def test_the_board_shows_nothing_of_it(everything, ana):
    whole, left = await everything.get("/live"), await ana.get("/live")
    assert set(said(whole)) >= {ADDRESS, PLATE, str(HERE[0])}
    assert said(left) == []
    [robbed] = left["calls"]
    assert (robbed["headline"], robbed["point"], robbed["call"]) == ("Armed robbery", None, None)
    assert len(left["recent"]) == len(whole["recent"])
    assert (len(whole["units"]), left["units"]) == (1, []), "no marker on the map"


async def test_its_stream_tells_nothing_of_it(hub, everything, ana):
    async with listening(hub, everything) as all_heard, listening(hub, ana) as heard:
        await everything.push("push-1", [robbery(2), moved(2), call(3, subject="the last")])
        whole, left = await all_heard(b"the last"), await heard(b"the last")
    assert {ADDRESS, str(HERE[0])} <= set(said(whole))
    assert b"Armed robbery" in left
    assert said(left) == []


async def test_nor_does_what_a_console_missed(hub, everything, ana):
    async with listening(hub, ana, after=0) as heard:
        left = await heard(b"robbery-1")
    assert b"Armed robbery" in left
    assert said(left) == []


async def test_alerts_say_nothing_of_it(everything, ana):
    whole, left = await everything.get("/alerts"), await ana.get("/alerts")
    assert set(said(whole)) >= {ADDRESS, PLATE, LISTED}
    assert said(left) == []
    titles = {each["kind"]: (each["title"], each["point"]) for each in left["items"]}
    assert titles["call"] == ("Robbery: Armed robbery", None)
    assert titles["read"] == ("Hot-list hit: Read", None)
    [listed] = [each for each in left["items"] if each["kind"] == "read"]
    assert listed["reason"] == "Left out by policy."
    for alert in left["items"]:
        assert said(await ana.get(f"/alerts/{alert['id']}")) == []


async def test_what_was_near_is_not_gathered_about_a_place_that_is_left_out(everything, ana):
    path = f"/alerts/{(await first_of(ana, 'read'))['id']}/context"
    assert said(await everything.get(path))
    answer = await ana.call("GET", path)
    assert (answer.status, answer.code) == (409, "no_place")


async def first_of(api, kind):
    """The first alert about a kind of event."""
    alerts = (await api.get("/alerts"))["items"]
    return next(each for each in reversed(alerts) if each["kind"] == kind)


async def test_an_act_and_the_stream_of_alerts_say_nothing_of_it(hub, everything, ana):
    robbed = await first_of(ana, "call")
    path = f"/alerts/{robbed['id']}/note"
    async with listening(hub, everything) as all_heard, listening(hub, ana) as heard:
        await everything.send("POST", path, {"note": f"Called back, {CALLBACK}"})
        acted = await ana.send("POST", path, {"note": "Nobody was there"})
        whole, left = await all_heard(b"Nobody was there"), await heard(b"Nobody was there")
    assert {ADDRESS, CALLBACK} <= set(said(whole))
    assert (said(left), said(acted)) == ([], [])
    notes = [each["note"] for each in acted["history"]]
    assert notes == ["Left out by policy.", "Nobody was there"]


async def test_a_new_alert_is_told_without_it(hub, everything, ana):
    async with listening(hub, ana) as heard:
        await everything.push("push-1", [robbery(5)])
        left = await heard(b"event: alerts")
    assert b"Robbery: Armed robbery" in left
    assert said(left) == []


async def test_a_wall_shows_nothing_of_it(hub, everything):
    async with signed_in(hub, somebody("sam", Role.SUPERVISOR)) as wall:
        await wall.send("POST", "/session/wall")
        board = await wall.get("/live")
        assert "Robbery: Armed robbery" in [each["title"] for each in board["alerts"]["shown"]]
        async with listening(hub, wall) as heard:
            await everything.push("push-1", [robbery(6)])
            told = await heard(b"event: alerts")
    assert b"Robbery: Armed robbery" in told
    assert (said(board), said(told)) == ([], [])


async def test_an_event_says_nothing_of_it_nor_does_what_was_changed_in_it(everything, ana):
    seen = read(20)
    seen["data"]["plate"] = "zzt 0001"
    correction = {
        **call(20), "id": "corrected", "type": "watchfloor.event.correction.v1", "subject": "c",
        "data": {"corrects": "call-1", "reason": "Typing error",
                 "replaced": {"/data/callback": CALLBACK, "/data/place": {"address": ADDRESS},
                              "/data/notes/0/text": "Left", "/data/status": "Active"}},
    }  # fmt: skip
    await everything.push("push-1", [seen, correction])
    newest = await everything.events()
    by_id = {each["id"]: each["seq"] for each in newest}
    changed = await ana.get(f"/events/{by_id['read-20']}")
    assert (said(changed), changed["lineage"]["changes"]) == ([], [])
    corrected = await ana.get(f"/events/{by_id['corrected']}")
    assert said(corrected) == []
    assert corrected["event"]["data"]["replaced"] == {
        "/data/notes/0/text": "Left", "/data/status": "Active"
    }  # fmt: skip
    whole = await everything.get(f"/events/{by_id['corrected']}")
    assert set(whole["event"]["data"]["replaced"]) == set(correction["data"]["replaced"])


async def test_the_vendors_bytes_may_hold_what_no_event_has(everything):
    """The gate on faces leaves nothing out of a call; the bytes that it came in are closed."""
    [robbed, *_] = await everything.events(kind="call")
    assert robbed["headline"] == f"Armed robbery at {ADDRESS}"
    answer = await everything.call("GET", f"/events/{robbed['seq']}/raw")
    assert (answer.status, answer.code) == (403, "raw_has_it_all")
