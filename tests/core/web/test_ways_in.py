"""Ways in, and what they open: tokens, break-glass, walls, wishes for access, two people."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from aiohttp import ClientPayloadError, web
from hub import api_of, hub_here, session_of, until
from made_up import call, hit, push_source, read
from policies import adopt
from staff import noted, open_request, signed_in, somebody

from watchfloor.audit import Sealer
from watchfloor.bootstrap import Options, running_hub
from watchfloor.contracts import rfc3339
from watchfloor.identity import FRESH, Origin, Role, break_glass
from watchfloor.policy import packaged
from watchfloor.requests import OVERRIDE_AFTER
from watchfloor.transparency import Disclosures
from watchfloor.web import COOKIE, lines
from watchfloor.web.handlers import audit

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANA = somebody("ana", Role.ANALYST)
SAM = somebody("sam", Role.SUPERVISOR)
TESS = somebody("tess", Role.SUPERVISOR)
KIM = somebody("kim", Role.AGENCY_IT)
LEO = somebody("leo", Role.AGENCY_IT)
NOOR = somebody("noor", Role.AUDITOR)
PLATE, LISTED = "ZZT1234", "ZZT4321"


def sighting(number, days):
    time = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    event = read(number, time=time)
    return {**event, "data": {**event["data"], "plate": PLATE}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ways") / "hub"
    adopt(folder, 'contact = "Sam Okafor, 555-0120"\n')
    async with hub_here(folder) as running:
        async with api_of(running.url, session_of(running)) as api:
            for source in ("push-1", "push-2"):
                await push_source(api, source)
            await api.push("push-1", [sighting(n, days) for n, days in enumerate((1, 20))])
        yield running


@pytest.fixture
def person(hub):
    return lambda who: signed_in(hub, who)


# --- tokens of services -----------------------------------------------------------------------


def shown(secret):
    return {"Authorization": f"Bearer {secret}"}


@pytest_asyncio.fixture(loop_scope="module")
async def token(person):
    async with person(KIM) as kim:
        made = await kim.send("POST", "/tokens", {"holder": "Example Co", "source": "push-1"})
        yield made


async def test_a_service_hands_over_events_of_its_own_source_and_does_nothing_else(
    hub, nobody_here, token
):
    secret = token["secret"]
    ask = nobody_here.call
    given = await ask("POST", "/events", [call(1)], headers=shown(secret), source="push-1")
    assert (given.status, given.json["accepted"]) == (200, 1)
    other = await ask("POST", "/events", [call(2)], headers=shown(secret), source="push-2")
    assert (other.status, other.code) == (403, "not_its_source")
    for method, path in (("GET", "/live"), ("GET", "/events"), ("GET", "/tokens")):
        assert (await ask(method, path, headers=shown(secret))).status == 403, path
    for method, path in (("GET", "/session"), ("POST", "/session/lock"), ("DELETE", "/session")):
        assert (await ask(method, path, headers=shown(secret))).status == 401, path
    assert [e.outcome for e in await noted(hub, "event.accepted")][:1] == ["denied"]


async def test_a_token_is_shown_once(person, token):
    async with person(KIM) as kim:
        listed = await kim.call("GET", "/tokens")
    assert token["secret"].encode() not in listed.body
    assert token["token"]["id"] in listed.body.decode()


async def test_a_revoked_token_opens_nothing_and_both_are_in_the_audit(
    hub, person, nobody_here, token
):
    async with person(LEO) as leo:
        await leo.send("DELETE", f"/tokens/{token['token']['id']}")
    answer = await nobody_here.call(
        "POST", "/events", [call(3)], headers=shown(token["secret"]), source="push-1"
    )
    assert (answer.status, answer.code) == (401, "not_signed_in")
    assert (await noted(hub, "token.made"))[0].operator.handle == "kim"
    assert (await noted(hub, "token.revoked"))[0].operator.handle == "leo"


async def test_a_bad_token_is_not_saved_by_a_good_cookie(person):
    async with person(ANA) as ana:
        assert (await ana.call("GET", "/hub", headers=shown("wft_made-up"))).status == 401


async def test_who_is_cut_off_takes_the_tokens_that_they_made_along(person, nobody_here, token):
    async with person(LEO) as leo:
        ended = await leo.send("POST", "/people/kim/cut-off", {"reason": "left the agency"})
    assert ended["tokens"] >= 1
    answer = await nobody_here.call(
        "POST", "/events", [call(4)], headers=shown(token["secret"]), source="push-1"
    )
    assert answer.status == 401


# --- break-glass ------------------------------------------------------------------------------

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


@pytest_asyncio.fixture(loop_scope="module")
async def nobody_here(hub):
    async with api_of(hub.url) as api:
        yield api


# --- walls ------------------------------------------------------------------------------------


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
        told = await _told_from(wall, 0, b"ZZ-00702")
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


async def _told_from(api, position, upto):
    """What a console that was away since a position is told, until it is told of ``upto``."""
    headers = {"Last-Event-ID": str(position)}
    async with api.client.get(f"{api.url}/api/v1/stream", headers=headers) as stream:
        text = b""
        async with asyncio.timeout(10):
            while upto not in text:
                text += await stream.content.readany()
    return text


async def test_a_desk_that_becomes_a_wall_is_told_nothing_more_as_a_desk(hub, person):
    """A stream that was open before, in another tab, ends."""
    async with person(SAM) as sam, sam.client.get(f"{sam.url}/api/v1/stream") as stream:
        await stream.content.readline()
        await sam.send("POST", "/session/wall")
        async with api_of(hub.url, session_of(hub)) as api:
            await api.push("push-1", [hit(1235)])
        async with asyncio.timeout(20):
            assert b"ZZT1235" not in await stream.content.read()


async def test_a_session_that_ends_while_its_stream_opens_has_none(hub, person, monkeypatch):
    async with person(SAM) as sam:
        prepare, session = web.StreamResponse.prepare, hub.hub.sessions.find(sam.session)

        async def late(response, request):
            if request.path.endswith("/stream"):
                hub.hub.sessions.end(session.id)
            return await prepare(response, request)

        monkeypatch.setattr(web.StreamResponse, "prepare", late)
        async with sam.client.get(f"{sam.url}/api/v1/stream") as stream, asyncio.timeout(20):
            assert await stream.content.read() == b"retry: 2000\n\n"


@pytest.mark.parametrize("ending", ["end", "lock"])
async def test_an_answer_that_was_waited_for_is_not_shown_to_who_is_out_by_then(
    hub, person, monkeypatch, ending
):
    async with person(ANA) as ana:
        wish = await ana.send("POST", "/access-requests", {**WISH, "permission": "audit:read"})
        session, get = hub.hub.sessions.find(ana.session), hub.hub.approvals.wait

        async def cut_off_meanwhile(*question):
            if ending == "end":
                hub.hub.sessions.end(session.id)
            else:
                hub.hub.sessions.lock(session)
            return await get(question[0], 0)

        monkeypatch.setattr(hub.hub.approvals, "wait", cut_off_meanwhile)
        late = await ana.call("GET", f"/approvals/{wish['id']}", wait=30)
    assert late.code == {"end": "not_signed_in", "lock": "session_locked"}[ending]
    ended, begun = (await noted(hub, "request.viewed"))[:2]
    assert (begun.outcome, ended.outcome, ended.decision.reason) == ("done", "denied", late.code)


async def test_lines_end_with_the_session(hub, person, monkeypatch):
    """A source may take minutes to answer."""
    async with person(ANA) as ana:
        await open_request(ana)
        session, answer = hub.hub.sessions.find(ana.session), hub.hub.search.answer

        async def cut_off_after_the_first(*question):
            lines = answer(*question)
            yield await anext(lines)
            hub.hub.sessions.end(session.id)
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


async def test_a_wall_takes_a_fresh_sign_in(hub, person):
    async with person(SAM) as sam:
        hub.hub.sessions.find(sam.session).authenticated -= FRESH
        refused = await sam.call("POST", "/session/wall")
    assert (refused.status, refused.code) == (403, "reauthenticate")
    assert (await noted(hub, "session.confirmed"))[0].outcome == "denied"


ROBIN = somebody("robin", Role.RECORDS_OFFICER)
RISKY = [
    (KIM, "PUT", "/sources/push-1/credentials/none", {"value": {"token": "x"}}),
    (KIM, "PUT", "/hub/credentials/none", {"value": {"token": "x"}}),
    (KIM, "POST", "/sources/push-1/credentials/none/rotate", {"value": {"token": "x"}}),
    (KIM, "POST", "/tokens", {"holder": "Example Readers Inc.", "source": "none"}),
    (KIM, "POST", "/people/nobody/cut-off", {"reason": "left the agency"}),
    (KIM, "POST", "/break-glass", {"id": "night", "name": "Night Desk", "role": "analyst",
                                   "password": "Marmalade tugboat 7 lanterns"}),
    (KIM, "POST", "/break-glass/none/release", None),
    (SAM, "PUT", "/channels/ex", {"url": "https://alerts.example.org/x"}),
    (ROBIN, "POST", "/disclosures/case", {"case": "26-000001"}),
    (ROBIN, "POST", "/disclosures/records", {"profile": "public", "since": "2020-01-01T00:00:00Z",
                                             "until": "2020-01-02T00:00:00Z"}),
]  # fmt: skip


@pytest.mark.parametrize(("who", "method", "path", "body"), RISKY)
async def test_a_desk_that_was_left_open_does_nothing_risky(hub, person, who, method, path, body):
    async with person(who) as api:
        hub.hub.sessions.find(api.session).authenticated -= FRESH
        refused = await api.call(method, path, body)
    assert (refused.status, refused.code) == (403, "reauthenticate")


async def test_what_takes_a_way_back_is_done_at_the_machine_while_the_provider_is_down(hub):
    secret, _ = hub.hub.sessions.begin(KIM, Origin("127.0.0.1"), authenticated=0, passing=True)
    asked = RISKY[1], RISKY[6]
    async with api_of(hub.url) as machine:
        machine.client.cookie_jar.update_cookies({COOKIE: secret})
        told = [await machine.call(method, path, body) for _, method, path, body in asked]
    assert [each.status for each in told] == [404, 404], "it was looked for"


async def test_neither_it_nor_the_auditor_has_a_wall(person):
    for who in (KIM, NOOR):
        async with person(who) as api:
            assert (await api.call("POST", "/session/wall")).status == 403


# --- ending sessions --------------------------------------------------------------------------

PAT = replace(somebody("pat", Role.PARTNER_AGENCY), agency="next-pd")


def begun(hub, who, device):
    secret, _ = hub.hub.sessions.begin(who, Origin("192.0.2.7", device))
    return secret


async def test_it_ends_what_a_device_and_what_an_agency_holds(hub, person):
    lost, desk = "ab" * 16, "cd" * 16
    at_lost = [begun(hub, who, lost) for who in (ANA, SAM)]
    at_desk = begun(hub, ANA, desk)
    partner = begun(hub, PAT, "ef" * 16)
    find = hub.hub.sessions.find
    async with person(KIM) as kim, person(SAM) as sam:
        assert (await sam.call("POST", f"/devices/{lost[:8]}/sign-out")).status == 403
        ended = await kim.send("POST", f"/devices/{lost[:8]}/sign-out")
        assert ended == {"sessions": 2}
        assert [find(each) for each in at_lost] == [None, None]
        assert find(at_desk)
        told = (await noted(hub, "session.revoked"))[0]
        assert (told.object.kind, told.object.id) == ("devices", lost[:8])
        again = await kim.call("POST", f"/devices/{lost[:8]}/sign-out")
        assert (again.status, again.code) == (404, "no_such_session")
        assert await kim.send("POST", "/agencies/next-pd/sign-out") == {"sessions": 1}
        assert find(partner) is None
        await kim.send("POST", f"/agencies/{ANA.agency}/sign-out")
        assert find(at_desk) is None
        assert (await kim.get("/session"))["person"] == KIM.handle, "not who does it"
        machine = [each for each in hub.hub.sessions.all() if each.passing]
        assert machine, "nor the machine's own"


async def test_everybody_sees_their_own_screens_and_ends_them_and_no_others(hub, person):
    async with person(ANA) as ana, person(SAM) as sam:
        elsewhere = begun(hub, ANA, "cd" * 16)
        found = (await ana.get("/session/screens"))["items"]
        assert {each["person"] for each in found} == {ANA.handle}
        [other] = [each for each in found if each["device"] == "cdcdcdcd"]
        assert [each["mine"] for each in found if each is not other].count(True) == 1
        for theirs in (await sam.get("/session/screens"))["items"]:
            refused = await ana.call("DELETE", f"/session/screens/{theirs['id']}")
            assert (refused.status, refused.code) == (404, "no_such_session")
        await ana.send("DELETE", f"/session/screens/{other['id']}")
        assert hub.hub.sessions.find(elsewhere) is None
    assert (await noted(hub, "session.ended"))[0].object.id == other["id"]


async def test_at_a_wall_nobody_signs_its_person_out_elsewhere(hub, person):
    async with person(SAM) as sam:
        elsewhere = begun(hub, SAM, "cd" * 16)
        id = hub.hub.sessions.find(elsewhere).id
        await sam.send("POST", "/session/wall")
        refused = await sam.call("DELETE", f"/session/screens/{id}")
    assert (refused.status, refused.code) == (403, "wall_only_receives")


# --- asking for access ------------------------------------------------------------------------

WISH = {"permission": "data:search", "why": "I moved from the help desk to the floor."}


async def test_instead_of_a_blank_no_somebody_decides_and_both_is_recorded(hub, person):
    async with person(KIM) as kim, person(LEO) as leo, person(SAM) as sam:
        assert (await kim.call("GET", "/events")).status == 403
        wish = await kim.send("POST", "/access-requests", WISH)
        assert wish["what"] == "Access: to search"
        for who in (kim, leo):
            waiting = await who.get("/approvals")
            assert wish["id"] not in [each["id"] for each in waiting["items"]]
        assert wish["id"] in [each["id"] for each in (await sam.get("/approvals"))["items"]]
        answer = {"granted": False, "note": "Your groups have not changed yet."}
        await sam.send("POST", f"/approvals/{wish['id']}/answer", answer)
        told = await kim.get(f"/approvals/{wish['id']}")
        assert (told["answer"], told["note"]) == ("declined", answer["note"])
        assert (await kim.call("GET", "/events")).status == 403
    assert (await noted(hub, "access.asked"))[0].operator.handle == "kim"
    assert (await noted(hub, "approval.given"))[0].operator.handle == "sam"


async def test_a_wish_is_known_again_by_who_has_it(person):
    permission = "retention:read"
    wishes = f"/access-requests?permission={permission}"

    async def stands(api):
        return [(each["id"], each["answer"]) for each in (await api.get(wishes))["items"]]

    async with person(ANA) as ana, person(LEO) as leo, person(SAM) as sam:
        assert await stands(ana) == []
        wish = await ana.send("POST", "/access-requests", {**WISH, "permission": permission})
        assert await stands(ana) == [(wish["id"], None)]
        assert await stands(leo) == []
        await sam.send("POST", f"/approvals/{wish['id']}/answer", {"granted": True})
        assert await stands(ana) == [(wish["id"], "granted")]


async def test_what_somebody_has_is_not_asked_for(person):
    async with person(ANA) as ana:
        refused = await ana.call("POST", "/access-requests", WISH)
    assert (refused.status, refused.code) == (403, "access_held")


async def test_no_override_opens_a_wish_for_access(hub, person):
    async with person(ANA) as ana:
        emergency = await open_request(ana, **EMERGENCY)
        wish = await ana.send("POST", "/access-requests", {**WISH, "permission": "audit:read"})
        refused = await ana.call(
            "POST", f"/approvals/{wish['id']}/override", {"request": emergency}
        )
    assert (refused.status, refused.code) == (403, "no_override")


# --- training ---------------------------------------------------------------------------------


async def test_a_training_that_lapsed_closes_what_it_covers_and_renewed_opens_it(hub, person):
    """X2: criminal justice information takes a valid NCIC certification, however it is asked."""
    async with api_of(hub.url, session_of(hub)) as api:
        await api.push("push-1", [call(77, dataclassification="cji"), call(78)])
    now = hub.hub.clock.now()
    for until_, seen in ((0, False), (now - 1, False), (now + 3_600_000_000, True)):
        async with person(somebody("lee", Role.ANALYST, certified={"ncic": until_})) as lee:
            await open_request(lee)
            listed = await lee.events(kind="call")
            assert ("ZZ-00077" in str(listed)) is seen
            found = await lee.lines("/search", q="call:ZZ-00077")
            assert ("100 Main St" in str(found[1:])) is seen
            assert ("ZZ-00077" in str(await lee.get("/live"))) is seen
            assert await _streamed(lee, "ZZ-00077") is seen


async def _streamed(api, word):
    """Whether a word is in what a console that was away is told first."""
    return word.encode() in await _told_from(api, 0, b"ZZ-00078")


# --- settings take two ------------------------------------------------------------------------


async def test_a_source_is_silenced_by_two_people(hub, person):
    async with person(KIM) as kim, person(LEO) as leo:
        first = await kim.call("POST", "/sources/push-2/disable")
        assert (first.status, first.code) == (403, "second_person_needed")
        [question] = (await leo.get("/approvals"))["items"]
        assert question["what"] == "Switch a source off: push-2"
        answer = f"/approvals/{question['id']}/answer"
        own = await kim.call("POST", answer, {"granted": True})
        assert (own.status, own.code) == (403, "own_approval")
        await leo.send("POST", answer, {"granted": True})
        other = await kim.call("POST", "/sources/push-1/disable")
        assert (other.status, other.code) == (403, "second_person_needed"), "that and nothing else"
        await kim.send("POST", "/sources/push-2/disable")
        await kim.send("POST", "/sources/push-2/enable")
    outcomes = [e.outcome for e in await noted(hub, "source.changed")][:4]
    assert outcomes == ["done", "done", "denied", "denied"], "enabled, off, the other, alone"


async def test_new_settings_silence_no_source_alone(hub, person):
    async with person(KIM) as kim, person(LEO) as leo:
        settings = {"connector": "push", "name": "Reads"}
        await kim.send("PUT", "/sources/push-2", settings)
        off = {**settings, "enabled": False}
        alone = await kim.call("PUT", "/sources/push-2", off)
        assert (alone.status, alone.code) == (403, "second_person_needed")
        assert (await kim.source("push-2"))["enabled"]
        await leo.send("POST", f"/approvals/{_asked(alone)}/answer", {"granted": True})
        await kim.send("PUT", "/sources/push-2", off)
        await kim.send("PUT", "/sources/push-2", {**off, "name": "Still off"})
        assert not (await kim.source("push-2"))["enabled"]
        await kim.send("PUT", "/sources/push-2", settings)


async def test_nobody_alone_declares_real_data_made_up(hub, person):
    """Training reaches what is made up, without a case."""
    async with person(KIM) as kim:
        settings = {"connector": "push", "name": "Reads"}
        await kim.send("PUT", "/sources/push-2", settings)
        alone = await kim.call("PUT", "/sources/push-2", {**settings, "synthetic": True})
        assert (alone.status, alone.code) == (403, "second_person_needed")
        assert not (await kim.source("push-2"))["synthetic"]
        await kim.send("PUT", "/sources/push-3", {**settings, "synthetic": True})
        await kim.send("PUT", "/sources/push-3", {**settings, "synthetic": True, "name": "Same"})
        real = await kim.call("PUT", "/sources/push-3", settings)
        assert (real.status, real.code) == (403, "second_person_needed")


async def test_settings_open_in_no_emergency(hub, person):
    boss = somebody("boss", Role.SUPERVISOR, Role.AGENCY_IT)
    async with person(boss) as api:
        emergency = await open_request(api, **EMERGENCY)
        refused = await api.call("DELETE", "/sources/push-2")
        assert refused.code == "second_person_needed"
        id = _asked(refused)
        answer = await api.call("POST", f"/approvals/{id}/override", {"request": emergency})
        assert (answer.status, answer.code) == (403, "no_override")


def _asked(refused):
    return refused.json["error"]["approval"]


# --- when nobody answers ----------------------------------------------------------------------

EMERGENCY = {
    "purpose": "emergency_override",
    "asked": "Where is the white van?",
    "reason": "A child was taken from the park a minute ago.\nThere is no call number yet.",
    "provisional": False,
}
FAR = f"plate:{PLATE} since:60d"


async def test_an_override_opens_after_two_minutes_is_told_and_reviewed(hub, person, monkeypatch):
    async with (
        person(ANA) as ana,
        person(SAM) as sam,
        sam.client.get(f"{sam.url}/api/v1/stream"),
    ):
        emergency = await open_request(ana, **EMERGENCY)
        refused = await ana.call("GET", "/search", q=FAR)
        assert (refused.status, refused.code) == (403, "supervisor_needed")
        id = _asked(refused)
        assert id in [each["id"] for each in (await sam.get("/approvals"))["items"]]
        override = f"/approvals/{id}/override"
        early = await ana.call("POST", override, {"request": emergency})
        assert (early.status, early.code) == (503, "second_person_asked")
        stranger = await sam.call("POST", override, {"request": emergency})
        assert (stranger.status, stranger.code) == (403, "no_override")

        class Later:
            def now(self):
                return hub.hub.clock.now() + OVERRIDE_AFTER

        with monkeypatch.context() as patch:
            patch.setattr(hub.hub.approvals, "_clock", Later())
            opened = await ana.send("POST", override, {"request": emergency})
        assert opened["answer"] == "overridden"
        found = await ana.lines("/search", q=FAR)
        assert sum(len(line.get("hits", ())) for line in found) == 2

        reviews = (await sam.get("/requests/in-review"))["items"]
        [waiting] = [each for each in reviews if each["id"] == emergency]
        _, review = [each for each in waiting["reviews"] if each["why"] == "emergency"]
        told = await until(lambda: _told_of(sam, emergency))
        assert told == ["sam"]
        due = datetime.fromisoformat(review["due"]) - datetime.fromisoformat(review["since"])
        assert due == timedelta(hours=24)
    assert (await noted(hub, "override.opened"))[0].operator.handle == "ana"


async def _told_of(api, request):
    found = await api.get(f"/requests/{request}")
    return [each["told"] for each in found["reviews"] if each["why"] == "emergency"][-1]


async def test_a_refusal_is_no_silence(hub, person, monkeypatch):
    async with person(ANA) as ana, person(SAM) as sam:
        emergency = await open_request(ana, **EMERGENCY)
        id = _asked(await ana.call("GET", "/search", q=FAR + " Ford"))
        await sam.send("POST", f"/approvals/{id}/answer", {"granted": False})
        answer = await ana.call("POST", f"/approvals/{id}/override", {"request": emergency})
    assert (answer.status, answer.code) == (403, "approval_answered")


TWO_FOR_DEEDS = """
@id("deeds-are-agreed-on")
@obligation("ask_supervisor")
permit(principal, action == Action::"actions:do", resource);
"""


async def test_a_yes_to_one_deed_opens_no_other(tmp_path):
    rules = tmp_path / "hub" / "policy" / "rules.cedar"
    rules.parent.mkdir(parents=True)
    rules.write_text(packaged()["default.cedar"] + TWO_FOR_DEEDS)
    adopt(tmp_path / "hub")
    deed = {"source": "push-1", "action": "open_gate", "parameters": {"gate": 1}}
    others = ({"parameters": {"gate": 2}}, {"action": "close_gate"}, {"idempotency_key": "again"})
    async with (
        hub_here(tmp_path / "hub") as hub,
        signed_in(hub, ANA) as ana,
        signed_in(hub, SAM) as sam,
    ):
        await open_request(ana)
        id = _asked(await ana.call("POST", "/deeds", deed))
        [question] = (await sam.get("/approvals"))["items"]
        assert question["what"] == "push-1 is told to do: open_gate"
        await sam.send("POST", f"/approvals/{id}/answer", {"granted": True})
        for other in others:
            again = await ana.call("POST", "/deeds", deed | other)
            assert again.code == "supervisor_needed", other
        opened = await ana.call("POST", "/deeds", deed)
        assert (opened.status, opened.code) == (404, "no_such_action"), "past policy"


# --- a restart --------------------------------------------------------------------------------


async def test_a_hub_that_is_upgraded_at_night_signs_nobody_out(tmp_path):
    options = Options(tmp_path, port=0, hooks_port=0, development=True)
    async with running_hub(options) as before, signed_in(before, ANA) as ana:
        request = await open_request(ana)
        gone, session = before.hub.sessions.begin(SAM, _ORIGIN)
        async with signed_in(before, KIM) as kim:
            await kim.send("DELETE", f"/sessions/{session.id}")
    async with running_hub(options) as after, api_of(after.url) as browser:
        browser.client.cookie_jar.update_cookies({COOKIE: ana.session})
        who = await browser.get("/session")
        assert (who["person"], who["request"], who["state"]) == ("ana", request, "open")
        assert after.hub.sessions.find(gone) is None
    async with running_hub(Options(tmp_path, port=0, hooks_port=0)) as production:
        assert production.hub.sessions.find(ana.session) is None, "begun under other rules"


_ORIGIN = Origin("127.0.0.1")
