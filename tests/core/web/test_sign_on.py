"""Signing in at a hub by the agency's provider, whole: what a browser does, and what an attacker
tries instead."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import replace

import pytest
from hub import api_of
from sign_on import Visitor
from staff import noted
from with_provider import BANNER, Browser, agency
from yarl import URL

from watchfloor.bootstrap import RUN_FILE
from watchfloor.contracts import RetryLater
from watchfloor.identity import IDLE, LIFE, Role, Terminal, Vouched, challenge_of
from watchfloor.web import COOKIE
from watchfloor.web.cookies import PENDING


@pytest.fixture
async def there(tmp_path):
    async with agency(tmp_path) as found:
        yield found


@pytest.fixture
async def browser(there):
    async with Browser(there[0].url) as browser:
        yield browser


async def test_a_person_signs_in_with_their_roles_and_comes_back_where_they_were_going(browser):
    assert await browser.sign_in("aruiz", "?to=/%23/search%3Fq%3DZZT1234") == "/#/search?q=ZZT1234"
    _, who, _ = await browser.ask("GET", "/session")
    assert (who["name"], who["roles"], who["state"]) == ("Ana Ruiz", ["analyst"], "open")
    _, screens, _ = await browser.ask("GET", "/session/screens")
    assert [each["program"] for each in screens["items"]] == ["Command line"]


async def test_a_request_names_people_and_not_accounts_also_once_they_have_left(there, browser):
    hub, _ = there
    asked = {"purpose": "missing_endangered", "asked": "A test asks", "provisional": True}
    async with Browser(hub.url) as sam:
        await browser.sign_in("aruiz")
        await browser.ask("POST", "/requests", json=asked)
        await browser.ask("DELETE", "/session")
        await sam.sign_in("sokafor")
        _, found, _ = await sam.ask("GET", "/requests?show=open")
    [request] = found["items"]
    assert (request["opener"], request["people"]) == ("aruiz", {"aruiz": "Ana Ruiz"})


@pytest.mark.parametrize("to", ["//evil.example.org", "https://evil.example.org", "/\\evil"])
async def test_a_sign_on_never_ends_on_another_site(browser, to):
    url = await browser.depart(f"?to={URL.build(query_string=to).query_string or to}")
    back = await browser.come_back(await browser.visitor.sign_in(url, "aruiz"))
    assert back == "/"


async def test_an_answer_works_once_and_in_the_browser_that_asked(there, browser):
    url = await browser.depart()
    query = await browser.visitor.sign_in(url, "aruiz")
    async with Browser(there[0].url) as thief:
        assert await thief.come_back(query) == "/#/sign-in-failed/sign_on_refused"
    assert await browser.come_back(query) == "/"
    assert await browser.come_back(query) == "/#/sign-in-failed/sign_on_refused"


async def test_who_has_no_role_is_told_whom_to_ask(browser):
    assert await browser.sign_in("pquill") == "/#/sign-in-failed/no_role"
    assert (await browser.ask("GET", "/sign-in/contact"))[:2] == (200, {"contact": "the help desk"})
    assert (await browser.ask("GET", "/session"))[0] == 401


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ({"claims": {"aud": "other"}}, "sign_on_refused"),
        ({"claims": {"iss": "https://evil.example.org"}}, "sign_on_refused"),
        ({"claims": {"exp": 1}}, "sign_on_refused"),
        ({"claims": {"amr": ["pwd"]}}, "weak_sign_on"),
        ({"alg": "none"}, "sign_on_refused"),
        ({"alg": "HS256"}, "sign_on_refused"),
    ],
    ids=lambda value: str(value),
)
async def test_a_token_that_is_not_for_this_hub_opens_nothing(there, browser, faults, code):
    for name, value in faults.items():
        setattr(there[1].faults, name, value)
    assert await browser.sign_in("aruiz") == f"/#/sign-in-failed/{code}"
    assert (await browser.ask("GET", "/session"))[0] == 401


async def test_signing_in_again_keeps_the_session_and_its_work(there, browser):
    hub, _ = there
    await browser.sign_in("aruiz")
    session = hub.hub.sessions.find(browser.session())
    session.authenticated -= LIFE
    assert (await browser.ask("GET", "/hub"))[1]["error"]["code"] == "session_locked"
    await browser.sign_in("aruiz", "?again=true")
    assert hub.hub.sessions.find(browser.session()) is session
    assert (await browser.ask("GET", "/hub"))[0] == 200


async def test_a_cookie_that_was_carried_off_opens_nothing_once_its_owner_unlocks(there, browser):
    """Over a restart, too."""
    hub, _ = there
    await browser.sign_in("aruiz")
    carried_off = browser.session()
    assert (await browser.ask("POST", "/session/lock"))[0] == 200
    await browser.sign_in("aruiz", "?again=true")
    assert (await browser.ask("GET", "/hub"))[0] == 200
    async with Browser(hub.url) as thief:
        thief.http.cookie_jar.update_cookies({COOKIE: carried_off}, URL(hub.url))
        assert (await thief.ask("GET", "/hub"))[0] == 401
    kept = {each.digest for each in await hub.hub.store.sessions.all()}
    assert hashlib.sha256(browser.session().encode()).hexdigest() in kept
    assert hashlib.sha256(carried_off.encode()).hexdigest() not in kept


async def test_a_stream_that_was_opened_with_it_ends_as_well(there, browser):
    hub, _ = there
    await browser.sign_in("aruiz")
    carried_off = browser.session()
    async with Browser(hub.url) as thief:
        thief.http.cookie_jar.update_cookies({COOKIE: carried_off}, URL(hub.url))
        async with thief.http.get(f"{hub.url}/api/v1/stream") as stream:
            await stream.content.readline()
            await browser.sign_in("aruiz", "?again=true")
            async with asyncio.timeout(10):
                await stream.content.read()


def by_its_person(session):
    session.left_at = session.seen


def by_idling(session):
    session.seen -= IDLE


def at_the_end_of_its_day(session):
    session.authenticated -= LIFE


@pytest.mark.parametrize("locks", [by_its_person, by_idling, at_the_end_of_its_day])
async def test_a_locked_screen_opens_by_no_address_that_somebody_types(there, browser, locks):
    """The provider knows from before who was there, and answers without a word."""
    hub, provider = there
    await browser.sign_in("aruiz")
    session = hub.hub.sessions.find(browser.session())
    locks(session)
    # the person was last at the provider before that
    provider.faults.claims["auth_time"] = session.locked_since // 1_000_000 - 1
    asked_anew = await browser.sign_in("aruiz", "")
    assert {"prompt": "login", "max_age": "0"}.items() <= dict(URL(asked_anew).query).items()
    assert (await browser.ask("GET", "/hub"))[1]["error"]["code"] == "session_locked"
    provider.faults.claims.clear()
    assert await browser.come_back(await browser.visitor.sign_in(asked_anew, "aruiz")) == "/"
    assert hub.hub.sessions.find(browser.session()) is session
    assert (await browser.ask("GET", "/hub"))[0] == 200


async def test_a_link_elsewhere_opens_no_second_session_beside_a_locked_one(there, browser):
    """From another site a browser shows no cookie that is ``SameSite=Strict``."""
    hub, _ = there
    await browser.sign_in("aruiz")
    hub.hub.sessions.lock(hub.hub.sessions.find(browser.session()))
    async with Browser(hub.url) as followed:
        url = await followed.depart()
        asked_anew = await followed.come_back(await browser.visitor.sign_in(url, "aruiz"))
        assert URL(asked_anew).query["prompt"] == "login"
        assert (await followed.ask("GET", "/session"))[0] == 401
        await followed.come_back(await browser.visitor.sign_in(asked_anew, "aruiz"))
        assert (await followed.ask("GET", "/hub"))[0] == 200


@pytest.mark.parametrize("by_itself", [True, False])
async def test_a_locked_screen_opens_by_no_end_of_its_session(there, browser, by_itself):
    """Signed out there, without going on to the provider's own end of it."""
    hub, provider = there
    await browser.sign_in("aruiz")
    session = hub.hub.sessions.find(browser.session())
    assert (await browser.ask("POST", "/session/lock"))[0] == 200
    if by_itself:
        assert (await browser.ask("DELETE", "/session"))[0] == 200
    else:  # IT ends it, or somebody signs in there with an account of the hub's own
        hub.hub.sessions.end(session.id)
    provider.faults.claims["auth_time"] = session.locked_since // 1_000_000 - 1
    asked_anew = await browser.sign_in("aruiz", "")
    assert URL(asked_anew).query["prompt"] == "login"
    assert (await browser.ask("GET", "/session"))[0] == 401
    provider.faults.claims.clear()
    assert await browser.come_back(await browser.visitor.sign_in(asked_anew, "aruiz")) == "/"
    assert (await browser.ask("GET", "/hub"))[0] == 200


async def test_anothers_locked_screen_is_no_way_in_for_who_the_provider_knows(there, browser):
    """Somebody else's screen stands locked, and Ana never signed out at the provider."""
    hub, _ = there
    await browser.sign_in("aruiz")
    session = hub.hub.sessions.find(browser.session())
    session.person = replace(session.person, id="break-glass:night", handle="break-glass:night")
    hub.hub.sessions.lock(session)
    assert URL(await browser.sign_in("aruiz", "")).query["prompt"] == "login"
    assert (await browser.ask("GET", "/session"))[1]["state"] == "locked"


async def test_who_showed_who_they_are_since_then_is_asked_nothing_more(there, browser):
    hub, _ = there
    await browser.sign_in("aruiz")
    session = hub.hub.sessions.find(browser.session())
    session.left_at = session.authenticated - 60 * 1_000_000
    assert await browser.sign_in("aruiz") == "/#/live"
    assert (await browser.ask("GET", "/hub"))[0] == 200


async def test_signing_in_again_one_is_who_the_provider_says_now(there, browser):
    hub, provider = there
    await browser.sign_in("aruiz")
    session = hub.hub.sessions.find(browser.session())
    session.person = replace(session.person, roles=frozenset({Role.SUPERVISOR}))
    session.provider_session = "an older one"
    await browser.sign_in("aruiz", "?again=true")
    assert (await browser.ask("GET", "/session"))[1]["roles"] == ["analyst"]
    await provider.sign_out("aruiz")
    assert hub.hub.sessions.find(browser.session()) is None


async def test_the_hub_alone_says_when_a_session_ends(there, browser):
    """Of a sign-in that is renewed the browser hears nothing: its cookie is not to end before."""
    query = await browser.visitor.sign_in(await browser.depart(), "aruiz")
    _, _, headers = await browser.ask("GET", "/sign-in/callback", params=query)
    [cookie] = [each for each in headers.getall("Set-Cookie") if each.startswith(COOKIE)]
    assert "Max-Age" not in cookie
    assert "expires" not in cookie.lower()


async def test_a_provider_on_another_site_gives_the_session_back(there, browser):
    """On the way back from there a browser does not show a cookie that is ``SameSite=Strict``: it
    is the session, and the device, in which the way there was begun."""
    hub, _ = there
    await browser.sign_in("aruiz")
    session = hub.hub.sessions.find(browser.session())
    device, session.request = session.origin.device, "R-26-000001"
    hub.hub.sessions.lock(session)
    query = await browser.visitor.sign_in(await browser.depart("?again=true"), "aruiz")
    [begun] = [each for each in browser.http.cookie_jar if each.key == PENDING]
    async with Browser(hub.url) as coming_back:
        coming_back.http.cookie_jar.update_cookies({PENDING: begun.value}, URL(hub.url))
        await coming_back.come_back(query)
        _, who, _ = await coming_back.ask("GET", "/session")
        assert hub.hub.sessions.find(coming_back.session()) is session
    assert (who["state"], who["request"]) == ("open", "R-26-000001")
    [confirmed, *_] = await noted(hub, "session.confirmed")
    assert confirmed.origin.device == device


async def test_a_device_keeps_its_mark_from_one_sign_in_to_the_next(there, browser):
    """By a provider on another site, too."""
    hub, _ = there
    await browser.sign_in("aruiz")
    before = hub.hub.sessions.find(browser.session())
    await browser.ask("DELETE", "/session")
    query = await browser.visitor.sign_in(await browser.depart(), "aruiz")
    [begun] = [each for each in browser.http.cookie_jar if each.key == PENDING]
    async with Browser(hub.url) as coming_back:
        coming_back.http.cookie_jar.update_cookies({PENDING: begun.value}, URL(hub.url))
        await coming_back.come_back(query)
        after = hub.hub.sessions.find(coming_back.session())
    assert after.id != before.id
    assert after.origin.device == before.origin.device


async def test_another_person_never_takes_a_session_over(there, browser):
    await browser.sign_in("aruiz")
    before = browser.session()
    async with Visitor() as fresh:
        url = await browser.depart("?again=true")
        await browser.come_back(await fresh.sign_in(url, "sokafor"))
    assert browser.session() != before
    assert there[0].hub.sessions.find(before) is None
    assert (await browser.ask("GET", "/session"))[1]["name"] == "Sam Okafor"


async def _ends(stream):
    while await stream.content.readany():
        pass


async def test_a_stream_closes_within_two_seconds_of_the_providers_log_out(there, browser):
    hub, provider = there
    await browser.sign_in("aruiz")
    async with browser.http.get(f"{hub.url}/api/v1/stream") as stream:
        assert stream.status == 200
        await stream.content.readany()
        await provider.sign_out("aruiz")
        async with asyncio.timeout(2):
            await _ends(stream)
    assert (await browser.ask("GET", "/session"))[0] == 401


async def test_it_can_cut_a_person_off_in_one_act(there, browser):
    hub, _ = there
    await browser.sign_in("aruiz")
    async with Browser(hub.url) as it, browser.http.get(f"{hub.url}/api/v1/stream") as stream:
        await it.sign_in("klarsen")
        status, ended, _ = await it.ask(
            "POST", "/people/aruiz/cut-off", json={"reason": "left the agency"}
        )
        assert (status, ended["sessions"]) == (200, 1)
        async with asyncio.timeout(2):
            await _ends(stream)
        status, refused, _ = await it.ask(
            "POST", "/people/klarsen/cut-off", json={"reason": "myself"}
        )
        assert (status, refused["error"]["code"]) == (403, "own_account")
    assert (await browser.ask("GET", "/session"))[0] == 401


VERIFIER = "v" * 43


async def cut_off(it, _):
    return await it.ask("POST", "/people/aruiz/cut-off", json={"reason": "left the agency"})


async def sign_out_agency(it, _):
    return await it.ask("POST", "/agencies/ex-pd/sign-out")


async def log_out(_, provider):
    return await provider.sign_out("aruiz")


@pytest.mark.parametrize("end", [cut_off, sign_out_agency, log_out])
async def test_what_ends_a_session_ends_the_code_that_a_command_line_waits_for(there, browser, end):
    running, provider = there
    async with Browser(running.url) as it, Browser(running.url) as terminal:
        await it.sign_in("klarsen")
        await browser.sign_in("aruiz")
        ana = next(each for each in running.hub.sessions.all() if each.person.handle == "aruiz")
        vouched = Vouched(ana.person, ana.authenticated, ana.provider_session, "")
        hers = Terminal(51234, challenge_of(VERIFIER), "mark")
        codes = [running.hub.handovers.give(vouched, hers) for _ in range(2)]
        shown = [{"code": code, "verifier": VERIFIER} for code in codes]
        assert (await terminal.ask("POST", "/session/terminal", json=shown[0]))[0] == 201
        await end(it, provider)
        status, refused, _ = await terminal.ask("POST", "/session/terminal", json=shown[1])
        assert (status, refused["error"]["code"]) == (403, "bad_token")


def call_everybody(provider, handle):
    """The provider says this of whoever signs in there."""
    provider.faults.claims["preferred_username"] = handle
    provider.faults.userinfo["preferred_username"] = handle


@pytest.mark.parametrize("handle", ["sokafor", " SOkafor", "break-glass:night", "Break-Glass:x"])
async def test_nobody_signs_in_under_what_another_is_called(there, browser, handle):
    hub, provider = there
    async with Browser(hub.url) as sam:
        await sam.sign_in("sokafor")
        assert (await sam.ask("DELETE", "/session"))[0] == 200
        call_everybody(provider, handle)
        assert await browser.sign_in("aruiz") == "/#/sign-in-failed/handle_taken"
        assert (await browser.ask("GET", "/session"))[0] == 401
        [refused, *_] = await noted(hub, "session.begun")
        assert (refused.outcome, refused.more["reason"]) == ("denied", "handle_taken")


async def test_who_is_called_otherwise_now_is_the_same_person(there, browser):
    """Nobody is two people by another name at the provider, and either name cuts them off."""
    hub, provider = there
    async with Browser(hub.url) as again, Browser(hub.url) as it:
        await it.sign_in("klarsen")
        await browser.sign_in("aruiz")
        call_everybody(provider, "aquinn")
        await again.sign_in("aruiz")
        assert (await browser.ask("GET", "/session"))[0] == 401
        assert (await again.ask("GET", "/session"))[1]["person"] == "aquinn"
        status, ended, _ = await it.ask(
            "POST", "/people/aruiz/cut-off", json={"reason": "left the agency"}
        )
        assert (status, ended["sessions"]) == (200, 1)
        assert (await again.ask("GET", "/session"))[0] == 401


async def test_who_runs_the_hub_reads_no_data_in_it(browser):
    await browser.sign_in("klarsen")
    assert (await browser.ask("GET", "/sources"))[0] == 200
    for path in ("/live", "/events", "/search?q=ZZT1234", "/alerts", "/audit", "/assets"):
        status, body, _ = await browser.ask("GET", path)
        assert status == 403, path
        assert body["error"]["remedy"], path


async def test_an_auditor_reads_the_record_and_nothing_else(browser):
    await browser.sign_in("nhaddad")
    status, page, _ = await browser.ask("GET", "/audit")
    assert status == 200
    assert page["items"]
    for path in ("/live", "/events", "/search?q=ZZT1234", "/alerts"):
        assert (await browser.ask("GET", path))[0] == 403, path
    status, _, _ = await browser.ask("PUT", "/banner", json={"text": "x", "tone": "notice"})
    assert status == 403


async def test_beside_a_provider_the_machine_makes_no_second_person(there, browser, tmp_path):
    """Whoever is at it can sign in, too, and would be two people alone."""
    hub, _ = there
    assert hub.link is None
    run = json.loads((tmp_path / RUN_FILE).read_text())
    account = {"id": "night", "name": "Night Desk", "role": "agency_it",
               "password": "Marmalade tugboat 7 lanterns"}  # fmt: skip
    async with api_of(run["url"]) as api:
        api.client.cookie_jar.update_cookies({COOKIE: run["session"]})
        made = await api.call("POST", "/break-glass", account)
        assert (made.status, made.code) == (403, "nobody_vouched")
        await browser.sign_in("klarsen")
        assert (await browser.ask("POST", "/break-glass", json=account))[0] == 200
        assert (await api.call("POST", "/break-glass/night/enable")).status == 403


async def test_the_notice_stays_until_it_is_acknowledged(tmp_path):
    async with agency(tmp_path, BANNER) as (hub, _), Browser(hub.url) as browser:
        await browser.sign_in("aruiz")
        assert (await browser.ask("GET", "/session"))[1]["banner"] == BANNER
        assert (await browser.ask("GET", "/hub"))[1]["error"]["code"] == "banner_not_acknowledged"
        await browser.ask("POST", "/session/acknowledge")
        assert (await browser.ask("GET", "/hub"))[0] == 200


async def test_one_signs_out_here_although_the_provider_is_away(there, browser, monkeypatch):
    async def away(_ticket):
        raise RetryLater("The provider does not answer.", code="sign_on_unavailable")

    await browser.sign_in("aruiz")
    monkeypatch.setattr(there[0].hub.sign_on, "leave_url", away)
    status, left, headers = await browser.ask("DELETE", "/session")
    assert (status, left) == (200, {"url": None})
    assert "Max-Age=0" in headers["Set-Cookie"]
    assert (await browser.ask("GET", "/hub"))[0] == 401


async def test_signing_out_says_where_the_providers_own_session_ends(there, browser):
    await browser.sign_in("aruiz")
    status, left, _ = await browser.ask("DELETE", "/session")
    assert status == 200
    assert left["url"].startswith(there[1].issuer)
    assert (await browser.ask("GET", "/session"))[0] == 401


@pytest.mark.parametrize(
    ("who", "faults", "code"),
    [
        ("pquill", {}, "no_role"),
        ("aruiz", {"amr": ["pwd"]}, "weak_sign_on"),
        ("aruiz", {"preferred_username": "break-glass:night"}, "handle_taken"),
        ("aruiz", {"preferred_username": ["a", "b"]}, "claims_unclear"),
    ],
)
async def test_who_is_turned_away_is_named_on_record(there, browser, who, faults, code):
    """The provider signed who it was, and whose account is being tried is what one looks for."""
    hub, provider = there
    provider.faults.claims.update(faults)
    provider.faults.userinfo.update(faults)
    assert await browser.sign_in(who) == f"/#/sign-in-failed/{code}"
    [entry, *_] = await noted(hub, "session.begun")
    named = who if code in ("no_role", "weak_sign_on") else None
    assert (entry.operator.id, entry.operator.handle) == (f"{provider.issuer}#{who}", named)


async def test_sign_ins_good_and_bad_are_in_the_audit(there, browser):
    await browser.sign_in("pquill")
    async with Browser(there[0].url) as another:
        await another.sign_in("nhaddad")
    audit = there[0].hub.audit

    async def seen():
        page = await audit.read()
        return [
            (entry.entry.event, entry.entry.outcome)
            for entry in page.items
            if entry.entry.event == "session.begun"
        ]

    async with asyncio.timeout(5):
        while len(await seen()) < 2:
            await asyncio.sleep(0.05)
    assert [outcome for _, outcome in await seen()] == ["done", "denied"]


async def test_a_log_out_that_the_provider_did_not_say_is_refused_and_recorded(there, browser):
    status, _, _ = await browser.ask("POST", "/sign-in/logged-out", data={"logout_token": "x"})
    assert status >= 400
    page = await there[0].hub.audit.read()
    [told] = [each.entry for each in page.items if each.entry.event == "session.revoked"]
    assert (told.outcome, told.more["by"]) == ("denied", "provider")
    assert told.more["reason"]
