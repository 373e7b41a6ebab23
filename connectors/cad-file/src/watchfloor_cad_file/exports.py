"""Where exports come from: a file, a folder of files, a web address, a folder on a server."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import os
from collections.abc import AsyncGenerator, Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote, urlsplit

from watchfloor_sdk import AskAPerson, Context, GiveUp, NotFound, RetryLater
from watchfloor_sdk.transports.drop import Entry, Folder, plain

from .settings import Settings

if TYPE_CHECKING:
    from .reading import Position

MAX_BODY = 64 * 1024 * 1024
"""Bytes of an export fetched by address, about 250,000 calls. Larger ones are read as a file."""

MAX_FILES = 500
"""Files in one folder; what is done with belongs elsewhere."""

BY_ADDRESS = "url"
"""The key of the one export that is fetched by address."""


@dataclass(frozen=True, slots=True)
class Export:
    """One file of calls. ``key`` stays when it is renamed; ``stamp`` changes when it is written."""

    key: str
    stamp: str
    written: datetime | None
    stream: BinaryIO


def exports(
    ctx: Context[Settings], known: Mapping[str, Position], stamp: str | None
) -> AsyncGenerator[Export, None]:
    """All exports there are, oldest first.

    ``known`` is how far they were read before: a file that was renamed is finished under its new
    name, and one on a server that was read to its end is not fetched again.
    ``stamp`` is that of the last whole answer, when the export is fetched by address. Raises
    ``RetryLater`` (``no_export``), ``AskAPerson`` and what ``ctx.http`` raises.
    """
    if ctx.settings.url:
        return _fetched(ctx, stamp)
    return _on_server(ctx, known) if ctx.settings.sftp else _files(ctx.settings, known)


async def _files(settings: Settings, known: Container[str]) -> AsyncGenerator[Export, None]:
    for path in await asyncio.to_thread(_paths, settings, known):
        # A file that was moved away since it was listed is simply not there.
        with contextlib.suppress(FileNotFoundError), path.open("rb") as stream:
            stat = os.fstat(stream.fileno())
            written = datetime.fromtimestamp(stat.st_mtime, UTC)
            stamp = f"{stat.st_size}:{stat.st_mtime_ns}"
            yield Export(_key(stat), stamp, written, _opened(path, stream))


def _paths(settings: Settings, known: Container[str]) -> list[Path]:
    path = Path(settings.path or "")
    try:
        found = list(path.glob(settings.pattern)) if path.is_dir() else _family(path, known)
        found.sort(key=lambda one: one.stat().st_mtime_ns)
    except FileNotFoundError:
        raise RetryLater(
            f"There is no export at {path}.",
            code="no_export",
            remedy="If it stays so: check the path in the settings, and what writes the export.",
        ) from None
    except PermissionError:
        raise AskAPerson(
            f"The export at {path} may not be read.",
            code="export_forbidden",
            remedy="Give the hub's user the right to read it.",
        ) from None
    if len(found) > MAX_FILES:
        raise AskAPerson(
            f"There are {len(found)} exports in {path}; {MAX_FILES} is the limit.",
            code="too_many_exports",
            remedy="Move the old ones away.",
        )
    return found


def _opened(path: Path, stream: BinaryIO) -> BinaryIO:
    """The file, unpacked when it is packed."""
    if path.suffix != ".gz":
        return stream
    try:
        return io.BytesIO(plain(stream.read(MAX_BODY + 1), MAX_BODY))
    except GiveUp as error:
        raise AskAPerson(
            f"{path}: {error.detail}", code=error.code, remedy="Have it written unpacked."
        ) from None


async def _on_server(
    ctx: Context[Settings], known: Mapping[str, Position]
) -> AsyncGenerator[Export, None]:
    try:  # large, and of a licence that is nobody's default
        from watchfloor_sdk.transports import sftp
    except ImportError:
        raise AskAPerson(
            "The SFTP client is not installed.",
            code="no_sftp_client",
            remedy="Install watchfloor-connector-cad-file[sftp].",
        ) from None
    where = urlsplit(ctx.settings.sftp or "")
    host, port, key = where.hostname or "", where.port or 22, ctx.settings.host_key or ""
    async with sftp.connected(ctx, host, port, host_key=key) as server:
        folder = server.folder(unquote(where.path) or ".", ctx.settings.pattern)
        for entry in sorted(await folder.entries(), key=lambda one: (one.mtime_ns, one.name)):
            before, stamp = known.get(f"sftp:{entry.name}"), f"{entry.size}:{entry.mtime_ns}"
            read_before = before is not None and before.done and before.stamp == stamp
            body = b"" if read_before else await _body(ctx, folder, entry)
            if body is not None:
                yield Export(f"sftp:{entry.name}", stamp, entry.written, io.BytesIO(body))


async def _body(ctx: Context[Settings], folder: Folder, entry: Entry) -> bytes | None:
    """The file's content; ``None`` when it is gone meanwhile, or cannot be read at all."""
    try:
        return plain(await folder.read(entry.name, MAX_BODY + 1), MAX_BODY)
    except NotFound:
        return None
    except GiveUp as error:
        ctx.log.warning(f"{entry.name} is left out: {error.detail} ({error.code})")
        return None


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


async def _fetched(ctx: Context[Settings], stamp: str | None) -> AsyncGenerator[Export, None]:
    headers = {"if-none-match": stamp} if stamp and stamp.startswith(('"', "W/")) else None
    url = ctx.settings.url or ""
    http = ctx.http.vendor(base_url=url)  # its clock is compared with ours
    answer = await http.get(url, headers=headers, max_body=MAX_BODY)
    body = answer.document("a CSV file")
    if answer.status == 304 and stamp:
        now = stamp
    else:
        digest = hashlib.blake2b(body, digest_size=16).hexdigest()
        now = answer.headers.get("etag") or digest
    yield Export(BY_ADDRESS, now, answer.last_modified, io.BytesIO(body))
