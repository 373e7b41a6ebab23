"""Answers that leave piece by piece, JSON lines and files: counted and hashed for the record. They
end with the session, when that locks, and when it goes on by a new secret."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from watchfloor.contracts import Refused

from .admission import check_still_open
from .routes import Call

_encode = msgspec.json.Encoder().encode

_PIECE = 1 << 20
"""Bytes of a file that are read at a time."""
_MOST_HELD = 64
"""Lines that wait for the question's record at most: then they wait before more is fetched."""


async def stream_lines(
    call: Call, lines: AsyncIterator[Any], found: Callable[[Any], int]
) -> web.StreamResponse:
    """Write each line; note how many things were ``found`` and the SHA-256 of what was written.
    What is refused before the first line leaves is refused with its status."""
    answer = _Answer(call, {"Content-Type": "application/x-ndjson"})
    try:
        async for line in lines:
            if not answer.goes_on():
                return answer.response
            await answer.put(_encode(line) + b"\n", found(line))
        await answer.flush()
    finally:
        answer.account()
    return answer.response


async def send_file(
    call: Call, file: Path, name: str, content_type: str, count: int
) -> web.StreamResponse:
    """A file under another name, with so many records in it. Where it does not leave to its end,
    the connection closes: nobody takes it for whole."""
    disposition = f'attachment; filename="{name}"'
    answer = _Answer(call, {"Content-Type": content_type, "Content-Disposition": disposition})
    answer.response.content_length = (await asyncio.to_thread(file.stat)).st_size
    try:
        with file.open("rb") as opened:
            while piece := await asyncio.to_thread(opened.read, _PIECE):
                if not answer.goes_on():
                    answer.response.force_close()
                    return answer.response
                await answer.put(piece, 0)
        answer.count = count
    finally:
        answer.account()
    return answer.response


class _Answer:
    """Pieces on their way out: held until the question is on record, then written as they come."""

    def __init__(self, call: Call, headers: Mapping[str, str]) -> None:
        self.response = web.StreamResponse(headers=headers)
        self._call = call
        self._started = time.monotonic()
        self._held: list[bytes] = []
        self.count = self._found = self._size = 0
        self._digest = hashlib.sha256()

    def goes_on(self) -> bool:
        """Whether the session is open still. Raises ``Refused`` where nothing has left yet."""
        try:
            check_still_open(self._call)
        except Refused:
            if not self.response.prepared:
                raise
            return False
        return True

    async def put(self, piece: bytes, found: int) -> None:
        """One piece, in which so many things were found."""
        self._held.append(piece)
        self._found += found
        recording = self._call.grant.recording
        if recording is None or recording.done() or len(self._held) == _MOST_HELD:
            await self.flush()

    async def flush(self) -> None:
        """Let out what is held. The response does not begin before the question is on record."""
        if not self.response.prepared:
            await self._call.grant.on_record()
            await self.response.prepare(self._call.request)
        written = b"".join(self._held)
        self._held.clear()
        self.count, self._found = self.count + self._found, 0
        self._size += len(written)
        self._digest.update(written)
        await self.response.write(written)

    def account(self) -> None:
        """Note what left, if anything did."""
        if self.response.prepared:
            self._call.hub.door.answered(
                self._call.grant,
                count=self.count,
                sha256=self._digest.hexdigest(),
                took_ms=round((time.monotonic() - self._started) * 1000, 1),
                bytes_out=self._size,
            )
