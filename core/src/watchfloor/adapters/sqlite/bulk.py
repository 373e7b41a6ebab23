"""Many rows in few statements.

Python's ``executemany`` gives up the interpreter lock and takes it back for every row. Beside a
busy event loop each of these hand-overs can cost milliseconds, so rows go in by the hundred.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

_SIZES = (256, 64, 16, 4, 1)


@lru_cache(maxsize=256)
def _statement(into: str, width: int, rows: int) -> str:
    row = "(" + ",".join("?" * width) + ")"
    return f"{into} VALUES " + ",".join([row] * rows)


def insert(connection: sqlite3.Connection, into: str, width: int, values: Sequence[Any]) -> None:
    """Insert rows given as one flat sequence: ``width`` values a row. ``into`` is the statement
    up to ``VALUES``."""
    start = 0
    for size in _SIZES:
        step = size * width
        while len(values) - start >= step:
            connection.execute(_statement(into, width, size), values[start : start + step])
            start += step


def as_json(values: Iterable[Any]) -> str:
    """A list for SQLite's ``json_each``."""
    return msgspec.json.encode(list(values)).decode()
