"""Sources: what is configured, how it fares, and what is installed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct

from watchfloor.audit import AuditEvent
from watchfloor.contracts.protocol import CheckResult
from watchfloor.identity import Permission
from watchfloor.ports.store import Instance
from watchfloor.sources import CredentialView, Repair, SourceView, plainly, repairs_plainly
from watchfloor.web.hub import all_repairs
from watchfloor.web.routes import Access, Answer, Call, Route, ToAgree, path_param

ID = path_param(
    "id", "The source's id.", {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"}
)

SWITCH_OFF = "Switch a source off"
DECLARE = {True: "Declare a source's data made up", False: "Declare a source's data real"}
"""What a second person is asked before a source falls silent."""
REDIRECT = "Change where a source sends things"


class NewSource(Struct, kw_only=True, forbid_unknown_fields=True):
    """A source as agency IT wants it. ``connector`` is an installed one, or ``push``."""

    connector: Annotated[str, Meta(min_length=1, max_length=64)]
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    config: dict[str, Any] = {}
    enabled: bool = True
    synthetic: bool = False


class Credential(Struct, forbid_unknown_fields=True):
    """A credential's parts, such as ``{"secret": "…"}``. It is never given back."""

    value: Annotated[
        dict[str, Annotated[str, Meta(max_length=65536)]], Meta(min_length=1, max_length=16)
    ]


class SourceList(Struct):
    """Every source."""

    items: list[SourceView]
    next: None = None


class RepairList(Struct):
    """What is to be repaired, the oldest first."""

    items: list[Repair]
    next: None = None


class CredentialList(Struct):
    """Declared credentials, without their values."""

    items: list[CredentialView]
    next: None = None


async def list_sources(call: Call) -> SourceList:
    """Every source with how it fares."""
    return SourceList(await source_views(call))


async def source_views(call: Call) -> list[SourceView]:
    """Every source, with its settings and what exactly is wrong for whoever operates it."""
    views = await call.hub.sources.views()
    return views if _operates(call) else [*map(plainly, views)]


def _operates(call: Call) -> bool:
    return Permission.SOURCES_OPERATE in call.person.permissions


async def list_repairs(call: Call) -> RepairList:
    """What is known to be wrong, with the fix beside it."""
    sources = await call.hub.sources.views()
    found = await all_repairs(call.hub, sources)
    return RepairList(found if _operates(call) else repairs_plainly(found, sources))


async def put_source(call: Call) -> SourceView:
    """Add a source or change it."""
    body: NewSource = call.body
    wanted = Instance(
        id=call.params["id"],
        connector=body.connector,
        name=body.name,
        config=body.config,
        enabled=body.enabled,
        synthetic=body.synthetic,
    )
    view = await call.hub.connectors.put(wanted, call.actor)
    call.hub.summariser.know(call.hub.sources.all())
    return view


def takes_two(call: Call) -> str | ToAgree:
    """What a second person is asked where the new settings switch a source off that is on, say that
    its data are made up, or real, after all (training reaches what is made up), or send elsewhere
    what leaves the hub by it: who runs the hub has no say in who is told. They see what changes."""
    known = {each.id: each for each in call.hub.sources.all()}.get(call.params["id"])
    changes = differences(known, call.body)
    what = _what_takes_two(call, known, redirects=bool(changes))
    return ToAgree(what, changes) if what else ""


def _what_takes_two(call: Call, known: Instance | None, *, redirects: bool) -> str:
    body, source = call.body, call.params["id"]
    is_on = known is not None and known.enabled
    if is_on and not body.enabled:
        return SWITCH_OFF
    if known is not None and known.synthetic != body.synthetic:
        return DECLARE[body.synthetic]
    tells = any(each.source == source for each in call.hub.alerts.desk.channels)
    reached = {each.source for each in call.hub.lookups.offers()}
    reached |= {each.source for each in call.hub.actions.doable()}
    sends = is_on and source in reached
    return REDIRECT if redirects and (tells or sends) else ""


def differences(known: Instance | None, wanted: NewSource) -> str:
    """Line by line. A number is no place, but for a port; a switch may open one."""
    before = {} if known is None else {"connector": known.connector, **known.config}
    after = {"connector": wanted.connector, **wanted.config}
    return "\n".join(
        f"{name}: {_written(before, name)} → {_written(after, name)}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
        and not all(_is_measure(name, each.get(name)) for each in (before, after))
    )


def _is_measure(name: str, value: object) -> bool:
    return type(value) in (int, float) and "port" not in name


def _written(settings: Mapping[str, Any], name: str) -> str:
    return json.dumps(settings[name], ensure_ascii=False) if name in settings else "(none)"


async def remove_source(call: Call) -> None:
    """Take a source away; its events stay."""
    await call.hub.sources.remove(call.params["id"])


async def restart_source(call: Call) -> None:
    """Start its worker afresh."""
    await call.hub.sources.restart(call.params["id"])


async def check_source(call: Call) -> CheckResult:
    """Try settings, credentials and hosts, and say each in words."""
    return await call.hub.connectors.check(call.params["id"])


async def list_credentials(call: Call) -> CredentialList:
    """What its connector needs, which of it is set, and what a form asks for."""
    return CredentialList(await call.hub.sources.credentials(call.params["id"]))


async def put_credential(call: Call) -> None:
    """Keep a credential in the sealed keyring."""
    await call.hub.sources.set_credential(
        call.params["id"], call.params["name"], call.body.value, call.actor
    )


async def list_own_credentials(call: Call) -> CredentialList:
    """What the hub needs itself, and whether it is set."""
    return CredentialList(await call.hub.own_credentials.views())


async def put_own_credential(call: Call) -> None:
    """Keep a credential of the hub's own in the sealed keyring, and use it."""
    await call.hub.own_credentials.set(call.params["name"], call.body.value, call.actor)


ROUTES = (
    Route("GET", "/sources", "sources", "What is configured and how it fares", list_sources,
          access=Access(Permission.SOURCES_READ, AuditEvent.SETTING_VIEWED),
          answers={200: Answer("Sources.", SourceList)}),
    Route("GET", "/repairs", "sources", "What is to be repaired, and how", list_repairs,
          access=Access(Permission.SOURCES_READ, AuditEvent.SETTING_VIEWED),
          answers={200: Answer("Repairs.", RepairList)}),
    Route("PUT", "/sources/{id}", "sources", "Add or change a source", put_source,
          access=Access(Permission.SOURCES_OPERATE, AuditEvent.SOURCE_CHANGED,
                        two_people=takes_two),
          params=(ID,), body=NewSource, answers={200: Answer("The source.", SourceView)}),
    Route("DELETE", "/sources/{id}", "sources", "Take a source away", remove_source,
          access=Access(Permission.SOURCES_OPERATE, AuditEvent.SOURCE_CHANGED,
                        two_people="Take a source away"),
          params=(ID,)),
    Route("POST", "/sources/{id}/restart", "sources", "Start its worker afresh", restart_source,
          access=Access(Permission.SOURCES_OPERATE, AuditEvent.SOURCE_CHANGED),
          params=(ID,)),
    Route("POST", "/sources/{id}/check", "sources", "Test settings, credentials, hosts",
          check_source,
          access=Access(Permission.SOURCES_OPERATE, AuditEvent.SOURCE_CHANGED),
          params=(ID,), answers={200: Answer("Findings.", CheckResult)}),
    Route("GET", "/sources/{id}/credentials", "sources", "What it needs, and whether it is set",
          list_credentials,
          access=Access(Permission.CREDENTIALS_SET, AuditEvent.SETTING_VIEWED),
          params=(ID,), answers={200: Answer("Credentials.", CredentialList)}),
    Route("PUT", "/sources/{id}/credentials/{name}", "sources", "Set a credential", put_credential,
          access=Access(Permission.CREDENTIALS_SET, AuditEvent.CREDENTIAL_SET, attended=True),
          params=(ID, path_param("name", "Its declared name.")), body=Credential),
    Route("GET", "/hub/credentials", "hub", "What the hub needs itself, and whether it is set",
          list_own_credentials,
          access=Access(Permission.CREDENTIALS_SET, AuditEvent.SETTING_VIEWED),
          answers={200: Answer("Credentials.", CredentialList)}),
    Route("PUT", "/hub/credentials/{name}", "hub", "Set a credential of the hub's own",
          put_own_credential,
          access=Access(Permission.CREDENTIALS_SET, AuditEvent.CREDENTIAL_SET, attended=True),
          params=(path_param("name", "Its name."),), body=Credential),
)  # fmt: skip
