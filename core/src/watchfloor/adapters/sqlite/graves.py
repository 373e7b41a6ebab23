"""What was deleted must not come back: an event that a source sends again is known by its receipt.

Asked on the way in, so it must cost nothing where it cannot matter: an event that is newer than
anything ever deleted of its source was not deleted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from watchfloor.ports.store import Batch, Micros, NewEvent
from watchfloor.retention import LEAF, blind_of, commitment, identity

_OVERLAPPING = """
SELECT entries FROM deletion_leaves WHERE source = ? AND kind = ? AND newest >= ? AND oldest <= ?
"""


def key(connection: sqlite3.Connection) -> bytes:
    """The secret behind all blinds, made when it is first needed."""
    connection.execute("INSERT OR IGNORE INTO deletion_key VALUES (1, randomblob(32))")
    secret: bytes = connection.execute("SELECT key FROM deletion_key").fetchone()[0]
    return secret


def split(entries: bytes) -> list[bytes]:
    """Commitments that stand one after the other."""
    return [entries[at : at + LEAF] for at in range(0, len(entries), LEAF)]


class Graves:
    """Used by the writer's thread alone."""

    def __init__(self) -> None:
        self._newest: dict[str, Micros] = {}
        """By source: the time of the newest event that was ever deleted, or later."""

    def remember(self, connection: sqlite3.Connection) -> None:
        """What earlier runs deleted."""
        rows = connection.execute("SELECT source, max(newest) FROM deletion_leaves GROUP BY source")
        self._newest.update(rows.fetchall())

    def dig(self, source: str, newest: Micros) -> None:
        """Events of a source up to a time are being deleted. Should that be rolled back, asking
        too often does no harm."""
        self._newest[source] = max(newest, self._newest.get(source, newest))

    def known(
        self,
        connection: sqlite3.Connection,
        numbers: Mapping[str, int],
        batches: Iterable[Batch],
    ) -> set[tuple[int, str]]:
        """The identities (source number, id) among those events that were deleted before."""
        found: set[tuple[int, str]] = set()
        for batch in batches:
            newest = self._newest.get(batch.source)
            if newest is None:
                continue
            late = [event for event in batch.events if event.time <= newest]
            deleted = _deleted(connection, batch.source, late)
            found |= {(numbers[batch.source], each) for each in deleted}
        return found


def _deleted(connection: sqlite3.Connection, source: str, events: Sequence[NewEvent]) -> set[str]:
    by_type: dict[str, list[NewEvent]] = {}
    for event in events:
        by_type.setdefault(event.type, []).append(event)
    found: set[str] = set()
    for type_, of_type in by_type.items():
        times = [event.time for event in of_type]
        rows = connection.execute(_OVERLAPPING, (source, type_, min(times), max(times))).fetchall()
        if rows:
            known = {entry for (entries,) in rows for entry in split(entries)}
            leaves = _leaves(key(connection), source, of_type)
            found |= {each for each, leaf in leaves.items() if leaf in known}
    return found


def _leaves(secret: bytes, source: str, events: Sequence[NewEvent]) -> dict[str, bytes]:
    records = {event.id: identity(source, event.id) for event in events}
    return {each: commitment(blind_of(secret, one), one) for each, one in records.items()}
