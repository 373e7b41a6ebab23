"""What vendors say of their own side: rows of their logs, and how they are set to share."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from watchfloor.ports.store import KeptLog, KeptLook, Micros, SharingState

from .database import Database
from .rows import Table

_LOOKS = Table(KeptLook, "vendor_look", packed=["says", "sealed"])
_LOGS = Table(KeptLog, "vendor_log", packed=["fields"])
_SHARING = Table(SharingState, "sharing_setting")


def _keep(connection: sqlite3.Connection, looks: Sequence[KeptLook], log: KeptLog) -> int:
    query = "SELECT 1 FROM vendor_look WHERE id = ?"
    new = {look.id: look for look in looks if not connection.execute(query, (look.id,)).fetchone()}
    for look in new.values():
        _LOOKS.put(connection, look)
    count = "SELECT count(*) FROM vendor_look WHERE source = ?"
    rows = connection.execute(count, (log.id,)).fetchone()[0]
    _LOGS.put(connection, replace(log, rows=rows))
    return len(new)


def _sharing(source: str | None, connection: sqlite3.Connection) -> list[SharingState]:
    rest = "WHERE source = coalesce(?, source) ORDER BY source, name"
    return _SHARING.select(connection, rest, (source,))


def _change_sharing(
    source: str,
    change: Callable[[Sequence[SharingState]], Sequence[SharingState]],
    connection: sqlite3.Connection,
) -> Sequence[SharingState]:
    states = change(_sharing(source, connection))
    for state in states:
        _SHARING.put(connection, state)
    return states


class SqliteVendorSide:
    """The ``VendorSide`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, looks: Sequence[KeptLook], log: KeptLog) -> int:
        """New rows and how the log stands, in one step. A row that is there stays as it came."""
        return await self._database.write(lambda c: _keep(c, looks, log))

    async def looks(self, source: str, since: Micros, until: Micros) -> Sequence[KeptLook]:
        """Rows of a time, oldest first."""
        rest, values = (
            "WHERE source = ? AND at >= ? AND at < ? ORDER BY at, id",
            (source, since, until),
        )
        return await self._database.read(lambda c: _LOOKS.select(c, rest, values))

    async def logs(self) -> Sequence[KeptLog]:
        """How each source's log stands."""
        return await self._database.read(lambda c: _LOGS.select(c))

    async def sharing(self, source: str | None = None) -> Sequence[SharingState]:
        """Settings, by source and name."""
        return await self._database.read(partial(_sharing, source))

    async def change_sharing(
        self, source: str, change: Callable[[Sequence[SharingState]], Sequence[SharingState]]
    ) -> Sequence[SharingState]:
        """Put what ``change`` makes of a source's settings over those of the same ids."""
        return await self._database.write(partial(_change_sharing, source, change))
