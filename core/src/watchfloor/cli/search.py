"""``watchfloor search``: the search box in a terminal."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from .client import Client, broken_off
from .output import PARTLY, Json, failing_well, out, plain, show
from .places import DataDir, OfRequest


def search(
    line: Annotated[str, typer.Argument(help='What to look for, such as "7AB?12* since:2h".')],
    data_dir: DataDir,
    limit: Annotated[int, typer.Option(help="Events at most.", min=1, max=5000)] = 50,
    request: OfRequest = None,
    as_json: Json = False,
) -> None:
    """Ask every source one question. Exits with 1 when a source could not answer in full."""
    complete, answer = True, {}
    with failing_well(as_json):
        for text in Client.of(data_dir).lines("/search", q=line, limit=limit, request=request):
            answer = json.loads(text)
            complete &= answer.get("status", {}).get("state", "ok") == "ok"
            show(answer, as_json, _print)
        if "done" not in answer:
            raise broken_off()
    if not complete:
        raise typer.Exit(PARTLY)


def _print(answer: dict[str, Any]) -> None:
    if "understood" in answer:
        for chip in answer["understood"]["chips"]:
            out.print(f"[dim]{plain(chip['text'])}: {plain(chip['means'])}[/]")
        for warning in answer["understood"]["warnings"]:
            out.print(f"[yellow]{plain(warning)}[/]")
    for hit in answer.get("hits", ()):
        tag = " [dim]SYNTHETIC[/]" if hit["synthetic"] else ""
        out.print(
            f"{hit['time']}  {hit['kind']:<10} {plain(hit['headline'])}  "
            f"[dim]{hit['source']}[/]{tag}"
        )
    for asset in answer.get("assets", ()):
        out.print(f"{asset['kind']}: {plain(asset['name'])} [dim]{asset['source']}[/]")
    if "status" in answer:
        _print_status(answer["status"])
    if "done" in answer:
        done = answer["done"]
        more = "at least " if done["at_least"] else ""
        out.print(f"{more}{done['found']} found in {done['took_ms']} ms")


def _print_status(status: dict[str, Any]) -> None:
    if status["state"] == "ok":
        return
    out.print(f"[yellow]{status['source']}: {plain(status['detail'])}[/]")
    for gap in status["gaps"]:
        out.print(f"  no data {gap['start']} to {gap['end'] or 'now'}: {plain(gap['reason'])}")
