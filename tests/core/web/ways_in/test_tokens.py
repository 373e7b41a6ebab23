"""Tokens of services: what one opens, and when it does no more."""

from __future__ import annotations

import pytest
import pytest_asyncio
from made_up import call
from staff import noted
from ways import ANA, KIM, LEO

pytestmark = pytest.mark.asyncio(loop_scope="module")


def shown(secret):
    return {"Authorization": f"Bearer {secret}"}


@pytest_asyncio.fixture(loop_scope="module")
async def token(person):
    async with person(KIM) as kim:
        made = await kim.send("POST", "/tokens", {"holder": "Example Co", "source": "push-1"})
        yield made


async def test_a_service_hands_over_events_of_its_own_source_and_does_nothing_else(
    hub, nobody_here, token
):
    secret = token["secret"]
    ask = nobody_here.call
    given = await ask("POST", "/events", [call(1)], headers=shown(secret), source="push-1")
    assert (given.status, given.json["accepted"]) == (200, 1)
    other = await ask("POST", "/events", [call(2)], headers=shown(secret), source="push-2")
    assert (other.status, other.code) == (403, "not_its_source")
    for method, path in (("GET", "/live"), ("GET", "/events"), ("GET", "/tokens")):
        assert (await ask(method, path, headers=shown(secret))).status == 403, path
    for method, path in (("GET", "/session"), ("POST", "/session/lock"), ("DELETE", "/session")):
        assert (await ask(method, path, headers=shown(secret))).status == 401, path
    assert [e.outcome for e in await noted(hub, "event.accepted")][:1] == ["denied"]


async def test_a_token_is_shown_once(person, token):
    async with person(KIM) as kim:
        listed = await kim.call("GET", "/tokens")
    assert token["secret"].encode() not in listed.body
    assert token["token"]["id"] in listed.body.decode()


async def test_a_revoked_token_opens_nothing_and_both_are_in_the_audit(
    hub, person, nobody_here, token
):
    async with person(LEO) as leo:
        await leo.send("DELETE", f"/tokens/{token['token']['id']}")
    answer = await nobody_here.call(
        "POST", "/events", [call(3)], headers=shown(token["secret"]), source="push-1"
    )
    assert (answer.status, answer.code) == (401, "not_signed_in")
    assert (await noted(hub, "token.made"))[0].operator.handle == "kim"
    assert (await noted(hub, "token.revoked"))[0].operator.handle == "leo"


async def test_a_bad_token_is_not_saved_by_a_good_cookie(person):
    async with person(ANA) as ana:
        assert (await ana.call("GET", "/hub", headers=shown("wft_made-up"))).status == 401


async def test_who_is_cut_off_takes_the_tokens_that_they_made_along(person, nobody_here, token):
    async with person(LEO) as leo:
        ended = await leo.send("POST", "/people/kim/cut-off", {"reason": "left the agency"})
    assert ended["tokens"] >= 1
    answer = await nobody_here.call(
        "POST", "/events", [call(4)], headers=shown(token["secret"]), source="push-1"
    )
    assert answer.status == 401
