"""Alerts go by whose data they are made of: what policy closes of another agency's is closed in its
alerts, too, by whatever way they are asked for; and the agency's own stay."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import zipfile
from dataclasses import replace
from functools import partial

import pytest
import pytest_asyncio
from hub import api_of, hub_here, session_of, until
from made_up import call, hot_list, push_source, read
from policies import adopt
from staff import noted, open_request, signed_in, somebody

from watchfloor.adapters.cedar import read_rules
from watchfloor.identity import Role
from watchfloor.policy import load
from watchfloor.ports.store import NewOutgoing

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = """
[agencies.north-so]
name = "North County Sheriff"
level = "local"
sources = ["north-feed"]
"""
GATE = """
[gates.owner_only]
confirmed_by = "A. Counsel"
confirmed_on = 2025-11-03
"""
PLATE = "ZZT0001"
ABSENT = 9_999


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    """A plate on a list, read by the hub's own reader, by the neighbour's, and by one of a drill; a
    robbery of each."""
    folder = tmp_path_factory.mktemp("whose") / "hub"
    adopt(folder, SETTINGS)
    async with hub_here(folder) as running:
        async with api_of(running.url, session_of(running)) as api:
            await push_source(api)
            await push_source(api, "north-feed")
            drill = {"connector": "push", "name": "Drill", "synthetic": True}
            await api.send("PUT", "/sources/drill", drill)
            await hot_list(api, PLATE)
            for number, source in enumerate(("push-1", "north-feed", "drill"), 1):
                await api.push(source, [read(1, source), call(number, source)])
            await until(lambda: _all(running.hub.alerts, 6))
        yield running


async def _all(alerts, count):
    return len(await alerts.list()) == count


@pytest_asyncio.fixture(loop_scope="module")
async def ana(hub):
    async with signed_in(hub, somebody("ana", Role.ANALYST)) as api:
        yield api


@contextlib.contextmanager
def under(hub, settings):
    """The same hub under a policy of other settings."""
    engine, before = hub.hub.engine, hub.hub.engine.policy
    engine.use(load({"settings.toml": settings}, hub.hub.settings.agency, read_rules))
    yield
    engine.use(before)


@pytest.fixture
def closed(hub):
    """By which data is for the agency that it belongs to."""
    with under(hub, SETTINGS + GATE):
        yield


async def of(hub, source):
    """The ids of the alerts of a source, oldest first."""
    found = await hub.hub.store.alerts.alerts([], None, 100)
    return [each.id for each in reversed(found) if source in each.sources]


async def listed(api):
    return sorted(each["id"] for each in (await api.get("/alerts"))["items"])


async def test_no_two_share_one(hub, ana):
    made_of = [each.sources for each in await hub.hub.store.alerts.alerts([], None, 100)]
    assert sorted(made_of) == [["drill"]] * 2 + [["north-feed"]] * 2 + [["push-1"]] * 2
    assert len(await listed(ana)) == 6


async def test_another_agencys_are_as_absent(hub, ana, closed):
    theirs = await of(hub, "north-feed")
    assert await listed(ana) == sorted(await of(hub, "push-1") + await of(hub, "drill"))
    assert (await ana.get("/live"))["alerts"]["new"] == 4
    await open_request(ana)
    for id in theirs:
        asked, absent = await _asked(ana, id), await _asked(ana, ABSENT)
        assert asked == absent
        assert [status for status, _ in asked] == [404] * len(asked)
    kept = [await hub.hub.alerts.get(id) for id in theirs]
    assert [(each.state, each.history) for each in kept] == [("new", [])] * 2


async def _asked(api, alert):
    """What is answered to all that can be asked and done about an alert by its number."""
    answers = [
        await api.call(method, path, body)
        for method, path, body in (
            ("GET", f"/alerts/{alert}", None),
            ("GET", f"/alerts/{alert}/context", None),
            ("POST", f"/alerts/{alert}/acknowledge", {}),
            ("POST", f"/alerts/{alert}/note", {"note": "Seen"}),
            ("POST", "/deeds", {"source": "push-1", "action": "send", "alert": alert}),
        )
    ]
    said = [each.body.decode().replace(str(alert), "N") for each in answers]
    return [(each.status, words) for each, words in zip(answers, said, strict=True)]


async def test_ones_own_stays_whatever_they_add(hub, ana, closed):
    own, theirs = (await of(hub, "push-1"))[0], (await of(hub, "north-feed"))[0]
    again = {"data": read(1)["data"]}
    async with api_of(hub.url, session_of(hub)) as api:
        await api.push("north-feed", [read(11, "north-feed", **again)])
        await api.push("push-1", [read(12, **again)])
    await until(lambda: _counted(hub, own, 2))
    assert (await ana.get(f"/alerts/{own}"))["count"] == 2
    assert (await hub.hub.alerts.get(theirs)).count == 2


async def _counted(hub, alert, count):
    return (await hub.hub.alerts.get(alert)).count == count


async def test_their_deliveries_are_as_absent(hub, ana, closed):
    book = hub.hub.store.alerts
    (own, *_), (theirs, *_) = await of(hub, "push-1"), await of(hub, "north-feed")
    for id in (own, theirs):
        await book.change_alert(await book.alert(id), [NewOutgoing("gone", b"{}")])
    await until(lambda: _given_up(book))
    assert {each["alert"] for each in (await ana.get("/deliveries"))["items"]} == {own}
    assert (await ana.get("/deliveries", alert=theirs))["items"] == []
    [delivery] = await book.deliveries(theirs, 10)
    again = await ana.call("POST", f"/deliveries/{delivery.id}/again", {})
    assert (again.status, again.code) == (404, "no_such_delivery")


async def _given_up(book):
    states = [each.state for each in await book.deliveries(None, 10)]
    return states == ["given_up", "given_up"]


async def heard(hub, api, do, upto):
    """What a screen is told of what is done, until it is told of ``upto``."""
    async with api.client.get(f"{api.url}/api/v1/stream") as stream:
        await until(lambda: hub.hub.feed._subscribers)
        await do()
        text = b""
        async with asyncio.timeout(20):
            while upto not in text:
                text += await stream.content.readany()
    return text


async def test_no_screen_is_told_of_theirs(hub, ana, closed):
    (_, own), (_, theirs) = await of(hub, "push-1"), await of(hub, "north-feed")

    async def noted_on_both():
        for id, note in ((theirs, "On theirs"), (own, "On ours")):
            await hub.hub.alerts.act(id, "note", "Lee Night", note)

    told = await heard(hub, ana, noted_on_both, b"On ours")
    assert b"On theirs" not in told
    assert b"ZZ-00002" not in told


async def test_no_wall_shows_theirs(hub, closed):
    async def noted_on_both():
        for source in ("north-feed", "push-1"):
            await hub.hub.alerts.act((await of(hub, source))[1], "note", "Lee Night", "Again")

    async with signed_in(hub, somebody("sam", Role.SUPERVISOR)) as wall:
        await wall.send("POST", "/session/wall")
        theirs = await of(hub, "north-feed")
        shown = [each["id"] for each in (await wall.get("/live"))["alerts"]["shown"]]
        assert sorted(shown) == sorted(await of(hub, "push-1") + await of(hub, "drill"))
        told = await heard(hub, wall, noted_on_both, b"event: alerts")
    assert b"event: alerts" in told
    assert not any(b'"id":%d,' % id in told for id in theirs)


async def test_a_case_is_handed_out_without_their_words(hub, ana):
    theirs, own = (await of(hub, "north-feed"))[0], (await of(hub, "push-1"))[0]
    request = await open_request(ana)
    await hub.hub.store.requests.change(request, partial(replace, case_number="SIM-C-8"))
    for id in (theirs, own):
        await ana.send("POST", f"/alerts/{id}/note", {"note": f"Saw {PLATE}"})
    whole = await _handed_out(hub)
    assert [PLATE in whole[id]["title"] for id in (theirs, own)] == [True, True]
    with under(hub, SETTINGS + GATE):
        left = await _handed_out(hub)
    assert (left[theirs]["title"], left[theirs]["history"]) == ("withheld: policy", [])
    assert left[own] == whole[own]


async def _handed_out(hub):
    async with signed_in(hub, somebody("robin", Role.RECORDS_OFFICER)) as records:
        answer = await records.call("POST", "/disclosures/case", {"case": "SIM-C-8"})
    package = zipfile.ZipFile(io.BytesIO(answer.body))
    given = zipfile.ZipFile(io.BytesIO(package.read("disclosure.zip")))
    case = json.loads(given.read("case.json"))
    return {each["alert"]: each for each in case["alerts"]}


async def test_a_drill_does_nothing_because_of_a_real_alert(hub, ana):
    """In a request for training, which opens invented data alone."""
    await open_request(ana, purpose="training_synthetic_only")
    invented, real = (await of(hub, "drill"))[1], (await of(hub, "push-1"))[1]
    deed = {"source": "drill", "action": "send"}
    done = [await ana.call("POST", "/deeds", {**deed, "alert": id}) for id in (invented, real)]
    assert [each.status for each in done] == [404, 404]
    assert done[0].code == "no_such_action", "past policy, to the source"
    assert done[1].code != "no_such_action"


async def test_an_alert_opens_reads_to_whom_it_was_shown(hub):
    """A read that no list and no alert had shown to somebody is one that they looked for."""
    book, id = hub.hub.store.alerts, (await of(hub, "push-1"))[0]
    alert = await book.alert(id)
    read_of_ours = alert.events[0]
    for handle, counts in (("kai", False), ("kim", True)):
        async with signed_in(hub, somebody(handle, Role.ANALYST)) as api:
            await open_request(api)
            with under(hub, SETTINGS + GATE):
                await api.get(f"/events/{read_of_ours}")
            [entry, *_] = await noted(hub, "event.viewed")
            assert ("records" in entry.more) == counts
        await book.change_alert(replace(alert, sources=["push-1", "north-feed"]))
