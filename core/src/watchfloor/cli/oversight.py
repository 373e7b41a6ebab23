"""``watchfloor oversight``: the weekly review from the command line, and drawing its lots again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from watchfloor.audit import AuditEvent, Entry, decode, frames
from watchfloor.contracts import NotFound, micros
from watchfloor.oversight import agrees, how_many, is_look

from .client import Client
from .output import PARTLY, Json, failing_well, out, plain, show, show_all
from .places import DataDir

app = typer.Typer(help="Misuse that was found, and its weekly review.", no_args_is_help=True)


@app.command("reviews")
def reviews(
    data_dir: DataDir,
    which: Annotated[str, typer.Option("--show", help="waiting, overdue or signed.")] = "waiting",
    as_json: Json = False,
) -> None:
    """What waits for a review, by when it is due."""
    with failing_well(as_json):
        found = Client.of(data_dir).get("/oversight/reviews", show=which)["items"]
        show_all(found, as_json, _print, "No such reviews.")


@app.command("standing")
def standing(data_dir: DataDir, as_json: Json = False) -> None:
    """How many reviews wait, and how many for too long."""
    with failing_well(as_json):
        show(Client.of(data_dir).get("/oversight/standing"), as_json, _print_standing)


@app.command("sweep")
def sweep(data_dir: DataDir, as_json: Json = False) -> None:
    """Look for misuse now, and not at the next full hour."""
    with failing_well(as_json):
        swept = Client.of(data_dir).send("POST", "/oversight/sweep")
        show(swept, as_json, lambda it: out.print(f"{it['new']} new reviews."))


@app.command("redraw")
def redraw(
    log: Annotated[Path, typer.Option(help="A copy of the audit log: its folder.")],
    as_json: Json = False,
) -> None:
    """Draw the lots of every week again, from a copy of the log alone: neither a hub nor a secret.

    Ends with 1 when a drawing was not made from its week's look-ups and its root. That the root is
    the log's own, “watchfloor audit verify” checks."""
    with failing_well(as_json):
        drawings = _drawings(log)
        show_all(drawings, as_json, _print_drawing, "No lots were drawn.")
        if not all(each["agrees"] for each in drawings):
            raise typer.Exit(PARTLY)


def _drawings(folder: Path) -> list[dict[str, Any]]:
    if not frames.segments(folder):
        raise NotFound(f"There is no audit log in {folder}.")
    looks: list[tuple[int, int]] = []
    draws: list[Entry] = []
    for frame in frames.frames_from(folder, 0):
        entry = decode(frame.entry) if frame.entry is not None else None
        if entry is not None and is_look(entry):
            looks.append((frame.index, micros(entry.at)))
        elif entry is not None and _is_drawing(entry):
            draws.append(entry)
    return [_drawn_again(draw, looks) for draw in draws]


def _is_drawing(entry: Entry) -> bool:
    about = entry.object
    return entry.event is AuditEvent.REVIEW_OPENED and about is not None and about.kind == "draw"


def _drawn_again(draw: Entry, looks: list[tuple[int, int]]) -> dict[str, Any]:
    said = draw.more
    since, until = micros(str(said["since"])), micros(str(said["until"]))
    indices = [index for index, at in looks if since <= at < until]
    chosen = [int(index) for index in str(said["records"]).split()]
    return {
        "week": draw.object.id if draw.object else None,
        "looks": len(indices),
        "drawn": chosen,
        "agrees": len(chosen) >= how_many(len(indices), 1)
        and agrees(str(said["root"]), indices, chosen),
    }


def _print_drawing(drawing: dict[str, Any]) -> None:
    word = "drawn rightly" if drawing["agrees"] else "[bold red]NOT DRAWN FROM THIS LOG[/]"
    out.print(f"{drawing['week']}  {len(drawing['drawn'])} of {drawing['looks']} look-ups: {word}")


def _print(review: dict[str, Any]) -> None:
    late = " [bold red]OVERDUE[/]" if review["overdue"] else ""
    out.print(
        f"{review['id']}  {review['week']}  {plain(review['person'])}: {plain(review['words'])}"
        f" [dim]{review['why']}, due {review['due'][:10]}[/]{late}"
    )


def _print_standing(standing: dict[str, Any]) -> None:
    late = f"[bold red]{standing['overdue']} overdue[/]" if standing["overdue"] else "none overdue"
    out.print(f"{standing['waiting']} reviews wait, {late}; {standing['signed']} are signed.")
