"""Sign-on by OpenID Connect, against a strict provider: who comes in, and who does not."""

import time
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from relying import SECOND, Clock, refused, through
from sign_on import walk

from watchfloor.contracts import AskAPerson, Refused
from watchfloor.ports.signon import WITHIN_S, Pending
from watchfloor.settings_sign_on import MultiFactor
from watchfloor_city.demo.provider.keys import Keys


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
