"""Figures from the log alone: the same for the hub that publishes them and for whoever checks.

What is done is recorded before it is begun. Where the hub said no after that, a second record says
so, and neither of the two counts. That one has to be of the same time: an export has no later one,
and whoever counts from it must come to the same figures.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Iterator
from datetime import datetime
from itertools import takewhile
from pathlib import Path

from watchfloor.audit import ATTEMPT, AuditEvent, Entry, Outcome, decode, frames
from watchfloor.contracts import micros

from .model import Change, Figures, Row, Table
from .queries import CHANGES, DAY, QUERIES, Query, asked_for
from .suppression import shown, total

REVIEW_DAYS = 7
"""So long after the end of its week a review is due (CJISSECPOL AU-6)."""


def entries_of(folder: Path, since: str = "", word: str = "") -> Iterator[Entry]:
    """The records of a log, or of an export of it, from ``since`` on, that are not withheld and
    have a word in them; earlier files are not read. Raises ``AskAPerson`` (``audit_diverged``)
    where one does not fit its hash."""
    wanted = word.encode()
    for found in frames.frames_from(folder, _file_of(folder, since)):
        if found.entry is not None and wanted in found.entry:
            entry = decode(found.entry)
            if entry.at >= since:
                yield entry


def _file_of(folder: Path, since: str) -> int:
    """The first record of the file in which records of that time begin; they stand in order."""
    firsts = frames.segments(folder)
    later = bisect_left(firsts, since, key=lambda first: _begins(folder, first))
    return firsts[max(0, later - 1)] if firsts else 0


def _begins(folder: Path, first: int) -> str:
    with frames.segment(folder, first).open("rb") as file:
        line = file.readline()
    if not line.endswith(b"\n"):  # it is being begun
        return _LATER
    try:
        entry = frames.parse(line.rstrip(b"\n")).entry
    except ValueError:
        raise frames.diverged(folder, first) from None
    return decode(entry).at if entry is not None else _LATER


_LATER = "~"
"""After every time: what is withheld lies behind the time of an excerpt."""


def figures_of(folder: Path, since: str, until: str) -> Figures:
    """Count what was done in ``since`` ≤ t < ``until``. Raises as ``entries_of`` does."""
    counting = _Counting(_begun_in_vain(folder, since, until))
    for entry in takewhile(lambda each: each.at < until, entries_of(folder, since)):
        counting.add(entry)
    return counting.figures(since, until)


def _begun_in_vain(folder: Path, since: str, until: str) -> set[str]:
    """The ids of records of what the hub refused after all. One that failed on the way may have
    been done, and counts."""
    ended = takewhile(lambda each: each.at < until, entries_of(folder, since, ATTEMPT))
    return {each.attempt for each in ended if each.attempt and each.outcome is Outcome.DENIED}


class _Counting:
    """One pass over the records."""

    def __init__(self, in_vain: Container[str]) -> None:
        self._in_vain = in_vain
        self._records = 0
        self._counts = {query.name: Counter[str]() for query in QUERIES}
        self._partners: set[str] = set()
        self._changes: list[Change] = []
        self._reviews = _Reviews()

    def add(self, entry: Entry) -> None:
        self._records += 1
        if entry.attempt or entry.id in self._in_vain:
            return
        for query in QUERIES:
            self._counts[query.name].update(query.labels(entry))
        self._reviews.add(entry)
        if entry.outcome is Outcome.DONE:
            self._partners |= {each for each in _others(entry) if each}
            if entry.event in CHANGES:
                where = entry.object.id if entry.object else None
                self._changes.append(Change(entry.at, entry.event.value, where or ""))

    def figures(self, since: str, until: str) -> Figures:
        tables = [_table(query, self._counts[query.name]) for query in QUERIES]
        return Figures(
            since=since,
            until=until,
            records=self._records,
            tables=[*tables, _table(_REVIEWS, self._reviews.counts(until))],
            partners=sorted(self._partners),
            changes=self._changes,
        )


_REVIEWS = Query(
    "reviews.by_state", "Reviews",
    "Reviews signed in this time, and those opened in it that were not, by whether they are due.",
    lambda _: (), small=False,
)  # fmt: skip


class _Reviews:
    """What has to be reviewed and until when, findings and what was drawn by lot alike, and what
    was signed: what was opened in an earlier time may be, too."""

    def __init__(self) -> None:
        self._opened: dict[str, int] = {}
        self._signed: set[str] = set()

    def add(self, entry: Entry) -> None:
        """Take a record into account."""
        if entry.object is None or entry.outcome is not Outcome.DONE:
            return
        which = entry.object.id or ""
        match entry.event:
            case AuditEvent.FINDING_RAISED:
                self._opened[which] = _due(str(entry.more["week"]))
            case AuditEvent.REVIEW_OPENED if entry.object.kind == "draw":
                lots = str(entry.more.get("reviews", "")).split()
                self._opened |= dict.fromkeys(lots, _due(which))
            case AuditEvent.REVIEW_SIGNED:
                self._signed.add(which)

    def counts(self, until: str) -> Counter[str]:
        """How many are done, overdue and open."""
        end = micros(until)
        waiting = [due for id_, due in self._opened.items() if id_ not in self._signed]
        overdue = sum(due < end for due in waiting)
        return Counter(
            {"done": len(self._signed), "overdue": overdue, "open": len(waiting) - overdue}
        )


def _due(week: str) -> int:
    """When the reviews of a week (ISO 8601, ``2026-W40``) are due: a week after its end."""
    monday = datetime.strptime(f"{week}-1+0000", "%G-W%V-%u%z")
    return int(monday.timestamp()) * 1_000_000 + (7 + REVIEW_DAYS) * DAY


def _others(entry: Entry) -> tuple[str | None, str | None]:
    return asked_for(entry), entry.secondary_recipient


def _table(query: Query, counts: Counter[str]) -> Table:
    plain = [Row(label, counts[label]) for label in sorted(counts)]
    return Table(
        query=query.name,
        title=query.title,
        counts=query.counts,
        total=total(counts) if query.small else counts.total(),
        rows=shown(counts) if query.small else plain,
    )


def differences(published: Figures, counted: Figures) -> list[str]:
    """Where they are not the same, in words; nothing where they are."""
    ours, theirs = _cells(published), _cells(counted)
    return [
        f"{name}: {ours.get(name, 'nothing')} was published, {theirs.get(name, 'nothing')} counted"
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name)
    ]


def _cells(figures: Figures) -> dict[str, str]:
    """Every figure by its name."""
    cells = {
        f"{table.query} / {row.label}": str(row.count)
        for table in figures.tables
        for row in (*table.rows, Row("*", table.total))
    }
    cells["records"] = str(figures.records)
    cells["partners"] = ", ".join(figures.partners)
    cells["changes"] = ", ".join(f"{each.at} {each.what} {each.id}" for each in figures.changes)
    return cells
