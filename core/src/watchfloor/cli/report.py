"""``watchfloor report``: what the hub was used for, and the same numbers counted by somebody else.

Neither needs a running hub, a database or a secret: a folder of the log, or an export of it.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from watchfloor.adapters.typesetting import pdf
from watchfloor.audit import frames
from watchfloor.audit.verify import verify
from watchfloor.contracts import GiveUp, rfc3339
from watchfloor.settings import load
from watchfloor.transparency import (
    About,
    Figures,
    Head,
    Report,
    differences,
    figures_of,
    rendered,
)

from .audit import LOG, Keys, keys_of, moment_of
from .files import content
from .output import PARTLY, Json, failing_well, out, plain, show
from .places import DataDir

app = typer.Typer(help="What the hub was used for, in numbers.", no_args_is_help=True)

Since = Annotated[str, typer.Option(help="From when: 2026-10-01, or a time with its zone.")]
Until = Annotated[str, typer.Option(help="Up to when; that moment is not in it any more.")]


@app.command()
def make(
    since: Since,
    until: Until,
    to: Annotated[Path, typer.Option("--out", help="A folder; its files are replaced.")],
    data_dir: DataDir,
    as_json: Json = False,
) -> None:
    """Write a report of some time: HTML, JSON, CSV, PDF."""
    with failing_well(as_json):
        folder = data_dir / LOG
        report = Report(
            made=rfc3339(time.time_ns() // 1000),
            about=About(agency=load(data_dir).name),
            figures=figures_of(folder, moment_of(since), moment_of(until)),
            log=_head(folder),
        )
        _write(rendered(report, pdf), to)
        show({"written": str(to)}, as_json, lambda said: out.print(plain(said["written"])))


@app.command()
def recompute(
    log: Annotated[Path, typer.Argument(help="The log's folder, or an export of it.")],
    published: Annotated[Path, typer.Option(help="The report.json that was published.")],
    key: Keys = None,
    as_json: Json = False,
) -> None:
    """Check a log and count everything again from it alone. Exits with 1 when the log does not
    hold, or a number is another one."""
    with failing_well(as_json):
        said = _published(published)
        checked = verify(log, keys_of(key), [])
        found = figures_of(log, said.since, said.until) if checked.holds else None
        differ = differences(said, found) if found else []
        result = {"log_holds": checked.holds, "own_key": checked.own_key, "differences": differ}
        show(result, as_json, _print)
        if differ or not checked.holds:
            raise typer.Exit(PARTLY)


def _published(path: Path) -> Figures:
    try:
        return msgspec.json.decode(content(path), type=Report).figures
    except msgspec.MsgspecError:
        raise GiveUp(f"{path} is no report of Watchfloor.", code="usage") from None


def _head(folder: Path) -> Head | None:
    note, keys = frames.last_checkpoint(folder), frames.keys(folder)
    return Head(str(keys[-1]), bytes(note).decode()) if note and keys else None


def _write(files: dict[str, bytes], to: Path) -> None:
    try:
        to.mkdir(parents=True, exist_ok=True)
        for name, made in files.items():
            (to / name).write_bytes(made)
    except OSError as error:
        raise GiveUp(f"{to} cannot be written: {error.strerror}.", code="usage") from None


def _print(result: dict[str, Any]) -> None:
    if not result["log_holds"]:
        out.print("[bold red]The log does not hold.[/] watchfloor audit verify says where.")
        return
    for line in result["differences"]:
        out.print(f"[bold red]differs[/] {plain(line)}")
    if not result["differences"]:
        out.print("[green]the same[/] Every number follows from this log.")
    if result["own_key"]:
        out.print("The key came with the log: compare it with the published one (--key).")
