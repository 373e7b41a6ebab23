"""Connectors: what the index offers, what is installed, and what a source may do."""

from __future__ import annotations

from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from watchfloor.access import in_lines
from watchfloor.audit import AuditEvent
from watchfloor.contracts import Impact, Refused
from watchfloor.hosting import Line
from watchfloor.identity import Permission
from watchfloor.registry import ConnectorInfo, ConnectorPage, ImpactView, Job, Offer
from watchfloor.sources import SourceView
from watchfloor.web.routes import (
    Access,
    Answer,
    Call,
    JsonSchema,
    Param,
    Route,
    ToAgree,
    path_param,
)

from .sources import ID, SWITCH_OFF

VERSION: JsonSchema = {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+[a-z0-9.+-]*$"}
CONNECTOR = path_param(
    "id", "The connector's id.", {"type": "string", "pattern": "^[a-z][a-z0-9-]{1,63}$"}
)
_TOLD_WHERE = frozenset({Permission.SOURCES_OPERATE, Permission.SETTINGS_APPROVE})
LARGEST_BUNDLE = 256 * 1024 * 1024


class WantedVersion(Struct, forbid_unknown_fields=True):
    """Which version; the newest that may run when none is named."""

    version: Annotated[str, Meta(pattern=VERSION["pattern"])] | None = None


class Statement(Struct, kw_only=True, forbid_unknown_fields=True):
    """An impact statement as a person approves it, for what one version touches."""

    version: Annotated[str, Meta(pattern=VERSION["pattern"])]
    data: Annotated[str, Meta(max_length=1024)]
    legal_basis: Annotated[str, Meta(max_length=1024)]
    retention_days: Annotated[float, Meta(ge=0, le=36_525, multiple_of=1)]
    """A whole number, as ``30`` or ``30.0``: in JSON they are the same."""


class OfferList(Struct):
    """What the index offers."""

    items: list[Offer]
    next: None = None


class ConnectorList(Struct):
    """Every installed connector."""

    items: list[ConnectorInfo]
    next: None = None


class LineList(Struct):
    """Lines of a source, oldest first."""

    items: list[Line]
    next: None = None


async def search_registry(call: Call) -> OfferList:
    """What fits every word of ``q``; all of it without words."""
    return OfferList(list(await call.hub.connectors.offers.search(call.params["q"])))


async def list_connectors(call: Call) -> ConnectorList:
    """What is installed."""
    return ConnectorList(list(await call.hub.connectors.offers.installed()))


async def show_connector(call: Call) -> ConnectorPage:
    """One, offered or installed."""
    return await call.hub.connectors.offers.show(call.params["id"])


async def install_connector(call: Call) -> web.Response:
    """Fetch, verify and install."""
    job = call.hub.connectors.install(call.params["id"], call.body.version, call.actor)
    return _accepted(job)


async def install_bundle(call: Call) -> web.Response:
    """The same from a bundle, without the network."""
    if not call.body:
        raise Refused("The bundle is empty.", code="bad_archive")
    return _accepted(call.hub.connectors.install_bundle(call.body, call.actor))


async def upgrade_connector(call: Call) -> web.Response:
    """Put another version into use, after its check."""
    job = call.hub.connectors.upgrade(call.params["id"], call.body.version, call.actor)
    return _accepted(job)


async def rollback_connector(call: Call) -> web.Response:
    """Put the version before into use again."""
    return _accepted(call.hub.connectors.rollback(call.params["id"], call.actor))


async def remove_connector(call: Call) -> web.Response:
    """Take it away."""
    return _accepted(call.hub.connectors.remove(call.params["id"], call.actor))


async def get_job(call: Call) -> Job:
    """How far it is."""
    return call.hub.connectors.jobs.get(call.params["id"])


async def get_impact(call: Call) -> ImpactView:
    """As it stands, under the version in use or another that is installed. Where it reaches is told
    to who operates sources and to who approves that."""
    view = await call.hub.connectors.impact(call.params["id"], call.params["version"])
    return view if call.person.permissions & _TOLD_WHERE else view.without_places()


async def approve_impact(call: Call) -> ImpactView:
    """The signed-in person answers for it."""
    said: Statement = call.body
    impact = Impact(
        data=said.data, legal_basis=said.legal_basis, retention_days=int(said.retention_days)
    )
    source, version = call.params["id"], said.version
    return await call.hub.connectors.approve(source, version, impact, call.actor)


def _statement(call: Call) -> ToAgree:
    said: Statement = call.body
    shown = [
        ("version", said.version),
        ("data", said.data),
        ("legal basis", said.legal_basis),
        ("kept", f"{said.retention_days:.0f} days"),
    ]
    return ToAgree("Approve an impact statement", in_lines(shown))


async def enable_source(call: Call) -> SourceView:
    """Let its worker run."""
    return await call.hub.connectors.enable(call.params["id"], call.actor)


async def disable_source(call: Call) -> SourceView:
    """Stop its worker; everything of it stays."""
    return await call.hub.connectors.disable(call.params["id"], call.actor)


async def source_logs(call: Call) -> LineList:
    """What its worker said and how it fared since the hub started."""
    return LineList(list(call.hub.connectors.logs(call.params["id"])))


def _accepted(job: Job) -> web.Response:
    body = msgspec.json.encode(job)
    return web.Response(body=body, status=202, content_type="application/json")


ROUTES = (
    Route("GET", "/registry", "connectors", "What the index offers", search_registry,
          access=Access(Permission.SOURCES_READ, AuditEvent.SETTING_VIEWED),
          params=(Param("q", "Words that must all fit.", {"type": "string", "maxLength": 256},
                        default=""),),
          answers={200: Answer("Connectors.", OfferList)}),
    Route("GET", "/connectors", "connectors", "What is installed", list_connectors,
          access=Access(Permission.SOURCES_READ, AuditEvent.SETTING_VIEWED),
          answers={200: Answer("Connectors.", ConnectorList)}),
    Route("GET", "/connectors/{id}", "connectors", "One connector", show_connector,
          access=Access(Permission.SOURCES_READ, AuditEvent.SETTING_VIEWED),
          params=(CONNECTOR,), answers={200: Answer("The connector.", ConnectorPage)}),
    Route("POST", "/connectors/{id}/install", "connectors", "Install it", install_connector,
          access=Access(Permission.CONNECTORS_INSTALL, AuditEvent.CONNECTOR_CHANGED),
          params=(CONNECTOR,), body=WantedVersion, answers={202: Answer("The work.", Job)}),
    Route("POST", "/connectors/{id}/upgrade", "connectors", "Upgrade it, after its check",
          upgrade_connector,
          access=Access(Permission.CONNECTORS_INSTALL, AuditEvent.CONNECTOR_CHANGED),
          params=(CONNECTOR,), body=WantedVersion,
          answers={202: Answer("The work.", Job)}),
    Route("POST", "/connectors/{id}/rollback", "connectors", "Go back to the version before",
          rollback_connector,
          access=Access(Permission.CONNECTORS_INSTALL, AuditEvent.CONNECTOR_CHANGED),
          params=(CONNECTOR,), answers={202: Answer("The work.", Job)}),
    Route("POST", "/connectors/{id}/remove", "connectors", "Take it away", remove_connector,
          access=Access(Permission.CONNECTORS_INSTALL, AuditEvent.CONNECTOR_CHANGED),
          params=(CONNECTOR,), answers={202: Answer("The work.", Job)}),
    Route("POST", "/bundles", "connectors", "Install from a bundle", install_bundle,
          access=Access(Permission.CONNECTORS_INSTALL, AuditEvent.CONNECTOR_CHANGED),
          body=bytes,
          body_content_type="application/octet-stream", max_body=LARGEST_BUNDLE,
          answers={202: Answer("The work.", Job)}),
    Route("GET", "/jobs/{id}", "connectors", "How far long work is", get_job,
          access=Access(Permission.SOURCES_READ, AuditEvent.SETTING_VIEWED),
          params=(path_param("id", "The job's id."),), answers={200: Answer("The work.", Job)}),
    Route("GET", "/sources/{id}/impact", "connectors", "Its impact statement", get_impact,
          access=Access(Permission.SOURCES_READ, AuditEvent.SETTING_VIEWED),
          params=(ID, Param("version", "Under which version of its connector.", VERSION)),
          answers={200: Answer("The statement.", ImpactView)}),
    Route("PUT", "/sources/{id}/impact", "connectors", "Approve its impact statement",
          approve_impact,
          access=Access(Permission.SETTINGS_APPROVE, AuditEvent.IMPACT_APPROVED,
                        two_people=_statement),
          params=(ID,), body=Statement,
          answers={200: Answer("The statement.", ImpactView)}),
    Route("POST", "/sources/{id}/enable", "connectors", "Switch a source on", enable_source,
          access=Access(Permission.SOURCES_OPERATE, AuditEvent.SOURCE_CHANGED),
          params=(ID,), answers={200: Answer("The source.", SourceView)}),
    Route("POST", "/sources/{id}/disable", "connectors", "Switch a source off", disable_source,
          access=Access(Permission.SOURCES_OPERATE, AuditEvent.SOURCE_CHANGED,
                        two_people=SWITCH_OFF),
          params=(ID,), answers={200: Answer("The source.", SourceView)}),
    Route("GET", "/sources/{id}/logs", "connectors", "The last lines of a source", source_logs,
          access=Access(Permission.SOURCES_OPERATE, AuditEvent.SETTING_VIEWED),
          params=(ID,), answers={200: Answer("Lines.", LineList)}),
)  # fmt: skip
