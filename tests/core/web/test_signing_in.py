"""Nobody gets in without the one-time token, and a page of another site never acts for somebody."""

from __future__ import annotations

import re

import pytest
from hub import PERSON, api_of, session_of

from watchfloor.bootstrap import Options, running_hub
from watchfloor.contracts import AskAPerson, Refused
from watchfloor.web import COOKIE, ROUTES
from watchfloor.web.sessions import SESSION_LIFE, TOKEN_LIFE, Sessions

pytestmark = pytest.mark.asyncio(loop_scope="module")

GUARDED = [route for route in ROUTES if route.session]
OPEN = {"GET /health", "GET /openapi.json", "POST /session"}


def _name(route):
    return f"{route.method} {route.path}"


def _path(route):
    return re.sub(r"\{\w+\}", "1", route.path)


async def test_what_is_open_to_all_is_named_here():
    assert {_name(route) for route in ROUTES if not route.session} == OPEN


@pytest.mark.parametrize("route", GUARDED, ids=_name)
async def test_every_other_route_asks_for_a_session(nobody, route):
    answer = await nobody.call(route.method, _path(route), b"{}")
    assert (answer.status, answer.code) == (401, "not_signed_in")


@pytest.mark.parametrize("route", GUARDED, ids=_name)
async def test_a_made_up_session_is_none(nobody, route):
    cookie = {"Cookie": f"{COOKIE}=made-up"}
    answer = await nobody.call(route.method, _path(route), b"{}", headers=cookie)
    assert answer.status == 401


async def test_a_token_works_once(hub, nobody):
    token = hub.hub.sessions.invite(PERSON)
    first = await nobody.call("POST", "/session", {"token": token})
    assert (first.status, first.json) == (201, {"person": PERSON})
    assert (await nobody.get("/session")) == {"person": PERSON}
    async with api_of(hub.url) as thief:
        second = await thief.call("POST", "/session", {"token": token})
        assert (second.status, second.code) == (403, "bad_token")
        assert (await thief.call("GET", "/session")).status == 401


async def test_the_link_that_is_printed_signs_its_person_in(hub, nobody):
    token = hub.link.partition("#token=")[2]
    assert (await nobody.send("POST", "/session", {"token": token})) == {"person": PERSON}


async def test_the_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(hub, nobody):
    token = hub.hub.sessions.invite(PERSON)
    answer = await nobody.call("POST", "/session", {"token": token})
    cookie = answer.headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie


async def test_signing_out_ends_the_session_at_the_hub(hub):
    session = session_of(hub)
    async with api_of(hub.url, session) as api:
        assert (await api.call("DELETE", "/session")).status == 204
    async with api_of(hub.url, session) as again:
        assert (await again.call("GET", "/session")).status == 401


@pytest.mark.parametrize("token", ["short", 7, None, "x" * 300])
async def test_what_is_no_token_is_said_to_be_none(nobody, token):
    answer = await nobody.call("POST", "/session", {"token": token})
    assert (answer.status, answer.code) == (422, "bad_body")


async def test_tokens_and_sessions_end_by_themselves():
    class Clock:
        def now(self):
            return self.time

    clock = Clock()
    clock.time = 0
    sessions = Sessions(clock)
    late, used = sessions.invite(PERSON), sessions.invite(PERSON)
    session = sessions.exchange(used)
    clock.time = SESSION_LIFE + 1
    assert sessions.person(session) is None
    clock.time = TOKEN_LIFE + 1
    with pytest.raises(Refused):
        sessions.exchange(late)


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


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "hub.example.org", ""])
async def test_it_listens_on_loopback_only(tmp_path, host):
    with pytest.raises(Refused) as refused:
        async with running_hub(Options(tmp_path, host=host, port=0, hooks_port=0)):
            pass
    assert refused.value.code == "not_loopback"
    assert "127.0.0.1" in refused.value.remedy


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
