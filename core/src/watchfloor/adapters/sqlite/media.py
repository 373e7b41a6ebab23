"""Fetched media: the bytes in files by their SHA-256, the database says which handle they are."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sqlite3
from pathlib import Path

from watchfloor.contracts import AskAPerson, NotFound

from .bulk import as_json
from .database import Database


class SqliteMedia:
    """The ``MediaShelf`` port. Files lie under ``media/ab/abcdef…`` beside the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._shelf = database.path.parent / "media"

    async def get(self, source: str, handle: str) -> tuple[str, str] | None:
        """(sha256, content type), when fetched before."""
        return await self._database.read(lambda c: _find(c, source, handle))

    async def put(self, source: str, handle: str, body: bytes, content_type: str) -> str:
        """Keep; answers the SHA-256 in hex. The file is on disk before its row is."""
        sha256 = hashlib.sha256(body).hexdigest()
        await asyncio.to_thread(_save, self._file(sha256), body)
        row = (source, handle, sha256, content_type, self._database.clock.now())
        await self._database.write(
            lambda c: c.execute("INSERT OR REPLACE INTO media VALUES (?, ?, ?, ?, ?)", row).rowcount
        )
        # a burial may have taken the same bytes away between the two
        await asyncio.to_thread(_save, self._file(sha256), body)
        return sha256

    async def bury(self) -> None:
        """Delete the files that the purge left without a row. On the writer's thread: nobody
        writes such a row meanwhile."""
        while await self._database.write(self._bury_some):
            pass

    async def read(self, sha256: str) -> bytes:
        """The bytes. Raises ``NotFound``."""
        if len(sha256) != 64 or not sha256.isalnum():
            raise NotFound("There is no such media.")
        try:
            return await asyncio.to_thread(self._file(sha256).read_bytes)
        except FileNotFoundError:
            raise NotFound("There is no such media.") from None

    def _file(self, sha256: str) -> Path:
        return self._shelf / sha256[:2] / sha256

    def _bury_some(self, connection: sqlite3.Connection) -> bool:
        """Up to a hundred; whether there may be more."""
        doomed = [sha256 for (sha256,) in connection.execute(_DOOMED).fetchall()]
        listed = as_json(doomed)
        wanted = {sha256 for (sha256,) in connection.execute(_WANTED, (listed,)).fetchall()}
        for sha256 in doomed:
            if sha256 not in wanted:
                _remove(self._file(sha256))
        connection.execute(
            "DELETE FROM media_doomed WHERE sha256 IN (SELECT value FROM json_each(?))", (listed,)
        )
        return bool(doomed)


_DOOMED = "SELECT sha256 FROM media_doomed LIMIT 100"
_WANTED = "SELECT sha256 FROM media WHERE sha256 IN (SELECT value FROM json_each(?))"


def _find(connection: sqlite3.Connection, source: str, handle: str) -> tuple[str, str] | None:
    row: tuple[str, str] | None = connection.execute(
        "SELECT sha256, content_type FROM media WHERE source = ? AND handle = ?", (source, handle)
    ).fetchone()
    return row


def _save(file: Path, body: bytes) -> None:
    """Write, sync, and only then give it its name: a half-written file never has one."""
    if file.exists():
        return
    half = file.with_suffix(f".{os.getpid()}-{id(body)}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with half.open("wb") as out:
            out.write(body)
            out.flush()
            os.fsync(out.fileno())
        half.replace(file)
        _sync_directory(file.parent)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise AskAPerson(
            f"Media cannot be kept: {error.strerror}.",
            code="disk_full" if error.errno in (28, 122) else "disk_error",
            remedy="Free space, or check the disk and the owner of the data directory.",
        ) from error


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise AskAPerson(
            f"Media cannot be deleted: {error.strerror}.",
            code="disk_error",
            remedy="Check the disk and the owner of the data directory.",
        ) from error


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
