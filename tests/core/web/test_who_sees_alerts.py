"""Alerts on criminal justice information are for the certified, and a hit is looked at by a person
before anything is done because of it."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from dataclasses import replace
from functools import partial

import pytest
import pytest_asyncio
from hub import api_of, hub_here, session_of, until
from made_up import hot_list, push_source, read
from staff import open_request, signed_in, somebody

from watchfloor.identity import Role
from watchfloor.ports.store import NewOutgoing

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOUR = 3_600_000_000
OPEN, CLOSED = "ZZT0001", "ZZT0002"


def lee(until_=0):
    return somebody("lee", Role.ANALYST, certified={"ncic": until_})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    """A hub with one alert of each class."""
    async with hub_here(tmp_path_factory.mktemp("alerts") / "hub") as running:
        async with api_of(running.url, session_of(running)) as api:
            await push_source(api)
            await hot_list(api, OPEN, CLOSED)
            await api.push("push-1", [read(1), read(2, dataclassification="cji")])
            desk = running.hub.alerts
            await until(lambda: _both(desk))
        yield running


async def test_what_a_lapsed_training_closes_is_said_whether_or_not_there_is_any(hub, trained):
    """No hit is not the same as none shown: where plates are looked for it decides a stop."""
    async with signed_in(hub, trained) as certified, signed_in(hub, lee()) as other:
        for person in (certified, other):
            await open_request(person)
        assert (await certified.get("/live"))["closed"] == ""
        said = (await other.get("/live"))["closed"]
        assert "NCIC training" in said
        for plate in (CLOSED, "ZZT9999"):
            assert said in (await warnings_of(other, plate))
            assert said not in (await warnings_of(certified, plate))


async def warnings_of(api, q):
    answer = await api.call("GET", f"/search?q={q}")
    return json.loads(answer.body.splitlines()[0])["understood"]["warnings"]


async def _both(desk):
    return len(await desk.list()) == 2


@pytest.fixture
def trained(hub):
    return lee(hub.hub.clock.now() + HOUR)


async def of_plate(api, plate):
    return next(a for a in (await api.get("/alerts"))["items"] if plate in a["title"])


async def test_alerts_on_criminal_justice_information_are_for_the_certified(hub, trained):
    async with signed_in(hub, trained) as certified, signed_in(hub, lee()) as other:
        closed = (await of_plate(certified, CLOSED))["id"]
        assert len((await certified.get("/alerts"))["items"]) == 2
        [shown] = (await other.get("/alerts"))["items"]
        assert (OPEN in shown["title"], shown["handling"]) == (True, "le-sensitive")
        assert (await other.get("/live"))["alerts"]["new"] == 1
        for method, path in (
            ("GET", f"/alerts/{closed}"),
            ("GET", f"/alerts/{closed}/context"),
            ("POST", f"/alerts/{closed}/acknowledge"),
        ):
            absent = await other.call(method, path, {} if method == "POST" else None)
            assert absent.status == 404, path
        assert (await certified.get(f"/alerts/{closed}"))["state"] == "new"


async def test_one_whose_newest_event_is_open_stays_closed_for_what_it_was_made_of(hub, trained):
    async with api_of(hub.url, session_of(hub)) as api:
        await api.push("push-1", [read(3, data=read(2)["data"])])
    async with signed_in(hub, trained) as certified, signed_in(hub, lee()) as other:
        await until(lambda: _counted(certified))
        alert = await of_plate(certified, CLOSED)
        assert (alert["count"], alert["handling"]) == (2, "cji")
        assert CLOSED not in str(await other.get("/alerts"))
        assert (await other.call("GET", f"/alerts/{alert['id']}")).status == 404


async def _counted(api):
    return (await of_plate(api, CLOSED))["count"] == 2


async def messages(api, upto):
    """What a console is told until it is told of ``upto``, or until the stream ends."""
    async with api.client.get(f"{api.url}/api/v1/stream") as stream:
        text = b""
        async with asyncio.timeout(20):
            async for chunk in stream.content.iter_any():
                text += chunk
                if upto and upto in text:
                    break
    return text


async def test_a_console_hears_of_such_alerts_where_its_person_is_certified(hub, trained):
    async with signed_in(hub, trained) as certified, signed_in(hub, lee()) as other:
        ids = [(await of_plate(certified, plate))["id"] for plate in (CLOSED, OPEN)]
        told = [
            asyncio.create_task(messages(each, b"noted by lee again"))
            for each in (certified, other)
        ]
        await until(lambda: len(hub.hub.feed._subscribers) == 2)
        for id in ids:
            await certified.send("POST", f"/alerts/{id}/note", {"note": f"noted {id}"})
        await certified.send("POST", f"/alerts/{ids[1]}/note", {"note": "noted by lee again"})
        heard = await asyncio.gather(*told)
    assert [CLOSED.encode() in each for each in heard] == [True, False]


async def test_an_open_stream_ends_with_the_training(hub):
    """X2: the console asks anew and is told what is left."""
    async with signed_in(hub, lee(hub.hub.clock.now() + 1_000_000)) as api:
        began = asyncio.get_running_loop().time()
        await messages(api, b"")
        assert asyncio.get_running_loop().time() - began < 3


async def test_nothing_is_done_because_of_a_hit_that_nobody_looked_at(hub, trained):
    async with signed_in(hub, trained) as api:
        await open_request(api)
        alert = await of_plate(api, OPEN)
        deed = {"source": "push-1", "action": "send", "alert": alert["id"]}
        unseen = await api.call("POST", "/deeds", deed)
        assert (unseen.status, unseen.code) == (403, "hit_needs_visual_confirmation")
        looked = {"confirmed": ["plate", "region", "picture", "status"]}
        await api.send("POST", f"/alerts/{alert['id']}/verify", looked)
        seen = await api.call("POST", "/deeds", deed)
        assert (seen.status, seen.code) == (404, "no_such_action"), "past policy, to the source"


async def test_deliveries_of_such_alerts_are_for_the_certified(hub, trained):
    async with signed_in(hub, trained) as certified, signed_in(hub, lee()) as other:
        mine = [(await of_plate(certified, plate))["id"] for plate in (OPEN, CLOSED)]
        book = hub.hub.store.alerts
        for id in mine:
            await book.change_alert(await book.alert(id), [NewOutgoing("gone", b"{}")])
        await until(lambda: _given_up(certified, 2))
        [shown] = (await other.get("/deliveries"))["items"]
        assert shown["alert"] == mine[0]
        assert (await other.get("/deliveries", alert=mine[1]))["items"] == []
        [closed] = (await certified.get("/deliveries", alert=mine[1]))["items"]
        again = await other.call("POST", f"/deliveries/{closed['id']}/again", {})
        assert (again.status, again.code) == (404, "no_such_delivery")


async def _given_up(api, count):
    states = [each["state"] for each in (await api.get("/deliveries"))["items"]]
    return states == ["given_up"] * count


async def test_a_case_is_handed_out_without_such_alerts_by_who_is_not_certified(hub, trained):
    async with signed_in(hub, trained) as certified:
        alert = await of_plate(certified, CLOSED)
        await certified.send("POST", f"/alerts/{alert['id']}/note", {"note": f"Saw {CLOSED}"})
        await certified.send("POST", f"/alerts/{alert['id']}/mark-wrong", {})
        request = await open_request(certified)
        of_case = partial(replace, case_number="SIM-C-7")
        await hub.hub.store.requests.change(request, of_case)
        await certified.send("POST", f"/requests/{request}/attach", {"event": alert["events"][0]})
    without, whole = [
        await _handed_out(hub, somebody("robin", Role.RECORDS_OFFICER, certified=certified))
        for certified in ({}, dict(trained.certified))
    ]
    for parts, says in ((without, False), (whole, True)):
        assert [CLOSED in parts[name] for name in _SHEETS] == [says] * len(_SHEETS)
        assert ["withheld: CJI" in parts[name] for name in _SHEETS] == [not says] * len(_SHEETS)
    assert f"Saw {CLOSED}" in whole["case.json"]


async def test_what_may_not_be_seen_is_attached_as_little_as_what_is_not_there(hub, trained):
    """The number of an event tells nobody that there is one."""
    async with signed_in(hub, trained) as certified:
        hidden = (await of_plate(certified, CLOSED))["events"][0]
    async with signed_in(hub, somebody("lou", Role.ANALYST)) as other:
        request = await open_request(other)
        seen = (await of_plate(other, OPEN))["events"][0]
        path = f"/requests/{request}/attach"
        found = [await other.call("POST", path, {"event": each}) for each in (hidden, 999_999)]
        assert [each.status for each in found] == [404, 404]
        assert found[0].json["error"]["detail"] == f"There is no event {hidden}."
        assert (await other.get(f"/requests/{request}"))["findings"] == []
        await other.send("POST", path, {"event": seen})


_SHEETS = ("case.json", "alerts.csv", "leads.csv")


async def _handed_out(hub, officer):
    async with signed_in(hub, officer) as records:
        answer = await records.call("POST", "/disclosures/case", {"case": "SIM-C-7"})
    package = zipfile.ZipFile(io.BytesIO(answer.body))
    given = zipfile.ZipFile(io.BytesIO(package.read("disclosure.zip")))
    return {name: given.read(name).decode() for name in _SHEETS}
