"""The board now, and what changes on it."""

from __future__ import annotations

import contextlib
from typing import Any

from aiohttp import web

from watchfloor.contracts import GiveUp, rfc3339
from watchfloor.web.routes import Answer, Call, Route


async def get_live(call: Call) -> dict[str, Any]:
    """Calls, gunshots, units, the newest events, reads per reader, alert counts, sources."""
    hub = call.hub
    return {
        **hub.board.snapshot(),
        "now": rfc3339(hub.clock.now()),
        "alerts": {"new": len(await hub.alerts.list(["new"], limit=1000))},
        "sources": await hub.sources.views(),
    }


async def stream(call: Call) -> web.StreamResponse:
    """Server-sent events; resumes after ``Last-Event-ID``."""
    after = _position(call.request.headers.get("Last-Event-ID"))
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
    )
    await response.prepare(call.request)
    feed = call.hub.feed.subscribe(after)
    with contextlib.suppress(ConnectionResetError):
        async with contextlib.aclosing(feed):
            async for chunk in feed:
                await response.write(chunk)
    return response


def _position(header: str | None) -> int | None:
    if not header:
        return None
    if not header.isdecimal() or len(header) > 18:
        raise GiveUp("Last-Event-ID is a position in the log.", code="bad_parameter")
    return int(header)


ROUTES = (
    Route("GET", "/live", "live", "The board now", get_live,
          answers={200: Answer("The board.", {"type": "object"})}),
    Route("GET", "/stream", "live", "What changes, as server-sent events", stream,
          answers={200: Answer("A stream that does not end.", None, "text/event-stream")}),
)  # fmt: skip
