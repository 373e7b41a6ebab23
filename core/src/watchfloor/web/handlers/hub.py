"""The hub itself: its name, its banner, its basemap, its API document."""

from __future__ import annotations

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct

from watchfloor import __version__
from watchfloor.audit import AuditEvent
from watchfloor.contracts import KINDS, rfc3339
from watchfloor.identity import Permission
from watchfloor.web.banner import Banner, keep_banner
from watchfloor.web.routes import Access, Answer, Call, Route
from watchfloor.web.support import bundle


class KindInfo(Struct):
    """A kind of event as people name it."""

    name: str
    type: str
    aliases: list[str]


class HubInfo(Struct):
    """What a console needs to know first."""

    name: str
    agency: str
    timezone: str
    version: str
    now: str
    bounds: tuple[float, float, float, float] | None
    banner: Banner | None
    kinds: list[KindInfo]
    hooks_url: str
    """Where vendors' webhooks go; the source's id comes behind it."""


class NewBanner(Struct, forbid_unknown_fields=True):
    """What every screen shall say on top; an empty text takes the banner away."""

    text: Annotated[str, Meta(max_length=500)]
    tone: Literal["training", "notice", "warning"] = "notice"


async def get_hub(call: Call) -> HubInfo:
    """Name, agency, zone, version, time, bounds, banner and kinds."""
    settings = call.hub.settings
    return HubInfo(
        name=settings.name,
        agency=settings.agency,
        timezone=settings.timezone,
        version=__version__,
        now=rfc3339(call.hub.clock.now()),
        bounds=settings.bounds,
        banner=call.hub.banner,
        kinds=[KindInfo(kind.name, kind.type, list(kind.aliases)) for kind in KINDS],
        hooks_url=call.hub.hooks_url,
    )


async def put_banner(call: Call) -> None:
    """Set the banner; every open console shows it at once."""
    text = call.body.text.strip()
    banner = Banner(text, call.body.tone) if text else None
    await keep_banner(call.hub.store.ledger, banner, call.actor)
    call.hub.banner = banner
    call.hub.feed.tell("banner", banner)


async def get_basemap(call: Call) -> web.StreamResponse:
    """The agency's own geometry: streets, areas, water."""
    path = call.hub.basemap_path
    if path.exists():
        return web.FileResponse(path, headers={"Content-Type": "application/geo+json"})
    return web.json_response(
        {"type": "FeatureCollection", "features": []}, content_type="application/geo+json"
    )


async def get_openapi(call: Call) -> object:
    """This API, described."""
    return call.hub.openapi


async def get_support_bundle(call: Call) -> web.Response:
    """Facts for whoever helps, without secrets or personal data: a ZIP archive."""
    name = f"watchfloor-support-{call.hub.clock.now() // 1_000_000}.zip"
    return web.Response(
        body=await bundle(call.hub),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def health(call: Call) -> dict[str, str]:
    """The hub answers, and whether its audit log is as it must be."""
    troubles = call.hub.custody.troubles()
    return {
        "status": "degraded" if troubles else "ok",
        "audit": troubles[0].code if troubles else "ok",
    }


ROUTES = (
    Route("GET", "/health", "hub", "Whether the hub answers", health, session=False,
          answers={200: Answer("It does: `status` is `ok` or `degraded`, `audit` is `ok` or the "
                               "code of what is wrong with the audit log.", {"type": "object"})}),
    Route("GET", "/openapi.json", "hub", "This document", get_openapi, session=False,
          answers={200: Answer("OpenAPI 3.1.", {"type": "object"})}),
    Route("GET", "/hub", "hub", "What a console needs to know first", get_hub,
          access=Access(Permission.HUB_READ, AuditEvent.HUB_VIEWED),
          answers={200: Answer("The hub.", HubInfo)}),
    Route("PUT", "/banner", "hub", "Set what every screen says on top", put_banner,
          access=Access(Permission.HUB_CONFIGURE, AuditEvent.BANNER_CHANGED),
          body=NewBanner),
    Route("GET", "/support-bundle", "hub", "Facts for whoever helps", get_support_bundle,
          access=Access(Permission.SOURCES_OPERATE, AuditEvent.BUNDLE_MADE),
          answers={200: Answer("A ZIP archive of JSON files, without secrets or personal data.",
                               None, "application/zip")}),
    Route("GET", "/basemap", "hub", "The agency's own geometry", get_basemap,
          access=Access(Permission.HUB_READ, AuditEvent.HUB_VIEWED),
          answers={200: Answer("GeoJSON.", {"type": "object"}, "application/geo+json")}),
)  # fmt: skip
