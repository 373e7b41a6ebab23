"""A provider that changes its keys, is slow or broken, or says what cannot be."""

import pytest
from relying import refused, through
from sign_on import walk

from watchfloor.adapters.oidc import provider
from watchfloor.contracts import AskAPerson, RetryLater


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
