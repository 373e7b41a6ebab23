"""``watchfloor vendor-log`` and ``watchfloor sharing``: the vendors' side, against the hub's."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer

from .client import Client
from .output import Json, failing_well, out, plain, show, show_all
from .places import DataDir

logs = typer.Typer(help="Vendors' own logs, compared with the hub's.", no_args_is_help=True)
sharing = typer.Typer(help="How vendors share, and what was approved.", no_args_is_help=True)

Source = Annotated[str, typer.Argument(help="The source's id.")]


@logs.command("state")
def state(data_dir: DataDir, as_json: Json = False) -> None:
    """Up to when each vendor's log is whole, and how much of it is kept."""
    with failing_well(as_json):
        found = Client.of(data_dir).get("/vendor-logs")["items"]
        show_all(found, as_json, _print_log, "No vendor's log is compared.")


@logs.command("rows")
def rows(source: Source, data_dir: DataDir, as_json: Json = False) -> None:
    """The last day of a vendor's log, as it is kept; whom it was about stays sealed."""
    with failing_well(as_json):
        found = Client.of(data_dir).get(f"/vendor-logs/{quote(source, safe='')}")["items"]
        show_all(found, as_json, _print_row, "Nothing in the last day.")


@logs.command("compare")
def compare(data_dir: DataDir, as_json: Json = False) -> None:
    """Pull and compare now, and not when it is due. Findings wait in “watchfloor oversight
    reviews”."""
    with failing_well(as_json):
        told = Client.of(data_dir).send("POST", "/vendor-logs/compare")
        show(told, as_json, lambda it: out.print(f"{it['new']} new findings."))


@sharing.command("list")
def list_(data_dir: DataDir, as_json: Json = False) -> None:
    """Every setting at every vendor: as found, and as approved."""
    with failing_well(as_json):
        found = Client.of(data_dir).get("/sharing")["items"]
        show_all(found, as_json, _print_setting, "No vendor shows how it shares.")


@sharing.command("approve")
def approve(
    source: Source,
    name: Annotated[str, typer.Argument(help="The setting's name.")],
    value: Annotated[str, typer.Argument(help="How it shall be set.")],
    data_dir: DataDir,
    as_json: Json = False,
) -> None:
    """Say how something shall be set at a vendor. It takes a second person, who is asked; say it
    again once they have agreed."""
    with failing_well(as_json):
        path = f"/sharing/{quote(source, safe='')}/{quote(name, safe='')}"
        show(Client.of(data_dir).send("PUT", path, {"value": value}), as_json, _print_setting)


def _print_log(log: dict[str, Any]) -> None:
    problem = f" [bold red]{log['problem']}[/] {plain(log['detail'])}" if log["problem"] else ""
    out.print(f"{log['source']}  whole up to {log['until']}, {log['rows']} rows{problem}")


def _print_row(row: dict[str, Any]) -> None:
    who = plain(row["user"] or "(nobody named)")
    ours = row["record"] or "[dim]no record of ours[/]"
    out.print(f"{row['at']}  {plain(row['id'])}  {who}  {plain(row['case_number'] or '')}  {ours}")


def _print_setting(setting: dict[str, Any]) -> None:
    approved = f"approved: {plain(setting['approved'])}" if setting["approved"] else "not approved"
    alarm = " [bold red]NOT AS APPROVED[/]" if setting["drifted"] else ""
    found = f"{plain(setting['found'] or 'not shown')} [dim]since {setting['since']}[/]"
    out.print(
        f"{setting['source']}/{plain(setting['name'])}  {plain(setting['title'])}: "
        f"{found}, {approved}{alarm}"
    )
