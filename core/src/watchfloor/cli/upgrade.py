"""``watchfloor upgrade check``: the new version, asked before it is put into use. Run it from the
new installation, on the data directory of the hub that still runs the old one."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import typer

from watchfloor import __version__, settings
from watchfloor.adapters import backup as backups
from watchfloor.adapters.backup import database
from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.bootstrap import CONNECTORS, DATABASE
from watchfloor.contracts import WatchfloorError, micros
from watchfloor.hosting import Catalogue, check_config
from watchfloor.ports.store import Instance
from watchfloor.registry import version_key
from watchfloor.sources import PUSH
from watchfloor.tls import ServerTls

from .backup import place_of
from .findings import Finding, finding, report
from .output import Json
from .places import DataDir

app = typer.Typer(help="Before and while a hub is upgraded.", no_args_is_help=True)

RECENT = 24 * 3600 * 1_000_000
"""Microseconds: how old the backup may be that one would go back to."""
SPARE = 1024 * 1024 * 1024
"""Bytes that stay free besides what the migration needs."""


@app.command("check")
def check(data_dir: DataDir, as_json: Json = False) -> None:
    """Try this version on a copy of the database, and look at disk, settings, connectors and the
    last backup. Nothing is changed. Exits with 4 when something is to be done first."""
    report([_settings, _disk, _schema, _connectors, _backup], data_dir, as_json)


def _settings(data_dir: Path) -> Finding:
    """Settings."""
    chosen = settings.load(data_dir)
    chosen.zone()
    for files in (chosen.listening.console_files(), chosen.listening.hooks_files()):
        if files is not None:
            ServerTls(files)
    return finding(True, "Settings", f"{settings.FILE} fits version {__version__}")


def _disk(data_dir: Path) -> Finding:
    """Disk."""
    size, free = _database_size(data_dir), shutil.disk_usage(data_dir).free
    needed = 2 * size + SPARE  # a copy to try it on; then what the migration writes beside it
    detail = f"{free / 2**30:.1f} GiB free, {needed / 2**30:.1f} GiB needed"
    return finding(free >= needed, "Disk", detail, "Free the rest before you upgrade.")


def _database_size(data_dir: Path) -> int:
    return sum(path.stat().st_size for path in data_dir.glob(f"{DATABASE}*"))


def _schema(data_dir: Path) -> Finding:
    """Database and sources."""
    if not (data_dir / DATABASE).exists():
        return finding(True, "Database", "None yet; it is made at the first start.")
    with place_of(data_dir).working() as work:
        copy = work / DATABASE
        database.copy(data_dir / DATABASE, copy)
        before, began = database.counts(copy), time.monotonic()
        instances = asyncio.run(_tried(copy))
        took, after = time.monotonic() - began, database.counts(copy)
        database.check(copy)
    if wrong := _misfits(data_dir, instances):
        return finding(False, "Sources", "; ".join(wrong), "Upgrade or correct these first.")
    if msgspec.structs.replace(before, schema=after.schema) != after:
        remedy = "Do not upgrade; report it with the output of this command."
        return finding(False, "Database", f"{before} became {after} on a copy", remedy)
    schemas = f"schema {before.schema} to {after.schema} on a copy in {took:.1f} s"
    return finding(True, "Database", f"{schemas}, {len(instances)} sources fit")


async def _tried(copy: Path) -> Sequence[Instance]:
    """Open it as this version does, which migrates it. Raises ``WatchfloorError``."""
    store = SqliteStore(copy, SystemClock())
    await store.open()
    try:
        return await store.instances.all()
    finally:
        await store.close()


def _misfits(data_dir: Path, instances: Sequence[Instance]) -> list[str]:
    catalogue = _catalogue(data_dir)
    wrong = []
    for each in instances:
        if each.connector == PUSH:  # the hub itself takes what they send
            continue
        try:
            check_config(catalogue.manifest(each.connector), each.config)
        except WatchfloorError as error:
            wrong.append(f"{each.id}: {error.detail}")
    return wrong


def _connectors(data_dir: Path) -> Finding:
    """Connectors."""
    installed = _catalogue(data_dir).all()
    wrong = [f"{each.id}: {each.problem}" for each in installed if each.problem]
    wrong += [
        f"{each.id} needs a hub of {each.manifest.min_hub} or newer"
        for each in installed
        if each.manifest and version_key(each.manifest.min_hub) > version_key(__version__)
    ]
    if wrong:
        remedy = "Upgrade these with the old version still in use: watchfloor connector upgrade"
        return finding(False, "Connectors", "; ".join(wrong), remedy)
    return finding(True, "Connectors", f"{len(installed)} installed, all fit {__version__}")


def _catalogue(data_dir: Path) -> Catalogue:
    return Catalogue(data_dir / CONNECTORS, development=settings.load(data_dir).development)


def _backup(data_dir: Path) -> Finding:
    """Backup."""
    proven = [one for one in backups.Register(place_of(data_dir).own).all() if one.verified]
    remedy = "Take one and prove it: watchfloor backup --to FOLDER, then watchfloor verify FILE"
    if not proven:
        return finding(False, "Backup", "None was ever verified.", remedy)
    age = SystemClock().now() - micros(proven[-1].made)
    detail = f"the last that was verified is of {proven[-1].made}"
    return finding(age <= RECENT, "Backup", detail, remedy)
