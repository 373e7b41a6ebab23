"""Holds, and the question whether a record is under one; the schedule with its versions."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import msgspec

from watchfloor.contracts import NotFound, Refused
from watchfloor.ports.store import Hold, Micros, ScheduleVersion
from watchfloor.retention import Held, covered

from .connection import connect_reader, translate
from .database import Database
from .rows import Table

HOLDS = Table(Hold, "hold", packed=["what", "extensions"])
_IN_FORCE = "SELECT what FROM hold WHERE released IS NULL AND expires > ?"


def in_force(connection: sqlite3.Connection, now: Micros) -> Held:
    """All holds as of now: read within the transaction that deletes."""
    rows = connection.execute(_IN_FORCE, (now,)).fetchall()
    return Held(covered(msgspec.json.decode(what)) for (what,) in rows)


def _get(id: str, connection: sqlite3.Connection) -> Hold:
    found = HOLDS.select(connection, "WHERE id = ?", (id,))
    if not found:
        raise NotFound(f"There is no hold {id!r}.", code="no_such_hold")
    return found[0]


class SqliteHolds:
    """The ``Holds`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, hold: Hold) -> None:
        """Add, or write over."""
        await self._database.write(lambda c: HOLDS.put(c, hold))

    async def get(self, id: str) -> Hold:
        """Raises ``NotFound``."""
        return await self._database.read(partial(_get, id))

    async def all(self) -> Sequence[Hold]:
        """By when they were made."""
        return await self._database.read(lambda c: HOLDS.select(c, "ORDER BY made, id"))


_COLUMNS = "version, document, proposed, proposed_by, proposer, approved, approved_by, approver"


def _propose(version: ScheduleVersion, connection: sqlite3.Connection) -> int:
    cursor = connection.execute(
        "INSERT INTO retention_schedule(document, proposed, proposed_by, proposer)"
        " VALUES (?, ?, ?, ?)",
        (version.document, version.proposed, version.proposed_by, version.proposer),
    )
    return int(cursor.lastrowid or 0)


def _approve(
    version: int, at: Micros, by: str, approver: str, connection: sqlite3.Connection
) -> None:
    approved = connection.execute(
        "UPDATE retention_schedule SET approved = ?, approved_by = ?, approver = ?"
        " WHERE version = ? AND approved IS NULL AND version > ("
        "SELECT coalesce(max(version), 0) FROM retention_schedule WHERE approved IS NOT NULL)",
        (at, by, approver, version),
    )
    if not approved.rowcount:
        raise Refused(
            f"Version {version} of the retention schedule is not waiting for approval.",
            code="not_waiting",
            remedy="Look at what is proposed now; a newer one may be in force already.",
        )


def _versions(connection: sqlite3.Connection) -> list[ScheduleVersion]:
    rows = connection.execute(f"SELECT {_COLUMNS} FROM retention_schedule ORDER BY version DESC")
    return [ScheduleVersion(*row) for row in rows.fetchall()]


def schedules_in(path: Path) -> list[ScheduleVersion]:
    """All schedules in a database, newest first, while a hub may write to it. Raises ``AskAPerson``
    and ``RetryLater`` where it cannot be read."""
    try:
        with closing(connect_reader(path)) as connection:
            return _versions(connection)
    except sqlite3.Error as error:
        raise translate(error) from error


class SqliteSchedules:
    """The ``Schedules`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def propose(self, version: ScheduleVersion) -> int:
        """Add; its number."""
        return await self._database.write(partial(_propose, version))

    async def approve(self, version: int, at: Micros, by: str, approver: str) -> None:
        """Put in force, once. Raises ``Refused`` (code ``not_waiting``)."""
        await self._database.write(partial(_approve, version, at, by, approver))

    async def all(self) -> Sequence[ScheduleVersion]:
        """Newest first."""
        return await self._database.read(_versions)
