"""Tokens that run out: one log-in for all, before the end, seldom, and no secret in an error."""

import asyncio
import json
import time
from base64 import b64decode, urlsafe_b64decode
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from msgspec import Struct

from watchfloor_sdk import AskAPerson, RetryLater
from watchfloor_sdk.auth import (
    ClientCredentials,
    ExchangedKey,
    PasswordCode,
    PurposeTokens,
    RotatingRefresh,
    tokens,
)
from watchfloor_sdk.auth.one_time import one_time_code
from watchfloor_sdk.auth.principal import ServicePrincipal
from watchfloor_sdk.network import host_port
from watchfloor_sdk.simulation import HttpSimulator, Setup
from watchfloor_sdk.testing import Fault, context

HUSH = "hush-SIM-0001"
CLIENT = {"client_id": "sim", "client_secret": HUSH}


class NoSettings(Struct):
    """None."""

    base_url: str


class Issuer(HttpSimulator):
    """Hands out tokens for whatever ``grant`` takes, and lets in who has one that lives."""

    connector = "issuer"

    def __init__(self):
        super().__init__()
        self.grant = lambda _request, _form: True
        self.lives_s = 3600.0
        self.forms = []
        self.tenants = []
        self.live = {}
        self.answer = lambda token: web.json_response(
            {"access_token": token, "token_type": "Bearer", "expires_in": str(self.lives_s)}
        )

    def feed(self, happening):
        """Nothing happens here."""

    def routes(self):
        return [web.post("/token", self.token), web.get("/x", self.x)]

    def setup(self, base_url):
        self.base_url = base_url
        return Setup(self.connector, {"base_url": base_url})

    async def token(self, request):
        text = (await request.read()).decode()
        form = json.loads(text) if text.startswith("{") else dict(parse_qsl(text))
        self.forms.append(form)
        self.tenants += request.query.getall("of", [])
        if not self.grant(request, form):
            return web.json_response({"error": "invalid_client"}, status=400)
        token = f"t{len(self.forms)}"
        self.live[token] = time.monotonic() + self.lives_s
        await asyncio.sleep(0.01)
        return self.answer(token)

    async def x(self, request):
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.live.get(token, 0) < time.monotonic():
            raise web.HTTPUnauthorized
        return web.json_response(token)


@pytest.fixture
async def issuer():
    one = Issuer()
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
async def ctx(issuer):
    one = context(
        NoSettings(issuer.base_url), hosts=[host_port(issuer.base_url)], credentials={"c": CLIENT}
    )
    yield one
    await one.aclose()


async def token_of(ctx, auth) -> str:
    return (await ctx.http.get("/x", auth=auth)).json()


async def refused(call, kind=AskAPerson):
    with pytest.raises(kind) as caught:
        await call
    assert HUSH not in f"{caught.value} {caught.value!r} {caught.value.remedy}"
    return caught.value


# --- When a token is fetched -----------------------------------------------------------------


async def test_one_token_serves_all_and_is_fetched_by_one(issuer, ctx):
    auth = ClientCredentials(ctx, "c", "/token")
    assert set(await asyncio.gather(*(token_of(ctx, auth) for _ in range(20)))) == {"t1"}
    assert issuer.requests == {"/token": 1, "/x": 20}


async def test_a_token_is_renewed_before_its_end(issuer, ctx):
    issuer.lives_s = 1.0
    auth = ClientCredentials(ctx, "c", "/token")
    calls, began = 0, time.monotonic()
    async with asyncio.timeout(20):
        while len(issuer.forms) < 3:
            await token_of(ctx, auth)
            calls += 1
            await asyncio.sleep(0.01)
    assert issuer.requests["/x"] == calls, "none was refused"
    assert time.monotonic() - began > 1.7, "each served nine tenths of its life"


async def test_a_token_that_ends_early_is_renewed_once_for_all(issuer, ctx):
    auth = ClientCredentials(ctx, "c", "/token")
    await token_of(ctx, auth)
    issuer.live.clear()
    assert set(await asyncio.gather(*(token_of(ctx, auth) for _ in range(20)))) == {"t2"}
    assert issuer.requests["/token"] == 2


async def test_a_refusal_that_a_new_token_does_not_help_needs_a_person(issuer, ctx):
    issuer.faults.always(Fault.status(401), path="/x")
    error = await refused(token_of(ctx, ClientCredentials(ctx, "c", "/token")))
    assert error.code == "vendor_refused"
    assert issuer.requests == {"/token": 2, "/x": 2}


async def test_a_changed_credential_is_used_without_a_restart(issuer, ctx):
    issuer.grant = lambda _, form: form["client_secret"] == ctx._hub.credentials["c"][
        "client_secret"
    ]  # fmt: skip
    auth = ClientCredentials(ctx, "c", "/token")
    assert await token_of(ctx, auth) == "t1"
    ctx._hub.credentials["c"] = CLIENT | {"client_secret": "changed"}
    assert await token_of(ctx, auth) == "t2"


async def test_a_credential_that_was_changed_a_moment_ago_is_looked_for_when_refused(issuer, ctx):
    issuer.grant = lambda _, form: form["client_secret"] == "new"
    leases = iter([CLIENT, CLIENT | {"client_secret": "new"}])
    held = {"c": next(leases)}

    async def lease(name, *, fresh=False):
        if fresh:
            held[name] = next(leases)
        return held[name]

    ctx._hub.credential = lease
    assert await token_of(ctx, ClientCredentials(ctx, "c", "/token")) == "t2"


async def test_a_wrong_password_is_not_tried_again_and_again(issuer, ctx, monkeypatch):
    """Look-ups may come by the second; vendors lock accounts."""
    issuer.grant = lambda *_: False
    auth = ClientCredentials(ctx, "c", "/token")
    for _ in range(5):
        assert (await refused(token_of(ctx, auth))).code == "vendor_refused"
    assert issuer.requests == {"/token": 1}
    ctx._hub.credentials["c"] = CLIENT | {"client_secret": "right"}
    issuer.grant = lambda *_: True
    assert await token_of(ctx, auth) == "t2"


async def test_what_was_refused_is_tried_again_after_a_while(issuer, ctx, monkeypatch):
    monkeypatch.setattr(tokens, "REFUSED_S", 0.05)
    issuer.grant = lambda *_: len(issuer.forms) > 1
    auth = ClientCredentials(ctx, "c", "/token")
    await refused(token_of(ctx, auth))
    await asyncio.sleep(0.06)
    assert await token_of(ctx, auth) == "t2"


async def test_a_token_endpoint_with_few_calls_an_hour_is_spared(issuer, ctx):
    issuer.lives_s = 0.0
    auth = ClientCredentials(ctx, "c", "/token", per_hour=4)
    codes = [(await refused(token_of(ctx, auth), Exception)) for _ in range(4)]
    assert len(issuer.forms) == 2, "half of the hour's at once, the rest spread over it"
    assert isinstance(codes[-1], RetryLater)
    assert (codes[-1].code, codes[-1].retry_after > 600) == ("token_quota", True)


async def test_who_gives_up_waiting_does_not_take_the_token_from_the_others(issuer, ctx):
    issuer.faults.add(Fault.slow(0.2), path="/token")
    auth = ClientCredentials(ctx, "c", "/token")
    first = asyncio.create_task(token_of(ctx, auth))
    second = asyncio.create_task(token_of(ctx, auth))
    await asyncio.sleep(0.05)
    first.cancel()
    assert await second == "t1"
    assert issuer.requests["/token"] == 1


async def test_a_token_endpoint_in_trouble_is_a_matter_of_time(issuer, ctx):
    auth = ClientCredentials(ctx, "c", "/token")
    for fault in (Fault.status(503), Fault.html(), Fault.half_body()):
        issuer.faults.add(fault, path="/token")
        await refused(token_of(ctx, auth), RetryLater)
    assert await token_of(ctx, auth)


# --- The flows -------------------------------------------------------------------------------


async def test_client_credentials_with_what_vendors_add(issuer, ctx):
    extra = {"audience": "com.example.sim", "scope": "read", "partner_id": "unset"}
    ctx._hub.credentials["c"] = CLIENT | {"partner_id": "SIM-7"}
    await token_of(ctx, ClientCredentials(ctx, "c", "/token", extra=extra))
    [form] = issuer.forms
    assert form == {
        "grant_type": "client_credentials", **CLIENT, **extra, "partner_id": "SIM-7",
    }  # fmt: skip


async def test_client_credentials_in_the_header(issuer, ctx):
    seen = []
    issuer.grant = lambda request, _: seen.append(request.headers["Authorization"]) or True
    ctx._hub.credentials["c"] = {"client_id": "a:b", "client_secret": "ü 1"}
    await token_of(ctx, ClientCredentials(ctx, "c", "/token", in_header=True))
    assert b64decode(seen[0].removeprefix("Basic ")) == b"a%3Ab:%C3%BC+1"
    assert issuer.forms == [{"grant_type": "client_credentials"}]


async def test_password_and_one_time_code(issuer, ctx):
    seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    ctx._hub.credentials["c"] = {"username": "sim", "password": HUSH, "totp_seed": seed}
    began = time.time()
    await token_of(ctx, PasswordCode(ctx, "c", "/token", extra={"domain": "SIM"}, per_hour=4))
    [form] = issuer.forms
    codes = {one_time_code(seed, began), one_time_code(seed, time.time())}
    assert form.pop("client_secret") in codes
    assert form == {
        "grant_type": "password", "username": "sim", "password": HUSH, "domain": "SIM",
    }  # fmt: skip


class Rotation:
    """An issuer that gives each refresh token a successor; ``valid`` are all of them so far."""

    def __init__(self, issuer):
        self.valid = ["r0"]
        issuer.grant, issuer.answer = self.grant, self.answer

    def grant(self, _, form):
        return form["grant_type"] == "refresh_token" and form["refresh_token"] == self.valid[-1]

    def answer(self, token):
        self.valid.append(f"r{len(self.valid)}")
        return web.json_response({"access_token": token, "refresh_token": self.valid[-1]})


@pytest.fixture
def rotation(issuer, ctx):
    ctx._hub.credentials["c"] = {"refresh_token": "r0", "client_id": "sim"}
    return Rotation(issuer)


async def test_a_rotated_refresh_token_is_with_the_hub_before_anything_is_done_with_it(
    issuer, ctx, rotation
):
    auth = RotatingRefresh(ctx, "c", "/token")
    for number in (1, 2, 3):
        assert await token_of(ctx, auth) == f"t{number}"
        assert ctx._hub.credentials["c"] == {"refresh_token": f"r{number}", "client_id": "sim"}
        assert await token_of(ctx, auth) == f"t{number}", "a renewed credential is no changed one"
        issuer.live.clear()
    assert await token_of(ctx, RotatingRefresh(ctx, "c", "/token")) == "t4", "after a restart"


async def test_a_renewal_that_the_hub_could_not_keep_is_kept_later_and_asked_for_once(
    issuer, ctx, rotation, monkeypatch
):
    full = [RetryLater("The disk is full.", code="disk_full")]
    kept = ctx._hub.renew_credential

    async def keep(name, fields):
        if full:
            raise full.pop()
        await kept(name, fields)

    monkeypatch.setattr(ctx._hub, "renew_credential", keep)
    auth = RotatingRefresh(ctx, "c", "/token")
    assert (await refused(token_of(ctx, auth), RetryLater)).code == "disk_full"
    assert issuer.requests == {"/token": 1}, "the access token is not used before that"
    assert await token_of(ctx, auth) == "t1"
    assert issuer.requests == {"/token": 1, "/x": 1}
    assert ctx._hub.credentials["c"]["refresh_token"] == "r1"


async def test_a_sign_in_that_was_set_anew_during_a_renewal_is_used(ctx, rotation, monkeypatch):
    async def changed(name, _):
        ctx._hub.credentials[name] = {"refresh_token": rotation.valid[-1]}
        monkeypatch.undo()
        raise AskAPerson("It was changed.", code="credential_changed")

    monkeypatch.setattr(ctx._hub, "renew_credential", changed)
    assert await token_of(ctx, RotatingRefresh(ctx, "c", "/token")) == "t2"


async def test_a_refresh_token_that_serves_no_more_asks_for_a_sign_in(ctx, rotation):
    ctx._hub.credentials["c"] = {"refresh_token": "used"}
    auth = RotatingRefresh(ctx, "c", "/token")
    assert (await refused(token_of(ctx, auth))).code == "sign_in_again"
    ctx._hub.credentials["c"] = {"refresh_token": rotation.valid[-1]}
    assert await token_of(ctx, auth)


async def test_a_key_is_exchanged_for_a_token(issuer, ctx):
    issuer.grant = lambda request, _: request.headers["x-api-key"] == HUSH
    issuer.answer = lambda token: web.json_response({"token": token})
    ctx._hub.credentials["c"] = {"api_key": HUSH}
    auth = ExchangedKey(ctx, "c", "/token", key_header="x-api-key", lives_s=1800)
    assert await token_of(ctx, auth) == "t1"


async def test_a_token_is_bound_to_its_purpose(issuer, ctx):
    """The token request says what for; another purpose is another token."""
    issuer.answer = lambda token: web.Response(text=token)
    bound = PurposeTokens(ctx, "c", "/token", prefix="Bearer ")
    first, second = {"glba": "otheruse", "dppa": "none"}, {"glba": "otheruse", "dppa": "1"}
    for purpose, token in ((first, "t1"), (second, "t2"), (first, "t1")):
        assert await token_of(ctx, bound.bound_to(purpose)) == token
    assert issuer.forms == [first, second]


@pytest.mark.parametrize("said", ["", "two words", "a\r\nX-Evil: 1", "<html>", "ü"])
async def test_what_is_no_token_goes_into_no_header(issuer, ctx, said):
    issuer.answer = lambda _: web.Response(text=said)
    bound = PurposeTokens(ctx, "c", "/token").bound_to({"glba": "1"})
    error = await refused(ctx.http.get("/x", auth=bound), RetryLater)
    assert error.code in ("unreadable_answer", "html_answer")
    assert "/x" not in issuer.requests


def part(text: str):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def test_a_service_principal_signs_its_statement(issuer, ctx):
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    ctx._hub.credentials["c"] = {"client_id": "sim", "private_key": pem, "key_id": "k1"}
    url = issuer.base_url + "/token"
    await token_of(ctx, ServicePrincipal(ctx, "c", url))
    [form] = issuer.forms
    head, body, signature = form["client_assertion"].split(".")
    key.public_key().verify(part(signature), f"{head}.{body}".encode(), PKCS1v15(), SHA256())
    claims = json.loads(part(body))
    assert json.loads(part(head)) == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("sim", "sim", url)
    assert claims["exp"] - claims["iat"] == 300
    assert abs(claims["iat"] - time.time()) < 5
    assert "client_secret" not in form


async def test_a_service_principal_may_have_a_secret_and_a_tenant(issuer, ctx):
    ctx._hub.credentials["c"] = {"client_id": "sim", "client_secret": HUSH, "tenant": "a/b"}
    url = f"{issuer.base_url}/token?of={{tenant}}"
    await token_of(ctx, ServicePrincipal(ctx, "c", url))
    [form] = issuer.forms
    assert (form["client_secret"], "client_assertion" in form) == (HUSH, False)
    assert issuer.tenants == ["a/b"]
    ctx._hub.credentials["c"] = {"client_id": "sim", "client_secret": HUSH}
    error = await refused(token_of(ctx, ServicePrincipal(ctx, "c", url)))
    assert (error.code, "tenant" in error.detail) == ("credential_incomplete", True)


async def test_a_key_that_is_none_is_said_without_the_key(ctx):
    ctx._hub.credentials["c"] = {"client_id": "sim", "private_key": HUSH}
    error = await refused(token_of(ctx, ServicePrincipal(ctx, "c", "/token")))
    assert error.code == "credential_incomplete"
