"""``watchfloor doctor``: looks at an installation, says what is wrong and what to do."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

from watchfloor import settings
from watchfloor.bootstrap import AUDIT, CONNECTORS, RUN_FILE, describe_store, second_copy
from watchfloor.hosting import Catalogue

from .client import Client
from .findings import Finding, finding, report
from .output import Json
from .places import DataDir

MIN_FREE = 1024 * 1024 * 1024
"""Bytes of disk below which the hub is about to refuse."""

WELL = ("running", "stopped", "starting")


def doctor(data_dir: DataDir, as_json: Json = False) -> None:
    """Check Python, settings, disk, database, connectors, audit log and the running hub. Exits with
    4 when something needs attention."""
    report([_python, _settings, _disk, _store, _connectors, _audit, _hub], data_dir, as_json)


def _python(_data_dir: Path) -> Finding:
    """Python."""
    return finding(sys.version_info >= (3, 11), "Python", sys.version.split()[0], "3.11 or newer.")


def _settings(data_dir: Path) -> Finding:
    """Settings."""
    loaded = settings.load(data_dir)
    loaded.zone()
    return finding(True, "Settings", f"{loaded.name} ({loaded.agency}, {loaded.timezone})")


def _disk(data_dir: Path) -> Finding:
    """Disk."""
    there = next(path for path in (data_dir, *data_dir.parents) if path.exists())
    free = shutil.disk_usage(there).free
    detail = f"{free / 2**30:.1f} GiB free for {data_dir}"
    return finding(free >= MIN_FREE, "Disk", detail, "Make room: below 1 GiB the hub may refuse.")


def _store(data_dir: Path) -> Finding:
    """Database."""
    facts = asyncio.run(describe_store(data_dir))
    if facts is None:
        return finding(True, "Database", "None yet; it is made at the first start.")
    detail = ", ".join(f"{name} {value}" for name, value in facts.items())
    return finding(True, "Database", detail)


def _connectors(data_dir: Path) -> Finding:
    """Connectors."""
    chosen = settings.load(data_dir)
    catalogue = Catalogue(data_dir / CONNECTORS, development=chosen.development)
    broken = [f"{each.id}: {each.problem}" for each in catalogue.all() if each.problem]
    names = [each.id for each in catalogue.all()]
    if broken:
        remedy = "Install it again: watchfloor connector remove, then install."
        return finding(False, "Connectors", "; ".join(broken), remedy)
    none = "None installed yet; find one: watchfloor connector search"
    return finding(True, "Connectors", ", ".join(names) or none)


def _audit(data_dir: Path) -> Finding:
    """Audit log."""
    if (data_dir / RUN_FILE).exists():
        said = Client.of(data_dir).get("/health")["audit"]
        detail = "Written, in all copies." if said == "ok" else f"The running hub says: {said}."
        return finding(said == "ok", "Audit log", detail, "See watchfloor repairs.")
    chosen = settings.load(data_dir)
    copies = [data_dir / AUDIT, second_copy(data_dir, chosen)]
    sizes = {sum(path.stat().st_size for path in copy.glob("records/*")) for copy in copies}
    remedy = "A start of the hub evens the copies, or says why not; look at the disks of both."
    detail = f"{max(sizes) / 2**20:.1f} MiB in each copy" if len(sizes) == 1 else "Copies differ."
    return finding(len(sizes) == 1, "Audit log", detail, remedy)


def _hub(data_dir: Path) -> Finding:
    """Hub."""
    client = Client.of(data_dir)
    sources = client.get("/sources")["items"]
    troubled = [item["id"] for item in sources if item["state"] not in WELL]
    detail = f"running at {client.url}, {len(sources)} sources"
    if troubled:
        return finding(False, "Hub", f"{detail}; trouble with {', '.join(troubled)}",
                        "See the sources page for what to do.")  # fmt: skip
    return finding(True, "Hub", detail)
