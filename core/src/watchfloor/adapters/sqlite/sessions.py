"""Sessions, tokens of services, break-glass accounts and handles at rest."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from watchfloor.ports.store import KeptSession, KnownHandle, LocalAccount, Micros, ServiceToken

from .connection import connect_writer
from .database import Database
from .rows import Table

_SESSIONS = Table(KeptSession, "session")
_TOKENS = Table(ServiceToken, "service_token")
_ACCOUNTS = Table(LocalAccount, "local_account")
_HANDLES = Table(KnownHandle, "known_handle")


_CLOSING = {
    "session": "DELETE FROM session",
    "service_token": "UPDATE service_token SET revoked = :now, revoked_by = :by"
                     " WHERE revoked IS NULL",
    "local_account": "UPDATE local_account SET removed = :now WHERE removed IS NULL",
}  # fmt: skip


def close_ways_in(path: Path, now: Micros, by: str) -> None:
    """Of a database that no hub runs on: nobody is signed in, no token and no account opens
    anything. Raises ``sqlite3.Error``."""
    with closing(connect_writer(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
        connection.execute("BEGIN IMMEDIATE")
        for table in _CLOSING.keys() & tables:  # an old database gets the others later, empty
            connection.execute(_CLOSING[table], {"now": now, "by": by})
        connection.execute("COMMIT")


class SqliteSessions:
    """The ``SessionBook`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[KeptSession]:
        """Every one."""
        return await self._database.read(_SESSIONS.select)

    async def write(self, kept: Sequence[KeptSession], ended: Sequence[str]) -> None:
        """In one transaction."""

        def work(connection: sqlite3.Connection) -> None:
            for session in kept:
                _SESSIONS.put(connection, session)
            for each in ended:
                _SESSIONS.remove(connection, each)

        await self._database.write(work)


class SqliteTokens:
    """The ``TokenBook`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[ServiceToken]:
        """Every one, newest first."""
        return await self._database.read(lambda c: _TOKENS.select(c, "ORDER BY made DESC, id"))

    async def put(self, token: ServiceToken) -> None:
        """A new one, or what became of it."""
        await self._database.write(lambda c: _TOKENS.put(c, token))


class SqliteLocalAccounts:
    """The ``LocalAccounts`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[LocalAccount]:
        """Every one, newest first."""
        return await self._database.read(lambda c: _ACCOUNTS.select(c, "ORDER BY made DESC, id"))

    async def put(self, account: LocalAccount) -> None:
        """A new one, or what became of it."""
        await self._database.write(lambda c: _ACCOUNTS.put(c, account))


class SqliteHandles:
    """The ``HandleBook`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[KnownHandle]:
        """Every one."""
        return await self._database.read(_HANDLES.select)

    async def put(self, handle: KnownHandle) -> None:
        """A new one, or whose it is now."""
        await self._database.write(lambda c: _HANDLES.put(c, handle))
