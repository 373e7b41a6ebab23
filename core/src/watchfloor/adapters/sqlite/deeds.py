"""What was done outside, each at most once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence

from watchfloor.contracts import NotFound
from watchfloor.ports.store import Deed

from .database import Database
from .rows import DEEDS


def _known(connection: sqlite3.Connection, id: str) -> Deed | None:
    found = DEEDS.select(connection, "WHERE id = ?", (id,))
    return found[0] if found else None


def _begin(connection: sqlite3.Connection, deed: Deed) -> Deed | None:
    known = _known(connection, deed.id)
    if known is None:
        DEEDS.put(connection, deed)
    return known


def _get(connection: sqlite3.Connection, id: str) -> Deed:
    known = _known(connection, id)
    if known is None:
        raise NotFound(f"There is no deed {id!r}.", code="no_such_deed")
    return known


def _recent(
    connection: sqlite3.Connection, limit: int, sources: Collection[str] | None, person: str | None
) -> Sequence[Deed]:
    named = None if sources is None else json.dumps(sorted(sources))
    return DEEDS.select(
        connection,
        "WHERE (? IS NULL OR source IN (SELECT value FROM json_each(?)))"
        " AND (? IS NULL OR person = ?) ORDER BY asked DESC, id LIMIT ?",
        (named, named, person, person, limit),
    )


class SqliteDeeds:
    """The ``Deeds`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, deed: Deed) -> Deed | None:
        """Under way, unless its key is known."""
        return await self._database.write(lambda c: _begin(c, deed))

    async def settle(self, deed: Deed) -> None:
        """Note what became of it."""
        await self._database.write(lambda c: DEEDS.put(c, deed))

    async def forget(self, id: str) -> None:
        """The key is free again."""
        await self._database.write(lambda c: DEEDS.remove(c, id))

    async def get(self, id: str) -> Deed:
        """Raises ``NotFound``."""
        return await self._database.read(lambda c: _get(c, id))

    async def under_way(self) -> Sequence[Deed]:
        """Those whose outcome is not known."""
        return await self._database.read(lambda c: DEEDS.select(c, "WHERE outcome IS NULL"))

    async def recent(
        self, limit: int, sources: Collection[str] | None = None, person: str | None = None
    ) -> Sequence[Deed]:
        """Newest first."""
        return await self._database.read(lambda c: _recent(c, limit, sources, person))
