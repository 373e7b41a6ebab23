"""The agency's configured connectors."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from watchfloor.contracts import NotFound
from watchfloor.ports.store import Instance

from .database import Database
from .rows import INSTANCES


def _get(connection: sqlite3.Connection, id: str) -> Instance:
    found = INSTANCES.select(connection, "WHERE id = ?", (id,))
    if not found:
        raise NotFound(f"There is no source {id}.")
    return found[0]


class SqliteInstances:
    """The ``Instances`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[Instance]:
        """By id."""
        return await self._database.read(lambda c: INSTANCES.select(c))

    async def get(self, id: str) -> Instance:
        """Raises ``NotFound``."""
        return await self._database.read(lambda c: _get(c, id))

    async def put(self, instance: Instance) -> None:
        """Add, or write over."""
        await self._database.write(lambda c: INSTANCES.put(c, instance))

    async def remove(self, id: str) -> None:
        """Forget the configuration; what the source delivered stays."""
        await self._database.write(lambda c: INSTANCES.remove(c, id))
