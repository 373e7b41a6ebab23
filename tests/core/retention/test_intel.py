"""Criminal intelligence (28 CFR part 23): basis, review, releases, notices; and no way in for
plate reads, calls or video."""

import ast
import asyncio
import inspect
import typing
from pathlib import Path

import pytest
from store_contract import NOON

import watchfloor
from watchfloor.adapters.sqlite.criminal_intel import SqliteCriminalIntel
from watchfloor.contracts import NotFound, Refused
from watchfloor.ports.store import RecordedEvent, Store
from watchfloor.retention import DAY, InForce, IntelDesk, OwnRule, Recipient, Schedule, Submission
from watchfloor.retention.intel import _BASIS

YEARS_5 = 5 * 365 * DAY


@pytest.fixture
def records(store):
    return SqliteCriminalIntel(store._database)


@pytest.fixture
def desk(records, clock):
    return IntelDesk(records, clock)


def submission(**more):
    said = {
        "subject": "SIM-1", "activity": "Sells stolen parts.", "suspicion": "Seen on three days.",
        "offence": "280", "submitter": "Det. Sim", "agency": "ZZ0000000",
        "control_official": "Lt. Sim", "sensitivity": "sensitive", "confidence": "reliable",
        "lawfully_obtained": True, "about_conduct": True,
    }  # fmt: skip
    return Submission(**{**said, **more})


def recipient(**more):
    said = {
        "name": "Det. Other", "agency": "ZZ0000001", "address": "intel@example.org",
        "need": "Same parts in their case.", "right": "Sworn, 28 CFR 23 certified.",
        "follows_part_23": True,
    }  # fmt: skip
    return Recipient(**{**said, **more})


@pytest.mark.parametrize("part", _BASIS)
@pytest.mark.parametrize("nothing", ["  ", ".", "\u200b"])
async def test_nobody_is_entered_without_basis_and_submitter(desk, records, part, nothing):
    with pytest.raises(Refused) as refused:
        await desk.enter(submission(**{part: nothing}), "ana")
    assert refused.value.code == "no_basis"
    assert part in refused.value.detail
    assert await records.all() == []


@pytest.mark.parametrize("part", ["lawfully_obtained", "about_conduct"])
async def test_nor_without_the_declarations(desk, part):
    with pytest.raises(Refused) as refused:
        await desk.enter(submission(**{part: False}), "ana")
    assert refused.value.code == "not_lawful"


async def test_a_record_has_its_labels_and_five_years_at_most(desk, records):
    record = await desk.enter(submission(), "ana")
    assert await records.get(record.id) == record
    assert record.review_by == NOON + YEARS_5
    assert (record.sensitivity, record.confidence) == ("sensitive", "reliable")
    assert (record.agency, record.control_official) == ("ZZ0000000", "Lt. Sim")
    early = await desk.enter(submission(), "ana", NOON + DAY)
    assert early.review_by == NOON + DAY
    for wrong in (NOON + YEARS_5 + 1, NOON):
        with pytest.raises(Refused) as refused:
            await desk.enter(submission(), "ana", wrong)
        assert refused.value.code == "review_too_late"


async def test_a_review_is_recorded_before_the_time_is_extended(desk, records, clock):
    record = await desk.enter(submission(), "ana")
    clock.set(record.review_by - DAY)
    assert [each.id for each in await desk.due_for_review(2 * DAY)] == [record.id]
    with pytest.raises(Refused):
        await desk.review(record.id, "ben", "  ")
    review = await desk.review(record.id, "ben", "Charged in May.")
    assert (await records.get(record.id)).review_by == clock.now() + YEARS_5 == review.review_by
    [kept] = await records.reviews(record.id)
    assert (kept.reviewer, kept.at, kept.reason) == ("ben", clock.now(), "Charged in May.")
    assert await desk.due_for_review(2 * DAY) == []


async def test_one_that_nobody_reviewed_in_time_is_of_no_use_and_goes(desk, records, clock):
    record = await desk.enter(submission(), "ana")
    await desk.release(record.id, recipient(), "ana")
    clock.set(record.review_by)
    for use in (desk.review(record.id, "ben", "Late."), desk.release(record.id, recipient(), "x")):
        with pytest.raises(Refused) as refused:
            await use
        assert refused.value.code == "review_overdue"
    assert await desk.purge_overdue() == [record.id]
    with pytest.raises(NotFound):
        await records.get(record.id)
    [notice] = await records.notices(10)
    assert (notice.kind, notice.address) == ("purged", "intel@example.org")


@pytest.mark.parametrize(
    "wrong",
    [{"need": ""}, {"right": " "}, {"name": ""}, {"address": ""}, {"follows_part_23": False}],
)
async def test_a_release_needs_need_and_right_to_know(desk, records, wrong):
    record = await desk.enter(submission(), "ana")
    with pytest.raises(Refused) as refused:
        await desk.release(record.id, recipient(**wrong), "ana")
    assert refused.value.code == "no_need_to_know"
    assert await records.releases(record.id) == []


async def test_imminent_danger_is_the_exception_and_is_written_down(desk, records):
    record = await desk.enter(submission(), "ana")
    to = recipient(follows_part_23=False, imminent_danger=True)
    await desk.release(record.id, to, "ana")
    [release] = await records.releases(record.id)
    assert "Imminent danger." in release.why


async def test_the_ledger_says_who_got_it_why_and_when(desk, records):
    record = await desk.enter(submission(), "ana")
    await desk.release(record.id, recipient(), "ana")
    [release] = await records.releases(record.id)
    assert (release.recipient, release.agency, release.at) == ("Det. Other", "ZZ0000001", NOON)
    assert release.why.startswith("Same parts in their case.")
    assert (release.released_by, release.version) == ("ana", 1)


async def test_every_recipient_is_told_of_corrections_and_of_the_purge(desk, records, clock):
    record = await desk.enter(submission(), "ana")
    other = await desk.enter(submission(), "ana")
    for address in ("a@example.org", "b@example.org"):
        await desk.release(record.id, recipient(address=address), "ana")
    assert await desk.correct(record.id, submission(subject="SIM-2"), "Wrong person.") == 2
    corrected = await records.get(record.id)
    assert (corrected.subject, corrected.version) == ("SIM-2", 2)
    assert corrected.review_by == record.review_by, "a correction is no review"
    assert await desk.purge(record.id, "Not suspected any more.") == 2
    notices = await records.notices(10)
    assert [(each.kind, each.address) for each in notices] == [
        ("corrected", "a@example.org"), ("corrected", "b@example.org"),
        ("purged", "a@example.org"), ("purged", "b@example.org"),
    ]  # fmt: skip
    assert "SIM-" not in str(notices)
    await records.sent(notices[0].id, clock.now())
    assert len(await records.notices(10)) == 3
    assert len(await records.releases(record.id)) == 2, "the ledger stays"
    assert [each.id for each in await records.all()] == [other.id]


async def test_a_review_beside_a_correction_stays(desk, records):
    """Else the record would go at the old date."""
    record = await desk.enter(submission(), "ana", NOON + 10 * DAY)
    await asyncio.gather(
        desk.correct(record.id, submission(subject="SIM-2"), "Wrong person."),
        desk.review(record.id, "ben", "Still suspected.", NOON + 1000 * DAY),
        desk.correct(record.id, submission(subject="SIM-3"), "Wrong person again."),
    )
    kept = await records.get(record.id)
    assert (kept.review_by, kept.version, kept.subject) == (NOON + 1000 * DAY, 3, "SIM-3")


# --- No rule copies data of the hub into it ----------------------------------------------------

SOURCES = Path(watchfloor.__file__).parent
WORDS = {"CriminalIntel", "IntelRecord", "IntelDesk", "Submission", "SqliteCriminalIntel"}


async def test_a_schedule_that_changes_shortens_what_is_entered_from_then_on(records, clock):
    rule = OwnRule(id="short", kind="criminal-intel", cap="1 year", reason="Ordinance")
    schedules = [Schedule()]
    desk = IntelDesk(records, clock, lambda: InForce(schedules[-1]))
    assert (await desk.enter(submission(), "ana")).review_by == NOON + YEARS_5
    schedules.append(Schedule(rules=[rule]))
    assert (await desk.enter(submission(), "ana")).review_by == NOON + 365 * DAY


MAY_KNOW = ("retention", "ports/store", "adapters/sqlite", "cli", "bootstrap", "web")
"""Where records of this class may be named: the class itself, its store, and where people act."""


def test_the_store_that_services_have_does_not_lead_to_it():
    """Rules, ingest and board hold a ``Store``: mypy refuses ``store.criminal_intel`` there."""
    assert not [name for name in dir(Store) if "intel" in name]


def test_no_service_knows_of_it():
    for file in SOURCES.rglob("*.py"):
        place = file.relative_to(SOURCES).as_posix()
        if not place.startswith(MAY_KNOW):
            names = {
                alias.name
                for node in ast.walk(ast.parse(file.read_text("utf-8")))
                if isinstance(node, ast.ImportFrom)
                for alias in node.names
            }
            assert not names & WORDS, place


def test_what_is_entered_has_no_place_for_an_event():
    """Words that a person writes, labels and declarations: no log position, no bytes, no handle."""
    for type_ in typing.get_type_hints(Submission).values():
        assert type_ in (str, bool) or set(map(type, typing.get_args(type_))) == {str}, type_
    taken = inspect.signature(IntelDesk.enter).parameters.values()
    assert "RecordedEvent" not in str([each.annotation for each in taken])
    assert RecordedEvent not in typing.get_type_hints(IntelDesk.enter).values()
