"""Webhooks, durable before they are answered; a settled one is gone with its batch's commit."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial

from watchfloor.ports.store import NewDelivery, StoredDelivery

from .bulk import as_json
from .database import Database


def settle(connection: sqlite3.Connection, ids: Sequence[int]) -> None:
    """These are dealt with. The vendor's own delivery ids stay known."""
    if ids:
        connection.execute(
            "DELETE FROM inbox WHERE id IN (SELECT value FROM json_each(?))", (as_json(ids),)
        )


def _accept(
    database: Database, deliveries: Sequence[NewDelivery], connection: sqlite3.Connection
) -> list[int]:
    return [_accept_one(database, connection, delivery) for delivery in deliveries]


def _accept_one(database: Database, connection: sqlite3.Connection, delivery: NewDelivery) -> int:
    source_no = database.name_numbers.number(connection, delivery.source)
    if delivery.dedupe is not None:
        row = connection.execute(
            "SELECT inbox_id FROM delivered WHERE source_no = ? AND dedupe = ?",
            (source_no, delivery.dedupe),
        ).fetchone()
        if row is not None:
            return int(row[0])
    cursor = connection.execute(
        "INSERT INTO inbox(source_no, received, headers, body) VALUES (?, ?, ?, ?)",
        (source_no, database.clock.now(), delivery.headers, delivery.body),
    )
    row_id = int(cursor.lastrowid or 0)
    if delivery.dedupe is not None:
        connection.execute(
            "INSERT INTO delivered VALUES (?, ?, ?)", (source_no, delivery.dedupe, row_id)
        )
    return row_id


def _waiting(
    database: Database, source: str, after: int, limit: int, connection: sqlite3.Connection
) -> list[StoredDelivery]:
    rows = connection.execute(
        "SELECT id, received, headers, body FROM inbox WHERE source_no = ? AND id > ?"
        " ORDER BY id LIMIT ?",
        (database.names.number(connection, source), after, limit),
    )
    return [StoredDelivery(row_id, source, *rest) for row_id, *rest in rows]


class SqliteInbox:
    """The ``Inbox`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def accept(self, deliveries: Sequence[NewDelivery]) -> Sequence[int]:
        """Store and sync; the ids in order."""
        work = partial(_accept, self._database, list(deliveries))
        return await self._database.write(work, weight=len(deliveries))

    async def waiting(self, source: str, after: int, limit: int) -> Sequence[StoredDelivery]:
        """Unsettled deliveries of a source after an id, oldest first."""
        return await self._database.read(partial(_waiting, self._database, source, after, limit))
