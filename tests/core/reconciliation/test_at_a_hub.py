"""A hub against Flock's simulator: it is asked as the person who signed in there, and whatever its
log or its settings say otherwise is before the auditor within a day."""

from __future__ import annotations

import os
import time
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlsplit

import pytest
import pytest_asyncio
from hub import PERSON, api_of, hub_here, session_of, until
from people import session_as

from watchfloor.adapters.clock import SystemClock
from watchfloor.identity import Role
from watchfloor.reconciliation import service
from watchfloor.web import COOKIE, ROUTES
from watchfloor_flock_simulator import FlockSimulator

SOURCE = "plates"
CASE = "SIM-26-000123"
AUDIENCE = "alerts_audience:33333333-4444-4555-8666-777777777777"
DAY_S = 21 * 3600


@asynccontextmanager
async def flock(api, simulator):
    setup = await simulator.start()
    config = {**setup.config, "look_ups_as": "user"}
    await api.send("PUT", f"/sources/{SOURCE}", {
        "connector": "flock", "name": "Plates", "config": config,
    })  # fmt: skip
    for name, value in setup.credentials.items():
        await api.send("PUT", f"/sources/{SOURCE}/credentials/{name}", {"value": value})
    try:
        await until(lambda: runs(api))
        yield simulator
    finally:
        await simulator.stop()


async def runs(api):
    offers = (await api.get("/lookups"))["items"]
    return any(one["source"] == SOURCE and one["available"] for one in offers)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def floor(tmp_path_factory):
    """A hub that visits no vendor by itself, its API, Flock, and somebody who asked two questions
    as themselves."""
    folder = tmp_path_factory.mktemp("vendor-side") / "hub"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "_FIRST_S", 3600)
        async with at_work(folder) as floor:
            yield floor


@asynccontextmanager
async def at_work(folder):
    async with (
        hub_here(folder) as running,
        api_of(running.url, session_of(running)) as api,
        flock(api, FlockSimulator.rehearsing()) as vendor,
    ):
        await sign_in(api, vendor)
        for plate in ("ZZT0001", "ZZT0003"):
            await ask(api, plate)
        yield running.hub, running, api, vendor


async def sign_in(api, vendor):
    """As a browser does: to Flock, back to the hub's own page, and on from there."""
    url = (await api.send("POST", f"/vendor-sign-in/{SOURCE}"))["url"]
    answer = vendor.accounts.approve(dict(parse_qsl(urlsplit(url).query)), "flock-user-1")
    page = await api.call("GET", f"/vendor-sign-in/{SOURCE}/returned", **answer)
    assert f"/vendor-sign-in/{SOURCE}/finish?" in page.body.decode()
    await api.call("GET", f"/vendor-sign-in/{SOURCE}/finish", **answer)


async def ask(api, plate):
    answer = await api.call("POST", "/lookups", {
        "source": SOURCE, "offer": "plate-reads", "subject_kind": "plate", "subject": plate,
        "purpose": {"case_number": CASE, "reason": "Burglary, Example St"}, "deadline_s": 20,
    })  # fmt: skip
    assert b'"status":"ok"' in answer.body, answer.body


@pytest.mark.asyncio(loop_scope="module")
async def test_flock_sees_the_person_and_the_auditor_what_flock_says(floor, monkeypatch):
    """The California case (reported): a nationwide look-up switch that nobody approved is found on.
    Besides: a search past the hub, a look-up that is missing there, a log that is thinned."""
    hub, running, api, vendor = floor
    rows = vendor.exports.rows
    assert [row["User"] for row in rows] == ["flock-user-1"] * 2
    assert all(PERSON in row["Reason"] and "wf:" in row["Reason"] for row in rows)
    assert {row["Case Number"] for row in rows} == {CASE}

    assert [item.why for item in await hub.reconciliation.sweep()] == ["sharing"]
    await api.send("PUT", f"/sharing/{SOURCE}/{AUDIENCE}", {"value": "organization"})
    assert await at_vendors(api) == []
    assert await hub.reconciliation.sweep() == []  # it is not due again

    await ask(api, "ZZT0006")
    vendor.exports.lose_newest()
    vendor.exports.searched("flock-user-9", {"plate": "ZZT0009", "reason": "none"})
    vendor.exports.switch("National Lookup", "On")
    a_day_later(vendor, monkeypatch)
    found = await hub.reconciliation.sweep()
    assert {item.why for item in found} == {"sharing", "past_the_hub", "not_at_vendor"}
    [past] = [item for item in found if item.why == "past_the_hub"]
    assert past.handle == "flock-user-9"
    assert not any("ZZT" in item.words for item in found)

    async with api_of(running.url) as auditor:
        session = session_as(running, "Ann", Role.AUDITOR)
        auditor.client.cookie_jar.update_cookies({COOKIE: session})
        [repair] = await at_vendors(auditor)
        assert repair["code"] == "sharing_not_approved"
        assert "National Lookup: “on” at the vendor; nobody approved it" in repair["detail"]
        waiting = (await auditor.get("/oversight/reviews"))["items"]
        assert {item.id for item in found} <= {item["id"] for item in waiting}
        told = (await auditor.get("/audit", event="vendor_setting.found"))["items"]
        assert any("National Lookup" in entry["entry"]["more"]["words"] for entry in told)
        kept = (await auditor.get(f"/vendor-logs/{SOURCE}", since="2026-01-01T00:00:00Z"))["items"]
        assert [row["user"] for row in kept] == ["flock-user-1"] * 2 + ["flock-user-9"]
        assert not any("ZZT" in str(row) for row in kept)

    vendor.exports.thin("User", "Plate")
    a_day_later(vendor, monkeypatch, days=2)
    assert [item.why for item in await hub.reconciliation.sweep()] == ["log_thinned"]


def a_day_later(vendor, monkeypatch, days=1):
    """The hub's clock moves on, and so does the hour at which Flock's log was exported."""
    ahead = days * DAY_S
    monkeypatch.setattr(SystemClock, "now", lambda _: time.time_ns() // 1000 + ahead * 1_000_000)
    when = time.time() + ahead
    os.utime(vendor.exports.open() / "audit.csv", (when, when))


async def at_vendors(api):
    repairs = (await api.get("/repairs"))["items"]
    return [repair for repair in repairs if repair["code"].startswith(("sharing", "vendor_log"))]


def test_how_a_vendor_shares_is_approved_by_two():
    [route] = [route for route in ROUTES if (route.method, route.path) == (
        "PUT", "/sharing/{source}/{name}",
    )]  # fmt: skip
    assert route.access is not None
    assert route.access.two_people
