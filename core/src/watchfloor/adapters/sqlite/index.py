"""Finding events by what they are filed under."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial

from watchfloor.ports.store import EventFilter, Micros, RecordedEvent

from . import bulk, text
from .cells import spans
from .database import Database
from .events import COLUMNS, recorded


def _where(where: EventFilter) -> tuple[str, list[object]]:
    parts: list[str] = ["1"]
    values: list[object] = []
    if where.keys:
        globs = " OR ".join("d.name GLOB ?" for _ in where.keys)
        parts.append(
            "e.seq IN (SELECT k.seq FROM key d CROSS JOIN event_key k ON k.key_no = d.no"
            f" WHERE {globs})"
        )
        values += [f"{key.kind}:{key.pattern.replace('[', '[[]')}" for key in where.keys]
    for column, names in (("type_no", where.types), ("source_no", where.sources)):
        if names:
            parts.append(
                f"e.{column} IN (SELECT n.no FROM json_each(?) j JOIN name n ON n.name = j.value)"
            )
            values.append(bulk.as_json(names))
    if where.since is not None:
        parts.append("e.time >= ?")
        values.append(where.since)
    if where.until is not None:
        parts.append("e.time < ?")
        values.append(where.until)
    if where.box is not None:
        parts.append("e.lat BETWEEN ? AND ?")
        values += [where.box.south, where.box.north]
        pairs = spans(where.box)
        parts.append("(" + " OR ".join("e.lon BETWEEN ? AND ?" for _ in pairs) + ")")
        values += [degree for pair in pairs for degree in pair]
    words = text.match(where.text) if where.text else None
    if words is not None:
        parts.append("e.doc IN (SELECT rowid FROM event_fts WHERE event_fts MATCH ?)")
        values.append(words)
    if where.before is not None:
        parts.append("(e.time, e.seq) < (?, ?)")
        values += where.before
    return " AND ".join(parts), values


def _find(
    database: Database, where: EventFilter, limit: int, connection: sqlite3.Connection
) -> list[RecordedEvent]:
    condition, values = _where(where)
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM event e WHERE {condition} ORDER BY e.time DESC, e.seq DESC LIMIT ?",
        (*values, limit),
    ).fetchall()
    return recorded(connection, database.names, rows)


def _count(where: EventFilter, at_most: int, connection: sqlite3.Connection) -> int:
    condition, values = _where(where)
    row = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM event e WHERE {condition} LIMIT ?)",
        (*values, at_most),
    ).fetchone()
    return int(row[0])


def _latest(
    database: Database, type: str, since: Micros, limit: int, connection: sqlite3.Connection
) -> list[RecordedEvent]:
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM latest l CROSS JOIN event e ON e.seq = l.seq"
        " WHERE l.type_no = ? AND l.time >= ? ORDER BY l.time DESC, l.seq DESC LIMIT ?",
        (database.source_no(connection, type), since, limit),
    ).fetchall()
    return recorded(connection, database.names, rows)


class SqliteEventIndex:
    """The ``EventIndex`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, where: EventFilter, limit: int) -> Sequence[RecordedEvent]:
        """The newest ``limit`` matching events, newest first."""
        return await self._database.read(partial(_find, self._database, where, limit))

    async def count(self, where: EventFilter, at_most: int) -> int:
        """How many match, counting no further than ``at_most``."""
        return await self._database.read(partial(_count, where, at_most))

    async def latest(self, type: str, since: Micros, limit: int) -> Sequence[RecordedEvent]:
        """The newest event of each subject of one type since a time, newest first."""
        return await self._database.read(partial(_latest, self._database, type, since, limit))
