"""Webhooks, durable before they are answered; a settled one is gone with its batch's commit."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial
from itertools import chain, islice

from watchfloor.ports.store import NewDelivery, StoredDelivery

from . import bulk
from .database import Database

_COLUMNS = "id, received, headers, hex(body)"
_NEXT = "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'inbox'"


def settle(connection: sqlite3.Connection, ids: Sequence[int]) -> None:
    """These are dealt with. The vendor's own delivery ids stay known."""
    if ids:
        connection.execute(
            "DELETE FROM inbox WHERE id IN (SELECT value FROM json_each(?))", (bulk.as_json(ids),)
        )


def _accept_calls(
    database: Database, connection: sqlite3.Connection, calls: Sequence[Sequence[NewDelivery]]
) -> list[list[int]]:
    ids = iter(_accept(database, connection, list(chain.from_iterable(calls))))
    return [list(islice(ids, len(call))) for call in calls]


def _accept(
    database: Database, connection: sqlite3.Connection, deliveries: Sequence[NewDelivery]
) -> list[int]:
    numbers = database.name_numbers.numbers(connection, {each.source for each in deliveries})
    named = [(numbers[each.source], each.dedupe) for each in deliveries]
    known = _delivered(connection, [name for name in named if name[1] is not None])
    next_id: int = connection.execute(_NEXT).fetchall()[0][0]
    now = database.clock.now()
    ids: list[int] = []
    rows: list[object] = []
    delivered: list[object] = []
    for delivery, name in zip(deliveries, named, strict=True):
        row_id = known.get(name)
        if row_id is None:
            row_id, next_id = next_id, next_id + 1
            rows += (row_id, name[0], now, delivery.headers, delivery.body)
            if name[1] is not None:
                known[name] = row_id
                delivered += (*name, row_id)
        ids.append(row_id)
    bulk.insert(connection, "INSERT INTO inbox(id, source_no, received, headers, body)", 5, rows)
    bulk.insert(connection, "INSERT INTO delivered(source_no, dedupe, inbox_id)", 3, delivered)
    return ids


def _delivered(
    connection: sqlite3.Connection, names: Sequence[tuple[int, str | None]]
) -> dict[tuple[int, str | None], int]:
    """Which vendor's delivery ids are known, and the rows that they got."""
    if not names:
        return {}
    rows = bulk.fetch(
        connection,
        "source_no, dedupe, inbox_id",
        "SELECT d.* FROM json_each(?) j CROSS JOIN delivered d"
        " ON d.source_no = j.value ->> 0 AND d.dedupe = j.value ->> 1",
        (bulk.as_json(names),),
    )
    return {(source_no, dedupe): row_id for source_no, dedupe, row_id in rows}


def _waiting(
    database: Database, source: str, after: int, limit: int, connection: sqlite3.Connection
) -> list[StoredDelivery]:
    rows = bulk.fetch(
        connection,
        _COLUMNS,
        "SELECT * FROM inbox WHERE source_no = ? AND id > ? ORDER BY id LIMIT ?",
        (database.names.number(connection, source), after, limit),
    )
    return [
        StoredDelivery(row_id, source, received, headers, bytes.fromhex(body))
        for row_id, received, headers, body in rows
    ]


class SqliteInbox:
    """The ``Inbox`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._accept = partial(_accept_calls, database)

    async def accept(self, deliveries: Sequence[NewDelivery]) -> Sequence[int]:
        """Store and sync; the ids in order."""
        return await self._database.write_together(
            self._accept, list(deliveries), weight=len(deliveries)
        )

    async def waiting(self, source: str, after: int, limit: int) -> Sequence[StoredDelivery]:
        """Unsettled deliveries of a source after an id, oldest first."""
        return await self._database.read(partial(_waiting, self._database, source, after, limit))
