"""A session that ends while something is under way in it: nothing more is shown in it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientPayloadError, web
from made_up import call
from staff import noted, open_request, somebody
from ways import ANA, KIM, NOOR, PLATE, SAM, WISH

from watchfloor.audit import Sealer
from watchfloor.contracts import rfc3339
from watchfloor.identity import Role, Vouched
from watchfloor.transparency import Disclosures
from watchfloor.web import lines, server
from watchfloor.web.handlers import audit

pytestmark = pytest.mark.asyncio(loop_scope="module")


def end(sessions, session):
    sessions.end(session.id)


def lock(sessions, session):
    sessions.lock(session)


def renew(sessions, session):
    """Its owner's browser has another secret from now on."""
    sessions.renew(session, Vouched(session.person, sessions.clock.now(), None, ""))


@pytest.mark.parametrize("over", [end, renew])
async def test_a_session_that_ends_while_its_stream_opens_has_none(hub, person, monkeypatch, over):
    async with person(SAM) as sam:
        prepare, session = web.StreamResponse.prepare, hub.hub.sessions.find(sam.session)

        async def late(response, request):
            if request.path.endswith("/stream"):
                over(hub.hub.sessions, session)
            return await prepare(response, request)

        monkeypatch.setattr(web.StreamResponse, "prepare", late)
        async with sam.client.get(f"{sam.url}/api/v1/stream") as stream, asyncio.timeout(20):
            assert await stream.content.read() == b"retry: 2000\n\n"


OVER = [(end, "not_signed_in"), (lock, "session_locked"), (renew, "not_signed_in")]


@pytest.mark.parametrize(("over", "code"), OVER)
async def test_an_answer_that_was_waited_for_is_not_shown_to_who_is_out_by_then(
    hub, person, monkeypatch, over, code
):
    async with person(ANA) as ana:
        wish = await ana.send("POST", "/access-requests", {**WISH, "permission": "audit:read"})
        session, get = hub.hub.sessions.find(ana.session), hub.hub.approvals.wait

        async def cut_off_meanwhile(*question):
            over(hub.hub.sessions, session)
            return await get(question[0], 0)

        monkeypatch.setattr(hub.hub.approvals, "wait", cut_off_meanwhile)
        late = await ana.call("GET", f"/approvals/{wish['id']}", wait=30)
    assert late.code == code
    ended, begun = (await noted(hub, "request.viewed"))[:2]
    assert (begun.outcome, ended.outcome, ended.decision.reason) == ("done", "denied", late.code)


@pytest.fixture
def held_back(monkeypatch):
    """``held_back(meanwhile)``: each body comes when that was done."""

    def until(meanwhile):
        read = server.read_body

        async def late(*asked):
            await meanwhile()
            return await read(*asked)

        monkeypatch.setattr(server, "read_body", late)

    return until


@pytest.mark.parametrize(("over", "code"), OVER)
async def test_what_is_asked_for_by_a_body_that_comes_late_is_not_done_for_who_is_out_by_then(
    hub, person, held_back, over, code
):
    """Whoever carried off a cookie can begin a question, and end it when its owner has gone."""
    async with person(ANA) as ana:
        session = hub.hub.sessions.find(ana.session)

        async def meanwhile():
            over(hub.hub.sessions, session)

        held_back(meanwhile)
        before = await _asked_for_access(hub)
        late = await ana.call("POST", "/access-requests", {**WISH, "permission": "audit:read"})
    assert (late.status, late.code) == (401, code)
    assert await _asked_for_access(hub) == before


async def _asked_for_access(hub):
    return [entry for entry in await noted(hub, "access.asked") if entry.outcome == "done"]


async def test_a_token_that_is_revoked_while_a_body_is_held_back_opens_nothing(
    hub, person, nobody_here, held_back
):
    async with person(KIM) as kim:
        made = await kim.send("POST", "/tokens", {"holder": "Example Co", "source": "push-1"})

    async def meanwhile():
        await hub.hub.tokens.revoke(made["token"]["id"], "kim")

    held_back(meanwhile)
    shown = {"Authorization": f"Bearer {made['secret']}"}
    late = await nobody_here.call("POST", "/events", [call(9)], headers=shown, source="push-1")
    assert (late.status, late.code) == (401, "not_signed_in")


async def test_a_body_comes_within_its_time(person, monkeypatch):
    monkeypatch.setattr(server, "READ_S", 0.0)
    monkeypatch.setattr(server, "SLOWEST", 1 << 60)

    async def never():
        yield b"{"
        await asyncio.Event().wait()

    async with person(ANA) as ana, asyncio.timeout(20):
        headers = {"Watchfloor-Request": "1"}
        url = f"{ana.url}/api/v1/access-requests"
        async with ana.client.post(url, data=never(), headers=headers) as answer:
            said = await answer.json()
    assert (answer.status, said["error"]["code"]) == (503, "too_slow")


@pytest.mark.parametrize("over", [end, renew])
async def test_lines_end_with_the_session(hub, person, monkeypatch, over):
    """A source may take minutes to answer."""
    async with person(ANA) as ana:
        await open_request(ana)
        session, answer = hub.hub.sessions.find(ana.session), hub.hub.search.answer

        async def cut_off_after_the_first(*question):
            lines = answer(*question)
            yield await anext(lines)
            over(hub.hub.sessions, session)
            async for line in lines:
                yield line

        monkeypatch.setattr(hub.hub.search, "answer", cut_off_after_the_first)
        cut = await ana.call("GET", "/search", q=f"plate:{PLATE}")
    assert cut.status == 401 or b'"hits"' not in cut.body


def _hour():
    now, hour = datetime.now(UTC), timedelta(hours=1)
    return {"since": (now - hour).isoformat(), "until": (now + hour).isoformat()}


async def test_an_export_is_given_to_nobody_whose_session_ended_while_it_was_packed(
    hub, person, monkeypatch
):
    async with person(NOOR) as noor:
        session, packed = hub.hub.sessions.find(noor.session), audit._packed
        loop = asyncio.get_running_loop()

        def cut_off_meanwhile(*asked):
            loop.call_soon_threadsafe(hub.hub.sessions.end, session.id)
            return packed(*asked)

        monkeypatch.setattr(audit, "_packed", cut_off_meanwhile)
        late = await noor.call("GET", "/audit/export", **_hour())
    assert (late.status, late.code) == (401, "not_signed_in")
    ended, begun = (await noted(hub, "audit.exported"))[:2]
    assert (begun.outcome, ended.outcome, ended.attempt) == ("done", "denied", begun.id)


async def test_a_file_ends_with_the_session_and_nobody_takes_it_for_whole(hub, person, monkeypatch):
    monkeypatch.setattr(lines, "_PIECE", 1_000)
    async with person(NOOR) as noor:
        session, write = hub.hub.sessions.find(noor.session), web.StreamResponse.write

        async def cut_off_after_the_first(response, data):
            await write(response, data)
            hub.hub.sessions.end(session.id)

        monkeypatch.setattr(web.StreamResponse, "write", cut_off_after_the_first)
        with pytest.raises(ClientPayloadError):
            await noor.call("GET", "/audit/export", **_hour())
    [given, *_] = await noted(hub, "answer.given")
    assert given.bytes_out == 1_000, "what left"


@pytest.mark.parametrize(
    ("path", "body", "last"),
    [
        ("/audit/0/unseal", {"reason": "A complaint is looked into."}, (Sealer, "seal")),
        ("/disclosures/records", {"profile": "public"}, (Disclosures, "records")),
    ],
)
async def test_what_only_shows_shows_nothing_to_who_is_out_by_then(
    hub, person, monkeypatch, path, body, last
):
    who = NOOR if path.startswith("/audit") else somebody("robin", Role.RECORDS_OFFICER)
    if path.endswith("records"):
        body = {**body, "since": "2020-01-01T00:00:00Z", "until": rfc3339(hub.hub.clock.now())}
    async with person(who) as api:
        session, call_on = hub.hub.sessions.find(api.session), getattr(*last)

        async def cut_off_meanwhile(*asked):
            found = await call_on(*asked)
            hub.hub.sessions.end(session.id)
            return found

        monkeypatch.setattr(*last, cut_off_meanwhile)
        late = await api.call("POST", path, body)
    assert (late.status, late.code) == (401, "not_signed_in")


async def test_who_changes_something_hears_of_it_also_where_that_ended_their_session(hub, person):
    async with person(KIM) as kim:
        own = next(each for each in (await kim.get("/session/screens"))["items"])
        answer = await kim.call("DELETE", f"/sessions/{own['id']}")
    assert answer.status == 204, answer.body
