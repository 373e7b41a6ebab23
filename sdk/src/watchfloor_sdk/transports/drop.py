"""Files that somebody puts into a folder, each read once and never while it is being written.

    async def poll(self, ctx, checkpoint):
        drop = Drop(LocalFolder(ctx.settings.path, "*.xml"), checkpoint)
        async for file in drop.new_files():
            yield Page(events=to_events(ctx, file.body), checkpoint=drop.checkpoint,
                       rejected=file.rejected)
        yield Page(checkpoint=drop.checkpoint)

A file is known by name, size, time and the hash of what is in it: a changed one is new, one that
was renamed or touched is not. What is still growing, has a name that says so, or is a link waits
or is left alone. ``sftp.connected`` gives folders of a server to the same ``Drop``.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import zlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec

from watchfloor.contracts import AskAPerson, GiveUp, NotFound, RetryLater
from watchfloor_sdk.connector import Rejected

__all__ = ["Drop", "Entry", "File", "Folder", "LocalFolder", "plain", "too_many", "wanted"]

MAX_BYTES = 64 * 1024 * 1024
"""Of one file, unpacked."""

MAX_FILES = 2_000
"""In one folder; what is done with belongs elsewhere."""

SETTLE_S = 2.0
"""A file that is the same after so many seconds is taken as written to its end."""

_UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".swp", "~")
_ARCHIVES = (b"PK\3\4", b"PK\5\6", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\7", b"\xfd7zXZ\0", b"BZh",
             b"\x28\xb5\x2f\xfd")  # fmt: skip
_GZIP = b"\x1f\x8b"


class Entry(NamedTuple):
    """A file as a folder lists it. ``mtime_ns``: nanoseconds since 1970, by its own clock."""

    name: str
    size: int
    mtime_ns: int

    @property
    def written(self) -> datetime:
        """When it was last written, by the folder's own clock."""
        return datetime.fromtimestamp(self.mtime_ns / 1e9, UTC)


class Folder(Protocol):
    """Where files are put."""

    async def entries(self) -> Sequence[Entry]:
        """The files that are there and look finished. Raises our errors."""

    async def read(self, name: str, limit: int) -> bytes:
        """A file's first ``limit`` bytes. Raises ``NotFound`` when it is gone, and our errors."""


@dataclass(frozen=True, slots=True)
class File:
    """One file. ``rejected`` says why it was not taken; ``body`` is empty then."""

    entry: Entry
    body: bytes = b""
    rejected: Sequence[Rejected] = ()


class _Known(msgspec.Struct, array_like=True):
    size: int
    mtime_ns: int
    digest: str


class Drop:
    """What is new in a folder. ``checkpoint`` goes into the page of each file, as it then is."""

    def __init__(
        self,
        folder: Folder,
        checkpoint: Any,
        *,
        settle_s: float = SETTLE_S,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._folder = folder
        self._known = msgspec.convert(checkpoint or {}, dict[str, _Known])
        self._settle_s = settle_s
        self._max_bytes = max_bytes

    @property
    def checkpoint(self) -> dict[str, Any]:
        """What was read, as JSON. As long as the folder, not as its history."""
        return {name: msgspec.to_builtins(known) for name, known in self._known.items()}

    async def new_files(self) -> AsyncIterator[File]:
        """New and changed files, oldest first. Raises what the folder raises."""
        listed = await self._folder.entries()
        digests = {known.digest for known in self._known.values()}
        self._known = {e.name: self._known[e.name] for e in listed if e.name in self._known}
        for entry in await self._settled([entry for entry in listed if self._is_new(entry)]):
            try:
                body = await self._folder.read(entry.name, self._max_bytes + 1)
            except NotFound:
                continue
            if len(body) != min(entry.size, self._max_bytes + 1):
                continue  # it went on growing
            digest = hashlib.blake2b(body, digest_size=16).hexdigest()
            self._known[entry.name] = _Known(entry.size, entry.mtime_ns, digest)
            if digest not in digests:
                digests.add(digest)
                yield self._opened(entry, body)

    def _is_new(self, entry: Entry) -> bool:
        known = self._known.get(entry.name)
        return known is None or (known.size, known.mtime_ns) != (entry.size, entry.mtime_ns)

    async def _settled(self, fresh: list[Entry]) -> list[Entry]:
        """Those that are still the same after a while."""
        if not fresh:
            return []
        await asyncio.sleep(self._settle_s)
        now = set(await self._folder.entries())
        return sorted((e for e in fresh if e in now), key=lambda e: (e.mtime_ns, e.name))

    def _opened(self, entry: Entry, body: bytes) -> File:
        try:
            return File(entry, plain(body, self._max_bytes))
        except GiveUp as error:
            return File(entry, rejected=[Rejected(entry.name, error.code, error.detail)])


class LocalFolder:
    """A folder on this machine; ``pattern`` is a shell pattern for names (``*.csv``)."""

    def __init__(self, path: str, pattern: str = "*") -> None:
        self._path = Path(path)
        self._pattern = pattern

    async def entries(self) -> Sequence[Entry]:
        """The files. Raises ``RetryLater`` (``no_folder``) or ``AskAPerson``."""
        return await asyncio.to_thread(self._entries)

    async def read(self, name: str, limit: int) -> bytes:
        """Its first bytes."""
        return await asyncio.to_thread(self._read, name, limit)

    def _entries(self) -> list[Entry]:
        try:
            with os.scandir(self._path) as found:
                files = [e for e in found if e.is_file(follow_symlinks=False)]
            stats = [(file.name, file.stat(follow_symlinks=False)) for file in files]
        except FileNotFoundError:  # the folder, or a file that went while it was looked at
            raise RetryLater(
                f"There is no folder {self._path}, or it is changing.", code="no_folder"
            ) from None
        except (PermissionError, NotADirectoryError):
            raise AskAPerson(
                f"{self._path} cannot be read as a folder.",
                code="folder_forbidden",
                remedy="Check the path, and give the hub's user the right to read it.",
            ) from None
        return wanted((Entry(n, s.st_size, s.st_mtime_ns) for n, s in stats), self._pattern)

    def _read(self, name: str, limit: int) -> bytes:
        try:
            handle = os.open(self._path / name, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            raise NotFound("The file is gone, or may not be read.", code="no_file") from None
        with os.fdopen(handle, "rb") as stream:
            return stream.read(limit)


def wanted(entries: Any, pattern: str) -> list[Entry]:
    """Those whose names fit and look finished. Raises ``AskAPerson`` (``too_many_files``)."""
    found = [
        entry
        for entry in entries
        if fnmatchcase(entry.name, pattern)
        and not entry.name.startswith(".")
        and not entry.name.lower().endswith(_UNFINISHED)
    ]
    if len(found) > MAX_FILES:
        raise too_many(len(found), MAX_FILES)
    return found


def too_many(count: int, limit: int) -> AskAPerson:
    """A folder that nobody clears."""
    return AskAPerson(
        f"There are {count} files in the folder; {limit} is the limit.",
        code="too_many_files",
        remedy="Move those away that are done with.",
    )


def plain(body: bytes, limit: int = MAX_BYTES) -> bytes:
    """A file's content: as it is, or out of gzip, never longer than ``limit``.

    Raises ``GiveUp``: ``too_large`` (also what a decompression bomb comes to), ``broken_gzip``,
    or ``archive_refused`` for files with files in them, workbooks among them.
    """
    if body.startswith(_GZIP):
        body = _unpacked(body, limit)
    if len(body) > limit:
        raise GiveUp(f"The file has more than {limit} bytes.", code="too_large")
    if body.startswith((_GZIP, *_ARCHIVES)) or body[257:262] == b"ustar":
        raise GiveUp("The file is an archive.", code="archive_refused")
    return body


def _unpacked(body: bytes, limit: int) -> bytes:
    """gzip (RFC 1952), of one member or several."""
    out = b""
    while body:
        member = zlib.decompressobj(wbits=31)
        try:
            out += member.decompress(body, limit + 1 - len(out))
        except zlib.error:
            raise GiveUp("The gzip file is broken.", code="broken_gzip") from None
        if len(out) > limit:
            break
        if not member.eof:
            raise GiveUp("The gzip file is broken off.", code="broken_gzip")
        body = member.unused_data.lstrip(b"\0")  # some writers pad
    return out
