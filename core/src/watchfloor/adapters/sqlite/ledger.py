"""Small facts that must be provable later."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from .database import Database


def _notes(kind: str, limit: int, connection: sqlite3.Connection) -> list[dict[str, Any]]:
    rows = connection.execute(
        "SELECT at, who, what FROM note WHERE kind = ? ORDER BY id DESC LIMIT ?", (kind, limit)
    )
    return [{"at": at, "who": who, "what": msgspec.json.decode(what)} for at, who, what in rows]


def _last(kind: str, who: str, name: str, connection: sqlite3.Connection) -> dict[str, Any] | None:
    row = connection.execute(
        "SELECT at, what FROM note WHERE kind = ? AND who = ?"
        " AND json_extract(what, '$.name') = ? ORDER BY id DESC LIMIT 1",
        (kind, who, name),
    ).fetchone()
    return {"at": row[0], "who": who, "what": msgspec.json.decode(row[1])} if row else None


class SqliteLedger:
    """The ``Ledger`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, kind: str, who: str, what: dict[str, Any]) -> None:
        """Write down that ``who`` did ``what``, now."""
        values = (kind, who, self._database.clock.now(), msgspec.json.encode(what).decode())
        await self._database.write(
            lambda c: (
                c.execute(
                    "INSERT INTO note(kind, who, at, what) VALUES (?, ?, ?, ?)", values
                ).rowcount
            )
        )

    async def notes(self, kind: str, limit: int) -> Sequence[dict[str, Any]]:
        """Newest first: ``{"at": µs, "who": name, "what": {…}}``."""
        return await self._database.read(partial(_notes, kind, limit))

    async def last(self, kind: str, who: str, name: str) -> dict[str, Any] | None:
        """The newest of somebody's notes of a kind whose ``what`` has this ``name``."""
        return await self._database.read(partial(_last, kind, who, name))
