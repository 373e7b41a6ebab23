"""Proofs that are sent or computed: each against a vendor that checks it by its own reckoning."""

import asyncio
import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web
from msgspec import Struct

from watchfloor_sdk import AskAPerson
from watchfloor_sdk.answer import Answer
from watchfloor_sdk.auth import ApiKey, Basic, Outgoing, Session, Signed, Token
from watchfloor_sdk.auth.digest import Digest
from watchfloor_sdk.auth.one_time import one_time_code
from watchfloor_sdk.auth.username_token import UsernameToken, password_digest
from watchfloor_sdk.network import host_port
from watchfloor_sdk.simulation import HttpSimulator, Setup
from watchfloor_sdk.testing import context

HUSH = "hush-SIM-0001"


class NoSettings(Struct):
    """None."""

    base_url: str


class Door(HttpSimulator):
    """``check`` looks at each request and answers ``None`` when it lets it in."""

    connector = "door"

    def __init__(self):
        super().__init__()
        self.check = lambda _request, _body: None
        self.seen = []

    def feed(self, happening):
        """Nothing happens here."""

    def routes(self):
        return [web.route("*", "/{path:.*}", self.enter)]

    def setup(self, base_url):
        self.base_url = base_url
        return Setup(self.connector, {"base_url": base_url})

    async def enter(self, request):
        self.seen.append(request)
        answer = self.check(request, await request.read())
        return answer if answer is not None else web.json_response({"in": True})


@pytest.fixture
async def door():
    one = Door()
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
async def ctx(door):
    one = context(NoSettings(door.base_url), hosts=[host_port(door.base_url)])
    yield one
    await one.aclose()


def holding(ctx, **fields):
    """Set the credential ``c``."""
    ctx._hub.credentials["c"] = fields
    return ctx


def let_in(when):
    return lambda request, body: None if when(request, body) else web.Response(status=401)


async def refused(call) -> AskAPerson:
    with pytest.raises(AskAPerson) as caught:
        await call
    assert HUSH not in f"{caught.value} {caught.value!r} {caught.value.remedy}"
    return caught.value


# --- Sent as they are ------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["api_key", "token", "key"])
async def test_a_key_goes_into_the_named_header(door, ctx, field):
    door.check = let_in(lambda request, _: request.headers.get("X-Key") == f"ApiToken {HUSH}")
    auth = ApiKey(holding(ctx, **{field: HUSH}), "c", header="X-Key", prefix="ApiToken ")
    assert (await ctx.http.get("/x", auth=auth)).json() == {"in": True}


@pytest.mark.parametrize(
    ("fields", "user"),
    [
        ({"username": "ann", "password": HUSH}, f"ann:{HUSH}"),
        ({"username": "ann", "password": HUSH, "application_id": "app"}, f"ann;app:{HUSH}"),
        ({"token": HUSH}, f"{HUSH}:"),
        ({"username": "änn", "password": HUSH}, f"änn:{HUSH}"),
    ],
)
async def test_basic_in_its_three_forms(door, ctx, fields, user):
    expected = "Basic " + b64encode(user.encode()).decode()
    door.check = let_in(lambda request, _: request.headers.get("Authorization") == expected)
    await ctx.http.get("/x", auth=Basic(holding(ctx, **fields), "c"))


async def test_an_incomplete_credential_is_said_by_field_and_never_sent(door, ctx):
    error = await refused(
        ctx.http.get("/x", auth=Basic(holding(ctx, username="ann", pasword=HUSH), "c"))
    )
    assert (error.code, "password" in error.detail) == ("credential_incomplete", True)
    assert not door.seen


async def test_a_key_that_was_changed_meanwhile_is_used_at_once(door, ctx):
    door.check = let_in(lambda request, _: request.headers.get("x-api-key") == "new")
    auth = ApiKey(holding(ctx, api_key="old"), "c")

    async def lease(_, *, fresh=False):
        """As a worker: the lease of a minute ago, unless a fresh one is asked for."""
        if fresh:
            holding(ctx, api_key="new")
        return ctx._hub.credentials["c"]

    ctx._hub.credential = lease
    await ctx.http.get("/x", auth=auth)
    assert len(door.seen) == 2


async def test_a_wrong_key_is_not_tried_twice(door, ctx):
    door.check = let_in(lambda *_: False)
    error = await refused(ctx.http.get("/x", auth=ApiKey(holding(ctx, api_key=HUSH), "c")))
    assert (error.code, len(door.seen)) == ("vendor_refused", 1)


async def test_the_vendors_proof_goes_to_the_vendors_host_only(door, ctx):
    other = Door()
    await other.start()
    both = [host_port(door.base_url), host_port(other.base_url)]
    wide = holding(context(NoSettings(door.base_url), hosts=both), api_key=HUSH)
    api = wide.http.vendor(auth=ApiKey(wide, "c"))
    await api.get("/x")
    await api.get(other.base_url + "/x")
    assert door.seen[0].headers["x-api-key"] == HUSH
    assert "x-api-key" not in other.seen[0].headers
    await asyncio.gather(wide.aclose(), other.stop())


def test_what_goes_out_is_not_shown():
    call = Outgoing("GET", f"https://x/?k={HUSH}", {"a": HUSH}, HUSH.encode(), token=HUSH)
    assert HUSH not in repr(call)
    assert HUSH not in repr(Token(HUSH, more={"refresh_token": HUSH}))


# --- Digest ----------------------------------------------------------------------------------


class Camera:
    """Digest as RFC 7616 has it, reckoned anew; each nonce serves ``serves`` requests."""

    def __init__(self, algorithm="SHA-256", serves=1000):
        self.hash = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[algorithm]
        self.algorithm = algorithm
        self.serves = serves
        self.nonces = 0
        self.counts = []

    def __call__(self, request, _):
        said = dict(re.findall(r'(\w+)="?([^",]+)"?', request.headers.get("Authorization", "")))
        if said.get("nonce") == f"n{self.nonces}" and len(self.counts) < self.serves:
            ha1 = self.h(f"ann:cam:{HUSH}")
            ha2 = self.h(f"{request.method}:{request.path_qs}")
            parts = (ha1, said["nonce"], said["nc"], said["cnonce"], said["qop"], ha2)
            if said["response"] == self.h(":".join(parts)):
                self.counts.append(int(said["nc"], 16))
                return None
        self.nonces += 1
        self.counts = []
        challenge = (
            f'Digest realm="cam", qop="auth", nonce="n{self.nonces}", algorithm={self.algorithm}'
        )
        return web.Response(status=401, headers={"WWW-Authenticate": challenge})

    def h(self, text):
        return self.hash(text.encode()).hexdigest()


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
async def test_digest_answers_one_challenge_and_goes_on_with_it(door, ctx, algorithm):
    door.check = camera = Camera(algorithm)
    auth = Digest(holding(ctx, username="ann", password=HUSH), "c")
    for number in range(3):
        await ctx.http.get("/axis-cgi/x", params={"n": number, "q": "a b"}, auth=auth)
    assert len(door.seen) == 4, "one request without a proof, then none"
    assert camera.counts == [1, 2, 3]


async def test_digest_takes_a_new_nonce_when_the_old_one_is_used_up(door, ctx):
    door.check = Camera(serves=2)
    auth = Digest(holding(ctx, username="ann", password=HUSH), "c")
    for _ in range(6):
        await ctx.http.get("/x", auth=auth)
    assert door.check.nonces == 3


async def test_digest_does_not_try_a_wrong_password_again_and_again(door, ctx):
    door.check = Camera()
    auth = Digest(holding(ctx, username="ann", password="wrong"), "c")
    assert (await refused(ctx.http.get("/x", auth=auth))).code == "vendor_refused"
    assert len(door.seen) == 2
    await refused(ctx.http.get("/x", auth=auth))
    assert len(door.seen) == 3


async def test_digest_in_a_form_that_is_not_known_needs_a_person(door, ctx):
    challenge = 'Digest realm="cam", nonce="n", qop="auth-int"'
    door.check = lambda *_: web.Response(status=401, headers={"WWW-Authenticate": challenge})
    auth = Digest(holding(ctx, username="ann", password=HUSH), "c")
    assert (await refused(ctx.http.get("/x", auth=auth))).code == "digest_unknown"


# --- Signatures ------------------------------------------------------------------------------


async def test_a_signed_request_is_what_the_vendor_reckons(door, ctx):
    body = b'{"\xff": 1}'

    def check(request, sent):
        stamp, _, signature = request.headers["X-Sign"].partition("|")
        text = b"POST\n/v1/x\nq=a+b\n" + stamp.encode() + b"\n" + sent
        right = hmac.digest(HUSH.encode(), text, "sha256").hex()
        late = abs(int(stamp) - datetime.now(UTC).timestamp()) > 2
        return web.Response(status=401) if late or signature != right else None

    door.check = check
    auth = Signed(
        holding(ctx, secret=HUSH), "c",
        signed="{method}\n{path}\n{query}\n{timestamp}\n{body}",
        header="X-Sign", form="{timestamp}|{signature}",
    )  # fmt: skip
    await ctx.http.post("/v1/x", params={"q": "a b"}, body=body, auth=auth)


async def test_a_signature_with_key_id_digest_and_bytes_as_key(door, ctx):
    key = b"\x00\x01" * 16

    def check(request, sent):
        text = f"{request.host}{hashlib.sha256(sent).hexdigest()}{request.headers['X-Time']}"
        right = b64encode(hmac.digest(key, text.encode(), "sha1")).decode()
        right = f"HMAC keyId=k1,{right}"
        fits = request.headers["Authorization"] == right and len(request.headers["X-Time"]) == 13
        return None if fits else web.Response(status=401)

    door.check = check
    auth = Signed(
        holding(ctx, secret=b64encode(key).decode(), key_id="k1"), "c",
        signed="{host}{body_sha256}{timestamp}", form="HMAC keyId={key_id},{signature}",
        timestamp_header="X-Time", algorithm="sha1", encoding="base64", unit="ms", key="base64",
    )  # fmt: skip
    await ctx.http.get("/x", auth=auth)
    holding(ctx, secret=f"{HUSH}!", key_id="k1")
    assert (await refused(ctx.http.get("/x", auth=auth))).code == "credential_incomplete"


def test_one_time_codes_are_those_of_rfc_6238():
    """Appendix B, cut to six digits; the seed is ASCII "12345678901234567890"."""
    seed = "GEZD GNBV GY3T QOJQ gezdgnbvgy3tqojq"
    known = {59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037"}
    assert {at: one_time_code(seed, at) for at in known} == known


# --- SOAP ------------------------------------------------------------------------------------

ENVELOPE = b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body/></s:Envelope>'
WITH_HEADER = ENVELOPE.replace(b"<s:Body/>", b"<s:Header><a/></s:Header><s:Body/>")


def device(clock: timedelta, status: int):
    """Checks digest and time by its own clock; refuses with a fault, dated."""

    def check(_, body):
        text = body.decode()
        said = {
            name: re.search(rf"<ws\w+:{name}(?: [^>]*)?>([^<]*)<", text)
            for name in ("Username", "Password", "Nonce", "Created")
        }
        now = datetime.now(UTC) + clock
        date = {"Date": format_datetime(now, usegmt=True)}
        if all(said.values()):
            right = password_digest(b64decode(said["Nonce"][1]), said["Created"][1], HUSH)
            created = datetime.fromisoformat(said["Created"][1])
            fresh = abs((now - created).total_seconds()) < 5
            if said["Username"][1] == "a&amp;b" and said["Password"][1] == right and fresh:
                return web.Response(headers=date)
        fault = "<s:Fault><s:Value>ter:NotAuthorized</s:Value></s:Fault>"
        return web.Response(text=fault, status=status, headers=date)

    return check


@pytest.mark.parametrize("envelope", [ENVELOPE, WITH_HEADER])
@pytest.mark.parametrize("clock", [timedelta(), timedelta(hours=-3), timedelta(minutes=9)])
@pytest.mark.parametrize("status", [400, 401, 500])
async def test_a_username_token_is_dated_by_the_devices_clock(door, ctx, envelope, clock, status):
    door.check = device(clock, status)
    auth = UsernameToken(holding(ctx, username="a&b", password=HUSH), "c")
    for _ in range(2):
        assert (await ctx.http.post("/onvif", body=envelope, auth=auth)).status == 200
    assert len(door.seen) == (3 if clock else 2)


async def test_a_wrong_password_is_not_taken_for_a_wrong_clock(door, ctx):
    door.check = device(timedelta(), 400)
    auth = UsernameToken(holding(ctx, username="a&b", password="wrong"), "c")
    assert (await refused(ctx.http.post("/x", body=ENVELOPE, auth=auth))).code == "vendor_refused"
    assert len(door.seen) == 1


# --- A log-in that moves you -----------------------------------------------------------------


def test_a_session_that_would_have_to_be_awaited_is_refused_where_it_is_written():
    with pytest.raises(TypeError, match=r"Wrong\.put must be a plain method"):

        class Wrong(Session):
            async def put(self, call, session):
                call.headers["session"] = session.text


class Fleet(Session):
    """JSON-RPC as documented for MyGeotab."""

    async def log_in(self, lease):
        params = {"userName": lease["username"], "password": lease["password"]}
        said = (await self._ctx.http.post("/apiv1", json={"params": params})).json()["result"]
        path = None if said["path"] == "ThisServer" else said["path"]
        return Token(said["credentials"]["sessionId"], host=path, more=said["credentials"])

    def put(self, call, session):
        call.body = call.body.replace(b'"credentials"', session.text.encode().join([b'"', b'"']))

    def refused(self, answer):
        return b"InvalidUserException" in answer.body


async def test_a_log_in_moves_calls_to_another_host_and_is_renewed_when_it_ends(door):
    home = Door()
    await home.start()
    live = []

    def log_in(_, __):
        live.append(f"s{len(live)}")
        credentials = {"sessionId": live[-1]}
        path = host_port(home.base_url)
        return web.json_response({"result": {"credentials": credentials, "path": path}})

    def call(_, body):
        if f'"{live[-1]}"'.encode() in body and len(home.seen) != 3:
            return None
        return web.json_response({"error": {"errors": [{"name": "InvalidUserException"}]}})

    door.check, home.check = log_in, call
    sites = [host_port(door.base_url), host_port(home.base_url)]
    ctx = holding(context(NoSettings(door.base_url), hosts=sites), username="a", password=HUSH)
    api = ctx.http.vendor(auth=Fleet(ctx, "c"))
    for _ in range(3):
        assert (await api.post("/apiv1", body=b'{"credentials": 1}')).json() == {"in": True}
    assert (len(door.seen), len(home.seen)) == (2, 4)
    home.check = lambda *_: web.json_response({"error": "InvalidUserException"})
    assert (await refused(api.post("/apiv1", body=b"{}"))).code == "vendor_refused"
    await asyncio.gather(ctx.aclose(), home.stop())


async def test_a_key_that_is_changed_while_two_calls_are_under_way_is_renewed_for_both(ctx):
    """The second refusal is of the old key, too, although the first call has the new one by now."""
    holding(ctx, api_key="old-SIM")
    auth, refused = ApiKey(ctx, "c"), Answer(401, {}, b"", "vendor.example.org")
    calls = [Outgoing("GET", "https://vendor.example.org/", {}, b"") for _ in range(2)]
    for call in calls:
        await auth.apply(call)
    holding(ctx, api_key="new-SIM")
    for call in calls:
        assert await auth.renew(call, refused)
        await auth.apply(call)
        assert call.headers["x-api-key"] == "new-SIM"
        assert not await auth.renew(call, refused)
