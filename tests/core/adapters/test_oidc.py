"""Sign-on by OpenID Connect, against a strict provider, and against one that lies."""

import time
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from joserfc.jwk import RSAKey
from sign_on import Visitor, walk

from watchfloor.adapters.http_out import HttpOut
from watchfloor.adapters.oidc import OidcSignOn, provider
from watchfloor.contracts import AskAPerson, Refused, RetryLater
from watchfloor.ports.signon import WITHIN_S, Pending
from watchfloor.settings_sign_on import MultiFactor, SignOnSettings
from watchfloor_city.demo.provider import Client, Person, start_provider
from watchfloor_city.demo.provider.keys import Keys

CALLBACK = "http://127.0.0.1:9/sign-on/callback"
HOME = "http://127.0.0.1:9/"
PERSON = Person("aruiz", "Ana", "Ruiz", "Analyst", "", {"groups": ["RTCC Analysts"]})
OTHER = Person("sokafor", "Sam", "Okafor", "Supervisor", "", {})
SECOND = 1_000_000
KEY = RSAKey.generate_key(2048)


class Clock:
    ahead_s = 0.0

    def now(self):
        return int((time.time() + self.ahead_s) * SECOND)


class Kept:
    """The keyring, as far as it is asked."""

    def __init__(self, **parts):
        self.parts = parts

    async def get(self, instance, name):
        assert (instance, name) == ("hub", "sign_on")
        return self.parts


@pytest.fixture
async def there():
    """A provider with a client of each way to show who it is."""
    ways = [
        Client("hub", [CALLBACK], secret="s3cret", post_logout_redirect_uris=[HOME]),
        Client("other", [CALLBACK], secret="0ther"),
        Client("public", [CALLBACK]),
        Client("keyed", [CALLBACK], key=KEY.as_dict(private=False)),
    ]
    async with start_provider("127.0.0.1", 0, ways, [PERSON, OTHER]) as running:
        yield running


@pytest.fixture
async def http(there):
    out = HttpOut([urlsplit(there.issuer).netloc])
    yield out
    await out.close()


@pytest.fixture
def hub(there, http):
    """Makes the hub's side, with other settings where a test needs them."""

    def make(secret="s3cret", clock=None, **changes):
        wanted = {"issuer": there.issuer, "client_id": "hub", **changes}
        kept = Kept(client_secret=secret, private_key=KEY.as_pem(private=True).decode())
        settings = SignOnSettings(**wanted)
        return OidcSignOn(settings, http, kept, clock or Clock(), CALLBACK, HOME)

    return make


async def through(sign_on, person="aruiz", answer="touched", **wishes):
    """One whole sign-on."""
    departure = await sign_on.begin("/", **wishes)
    return await sign_on.finish(await walk(departure.url, person, answer), departure.pending)


async def refused(sign_on, **wishes):
    with pytest.raises(Refused) as raised:
        await through(sign_on, **wishes)
    return raised.value


async def test_who_signs_in_is_known_by_issuer_and_subject_with_what_they_showed(there, hub):
    signed = await through(hub())
    assert (signed.issuer, signed.subject) == (there.issuer, "aruiz")
    assert (signed.acr, *signed.amr) == ("aal2", "pwd", "hwk", "mfa")
    assert signed.sid
    assert abs(signed.auth_time / SECOND - time.time()) < 10
    assert signed.claims["groups"] == ["RTCC Analysts"]
    assert signed.claims["email"] == "aruiz@ex-pd.example.org", "told by userinfo"


async def test_rsa_will_do_as_well(there, hub):
    there.desk.keys = Keys("RS256")
    assert (await through(hub())).subject == "aruiz"
    assert (await refused(hub(algorithms=["ES256"]))).code == "sign_on_refused"


async def test_what_the_browser_carries_away_is_of_no_use_to_who_reads_it(hub):
    departure = await hub().begin("/")
    query = parse_qs(urlsplit(departure.url).query)
    assert query["code_challenge_method"] == ["S256"]
    assert departure.pending.secret["verifier"] not in departure.url
    assert "s3cret" not in departure.url


async def test_what_is_kept_meanwhile_can_travel_sealed(hub):
    sign_on = hub()
    departure = await sign_on.begin("/", max_age_s=600)
    kept = msgspec.json.decode(msgspec.json.encode(departure.pending), type=Pending)
    assert kept == departure.pending
    assert (await sign_on.finish(await walk(departure.url, "aruiz"), kept)).subject == "aruiz"


@pytest.mark.parametrize(
    ("client", "way"),
    [
        ("hub", "client_secret_basic"),
        ("hub", "client_secret_post"),
        ("keyed", "private_key_jwt"),
        ("public", "none"),
    ],
)
async def test_the_hub_shows_who_it_is_in_each_way(hub, client, way):
    assert (await through(hub(client_id=client, client_auth=way))).subject == "aruiz"


async def test_a_wrong_secret_is_a_matter_for_it_not_for_the_person(hub):
    with pytest.raises(AskAPerson) as raised:
        await through(hub(secret="guessed"))
    assert raised.value.code == "sign_on_misconfigured"


@pytest.mark.parametrize("parts", [{}, {"client_id": "other", "client_secret": "s3cret"}])
async def test_a_credential_that_does_not_fit_is_a_matter_for_it(hub, parts):
    sign_on = hub()
    sign_on._secrets.parts = parts
    with pytest.raises(AskAPerson) as raised:
        await through(sign_on)
    assert raised.value.code == "sign_on_misconfigured"


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example.org/",
        "//evil.example.org",
        "/\\evil.example.org",
        "javascript:alert(1)",
        "/\r\nLocation: https://evil.example.org",
        "",
    ],
)
async def test_open_redirect_the_way_back_never_leads_out_of_the_console(hub, path):
    assert (await hub().begin(path)).pending.return_to == "/"


async def test_the_way_back_keeps_where_somebody_was_going(hub):
    place = "/search?q=ZZT1234#map"
    assert (await hub().begin(place)).pending.return_to == place


async def test_session_fixation_an_answer_to_what_somebody_else_began_is_refused(hub):
    sign_on = hub()
    mine, theirs = await sign_on.begin("/"), await sign_on.begin("/")
    brought = await walk(theirs.url, "sokafor")
    with pytest.raises(Refused, match="another sign-on"):
        await sign_on.finish(brought, mine.pending)


async def test_session_fixation_a_code_pushed_under_the_own_state_is_refused(hub):
    """The attacker's code, with the victim's state: PKCE binds the code to who asked for it."""
    sign_on = hub()
    mine, theirs = await sign_on.begin("/"), await sign_on.begin("/")
    brought = await walk(theirs.url, "sokafor") | {"state": mine.pending.state}
    with pytest.raises(Refused, match="invalid_grant"):
        await sign_on.finish(brought, mine.pending)


async def test_without_state_nothing_is_taken(hub):
    sign_on = hub()
    departure = await sign_on.begin("/")
    brought = await walk(departure.url, "aruiz")
    del brought["state"]
    with pytest.raises(Refused) as raised:
        await sign_on.finish(brought, departure.pending)
    assert raised.value.code == "sign_on_refused"


async def test_replayed_code_an_answer_counts_once(hub):
    sign_on = hub()
    departure = await sign_on.begin("/")
    brought = await walk(departure.url, "aruiz")
    await sign_on.finish(brought, departure.pending)
    with pytest.raises(Refused) as raised:
        await sign_on.finish(brought, departure.pending)
    assert raised.value.code == "sign_on_replayed"


async def test_replayed_code_the_provider_takes_one_once_as_well(hub):
    """After a restart the hub has forgotten what was used; the provider has not."""
    departure = await hub().begin("/")
    brought = await walk(departure.url, "aruiz")
    await hub().finish(brought, departure.pending)
    with pytest.raises(Refused, match="invalid_grant"):
        await hub().finish(brought, departure.pending)


async def test_a_sign_on_that_took_too_long_is_begun_again(hub):
    clock = Clock()
    sign_on = hub(clock=clock)
    departure = await sign_on.begin("/")
    brought = await walk(departure.url, "aruiz")
    clock.ahead_s = WITHIN_S + 1
    with pytest.raises(Refused) as raised:
        await sign_on.finish(brought, departure.pending)
    assert raised.value.code == "sign_on_stale"


@pytest.mark.parametrize("named", [None, "https://other.example.org"])
async def test_mix_up_an_answer_of_another_provider_is_refused(hub, named):
    """RFC 9207: the provider promises to say who it is, so silence is wrong, too."""
    sign_on = hub()
    departure = await sign_on.begin("/")
    brought = await walk(departure.url, "aruiz")
    brought = (
        {**brought, "iss": named} if named else {k: v for k, v in brought.items() if k != "iss"}
    )
    with pytest.raises(Refused) as raised:
        await sign_on.finish(brought, departure.pending)
    assert raised.value.code == "sign_on_refused"


async def test_who_cancels_is_told_so(hub):
    error = await refused(hub(), answer="cancel")
    assert error.code == "sign_on_refused"
    assert "access_denied" in error.detail


async def test_an_error_text_from_the_browser_is_not_passed_on(hub):
    sign_on = hub()
    departure = await sign_on.begin("/")
    brought = {"state": departure.pending.state, "error": "x\n<b>forged log line", "iss": "x"}
    brought["iss"] = sign_on._settings.issuer
    with pytest.raises(Refused) as raised:
        await sign_on.finish(brought, departure.pending)
    assert "forged" not in raised.value.detail


@pytest.mark.parametrize(
    "lies",
    [
        {"aud": "other"},
        {"aud": ["hub", "other"]},
        {"aud": None},
        {"aud": 7},
        {"iss": "https://other.example.org"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": 1},
        {"iat": None},
        {"iat": 99999999999},
        {"nbf": 99999999999},
        {"nonce": "another"},
        {"nonce": None},
        {"azp": "other"},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"sub": None},
        {"sub": ["aruiz"]},
        {"auth_time": 99999999999},
        {"auth_time": "just now"},
        {"amr": "mfa"},
        {"acr": {"value": "aal2"}},
    ],
    ids=str,
)
async def test_token_confusion_an_id_token_with_a_wrong_claim_is_refused(there, hub, lies):
    there.faults.claims = lies
    assert (await refused(hub())).code == "sign_on_refused"


@pytest.mark.parametrize("alg", ["none", "HS256", "RS512", "RS256"])
async def test_token_confusion_the_algorithm_is_ours_to_choose(there, hub, alg):
    """No signature; the public key as a secret; a way that is not allowed; one that is, and that
    the key is not for."""
    there.faults.alg = alg
    assert (await refused(hub())).code == "sign_on_refused"


@pytest.mark.parametrize("kid", [None, "made-up"])
async def test_token_confusion_a_stranger_s_key_is_refused(there, hub, kid):
    """Under the provider's own key id, and under one that nobody knows."""
    there.faults.alg, there.faults.kid = "ES256", kid
    assert (await refused(hub())).code == "sign_on_refused"


async def test_token_confusion_a_logout_token_signs_nobody_in(there, hub):
    sign_on = hub()
    await through(sign_on)
    [login] = there.desk.logins.values()
    token = there.desk.logout_token(there.desk.clients["hub"], login)
    there.desk._id_token = lambda *_: token
    assert (await refused(sign_on)).code == "sign_on_refused"


async def test_token_confusion_userinfo_of_another_person_is_refused(there, hub):
    there.faults.userinfo = {"sub": "sokafor"}
    assert (await refused(hub())).code == "sign_on_refused"


async def test_what_is_signed_goes_before_what_userinfo_says(there, hub):
    there.faults.userinfo = {"groups": ["Auditors"], "acr": "aal3"}
    signed = await through(hub())
    assert signed.claims["groups"] == ["RTCC Analysts"]
    assert signed.acr == "aal2"


async def test_who_shall_show_again_who_they_are_is_asked_again(hub):
    async with Visitor() as browser:
        first = await hub().begin("/")
        await browser.sign_in(first.url, "aruiz")
        for wishes, asked in (({}, False), ({"prompt": "login"}, True), ({"max_age_s": 0}, True)):
            departure = await hub().begin("/", **wishes)
            _, _, leads = await browser.open(departure.url)
            assert (leads is None) is asked, wishes


async def test_a_provider_that_did_not_ask_again_is_not_believed(there, hub):
    there.faults.claims = {"auth_time": 1}
    assert (await refused(hub(), max_age_s=60)).code == "sign_on_refused"


@pytest.mark.parametrize("wishes", [{}, {"max_age_s": 0}], ids=str)
async def test_without_the_time_of_the_proof_nobody_is_signed_in(there, hub, wishes):
    """When the token was made says nothing of when the person showed who they are."""
    there.faults.claims = {"auth_time": None}
    with pytest.raises(AskAPerson) as raised:
        await through(hub(), **wishes)
    assert raised.value.code == "sign_on_misconfigured"
    assert "auth_time" in raised.value.remedy


async def test_the_time_of_the_proof_is_always_asked_for(hub):
    """A provider need not say it unless it was asked for some age (Core 1.0, section 3.1.2.1)."""
    departure = await hub().begin("/")
    assert parse_qs(urlsplit(departure.url).query)["max_age"] == [str(12 * 3600)]
    assert departure.pending.max_age_s is None


async def test_a_new_key_of_the_provider_is_found_and_made_up_ones_are_asked_for_seldom(
    there, hub, monkeypatch
):
    sign_on = hub()
    await through(sign_on)
    there.rotate_keys()
    assert (await refused(sign_on)).code == "sign_on_refused", "asked a moment ago"
    monkeypatch.setattr(provider, "AGAIN_S", 0.0)
    assert (await through(sign_on)).subject == "aruiz"


async def test_the_provider_being_slow_or_broken_is_said_as_such(there, hub, monkeypatch):
    sign_on = hub()
    departure = await sign_on.begin("/")
    brought = await walk(departure.url, "aruiz")
    there.faults.status = 500
    with pytest.raises(RetryLater) as raised:
        await sign_on.finish(brought, departure.pending)
    assert raised.value.code == "sign_on_unavailable"
    there.faults.status, there.faults.delay_s = None, 5.0
    monkeypatch.setattr(provider, "DEADLINE_S", 0.1)
    with pytest.raises(RetryLater) as raised:
        await hub().begin("/")
    assert raised.value.code == "sign_on_unavailable"


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://other.example.org"},
        {"jwks_uri": "http://keys.example.org/"},
        {"token_endpoint": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"code_challenge_methods_supported": ["plain"]},
        {"jwks_uri": None},
    ],
    ids=str,
)
async def test_a_provider_that_says_what_can_t_be_is_not_used(there, hub, said):
    there.faults.metadata = said
    with pytest.raises(AskAPerson) as raised:
        await hub().begin("/")
    assert raised.value.code == "sign_on_misconfigured"


async def test_a_provider_can_t_make_the_hub_call_the_inside_of_the_network(there, hub):
    there.faults.metadata = {"jwks_uri": "https://169.254.169.254/latest/meta-data"}
    assert (await refused(hub())).code == "internal_address"


async def test_plain_http_is_for_this_machine_alone(hub):
    with pytest.raises(AskAPerson) as raised:
        await hub(issuer="http://login.example.org").begin("/")
    assert raised.value.code == "sign_on_misconfigured"


async def test_an_answer_without_end_is_not_read_to_its_end(there, hub, monkeypatch):
    monkeypatch.setattr(provider, "LIMIT", 100)
    with pytest.raises(AskAPerson) as raised:
        await hub().begin("/")
    assert raised.value.code == "sign_on_misconfigured"


async def test_leaving_ends_the_provider_s_session_and_comes_home(there, hub):
    sign_on = hub()
    async with Visitor() as browser:
        departure = await sign_on.begin("/")
        brought = await browser.sign_in(departure.url, "aruiz")
        signed = await sign_on.finish(brought, departure.pending)
        _, _, leads = await browser.open(await sign_on.leave_url(signed.ticket))
    assert leads == HOME
    assert there.desk.logins == {}


async def test_a_provider_without_an_end_of_sessions_has_no_such_address(there, hub):
    there.faults.metadata = {"end_session_endpoint": None}
    assert await hub().leave_url("ticket") is None


class TestBackChannelLogout:
    @pytest.fixture
    async def signed(self, there, hub):
        """The hub's side, and the login at the provider."""
        sign_on = hub()
        await through(sign_on)
        [login] = there.desk.logins.values()
        return sign_on, login

    async def test_the_session_that_ended_is_named(self, there, signed):
        sign_on, login = signed
        told = await sign_on.logged_out(there.desk.logout_token(there.desk.clients["hub"], login))
        assert (told.issuer, told.subject, told.sid) == (there.issuer, "aruiz", login.sid)

    async def test_a_token_counts_once(self, there, signed):
        sign_on, login = signed
        token = there.desk.logout_token(there.desk.clients["hub"], login)
        await sign_on.logged_out(token)
        with pytest.raises(Refused) as raised:
            await sign_on.logged_out(token)
        assert raised.value.code == "sign_on_replayed"

    async def test_a_token_for_another_client_is_refused(self, there, signed):
        sign_on, login = signed
        with pytest.raises(Refused):
            await sign_on.logged_out(there.desk.logout_token(there.desk.clients["other"], login))

    @pytest.mark.parametrize(
        "lies",
        [
            {"events": {}},
            {"events": {"http://schemas.openid.net/event/backchannel-logout": True}},
            {"events": None},
            {"nonce": "n"},
            {"sub": None, "sid": None},
            {"jti": None},
            {"exp": 1},
            {"exp": None},
            {"iat": 1},
            {"iss": "https://other.example.org"},
        ],
        ids=str,
    )
    async def test_a_token_with_a_wrong_claim_is_refused(self, there, signed, lies):
        sign_on, login = signed
        keys = there.desk.keys
        honest = keys.read(there.desk.logout_token(there.desk.clients["hub"], login))
        claims = {k: v for k, v in {**honest, **lies}.items() if v is not None}
        with pytest.raises(Refused) as raised:
            await sign_on.logged_out(keys.sign(claims))
        assert raised.value.code == "sign_on_refused"

    async def test_an_id_token_ends_no_session(self, hub):
        sign_on = hub()
        signed = await through(sign_on)
        with pytest.raises(Refused):
            await sign_on.logged_out(signed.ticket)

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é", "x" * 100_000])
    async def test_what_is_no_token_is_refused(self, signed, token):
        with pytest.raises(Refused) as raised:
            await signed[0].logged_out(token)
        assert raised.value.code == "sign_on_refused"


def test_what_counts_as_two_factors():
    usual = MultiFactor()
    assert usual.met_by(None, ["pwd", "otp"])
    assert usual.met_by("x", ["mfa"])
    assert not usual.met_by("x", ["pwd"])
    assert not usual.met_by("x", ["hwk", "user"]), "a key that was touched is one thing one has"
    assert not usual.met_by(None, [])
    by_class = MultiFactor(acr=["aal2"])
    assert by_class.met_by("aal2", [])
    assert not by_class.met_by("aal1", ["mfa"]), "only what is listed, once something is"
    assert not by_class.met_by(None, [])
    assert MultiFactor(acr=["aal3"], amr=[["fpt", "hwk"]]).met_by("aal1", ["hwk", "fpt", "user"])
