"""What is handed out hides what it must, proves what it says, and is the same when asked again."""

import csv
import io
import json
import threading
import zipfile

import pytest
from audit_logs import KEY, NOW, audit_log
from audit_logs import entry as made_entry
from msgspec.structs import replace
from reporting import grant

from watchfloor.adapters.clock import SettableClock
from watchfloor.adapters.keyring_file import SealedSecrets
from watchfloor.audit import (
    ATTEMPT,
    AuditEvent,
    Decision,
    Entry,
    Lookback,
    Object,
    Operator,
    Outcome,
    Proof,
    PurposeRecord,
    Sealer,
    decode,
)
from watchfloor.contracts import AskAPerson, NotFound, rfc3339
from watchfloor.transparency import CaseFile, Disclosures, disclosure
from watchfloor.transparency.redaction import Pseudonyms, redacted

PLATE, SIX = "ZZT1234", 6
SINCE, UNTIL = rfc3339(NOW), rfc3339(NOW + 3_600_000_000)


@pytest.fixture
async def office(tmp_path):
    """Six searches of a case for one plate, by two people; an hour later."""
    clock = SettableClock(NOW)
    sealer = Sealer(SealedSecrets(tmp_path / "secrets"), clock)
    async with audit_log(tmp_path, clock=clock) as log:
        for number in range(SIX):
            searched = Entry(
                event=AuditEvent.SEARCH_ASKED, outcome=Outcome.DONE,
                operator=Operator(id=f"SIM-{number % 2}", handle="sim.smith", agency="ex-pd"),
                session="secret-session", requester="Sim Sergeant",
                purpose=PurposeRecord(
                    code="investigation", case="SIM-C-1", request="R-26-000001", warrant="SIM-W-1",
                    about=["immigration"], asked=await sealer.seal("asked", "The car of Sim"),
                ),
                object=Object(kind="search"), subject=await sealer.seal("plate", PLATE),
                lookback=Lookback(since=SINCE),
            )  # fmt: skip
            await log.record(searched)
            given = Entry(event=AuditEvent.ANSWER_GIVEN, outcome=Outcome.DONE, count=number,
                          object=Object(kind="entry", id=searched.id))  # fmt: skip
            await log.record(given)
            clock.advance(60)
        clock.advance(7200)
        yield Disclosures(log, sealer, clock), log


def opened(content, name):
    return zipfile.ZipFile(io.BytesIO(content)).read(name)


async def records(office, profile="public"):
    return await office[0].records(profile, SINCE, UNTIL, grant())


async def of_case(office):
    return await office[0].case(CaseFile("SIM-C-1", ("R-26-000001",)), grant())


async def test_the_same_file_on_a_second_run(office):
    first, again = await records(office), await records(office)
    assert (first.sha256, first.content) == (again.sha256, again.content)
    assert first.count == 2 * SIX


async def test_it_is_made_beside_the_loop_and_page_by_page(office, monkeypatch):
    """However much it is: alerts go on, and no more than a page is held in the clear."""
    whole, case = await records(office), await of_case(office)
    threads = set()

    def noted(work):
        def does(*args):
            threads.add(threading.current_thread())
            return work(*args)

        return does

    monkeypatch.setattr(disclosure, "PAGE", 5)
    for work in ("redacted", "packed", "encode"):
        monkeypatch.setattr(disclosure, work, noted(getattr(disclosure, work)))
    paged = await records(office)
    assert opened(paged.content, "records.jsonl") == opened(whole.content, "records.jsonl")
    assert paged.count == whole.count
    assert (await of_case(office)).sha256 == case.sha256
    assert threading.current_thread() not in threads
    assert threads


async def test_the_public_sees_no_names_but_who_is_the_same_person(office):
    lines = opened((await records(office)).content, "records.jsonl").splitlines()
    text = b"".join(lines).decode()
    for secret in (
        PLATE, "sim.smith", "SIM-0", "Sergeant", "SIM-C-1", "SIM-W-1", "secret-session", "000001",
        "box",
    ):  # fmt: skip
        assert secret not in text
    searches = [json.loads(line)["record"] for line in lines if b"search.asked" in line]
    assert len({each["operator"]["person"] for each in searches}) == 2
    assert len({each["subject"] for each in searches}) == 1


async def test_what_came_to_nothing_names_what_it_was_begun_by(tmp_path):
    """By its place: the id of a record would give its published hash away."""
    clock = SettableClock(NOW)
    sealer = Sealer(SealedSecrets(tmp_path / "secrets"), clock)
    begun = made_entry(event=AuditEvent.TOKEN_REVOKED)
    ended = replace(begun, id="sim-end", outcome=Outcome.DENIED, more={ATTEMPT: begun.id})
    async with audit_log(tmp_path, clock=clock) as log:
        await log.record(begun)
        await log.record(ended)
        clock.advance(7200)
        given = await Disclosures(log, sealer, clock).records("court", SINCE, UNTIL, grant())
    lines = opened(given.content, "records.jsonl")
    first, second = map(json.loads, lines.splitlines())
    assert second["attempt"] == first["index"]
    assert "attempt" not in first
    assert begun.id.encode() not in lines


async def test_a_court_sees_who_it_was_and_an_inspector_which_case(office):
    court = opened((await records(office, "court")).content, "records.jsonl").decode()
    oversight = opened((await records(office, "oversight")).content, "records.jsonl").decode()
    assert "sim.smith" in court
    assert "SIM-C-1" in court
    assert "sim.smith" not in oversight
    assert "SIM-C-1" in oversight


def test_an_inspector_reads_no_name_in_what_was_done_to_somebody():
    done = made_entry(
        event=AuditEvent.PERSON_CUT_OFF,
        object=Object(kind="people", id="jsmith"),
        more={"approved_by": "jsmith", "until": "2026-12-01"},
    )
    said = redacted(done, "oversight", Pseudonyms(b"key"))
    assert "jsmith" not in str(said)
    assert said["more"]["until"] == "2026-12-01"
    assert redacted(done, "court", Pseudonyms(b"key"))["object"]["id"] == "jsmith"


async def test_two_exports_cannot_be_joined_by_their_pseudonyms(office):
    first = opened((await records(office)).content, "records.jsonl").splitlines()[0]
    later = await office[0].records("public", SINCE, rfc3339(NOW + 1_800_000_000), grant())
    other = opened(later.content, "records.jsonl").splitlines()[0]
    subject = [json.loads(line)["record"]["subject"] for line in (first, other)]
    assert subject[0] != subject[1]


async def test_its_proof_holds_and_names_the_file(office):
    given = await records(office)
    proof = Proof.parse(given.proofs["proof.tlog-proof"])
    proof.check([KEY])
    assert decode(proof.entry).sha256 == given.sha256
    assert decode(proof.entry).event is AuditEvent.EXPORT_MADE


async def test_a_time_that_is_not_over_is_not_handed_out(office):
    with pytest.raises(AskAPerson) as refused:
        await office[0].records("public", SINCE, rfc3339(NOW + 10**12), grant())
    assert refused.value.code == "not_over"


async def test_the_list_of_a_case_has_every_search_opened_and_proven(office):
    disclosures, log = office
    await log.record(made_entry(0, purpose=PurposeRecord(code="investigation", case="OTHER")))
    lead = {"request": "R-26-000001", "outcome": "not_used"}
    searches = [each for each in (await log.read(limit=100)).items if each.entry.subject]
    file = CaseFile("SIM-C-1", ("R-26-000001",), [], [lead], {searches[0].entry.id: 5})
    given = await disclosures.case(file, grant())
    said = json.loads(opened(given.content, "case.json"))
    assert [row["about"] for row in said["records"]] == [PLATE] * SIX
    assert said["records"][-1]["found"] == 5
    assert said["leads"] == [lead]
    for row in said["records"]:
        proof = Proof.parse(given.proofs[f"proofs/{row['index']}.tlog-proof"])
        proof.check([KEY])
        assert proof.entry == opened(given.content, f"records/{row['index']}.json")


async def test_the_list_of_a_case_says_what_was_seen_and_why_something_was_refused(office):
    disclosures, log = office
    case = PurposeRecord(code="investigation", case="SIM-C-3")
    seen, permitted = Object(kind="events", id="6336"), Decision(id="1", reason="permitted")
    await log.record(made_entry(0, purpose=case, object=seen, decision=permitted))
    denied = Decision(id="2", reason="supervisor_needed")
    await log.record(made_entry(1, purpose=case, outcome=Outcome.DENIED, decision=denied))
    alert = {"alert": 12, "title": "Hot-list hit", "verification": "wrong", "history": []}
    lead = {"alert": 12, "title": "Hot-list hit", "outcome": "wrong"}
    given = await disclosures.case(CaseFile("SIM-C-3", alerts=[alert], leads=[lead]), grant())
    viewed, refused = json.loads(opened(given.content, "case.json"))["records"]
    assert (viewed["seen"], viewed["refused_because"]) == ("events/6336", None)
    assert refused["refused_because"] == "supervisor_needed"
    for sheet in ("alerts.csv", "leads.csv"):
        [row] = csv.DictReader(opened(given.content, sheet).decode().splitlines())
        assert (row["alert"], row["title"]) == ("12", "Hot-list hit")


async def test_a_case_that_nobody_worked_on_has_no_list(office):
    with pytest.raises(NotFound):
        await office[0].case(CaseFile("SIM-C-2"), grant())
