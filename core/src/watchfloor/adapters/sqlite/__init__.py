"""The embedded ``Store``: one SQLite file in WAL mode, one writer, nothing to install."""

from .store import SqliteStore

__all__ = ["SqliteStore"]
