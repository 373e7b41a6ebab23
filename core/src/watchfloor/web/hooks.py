"""Vendor webhooks: check the signature, make the bytes durable, answer, let the worker map them.

This is a hot path of its own (thousands a second): no session, no parameter table.
"""

from __future__ import annotations

import msgspec
from aiohttp import web

from watchfloor.contracts import WatchfloorError
from watchfloor.ingest import verify
from watchfloor.ports.store import NewDelivery

from .hub import HUB
from .server import error_response, read_body, status_of

MAX_BODY = 4 * 1024 * 1024

_KEPT_HEADERS = ("Content-Type", "User-Agent")
"""What a mapping may need. Signatures and tokens are not kept."""


async def receive(request: web.Request) -> web.Response:
    """``POST /hooks/{source}``: 202 when the delivery is on disk, an error otherwise."""
    hub = request.app[HUB]
    source = request.match_info["source"]
    try:
        door = await hub.sources.door(source)
        body = await read_body(request, MAX_BODY)
        verify(door.recipe, door.secret, request.headers, body, hub.clock.now())
        await hub.store.inbox.accept([_delivery(request, source, door.recipe.id_header, body)])
    except WatchfloorError as error:
        return error_response(status_of(error), error)
    hub.sources.arrived(source)
    return web.Response(status=202)


def _delivery(request: web.Request, source: str, id_header: str | None, body: bytes) -> NewDelivery:
    headers = {
        name.lower(): request.headers[name] for name in _KEPT_HEADERS if name in request.headers
    }
    return NewDelivery(
        source=source,
        headers=msgspec.json.encode(headers).decode(),
        body=body,
        dedupe=request.headers.get(id_header) if id_header else None,
    )
