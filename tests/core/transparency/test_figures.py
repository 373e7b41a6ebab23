"""The numbers follow from the log alone, and somebody else gets the same ones."""

import pytest
from audit_logs import audit_log, entry, written
from msgspec.structs import replace

from watchfloor.audit import ATTEMPT, AuditEvent, Object, Outcome, PurposeRecord, frames
from watchfloor.audit.export import export
from watchfloor.contracts import AskAPerson
from watchfloor.transparency import SMALL, WITHHELD, figures_of
from watchfloor.transparency.figures import entries_of

OCTOBER = ("2026-10-01T00:00:00.000Z", "2026-11-01T00:00:00.000Z")


def table(figures, query):
    [found] = [each for each in figures.tables if each.query == query]
    return {row.label: row.count for row in found.rows}, found.total


def test_what_was_asked_and_refused(log):
    figures = figures_of(log, *OCTOBER)
    assert table(figures, "questions.by_purpose") == (
        {"Investigation": 12, "Court order": WITHHELD, "Missing or endangered person": SMALL},
        21,
    )
    assert table(figures, "denied.by_reason") == (
        {"purpose_needed": WITHHELD, "no_immigration": SMALL},
        9,
    )
    assert table(figures, "requests.by_outcome") == ({"found": 9, "not used": 8}, 17)
    assert table(figures, "reviews.by_state")[0] == {"done": 3, "overdue": 1, "open": 1}
    assert table(figures, "complaints.received") == ({"received": 1}, 1)
    assert table(figures, "complaints.by_answer") == ({"nothing found": 1}, 1)


async def test_files_of_an_earlier_time_are_not_read(tmp_path):
    """Years of a log are no reason to read them for a month of it."""
    folder = await written(tmp_path, 40, segment=800)
    firsts = frames.segments(folder)
    times = [each.at for each in entries_of(folder)]
    assert len(firsts) > 8
    for first in (0, 1, firsts[4] - 1, firsts[4], firsts[4] + 1, 39):
        figures = figures_of(folder, times[first], "2027-01-01T00:00:00.000Z")
        assert figures.records == 40 - first
    for first in firsts[1:3]:
        frames.segment(folder, first).write_bytes(
            frames.segment(folder, first).read_bytes().replace(b"SIM", b"XIM", 1)
        )
    with pytest.raises(AskAPerson):
        figures_of(folder, times[0], times[39])
    assert figures_of(folder, times[firsts[6]], times[39]).records == 39 - firsts[6]


async def test_an_order_s_number_is_no_case_and_no_call(tmp_path):
    """No system knows of it: it is what somebody typed."""
    provisional = PurposeRecord(code="wanted_person", order="X1", request="R-26-000001")
    async with audit_log(tmp_path) as log:
        for _ in range(7):
            await log.record(replace(entry(), purpose=provisional))
        november = ("2026-11-01T00:00:00.000Z", "2026-12-01T00:00:00.000Z")
        figures = figures_of(tmp_path / "audit", *november)
    assert table(figures, "questions.by_number") == ({"none yet (provisional)": 7}, 7)


async def test_all_tables_of_questions_have_the_same_total(tmp_path):
    """Else what two totals differ by is a count that a third table holds back."""
    async with audit_log(tmp_path) as log:
        for more in (
            {}, {"event": AuditEvent.LOOKUP_ASKED, "lookback": None}, {"lookback": None},
            {"event": AuditEvent.EVENT_VIEWED}, {"event": AuditEvent.HISTORY_VIEWED},
        ) * 5:  # fmt: skip
            await log.record(entry(**more))
    figures = figures_of(tmp_path / "audit", "2026-11-01T00:00:00.000Z", "2026-12-01T00:00:00.000Z")
    totals = [each.total for each in figures.tables if each.query in OF_QUESTIONS]
    assert totals == [20] * len(OF_QUESTIONS)


OF_QUESTIONS = (
    "questions.by_kind", "questions.by_purpose", "questions.by_number", "lookback.by_days",
    "partners.by_agency",
)  # fmt: skip


def test_partners_are_all_named_however_few_their_questions(log):
    figures = figures_of(log, *OCTOBER)
    assert figures.partners == ["county-so", "state-pd"]
    assert [(each.what, each.id) for each in figures.changes] == [("gate.changed", "us-wa-share")]


async def test_what_the_hub_refused_after_it_was_recorded_counts_for_nothing(tmp_path):
    """One that went wrong on the way may have been done: it stands."""
    searched, *tried = entry(), *(shared(f"vendor/{number}") for number in range(3))
    ends = [
        ended(searched, Outcome.DENIED),
        ended(tried[1], Outcome.DENIED),
        ended(tried[2], Outcome.FAILED),
    ]
    async with audit_log(tmp_path) as log:
        for each in (searched, *tried, *ends):
            await log.record(each)
    figures = figures_of(tmp_path / "audit", "2026-11-01T00:00:00.000Z", "2026-12-01T00:00:00.000Z")
    assert [each.id for each in figures.changes] == ["vendor/0", "vendor/2"]
    assert figures.records == 7
    assert table(figures, "questions.by_kind") == ({}, 0)
    assert table(figures, "denied.by_reason") == ({}, 0), "no policy refused it"


def shared(setting):
    return entry(event=AuditEvent.SHARING_CHANGED, object=Object(kind="source", id=setting))


def ended(begun, outcome):
    return replace(begun, id=f"end-{begun.id}", outcome=outcome, more={ATTEMPT: begun.id})


def test_what_is_outside_of_the_time_counts_for_nothing(log):
    assert figures_of(log, *OCTOBER).records == 56
    assert figures_of(log, OCTOBER[1], "2026-12-01T00:00:00.000Z").records == 1


def test_an_export_gives_the_same_numbers(log, tmp_path):
    export(log, tmp_path / "export", *OCTOBER)
    ours = figures_of(log, *OCTOBER)
    assert figures_of(tmp_path / "export", *OCTOBER) == ours
