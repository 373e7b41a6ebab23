"""Where "no data" is known."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial
from typing import Any

from watchfloor.ports.store import Gap, Micros

from .database import Database

_ASSURE = """
INSERT INTO assured VALUES (?, ?)
ON CONFLICT DO UPDATE SET until = excluded.until WHERE excluded.until > assured.until
"""
_BETWEEN = """
SELECT id, source, start, "end", reason, filled FROM gap
WHERE start < ? AND ("end" IS NULL OR "end" > ?) AND NOT filled
"""
_REOPEN = """
UPDATE gap SET "end" = NULL WHERE source = ? AND "end" = ? AND reason = ? AND NOT filled
RETURNING id
"""


def _assured(connection: sqlite3.Connection, source: str) -> Micros | None:
    row = connection.execute("SELECT until FROM assured WHERE source = ?", (source,)).fetchone()
    return row[0] if row else None


def _open(source: str, start: Micros, reason: str, connection: sqlite3.Connection) -> int:
    row = connection.execute(
        'SELECT id FROM gap WHERE source = ? AND "end" IS NULL', (source,)
    ).fetchone()
    row = row or connection.execute(_REOPEN, (source, start, reason)).fetchone()
    if row is not None:
        return int(row[0])
    cursor = connection.execute(
        "INSERT INTO gap(source, start, reason) VALUES (?, ?, ?)", (source, start, reason)
    )
    return int(cursor.lastrowid or 0)


def _close(source: str, end: Micros, filled: bool, connection: sqlite3.Connection) -> None:
    connection.execute(
        'UPDATE gap SET "end" = max(start, ?), filled = ? WHERE source = ? AND "end" IS NULL',
        (end, filled, source),
    )


def _between(
    since: Micros, until: Micros, source: str | None, connection: sqlite3.Connection
) -> list[Gap]:
    values: list[Any] = [until, since]
    query = _BETWEEN
    if source is not None:
        query += " AND source = ?"
        values.append(source)
    rows = connection.execute(query + " ORDER BY start, id", values)
    return [
        Gap(number, name, start, end, reason, bool(filled))
        for number, name, start, end, reason, filled in rows
    ]


class SqliteGaps:
    """The ``GapLedger`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def assured(self, source: str) -> Micros | None:
        """Up to when a source's data is assured."""
        return await self._database.read(lambda c: _assured(c, source))

    async def assure(self, source: str, until: Micros) -> None:
        """Move that forward; never back."""
        await self._database.write(lambda c: c.execute(_ASSURE, (source, until)).rowcount)

    async def open(self, source: str, start: Micros, reason: str) -> int:
        """Start a gap; the id of the open one when there is one already."""
        return await self._database.write(partial(_open, source, start, reason))

    async def close(self, source: str, end: Micros, filled: bool) -> None:
        """End the open gap, if any."""
        await self._database.write(partial(_close, source, end, filled))

    async def between(
        self, since: Micros, until: Micros, source: str | None = None
    ) -> Sequence[Gap]:
        """Gaps that touch the interval and were not filled."""
        return await self._database.read(partial(_between, since, until, source))
