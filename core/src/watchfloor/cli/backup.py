"""``watchfloor backup``, ``verify`` and ``restore``: on files, whether or not a hub runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from watchfloor.adapters import backup as backups
from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import schedules_in
from watchfloor.audit import Checkpoint, LastHead, carries_on
from watchfloor.bootstrap import (
    AUDIT,
    CONNECTORS,
    DATABASE,
    EGRESS,
    LOCK_FILE,
    RUN_FILE,
    WORK,
    keyring_of,
    second_copy,
)
from watchfloor.contracts import GiveUp, NotFound, WatchfloorError
from watchfloor.ports.store import Stream
from watchfloor.retention import DAY, in_force
from watchfloor.settings import HubSettings, load

from .output import Json, failing_well, out, plain, progress, show
from .places import DataDir

app = typer.Typer(invoke_without_command=True)

EscrowFile = Annotated[
    Path | None,
    typer.Option("--escrow", help="Take the key from this escrow file; its code is asked for."),
]


def place_of(data_dir: Path) -> backups.Place:
    """A hub's data directory, for backups."""
    passing = frozenset({RUN_FILE, EGRESS, LOCK_FILE, WORK})
    return backups.Place(data_dir, DATABASE, CONNECTORS, passing)


@app.callback()
def backup(
    context: typer.Context,
    data_dir: DataDir,
    to: Annotated[
        Path | None, typer.Option("--to", help="A folder of this hub's own.", file_okay=False)
    ] = None,
    escrow: Annotated[
        Path | None,
        typer.Option(help="Where the keys are kept besides this machine; said once."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Back up a hub, sealed with the day's key. The hub may run meanwhile."""
    if context.invoked_subcommand:
        return
    with failing_well(as_json):
        if to is None:
            raise GiveUp("Where to? Name a folder on another disk: --to FOLDER.", code="usage")
        place = place_of(data_dir)
        if escrow is not None:
            _arrange(place, escrow, as_json)
        with _steps("Backing up", as_json) as step:
            taken = backups.take(place, to, SystemClock().now(), step)
        show(msgspec.to_builtins(taken), as_json, _print_taken)


@app.command("expire")
def expire(
    data_dir: DataDir,
    days: Annotated[int | None, typer.Option(help="Fewer days than the schedule's.", min=1)] = None,
    as_json: Json = False,
) -> None:
    """Destroy the keys of backups that are older than the retention schedule lets them be."""
    with failing_well(as_json):
        own = place_of(data_dir).own
        scheduled = _scheduled(data_dir)
        kept = scheduled if days is None else min(days, scheduled)
        gone = backups.expire(backups.DayKeys(own), SystemClock().now(), kept)
        backups.Register(own).forget(gone)
        show({"destroyed": gone}, as_json, _print_gone)


def _scheduled(data_dir: Path) -> int:
    """For how many days the schedule in force lets a backup be read; a part of a day is none."""
    schedule = in_force(schedules_in(data_dir / DATABASE))
    return schedule.limits(Stream("", "backup")).cap.micros // DAY


def verify(
    data_dir: DataDir,
    file: Annotated[
        Path | None, typer.Argument(help="The backup; the newest.", dir_okay=False)
    ] = None,
    escrow: EscrowFile = None,
    as_json: Json = False,
) -> None:
    """Read a backup back into a folder that is thrown away, and compare all that is in it."""
    with failing_well(as_json):
        place = place_of(data_dir)
        file = file or _newest(place)
        keys = _keys(data_dir, escrow)
        with _steps("Reading it back", as_json) as step:
            manifest = backups.checked(place, file, keys, SystemClock().now(), step)
        show(_said(manifest), as_json, lambda said: _print_manifest("Whole and sound", said))


def restore(
    data_dir: DataDir,
    file: Annotated[Path, typer.Argument(help="The backup.", dir_okay=False)],
    escrow: EscrowFile = None,
    old: Annotated[
        Path | None, typer.Option("--old", help="Take the key from the data directory of before.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fill an empty data directory from a backup. The hub is started afterwards."""
    with failing_well(as_json):
        if (escrow is None) == (old is None):
            raise GiveUp("Where is the key? Name --escrow FILE or --old FOLDER.", code="usage")
        keys = _keys(old or data_dir, escrow)
        with _steps("Restoring", as_json) as step:
            manifest = backups.restore(place_of(data_dir), file, keys, SystemClock().now(), step)
        chosen = load(data_dir)
        carries_on = _carries_on(data_dir, chosen)
        said = _said(manifest) | {"audit_carries_on": carries_on}
        show(said, as_json, lambda said: _print_manifest("Restored", said))
        if not as_json:
            _print_next(manifest, chosen, carries_on)


def _newest(place: backups.Place) -> Path:
    taken = backups.Register(place.own).all()
    if not taken:
        raise NotFound(
            "No backup of this hub was taken.",
            code="no_backup",
            remedy="Take one: watchfloor backup --to FOLDER",
        )
    return Path(taken[-1].file)


def _keys(data_dir: Path, escrow: Path | None) -> Mapping[str, str]:
    if escrow is None:
        return backups.DayKeys(place_of(data_dir).own).all()
    code: str = typer.prompt("Recovery code", hide_input=True, err=True)
    return backups.opened(escrow, code)


def _arrange(place: backups.Place, path: Path, as_json: bool) -> None:
    code = backups.Escrow(backups.DayKeys(place.own)).arrange(path)
    if code is not None:
        show({"recovery_code": code}, as_json, _print_code)


@contextmanager
def _steps(what: str, as_json: bool) -> Iterator[Any]:
    with progress(as_json) as bar:
        task = bar.add_task(what, total=None)

        def step(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield step


def _said(manifest: backups.Manifest) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.to_builtins(manifest)
    parts = said.pop("parts")
    return said | {"files": len(parts), "bytes": sum(part["size"] for part in parts)}


def _print_taken(taken: dict[str, Any]) -> None:
    out.print(f"{plain(taken['file'])}  {taken['size'] / 2**20:.1f} MiB, key of {taken['day']}")
    out.print(f"Prove that it can be read: watchfloor verify {plain(taken['file'])}")


def _print_code(said: dict[str, Any]) -> None:
    out.print("[bold]Recovery code[/], shown once. Write it down and keep it in a safe:")
    out.print(f"  {said['recovery_code']}")


def _print_gone(said: dict[str, Any]) -> None:
    out.print(", ".join(said["destroyed"]) or "None was old enough.")
    if said["destroyed"]:
        out.print("Backups of these days cannot be read any more; delete their files.")


def _print_manifest(what: str, said: dict[str, Any]) -> None:
    out.print(f"{what}: {said['files']} files, {said['bytes'] / 2**20:.1f} MiB, of {said['made']}")
    if counts := said["counts"]:
        out.print(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in counts.items()))


def _carries_on(data_dir: Path, chosen: HubSettings) -> bool | None:
    """Whether the audit log that is there now, in either copy, has all that its keyring knows to be
    signed; ``None`` where the keyring does not answer."""
    try:
        own = chosen.vault is None
        head = asyncio.run(_head_of(LastHead(keyring_of(data_dir, chosen)), own))
        copies = (data_dir / AUDIT, second_copy(data_dir, chosen))
        return head is None or any(carries_on(copy, head) for copy in copies)
    except (WatchfloorError, OSError):
        return None


async def _head_of(last: LastHead, own: bool) -> Checkpoint | None:
    """What is newer than the backup may come after it, from the second copy, where the keyring is
    that of the backup. A Vault is that of the hub that runs, too: nothing is changed there."""
    if own and await last.is_whole():
        await last.begin()
    head, _ = await last.read()
    return head


def _print_next(manifest: backups.Manifest, chosen: HubSettings, carries_on: bool | None) -> None:
    out.print(
        "Everybody signs in anew. Tokens of services are revoked and break-glass accounts removed,"
        " since some may have ended after the backup: make anew what is still needed"
    )
    if chosen.audit_copy:
        out.print(
            "The second copy of the audit log is not in the backup: have"
            f" {plain(chosen.audit_copy)} there before the hub starts, which then makes both copies"
            " alike"
        )
    if carries_on is not True:
        out.print(
            "The keyring knows a newer head of the audit log than the backup has"
            if carries_on is False
            else "The keyring cannot be asked whether it knows a newer head of the audit log"
        )
        out.print(
            "  The hub refuses look-ups then, until the second copy is there that has what is"
            " newer; where that is lost, say that you know: watchfloor audit accept"
        )
    for each in manifest.connectors:
        out.print(f"Install again: watchfloor connector install {each.connector}  ({each.version})")
    out.print("Arrange an escrow for the new machine with its first backup: --escrow FILE")
