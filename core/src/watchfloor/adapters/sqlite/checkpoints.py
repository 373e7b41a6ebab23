"""The keeper of the WAL: copies it into the database beside the writer, so that no commit has to.

A checkpoint of some thousand pages takes as long as hundreds of commits. Done by the writer it
would stand in the way of every caller; done here it takes turns with them at the disk only.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable

EVERY = 4_000
"""Rows written, about, between checkpoints: some twenty megabytes of WAL."""


class CheckpointKeeper:
    """A thread with a connection of its own."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._rows = 0
        self._due = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="store-keeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Finish the checkpoint under way. Blocks."""
        self._closing = True
        self._due.set()
        if self._thread.ident is not None:
            self._thread.join()

    def written(self, rows: int) -> None:
        """The writer says how much it wrote. Called on its thread."""
        self._rows += rows
        if self._rows >= EVERY:
            self._rows = 0
            self._due.set()

    def _run(self) -> None:
        with contextlib.closing(self._connect()) as connection:
            while self._due.wait() and not self._closing:
                self._due.clear()
                # A full disk or a busy file stops this one; the WAL keeps what is not copied, and
                # the writer's own checkpoint is behind us.
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
