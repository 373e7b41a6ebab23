"""Mappings in the making, for tests of declarative connectors."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from watchfloor.contracts import Manifest
from watchfloor_sdk.declarative import Mapped, Mapper, Plan, Scope

PACKAGES = Path(__file__).parents[1] / "sdk/declarative/packages"
NOW = datetime(2026, 5, 2, 21, 0, tzinfo=UTC)
MANIFEST = msgspec.json.decode((PACKAGES / "watchfloor_plates/connector.json").read_bytes())


def plan(mapping: dict[str, Any] | str, **settings: Any) -> Plan:
    """A mapping file, compiled."""
    text = mapping if isinstance(mapping, str) else json.dumps(mapping)
    manifest = msgspec.convert(MANIFEST, Manifest)
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
