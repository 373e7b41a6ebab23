"""Exports in a folder on an SFTP server."""

from __future__ import annotations

import io
from collections.abc import AsyncGenerator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from watchfloor.contracts import AskAPerson, GiveUp, NotFound
from watchfloor_sdk.context import Context
from watchfloor_sdk.transports.drop import Entry, Folder, plain

from .finding import MAX_BODY, Export, Where
from .growing import Position


async def on_server(
    ctx: Context[Any], where: Where, known: Mapping[str, Position]
) -> AsyncGenerator[Export, None]:
    """The folder's files, oldest first. One that was read to its end before comes without its
    content. Raises what ``sftp.connected`` raises, and ``AskAPerson`` (``no_sftp_client``)."""
    try:  # large, and of a licence that is nobody's default
        from watchfloor_sdk.transports import sftp
    except ImportError:
        raise AskAPerson(
            "The SFTP client is not installed.",
            code="no_sftp_client",
            remedy="Install watchfloor-sdk[sftp].",
        ) from None
    at = urlsplit(where.sftp or "")
    host, port, key = at.hostname or "", at.port or 22, where.host_key or ""
    async with sftp.connected(ctx, host, port, host_key=key) as server:
        folder = server.folder(unquote(at.path) or ".", where.pattern)
        for entry in sorted(await folder.entries(), key=lambda one: (one.mtime_ns, one.name)):
            before, stamp = known.get(f"sftp:{entry.name}"), f"{entry.size}:{entry.mtime_ns}"
            read_before = before is not None and before.done and before.stamp == stamp
            body = b"" if read_before else await _body(ctx, folder, entry)
            if body is not None:
                yield Export(f"sftp:{entry.name}", stamp, entry.written, io.BytesIO(body))


async def _body(ctx: Context[Any], folder: Folder, entry: Entry) -> bytes | None:
    """The file's content; ``None`` when it is gone meanwhile, or cannot be read at all."""
    try:
        return plain(await folder.read(entry.name, MAX_BODY + 1), MAX_BODY)
    except NotFound:
        return None
    except GiveUp as error:
        ctx.log.warning(f"{entry.name} is left out: {error.detail} ({error.code})")
        return None
