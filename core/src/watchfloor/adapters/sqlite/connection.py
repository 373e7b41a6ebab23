"""Connections and what their errors mean.

``synchronous=FULL`` is not a setting: an acknowledgement that may be lost is not one.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from watchfloor.contracts import AskAPerson, RetryLater, WatchfloorError

AUTOCHECKPOINT = 20_000
"""Pages (of 4 KiB) in the WAL at which the writer itself copies them into the database. The
keeper (``checkpoints.py``) does that beside the writer long before; this is the backstop."""

_BUSY_MS = 5_000
_WRITER = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA wal_autocheckpoint = {AUTOCHECKPOINT};
PRAGMA foreign_keys = ON;
PRAGMA secure_delete = FAST;
PRAGMA cache_size = -65536;
PRAGMA temp_store = MEMORY;
PRAGMA journal_size_limit = 134217728;
"""
_READER = """
PRAGMA query_only = ON;
PRAGMA cache_size = -16384;
PRAGMA temp_store = MEMORY;
"""


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        path,
        timeout=_BUSY_MS / 1000,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
    )


def connect_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes. Transactions are begun and ended by hand."""
    connection = _connect(path)
    connection.executescript(_WRITER)
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, for one reader thread."""
    connection = _connect(path)
    connection.executescript(_READER)
    return connection


def translate(error: sqlite3.Error) -> WatchfloorError:
    """What an error of SQLite means for the caller. Its own text may hold data: it is left out."""
    name = getattr(error, "sqlite_errorname", None) or type(error).__name__
    family = "_".join(name.split("_")[:2])
    if name == "SQLITE_IOERR_SHMSIZE":  # no room for the WAL's index when a database is opened
        family = "SQLITE_FULL"
    match family:
        case "SQLITE_BUSY" | "SQLITE_LOCKED" | "SQLITE_INTERRUPT":
            return RetryLater(f"The database is busy ({name}).", code="store_busy", retry_after=1)
        case "SQLITE_FULL":
            return AskAPerson(
                "The disk that holds the data directory is full; nothing is accepted.",
                code="disk_full",
                remedy=(
                    "Free space or move the data directory. A hub that runs goes on by itself; one"
                    " that did not start is started again."
                ),
            )
        case "SQLITE_IOERR" | "SQLITE_CANTOPEN" | "SQLITE_READONLY" | "SQLITE_PERM":
            return AskAPerson(
                f"The database files cannot be read or written ({name}).",
                code="disk_error",
                remedy="Check the disk, the mount and the owner of the data directory.",
            )
        case "SQLITE_CORRUPT" | "SQLITE_NOTADB":
            return AskAPerson(
                f"The database file is damaged ({name}).",
                code="store_damaged",
                remedy="Stop the hub, keep the files, and restore the newest backup.",
            )
    return WatchfloorError(f"The database refused a statement ({name}).", code="store_error")
