"""Writes ``migrations/schema.sql``: what all migrations arrive at, for databases made new.

Run it after adding a migration: ``python -m watchfloor.adapters.sqlite.snapshot``. A test holds
the file to the migrations.
"""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

from .connection import connect_writer
from .migrate import SCHEMA, upgrade

_OBJECTS = """
SELECT sql FROM sqlite_schema s
WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND NOT EXISTS (
    SELECT 1 FROM sqlite_schema v
    WHERE v.sql LIKE 'CREATE VIRTUAL TABLE%' AND s.name LIKE v.name || '_%'
)
ORDER BY rowid
"""
_ROWS = ("head", "alembic_version")
"""Tables whose rows belong to the schema."""


def snapshot() -> str:
    """The schema of a database that all migrations made, as SQL."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "new.sqlite"
        upgrade(path)
        with closing(connect_writer(path)) as connection:
            objects = [sql for (sql,) in connection.execute(_OBJECTS)]
            rows = [
                f"INSERT INTO {table} VALUES ({', '.join(map(repr, row))})"
                for table in _ROWS
                for row in connection.execute(f"SELECT * FROM {table}")
            ]
    return "-- Written by snapshot.py from the migrations. Do not edit.\n" + "".join(
        f"{statement};\n" for statement in (*objects, *rows)
    )


if __name__ == "__main__":
    SCHEMA.write_text(snapshot())
