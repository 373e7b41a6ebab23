"""Accounts for when the identity provider is down: two people, and whoever oversees is told."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

import pytest
from hub import until
from staff import noted, open_request
from ways import ANA, KIM, LEO, NOOR, SAM, TESS

from watchfloor.contracts import rfc3339
from watchfloor.identity import break_glass

pytestmark = pytest.mark.asyncio(loop_scope="module")


ACCOUNT = {"id": "night", "name": "Night Desk", "role": "supervisor",
           "password": "Marmalade tugboat 7 lanterns"}  # fmt: skip
SIGN_IN = {"account": ACCOUNT["id"], "password": ACCOUNT["password"]}


async def test_break_glass_takes_two_people_and_whoever_oversees_is_told(
    hub, person, nobody_here, monkeypatch
):
    monkeypatch.setattr(break_glass, "ROUNDS", 600)  # its cost is tested where it is made
    async with person(KIM) as kim, person(SAM) as sam, person(NOOR) as noor:
        await kim.send("POST", "/break-glass", ACCOUNT)
        [listed] = (await sam.get("/break-glass"))["items"]
        assert listed["made_by"] == "kim"
        refused = await nobody_here.call("POST", "/session/break-glass", SIGN_IN)
        assert (refused.status, refused.code) == (401, "account_refused")
        own = await kim.call("POST", "/break-glass/night/enable")
        assert (own.status, own.code) == (403, "own_approval")
        async with person(LEO) as leo:
            machine = await leo.call("POST", "/break-glass/night/enable")
            assert (machine.status, machine.code) == (403, "supervisor_enables")
        await sam.send("POST", "/break-glass/night/enable")
        async with _told(noor) as told:
            signed = await nobody_here.call("POST", "/session/break-glass", SIGN_IN)
            assert (signed.status, signed.json["roles"]) == (201, ["supervisor"])
            assert signed.json["break_glass"] == "night"
            await told("break_glass_used")
        for outcome in ("denied", "done"):
            await until(lambda outcome=outcome: _by_glass(hub, outcome))
        await kim.send("DELETE", "/break-glass/night")
        assert (await nobody_here.call("GET", "/session")).status == 401


async def test_the_same_account_unlocks_its_session_and_another_person_ends_it(
    hub, person, nobody_here, monkeypatch
):
    """As where the provider says who it is: with all that was open in it, or without any of it."""
    monkeypatch.setattr(break_glass, "ROUNDS", 600)
    async with person(KIM) as kim, person(SAM) as sam:
        await kim.send("POST", "/break-glass", ACCOUNT)
        await sam.send("POST", "/break-glass/night/enable")
        await nobody_here.send("POST", "/session/break-glass", SIGN_IN)
        request = await open_request(nobody_here)
        await nobody_here.send("POST", "/session/lock")
        refused = await nobody_here.call(
            "POST", "/session/break-glass", {**SIGN_IN, "password": "wrong"}
        )
        assert (refused.status, refused.code) == (401, "account_refused")
        assert (await nobody_here.get("/session"))["state"] == "locked"
        unlocked = await nobody_here.send("POST", "/session/break-glass", SIGN_IN)
        assert (unlocked["state"], unlocked["request"]) == ("open", request)
        handles = [each.person.handle for each in hub.hub.sessions.all()]
        assert handles.count("break-glass:night") == 1
        async with person(ANA) as ana:
            await ana.send("POST", "/session/lock")
            assert (await ana.get("/session"))["break_glass"] is None
            before = ana.session
            await ana.send("POST", "/session/break-glass", SIGN_IN)
            assert (await ana.get("/session"))["person"] == "break-glass:night"
            assert hub.hub.sessions.find(before) is None
        await kim.send("DELETE", "/break-glass/night")


async def test_who_is_cut_off_leaves_no_break_glass_account_behind(
    hub, person, nobody_here, monkeypatch
):
    """Whether they made it, and know its password, or enabled it; or are the account itself."""
    monkeypatch.setattr(break_glass, "ROUNDS", 600)
    why = {"reason": "left the agency"}
    for leaver in ("kim", "tess", "break-glass:night"):
        async with person(KIM) as kim, person(TESS) as tess, person(LEO) as leo:
            await kim.send("POST", "/break-glass", ACCOUNT)
            await tess.send("POST", "/break-glass/night/enable")
            await nobody_here.send("POST", "/session/break-glass", SIGN_IN)
            ended = await leo.send("POST", f"/people/{leaver}/cut-off", why)
            assert ended["accounts"] == 1, leaver
            assert (await nobody_here.call("GET", "/session")).status == 401, leaver
            again = await nobody_here.call("POST", "/session/break-glass", SIGN_IN)
            assert (again.status, again.code) == (401, "account_refused"), leaver
            assert (await leo.get("/break-glass"))["items"] == []


async def _by_glass(hub, outcome):
    begun = await noted(hub, "session.begun")
    return [e for e in begun if e.outcome == outcome and e.more.get("by") == "break_glass"]


@contextlib.asynccontextmanager
async def _told(api):
    """Reads a person's stream until a notice is in it."""
    async with api.client.get(f"{api.url}/api/v1/stream") as stream:

        async def told(what):
            text = b""
            async with asyncio.timeout(10):
                while f'"what":"{what}"'.encode() not in text:
                    text += await stream.content.readany()

        yield told


async def test_what_was_begun_with_an_account_ends_when_that_closes(
    hub, person, nobody_here, monkeypatch
):
    """72 hours after its first use, be its last one an hour ago."""
    monkeypatch.setattr(break_glass, "ROUNDS", 600)
    async with person(KIM) as kim, person(SAM) as sam:
        await kim.send("POST", "/break-glass", ACCOUNT)
        await sam.send("POST", "/break-glass/night/enable")
        soon = hub.hub.clock.now() + 3_600_000_000
        accounts = hub.hub.break_glass._by_name
        accounts["night"] = replace(accounts["night"], until=soon)
        signed = await nobody_here.send("POST", "/session/break-glass", SIGN_IN)
        assert signed["ends"] == rfc3339(soon)
        await kim.send("DELETE", "/break-glass/night")
