"""Mappings in the making, for tests of declarative connectors."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer

from watchfloor.contracts import Manifest
from watchfloor_sdk.declarative import Mapped, Mapper, Plan, Scope
from watchfloor_sdk.testing import context

PACKAGES = Path(__file__).parents[1] / "sdk/declarative/packages"
NOW = datetime(2026, 5, 2, 21, 0, tzinfo=UTC)
MANIFEST = msgspec.json.decode((PACKAGES / "watchfloor_plates/connector.json").read_bytes())


def plan(
    mapping: dict[str, Any] | str, actions: Sequence[dict[str, Any]] = (), **settings: Any
) -> Plan:
    """A mapping file, compiled for a manifest that declares ``actions``."""
    text = mapping if isinstance(mapping, str) else json.dumps(mapping)
    manifest = msgspec.convert({**MANIFEST, "actions": actions}, Manifest)
    return Plan(text, "source.json", settings=settings, source="test", manifest=manifest)


def source(output: dict[str, Any], layout: dict[str, Any] | None = None, **file: Any) -> Any:
    """A mapping file of one source with one output."""
    one = {"name": "s", "request": {"path": "/"}, "layout": layout or {"records": "rows"},
           "outputs": [output]}  # fmt: skip
    return {"name": "test", "sources": [one], **file}


CALL = {
    "event": "call", "id": "id", "time": "at",
    "fields": {"call_number": "id", "status": "=Active", "incident_type.text": "=Test"},
}  # fmt: skip
ROW = {"id": "Z-1", "at": "2026-05-02T20:00:00Z"}


def mapped(fields: dict[str, Any], row: dict[str, Any], **file: Any) -> Mapped:
    """What a row of a call becomes with these fields beside those that a call needs."""
    output = {**CALL, "fields": {**CALL["fields"], **fields}, **file.pop("output", {})}
    settings = file.pop("settings", {})
    mapper: Mapper = plan(source(output, **file), **settings).mappers["s"]
    return mapper.page(json.dumps({"rows": [{**ROW, **row}]}).encode(), Scope(NOW))


def told(fields: dict[str, Any], row: dict[str, Any], **file: Any) -> Any:
    """The data of the one event, as JSON has it."""
    page = mapped(fields, row, **file)
    assert not page.rejected, page.rejected
    (event,) = page.events
    return msgspec.to_builtins(event.data)


def refused(fields: dict[str, Any], row: dict[str, Any], **file: Any) -> str:
    """The code with which the one row is refused."""
    page = mapped(fields, row, **file)
    assert not page.events
    (bad,) = page.rejected
    return bad.code


# --- Vendors on loopback -----------------------------------------------------------------------

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CREDENTIALS = {
    "token": {"token": "ZZ-secret"},
    "account": {"username": "hub", "password": "ZZ-secret"},
}


@asynccontextmanager
async def asked(connector: Any, handler: Handler, **settings: Any) -> AsyncIterator[Any]:
    """A context for a vendor that answers every path like this."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(app) as server:
        base_url = str(server.make_url("")).rstrip("/")
        made = connector.settings(base_url=base_url, **{"owner": "Example PD", **settings})
        ctx = context(made, source="test", credentials=CREDENTIALS)
        try:
            yield ctx
        finally:
            await ctx.aclose()
