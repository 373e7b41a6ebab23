"""Keys of the newest events, held in memory until they are filed by the thousand.

A batch of a thousand reads touches a page of the key index for almost each of its plates: written
at once, that is six times the bytes of the events themselves. Collected and sorted, the keys
of thirty thousand events touch each page once. So the index is complete up to a position
(``head.filed``); what came after it is here, and made anew from the events' rows when the store is
opened. Searches look in both.

The writer's thread alone adds and takes away. Readers take ``segments`` before their snapshot
begins: what is filed meanwhile is then in both, which does no harm, and never in neither.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from watchfloor.ports.store import Micros, Seq

from . import bulk

Value = tuple[int, str | int]
"""A kind's number and a value, or ``CELL`` and a cell's number."""
Candidate = tuple[Micros, Seq]
"""An event by its time and position: as searches put them in order."""
Filed = tuple[Value, Candidate]

MANY = 32_768
"""Events beyond which the oldest are filed even while others wait."""
_SEGMENT = 8_192
_SLICE = 6_000
"""Rows filed in one transaction: some tens of milliseconds."""

_INSERT = "INSERT OR IGNORE INTO event_key(kind_no, value, time, seq)"


@dataclass(slots=True)
class Segment:
    """The keys of some thousand events in a row."""

    found: dict[Value, list[Candidate]] = field(default_factory=dict)
    events: int = 0
    last: Seq = 0

    def add(self, filed: Sequence[Filed], events: int, last: Seq) -> None:
        """Events up to a position."""
        for value, candidate in filed:
            self.found.setdefault(value, []).append(candidate)
        self.events += events
        self.last = last

    def rows(self) -> Iterator[tuple[int, str | int, Micros, Seq]]:
        """Rows of the index, in its order."""
        for (kind_no, value), candidates in sorted(self.found.items()):
            for time, seq in sorted(candidates):
                yield kind_no, value, time, seq


@dataclass(slots=True)
class _Filing:
    """Segments on their way into the index, slice by slice."""

    segments: Sequence[Segment]
    rows: Iterator[tuple[int, str | int, Micros, Seq]]
    slice: list[tuple[int, str | int, Micros, Seq]] = field(default_factory=list)
    written: bool = False
    """Whether the transaction under way has the slice."""


class FreshKeys:
    """What is not in the key index yet."""

    def __init__(self) -> None:
        self.segments: tuple[Segment, ...] = ()
        self._added: list[tuple[Sequence[Filed], int, Seq]] = []
        self._filing: _Filing | None = None

    def add(self, filed: Sequence[Filed], events: int, last: Seq) -> None:
        """The keys of a batch, seen by readers once its transaction stands."""
        self._added.append((filed, events, last))

    def settle(self, stands: bool) -> None:
        """A transaction ended: what it added counts, and what it filed, or neither."""
        if stands:
            for filed, events, last in self._added:
                self._open_segment().add(filed, events, last)
            self._finish_slice()
        elif self._filing is not None:
            self._filing.written = False
        self._added.clear()

    def file_some(self, connection: sqlite3.Connection, urgent: bool) -> bool:
        """File the next slice; whether there are more. If ``urgent``, only when many wait."""
        excess = sum(segment.events for segment in self.segments) - MANY
        if urgent and excess <= 0:
            return False
        filing = self._filing = self._filing or self._begin(whole=not urgent)
        if filing is None:
            return False
        if not filing.slice:
            filing.slice = list(islice(filing.rows, max(_SLICE, excess)))
        bulk.insert(connection, _INSERT, 4, list(chain.from_iterable(filing.slice)))
        if not filing.slice:
            connection.execute("UPDATE head SET filed = ?", (filing.segments[-1].last,))
        filing.written = True
        return True

    def _begin(self, whole: bool) -> _Filing | None:
        segments = self.segments if whole else self.segments[:-1]
        if not any(segment.events for segment in segments):
            return None
        if whole:
            self.segments = (*self.segments, Segment())  # what comes now goes to a new one
        return _Filing(segments, heapq.merge(*(segment.rows() for segment in segments)))

    def _finish_slice(self) -> None:
        filing = self._filing
        if filing is None or not filing.written:
            return
        filing.written = False
        if filing.slice:
            filing.slice = []
        else:
            self.segments = self.segments[len(filing.segments) :]
            self._filing = None

    def _open_segment(self) -> Segment:
        if not self.segments or self.segments[-1].events >= _SEGMENT:
            self.segments = (*self.segments, Segment())
        return self.segments[-1]
