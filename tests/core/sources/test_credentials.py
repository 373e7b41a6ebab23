"""Credentials over the API: set by their parts, told by name and time, never by value."""

from __future__ import annotations

import pytest
import pytest_asyncio
from hub import PERSON, api_of, hub_here, session_of, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

HUSH = "hush-SIM-0003"
CONFIG = {"base_url": "http://127.0.0.1:9", "owner": "Example", "lpr_cameras": ["none"]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    async with hub_here(tmp_path_factory.mktemp("credentials") / "hub") as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(hub):
    async with api_of(hub.url, session_of(hub)) as api:
        wanted = {"connector": "verkada", "name": "Gate", "config": CONFIG, "enabled": False}
        await api.send("PUT", "/sources/gate", wanted)
        yield api


async def told(api, name, path="/sources/gate/credentials"):
    items = (await api.get(path))["items"]
    return next(each for each in items if each["name"] == name)


async def test_before_it_is_set_a_form_knows_what_to_ask_for(api):
    webhook = await told(api, "webhook_secret")
    assert (webhook["kind"], webhook["filled"], webhook["set"]) == ("hmac_secret", [], None)
    assert webhook["ways"] == [["secret"]]
    parts = {part["name"]: part for part in webhook["parts"]}
    assert parts["secret"] == {
        "name": "secret", "title": "Secret", "help": "", "secret": True, "long": False,
    }  # fmt: skip


async def test_once_set_it_says_by_whom_and_when_and_not_what(api):
    path = "/sources/gate/credentials/webhook_secret"
    await api.send("PUT", path, {"value": {"previous": "old-SIM", "secret": HUSH}})
    webhook = await told(api, "webhook_secret")
    assert webhook["filled"] == ["secret", "previous"]
    assert webhook["set_by"] == PERSON
    assert webhook["set"].startswith("20")
    assert (webhook["renewed"], webhook["leased"]) == (None, None)
    assert HUSH not in str(await api.get("/sources/gate/credentials"))
    first = webhook["set"]
    await api.send("PUT", path, {"value": {"secret": HUSH}})
    replaced = await told(api, "webhook_secret")
    assert replaced["filled"] == ["secret"]
    assert replaced["set"] > first


async def test_a_lease_is_told(api):
    """The worker of a source that is switched on leases what it needs when it is checked."""
    wanted = {"connector": "lpr-rest", "name": "North", "enabled": True}
    config = {"base_url": "http://127.0.0.1:9", "owner": "Example"}
    await api.send("PUT", "/sources/north", {**wanted, "config": config})
    await api.send("PUT", "/sources/north/credentials/token", {"value": {"token": HUSH}})

    async def leased():
        return (await told(api, "token", "/sources/north/credentials"))["leased"]

    assert await until(leased)


@pytest.mark.parametrize(
    ("value", "code", "named"),
    [
        ({"secrt": HUSH}, "credential_part_unknown", "secrt"),
        ({"previous": HUSH}, "credential_incomplete", "secret"),
        ({"secret": " "}, "credential_incomplete", "secret"),
    ],
)
async def test_what_does_not_fit_is_named_and_changes_nothing(api, value, code, named):
    before = await told(api, "webhook_secret")
    answer = await api.call("PUT", "/sources/gate/credentials/webhook_secret", {"value": value})
    assert (answer.status, answer.code) == (409, code)
    assert named in answer.json["error"]["detail"]
    assert HUSH not in answer.body.decode()
    assert await told(api, "webhook_secret") == before


async def test_no_value_is_on_the_ledger(hub, api):
    notes = str(await hub.hub.store.ledger.notes("credential_set", 100))
    assert "webhook_secret" in notes
    assert HUSH not in notes


async def test_the_hubs_own_are_set_beside_and_no_source_takes_its_name(api):
    assert (await told(api, "proxy", "/hub/credentials"))["filled"] == []
    login = {"username": "hub", "password": HUSH}
    await api.send("PUT", "/hub/credentials/proxy", {"value": login})
    proxy = await told(api, "proxy", "/hub/credentials")
    assert (proxy["filled"], proxy["set_by"]) == (["username", "password"], PERSON)
    secret = {"client_id": "watchfloor", "client_secret": HUSH}
    await api.send("PUT", "/hub/credentials/sign_on", {"value": secret})
    sign_on = await told(api, "sign_on", "/hub/credentials")
    assert sign_on["filled"] == ["client_id", "client_secret"]
    for own in ("fingerprints", "installations"):
        answer = await api.call("PUT", f"/hub/credentials/{own}", {"value": login})
        assert (answer.status, answer.code) == (404, "undeclared")
    wanted = {"connector": "verkada", "name": "x", "config": CONFIG, "enabled": False}
    answer = await api.call("PUT", "/sources/hub", wanted)
    assert (answer.status, answer.code) == (403, "reserved_id")
