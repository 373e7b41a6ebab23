"""Candidates: (time, position) of events that may match, each way of finding them by itself.

They come newest first, for as long as somebody asks.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from watchfloor.ports.store import EventFilter, Micros, Seq

from . import bulk, text
from .fresh_keys import Candidate

T = TypeVar("T")

MANY = 4_000
"""Candidates of an index beyond which it is better to take the newest events and test each."""
FEW = 64
"""What is taken at first where it may be enough; then twice as many each time."""
FEW_STREAMS = 4
"""In which old candidates are looked up; of more, their rows are as quick to read."""
_HANDFUL = 2_048
_LAST = 1 << 62


@dataclass(frozen=True, slots=True)
class Interval:
    """From a time on, up to a candidate, exclusive."""

    since: Micros
    before: Candidate

    @classmethod
    def of(cls, where: EventFilter) -> Interval:
        """What a filter's ``since``, ``until`` and ``before`` leave."""
        until = (_LAST if where.until is None else where.until, 0)
        return cls(
            -_LAST if where.since is None else where.since,
            min(until, where.before) if where.before is not None else until,
        )

    def values(self) -> tuple[Micros, Micros, Seq]:
        """For ``time >= ? AND (time, seq) < (?, ?)``."""
        return (self.since, *self.before)

    def __contains__(self, candidate: Candidate) -> bool:
        return candidate[0] >= self.since and candidate < self.before


WITHIN = "time >= ? AND (time, seq) < (?, ?)"


def chunks(newest: Iterator[T]) -> Iterator[list[T]]:
    """Growing handfuls: few when the first suit, many when most do not."""
    size = FEW
    while chunk := list(islice(newest, size)):
        yield chunk
        size = min(size * 2, _HANDFUL)


def merged(streams: Sequence[Iterator[Candidate]]) -> Iterator[Candidate]:
    """Many newest-first streams as one. What is in several comes once."""
    last: Candidate | None = None
    for candidate in heapq.merge(*streams, reverse=True):
        if candidate != last:
            yield candidate
            last = candidate


def stream(
    connection: sqlite3.Connection, query: str, values: Sequence[object], within: Interval
) -> Iterator[Candidate]:
    """Newest first from one stretch of an index that is in the order of time. ``query`` selects
    ``time, seq`` up to its first condition."""
    size = FEW
    before = within.before
    while True:
        rows = pairs(
            connection,
            f"{query} AND {WITHIN} ORDER BY time DESC, seq DESC LIMIT ?",
            (*values, within.since, *before, size),
        )
        yield from rows
        if len(rows) < size:
            return
        before = rows[-1]
        size = min(size * 2, _HANDFUL)


def pairs(connection: sqlite3.Connection, query: str, values: Sequence[object]) -> list[Candidate]:
    """The candidates of a query of ``time, seq``."""
    return [(time, seq) for time, seq in bulk.fetch(connection, "time, seq", query, values)]


# --- Streams: what one source says of one type ----------------------------------------------


def newest_of_streams(
    connection: sqlite3.Connection, streams: Sequence[tuple[int, int]], within: Interval
) -> Iterator[Candidate]:
    """All events of some (source number, type number)."""
    query = (
        "SELECT time, seq FROM event INDEXED BY event_stream WHERE source_no = ? AND type_no = ?"
    )
    return merged([stream(connection, query, numbers, within) for numbers in streams])


_OF_STREAMS = """
SELECT e.time, e.seq FROM json_each(?) s CROSS JOIN json_each(?) j
CROSS JOIN event e INDEXED BY event_stream
ON e.source_no = s.value ->> 0 AND e.type_no = s.value ->> 1
AND e.time = j.value ->> 0 AND e.seq = j.value ->> 1
"""


def of_streams(
    connection: sqlite3.Connection,
    streams: Sequence[tuple[int, int]],
    found: Iterable[Candidate],
) -> set[Candidate]:
    """Those of them that are in some (source number, type number)."""
    if not streams:
        return set()
    return set(pairs(connection, _OF_STREAMS, (bulk.as_json(streams), bulk.as_json(found))))


# --- Text -----------------------------------------------------------------------------------

_BY_TEXT = f"""
SELECT t.time, t.seq FROM event_fts f CROSS JOIN event_text t ON t.doc = f.rowid
WHERE event_fts MATCH ? AND f.rowid BETWEEN ? AND ? AND {WITHIN} ORDER BY f.rowid DESC LIMIT ?
"""


def _text(
    connection: sqlite3.Connection, words: str, within: Interval, highest: int, limit: int
) -> list[Candidate]:
    lowest = text.lowest(within.since)
    return pairs(connection, _BY_TEXT, (words, lowest, highest, *within.values(), limit))


def newest_of_text(
    connection: sqlite3.Connection, words: str, within: Interval, wanted: int
) -> Iterator[Candidate]:
    """Newest first. Documents stand in the order of milliseconds; within one they are sorted."""
    highest = text.highest(within.before[0])
    size = max(FEW, wanted) + 1  # of the last millisecond there may be more, so it waits
    while True:
        rows = _text(connection, words, within, highest, size)
        whole = len(rows) < size
        oldest = text.moment(rows[-1][0]) if rows else 0
        kept = [row for row in rows if whole or text.moment(row[0]) > oldest]
        yield from sorted(kept, reverse=True)
        if whole:
            return
        highest = text.last_of(oldest)
        size = min(size * 2, 1 << 20)
