"""A hub against Flock's simulator: it is asked as the person who signed in there, and whatever its
log or its settings say otherwise is before the auditor within a day."""

from __future__ import annotations

import os
import time
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import pytest_asyncio
from at_flock import AUDIENCE, SOURCE, finished, flock, sign_in
from hub import PERSON, api_of, hub_here, session_of
from people import session_as
from staff import known_case, noted, open_request, signed_in, somebody

from watchfloor.adapters.clock import SystemClock
from watchfloor.identity import Role
from watchfloor.reconciliation import service
from watchfloor.web import COOKIE

CASE = "SIM-26-000123"
DAY_S = 21 * 3600
QUESTION = {
    "source": SOURCE, "offer": "plate-reads", "subject_kind": "plate",
    "purpose": {"case_number": CASE, "reason": "Burglary, Example St"}, "deadline_s": 20,
}  # fmt: skip


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
        flock(api, look_ups_as="user") as vendor,
    ):
        assert await sign_in(api, vendor) == "/#/vendor-sign-in/done"
        await known_case(running, CASE)
        for plate in ("ZZT0001", "ZZT0003"):
            await ask(api, plate)
        yield running.hub, running, api, vendor


async def ask(api, plate):
    answer = await api.call("POST", "/lookups", QUESTION | {"subject": plate})
    assert b'"status":"ok"' in answer.body, answer.body


@pytest.mark.asyncio(loop_scope="module")
async def test_flock_sees_the_person_and_the_auditor_what_flock_says(floor, monkeypatch):
    """The California case (reported): a nationwide look-up switch that nobody approved is found on.
    Besides: searches past the hub, one of them with the number of a record that is another's; a
    look-up that is missing there; a log that is thinned. Flock is asked about an O as a zero, too,
    which is no search past the hub."""
    hub, running, api, vendor = floor
    rows = vendor.exports.rows
    assert [row["User"] for row in rows] == ["flock-user-1"] * 2
    assert all(PERSON in row["Reason"] and "wf:" in row["Reason"] for row in rows)
    assert {row["Case Number"] for row in rows} == {CASE}

    assert [item.why for item in await hub.reconciliation.sweep()] == ["sharing"]
    await api.send("PUT", f"/sharing/{SOURCE}/{AUDIENCE}", {"value": "organization"})
    assert await at_vendors(api) == []
    assert await hub.reconciliation.sweep() == []  # it is not due again

    await ask(api, "ZZO0008")
    assert [row["Plate"] for row in rows[2:]] == ["ZZO0008", "ZZ00008"]
    await ask(api, "ZZT0006")
    vendor.exports.lose_newest()
    copied = {"plate": "ZZT0009", "reason": rows[0]["Reason"], "caseNumber": CASE}
    vendor.exports.searched("flock-user-8", copied)
    vendor.exports.searched("flock-user-9", {"plate": "ZZT0009", "reason": "none"})
    vendor.exports.switch("National Lookup", "On")
    a_day_later(vendor, monkeypatch)
    found = await hub.reconciliation.sweep()
    assert {item.why for item in found} == {"sharing", "past_the_hub", "not_at_vendor"}
    past = [item.handle for item in found if item.why == "past_the_hub"]
    assert past == ["flock-user-8", "flock-user-9"]
    assert not any("ZZT" in item.words for item in found)
    named = {item.why for item in found if item.words.startswith(f"{SOURCE}: ")}
    assert named == {"past_the_hub"}, "beside what nobody by name did, the source stands already"

    async with api_of(running.url) as auditor:
        session = session_as(running, "Ann", Role.AUDITOR)
        auditor.client.cookie_jar.update_cookies({COOKIE: session})
        [repair] = await at_vendors(auditor)
        assert (repair["code"], repair["step"]) == ("sharing_not_approved", "approve_sharing")
        assert "National Lookup: “on” at the vendor; nobody approved it" in repair["detail"]
        waiting = (await auditor.get("/oversight/reviews"))["items"]
        assert {item.id for item in found} <= {item["id"] for item in waiting}
        told = (await auditor.get("/audit", event="vendor_setting.found"))["items"]
        assert any("National Lookup" in entry["entry"]["more"]["words"] for entry in told)
        kept = (await auditor.get(f"/vendor-logs/{SOURCE}", since="2026-01-01T00:00:00Z"))["items"]
        assert [row["user"] for row in kept] == [
            *["flock-user-1"] * 4, "flock-user-8", "flock-user-9",
        ]  # fmt: skip
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


@pytest.mark.asyncio(loop_scope="module")
async def test_how_a_vendor_shares_is_approved_by_two(floor):
    """It counts once another than who asked has agreed: to this value, and to no other."""
    hub, running, _, vendor = floor
    vendor.exports.switch("Statewide Lookup", "On")
    await hub.reconciliation.sweep(now=True)
    path, on = f"/sharing/{SOURCE}/statewide_lookup", {"value": "on"}
    it, supervisor = somebody("kim", Role.AGENCY_IT), somebody("sam", Role.SUPERVISOR)
    async with signed_in(running, it) as kim, signed_in(running, supervisor) as sam:
        assert (await sam.call("PUT", path, on)).code == "not_your_role", "it is not theirs to ask"
        alone = await kim.call("PUT", path, on)
        assert (alone.status, alone.code) == (403, "second_person_needed")
        assert (await setting(kim))["approved"] is None
        [question] = (await sam.get("/approvals"))["items"]
        assert question["what"] == (
            f"Approve “on” for how a vendor shares: {SOURCE}/statewide_lookup"
        )
        answer = f"/approvals/{question['id']}/answer"
        own = await kim.call("POST", answer, {"granted": True})
        assert (own.status, own.code) == (403, "own_approval")
        assert (await kim.call("PUT", path, on)).code == "second_person_needed"
        await sam.send("POST", answer, {"granted": True, "note": "The chief signed it."})
        assert (await setting(kim))["drifted"], "agreeing does nothing by itself"
        other = await kim.call("PUT", path, {"value": "regional"})
        assert other.code == "second_person_needed", "that and nothing else"
        await kim.send("PUT", path, on)
        held = await setting(kim)
    assert (held["approved"], held["approved_by"], held["drifted"]) == ("on", "kim", False)
    outcomes = [(e.outcome, e.operator.handle) for e in await noted(running, "sharing.changed")]
    assert outcomes[:2] == [("done", "kim"), ("denied", "kim")]
    vendor.exports.switch("Statewide Lookup", "Off")
    await hub.reconciliation.sweep(now=True)


@pytest.mark.asyncio(loop_scope="module")
async def test_one_sees_ones_own_sign_in_ends_it_and_is_told_what_to_do_without(floor):
    _, running, api, _ = floor
    path = f"/vendor-sign-in/{SOURCE}"
    [offer] = [one for one in (await api.get("/lookups"))["items"] if one["source"] == SOURCE]
    assert offer["sign_in_at"] == "Flock Safety"
    assert (await api.get(path))["until"] is not None
    async with signed_in(running, somebody("ana", Role.ANALYST)) as ana:
        assert await ana.get(path) == {"needed": True, "until": None}, "to each their own"
        await ana.send("DELETE", path)
        assert await finished(ana, code="made-up") == "/#/vendor-sign-in/sign_in_not_begun"
    assert (await api.get(path))["until"] is not None
    await api.send("DELETE", path)
    assert (await api.get(path))["until"] is None
    answer = await api.call("POST", "/lookups", QUESTION | {"subject": "ZZT0001"})
    assert answer.json["answer"]["code"] == "sign_in_at_vendor"
    assert (await noted(running, "session.ended"))[0].object.id == SOURCE


@pytest.mark.asyncio(loop_scope="module")
async def test_whoever_is_given_the_handle_of_another_inherits_no_sign_in(floor):
    """Who somebody is, is the identity provider's subject: a handle may be given anew."""
    _, running, _, vendor = floor
    first = somebody("bea", Role.ANALYST)
    second = replace(first, id="idp|another")
    async with signed_in(running, first) as bea, signed_in(running, second) as another:
        assert await sign_in(bea, vendor) == "/#/vendor-sign-in/done"
        await open_request(another)
        answer = await another.call("POST", "/lookups", QUESTION | {"subject": "ZZT0001"})
        assert answer.json["answer"]["code"] == "sign_in_at_vendor"
        assert (await bea.get(f"/vendor-sign-in/{SOURCE}"))["until"] is None, "nobody has both"
        assert await sign_in(bea, vendor) == "/#/vendor-sign-in/done"
        assert (await another.get(f"/vendor-sign-in/{SOURCE}"))["until"] is None
        assert await sign_in(another, vendor, "flock-user-2") == "/#/vendor-sign-in/done"
        await open_request(bea)
        answer = await bea.call("POST", "/lookups", QUESTION | {"subject": "ZZT0001"})
        assert answer.json["answer"]["code"] == "sign_in_at_vendor"


@pytest.mark.asyncio(loop_scope="module")
async def test_who_is_cut_off_is_signed_out_at_vendors_too(floor):
    hub, running, _, vendor = floor
    async with (
        signed_in(running, somebody("ana", Role.ANALYST)) as ana,
        signed_in(running, somebody("kim", Role.AGENCY_IT)) as kim,
    ):
        assert await sign_in(ana, vendor) == "/#/vendor-sign-in/done"
        cut = await kim.send("POST", "/people/ana/cut-off", {"reason": "left the agency"})
        assert cut.pop("sessions")
        assert cut == {"tokens": 0, "vendors": 1, "accounts": 0}
        assert (await ana.call("GET", "/hub")).status == 401
    assert (await hub.lookups.sign_in_state(SOURCE, somebody("ana"))).until is None


async def setting(api):
    [found] = [each for each in (await api.get("/sharing"))["items"]
               if each["name"] == "statewide_lookup"]  # fmt: skip
    return found
