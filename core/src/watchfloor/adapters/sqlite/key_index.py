"""Candidates by key and by place: from the key index, and from the keys not filed in it yet."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from watchfloor.ports.store import Box, KeyPattern, Seq

from . import bulk, key_list
from .candidates import MANY, WITHIN, Interval, merged, pairs, stream
from .cells import cell_count, cells
from .dictionary import Names
from .fresh_keys import Candidate, Segment, Value
from .keys import CELL
from .patterns import HIGHEST, Starts, starts

MOST_NAMES = 4_000
MOST_CELLS = 2_500
"""A box of about 25 km a side. A larger one holds most of a city, and is not worth an index."""
MOST_STREAMS = 64


@dataclass(slots=True)
class KeyRanges:
    """What to look up for some patterns or a box: values of a kind, and starts of values."""

    values: list[Value]
    starts: list[tuple[int, str]]

    @property
    def are_few(self) -> bool:
        """Whether each can be read as a stream of its own."""
        return not self.starts and len(self.values) <= MOST_STREAMS


def box_ranges(box: Box) -> KeyRanges | None:
    """The cells that a box touches. They hold more than the box: its edge is tested on the row.
    ``None`` when they are too many."""
    if cell_count(box) > MOST_CELLS:
        return None
    return KeyRanges([(CELL, number) for number in cells(box)], [])


def key_ranges(
    connection: sqlite3.Connection, names: Names, patterns: Sequence[KeyPattern]
) -> KeyRanges | None:
    """What some patterns stand for. ``None`` when that is too many values."""
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
    if begun.rest == "" and (
        len(begun.starts) <= MOST_STREAMS or not key_list.is_current(connection)
    ):
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
    listed = key_list.names(connection, pattern, begun, MOST_NAMES)
    found.values += [(kind_no, name.partition(":")[2]) for name in listed]
    return len(listed) < MOST_NAMES


_BY_VALUES = f"""
SELECT k.time, k.seq FROM json_each(?) j CROSS JOIN event_key k
ON k.kind_no = j.value ->> 0 AND k.value = j.value ->> 1 AND {WITHIN} LIMIT ?
"""
_BY_STARTS = f"""
SELECT k.time, k.seq FROM json_each(?) j CROSS JOIN event_key k
ON k.kind_no = j.value ->> 0 AND k.value >= j.value ->> 1 AND k.value < (j.value ->> 1) || ?
WHERE {WITHIN} LIMIT ?
"""
_OF_VALUE = "SELECT time, seq FROM event_key WHERE kind_no = ? AND value = ?"


class KeyIndex:
    """One search's view of both. ``segments`` must be taken before the connection's snapshot."""

    def __init__(
        self, connection: sqlite3.Connection, segments: Sequence[Segment], within: Interval
    ) -> None:
        self._connection = connection
        self._segments = segments
        self._within = within
        self._head: Seq = connection.execute("SELECT seq FROM head").fetchone()[0]

    def gather(self, ranges: KeyRanges) -> set[Candidate] | None:
        """Everything filed under some values or starts; ``None`` when there is too much."""
        found = set(self._fresh(ranges))
        for query, *values in _lookups(ranges):
            rows = pairs(self._connection, query, (*values, *self._within.values(), MANY))
            if len(rows) == MANY:
                return None
            found |= set(rows)
        return found if len(found) < MANY else None

    def newest(self, ranges: KeyRanges) -> Iterator[Candidate]:
        """Everything filed under a few values, newest first."""
        fresh = iter(sorted(self._fresh(ranges), reverse=True))
        filed = [
            stream(self._connection, _OF_VALUE, value, self._within) for value in ranges.values
        ]
        return merged([fresh, *filed])

    def _fresh(self, ranges: KeyRanges) -> Iterator[Candidate]:
        for segment in self._segments:
            for value in (*ranges.values, *_starting(segment, ranges.starts)):
                for candidate in segment.under(value):
                    if candidate in self._within and candidate[1] <= self._head:
                        yield candidate


def _lookups(ranges: KeyRanges) -> Iterator[tuple[str, ...]]:
    """Queries of the filed part with what they are about."""
    if ranges.values:
        yield _BY_VALUES, bulk.as_json(ranges.values)
    if ranges.starts:
        yield _BY_STARTS, bulk.as_json(ranges.starts), HIGHEST


def _starting(segment: Segment, starts: Iterable[tuple[int, str]]) -> Iterator[Value]:
    """The values in a segment that begin with one of the starts."""
    by_length: dict[tuple[int, int], set[str]] = {}
    for kind_no, start in starts:
        by_length.setdefault((kind_no, len(start)), set()).add(start)
    for (kind_no, length), wanted in by_length.items():
        for value in list(segment.found.get(kind_no, ())):  # a copy: the writer may be adding
            if str(value)[:length] in wanted:
                yield kind_no, value
