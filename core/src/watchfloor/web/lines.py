"""Answers of JSON lines: written as they come, counted and hashed for the record."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
from aiohttp import web

from .routes import Call

_encode = msgspec.json.Encoder().encode


async def stream_lines(
    call: Call, lines: AsyncIterator[Any], found: Callable[[Any], int]
) -> web.StreamResponse:
    """Write each line; note how many things were ``found`` and the SHA-256 of what was written.
    What is refused before the first line is refused with its status."""
    started, count, size, digest = time.monotonic(), 0, 0, hashlib.sha256()
    first = await anext(lines)
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await response.prepare(call.request)
    try:
        async for line in _with(first, lines):
            written = _encode(line) + b"\n"
            count += found(line)
            size += len(written)
            digest.update(written)
            await response.write(written)
    finally:
        call.hub.door.answered(
            call.grant,
            count=count,
            sha256=digest.hexdigest(),
            took_ms=round((time.monotonic() - started) * 1000, 1),
            bytes_out=size,
        )
    return response


async def _with(first: Any, rest: AsyncIterator[Any]) -> AsyncIterator[Any]:
    yield first
    async for each in rest:
        yield each
