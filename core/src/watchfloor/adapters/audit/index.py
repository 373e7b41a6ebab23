"""Finds audit records by operator, case, subject ...: a small database beside the log.

SQLite and not memory: a year of records is millions, a restart must not read them all, and a page
of the newest that fit is one index scan. It holds no values about persons (keyed hashes only), and
is made again from the log when it is lost.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from watchfloor.adapters.sqlite.connection import translate
from watchfloor.ports.audit import Indexed, Where

_KEYS = ("operator", "event", "outcome", "purpose", "case", "request", "subject")
_COLUMNS = ", ".join(f'"{name}"' for name in _KEYS)
_PLACE = 'idx, at, segment, "offset", length'
_MAKE = [
    f"CREATE TABLE IF NOT EXISTS records (idx INTEGER PRIMARY KEY, at TEXT NOT NULL, "
    f'segment INTEGER NOT NULL, "offset" INTEGER NOT NULL, length INTEGER NOT NULL, {_COLUMNS})',
    "CREATE INDEX IF NOT EXISTS by_at ON records (at)",
    *(
        f'CREATE INDEX IF NOT EXISTS by_{name} ON records ("{name}") WHERE "{name}" IS NOT NULL'
        for name in _KEYS
    ),
]
_ADD = f"INSERT INTO records VALUES ({', '.join('?' * (5 + len(_KEYS)))})"  # noqa: S608 - constants
_LAST = f"SELECT {_PLACE} FROM records ORDER BY idx DESC LIMIT 1"  # noqa: S608 - the same
_FIND = f"SELECT {_PLACE}, {_COLUMNS} FROM records"  # noqa: S608 - the same


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error) from error


class SqliteIndex:
    """For one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None

    def open(self) -> None:
        """Made where there is none, or none that can be read. Raises ``AskAPerson`` where none can
        be made (``disk_full``, ``disk_error``)."""
        try:
            self._connect()
        except sqlite3.DatabaseError:
            self.clear()

    def _connect(self) -> None:
        self._database = sqlite3.connect(self._path, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        with self._database:
            for statement in _MAKE:
                self._database.execute(statement)

    def end(self) -> tuple[int, int, int]:
        """The next record: its index, and where it begins."""
        last = self._rows(_LAST)
        if not last:
            return 0, 0, 0
        [(index, _, segment, offset, length)] = last
        return index + 1, segment, offset + length + 1

    def add(self, rows: Sequence[Indexed]) -> None:
        """All or none."""
        with _translated(), self._connection:
            self._connection.executemany(
                _ADD,
                [
                    (each.index, each.at, each.segment, each.offset, each.length, *each.keys)
                    for each in rows
                ],
            )

    def find(self, where: Where, before: int | None, limit: int) -> list[Indexed]:
        """Newest first."""
        parts, values = self._conditions(where, before)
        text = f" WHERE {' AND '.join(parts)}" if parts else ""
        rows = self._rows(f"{_FIND}{text} ORDER BY idx DESC LIMIT ?", *values, limit)
        return [
            Indexed(index, at, segment, offset, length, tuple(keys))
            for index, at, segment, offset, length, *keys in rows
        ]

    def clear(self) -> None:
        """Throw the file away."""
        self.close()
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        with _translated():
            self._connect()

    def close(self) -> None:
        """No more."""
        if self._database is not None:
            with suppress(sqlite3.DatabaseError):
                self._database.close()
            self._database = None

    def _conditions(
        self, where: Where, before: int | None
    ) -> tuple[list[str], list[str | int | None]]:
        """Times become bounds of the index: records stand in the order of their times."""
        asked = [(name, getattr(where, name)) for name in _KEYS]
        parts = [f'"{name}" = ?' for name, value in asked if value is not None]
        values: list[str | int | None] = [value for _, value in asked if value is not None]
        for part, bound in (
            ("idx >= ?", self._first(where.since)),
            ("idx < ?", self._first(where.until)),
            ("idx < ?", before),
        ):
            if bound is not None:
                parts.append(part)
                values.append(bound)
        return parts, values

    def _first(self, at: str | None) -> int | None:
        """The first record of that time or later."""
        if at is None:
            return None
        [(found,)] = self._rows(
            "SELECT coalesce((SELECT idx FROM records WHERE at >= ? ORDER BY at, idx LIMIT 1), "
            "(SELECT max(idx) + 1 FROM records), 0)",
            at,
        )
        return int(found)

    def _rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with _translated():
            return self._connection.execute(statement, values).fetchall()

    @property
    def _connection(self) -> sqlite3.Connection:
        assert self._database is not None
        return self._database
