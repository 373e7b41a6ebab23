"""``watchfloor report``: what the hub was used for, and the same numbers counted by somebody else.

Neither needs a running hub, a database or a secret: a folder of the log, or an export of it. Where
a hub runs, it is the one that counts.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from watchfloor.adapters.typesetting import pdf
from watchfloor.audit import Note, frames
from watchfloor.audit.verify import Report as Checked
from watchfloor.audit.verify import verify
from watchfloor.bootstrap import runs
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
from .client import Client
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
    """Write a report of some time: HTML, JSON, CSV, PDF. Where the hub runs, it is the one that
    counts: it asks whether you may, and records it."""
    with failing_well(as_json):
        folder = data_dir / LOG
        report = Report(
            made=rfc3339(time.time_ns() // 1000),
            about=About(agency=load(data_dir).name),
            figures=_figures(data_dir, moment_of(since), moment_of(until)),
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
    hold, does not show the whole time of the report, or a number is another one."""
    with failing_well(as_json):
        report = _published(published)
        said = report.figures
        seen = [Note.parse(report.log.checkpoint.encode())] if report.log else []
        checked = verify(log, keys_of(key), seen)
        outside = _outside(checked, said)
        found = figures_of(log, said.since, said.until) if checked.holds and not outside else None
        differ = differences(said, found) if found else []
        result = {"log_holds": checked.holds, "own_key": checked.own_key, "not_in_it": outside,
                  "differences": differ}  # fmt: skip
        show(result, as_json, _print)
        if found is None or differ:
            raise typer.Exit(PARTLY)


def _figures(data_dir: Path, since: str, until: str) -> Figures:
    if not runs(data_dir):
        return figures_of(data_dir / LOG, since, until)
    said = Client.of(data_dir).get("/reports/figures", since=since, until=until)
    return msgspec.convert(said, Figures)


def _outside(checked: Checked, said: Figures) -> list[str]:
    """What of the report's time the log does not show: what it has of it may be a part. A log has a
    record before that time, or begins at the beginning, and one after it."""
    begins, ends = checked.times or (None, None)
    outside = []
    if checked.first > 0 and (begins is None or begins >= said.since):
        outside.append(f"It begins at {begins}: nothing shows that none is missing before that.")
    if ends is None or ends < said.until:
        outside.append(f"It ends at {ends}: nothing shows that none is missing after that.")
    return outside


def _published(path: Path) -> Report:
    try:
        return msgspec.json.decode(content(path), type=Report)
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
    for line in result["not_in_it"]:
        out.print(f"[bold red]not the whole time[/] of the report is in this log. {plain(line)}")
    for line in result["differences"]:
        out.print(f"[bold red]differs[/] {plain(line)}")
    if not result["not_in_it"] and not result["differences"]:
        out.print("[green]the same[/] Every number follows from this log.")
    if result["own_key"]:
        out.print("The key came with the log: compare it with the published one (--key).")
