"""Assets, and the media that events refer to."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from aiohttp import web

from watchfloor.audit import AuditEvent
from watchfloor.contracts import GiveUp, NotFound
from watchfloor.identity import Permission
from watchfloor.web.routes import Access, Answer, Call, Param, Route, path_param

from .events import SEQ, opening, shown, told

MEDIA_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
"""A picture in SVG could hold a script: it never runs, not even when opened by itself."""

_SHOWN = frozenset({
    "image/png", "image/jpeg", "image/webp", "image/svg+xml",
    "video/mp4", "audio/mpeg", "audio/wav",
})  # fmt: skip


async def list_assets(call: Call) -> dict[str, Any]:
    """Every asset that is not gone."""
    kinds = call.params["kind"].split(",") if call.params["kind"] else []
    return {"items": list(await call.hub.store.assets.all(kinds)), "next": None}


async def get_asset(call: Call) -> dict[str, Any]:
    """One asset."""
    return await call.hub.store.assets.get(call.params["source"], call.params["id"])


async def get_media(call: Call) -> web.Response:
    """A picture, clip or recording; fetched from the vendor once, then kept by its SHA-256."""
    hub = call.hub
    row = await shown(call)
    media = told(call, row).get("data", {}).get("media", [])
    index = call.params["index"]
    if index >= len(media) or not media[index].keys() >= {"handle", "owner"}:
        raise NotFound("This event has no such medium.")
    kept = await hub.store.media.get(row.source, media[index]["handle"])
    if kept is None:
        fetched = await hub.sources.fetch_media(row.source, media[index]["handle"])
        if fetched.state != "fetched":
            raise GiveUp(
                f"This medium is {fetched.state} at its owner, {media[index]['owner']}.",
                code="gone",
                remedy="Ask the owner; the hub had not fetched it in time.",
            )
        sha256 = await hub.store.media.put(
            row.source, media[index]["handle"], b64decode(fetched.body), fetched.content_type
        )
        kept = (sha256, fetched.content_type)
    sha256, content_type = kept
    return web.Response(
        body=await hub.store.media.read(sha256),
        content_type=_harmless(content_type),
        headers={
            "ETag": f'"{sha256}"',
            "X-Media-Sha256": sha256,
            "Cache-Control": "private",
            "Content-Security-Policy": MEDIA_POLICY,
        },
    )


def _harmless(content_type: str) -> str:
    """Only what a browser shows keeps its type."""
    main = content_type.split(";", 1)[0].strip().lower()
    return main if main in _SHOWN else "application/octet-stream"


ROUTES = (
    Route("GET", "/assets", "assets", "What exists and where", list_assets,
          access=Access(Permission.DATA_LIVE, AuditEvent.ASSET_VIEWED),
          params=(Param("kind", "Kinds, separated by commas."),),
          answers={200: Answer("Assets.", {"type": "object"})}),
    Route("GET", "/assets/{source}/{id}", "assets", "One asset", get_asset,
          access=Access(Permission.DATA_LIVE, AuditEvent.ASSET_VIEWED),
          params=(path_param("source", "Its source."), path_param("id", "Its id.")),
          answers={200: Answer("The asset.", {"type": "object"})}),
    Route("GET", "/media/{seq}/{index}", "assets", "A picture, clip or recording", get_media,
          access=Access(Permission.DATA_LIVE, AuditEvent.MEDIA_VIEWED, "guarded", about=opening),
          params=(SEQ, path_param("index", "Which of the event's media.",
                                  {"type": "integer", "minimum": 0, "maximum": 99})),
          answers={200: Answer("Its bytes.", None, "application/octet-stream"),
                   410: Answer("It can no longer be had.")}),
)  # fmt: skip
