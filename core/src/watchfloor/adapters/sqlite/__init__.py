"""The embedded ``Store``: one SQLite file in WAL mode, one writer, nothing to install."""

from .holds import schedules_in
from .store import SqliteStore

__all__ = ["SqliteStore", "schedules_in"]
