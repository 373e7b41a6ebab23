"""The support bundle: one file to hand to whoever helps, without secrets or personal data.

What stands in it is chosen field by field. Texts that a connector or a vendor wrote are left out
whole, because nobody can tell what is in them: states go by their code, settings by their kind.
"""

from __future__ import annotations

import io
import json
import platform
import sys
import zipfile
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from watchfloor import __version__
from watchfloor.contracts import rfc3339
from watchfloor.registry import ConnectorInfo
from watchfloor.search import describe_gap
from watchfloor.sources import SourceView

from .hub import Hub, all_repairs

_SOURCE = (
    "id", "connector", "version", "enabled", "synthetic", "state", "since", "code", "last_event",
    "events_total", "duplicates_total", "dead_total", "rate_per_min", "lag_s", "skew_s",
    "cadence_s", "assured_until", "memory_mb",
)  # fmt: skip
_REPAIR = ("source", "code", "fault", "since", "step")
_GAP = ("source", "start", "end")
_DAY = 24 * 3600 * 1_000_000

READ_ME = """Facts for whoever helps with a Watchfloor hub.

There are no events, no names, no plates, no credentials and no addresses of people in these files.
Settings that are texts are given by their length, addresses of systems by their host. What
connectors wrote into their logs is left out: read it with "watchfloor connector logs SOURCE", and
add what you find harmless.
"""


async def bundle(hub: Hub) -> bytes:
    """A ZIP archive: versions, states, codes and counts of a running hub, a JSON file each."""
    return _zipped(await _facts(hub))


async def _facts(hub: Hub) -> dict[str, Any]:
    now = hub.clock.now()
    sources = await hub.sources.views()
    gaps = await hub.store.gaps.between(now - _DAY, now)
    return {
        "about": {
            "watchfloor": __version__,
            "python": sys.version.split()[0],
            "system": platform.platform(),
            "hub": {"timezone": hub.settings.timezone, "now": rfc3339(now)},
        },
        "store": await hub.store.describe(),
        "sources": [_source(source) for source in sources],
        "repairs": [
            _only(msgspec.to_builtins(each), _REPAIR) for each in await all_repairs(hub, sources)
        ],
        "gaps": [_only(describe_gap(gap), _GAP) for gap in gaps],
        "connectors": [_connector(each) for each in await hub.connectors.offers.installed()],
    }


def _only(document: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: document.get(name) for name in fields}


def _source(source: SourceView) -> dict[str, Any]:
    config = {name: described(value) for name, value in source.config.items()}
    return {**_only(msgspec.to_builtins(source), _SOURCE), "config": config}


def _connector(connector: ConnectorInfo) -> dict[str, Any]:
    return {
        "id": connector.id,
        "version": connector.version,
        "verified": connector.verified,
        "broken": connector.manifest is None,
    }


def described(value: Any) -> Any:
    """A setting without what it says: numbers and switches as they are, addresses by their host,
    texts by their length."""
    if isinstance(value, str):
        host = _host(value) if value.startswith(("http://", "https://")) else None
        return f"address of {host}" if host else f"text of {len(value)} characters"
    if isinstance(value, list):
        return [described(each) for each in value]
    if isinstance(value, Mapping):
        return {name: described(each) for name, each in value.items()}
    return value


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:  # it only begins like an address
        return None


def _zipped(facts: Mapping[str, Any]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", READ_ME)
        for name, fact in facts.items():
            archive.writestr(f"{name}.json", json.dumps(fact, indent=2) + "\n")
    return content.getvalue()
