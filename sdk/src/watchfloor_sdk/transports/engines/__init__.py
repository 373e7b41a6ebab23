"""The databases behind ``sql``: how each opens read only, bounds, binds and says what is wrong."""

from __future__ import annotations

from watchfloor.contracts import Refused

from .engine import Engine, Session, Where
from .sqlite import Sqlite

__all__ = ["Engine", "Session", "Where", "engine"]


def engine(scheme: str) -> Engine:
    """The database of an address; a server's driver is imported where it is asked for.

    Raises ``Refused`` (``bad_url``).
    """
    match scheme:
        case "sqlite":
            return Sqlite()
        case "postgresql":
            from .postgresql import Postgresql

            return Postgresql()
        case "mssql":
            from .sql_server import SqlServer

            return SqlServer()
    raise Refused(
        "A database's address begins with one of: sqlite://, postgresql://, mssql://.",
        code="bad_url",
    )
