"""Many rows in few steps.

Python's ``sqlite3`` gives up the interpreter lock and takes it back for every row that
``executemany`` writes or a cursor reads. Beside a busy event loop each of these hand-overs can cost
milliseconds: measured with a spinning thread, 1,000-row batches took up to 1.6 s by ``executemany``
and 0.04 s by one statement of many rows; 50 rows took up to 0.3 s to read one by one and 0.03 s
as one JSON document. So rows go in by the hundred and come out as one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

_SIZES = tuple(1 << power for power in range(9, -1, -1))
"""Rows a statement: few sizes, so that each is prepared once, and few statements for any number.
512 rows of the widest table stay under SQLite's default limit of 32,766 parameters."""


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


def fetch(
    connection: sqlite3.Connection, columns: str, query: str, values: Sequence[object] = ()
) -> list[list[Any]]:
    """Rows of ``SELECT *`` from a query, ``columns`` of each, as JSON has them: no bytes, and
    fractions only as text."""
    document = connection.execute(
        f"SELECT json_group_array(json_array({columns})) FROM ({query})", values
    ).fetchone()[0]
    rows: list[list[Any]] = msgspec.json.decode(document)
    return rows


def as_json(values: Iterable[Any]) -> str:
    """A list for SQLite's ``json_each``."""
    return msgspec.json.encode(list(values)).decode()
