"""What all parts of the store share: the writer, the readers, the dictionaries, the clock."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from watchfloor.ports.world import Clock

from .connection import connect_writer
from .dictionary import Dictionary, Names
from .readers import Readers
from .writer import Writer

T = TypeVar("T")


class Database:
    """One file, open. Made by ``SqliteStore``, used by its parts."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self.clock = clock
        self.names = Names()
        self.name_numbers = Dictionary("name", remember=100_000)
        self.key_numbers = Dictionary("key", remember=65_536)
        self._writer = Writer(partial(connect_writer, path), self._settled, self._chores)
        self._readers = Readers(path)

    def start(self) -> None:
        """Begin to write and read. Blocks while connecting."""
        self._writer.start()

    def close(self) -> None:
        """Finish what waits and release the file. Blocks."""
        self._readers.close()
        self._writer.close()

    async def write(self, work: Callable[[sqlite3.Connection], T], weight: int = 1) -> T:
        """In one transaction with whatever else waits; answers when that is synced."""
        return await self._writer.write(work, weight)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """On a reader thread, in one snapshot."""
        return await self._readers.read(work)

    def source_no(self, connection: sqlite3.Connection, source: str) -> int:
        """The number of a name, for readers; -1 when the database has never heard of it."""
        row = connection.execute("SELECT no FROM name WHERE name = ?", (source,)).fetchone()
        return row[0] if row else -1

    def _settled(self, stands: bool) -> None:
        self.name_numbers.settle(stands)
        self.key_numbers.settle(stands)

    def _chores(self, _connection: sqlite3.Connection) -> bool:
        return False
