"""What all parts of the store share: the writer, the readers, the dictionaries, the clock."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar

from watchfloor.ports.world import Clock

from . import key_list, keys
from .checkpoints import CheckpointKeeper
from .connection import connect_writer
from .dictionary import Dictionary, Names
from .fresh_keys import FreshKeys
from .graves import Graves
from .readers import Readers
from .writer import Joint, Writer

T = TypeVar("T")
Item = TypeVar("Item")


class Database:
    """One file, open. Made by ``SqliteStore``, used by its parts."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self.clock = clock
        self.names = Names()
        self.name_numbers = Dictionary("name", remember=100_000)
        self.fresh_keys = FreshKeys()
        self.graves = Graves()
        self._keeper = CheckpointKeeper(partial(connect_writer, path))
        self._writer = Writer(partial(connect_writer, path), self._settled, self.chores)
        self._readers = Readers(path)

    def start(self) -> None:
        """Begin to write and read. Blocks while connecting."""
        with closing(connect_writer(self.path)) as connection:
            keys.remember(connection, self.name_numbers, self.fresh_keys)
            self.graves.remember(connection)
        self._writer.start()
        self._keeper.start()

    def close(self) -> None:
        """Finish what waits and release the file. Blocks."""
        self._readers.close()
        self._keeper.close()
        self._writer.close()

    async def write(self, work: Callable[[sqlite3.Connection], T], weight: int = 1) -> T:
        """In one transaction with whatever else waits; answers when that is synced."""
        return await self._writer.write(work, weight)

    async def write_together(self, work: Joint[Item, T], item: Item, weight: int = 1) -> T:
        """The same; neighbours of equal ``work`` are done in one go."""
        return await self._writer.write_together(work, item, weight)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """On a reader thread, in one snapshot."""
        return await self._readers.read(work)

    async def quiet(self, at_most_s: float) -> None:
        """Wait until nobody reads, or for so long."""
        await self._readers.quiet(at_most_s)

    def chores(self, connection: sqlite3.Connection, idle: bool) -> bool:
        """A step of filing and listing keys, on the writer's thread; whether there was one."""
        return self.fresh_keys.file_some(connection, urgent=not idle) or key_list.list_some(
            connection, urgent=not idle
        )

    def _settled(self, stands: bool, rows: int) -> None:
        self.name_numbers.settle(stands)
        self.fresh_keys.settle(stands)
        if stands:
            self._keeper.written(rows)
