"""Answers of JSON lines: written as they come, counted and hashed for the record."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
from aiohttp import web

from watchfloor.contracts import Refused

from .admission import check_still_open
from .routes import Call

_encode = msgspec.json.Encoder().encode

_MOST_HELD = 64
"""Lines that wait for the question's record at most: then they wait before more is fetched."""


async def stream_lines(
    call: Call, lines: AsyncIterator[Any], found: Callable[[Any], int]
) -> web.StreamResponse:
    """Write each line; note how many things were ``found`` and the SHA-256 of what was written.
    What is refused before the first line leaves is refused with its status. It ends with the
    session, or when that locks."""
    answer = _Answer(call)
    try:
        async for line in lines:
            try:
                check_still_open(call)
            except Refused:
                if not answer.response.prepared:
                    raise
                return answer.response
            await answer.put(line, found(line))
        await answer.flush()
    finally:
        answer.account()
    return answer.response


class _Answer:
    """Lines on their way out: held until the question is on record, then written as they come."""

    def __init__(self, call: Call) -> None:
        self.response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        self._call = call
        self._started = time.monotonic()
        self._held: list[bytes] = []
        self._found = self._count = self._size = 0
        self._digest = hashlib.sha256()

    async def put(self, line: Any, found: int) -> None:
        """One line, in which so many things were found."""
        self._held.append(_encode(line) + b"\n")
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
        self._count, self._found = self._count + self._found, 0
        self._size += len(written)
        self._digest.update(written)
        await self.response.write(written)

    def account(self) -> None:
        """Note what left, if anything did."""
        if self.response.prepared:
            self._call.hub.door.answered(
                self._call.grant,
                count=self._count,
                sha256=self._digest.hexdigest(),
                took_ms=round((time.monotonic() - self._started) * 1000, 1),
                bytes_out=self._size,
            )
