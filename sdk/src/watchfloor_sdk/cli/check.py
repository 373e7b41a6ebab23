"""``watchfloor-sdk check``."""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from watchfloor_sdk.check import (
    RULES,
    Level,
    Outcome,
    Report,
    document,
    open_subject,
    run,
    run_chaos,
    table,
    write,
    write_table,
)

from .output import NO, Json, err, failing_well, out, plain, print_json

_MARKS = {"passed": "[green]ok[/]", "failed": "[bold red]no[/]", "exempt": "[yellow]--[/]",
          "inapplicable": "[dim]na[/]"}  # fmt: skip


def check(
    folder: Annotated[Path, typer.Argument(help="The connector's folder.")] = Path(),
    command: Annotated[
        str, typer.Option(help="What starts its worker, where that is not in Python.")
    ] = "",
    rule: Annotated[list[str] | None, typer.Option(help="Run this rule only.")] = None,
    least: Annotated[
        str, typer.Option("--level", help="The level that the exit status asks for.")
    ] = "bronze",
    keep: Annotated[
        bool, typer.Option("--write", help="Write conformance.json into the folder.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Run the rules against a connector and compute its level."""
    with failing_well(as_json):
        wanted = _level(least)
        codes = [code.upper() for code in rule or []]
        if unknown := sorted(set(codes) - set(RULES)):
            raise typer.BadParameter(f"There is no rule {', '.join(unknown)}.")
        subject = open_subject(folder, shlex.split(command))
        report = asyncio.run(run(subject, codes, _silent if as_json else _tell))
        if keep:
            write(report, subject.folder)
    _print(report, as_json)
    short = not report.holds() if codes else report.level < wanted
    if short:
        raise typer.Exit(NO)


def chaos(
    folder: Annotated[Path, typer.Argument(help="The connector's folder.")] = Path(),
    command: Annotated[
        str, typer.Option(help="What starts its worker, where that is not in Python.")
    ] = "",
    keep: Annotated[bool, typer.Option("--write", help="Write CHAOS.md into the folder.")] = False,
    as_json: Json = False,
) -> None:
    """Deal a connector blows while records flow, and print what each cost."""
    with failing_well(as_json):
        subject = open_subject(folder, shlex.split(command))
        costs = asyncio.run(run_chaos(subject))
        if keep:
            write_table(subject, costs)
    if as_json:
        print_json([msgspec.to_builtins(one) for one in costs])
    else:
        typer.echo(table(subject, costs), nl=False)
    if any(one.lost or one.doubled for one in costs):
        raise typer.Exit(NO)


def _level(name: str) -> Level:
    try:
        return Level[name.lower()]
    except KeyError:
        raise typer.BadParameter(f"Levels are {', '.join(one.name for one in Level)}.") from None


def _silent(_: Outcome) -> None:
    return None


def _tell(outcome: Outcome) -> None:
    rule = RULES[outcome.code]
    out.print(f"{_MARKS[outcome.state]} {outcome.code} {plain(rule.what)}")
    if outcome.state != "passed":
        out.print(f"   {plain(outcome.detail)}")
    if outcome.state == "failed":
        out.print(f"   [dim]{plain(rule.mend)}[/]")


def _print(report: Report, as_json: bool) -> None:
    if as_json:
        print_json(document(report))
    else:
        err.print(f"{plain(report.connector)} {plain(report.version)}: "
                  f"[bold]{report.level.name}[/]")  # fmt: skip
