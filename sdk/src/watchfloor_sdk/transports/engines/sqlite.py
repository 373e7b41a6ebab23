"""SQLite: a file, which other programs may be writing."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from watchfloor.contracts import Refused, RetryLater, WatchfloorError

from .engine import Answer, Engine, Session, Where, bad_statement, cut_short

_READING = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)


class Sqlite(Engine):
    """A file; other programs may be writing it."""

    def open(self, where: Where) -> Session:
        """Read only, in three ways: the file, the session, each action of a statement."""
        connection = sqlite3.connect(
            f"file:{quote(where.path)}?mode=ro", uri=True, timeout=5.0, check_same_thread=False
        )
        connection.execute("PRAGMA query_only = ON")
        connection.set_authorizer(
            lambda action, *_: sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY
        )
        return _Session(connection, where.deadline_s)

    def judged(self, error: Exception) -> WatchfloorError | None:
        """By the result code (sqlite.org/rescode.html)."""
        if not isinstance(error, sqlite3.Error):
            return None
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_INTERRUPT:
            return cut_short()
        if code == sqlite3.SQLITE_CANTOPEN:
            return RetryLater("The database file is not there.", code="no_replica",
                              remedy="If it stays so: check the path in the settings.")  # fmt: skip
        if code == sqlite3.SQLITE_AUTH:
            return Refused("The statement does more than read.", code="not_a_select")
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return RetryLater("The database is being written.", code="vendor_unavailable")
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR):
            return RetryLater("The database file is half there.", code="half_answer")
        return bad_statement()


class _Session:
    def __init__(self, connection: sqlite3.Connection, deadline_s: float) -> None:
        self._connection = connection
        self._deadline_s = deadline_s

    def run(self, statement: str, values: Mapping[str, Any]) -> Answer:
        until = time.monotonic() + self._deadline_s
        self._connection.set_progress_handler(lambda: time.monotonic() > until, 10_000)
        cursor = self._connection.execute(statement, dict(values))
        return [one[0] for one in cursor.description], cursor.fetchall()

    def stop(self) -> None:
        self._connection.interrupt()

    def close(self) -> None:
        self._connection.close()
