"""The list of all key names, for patterns that no index of values can look up.

Kept by the writer when it has nothing better to do, and up to a position (``head.listed``). What
came later is looked through in the log itself, so that an answer is complete at any moment.
"""

from __future__ import annotations

import sqlite3

from watchfloor.ports.store import KeyPattern

from . import bulk
from .patterns import HIGHEST, Starts, glob, glob_within, trigrams

STEP = 2_000
"""Events whose keys are listed at once: some ten milliseconds."""
BEHIND = 200_000
"""Events that the list may be behind before the writer lists while others wait."""

_ADD = """
INSERT INTO key(name)
SELECT DISTINCT j.value FROM event e CROSS JOIN json_each(e.keys) j
WHERE e.seq > ? AND e.seq <= ? ORDER BY j.value
ON CONFLICT DO NOTHING RETURNING no, name
"""
# The + keeps SQLite from taking the start of the GLOB for the narrowest way in (46 s for 10 ms).
_BY_TRIGRAMS = """
SELECT k.name FROM key_fts f CROSS JOIN key k ON k.no = f.rowid
WHERE key_fts MATCH ? AND +k.name GLOB ? LIMIT ?
"""
_BY_NAMES = """
SELECT k.name FROM json_each(?) j CROSS JOIN key k ON k.name = j.value LIMIT ?
"""
_BY_STARTS = """
SELECT k.name FROM json_each(?) j
CROSS JOIN key k ON k.name >= j.value AND k.name < j.value || ? WHERE +k.name GLOB ? LIMIT ?
"""
_UNLISTED = """
SELECT DISTINCT j.value AS name FROM event e CROSS JOIN json_each(e.keys) j
WHERE e.seq > (SELECT listed FROM head) AND e.keys GLOB ? AND j.value GLOB ? LIMIT ?
"""


def list_some(connection: sqlite3.Connection, urgent: bool) -> bool:
    """List the next events' keys; whether there are more. If ``urgent``, only when many wait."""
    head, listed = connection.execute("SELECT seq, listed FROM head").fetchone()
    if head - listed <= (BEHIND if urgent else 0):
        return False
    upto = min(head, listed + STEP)
    new = sorted(connection.execute(_ADD, (listed, upto)).fetchall())
    values = [value for no, name in new for value in (no, name.partition(":")[2])]
    bulk.insert(connection, "INSERT INTO key_fts(rowid, value)", 2, values)
    connection.execute("UPDATE head SET listed = ?", (upto,))
    return bool(upto < head)


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether so little came after it that looking through that is quick. Then it says which of a
    thousand values there are at all; most have no event, and each saves a page of the key index."""
    head, listed = connection.execute("SELECT seq, listed FROM head").fetchone()
    return bool(head - listed <= STEP)


def names(
    connection: sqlite3.Connection, pattern: KeyPattern, starts: Starts, at_most: int
) -> set[str]:
    """Names that match, such as ``plate:ZZT1234``; no more than ``at_most``."""
    matches = glob(pattern)
    listed = _listed(connection, pattern, starts, matches, at_most)
    return listed | _names(connection, _UNLISTED, glob_within(pattern), matches, at_most)


def _listed(
    connection: sqlite3.Connection, pattern: KeyPattern, starts: Starts, matches: str, at_most: int
) -> set[str]:
    begun = bulk.as_json(f"{pattern.kind}:{start}" for start in starts.starts)
    if not starts.rest:
        return _names(connection, _BY_NAMES, begun, at_most)
    by_trigrams = trigrams(pattern.pattern)
    if by_trigrams is not None:
        return _names(connection, _BY_TRIGRAMS, by_trigrams, matches, at_most)
    return _names(connection, _BY_STARTS, begun, HIGHEST, matches, at_most)


def _names(connection: sqlite3.Connection, query: str, *values: object) -> set[str]:
    return {name for (name,) in bulk.fetch(connection, "name", query, values)}
