"""Walls: screens that only receive, beside which strangers walk past."""

from __future__ import annotations

import asyncio

import pytest
from hub import api_of, session_of, until
from made_up import call, hit
from staff import noted, somebody
from ways import KIM, LISTED, NOOR, PLATE, SAM, begun, told_from

from watchfloor.identity import FRESH, Role

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_wall_receives_and_shows_nothing_that_could_be_searched_for(hub, person):
    """Whoever signed in there may be certified; whoever walks past is not."""
    certified = {"ncic": hub.hub.clock.now() + 3_600_000_000}
    async with api_of(hub.url, session_of(hub)) as api:
        closed = call(701, dataclassification="cji")
        await api.push("push-1", [hit(4321), closed, call(702)])
        await until(lambda: _alerted(api))
    async with person(somebody("sam", Role.SUPERVISOR, certified=certified)) as wall:
        desk = await wall.call("GET", "/live")
        assert LISTED.encode() in desk.body
        assert b"ZZ-00701" in desk.body
        who = await wall.send("POST", "/session/wall")
        assert (who["wall"], who["permissions"]) == (True, ["data:live", "hub:read"])
        board = await wall.call("GET", "/live")
        assert board.status == 200
        told = await told_from(wall, 0, b"ZZ-00702")
        for shown in (board.body, told):
            assert b"ZZ-00702" in shown
            assert PLATE.encode() not in shown
            assert LISTED.encode() not in shown
            assert b"ZZ-00701" not in shown, "of criminal justice information, nothing"
        titles = [alert["title"] for alert in board.json["alerts"]["shown"]]
        assert any(title.startswith("Plate read") for title in titles)
        for path in (
            "/events",
            "/alerts",
            "/search?q=ZZT1234",
            "/approvals",
            "/requests",
            "/deeds",
        ):
            refused = await wall.call("GET", path)
            assert refused.status == 403, path
        again = await wall.call("POST", "/session/wall")
        assert again.status == 403, "no way leads back, nor on"


async def _alerted(api):
    return any(LISTED in alert["title"] for alert in (await api.get("/alerts"))["items"])


async def test_a_desk_that_becomes_a_wall_is_told_nothing_more_as_a_desk(hub, person):
    """A stream that was open before, in another tab, ends."""
    async with person(SAM) as sam, sam.client.get(f"{sam.url}/api/v1/stream") as stream:
        await stream.content.readline()
        await sam.send("POST", "/session/wall")
        async with api_of(hub.url, session_of(hub)) as api:
            await api.push("push-1", [hit(1235)])
        async with asyncio.timeout(20):
            assert b"ZZT1235" not in await stream.content.read()


async def test_a_wall_takes_a_fresh_sign_in(hub, person):
    async with person(SAM) as sam:
        hub.hub.sessions.find(sam.session).authenticated -= FRESH
        refused = await sam.call("POST", "/session/wall")
    assert (refused.status, refused.code) == (403, "reauthenticate")
    assert (await noted(hub, "session.confirmed"))[0].outcome == "denied"


async def test_neither_it_nor_the_auditor_has_a_wall(person):
    for who in (KIM, NOOR):
        async with person(who) as api:
            assert (await api.call("POST", "/session/wall")).status == 403


async def test_at_a_wall_nobody_signs_its_person_out_elsewhere(hub, person):
    async with person(SAM) as sam:
        elsewhere = begun(hub, SAM, "cd" * 16)
        id = hub.hub.sessions.find(elsewhere).id
        await sam.send("POST", "/session/wall")
        refused = await sam.call("DELETE", f"/session/screens/{id}")
    assert (refused.status, refused.code) == (403, "wall_only_receives")
