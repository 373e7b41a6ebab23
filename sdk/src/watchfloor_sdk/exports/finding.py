"""Where exports come from: a file, a folder of files, a web address, a folder on a server."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
from collections.abc import AsyncGenerator, Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from watchfloor.contracts import AskAPerson, GiveUp, RetryLater
from watchfloor_sdk.transports.drop import plain

if TYPE_CHECKING:
    from watchfloor_sdk.context import Context
    from watchfloor_sdk.http import Http

    from .growing import Position

MAX_BODY = 64 * 1024 * 1024
"""Bytes of an export that is taken into memory: fetched, unpacked, or read whole."""

MAX_FILES = 500
"""Files in one folder; what is done with belongs elsewhere."""

BY_ADDRESS = "url"
"""The key of the one export that is fetched by address."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where exports are, in one of three ways: a ``path`` (a file, or a folder: the files whose
    names fit ``pattern``), a ``url``, or ``sftp`` (``sftp://host/folder``, on a server that is
    known by ``host_key``; its credential is called ``sftp``)."""

    path: str | None = None
    url: str | None = None
    sftp: str | None = None
    host_key: str | None = None
    pattern: str = "*"


@dataclass(frozen=True, slots=True)
class Export:
    """One file. ``key`` stays when it is renamed; ``stamp`` changes when it is written."""

    key: str
    stamp: str
    written: datetime | None
    stream: BinaryIO

    def whole(self, limit: int = MAX_BODY) -> bytes:
        """All of it. Raises ``AskAPerson`` (``export_too_large``) beyond ``limit`` bytes."""
        self.stream.seek(0)
        body = self.stream.read(limit + 1)
        if len(body) > limit:
            raise AskAPerson(
                f"The export has more than {limit} bytes.",
                code="export_too_large",
                remedy="Split it into several sources.",
            )
        return body


def exports(
    ctx: Context[Any], where: Where, known: Mapping[str, Position]
) -> AsyncGenerator[Export, None]:
    """All exports there are, oldest first.

    ``known`` is how far they were read before: a file that was renamed is finished under its new
    name; what has not changed since it was read to its end is not fetched again. Raises
    ``RetryLater`` (``no_export``), ``AskAPerson`` and what ``ctx.http`` raises.
    """
    if where.url:
        return _by_address(ctx, where.url, known)
    if where.sftp:
        from .remote import on_server  # brings what only SFTP needs

        return on_server(ctx, where, known)
    return _files(Path(where.path or ""), where.pattern, known)


# --- On this machine ---------------------------------------------------------------------------


def local(path: Path) -> Export:
    """A file on this machine, unpacked when it is packed (``.gz``). Who asks closes its stream.

    Raises ``RetryLater`` (``no_export``) or ``AskAPerson``.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from None
    stat = os.fstat(stream.fileno())
    stamp = f"{stat.st_size}:{stat.st_mtime_ns}"
    written = datetime.fromtimestamp(stat.st_mtime, UTC)
    return Export(_key(stat), stamp, written, _unpacked(path, stream))


async def _files(path: Path, pattern: str, known: Container[str]) -> AsyncGenerator[Export, None]:
    for one in await asyncio.to_thread(_paths, path, pattern, known):
        try:
            export = local(one)
        except RetryLater:  # moved away since it was listed
            continue
        with export.stream:
            yield export


def _paths(path: Path, pattern: str, known: Container[str]) -> list[Path]:
    try:
        found = list(path.glob(pattern)) if path.is_dir() else _family(path, known)
        found.sort(key=lambda one: one.stat().st_mtime_ns)
    except OSError as error:
        raise _unreadable(path, error) from None
    if len(found) > MAX_FILES:
        raise AskAPerson(
            f"There are {len(found)} exports in {path}; {MAX_FILES} is the limit.",
            code="too_many_exports",
            remedy="Move the old ones away.",
        )
    return found


def _family(path: Path, known: Container[str]) -> list[Path]:
    """The file, and what it was renamed to before we had read it to its end."""
    rotated = [
        one
        for one in path.parent.iterdir()
        if one != path and one.name.startswith(path.stem) and _key(one.stat()) in known
    ]
    return [*rotated, path]


def _key(stat: os.stat_result) -> str:
    return f"{stat.st_dev}:{stat.st_ino}"


def _unpacked(path: Path, stream: BinaryIO) -> BinaryIO:
    if path.suffix != ".gz":
        return stream
    try:
        with stream:
            return io.BytesIO(plain(stream.read(MAX_BODY + 1), MAX_BODY))
    except GiveUp as error:
        raise AskAPerson(
            f"{path}: {error.detail}", code=error.code, remedy="Have it written unpacked."
        ) from None


def _unreadable(path: Path, error: OSError) -> RetryLater | AskAPerson:
    if isinstance(error, FileNotFoundError):
        return RetryLater(
            f"There is no export at {path}.",
            code="no_export",
            remedy="If it stays so: check the path in the settings, and what writes the export.",
        )
    return AskAPerson(
        f"The export at {path} cannot be read: {error.strerror}.",
        code="export_forbidden",
        remedy="Name what the hub's user may read.",
    )


# --- By address --------------------------------------------------------------------------------


async def fetched(http: Http, url: str, stamp: str | None, limit: int = MAX_BODY) -> Export:
    """What is at an address. One that has not changed since it had this ``stamp`` comes empty, with
    the same stamp. Raises what ``ctx.http`` raises, and ``RetryLater`` (``html_answer``)."""
    headers = {"if-none-match": stamp} if stamp and stamp.startswith(('"', "W/")) else None
    answer = await http.get(url, headers=headers, max_body=limit)
    body = answer.document("an export")
    if answer.status == 304 and stamp:
        now = stamp
    else:
        digest = hashlib.blake2b(body, digest_size=16).hexdigest()
        now = answer.headers.get("etag") or digest
    return Export(BY_ADDRESS, now, answer.last_modified, io.BytesIO(body))


async def _by_address(
    ctx: Context[Any], url: str, known: Mapping[str, Position]
) -> AsyncGenerator[Export, None]:
    before = known.get(BY_ADDRESS)
    stamp = before.stamp if before and before.done else None
    http = ctx.http.vendor(base_url=url)  # its clock is compared with ours
    yield await fetched(http, url, stamp)
