"""A data directory that changes while it is backed up, and the time of day of that."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from watchfloor.contracts import micros

NOON = micros("2026-05-02T12:00:00Z")


def written(place, rows):
    """Dead letters, committed by a connection of its own."""
    with closing(sqlite3.connect(place.data_dir / "hub.sqlite", timeout=10)) as connection:
        connection.executemany(
            "INSERT INTO dead_letter (source, stage, raw, code, detail, connector, hub_version,"
            " received, attempts, state) VALUES ('push', 'event', ?, 'x', 'y', 'push', '0', 0, 0,"
            " 'waiting')",
            [(row,) for row in rows],
        )
        connection.commit()
