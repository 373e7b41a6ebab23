"""Credentials over time, over the API: rotation, ends, use, budgets; and who may do what."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from hub import api_of
from people import session_as

from watchfloor.contracts import LookupDeclaration, Price
from watchfloor.identity import Role
from watchfloor.ports.store import Lease
from watchfloor_verkada_simulator.webhooks import envelope, sign

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONFIG = {"base_url": "http://127.0.0.1:9", "owner": "Example", "lpr_cameras": ["none"]}
HOOK = "/sources/gate/credentials/webhook_secret"
FIRST, SECOND = "first-SIM-secret", "second-SIM-secret"
PAID = LookupDeclaration(
    name="person", title="Person", subject_kinds=["person"], legal_basis="None: synthetic",
    price=Price(cents=150, currency="USD"),
)  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def gate(api):
    wanted = {"connector": "verkada", "name": "Gate", "config": CONFIG, "enabled": True}
    await api.send("PUT", "/sources/gate", wanted)
    await api.send("PUT", HOOK, {"value": {"secret": FIRST}})


@contextlib.asynccontextmanager
async def somebody(hub, *roles):
    async with api_of(hub.url) as api:
        api.client.cookie_jar.update_cookies(
            {"watchfloor_session": session_as(hub, "Robin", *roles)}
        )
        yield api


def body(number):
    moment = 1_790_000_000 + number
    return envelope("lpr", {
        "camera_id": "cam-1", "created": moment, "detected": moment * 1000,
        "license_plate_number": f"ZZR{number:04}",
    })  # fmt: skip


async def knock(api, number, secret):
    content = body(number)
    return (await api.knock("gate", content, sign(secret, content))).status


async def test_while_a_rotation_overlaps_webhooks_are_taken_by_both_secrets(hub, api):
    asked = {"value": {"secret": SECOND}, "overlap_s": 3600}
    answer = await api.call("POST", f"{HOOK}/rotate", asked)
    assert answer.status == 200
    assert answer.json["overlap_until"]
    assert FIRST.encode() not in answer.body + (await api.call("GET", f"{HOOK}/rotate")).body
    assert [await knock(api, 1, FIRST), await knock(api, 2, SECOND)] == [202, 202]
    assert await knock(api, 3, "third-SIM-secret") == 403
    page = await hub.hub.audit.read(limit=50)
    [noted] = [each.entry for each in page.items if each.entry.event == "credential.rotated"]
    assert noted.object.id == "gate/webhook_secret"


async def test_a_rotation_that_overlaps_for_more_than_a_month_is_refused(api):
    asked = {"value": {"secret": SECOND}, "overlap_s": 31 * 24 * 3600}
    answer = await api.call("POST", f"{HOOK}/rotate", asked)
    assert (answer.status, answer.code) == (403, "overlap_too_long")


async def test_the_day_that_somebody_says_is_on_the_calendar_until_it_is_taken_back(api):
    expires = (datetime.now(UTC) + timedelta(days=5)).isoformat()
    await api.send("PUT", f"{HOOK}/expiry", {"expires": expires})
    [due] = (await api.get("/credentials/calendar", within_days=30))["items"]
    assert (due["owner"], due["name"], due["stage"], due["known"]) == (
        "gate", "webhook_secret", 7, "person",
    )  # fmt: skip
    assert (await api.get("/credentials/calendar", within_days=1))["items"] == []
    await api.send("PUT", f"{HOOK}/expiry", {"expires": None})
    assert (await api.get("/credentials/calendar"))["items"] == []


@pytest.mark.parametrize(
    ("path", "said", "wanted"),
    [
        ("/sources/gate/credentials/other/expiry", {"expires": None}, (404, "undeclared")),
        (f"{HOOK}/expiry", {"expires": "tomorrow"}, (422, "bad_body")),
        (f"{HOOK}/expiry", {"expires": "9999-12-31T23:59:59-12:00"}, (422, "bad_body")),
    ],
)
async def test_an_end_that_is_none_is_refused(api, path, said, wanted):
    answer = await api.call("PUT", path, said)
    assert (answer.status, answer.code) == wanted


async def test_all_leases_of_a_source_end_at_once_and_it_is_off(hub, api):
    await hub.hub.store.leases.lend(Lease(0, "gate", "webhook_secret", "verkada", "f1", 4_000_000))
    [held] = (await api.get("/credentials/ledger", source="gate", open="true"))["items"]
    assert (held["name"], held["process"], held["ended"]) == ("webhook_secret", 4_000_000, None)
    assert await api.send("POST", "/sources/gate/leases/end") == {"ended": 1}
    assert (await api.get("/credentials/ledger", open="true"))["items"] == []
    [ended] = (await api.get("/credentials/ledger", source="gate"))["items"]
    assert ended["ended"] == "cut_off"
    assert not (await api.source("gate"))["enabled"]


async def test_a_budget_says_what_was_spent_of_it_question_by_question(hub, api):
    asked = {"cents": 1000, "currency": "USD", "lookups": None}
    assert (await api.send("PUT", "/budgets/gate", asked))["state"] == "ok"
    for number in range(6):
        await hub.hub.spending.charge(
            "gate", PAID, f"R-26-{number:06}", "robin", "investigation", False
        )
    [budget] = (await api.get("/budgets"))["items"]
    assert (budget["spent_cents"], budget["share"], budget["state"]) == (900, 0.9, "near")
    charges = (await api.get("/charges", source="gate", limit=2))["items"]
    assert [(each["cents"], each["person"]) for each in charges] == [(150, "robin")] * 2
    await api.send("DELETE", "/budgets/gate")
    assert (await api.get("/budgets"))["items"] == []


@pytest.mark.parametrize(
    ("source", "said", "wanted"),
    [
        ("gate", {"currency": "USD"}, (409, "budget_empty")),
        ("gate", {"currency": "dollars", "cents": 1}, (422, "bad_body")),
        ("gate", {"currency": "USD", "cents": -1}, (422, "bad_body")),
        ("nowhere", {"currency": "USD", "cents": 1}, (404, "no_such_source")),
    ],
)
async def test_a_budget_that_limits_nothing_is_refused(api, source, said, wanted):
    answer = await api.call("PUT", f"/budgets/{source}", said)
    assert (answer.status, answer.code) == wanted


async def test_who_reads_data_neither_rotates_nor_sees_who_has_a_credential(hub):
    async with somebody(hub, Role.ANALYST) as analyst:
        assert (await analyst.call("GET", "/credentials/calendar")).status == 200
        for method, path, said in (
            ("GET", "/credentials/ledger", None),
            ("GET", "/charges", None),
            ("POST", f"{HOOK}/rotate", {"value": {"secret": SECOND}}),
            ("POST", "/sources/gate/leases/end", None),
            ("PUT", "/budgets/gate", {"currency": "USD", "cents": 1}),
        ):
            answer = await analyst.call(method, path, said)
            assert (answer.status, answer.code) == (403, "not_your_role"), path
