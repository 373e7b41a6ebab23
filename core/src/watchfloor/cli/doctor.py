"""``watchfloor doctor``: looks at an installation, says what is wrong and what to do."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from watchfloor import settings
from watchfloor.bootstrap import CONNECTORS, describe_store
from watchfloor.contracts import WatchfloorError
from watchfloor.hosting import Catalogue

from .client import Client
from .output import ATTENTION, Json, out, plain, show
from .places import DataDir

MIN_FREE = 1024 * 1024 * 1024
"""Bytes of disk below which the hub is about to refuse."""

WELL = ("running", "stopped", "starting")

Finding = dict[str, Any]


def doctor(data_dir: DataDir, as_json: Json = False) -> None:
    """Check Python, settings, disk, database, connectors and the running hub. Exits with 4 when
    something needs attention."""
    checks: list[Callable[[Path], Finding]] = [_python, _settings, _disk, _store, _connectors, _hub]
    findings = [_guarded(check, data_dir) for check in checks]
    for finding in findings:
        show(finding, as_json, _print)
    if not all(finding["ok"] for finding in findings):
        raise typer.Exit(ATTENTION)


def _finding(ok: bool, what: str, detail: str, remedy: str = "") -> Finding:
    return {"ok": ok, "what": what, "detail": detail, "remedy": remedy}


def _guarded(check: Callable[[Path], Finding], data_dir: Path) -> Finding:
    try:
        return check(data_dir)
    except WatchfloorError as error:
        name = (check.__doc__ or "").rstrip(".")
        return _finding(False, name, error.detail, error.remedy)


def _python(_data_dir: Path) -> Finding:
    """Python."""
    return _finding(sys.version_info >= (3, 11), "Python", sys.version.split()[0], "3.11 or newer.")


def _settings(data_dir: Path) -> Finding:
    """Settings."""
    loaded = settings.load(data_dir)
    loaded.zone()
    return _finding(True, "Settings", f"{loaded.name} ({loaded.agency}, {loaded.timezone})")


def _disk(data_dir: Path) -> Finding:
    """Disk."""
    there = next(path for path in (data_dir, *data_dir.parents) if path.exists())
    free = shutil.disk_usage(there).free
    detail = f"{free / 2**30:.1f} GiB free for {data_dir}"
    return _finding(free >= MIN_FREE, "Disk", detail, "Make room: below 1 GiB the hub may refuse.")


def _store(data_dir: Path) -> Finding:
    """Database."""
    facts = asyncio.run(describe_store(data_dir))
    if facts is None:
        return _finding(True, "Database", "None yet; it is made at the first start.")
    detail = ", ".join(f"{name} {value}" for name, value in facts.items())
    return _finding(True, "Database", detail)


def _connectors(data_dir: Path) -> Finding:
    """Connectors."""
    chosen = settings.load(data_dir)
    catalogue = Catalogue(data_dir / CONNECTORS, development=chosen.development)
    broken = [f"{each.id}: {each.problem}" for each in catalogue.all() if each.problem]
    names = [each.id for each in catalogue.all()]
    if broken:
        remedy = "Install it again: watchfloor connector remove, then install."
        return _finding(False, "Connectors", "; ".join(broken), remedy)
    none = "None installed yet; find one: watchfloor connector search"
    return _finding(True, "Connectors", ", ".join(names) or none)


def _hub(data_dir: Path) -> Finding:
    """Hub."""
    client = Client.of(data_dir)
    sources = client.get("/sources")["items"]
    troubled = [item["id"] for item in sources if item["state"] not in WELL]
    detail = f"running at {client.url}, {len(sources)} sources"
    if troubled:
        return _finding(False, "Hub", f"{detail}; trouble with {', '.join(troubled)}",
                        "See the sources page for what to do.")  # fmt: skip
    return _finding(True, "Hub", detail)


def _print(finding: Finding) -> None:
    mark = "[green]ok[/]  " if finding["ok"] else "[bold red]look[/]"
    out.print(f"{mark} {finding['what']}: {plain(finding['detail'])}")
    if not finding["ok"] and finding["remedy"]:
        out.print(f"       {plain(finding['remedy'])}")
