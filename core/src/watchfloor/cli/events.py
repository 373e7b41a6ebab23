"""``watchfloor events``: the newest events, and what comes in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from .client import Client, broken_off
from .output import Json, failing_well, out, plain, show
from .places import DataDir

app = typer.Typer(help="Look at events.", no_args_is_help=True)


@app.command("list")
def list_events(
    data_dir: DataDir,
    kind: Annotated[str | None, typer.Option(help="Kinds, separated by commas.")] = None,
    source: Annotated[str | None, typer.Option(help="Of one source.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: Json = False,
) -> None:
    """The newest events, newest first. Plate reads are searched for, outside of development."""
    with failing_well(as_json):
        page = Client.of(data_dir).get("/events", kind=kind, source=source, limit=limit)
        for item in page["items"]:
            show(item, as_json, _print)


@app.command("tail")
def tail(data_dir: DataDir, as_json: Json = False) -> None:
    """Follow what comes in, until Ctrl-C. Plate reads that hit nothing are only counted."""
    with failing_well(as_json):
        for event, data in _messages(Client.of(data_dir).lines("/stream", deadline_s=60)):
            if event == "summaries":
                for summary in data:
                    show(summary, as_json, _print)
            elif event == "reads":
                show({"reads": data}, as_json, _print_reads)
            elif event == "alerts":
                for alert in data:
                    show({"alert": alert}, as_json, _print_alert)
        raise broken_off()  # a stream has no end of its own


def _messages(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    """Server-sent events as (event, data)."""
    event = "message"
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            event = value
        elif field == "data":
            yield event, json.loads(value)


def _print(summary: dict[str, Any]) -> None:
    tag = " [dim]SYNTHETIC[/]" if summary["synthetic"] else ""
    out.print(
        f"{summary['time']}  {summary['kind']:<10} {plain(summary['headline'])}  "
        f"[dim]{summary['source']}[/]{tag}"
    )


def _print_reads(document: dict[str, Any]) -> None:
    total = sum(reads["count"] for reads in document["reads"].values())
    out.print(f"[dim]{total} plate reads at {len(document['reads'])} readers[/]")


def _print_alert(document: dict[str, Any]) -> None:
    alert = document["alert"]
    out.print(
        f"[bold]{alert['severity'].upper()}[/] {plain(alert['title'])} [dim]({alert['state']})[/]"
    )
