"""Keys of the newest events, held in memory until they are filed by the thousand.

A batch of a thousand reads touches a page of the key index for almost each of its plates.
Written at once, that made 4.5 KB of WAL for an event of 600 bytes (100,000 reads into a new
database); collected and sorted by the twenty thousand it is 1.2 KB. So the index is complete up to
a position (``head.filed``); what came after it is here, and made anew from the events' rows when
the store is opened. Searches look in both.

The writer's thread alone adds and takes away. Readers take ``segments`` before their snapshot
begins: what is filed meanwhile is then in both, which does no harm, and never in neither.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from watchfloor.ports.store import Micros, Seq

from . import bulk

Value = tuple[int, str | int]
"""A kind's number and a value, or ``CELL`` and a cell's number."""
Candidate = tuple[Micros, Seq]
"""An event by its time and position: as searches put them in order."""
Filed = tuple[int, str | int, Candidate]

SEGMENT = 20_000
"""Events whose keys are filed together: some ten megabytes of memory."""
SLICE = 6_000
"""Rows filed in one transaction, at least: some tens of milliseconds."""
_ROWS_PER_EVENT = 6
"""More than most events have, so that filing keeps ahead of what comes in."""

_INSERT = "INSERT OR IGNORE INTO event_key(kind_no, value, time, seq)"


@dataclass(slots=True)
class Segment:
    """The keys of some thousand events in a row."""

    found: dict[int, dict[str | int, list[Candidate]]] = field(default_factory=dict)
    """By kind's number, then by value."""
    events: int = 0
    last: Seq = 0

    def add(self, filed: Sequence[Filed], events: int, last: Seq) -> None:
        """Events up to a position."""
        for kind_no, value, candidate in filed:
            values = self.found.get(kind_no)
            if values is None:
                values = self.found[kind_no] = {}
            candidates = values.get(value)
            if candidates is None:
                values[value] = [candidate]
            else:
                candidates.append(candidate)
        self.events += events
        self.last = last

    def under(self, value: Value) -> Sequence[Candidate]:
        """What is filed under one value, in no order."""
        kind_no, of_kind = value
        return self.found.get(kind_no, {}).get(of_kind, ())


@dataclass(slots=True)
class _Filing:
    """A segment on its way into the index, sorted, slice by slice."""

    segment: Segment
    values: list[tuple[Value, list[Candidate]]]
    at: int = 0
    """Up to here they are filed and stand."""
    next: int = 0
    """Up to here the transaction under way has them."""

    def slice(self, rows: int) -> list[object]:
        """The next rows, some more than asked for, as one flat list."""
        flat: list[object] = []
        self.next = self.at
        while self.next < len(self.values) and len(flat) < 4 * rows:
            (kind_no, value), candidates = self.values[self.next]
            for time, seq in candidates:
                flat += (kind_no, value, time, seq)
            self.next += 1
        return flat

    @property
    def done(self) -> bool:
        """Whether nothing is left after the transaction under way."""
        return self.next == len(self.values)


class FreshKeys:
    """What is not in the key index yet."""

    def __init__(self) -> None:
        self.segments: tuple[Segment, ...] = (Segment(),)
        """Oldest first. The last one grows, the others wait to be filed."""
        self._added: list[tuple[Sequence[Filed], int, Seq]] = []
        self._since_slice = 0
        self._filing: _Filing | None = None

    def add(self, filed: Sequence[Filed], events: int, last: Seq) -> None:
        """The keys of a batch, seen by readers once its transaction stands."""
        self._added.append((filed, events, last))

    def settle(self, stands: bool) -> None:
        """A transaction ended: what it added counts, and what it filed, or neither."""
        if stands:
            for added in self._added:
                self._grow(*added)
            self._finish_slice()
        elif self._filing is not None:
            self._filing.next = self._filing.at
        self._added.clear()

    def file_some(self, connection: sqlite3.Connection, urgent: bool) -> bool:
        """File the next slice; whether there was one. If ``urgent``, of full segments only."""
        filing = self._filing = self._filing or self._begin(urgent)
        if filing is None:
            return False
        rows = max(SLICE, self._since_slice * _ROWS_PER_EVENT)
        self._since_slice = 0
        bulk.insert(connection, _INSERT, 4, filing.slice(rows))
        if filing.done:
            connection.execute("UPDATE head SET filed = ?", (filing.segment.last,))
        return True

    def _grow(self, filed: Sequence[Filed], events: int, last: Seq) -> None:
        self.segments[-1].add(filed, events, last)
        self._since_slice += events
        if self.segments[-1].events >= SEGMENT:
            self._close_segment()

    def _close_segment(self) -> None:
        self.segments = (*self.segments, Segment())

    def _begin(self, urgent: bool) -> _Filing | None:
        if len(self.segments) == 1 and self.segments[0].events and not urgent:
            self._close_segment()
        if len(self.segments) == 1:
            return None
        oldest = self.segments[0]
        values = [
            ((kind_no, value), candidates)
            for kind_no, of_kind in sorted(oldest.found.items())
            for value, candidates in sorted(of_kind.items(), key=itemgetter(0))
        ]
        return _Filing(oldest, values)

    def _finish_slice(self) -> None:
        filing = self._filing
        if filing is None:
            return
        filing.at = filing.next
        if filing.done:
            self.segments = self.segments[1:]
            self._filing = None
