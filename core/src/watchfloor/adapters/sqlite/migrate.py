"""Bring a database file to the schema of this version.

Older databases are upgraded by alembic, which costs a second or two to import. A hub has to answer
sooner than that, so alembic is left alone where it has nothing to do: one query tells a database
that is there already, and a new one is made from ``schema.sql``, the snapshot of all migrations.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from watchfloor.contracts import AskAPerson

from .connection import connect_writer, translate

MIGRATIONS = Path(__file__).with_name("migrations")
SCHEMA = MIGRATIONS / "schema.sql"


def known_revisions() -> list[str]:
    """Revisions that this version ships, oldest first: the files' leading numbers."""
    return sorted(file.name.partition("_")[0] for file in MIGRATIONS.glob("versions/[0-9]*.py"))


def migrate(path: Path) -> None:
    """Create or upgrade the file. Raises ``AskAPerson`` when a newer version has written it."""
    try:
        with closing(connect_writer(path)) as connection:
            if _is_empty(connection):
                connection.executescript(f"BEGIN IMMEDIATE;\n{SCHEMA.read_text()}COMMIT;")
            at = _revision(connection)
    except sqlite3.Error as error:
        raise translate(error) from error
    known = known_revisions()
    if at == known[-1]:
        return
    if at is not None and at not in known:
        raise AskAPerson(
            f"The database has schema {at}; this version knows up to {known[-1]}.",
            code="store_newer",
            remedy="Start the newer version of Watchfloor that wrote it, or restore a backup.",
        )
    upgrade(path)


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema").fetchone() is None


def _revision(connection: sqlite3.Connection) -> str | None:
    table = "SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'"
    if connection.execute(table).fetchone() is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None


def upgrade(path: Path) -> None:
    """Run what migrations are missing, all in one transaction."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import NullPool

    engine = create_engine("sqlite://", creator=lambda: connect_writer(path), poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            raise translate(error.orig) from error
        raise
