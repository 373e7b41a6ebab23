"""The desk's one file, and what its rows are."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

SiteKind = Literal["residence", "business"]
LooksAt = Literal["street", "entrance", "driveway", "parking", "yard"]
Level = Literal["request", "listed"]
"""What an owner can agree to here, in the contract's words: may be asked for footage, or place
only. Live pictures need an agreement with the agency, and a form is none."""

State = Literal["waiting", "will_help", "declined", "taken_back", "undeliverable", "owner_gone"]

R = TypeVar("R", bound=Struct)


class Entry(Struct, kw_only=True, frozen=True):
    """What the form says. ``heading_deg`` is from true north; none where the camera turns."""

    name: str
    email: str
    site_kind: SiteKind
    address: str
    latitude: float
    longitude: float
    looks_at: LooksAt
    heading_deg: float | None
    kept_days: int | None
    level: Level


class Registration(Entry, kw_only=True, frozen=True):
    """One camera with its owner. Not on the list before it is ``confirmed``."""

    id: str
    text_version: str
    given: int
    confirmed: int | None


class FootageRequest(Struct, kw_only=True, frozen=True):
    """One request for footage, as the hub made it."""

    reference: str
    camera: str
    requested_by: str
    case_number: str
    reason: str
    window_start: int
    window_end: int
    state: State
    asked: int
    sent: int | None
    answered: int | None


class Letter(Struct, kw_only=True, frozen=True):
    """A letter that has not left yet."""

    id: int
    recipient: str
    subject: str
    body: str
    made: int
    tries: int


class Change:
    """One transaction, and when it is made: seconds since 1970."""

    def __init__(self, db: sqlite3.Connection, now: int) -> None:
        self.now = now
        self._db = db

    def do(self, sql: str, **values: Any) -> int:
        """How many rows it changed."""
        return self._db.execute(sql, values).rowcount

    def add(self, table: str, **values: Any) -> bool:
        """A new row; whether it was new."""
        names = ", ".join(values)
        places = ", ".join(f":{name}" for name in values)
        sql = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - constants
        return self.do(sql, **values) == 1

    def rows(self, kind: type[R], sql: str, **values: Any) -> list[R]:
        """What it finds; columns that the kind does not have are left out."""
        found = self._db.execute(sql, values).fetchall()
        return [msgspec.convert(dict(row), kind) for row in found]

    def row(self, kind: type[R], sql: str, **values: Any) -> R | None:
        """The first that it finds."""
        return next(iter(self.rows(kind, sql, **values)), None)

    def count(self, sql: str, **values: Any) -> int:
        """The number that it asks for."""
        return int(self._db.execute(sql, values).fetchone()[0])


class Book:
    """The file. A change is on the disk when it is made; what is deleted is overwritten there.

    Blocking, and for any thread.
    """

    def __init__(
        self, path: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._clock = clock
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        for pragma in ("journal_mode=DELETE", "synchronous=EXTRA", "secure_delete=ON",
                       "foreign_keys=ON"):  # fmt: skip
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(resources.files(__package__).joinpath("schema.sql").read_text())

    @contextmanager
    def change(self) -> Iterator[Change]:
        """All of it or nothing."""
        with self._lock, self._db:  # which commits, or rolls back
            self._db.execute("BEGIN IMMEDIATE")
            yield Change(self._db, seconds(self._clock()))

    def close(self) -> None:
        """No more."""
        with self._lock:
            self._db.close()


def seconds(moment: datetime) -> int:
    """As the file has it."""
    return int(moment.timestamp())
