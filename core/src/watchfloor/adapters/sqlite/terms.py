"""Until when credentials serve."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial

from watchfloor.ports.store import Term

from .database import Database
from .rows import TERMS


def _get(owner: str, name: str, connection: sqlite3.Connection) -> Term:
    found = TERMS.select(connection, "WHERE owner = ? AND name = ?", (owner, name))
    return found[0] if found else Term(owner, name)


def _remove(owner: str, connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM credential_term WHERE owner = ?", (owner,))


class SqliteTerms:
    """The ``Terms`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[Term]:
        """By owner and name."""
        return await self._database.read(lambda c: TERMS.select(c, "ORDER BY owner, name"))

    async def get(self, owner: str, name: str) -> Term:
        """One that was never written down says nothing."""
        return await self._database.read(partial(_get, owner, name))

    async def put(self, term: Term) -> None:
        """Over the one before."""
        await self._database.write(lambda c: TERMS.put(c, term))

    async def remove(self, owner: str) -> None:
        """Those of an owner."""
        await self._database.write(partial(_remove, owner))
