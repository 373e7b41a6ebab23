"""``watchfloor request``: the desk from the command line, and outcomes of the time before."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from watchfloor.contracts import GiveUp
from watchfloor.ports.store import Outcome
from watchfloor.requests import Columns, read_past

from .client import Client
from .files import content
from .output import Json, failing_well, out, plain, show, show_all
from .places import DataDir

app = typer.Typer(help="Requests and what came of them.", no_args_is_help=True)


@app.command("list")
def list_requests(
    data_dir: DataDir,
    listing: Annotated[
        str | None, typer.Option("--show", help="open, late, done, mine or review.")
    ] = "open",
    number: Annotated[str | None, typer.Option(help="Part of any of its numbers.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: Json = False,
) -> None:
    """Newest first."""
    with failing_well(as_json):
        client = Client.of(data_dir)
        found = client.get("/requests", show=listing, number=number, limit=limit)["items"]
        show_all(found, as_json, _print, "No such requests.")


@app.command("figures")
def figures(
    data_dir: DataDir,
    since: Annotated[str | None, typer.Option(help="From this moment on (RFC 3339).")] = None,
    until: Annotated[str | None, typer.Option(help="Before this moment (RFC 3339).")] = None,
    as_json: Json = False,
) -> None:
    """What was asked, and what came of it: by purpose, agency, channel and month."""
    with failing_well(as_json):
        counted = Client.of(data_dir).get("/requests/figures", since=since, until=until)
        show(counted, as_json, _print_figures)


@app.command("import")
def import_past(
    data_dir: DataDir,
    file: Annotated[Path, typer.Argument(help="CSV with a line of names first; or that in .gz.")],
    name: Annotated[str, typer.Option(help="What the import is called: again replaces it.")],
    opened: Annotated[str, typer.Option(help="Column: when it was asked.")],
    outcome: Annotated[str, typer.Option(help="Column: what came of it.")],
    found: Annotated[list[str] | None, typer.Option(help="What the file says for found.")] = None,
    not_found: Annotated[list[str] | None, typer.Option(help="For not found.")] = None,
    not_used: Annotated[list[str] | None, typer.Option(help="For found, and not used.")] = None,
    purpose: Annotated[str | None, typer.Option(help="Column: the purpose's code.")] = None,
    agency: Annotated[str | None, typer.Option(help="Column: the agency's id.")] = None,
    channel: Annotated[str | None, typer.Option(help="Column: how it came in.")] = None,
    time_format: Annotated[str, typer.Option(help="As %m/%d/%Y %H:%M; ISO 8601 if left out.")] = "",
    as_json: Json = False,
) -> None:
    """Take over outcomes of the time before this hub, for the figures. Times without an offset are
    the agency's own."""
    meanings: dict[str, Outcome] = {
        **dict.fromkeys(found or (), "found"),
        **dict.fromkeys(not_found or (), "not_found"),
        **dict.fromkeys(not_used or (), "not_used"),
    }
    columns = Columns(opened, outcome, meanings, purpose, agency, channel, time_format)
    with failing_well(as_json):
        client = Client.of(data_dir)
        rows = list(read_past(_lines(file), columns, ZoneInfo(client.get("/hub")["timezone"])))
        answer = client.send("PUT", f"/requests/past/{name}", {"rows": rows})
        show(answer, as_json, lambda it: out.print(f"{it['rows']} outcomes are counted as {name}."))


def _lines(file: Path) -> list[str]:
    raw = content(file)
    try:
        text = (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode("utf-8-sig")
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError):
        raise GiveUp(f"{file} cannot be read: it is no text in UTF-8.", code="usage") from None
    return text.splitlines(keepends=True)


def _print(request: dict[str, Any]) -> None:
    late = " [bold red]LATE[/]" if request["late"] else ""
    out.print(
        f"{request['id']}  {request['state']:<9} {plain(request['number'] or '-'):<16}"
        f" {plain(request['asked'])}  [dim]{request['purpose_title']},"
        f" {plain(request['worker'] or 'nobody yet')}[/]{late}"
    )


def _print_figures(figures: dict[str, Any]) -> None:
    out.print(f"{figures['total']} requests, {figures['imported']} of them imported")
    out.print(_counts(figures["outcomes"]))
    for table in ("purposes", "agencies", "channels", "months"):
        out.print(f"[bold]{table}[/]")
        for name, counts in figures[table].items():
            out.print(f"  {plain(name):<28} {_counts(counts)}")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in counts.items())
