"""Nobody gets in unseen, and every route says who may, for what, and what is written down."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import pytest
from hub import PERSON, api_of, session_of
from staff import noted, open_request, signed_in, somebody

from watchfloor.audit import AuditEvent
from watchfloor.bootstrap import Options, running_hub
from watchfloor.contracts import AskAPerson
from watchfloor.identity import DEVELOPING, Permission, Role, person_here
from watchfloor.web import COOKIE, ROUTES

pytestmark = pytest.mark.asyncio(loop_scope="module")

GUARDED = [route for route in ROUTES if route.session]
OPEN = {
    "GET /health",
    "GET /openapi.json",
    "POST /session",
    "POST /session/break-glass",
    "POST /session/terminal",
    "GET /sign-in",
    "GET /sign-in/callback",
    "GET /sign-in/contact",
    "GET /sign-in/terminal",
    "POST /sign-in/callback",
    "POST /sign-in/logged-out",
    "GET /transparency",
    "GET /transparency.json",
    "GET /transparency.csv",
    "GET /transparency.pdf",
    "GET /vendor-sign-in/{source}/returned",
    "POST /witness/add-checkpoint",
}
OWN = {
    "GET /session",
    "DELETE /session",
    "POST /session/seen",
    "POST /session/acknowledge",
    "POST /session/lock",
}
"""About one's own session: for anybody who has one."""

PURPOSE = {
    Permission.DATA_SEARCH, Permission.DATA_EXPORT, Permission.DATA_HISTORY,
    Permission.LOOKUPS_ASK, Permission.ACTIONS_DO, Permission.INTELLIGENCE_KEEP,
}  # fmt: skip
"""What nobody does without a purpose."""


def _name(route):
    return f"{route.method} {route.path}"


def _path(route):
    return re.sub(r"\{\w+\}", "1", route.path)


def _invite(hub) -> str:
    person = person_here(PERSON, hub.hub.settings.agency, DEVELOPING)
    token: str = hub.hub.invitations.invite(person)
    return token


def _named(routes: Sequence) -> set[str]:
    return {_name(route) for route in routes}


async def test_what_is_open_to_all_is_named_here():
    assert _named([route for route in ROUTES if not route.session]) == OPEN


async def test_every_other_route_names_its_permission_and_its_audit_event():
    assert _named([route for route in GUARDED if route.access is None]) == OWN
    for route in GUARDED:
        if route.access is not None:
            assert isinstance(route.access.permission, Permission), _name(route)
            assert isinstance(route.access.event, AuditEvent), _name(route)


async def test_what_needs_a_purpose_asks_for_it():
    for route in GUARDED:
        if route.access is not None and route.access.permission in PURPOSE:
            assert route.access.purpose == "needed", _name(route)


async def test_only_alerts_and_what_brings_them_go_on_without_a_record():
    goes_on = {
        route.access.permission for route in GUARDED if route.access and route.access.fails_open
    }
    assert goes_on == {
        Permission.ALERTS_ACT, Permission.ALERTS_READ, Permission.DATA_BRING,
        Permission.DATA_LIVE, Permission.HUB_READ,
    }  # fmt: skip


@pytest.mark.parametrize("route", GUARDED, ids=_name)
async def test_every_other_route_asks_for_a_session(nobody, route):
    answer = await nobody.call(route.method, _path(route), b"{}")
    assert (answer.status, answer.code) == (401, "not_signed_in")


@pytest.mark.parametrize("route", GUARDED, ids=_name)
async def test_a_made_up_session_is_none(nobody, route):
    cookie = {"Cookie": f"{COOKIE}=made-up"}
    answer = await nobody.call(route.method, _path(route), b"{}", headers=cookie)
    assert answer.status == 401


@pytest.mark.parametrize(
    "route", [route for route in GUARDED if route.access is not None], ids=_name
)
async def test_a_locked_session_opens_nothing(hub, route):
    session = session_of(hub)
    [locked] = [each for each in hub.hub.sessions.all() if each is hub.hub.sessions.find(session)]
    hub.hub.sessions.lock(locked)
    headers = {"Cookie": f"{COOKIE}={session}"}
    async with api_of(hub.url) as api:
        answer = await api.call(route.method, _path(route), b"{}", headers=headers)
    assert (answer.status, answer.code) == (401, "session_locked")


async def test_a_token_works_once(hub, nobody):
    token = _invite(hub)
    first = await nobody.call("POST", "/session", {"token": token})
    assert (first.status, first.json["person"]) == (201, PERSON)
    assert (await nobody.get("/session"))["person"] == PERSON
    async with api_of(hub.url) as thief:
        second = await thief.call("POST", "/session", {"token": token})
        assert (second.status, second.code) == (403, "bad_token")
        assert (await thief.call("GET", "/session")).status == 401


async def test_the_link_that_is_printed_signs_its_person_in(hub, nobody):
    token = hub.link.partition("#token=")[2]
    assert (await nobody.send("POST", "/session", {"token": token}))["person"] == PERSON


async def test_the_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(hub, nobody):
    answer = await nobody.call("POST", "/session", {"token": _invite(hub)})
    cookies = [cookie.lower() for cookie in answer.headers.getall("Set-Cookie")]
    assert len(cookies) == 2
    for cookie in cookies:
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "path=/" in cookie


async def test_a_secret_from_before_the_sign_in_is_never_taken_over(hub, nobody):
    """Session fixation: whoever planted a cookie does not get the session that begins."""
    planted = {"Cookie": f"{COOKIE}=planted-by-somebody-else-0123456789abcdef0123"}
    answer = await nobody.call("POST", "/session", {"token": _invite(hub)}, headers=planted)
    assert answer.status == 201
    assert "planted" not in "".join(answer.headers.getall("Set-Cookie"))
    async with api_of(hub.url) as thief:
        assert (await thief.call("GET", "/session", headers=planted)).status == 401


async def test_signing_out_ends_the_session_at_the_hub(hub):
    session = session_of(hub)
    async with api_of(hub.url, session) as api:
        assert (await api.call("DELETE", "/session")).json == {"url": None}
    answer_of = {"Cookie": f"{COOKIE}={session}"}
    async with api_of(hub.url) as again:
        assert (await again.call("GET", "/session", headers=answer_of)).status == 401


async def test_a_session_that_is_kept_out_is_recorded_and_each_poll_of_its_screen_is_not(hub):
    session = session_of(hub)
    locked = hub.hub.sessions.find(session)
    async with api_of(hub.url, session) as api:
        hub.hub.sessions.lock(locked)
        for _ in range(3):
            assert (await api.call("GET", "/live")).code == "session_locked"
        other = {"Origin": "https://evil.example.org"}
        assert (await api.call("DELETE", "/session", headers=other)).code == "cross_origin"
    told = [
        (entry.event, entry.outcome, entry.decision.reason, entry.operator.handle)
        for event in ("live.viewed", "session.confirmed")
        for entry in await noted(hub, event)
        if entry.session == locked.id
    ]
    assert told == [
        ("live.viewed", "denied", "session_locked", PERSON),
        ("session.confirmed", "denied", "cross_origin", PERSON),
    ]


async def test_who_works_on_a_request_is_recorded_and_a_locked_screen_joins_none(hub):
    ana, ben = somebody("ana", Role.ANALYST), somebody("ben", Role.ANALYST)
    async with signed_in(hub, ana) as hers, signed_in(hub, ben) as his:
        request = await open_request(hers)
        await his.send("POST", "/session/lock")
        for chosen in (request, None):
            kept_out = await his.call("PUT", "/session/request", {"request": chosen})
            assert (kept_out.status, kept_out.code) == (401, "session_locked")
        history = (await hers.get(f"/requests/{request}"))["history"]
        assert {each["by"] for each in history} == {"ana"}
        hub.hub.sessions.find(his.session).left_at = None
        await his.send("PUT", "/session/request", {"request": request})
        await his.send("PUT", "/session/request", {"request": None})
        history = (await hers.get(f"/requests/{request}"))["history"]
        assert (history[-1]["by"], history[-1]["did"]) == ("ben", "joined")
    told = [
        (entry.outcome, entry.object.id if entry.object else None)
        for entry in await noted(hub, "request.chosen")
        if entry.operator.handle == "ben"
    ]
    assert told == [("done", None), ("done", request), ("denied", None)]


async def test_whoever_is_not_let_in_is_recorded(hub, nobody):
    made_up = "made-up-" * 8
    asked = {
        "link": ("/session", {"token": made_up}),
        "terminal": ("/session/terminal", {"code": made_up, "verifier": made_up}),
        "break_glass": ("/session/break-glass", {"account": "nobody", "password": made_up}),
        "token": ("/events", []),
    }
    for by, (path, body) in asked.items():
        headers = {"Authorization": "Bearer wft_made-up"} if by == "token" else {}
        for _ in range(2):
            answer = await nobody.call("POST", path, body, headers=headers)
            assert answer.status in (401, 403), path
    begun = [each for each in await noted(hub, "session.begun") if each.operator is None]
    assert {each.outcome for each in begun} == {"denied"}
    told = Counter((each.more["by"], each.more["reason"]) for each in begun)
    assert told >= Counter(
        {("link", "bad_token"): 2, ("terminal", "bad_token"): 2,
         ("break_glass", "account_refused"): 2, ("token", "not_signed_in"): 1},
    )  # fmt: skip
    assert told["token", "not_signed_in"] == 1, "a vendor's program goes on trying"


@pytest.mark.parametrize("token", ["short", 7, None, "x" * 300])
async def test_what_is_no_token_is_said_to_be_none(nobody, token):
    answer = await nobody.call("POST", "/session", {"token": token})
    assert (answer.status, answer.code) == (422, "bad_body")


@pytest.mark.parametrize("origin", ["https://evil.example.org", "http://127.0.0.1:1", "null"])
async def test_a_page_of_another_site_cannot_act(api, origin):
    body = {"text": "Hello", "tone": "notice"}
    answer = await api.call("PUT", "/banner", body, headers={"Origin": origin})
    assert (answer.status, answer.code) == (403, "cross_origin")
    assert (await api.get("/hub"))["banner"] is None


async def test_the_hubs_own_page_can(api):
    body = {"text": "", "tone": "notice"}
    answer = await api.call("PUT", "/banner", body, headers={"Origin": api.url})
    assert answer.status == 204


async def test_without_a_provider_signing_in_says_what_there_is_instead(nobody):
    url = f"{nobody.url}/api/v1/sign-in"
    async with nobody.client.get(url, allow_redirects=False) as answer:
        assert answer.status == 302
        assert answer.headers["Location"] == "/#/sign-in-failed/no_sign_on"


@pytest.mark.parametrize("option", ["--port", "--hooks-port"])
async def test_a_port_that_is_taken_is_said_with_how_to_choose_another(hub, tmp_path, option):
    ports = {"--port": 0, "--hooks-port": 0, option: int(hub.url.rpartition(":")[2])}
    with pytest.raises(AskAPerson) as taken:
        async with running_hub(
            Options(tmp_path, port=ports["--port"], hooks_port=ports["--hooks-port"])
        ):
            pass
    assert taken.value.code == "port_taken"
    assert f" {option}, " in taken.value.remedy


async def test_the_run_file_is_its_owners_alone(hub, tmp_path):
    async with running_hub(Options(tmp_path, port=0, hooks_port=0)):
        assert (tmp_path / "run.json").stat().st_mode & 0o777 == 0o600
        with pytest.raises(AskAPerson) as second:
            async with running_hub(Options(tmp_path, port=0, hooks_port=0)):
                pass
        assert second.value.code == "already_running"
    assert not (tmp_path / "run.json").exists()
