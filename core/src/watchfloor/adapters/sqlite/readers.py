"""Reader threads, each with a connection of its own that cannot write."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from .connection import connect_reader, translate

T = TypeVar("T")

THREADS = 4
_STEPS_BETWEEN_LOOKS = 20_000
"""Steps of SQLite's machine (about a millisecond) after which a reading looks whether anybody
still waits for it."""


class Readers:
    """A small pool. Each reading sees one state of the database from start to end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="store-reader")
        self._under_way = 0
        self._nobody_reads = asyncio.Event()
        self._nobody_reads.set()

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` on a reader thread. Cancelling the caller ends a query under way."""
        unwanted = threading.Event()
        loop = asyncio.get_running_loop()
        self._under_way += 1
        self._nobody_reads.clear()
        try:
            return await loop.run_in_executor(self._pool, self._read, work, unwanted)
        except asyncio.CancelledError:
            unwanted.set()
            raise
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._nobody_reads.set()

    async def quiet(self, at_most_s: float) -> None:
        """Wait until nobody reads, or for so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(at_most_s):
                await self._nobody_reads.wait()

    def close(self) -> None:
        """Wait for readings under way and release the file. Blocks."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        for connection in self._open:
            connection.close()
        self._open.clear()

    def _read(self, work: Callable[[sqlite3.Connection], T], unwanted: threading.Event) -> T:
        try:
            connection = self._connection()
            connection.set_progress_handler(unwanted.is_set, _STEPS_BETWEEN_LOOKS)
            connection.execute("BEGIN")
            try:
                return work(connection)
            finally:
                connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise translate(error) from error

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = connect_reader(self._path)
            self._open.append(connection)
        return connection
