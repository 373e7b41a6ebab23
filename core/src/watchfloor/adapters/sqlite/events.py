"""Rows of the ``event`` table as the ports' ``RecordedEvent``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from watchfloor.contracts import NotFound
from watchfloor.ports.store import RecordedEvent, Seq

from .dictionary import Names

COLUMNS = (
    "e.seq, e.source_no, e.id, e.type_no, e.subject, e.time, e.observed, e.recorded,"
    " e.lon, e.lat, e.handling_no, e.body"
)
"""What ``recorded`` reads, of table ``e``."""


def recorded(
    connection: sqlite3.Connection, names: Names, rows: Iterable[tuple[Any, ...]]
) -> list[RecordedEvent]:
    """Events from rows of ``COLUMNS``."""
    return [
        RecordedEvent(
            seq,
            names.name(connection, source_no),
            identity,
            names.name(connection, type_no),
            subject,
            time,
            observed,
            recorded_at,
            None if lon is None else (lon, lat),
            names.name(connection, handling_no),
            body,
        )
        for (
            seq, source_no, identity, type_no, subject, time, observed, recorded_at,
            lon, lat, handling_no, body,
        ) in rows
    ]  # fmt: skip


def one(connection: sqlite3.Connection, names: Names, seq: Seq) -> RecordedEvent:
    """One event. Raises ``NotFound``."""
    rows = connection.execute(f"SELECT {COLUMNS} FROM event e WHERE seq = ?", (seq,)).fetchall()
    if not rows:
        raise NotFound(f"There is no event {seq}.")
    return recorded(connection, names, rows)[0]
