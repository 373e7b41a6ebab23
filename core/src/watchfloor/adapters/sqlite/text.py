"""Text search: documents numbered so that their order is the order of time.

FTS5 gives matches in the order of their row numbers. A document's number is its time in
milliseconds with the low bits of its log position, so the newest matches of a common word are found
without looking at all of them.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Container, Sequence

from watchfloor.contracts import RetryLater
from watchfloor.ports.store import Micros, NewEvent, Seq

from . import bulk

_LOW_BITS = 21
_LOW = (1 << _LOW_BITS) - 1
_FARTHEST = (1 << 41) - 1
"""Milliseconds either side of 1970 (69 years and back) that a number can tell apart; times beyond
share the last one and are put in order when they are read."""

_WORD = re.compile(r"[^\W_]+\*?")


def moment(time: Micros) -> int:
    """The part of a document's number that is its time."""
    return max(-_FARTHEST, min(_FARTHEST, time // 1000))


def lowest(time: Micros) -> int:
    """The lowest document number of the millisecond that holds a time."""
    return moment(time) << _LOW_BITS


def last_of(moment: int) -> int:
    """The highest document number of a millisecond."""
    return moment << _LOW_BITS | _LOW


def highest(time: Micros) -> int:
    """The highest document number of the millisecond that holds a time."""
    return last_of(moment(time))


def file(connection: sqlite3.Connection, events: Sequence[NewEvent], first: Seq) -> dict[Seq, int]:
    """File the text of events that have one; their documents' numbers by log position."""
    told = [(seq, event.time, event.text) for seq, event in enumerate(events, first) if event.text]
    if not told:
        return {}
    taken = _taken(connection, [_number(time, seq) for seq, time, _ in told])
    docs: dict[int, tuple[Micros, Seq, str]] = {}
    for seq, time, text in told:
        doc = _number(time, seq)
        if doc in taken or doc in docs:
            doc = _free(connection, docs, time, seq)
        docs[doc] = (time, seq, text)
    rows: list[object] = []
    texts: list[object] = []
    for doc in sorted(docs):  # FTS5 flushes whenever a row number is lower than the last
        rows += (doc, *docs[doc])
        texts += (doc, docs[doc][2])
    bulk.insert(connection, "INSERT INTO event_text(doc, time, seq, text)", 4, rows)
    bulk.insert(connection, "INSERT INTO event_fts(rowid, text)", 2, texts)
    return {seq: doc for doc, (_, seq, _) in docs.items()}


def _free(connection: sqlite3.Connection, docs: Container[int], time: Micros, seq: Seq) -> int:
    """A number of the right millisecond. The next free one when two positions share their low
    bits, which takes two million events of the same millisecond."""
    for bump in range(1, _LOW):
        doc = _number(time, seq + bump)
        if doc not in docs and not _taken(connection, [doc]):
            return doc
    raise RetryLater("Too many texts of one millisecond.", code="store_busy")


def _number(time: Micros, seq: Seq) -> int:
    return lowest(time) | seq & _LOW


def _taken(connection: sqlite3.Connection, docs: Sequence[int]) -> set[int]:
    query = "SELECT t.doc FROM json_each(?) j CROSS JOIN event_text t ON t.doc = j.value"
    return {doc for (doc,) in bulk.fetch(connection, "doc", query, (bulk.as_json(docs),))}


def match(words: str) -> str | None:
    """What people type as an FTS5 query: all words must occur; ``*`` ends a prefix. ``None`` when
    there is no word in it."""
    found = _WORD.findall(words)
    quoted = [f'"{word[:-1]}"*' if word.endswith("*") else f'"{word}"' for word in found]
    return " AND ".join(quoted) or None
