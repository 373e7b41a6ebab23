"""``watchfloor repairs``: what is known to be wrong, with the fix beside it."""

from __future__ import annotations

from typing import Any

import typer

from .client import Client
from .output import ATTENTION, Json, failing_well, out, plain, show_all
from .places import DataDir


def repairs(data_dir: DataDir, as_json: Json = False) -> None:
    """What is to be repaired, the oldest first. Exits with 4 when there is anything."""
    with failing_well(as_json):
        found = Client.of(data_dir).get("/repairs")["items"]
        show_all(found, as_json, _print, "Nothing is to be repaired.")
    if found:
        raise typer.Exit(ATTENTION)


def _print(repair: dict[str, Any]) -> None:
    out.print(
        f"[bold]{plain(repair['fault'])}[/]  {plain(repair['source_name'])} ({repair['source']})"
    )
    out.print(f"       since {repair['since']}: {plain(repair['detail'])}")
    if repair["remedy"]:
        out.print(f"       {plain(repair['remedy'])}")
