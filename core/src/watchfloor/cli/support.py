"""``watchfloor support``: one file to hand to whoever helps, without secrets or personal data.

What stands in it is chosen field by field. Texts that a connector or a vendor wrote are left out
whole, because nobody can tell what is in them: states go by their code, settings by their kind.
"""

from __future__ import annotations

import asyncio
import json
import platform
import sys
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from watchfloor import __version__
from watchfloor.bootstrap import describe_store
from watchfloor.contracts import AskAPerson

from .client import Client
from .output import Json, failing_well, out, plain, show
from .places import DataDir

_SOURCE = (
    "id", "connector", "version", "enabled", "synthetic", "state", "since", "code", "last_event",
    "events_total", "duplicates_total", "dead_total", "rate_per_min", "lag_s", "skew_s",
    "cadence_s", "assured_until", "memory_mb",
)  # fmt: skip
_REPAIR = ("source", "code", "fault", "since", "step")
_GAP = ("source", "start", "end")
_HUB = ("version", "timezone", "now")

READ_ME = """Facts for whoever helps with a Watchfloor hub.

There are no events, no names, no plates, no credentials and no addresses of people in these files.
Settings that are texts are given by their length, addresses of systems by their host. What
connectors wrote into their logs is left out: read it with "watchfloor connector logs SOURCE", and
add what you find harmless.
"""


def support(
    data_dir: DataDir,
    to: Annotated[
        Path | None, typer.Option("--out", help="Where to write it.", dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a support bundle: versions, states, codes and counts of a running hub."""
    with failing_well(as_json):
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        path = to or Path(f"watchfloor-support-{stamp}.zip")
        _write(path, _facts(data_dir))
        show({"written": str(path)}, as_json, lambda said: out.print(plain(said["written"])))


def _facts(data_dir: Path) -> dict[str, Any]:
    client = Client.of(data_dir)
    return {
        "about": {
            "watchfloor": __version__,
            "python": sys.version.split()[0],
            "system": platform.platform(),
            "hub": _only(client.get("/hub"), _HUB),
        },
        "store": asyncio.run(describe_store(data_dir)),
        "sources": [_source(source) for source in client.get("/sources")["items"]],
        "repairs": [_only(repair, _REPAIR) for repair in client.get("/repairs")["items"]],
        "gaps": [_only(gap, _GAP) for gap in client.get("/gaps")["items"]],
        "connectors": [_connector(each) for each in client.get("/connectors")["items"]],
    }


def _only(document: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: document.get(name) for name in fields}


def _source(source: Mapping[str, Any]) -> dict[str, Any]:
    config = {name: described(value) for name, value in source["config"].items()}
    return {**_only(source, _SOURCE), "config": config}


def _connector(connector: Mapping[str, Any]) -> dict[str, Any]:
    manifest = connector.get("manifest") or {}
    return {"id": connector["id"], "version": manifest.get("version"), "broken": not manifest}


def described(value: Any) -> Any:
    """A setting without what it says: numbers and switches as they are, addresses by their host,
    texts by their length."""
    if isinstance(value, str):
        host = urlsplit(value).hostname if value.startswith(("http://", "https://")) else None
        return f"address of {host}" if host else f"text of {len(value)} characters"
    if isinstance(value, list):
        return [described(each) for each in value]
    if isinstance(value, Mapping):
        return {name: described(each) for name, each in value.items()}
    return value


def _write(path: Path, facts: Mapping[str, Any]) -> None:
    try:
        with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr("README.txt", READ_ME)
            for name, fact in facts.items():
                bundle.writestr(f"{name}.json", json.dumps(fact, indent=2) + "\n")
    except OSError as error:
        raise AskAPerson(
            f"The bundle cannot be written: {error.strerror}.",
            code="not_written",
            remedy="Name another file with --out.",
        ) from None
