"""What could not be accepted. Letters are filed with their batch, in its transaction."""

from __future__ import annotations

import builtins
import sqlite3
from collections.abc import Sequence
from functools import partial
from typing import Any

from watchfloor.contracts import NotFound
from watchfloor.ports.store import Batch, DeadLetter, Micros, NewDeadLetter

from .bulk import as_json
from .database import Database

_COLUMNS = "id, source, stage, raw, code, detail, connector, hub_version, received, attempts, state"
_SET_STATE = (
    "UPDATE dead_letter SET state = ? WHERE state = 'waiting'"
    " AND id IN (SELECT value FROM json_each(?))"
)


def file(connection: sqlite3.Connection, batch: Batch, now: Micros) -> None:
    """The letters of a batch, and those that it deals with."""
    for letter in batch.dead:
        if letter.id is None or not _again(connection, letter):
            _add(connection, letter, now)
    if batch.redriven:
        connection.execute(_SET_STATE, ("redriven", as_json(batch.redriven)))


def _again(connection: sqlite3.Connection, letter: NewDeadLetter) -> bool:
    cursor = connection.execute(
        "UPDATE dead_letter SET code = ?, detail = ?, connector = ?, hub_version = ?,"
        " attempts = attempts + 1, state = 'waiting' WHERE id = ?",
        (letter.code, letter.detail, letter.connector, letter.hub_version, letter.id),
    )
    return cursor.rowcount > 0


def _add(connection: sqlite3.Connection, letter: NewDeadLetter, now: Micros) -> None:
    connection.execute(
        "INSERT INTO dead_letter(source, stage, raw, code, detail, connector, hub_version,"
        " received, attempts, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, 'waiting')",
        (
            letter.source, letter.stage, letter.raw, letter.code, letter.detail,
            letter.connector, letter.hub_version, now,
        ),
    )  # fmt: skip


def _list(
    source: str | None,
    state: str,
    before: int | None,
    limit: int,
    connection: sqlite3.Connection,
) -> list[DeadLetter]:
    where, values = ["state = ?"], [state]
    parts: list[tuple[str, Any]] = [("source = ?", source), ("id < ?", before)]
    where += [part for part, value in parts if value is not None]
    values += [value for _, value in parts if value is not None]
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM dead_letter WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT ?",
        (*values, limit),
    )
    return [DeadLetter(*row) for row in rows]


def _get(id: int, connection: sqlite3.Connection) -> DeadLetter:
    row = connection.execute(f"SELECT {_COLUMNS} FROM dead_letter WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise NotFound(f"There is no dead letter {id}.")
    return DeadLetter(*row)


def _drop(ids: Sequence[int], connection: sqlite3.Connection) -> int:
    return connection.execute(_SET_STATE, ("dropped", as_json(ids))).rowcount


class SqliteDeadLetters:
    """The ``DeadLetters`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(
        self, source: str | None, state: str, before: int | None, limit: int
    ) -> Sequence[DeadLetter]:
        """Newest first."""
        return await self._database.read(partial(_list, source, state, before, limit))

    async def get(self, id: int) -> DeadLetter:
        """One letter. Raises ``NotFound``."""
        return await self._database.read(partial(_get, id))

    async def drop(self, ids: Sequence[int]) -> int:
        """Mark as dropped; how many were waiting."""
        return await self._database.write(partial(_drop, builtins.list(ids)))
