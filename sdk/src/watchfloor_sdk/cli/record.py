"""``watchfloor-sdk record``."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from watchfloor.contracts import AskAPerson
from watchfloor_sdk.cassettes import KINDS, Recorder, write
from watchfloor_sdk.cassettes.session import record as listen
from watchfloor_sdk.cassettes.session import replay
from watchfloor_sdk.finding import find

from .output import Json, err, failing_well, plain, print_json

EVERY_S = 5.0


def record(
    path: Annotated[Path, typer.Argument(help="The cassette to write.")],
    connector: Annotated[str, typer.Option(help="The connector's id, as it is installed.")],
    settings: Annotated[Path, typer.Option(help="Its settings, as JSON.")],
    credentials: Annotated[
        Path | None,
        typer.Option(help='Its credentials, as JSON: {"token": {"token": "..."}}. Never kept.'),
    ] = None,
    seconds: Annotated[float, typer.Option(help="For how long.", min=1)] = 30.0,
    port: Annotated[
        int | None, typer.Option(help="Take webhooks on this port of 127.0.0.1.")
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option(
            help="What a field holds that its name does not say: ocr.label=plate, owner=keep. "
            f"One of {', '.join(KINDS)}. May be repeated."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Record what a vendor really answers: secrets and personal data are taken out before
    anything is written. Look through the file before you keep it."""
    with failing_well(as_json):
        recorder = Recorder(
            connector,
            config=_document(settings),
            credentials=_document(credentials) if credentials else {},
            fields=_fields(field or ()),
        )
        found = find(connector)
        hub = asyncio.run(listen(found, recorder, seconds=seconds, every_s=EVERY_S, port=port))
        cassette = recorder.cassette()
        write(cassette, path)
        cassette.events = sorted(asyncio.run(replay(found, path)).events)
        write(cassette, path)
    told: dict[str, Any] = {
        "exchanges": len(cassette.exchanges),
        "webhooks": len(cassette.webhooks),
        "left_out": cassette.left_out,
        "events": len(hub.events),
        "replayed": len(cassette.events),
        "replaced": cassette.replaced,
    }
    if as_json:
        print_json(told)
        return
    words = ", ".join(f"{count} {kind}" for kind, count in cassette.replaced.items())
    err.print(
        f"{told['exchanges']} exchanges, {told['webhooks']} webhooks, {told['events']} events; "
        f"{told['replayed']} in a replay of {plain(path)}. Replaced: {plain(words or 'nothing')}."
    )
    problems = [beat.problem.detail for beat in hub.heartbeats if beat.problem]
    for problem in problems[-1:]:
        err.print(f"The connector's last problem: {plain(problem)}")


def _document(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise AskAPerson(
            f"{path} cannot be read as JSON.",
            code="bad_settings_file",
            remedy="Write an object of names and values in it.",
        ) from error
    return dict(read)


def _fields(said: Any) -> dict[str, Any]:
    pairs = dict(one.rpartition("=")[::2] for one in said)
    if wrong := [kind for name, kind in pairs.items() if kind not in KINDS or not name]:
        raise AskAPerson(
            f"A field cannot hold {wrong[0]!r}.",
            code="bad_field_kind",
            remedy=f"Write path=kind; the kinds are {', '.join(KINDS)}.",
        )
    return pairs
