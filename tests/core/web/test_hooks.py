"""The webhook door: good deliveries are on disk before they are answered, others are told why."""

from __future__ import annotations

import time

import pytest
import pytest_asyncio
from hub import until
from made_up import push_source

from watchfloor.gate import MAX_BODY
from watchfloor_verkada_simulator.webhooks import envelope, sign

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "a-secret-of-the-test"
CONFIG = {"base_url": "http://127.0.0.1:9", "owner": "Example", "lpr_cameras": ["none"]}


def body(number):
    data = {
        "camera_id": "cam-1",
        "created": 1_790_000_000 + number,
        "detected": (1_790_000_000 + number) * 1000,
        "license_plate_number": f"ZZH{number:04}",
    }
    return envelope("lpr", data)


async def post(api, body, headers=None, source="gate"):
    signed = sign(SECRET, body) if headers is None else headers
    return await api.knock(source, body, signed)


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def sources(api):
    """One with its secret, one whose secret nobody has set, one without webhooks, one off."""
    await push_source(api)
    for id, enabled in (("gate", True), ("bare", True), ("off", False)):
        wanted = {"connector": "verkada", "name": id, "config": CONFIG, "enabled": enabled}
        await api.send("PUT", f"/sources/{id}", wanted)
    for id in ("gate", "off"):
        value = {"value": {"secret": SECRET}}
        await api.send("PUT", f"/sources/{id}/credentials/webhook_secret", value)


async def test_a_signed_delivery_is_accepted_and_becomes_an_event(api):
    answer = await post(api, body(1))
    assert (answer.status, answer.body) == (202, b"")

    async def there():
        return [e for e in await api.events(source="gate") if "ZZH0001" in e["headline"]]

    assert await until(there)


async def test_no_session_is_needed(api, nobody):
    hooks = await api.hooks_url()
    headers = sign(SECRET, body(2))
    answer = await nobody.call("POST", "gate", body(2), headers=headers, url=hooks)
    assert answer.status == 202


async def test_the_same_delivery_twice_is_one_event(api):
    headers = sign(SECRET, body(3))
    for _ in range(3):
        assert (await post(api, body(3), headers)).status == 202
    assert (await post(api, body(4))).status == 202

    async def heads():
        lines = " ".join(event["headline"] for event in await api.events(source="gate"))
        return "ZZH0004" in lines and lines

    assert (await until(heads)).count("ZZH0003") == 1


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "bad_signature"),
        ({"Verkada-Signature": ""}, "bad_signature"),
        ({"Verkada-Signature": "no bar"}, "bad_signature"),
        ({"Verkada-Signature": "soon|00"}, "bad_signature"),
        ({"Verkada-Signature": "nan|00"}, "replayed"),
        ({"Verkada-Signature": "inf|00"}, "replayed"),
        (lambda: sign("another-secret", body(10)), "bad_signature"),
        (lambda: sign(SECRET, body(11)), "bad_signature"),
        (lambda: sign(SECRET, body(10), now=time.time() - 3600), "replayed"),
        (lambda: sign(SECRET, body(10), now=time.time() + 3600), "replayed"),
    ],
)
async def test_what_is_not_the_vendors_is_refused(api, headers, code):
    """Signed when sent, not when collected: a signature does not stay fresh for a whole run."""
    answer = await post(api, body(10), headers() if callable(headers) else headers)
    assert (answer.status, answer.code) == (403, code)


async def test_a_header_that_is_no_ascii_is_refused(api):
    answer = await post(api, body(10), {"Verkada-Signature": f"{int(time.time())}|é"})
    assert (answer.status, answer.code) == (403, "bad_signature")


async def test_a_body_over_the_limit_is_413(api):
    huge = b" " * (MAX_BODY + 1)
    answer = await post(api, huge)
    assert (answer.status, answer.code) == (413, "too_large")


async def test_a_body_of_the_limit_is_accepted_and_said_to_be_unusable(api):
    answer = await post(api, b" " * MAX_BODY)
    assert answer.status == 202
    [letter] = await until(lambda: api.dead("gate"))
    assert (letter["stage"], letter["code"]) == ("delivery", "not_json")
    await api.send("POST", "/dead-letters/drop", {"ids": [letter["id"]]})


@pytest.mark.parametrize(
    ("source", "status", "code"),
    [
        ("nothing", 404, "no_such_source"),
        ("push-1", 403, "push_source"),
        ("off", 404, "no_webhook"),
        ("bare", 409, "credential_missing"),
    ],
)
async def test_a_door_that_is_not_there_is_said(api, source, status, code):
    answer = await post(api, body(20), source=source)
    assert (answer.status, answer.code) == (status, code)


async def test_a_new_secret_holds_at_once(api):
    path = "/sources/gate/credentials/webhook_secret"
    try:
        await api.send("PUT", path, {"value": {"secret": "another"}})
        assert (await post(api, body(30))).code == "bad_signature"
        assert (await post(api, body(30), sign("another", body(30)))).status == 202
    finally:
        await api.send("PUT", path, {"value": {"secret": SECRET}})
    assert (await post(api, body(31))).status == 202


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_only_post_goes_in(api, method):
    answer = await api.knock("gate", b"", {}, method)
    assert (answer.status, answer.code) == (405, "only_post")
