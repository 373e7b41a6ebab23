"""``watchfloor replay``: hand recorded events to a hub again."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from watchfloor.contracts import AskAPerson, GiveUp, micros

from .client import Client
from .output import Json, failing_well, out, progress, show
from .places import DataDir

BATCH = 500
TIMES = ("time", "observedtime")


def replay(
    file: Annotated[Path, typer.Argument(help="Events, one JSON document a line.", exists=True)],
    data_dir: DataDir,
    source: Annotated[str, typer.Option(help="The push source that hands them over.")],
    speed: Annotated[
        float | None,
        typer.Option(help="Times real speed; as fast as possible when left out.", min=0.01),
    ] = None,
    shift: Annotated[
        bool, typer.Option("--shift", help="Move all times as a whole so that the first is now.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Hand a file of events to the running hub. Known events count as duplicates."""
    with failing_well(as_json):
        client = Client.of(data_dir)
        events = _read(file, _uri(client, source))
        if shift and events:
            _shift(events)
        totals = {"accepted": 0, "duplicates": 0, "dead": 0}
        with progress(as_json) as bar:
            task = bar.add_task("replay", total=len(events))
            started = time.monotonic()
            for start in range(0, len(events), BATCH):
                batch = events[start : start + BATCH]
                if speed:
                    _wait(events[0], batch[0], speed, started)
                answer = client.send(
                    "POST", "/events", orjson.dumps(batch),
                    content_type="application/cloudevents-batch+json", source=source,
                )  # fmt: skip
                for name in totals:
                    totals[name] += answer[name]
                bar.advance(task, len(batch))
        show(totals, as_json, _print)


def _print(totals: dict[str, int]) -> None:
    out.print(
        f"{totals['accepted']} accepted, {totals['duplicates']} known already, "
        f"{totals['dead']} refused"
    )


def _uri(client: Client, source: str) -> str:
    known = {item["id"]: item for item in client.get("/sources")["items"]}
    if source not in known or known[source]["connector"] != "push":
        raise AskAPerson(
            f"There is no push source called {source}.",
            code="no_push_source",
            remedy="Make one: PUT /api/v1/sources/<id> with the connector “push”.",
        )
    return source


def _read(file: Path, uri: str) -> list[dict[str, Any]]:
    """The events in the order of their times. Raises ``GiveUp`` with the line that is none."""
    events = []
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    event = orjson.loads(line)
                    event["source"] = uri
                    times = [
                        micros(event[name]) for name in TIMES if name in event or name == "time"
                    ]
                except (ValueError, TypeError, KeyError, OverflowError):
                    raise GiveUp(f"Line {number} of {file} is no event.", code="bad_file") from None
                events.append((times[0], event))
    return [event for _, event in sorted(events, key=itemgetter(0))]


def _shift(events: list[dict[str, Any]]) -> None:
    """Occurred and observed times move by one and the same step."""
    first = datetime.fromisoformat(events[0]["time"])
    step: timedelta = datetime.now(first.tzinfo) - first
    for event in events:
        for name in TIMES:
            if name in event:
                event[name] = (datetime.fromisoformat(event[name]) + step).isoformat()


def _wait(first: dict[str, Any], event: dict[str, Any], speed: float, started: float) -> None:
    span = datetime.fromisoformat(event["time"]) - datetime.fromisoformat(first["time"])
    ahead = span.total_seconds() / speed - (time.monotonic() - started)
    if ahead > 0:
        time.sleep(ahead)
