"""Who had which credential in hand, and until when."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from watchfloor.ports.store import Lease, Micros

from .database import Database
from .rows import LEASES

REPLACED = "replaced"


def _lend(lease: Lease, now: Micros, connection: sqlite3.Connection) -> bool:
    holder = (lease.source, lease.name, lease.process)
    known = connection.execute(
        "UPDATE lease SET last = ?, times = times + 1 WHERE source = ? AND name = ?"
        " AND process = ? AND fingerprint = ? AND until IS NULL",
        (now, *holder, lease.fingerprint),
    )
    if known.rowcount:
        return False
    connection.execute(
        "UPDATE lease SET until = ?, ended = ?"
        " WHERE source = ? AND name = ? AND process = ? AND until IS NULL",
        (now, REPLACED, *holder),
    )
    LEASES.add(connection, replace(lease, since=now, last=now))
    return True


def _end(
    at: Micros,
    why: str,
    conditions: Sequence[tuple[str, object]],
    connection: sqlite3.Connection,
) -> int:
    where = "".join(f" AND {column} = ?" for column, _ in conditions)
    values = (at, why, *(value for _, value in conditions))
    return connection.execute(
        f"UPDATE lease SET until = ?, ended = ? WHERE until IS NULL{where}", values
    ).rowcount


def _find(
    limit: int,
    conditions: Sequence[tuple[str, object]],
    still_open: bool,
    connection: sqlite3.Connection,
) -> Sequence[Lease]:
    words = [f"{column} = ?" for column, _ in conditions]
    words += ["until IS NULL"] if still_open else []
    where = f"WHERE {' AND '.join(words)} " if words else ""
    values = (*(value for _, value in conditions), limit)
    return LEASES.select(connection, f"{where}ORDER BY id DESC LIMIT ?", values)


def _last_used(source: str, name: str, connection: sqlite3.Connection) -> Micros | None:
    found: tuple[Micros | None] = connection.execute(
        "SELECT max(last) FROM lease WHERE source = ? AND name = ?", (source, name)
    ).fetchone()
    return found[0]


def _given(**conditions: object) -> Sequence[tuple[str, object]]:
    return [(column, value) for column, value in conditions.items() if value is not None]


class SqliteLeases:
    """The ``LeaseBook`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lend(self, lease: Lease) -> bool:
        """Whether it is news."""
        return await self._database.write(partial(_lend, lease, self._database.clock.now()))

    async def end(self, why: str, *, source: str | None = None, process: int | None = None) -> int:
        """How many were open."""
        which = _given(source=source, process=process)
        return await self._database.write(partial(_end, self._database.clock.now(), why, which))

    async def find(
        self, limit: int, *, source: str | None = None, still_open: bool = False
    ) -> Sequence[Lease]:
        """The newest first."""
        which = _given(source=source)
        return await self._database.read(partial(_find, limit, which, still_open))

    async def last_used(self, source: str, name: str) -> Micros | None:
        """When it was asked for last."""
        return await self._database.read(partial(_last_used, source, name))
