"""What a provider says of somebody, against one that lies."""

from urllib.parse import parse_qs, urlsplit

import pytest
from relying import refused, through
from sign_on import Visitor

from watchfloor.contracts import AskAPerson


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
