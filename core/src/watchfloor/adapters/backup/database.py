"""Copies of a SQLite database while others write to it, and whether a copy is sound."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from watchfloor.adapters.sqlite import sessions
from watchfloor.adapters.sqlite.connection import connect_reader, translate
from watchfloor.ports.store import Micros

from .manifest import Counts
from .sealing import damaged

MAGIC = b"SQLite format 3\0"
"""https://www.sqlite.org/fileformat2.html#magic_header_string"""

BESIDE = ("-wal", "-shm", "-journal")
"""Files that go with a database; a copy needs none."""

_PAGES = 4096
"""Copied between two looks at the progress: 16 MiB."""

_COUNTS = """
SELECT (SELECT version_num FROM alembic_version), (SELECT seq FROM head),
       (SELECT count(*) FROM event), (SELECT count(*) FROM dead_letter),
       (SELECT count(*) FROM alert)
"""


def is_database(path: Path) -> bool:
    """Raises ``OSError``."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def copy(path: Path, to: Path, step: Callable[[int], None] = lambda _: None) -> None:
    """A consistent copy of a database that is in use. ``step`` hears of bytes.

    The transaction is what makes it one: SQLite's online backup starts over whenever somebody
    writes, but a reader of a WAL sees one state as long as it reads, and stops nobody.
    """
    done = 0

    def progress(_status: int, remaining: int, total: int) -> None:
        nonlocal done
        now = (total - remaining) * page_size
        step(now - done)
        done = now

    try:
        with closing(connect_reader(path)) as source, closing(sqlite3.connect(to)) as target:
            (page_size,) = source.execute("PRAGMA page_size").fetchone()
            source.execute("BEGIN")
            source.execute("SELECT 1 FROM sqlite_schema").fetchone()
            source.backup(target, pages=_PAGES, progress=progress)
    except sqlite3.Error as error:
        raise translate(error) from error


def close_ways_in(path: Path, now: Micros) -> None:
    """What was signed out, revoked or removed after the backup is not known here any more, so that
    everything is."""
    try:
        sessions.close_ways_in(path, now, "restore")
    except sqlite3.Error as error:
        raise translate(error) from error


def counts(path: Path) -> Counts:
    """Of a hub's database."""
    try:
        with closing(connect_reader(path)) as connection:
            return Counts(*connection.execute(_COUNTS).fetchone())
    except sqlite3.Error as error:
        raise translate(error) from error


def check(path: Path) -> None:
    """Raises ``AskAPerson`` (``backup_damaged``) unless every page, index and constraint is right
    (``PRAGMA integrity_check``)."""
    try:
        with closing(connect_reader(path)) as connection:
            (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        raise translate(error) from error
    if said != "ok":
        raise damaged(f"the database {path.name} in it is not sound")
