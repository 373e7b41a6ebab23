"""Candidates: (time, position) of events that may match, each way of finding them by itself.

``gather`` functions answer all of them, or ``None`` when there are too many to be worth it.
``newest`` functions yield them newest first, for as long as somebody asks.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from watchfloor.ports.store import Box, EventFilter, KeyPattern, Micros, Seq

from . import bulk, key_list, text
from .cells import cell_count, cells
from .dictionary import Names
from .keys import CELL
from .patterns import HIGHEST, Starts, starts

Candidate = tuple[Micros, Seq]
T = TypeVar("T")

MANY = 8_000
"""Candidates beyond which it is better to start from the newest events and look at each."""
_MOST_NAMES = 4_000
_MOST_CELLS = 2_500
"""A box of about 25 km a side. A larger one holds most of a city, and is not worth an index."""
_MOST_STREAMS = 64
FEW = 64
"""What is taken at first where it may be enough; then twice as many each time."""
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


_WITHIN = "time >= ? AND (time, seq) < (?, ?)"


def chunks(newest: Iterator[T]) -> Iterator[list[T]]:
    """Growing handfuls: few when the first suit, many when most do not."""
    size = FEW
    while chunk := list(islice(newest, size)):
        yield chunk
        size = min(size * 2, _HANDFUL)


def _merged(streams: Sequence[Iterator[Candidate]]) -> Iterator[Candidate]:
    """Many newest-first streams as one. What is in several comes once."""
    last: Candidate | None = None
    for candidate in heapq.merge(*streams, reverse=True):
        if candidate != last:
            yield candidate
            last = candidate


def _stream(
    connection: sqlite3.Connection, query: str, values: Sequence[object], within: Interval
) -> Iterator[Candidate]:
    """Newest first from one stretch of an index that is in the order of time. ``query`` selects
    ``time, seq`` up to its first condition."""
    size = FEW
    before = within.before
    while True:
        rows = _pairs(
            connection,
            f"{query} AND {_WITHIN} ORDER BY time DESC, seq DESC LIMIT ?",
            (*values, within.since, *before, size),
        )
        yield from rows
        if len(rows) < size:
            return
        before = rows[-1]
        size = min(size * 2, _HANDFUL)


def _pairs(connection: sqlite3.Connection, query: str, values: Sequence[object]) -> list[Candidate]:
    return [(time, seq) for time, seq in bulk.fetch(connection, "time, seq", query, values)]


# --- Streams: what one source says of one type ----------------------------------------------


def newest_of_streams(
    connection: sqlite3.Connection, streams: Sequence[tuple[int, int]], within: Interval
) -> Iterator[Candidate]:
    """All events of some (source number, type number)."""
    query = (
        "SELECT time, seq FROM event INDEXED BY event_stream WHERE source_no = ? AND type_no = ?"
    )
    return _merged([_stream(connection, query, stream, within) for stream in streams])


# --- Keys -----------------------------------------------------------------------------------


@dataclass(slots=True)
class KeyRanges:
    """What to look up for some patterns: values of a kind, and starts of values."""

    values: list[tuple[int, str | int]]
    starts: list[tuple[int, str]]

    @property
    def are_few(self) -> bool:
        """Whether each can be read as a stream of its own."""
        return not self.starts and len(self.values) <= _MOST_STREAMS


def key_ranges(
    connection: sqlite3.Connection, names: Names, patterns: Sequence[KeyPattern]
) -> KeyRanges | None:
    """``None`` when a pattern stands for too many values."""
    found = KeyRanges([], [])
    for pattern in patterns:
        kind_no = names.number(connection, pattern.kind)
        if kind_no is not None and not _add_pattern(connection, found, kind_no, pattern):
            return None
    return found


def _add_pattern(
    connection: sqlite3.Connection, found: KeyRanges, kind_no: int, pattern: KeyPattern
) -> bool:
    begun = starts(pattern)
    if begun.rest == "":
        found.values += [(kind_no, start) for start in begun.starts]
    elif begun.rest == "*" and begun.starts != [""]:
        found.starts += [(kind_no, start) for start in begun.starts]
    else:
        return _add_listed(connection, found, kind_no, pattern, begun)
    return True


def _add_listed(
    connection: sqlite3.Connection,
    found: KeyRanges,
    kind_no: int,
    pattern: KeyPattern,
    begun: Starts,
) -> bool:
    listed = key_list.names(connection, pattern, begun, _MOST_NAMES)
    found.values += [(kind_no, name.partition(":")[2]) for name in listed]
    return len(listed) < _MOST_NAMES


_BY_VALUES = f"""
SELECT k.time, k.seq FROM json_each(?) j CROSS JOIN event_key k
ON k.kind_no = j.value ->> 0 AND k.value = j.value ->> 1 AND {_WITHIN} LIMIT ?
"""
_BY_STARTS = f"""
SELECT k.time, k.seq FROM json_each(?) j CROSS JOIN event_key k
ON k.kind_no = j.value ->> 0 AND k.value >= j.value ->> 1 AND k.value < (j.value ->> 1) || ?
WHERE {_WITHIN} LIMIT ?
"""


def gather_keys(
    connection: sqlite3.Connection, ranges: KeyRanges, within: Interval
) -> set[Candidate] | None:
    """Everything filed under some values or starts of values."""
    found: set[Candidate] = set()
    if ranges.values:
        listed = bulk.as_json(ranges.values)
        found |= set(_pairs(connection, _BY_VALUES, (listed, *within.values(), MANY)))
    if ranges.starts and len(found) < MANY:
        listed = bulk.as_json(ranges.starts)
        values = (listed, HIGHEST, *within.values(), MANY)
        found |= set(_pairs(connection, _BY_STARTS, values))
    return found if len(found) < MANY else None


def newest_of_keys(
    connection: sqlite3.Connection, ranges: KeyRanges, within: Interval
) -> Iterator[Candidate]:
    """Everything filed under a few values, newest first."""
    query = "SELECT time, seq FROM event_key WHERE kind_no = ? AND value = ?"
    return _merged([_stream(connection, query, value, within) for value in ranges.values])


# --- Places ---------------------------------------------------------------------------------


def box_ranges(box: Box) -> KeyRanges | None:
    """The cells that a box touches. They hold more than the box: its edge is tested on the row."""
    if cell_count(box) > _MOST_CELLS:
        return None
    return KeyRanges([(CELL, number) for number in cells(box)], [])


# --- Text -----------------------------------------------------------------------------------

_BY_TEXT = f"""
SELECT t.time, t.seq FROM event_fts f CROSS JOIN event_text t ON t.doc = f.rowid
WHERE event_fts MATCH ? AND f.rowid BETWEEN ? AND ? AND {_WITHIN} ORDER BY f.rowid DESC LIMIT ?
"""


def _text(
    connection: sqlite3.Connection, words: str, within: Interval, highest: int, limit: int
) -> list[Candidate]:
    lowest = text.lowest(within.since)
    return _pairs(connection, _BY_TEXT, (words, lowest, highest, *within.values(), limit))


def gather_text(
    connection: sqlite3.Connection, words: str, within: Interval
) -> set[Candidate] | None:
    """Every document with all the words."""
    found = set(_text(connection, words, within, text.highest(within.before[0]), MANY))
    return found if len(found) < MANY else None


def newest_of_text(
    connection: sqlite3.Connection, words: str, within: Interval
) -> Iterator[Candidate]:
    """Newest first. Documents stand in the order of milliseconds; within one they are sorted."""
    highest = text.highest(within.before[0])
    size = FEW
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
