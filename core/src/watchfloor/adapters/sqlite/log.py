"""The event log: what is committed, and reading it in order."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial

from watchfloor.contracts import NotFound
from watchfloor.ports.store import Batch, Committed, Lineage, RecordedEvent, Seq

from .database import Database
from .events import by_seqs, select
from .filing import file_calls, unpack

_LINEAGE = """
SELECT n.name, e.recorded, e.pointer, e.changes, r.content_type, r.sha256, r.packed, r.body
FROM event e JOIN name n ON n.no = e.connector_no LEFT JOIN raw r ON r.no = e.raw_no
WHERE e.seq = ?
"""
_BESIDE = """
SELECT e.* FROM event mine CROSS JOIN event e INDEXED BY event_raw ON e.raw_no = mine.raw_no
WHERE mine.seq = ? AND e.seq <> mine.seq ORDER BY e.seq
"""
_ADVANCE = """
INSERT INTO position VALUES (?, ?)
ON CONFLICT DO UPDATE SET seq = excluded.seq WHERE excluded.seq > position.seq
"""


def position(connection: sqlite3.Connection, consumer: str) -> Seq:
    """How far a consumer has come."""
    row = connection.execute("SELECT seq FROM position WHERE consumer = ?", (consumer,)).fetchone()
    return row[0] if row else 0


def advance(connection: sqlite3.Connection, consumer: str, to: Seq) -> None:
    """Note a position, never backwards."""
    connection.execute(_ADVANCE, (consumer, to))


def _head(connection: sqlite3.Connection) -> Seq:
    seq: Seq = connection.execute("SELECT seq FROM head").fetchone()[0]
    return seq


def _checkpoint(source_no: int | None, connection: sqlite3.Connection) -> bytes | None:
    row = connection.execute(
        "SELECT body FROM checkpoint WHERE source_no = ?", (source_no,)
    ).fetchone()
    return row[0] if row else None


def _lineage(seq: Seq, connection: sqlite3.Connection) -> Lineage:
    row = connection.execute(_LINEAGE, (seq,)).fetchone()
    if row is None:
        raise NotFound(f"There is no event {seq}.")
    connector, at, pointer, changes, content_type, *raw = row
    page = unpack(content_type, *raw) if content_type is not None else None
    return Lineage(connector, at, page, pointer, changes)


class SqliteEventLog:
    """The ``EventLog`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file = partial(file_calls, database)

    async def commit(self, batches: Sequence[Batch]) -> Sequence[Committed]:
        """Write all batches in one transaction and sync it."""
        weight = sum(len(batch.events) + len(batch.dead) + 1 for batch in batches)
        return await self._database.write_together(self._file, list(batches), weight)

    async def head(self) -> Seq:
        """The newest position; 0 for an empty log."""
        return await self._database.read(_head)

    async def read(self, after: Seq, limit: int) -> Sequence[RecordedEvent]:
        """Events after a position, in order."""
        return await self._database.read(partial(self._read, after, limit))

    def _read(self, after: Seq, limit: int, connection: sqlite3.Connection) -> list[RecordedEvent]:
        query = "SELECT * FROM event WHERE seq > ? ORDER BY seq LIMIT ?"
        return select(connection, self._database.names, query, (after, limit))

    async def get(self, seq: Seq) -> RecordedEvent:
        """One event. Raises ``NotFound``."""
        names = self._database.names
        found = await self._database.read(lambda connection: by_seqs(connection, names, [seq]))
        if not found:
            raise NotFound(f"There is no event {seq}.")
        return found[0]

    async def lineage(self, seq: Seq) -> Lineage:
        """Where it came from. Raises ``NotFound``."""
        return await self._database.read(partial(_lineage, seq))

    async def beside(self, seq: Seq) -> Sequence[RecordedEvent]:
        """The other events that came in the same vendor's answer, in order."""
        names = self._database.names
        return await self._database.read(lambda c: select(c, names, _BESIDE, (seq,)))

    async def checkpoint(self, source: str) -> bytes | None:
        """Where this source's worker stands."""
        names = self._database.names
        return await self._database.read(lambda c: _checkpoint(names.number(c, source), c))

    async def position(self, consumer: str) -> Seq:
        """How far a named consumer has come; 0 when it never ran."""
        return await self._database.read(lambda connection: position(connection, consumer))

    async def advance(self, consumer: str, to: Seq) -> None:
        """Note how far a named consumer has come. Positions never go back."""
        await self._database.write(lambda connection: advance(connection, consumer, to))
