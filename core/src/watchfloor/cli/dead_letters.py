"""``watchfloor deadletters``: what could not be accepted, and trying it again."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from .client import Client
from .output import PARTLY, Json, failing_well, out, plain, progress, show, show_all
from .places import DataDir, OfRequest

app = typer.Typer(help="What could not be accepted.", no_args_is_help=True)

Source = Annotated[str | None, typer.Option(help="Of one source.")]
Ids = Annotated[list[int] | None, typer.Argument(help="Which; all that wait when none is named.")]

CHUNK = 100
_COUNTS = {"drop": ("dropped",), "redrive": ("accepted", "failed", "queued", "needs_vendor")}


@app.command("list")
def list_letters(
    data_dir: DataDir,
    source: Source = None,
    state: Annotated[str, typer.Option(help="waiting, redriven or dropped.")] = "waiting",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: Json = False,
) -> None:
    """Newest first."""
    with failing_well(as_json):
        client = Client.of(data_dir)
        found = client.get("/dead-letters", source=source, state=state, limit=limit)["items"]
        show_all(found, as_json, _print, "Nothing here: every record was accepted.")


@app.command("show")
def show_letter(
    data_dir: DataDir,
    id: Annotated[int, typer.Argument(help="Its id.")],
    request: OfRequest = None,
    as_json: Json = False,
) -> None:
    """One, with its original bytes."""
    with failing_well(as_json):
        letter = Client.of(data_dir).get(f"/dead-letters/{id}", request=request)
        show(letter, as_json, _print_whole)


@app.command("redrive")
def redrive(
    data_dir: DataDir, ids: Ids = None, source: Source = None, as_json: Json = False
) -> None:
    """Try again with today's connectors and rules. Exits with 1 when some still fail, or only their
    vendor can send them again."""
    with failing_well(as_json):
        outcome = _each_chunk(Client.of(data_dir), ids, source, "redrive", quiet=as_json)
        show(
            outcome,
            as_json,
            lambda it: out.print(
                f"{it['accepted']} accepted, {it['failed']} failed, "
                f"{it['queued']} handed to the worker again, "
                f"{it['needs_vendor']} must come from the vendor again"
            ),
        )
        if outcome["failed"] or outcome["needs_vendor"]:
            raise typer.Exit(PARTLY)


@app.command("drop")
def drop(data_dir: DataDir, ids: Ids = None, source: Source = None, as_json: Json = False) -> None:
    """Give up for good. The rows stay listed as dropped."""
    with failing_well(as_json):
        outcome = _each_chunk(Client.of(data_dir), ids, source, "drop", quiet=as_json)
        show(outcome, as_json, lambda it: out.print(f"{it['dropped']} dropped"))


def _each_chunk(
    client: Client, ids: list[int] | None, source: str | None, verb: str, *, quiet: bool
) -> dict[str, int]:
    chosen = ids or _waiting(client, source)
    totals = dict.fromkeys(_COUNTS[verb], 0)
    with progress(quiet) as bar:
        task = bar.add_task(verb, total=len(chosen))
        for start in range(0, len(chosen), CHUNK):
            chunk = chosen[start : start + CHUNK]
            for name, count in client.send("POST", f"/dead-letters/{verb}", {"ids": chunk}).items():
                totals[name] += count
            bar.advance(task, len(chunk))
    return totals


def _waiting(client: Client, source: str | None) -> list[int]:
    ids: list[int] = []
    before = None
    while True:
        page = client.get("/dead-letters", source=source, before=before, limit=1000)
        ids.extend(item["id"] for item in page["items"])
        before = page["next"]
        if before is None:
            return ids


def _print_whole(letter: dict[str, Any]) -> None:
    _print(letter)
    out.print(letter["remedy"])
    for line in letter["raw"].splitlines():
        out.print(plain(line))


def _print(letter: dict[str, Any]) -> None:
    out.print(
        f"{letter['id']:>6}  {letter['received']}  {letter['source']:<16} "
        f"[yellow]{plain(letter['code'])}[/] {plain(letter['detail'])}"
    )
