"""Sessions, tokens of services, break-glass accounts and handles at rest."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from watchfloor.ports.store import KeptSession, KnownHandle, LocalAccount, ServiceToken

from .database import Database
from .rows import Table

_SESSIONS = Table(KeptSession, "session")
_TOKENS = Table(ServiceToken, "service_token")
_ACCOUNTS = Table(LocalAccount, "local_account")
_HANDLES = Table(KnownHandle, "known_handle")


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
