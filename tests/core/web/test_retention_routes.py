"""Retention over the API: two people change the schedule, the purge goes by it, holds keep, and
what went can be proven."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from hub import api_of, until
from made_up import call, push_source, read
from people import session_as
from staff import noted

from watchfloor.identity import Role
from watchfloor.ports.store import EventFilter, KeyPattern
from watchfloor.retention import CAUTION, proves

pytestmark = pytest.mark.asyncio(loop_scope="module")

READS = "watchfloor.lpr.read.v1"
RULE = {"id": "short", "kind": "read", "cap": "10 days", "reason": "Records schedule 4"}
SCHEDULE = {"presets": [{"preset": "us-va-lpr", "counsel": "A. Counsel"}], "rules": [RULE]}


def ahead(days):
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


@contextlib.asynccontextmanager
async def somebody(hub, name, *roles):
    async with api_of(hub.url) as api:
        api.client.cookie_jar.update_cookies({"watchfloor_session": session_as(hub, name, *roles)})
        yield api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def it(hub):
    async with somebody(hub, "Robin", Role.AGENCY_IT) as api:
        yield api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def supervisor(hub):
    async with somebody(hub, "Sam", Role.SUPERVISOR) as api:
        yield api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def in_force(it, supervisor):
    """A schedule by which plate reads stay for ten days."""
    return await adopt(it, supervisor, SCHEDULE)


async def adopt(it, supervisor, document):
    """One proposes, another approves; what is in force then."""
    proposed = await it.send("POST", "/retention/proposals", {"document": document})
    path = f"/retention/proposals/{proposed['version']}/approve"
    return await supervisor.send("POST", path)


def hold(**more):
    return {
        "what": {"keys": [{"kind": "plate", "value": "zzt-0002"}]}, "case_number": "ZZ-26-0001",
        "reason": "Preservation letter", "approver": "D. Attorney", "expires": ahead(3), **more,
    }  # fmt: skip


async def release(it, supervisor, held):
    """One asks, another agrees, and then it is done."""
    await agree_to_release(it, supervisor, held)
    return await it.send("DELETE", f"/retention/holds/{held['id']}")


async def agree_to_release(it, supervisor, held):
    """To one."""
    refused = await it.call("DELETE", f"/retention/holds/{held['id']}")
    assert (refused.status, refused.code) == (403, "second_person_needed")
    [asked] = (await supervisor.get("/approvals"))["items"]
    await supervisor.send("POST", f"/approvals/{asked['id']}/answer", {"granted": True})


async def answer(supervisor, granted):
    """The question that waits, as whoever answers it was shown it."""
    [asked] = (await supervisor.get("/approvals"))["items"]
    await supervisor.send("POST", f"/approvals/{asked['id']}/answer", {"granted": granted})
    return asked["shown"]


async def agreed(supervisor):
    return await answer(supervisor, granted=True)


async def purged(api):
    """Have it run; how it went."""
    answer = await api.call("POST", "/retention/purge")
    assert answer.status == 202
    assert answer.json["running"]

    async def ended():
        progress = await api.get("/retention/purge")
        return progress if progress["ended"] and not progress["running"] else None

    return await until(ended)


async def test_every_preset_says_that_counsel_must_confirm_it(it):
    presets = (await it.get("/retention/presets"))["items"]
    assert len(presets) >= 20
    assert all(each["caution"] == CAUTION and each["citation"] for each in presets)


async def test_nobody_approves_their_own_schedule(it):
    before = await it.get("/retention")
    proposed = await it.send("POST", "/retention/proposals", {"document": SCHEDULE})
    assert (proposed["proposed_by"], proposed["approved"]) == ("Robin", None)
    answer = await it.call("POST", f"/retention/proposals/{proposed['version']}/approve")
    assert (answer.status, answer.code) == (403, "two_people")
    assert await it.get("/retention") == before


async def test_a_change_is_on_record_once_it_is_in_force_and_not_before(hub, it, supervisor):
    before = len(await noted(hub, "retention.changed"))
    proposed = await it.send("POST", "/retention/proposals", {"document": SCHEDULE})
    path = f"/retention/proposals/{proposed['version']}/approve"
    assert (await it.call("POST", path)).code == "two_people"
    assert len(await noted(hub, "retention.changed")) == before
    await supervisor.send("POST", path)
    assert (await supervisor.call("POST", path)).code == "not_waiting"
    changes = await noted(hub, "retention.changed")
    assert len(changes) == before + 1
    assert changes[0].object.id == str(proposed["version"])
    assert changes[0].operator.handle == "Sam"


async def test_what_a_second_person_approves_is_in_force_with_its_caution(it, in_force):
    assert [each["caution"] for each in in_force["presets"]] == [CAUTION]
    assert await it.get("/retention") == in_force
    newest = (await it.get("/retention/proposals"))["items"][0]
    assert (newest["approved_by"], newest["schedule"]) == ("Sam", in_force["schedule"])


async def test_a_new_schedule_is_followed_at_once(it, supervisor):
    """Whatever the purge lay down to sleep for, by the one before."""
    before = (await purged(it))["begun"]
    await adopt(it, supervisor, SCHEDULE)

    async def begun():
        return (await it.get("/retention/purge"))["begun"] not in (None, before)

    assert await until(begun)


@pytest.mark.parametrize(
    ("document", "wanted"),
    [
        ({"rules": [{**RULE, "kind": "rumour"}]}, (409, "bad_schedule")),
        ({"presets": [{"preset": "nowhere", "counsel": "A."}]}, (409, "unknown_preset")),
        ({"rules": [{**RULE, "kind": "audit"}]}, (409, "audit_floor")),
        ({"rules": [{**RULE, "reason": " "}]}, (422, "bad_body")),
    ],
)
async def test_a_schedule_that_cannot_be_used_is_not_proposed(it, document, wanted):
    before = await it.get("/retention/proposals")
    answer = await it.call("POST", "/retention/proposals", {"document": document})
    assert (answer.status, answer.code) == wanted
    assert await it.get("/retention/proposals") == before


async def test_what_is_due_goes_but_for_what_is_held_and_that_it_went_is_proven(
    api, it, supervisor, hub
):
    await push_source(api)
    await adopt(it, supervisor, {"rules": [{**RULE, "cap": "90 days"}]})
    await api.push("push-1", [read(number, time=ahead(-20)) for number in (1, 2)])
    await api.push("push-1", [read(3)])
    held = await it.send("POST", "/retention/holds", hold())
    await adopt(it, supervisor, SCHEDULE)
    listed = (await supervisor.get("/retention/holds"))["items"]
    assert [each["what"]["keys"] for each in listed] == [[["plate", "ZZT0002"]]]

    await purged(it)
    plan = (await it.get("/retention/plan"))["items"]
    [line] = [each for each in plan if each["kind"] == READS]
    assert line["source_name"] == hub.hub.sources.get(line["source"]).name
    assert (line["cap"]["time"], line["due"]) == ("10 days", 1), "that which is held"
    receipt = (await supervisor.get("/retention/receipts"))["items"][0]
    assert (receipt["count"], receipt["rule"]) == (1, "short")
    [told] = [e for e in await noted(hub, "data.purged") if e.object.id == str(receipt["no"])]
    assert (told.count, told.more["root"], told.more["rule"]) == (1, receipt["root"], "short")
    assert await supervisor.get(f"/retention/receipts/{receipt['no']}") == receipt
    proof = await supervisor.get("/retention/proof", source="push-1", id="read-1")
    assert proves(proof, "push-1", "read-1")
    assert not proves(proof, "push-1", "read-2")
    kept = await supervisor.call("GET", "/retention/proof", source="push-1", id="read-2")
    assert (kept.status, kept.code) == (404, "no_such_receipt")

    released = await release(it, supervisor, held)
    assert (released["state"], released["released_by"]) == ("released", "Robin")
    assert (await purged(it))["deleted"] == 1
    await agree_to_release(it, supervisor, held)  # one yes is for one deed
    again = await it.call("DELETE", f"/retention/holds/{held['id']}")
    assert (again.status, again.code) == (403, "hold_is_over")


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"what": {}}, (409, "hold_too_broad")),
        ({"what": {"sources": ["push-1"]}}, (409, "hold_too_broad")),
        ({"what": {"keys": [{"kind": "plate", "value": "Ö"}]}}, (409, "hold_incomplete")),
        ({"what": {"keys": [{"kind": "plate", "value": "--"}]}}, (422, "bad_body")),
        ({"expires": ahead(-1)}, (409, "hold_incomplete")),
        ({"approver": " robin "}, (403, "two_people")),
        ({"case_number": " "}, (422, "bad_body")),
        ({"reason": "."}, (422, "bad_body")),
        ({"approver": "\u200b"}, (422, "bad_body")),
    ],
)
async def test_a_hold_says_what_for_whom_and_until_when(it, more, wanted):
    answer = await it.call("POST", "/retention/holds", hold(**more))
    assert (answer.status, answer.code) == wanted


async def test_a_hold_on_all_that_a_source_sent_takes_a_second_person(it, supervisor):
    body = hold(what={"sources": ["push-1"], "since": ahead(-30), "until": ahead(0)})
    refused = await it.call("POST", "/retention/holds", body)
    assert (refused.status, refused.code) == (403, "second_person_needed")
    shown = await agreed(supervisor)
    assert "push-1" in shown
    assert "ZZ-26-0001" in shown
    assert "D. Attorney" in shown
    assert all(str(body["what"][at])[:10] in shown for at in ("since", "until"))
    assert body["expires"][:10] in shown
    placed = await it.send("POST", "/retention/holds", body)
    await release(it, supervisor, placed)


async def test_what_is_said_of_a_hold_passes_for_nothing_else(it, supervisor):
    more = {"reason": "Letter\nOn the word of: The court", "approver": "D. Attorney\nReason: none"}
    body = hold(what={"sources": ["push-1"], "since": ahead(-30), "until": ahead(0)}, **more)
    refused = await it.call("POST", "/retention/holds", body)
    assert refused.code == "second_person_needed"
    lines = (await answer(supervisor, granted=False)).splitlines()
    assert lines[0].startswith("What is held: push-1: 2")
    assert lines[1].startswith("Until: 2")
    assert lines[2:] == [
        "Case: ZZ-26-0001", "On the word of: D. Attorney", "  Reason: none", "Reason: Letter",
        "  On the word of: The court",
    ]  # fmt: skip


async def test_one_on_all_is_kept_for_longer_by_two_people_too(it, supervisor):
    body = hold(what={"sources": ["push-1"], "since": ahead(-30), "until": ahead(0)})
    await it.call("POST", "/retention/holds", body)
    await agreed(supervisor)
    placed = await it.send("POST", "/retention/holds", body)
    path = f"/retention/holds/{placed['id']}/extend"
    more = {"reason": "Trial in July", "approver": "D. Attorney", "expires": ahead(300)}
    refused = await it.call("POST", path, more)
    assert (refused.status, refused.code) == (403, "second_person_needed")
    shown = await agreed(supervisor)
    assert "push-1" in shown
    assert more["expires"][:10] in shown
    extended = await it.send("POST", path, more)
    assert len(extended["extensions"]) == 1
    assert (await it.call("POST", path, {**more, "expires": ahead(301)})).status == 403
    await answer(supervisor, granted=False)
    await release(it, supervisor, placed)


async def test_who_agrees_to_release_a_hold_is_shown_it_whole_and_who_runs_the_hub_is_not(
    hub, it, supervisor
):
    placed = await it.send("POST", "/retention/holds", hold(case_number="ZZ-26-0009"))
    path = f"/retention/holds/{placed['id']}"
    refused = (await it.call("DELETE", path)).json["error"]
    [asked] = (await supervisor.get("/approvals"))["items"]
    assert asked["what"] == f"Release a hold: {placed['id']}"
    for said in ("plate ZZT0002", "ZZ-26-0009", "D. Attorney", "Preservation", ahead(3)[:10]):
        assert said in asked["shown"]
    own = await it.get(f"/approvals/{refused['approval']}")
    async with somebody(hub, "Kim", Role.AGENCY_IT) as kim:
        assert (await kim.get("/approvals"))["items"] == []
    assert own["shown"] == ""
    more = {"reason": "Trial in July", "approver": "D. Attorney", "expires": ahead(9)}
    await it.send("POST", f"{path}/extend", more)
    await answer(supervisor, granted=True)
    assert (await it.call("DELETE", path)).code == "second_person_needed", "it is another one now"
    assert ahead(9)[:10] in await agreed(supervisor)
    assert (await it.send("DELETE", path))["state"] == "released"
    nowhere = await it.call("DELETE", "/retention/holds/H-00000000")
    assert (nowhere.status, nowhere.code) == (404, "no_such_hold")


async def test_a_hold_that_ends_within_two_weeks_says_so_in_the_list_and_is_to_be_seen_to(
    it, supervisor
):
    placed = await it.send("POST", "/retention/holds", hold(case_number="ZZ-26-0002"))
    holds = (await it.get("/retention/holds"))["items"]
    [found] = [each for each in holds if each["id"] == placed["id"]]
    assert (found["state"], found["approver"]) == ("ending", "D. Attorney")
    [repair] = [each for each in (await it.get("/repairs"))["items"] if placed["id"] in str(each)]
    assert repair["code"] == "hold_ends"
    assert "ZZ-26-0002" not in str(repair)
    await release(it, supervisor, placed)
    assert placed["id"] not in str(await it.get("/repairs"))


async def ending(api):
    return {each["id"]: each for each in (await api.get("/retention/holds/ending"))["items"]}


async def test_the_end_of_a_hold_is_told_to_who_keeps_holds_and_to_its_approver_alone(hub, it):
    placed = await it.send("POST", "/retention/holds", hold(approver="Dana", expires=ahead(13)))
    distant = await it.send("POST", "/retention/holds", hold(expires=ahead(15)))
    async with (
        somebody(hub, "Ray", Role.RECORDS_OFFICER) as officer,
        somebody(hub, "Dana", Role.ANALYST) as approver,
        somebody(hub, "Ana", Role.ANALYST) as other,
    ):
        told = await ending(officer)
        assert placed["id"] in told
        assert distant["id"] not in told
        assert not told[placed["id"]]["own"]
        [own] = (await ending(approver)).values()
        assert (own["id"], own["own"]) == (placed["id"], True)
        assert "ZZT0002" not in str(own)
        assert await ending(other) == {}


async def test_who_runs_the_hub_is_told_that_a_hold_stands_and_not_on_whom(hub, it):
    placed = await it.send("POST", "/retention/holds", hold(case_number="ZZ-26-0004"))
    path = f"/retention/holds/{placed['id']}/extend"
    more = {"reason": "About ZZT0002", "approver": "D. Attorney", "expires": ahead(5)}
    extended = await it.send("POST", path, more)
    [found] = [e for e in (await it.get("/retention/holds"))["items"] if e["id"] == placed["id"]]
    seen = [placed, extended, found, (await ending(it))[placed["id"]]]
    for secret in ("ZZT0002", "ZZ-26-0004", "Preservation letter"):
        assert secret not in str(seen)
    assert (found["state"], found["approver"]) == ("ending", "D. Attorney")
    assert found["what"]["keys"] == [["plate", None]]
    async with somebody(hub, "Ray", Role.RECORDS_OFFICER) as officer:
        holds = (await officer.get("/retention/holds"))["items"]
        [whole] = [each for each in holds if each["id"] == placed["id"]]
        assert (whole["case_number"], whole["reason"]) == ("ZZ-26-0004", "Preservation letter")
        assert (await ending(officer))[placed["id"]]["case_number"] == "ZZ-26-0004"


HELD_CASE = "ZZ-26-0005"


async def test_what_is_held_is_seen_for_its_case_with_a_second_person_however_old(
    hub, api, it, supervisor
):
    """Neither without that case, nor alone; opened by whom it was shown to, and by nobody else."""
    await push_source(api)
    await adopt(it, supervisor, {"rules": [{**RULE, "cap": "90 days"}]})
    report = {"report_number": HELD_CASE, "status": "open",
              "offence": {"text": "Robbery", "common": "120"}}  # fmt: skip
    told = call(5, type="watchfloor.rms.report.v1", subject=HELD_CASE, data=report)
    await api.push("push-1", [told, read(55, time=ahead(-19)), read(56, time=ahead(-19))])
    what = {"keys": [{"kind": "plate", "value": "zzt-0055"}]}
    await it.send("POST", "/retention/holds", hold(case_number=HELD_CASE.lower(), what=what))
    await adopt(it, supervisor, SCHEDULE)
    [seq] = [each.seq for each in await _reads(hub, "ZZT0055")]
    line = f"ZZT0055 since:{ahead(-25)[:10]}"
    async with (
        somebody(hub, "Ana", Role.ANALYST) as ana, somebody(hub, "Ben", Role.ANALYST) as ben,
    ):  # fmt: skip
        await _work_on(ana, provisional=True)
        assert (await ana.call("GET", f"/events/{seq}")).status == 404
        for each in (ana, ben):
            await _work_on(each, HELD_CASE)
            assert (await each.call("GET", f"/events/{seq}")).status == 404
        alone = await ana.call("GET", "/search", q=line)
        assert (alone.status, alone.code) == (403, "supervisor_needed")
        [asked] = (await supervisor.get("/approvals"))["items"]
        await supervisor.send("POST", f"/approvals/{asked['id']}/answer", {"granted": True})
        assert await _found(ana, line) == [seq]
        assert (
            b"What is held for the case is shown" in (await ana.call("GET", "/search", q=line)).body
        )
        assert b"is found with" in (await ana.call("GET", "/search", q="ZZT0055")).body
        assert (await ana.get(f"/events/{seq}"))["seq"] == seq
        assert (await ben.call("GET", f"/events/{seq}")).status == 404
        assert await _found(ana, "ZZT0055") == []


async def _work_on(api, number="", **more):
    said = {"purpose": "investigation", "asked": "Which way?", "offence": {"code": "120"}}
    request = await api.send("POST", "/requests", {**said, "case_number": number, **more})
    await api.send("PUT", "/session/request", {"request": request["id"]})


async def _reads(hub, plate):
    where = EventFilter(keys=[KeyPattern("plate", plate)])
    return await hub.hub.store.index.find(where, 10)


async def _found(api, line):
    answer = await api.call("GET", "/search", q=line)
    assert answer.status == 200, answer.body
    lines = [json.loads(each) for each in answer.body.splitlines()]
    return [hit["seq"] for each in lines for hit in each.get("hits", ())]


async def test_a_hold_is_extended_on_somebody_elses_word_and_recorded(hub, it):
    placed = await it.send("POST", "/retention/holds", hold())
    async with somebody(hub, "Ray", Role.RECORDS_OFFICER) as officer:
        path = f"/retention/holds/{placed['id']}/extend"
        more = {"reason": "Trial in July", "approver": "Ray", "expires": ahead(60)}
        alone = await officer.call("POST", path, more)
        assert (alone.status, alone.code) == (403, "two_people")
        extended = await officer.send("POST", path, {**more, "approver": "D. Attorney"})
        assert extended["state"] == "in_force"
        [extension] = extended["extensions"]
        assert (extension["by"], extension["reason"]) == ("Ray", "Trial in July")
        assert placed["id"] not in await ending(officer)
    entry = (await noted(hub, "hold.extended"))[0]
    assert entry.object.id == placed["id"]
    assert entry.more["until"] == extended["expires"]


async def test_a_hold_that_is_let_go_is_told_to_nobody(hub, it):
    placed = await it.send("POST", "/retention/holds", hold())
    assert placed["id"] in await ending(it)
    await it.send("POST", f"/retention/holds/{placed['id']}/let-go")
    assert placed["id"] not in await ending(it)
    assert placed["id"] not in str(await it.get("/repairs"))
    [entry] = await noted(hub, "hold.let_go")
    assert entry.object.id == placed["id"]


async def test_what_was_changed_is_in_the_audit_and_names_no_plate(hub, it):
    await it.send("POST", "/retention/holds", hold(case_number="ZZ-26-0003"))
    page = await hub.hub.audit.read(limit=200)
    entries = [each.entry for each in page.items]
    wanted = {f"retention.{step}" for step in ("proposed", "approved", "changed")}
    assert wanted | {"hold.placed", "hold.released"} <= {e.event for e in entries}
    folder = hub.hub.basemap_path.parent
    for copy in ("audit", "audit-copy"):
        for file in (folder / copy).rglob("*"):
            assert not file.is_file() or b"ZZT0002" not in file.read_bytes(), file


async def test_who_only_reads_changes_nothing(hub):
    async with somebody(hub, "Audrey", Role.AUDITOR) as auditor:
        assert (await auditor.call("GET", "/retention/plan")).status == 200
        for method, path, said in (
            ("POST", "/retention/proposals", {"document": SCHEDULE}),
            ("POST", "/retention/proposals/1/approve", None),
            ("POST", "/retention/purge", None),
            ("POST", "/retention/holds", hold()),
            ("DELETE", "/retention/holds/H-00000000", None),
            ("POST", "/retention/holds/H-00000000/let-go", None),
            (
                "POST",
                "/retention/holds/H-00000000/extend",
                {"reason": "x", "approver": "y", "expires": ahead(9)},
            ),
        ):
            answer = await auditor.call(method, path, said)
            assert (answer.status, answer.code) == (403, "not_your_role"), path
