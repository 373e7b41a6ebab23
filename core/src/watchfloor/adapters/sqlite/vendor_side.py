"""What vendors say of their own side: rows of their logs, and how they are set to share."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

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


def _put_sharing(connection: sqlite3.Connection, states: Sequence[SharingState]) -> None:
    for state in states:
        _SHARING.put(connection, state)


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
        rest = "WHERE source = coalesce(?, source) ORDER BY source, name"
        return await self._database.read(lambda c: _SHARING.select(c, rest, (source,)))

    async def put_sharing(self, states: Sequence[SharingState]) -> None:
        """Over those of the same ids."""
        await self._database.write(lambda c: _put_sharing(c, states))
