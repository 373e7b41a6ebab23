"""The demo's identity provider is as strict as a real one: what it lets pass proves something."""

import hashlib
import time
from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession, web
from joserfc import jwt
from joserfc.jwk import KeySet
from sign_on import Visitor

from watchfloor.identity.claims import attributes
from watchfloor.ports.signon import SignedOn
from watchfloor.settings_sign_on import SignOnSettings
from watchfloor_city.demo.provider import GROUPS, Client, demo_people, start_provider
from watchfloor_city.demo.provider import desk as desk_module

BACK = "http://127.0.0.1:9/callback"
TODAY = date(2026, 11, 23)
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
async def told():
    """A hub that takes logout tokens; those that came."""
    came = []

    async def take(request):
        came.append((await request.post())["logout_token"])
        return web.Response()

    app = web.Application()
    app.router.add_post("/logout", take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/logout", came
    await runner.cleanup()


@pytest.fixture
async def there(told):
    hub = Client("hub", [BACK], "s3cret", None, [BACK], told[0])
    other = Client("other", [BACK], "0ther")
    async with start_provider("127.0.0.1", 0, [hub, other], demo_people(TODAY)) as running:
        yield running


@pytest.fixture
async def browser():
    async with Visitor() as visitor:
        yield visitor


def place(there, **changes):
    query = {
        "client_id": "hub", "redirect_uri": BACK, "response_type": "code",
        "scope": "openid profile email", "state": "s", "nonce": "n",
        "code_challenge": CHALLENGE, "code_challenge_method": "S256", **changes,
    }  # fmt: skip
    given = {name: value for name, value in query.items() if value is not None}
    return f"{there.issuer}/authorize?{urlencode(given)}"


async def redeem(there, code, client=("hub", "s3cret"), **changes):
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK,
            "code_verifier": VERIFIER, "client_id": client[0], "client_secret": client[1],
            **changes}  # fmt: skip
    async with ClientSession() as session:
        answer = await session.post(f"{there.issuer}/token", data=form)
        return answer.status, await answer.json()


async def test_a_code_becomes_tokens_once(there, browser):
    back = await browser.sign_in(place(there), "aruiz")
    status, answer = await redeem(there, back["code"])
    assert status == 200
    keys = KeySet.import_key_set(there.desk.keys.published())
    claims = jwt.decode(answer["id_token"], keys, algorithms=["ES256"]).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (there.issuer, "hub", "n")
    assert abs(claims["auth_time"] - time.time()) < 10
    assert await redeem(there, back["code"]) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"redirect_uri": f"{BACK}/"},
        {"grant_type": "password"},
        {"code": "guessed"},
        {"client": ("other", "0ther")},
    ],
    ids=str,
)
async def test_a_code_is_for_who_asked_for_it(there, browser, changes):
    back = await browser.sign_in(place(there), "aruiz")
    status, answer = await redeem(there, **{"code": back["code"], **changes})
    assert status == 400
    assert "id_token" not in answer


@pytest.mark.parametrize("client", [("hub", "guessed"), ("hub", ""), ("nobody", "s3cret")])
async def test_who_does_not_show_the_secret_gets_nothing(there, browser, client):
    back = await browser.sign_in(place(there), "aruiz")
    assert await redeem(there, back["code"], client) == (401, {"error": "invalid_client"})


async def test_a_code_is_good_for_a_minute(there, browser, monkeypatch):
    monkeypatch.setattr(desk_module, "CODE_S", -1)
    back = await browser.sign_in(place(there), "aruiz")
    assert (await redeem(there, back["code"]))[0] == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "http://127.0.0.1:9/callback/../elsewhere"},
        {"redirect_uri": f"{BACK}?more=1"},
        {"redirect_uri": None},
        {"client_id": "nobody"},
    ],
    ids=str,
)
async def test_open_redirect_nobody_is_sent_to_an_address_that_is_not_registered(
    there, browser, changes
):
    status, text, leads = await browser.open(place(there, **changes))
    assert (status, leads) == (400, None)
    assert "This goes no further" in text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
    ],
    ids=str,
)
async def test_a_request_that_can_t_be_is_answered_with_the_protocol_s_error(
    there, browser, changes, error
):
    status, _, leads = await browser.open(place(there, **changes))
    assert status == 303
    assert f"error={error}" in leads


async def test_a_parameter_that_stands_twice_is_refused(there, browser):
    _, _, leads = await browser.open(f"{place(there)}&state=other")
    assert "error=invalid_request" in leads


async def test_who_is_signed_in_is_not_asked_again_unless_the_hub_wants_it(there, browser):
    await browser.sign_in(place(there), "aruiz")
    for wish, asked in (({}, False), ({"max_age": "60"}, False), ({"max_age": "0"}, True),
                        ({"prompt": "login"}, True)):  # fmt: skip
        _, _, leads = await browser.open(place(there, **wish))
        assert (leads is None) is asked, wish


async def test_signing_out_here_tells_every_hub_that_saw_it(there, browser, told):
    await browser.sign_in(place(there), "aruiz")
    [login] = there.desk.logins.values()
    await browser.send(f"{there.issuer}/sign-out", {})
    [token] = told[1]
    claims = there.desk.keys.read(token)
    assert (claims["sub"], claims["sid"], claims["aud"]) == ("aruiz", login.sid, "hub")
    assert "nonce" not in claims
    assert there.desk.logins == {}


async def test_an_agency_that_cuts_somebody_off_ends_all_their_logins(there, told):
    for _ in range(2):
        async with Visitor() as fresh:
            await fresh.sign_in(place(there), "aruiz")
    async with Visitor() as fresh:
        await fresh.sign_in(place(there), "sokafor")
    await there.sign_out("aruiz")
    assert len(told[1]) == 2
    assert [login.person.id for login in there.desk.logins.values()] == ["sokafor"]


async def test_leaving_needs_a_hint_of_the_very_login(there, browser):
    """A page of another site can't sign somebody out with its own token, nor send them away."""
    await browser.sign_in(place(there), "aruiz")
    async with Visitor() as attacker:
        back = await attacker.sign_in(place(there), "sokafor")
    _, tokens = await redeem(there, back["code"])
    leaving = urlencode({"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BACK})
    status, text, leads = await browser.open(f"{there.issuer}/end-session?{leaving}")
    assert (status, leads) == (200, None)
    assert "Ana Ruiz" in text
    assert len(there.desk.logins) == 2


async def test_an_old_page_leads_nowhere(there, browser):
    form = {"page": "made-up", "person": "aruiz"}
    for action in ("person", "factor"):
        status, _, leads = await browser.send(f"{there.issuer}/{action}", form)
        assert (status, leads) == (400, None)


async def test_the_pages_load_nothing_from_elsewhere(there, browser):
    async with ClientSession() as session:
        answer = await session.get(place(there))
        text = await answer.text()
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "<script" not in text
    assert 'src="' not in text
    assert text.count('name="person"') == len(demo_people(TODAY))


def test_everybody_of_the_demo_is_who_they_say_at_a_hub():
    """With the demo's groups, each persona has one role; one has none."""
    settings = SignOnSettings(
        issuer="http://127.0.0.1:1",
        client_id="hub",
        roles={group: role for role, group in GROUPS.items()},
    )
    now = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp()) * 1_000_000
    found = {}
    for person in demo_people(TODAY):
        if not person.claims["groups"]:
            continue
        claims = {**person.claims, **person.profile()}
        signed = SignedOn(settings.issuer, person.id, None, claims, None, [], now, "")
        found[person.id] = attributes(signed, settings, "synthetic", now).person
    assert {role.value for one in found.values() for role in one.roles} == {*GROUPS}
    assert all(len(one.roles) == 1 for one in found.values())
    assert found["aruiz"].is_certified("ncic", now)
    assert not found["lmoran"].is_certified("ncic", now)
