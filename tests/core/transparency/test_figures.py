"""The numbers follow from the log alone, and somebody else gets the same ones."""

from watchfloor.audit.export import export
from watchfloor.transparency import SMALL, WITHHELD, entries_of, figures_of

OCTOBER = ("2026-10-01T00:00:00.000Z", "2026-11-01T00:00:00.000Z")


def table(figures, query):
    [found] = [each for each in figures.tables if each.query == query]
    return {row.label: row.count for row in found.rows}, found.total


def test_what_was_asked_and_refused(log):
    figures = figures_of(entries_of(log), *OCTOBER)
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


def test_partners_are_all_named_however_few_their_questions(log):
    figures = figures_of(entries_of(log), *OCTOBER)
    assert figures.partners == ["county-so", "state-pd"]
    assert [(each.what, each.id) for each in figures.changes] == [("gate.changed", "us-wa-share")]


def test_what_is_outside_of_the_time_counts_for_nothing(log):
    assert figures_of(entries_of(log), *OCTOBER).records == 56
    assert figures_of(entries_of(log), OCTOBER[1], "2026-12-01T00:00:00.000Z").records == 1


def test_an_export_gives_the_same_numbers(log, tmp_path):
    export(log, tmp_path / "export", *OCTOBER)
    ours = figures_of(entries_of(log), *OCTOBER)
    assert figures_of(entries_of(tmp_path / "export"), *OCTOBER) == ours
