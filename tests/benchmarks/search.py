"""How fast the search box answers at five million events, through the API; and what purpose, policy
and audit cost it: the same questions past them, by turns, of the same hub."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from events import LETTERS
from half_open_hub import passes_by
from hub_process import HubProcess, hub_process, open_request, percentiles, row

from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.alerts.desk import CONSUMER
from watchfloor.contracts import rfc3339
from watchfloor.ports.store import Batch, NewEvent

ROUNDS, CHUNK = 200, 5000
DAYS, PLATES, READERS = 60, 1_000_000, 300
DAY = 86_400_000_000
WEST, SOUTH, EAST, NORTH = -90.15, 29.85, -89.90, 30.10
_WORDS = ("burglary", "disturbance", "noise", "hit and run", "welfare check", "alarm", "fight",
          "suspicious person", "theft", "trespass")  # fmt: skip
BOUNDS = {
    "plate exact": (10, 5),
    "two wildcards": (20, 10),
    "box + 24 h": (50, 25),
    "text": (100, 50),
}
MOST = 1.3
"""Times the search past the door, at the 95th of a hundred."""
HUB = Path(__file__).with_name("half_open_hub.py")


def search(folder: Path, events: int) -> list[dict[str, Any]]:
    """p95 of each kind of question, and over that of the same past the door."""
    plates = asyncio.run(fill(folder / "hub.sqlite", events))
    return measured(folder, plates, events)


async def fill(path: Path, events: int) -> list[str]:
    """Reads (and one call in 25 events) over 60 days up to now; some of the plates in them."""
    chance = random.Random(7)
    store = SqliteStore(path, SystemClock())
    await store.open()
    first = SystemClock().now() - DAYS * DAY
    places = [(chance.uniform(WEST, EAST), chance.uniform(SOUTH, NORTH)) for _ in range(READERS)]
    seen: list[str] = []
    for start in range(0, events, CHUNK):
        rows = []
        for number in range(start, min(start + CHUNK, events)):
            time_ = first + DAYS * DAY * number // events
            make = _call if number % 25 == 0 else _read
            rows.append(make(number, time_, chance, places))
        seen.append(rows[-1].keys[0][1])
        await store.log.commit([Batch("bench", "bench/1", rows)])
    # What a hub that runs for days has behind it: the writer's chores, and judging what came in.
    while (await store.describe())["unfiled_events"]:
        await asyncio.sleep(0.5)
    await store.log.advance(CONSUMER, await store.log.head())
    await store.close()
    return seen


def _read(number: int, at: int, chance: random.Random, places: list) -> NewEvent:
    text = _plate(chance.randrange(PLATES))
    reader = chance.randrange(READERS)
    point = places[reader]
    body = (
        f'{{"specversion":"1.0","id":"r-{number}","source":"bench","type":"watchfloor.lpr.read.v1",'
        f'"time":"{rfc3339(at)}","dataclassification":"le-sensitive","subject":"reader/R-{reader}",'
        f'"data":{{"plate":"{text}","reader":"R-{reader}","region":"US-LA","confidence":0.93,'
        f'"place":{{"point":[{point[0]},{point[1]}],"error_m":10.0}},"heading_deg":90.0,'
        f'"vehicle":{{"make":"Example","colour":"blue","body":"sedan"}}}}}}'
    )
    keys = (("plate", text), ("asset", f"R-{reader}"))
    return NewEvent(f"r-{number}", "watchfloor.lpr.read.v1", f"reader/R-{reader}", at, None, None,
                    point, "le-sensitive", keys, None, body.encode())  # fmt: skip


def _call(number: int, at: int, chance: random.Random, _places: list) -> NewEvent:
    point = (chance.uniform(WEST, EAST), chance.uniform(SOUTH, NORTH))
    what, name = chance.choice(_WORDS), f"C-{number:08}"
    address = f"{chance.randrange(1, 90)}00 {chance.choice(_STREETS)} ST"
    body = (
        f'{{"specversion":"1.0","id":"c-{number}","source":"bench",'
        f'"type":"watchfloor.cad.incident.v1","time":"{rfc3339(at)}","dataclassification":"agency",'
        f'"subject":"call/{name}","data":{{"call_number":"{name}","status":"Closed","priority":3,'
        f'"incident_type":{{"text":"{what}"}},"place":{{"point":[{point[0]},{point[1]}],'
        f'"error_m":60.0,"address":"{address}"}}}}}}'
    )
    keys = (("call", name), ("address", address))
    return NewEvent(f"c-{number}", "watchfloor.cad.incident.v1", f"call/{name}", at, None, None,
                    point, "agency", keys, f"{name} {what} {address}", body.encode())  # fmt: skip


_STREETS = ("OAK", "ELM", "PINE", "MAIN", "CANAL", "RIVER", "LAKE", "HILL", "MAPLE", "CEDAR")


def _plate(number: int) -> str:
    """Neighbours in number are not neighbours in spelling."""
    scattered, text = number * 7_919_777 % 36**5, ""
    for _ in range(5):
        scattered, digit = divmod(scattered, 36)
        text += LETTERS[digit]
    return f"ZZ{text}"


def measured(folder: Path, plates: list[str], events: int) -> list[dict[str, Any]]:
    """The same, of a store that is filled."""
    with hub_process(folder, command=[sys.executable, str(HUB), str(folder)]) as hub:
        requests = {passes_by(each): each for each in (open_request(hub.client) for _ in range(2))}
        ways = {"through": requests[False], "past": requests[True]}
        took = {name: _asked(hub, ways, name, plates) for name in BOUNDS}
    every = {way: [one for each in took.values() for one in each[way]] for way in ways}
    return [
        *(line for name, each in took.items() for line in _rows(name, each, events)),
        _over(f"search at {events:,} events, all kinds: over those past the door", every),
    ]


def _asked(
    hub: HubProcess, ways: dict[str, str], name: str, plates: list[str]
) -> dict[str, list[float]]:
    """How long each question of a kind took, through the door and past it."""
    chance = random.Random(6)
    took: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        asked = line(name, plates, chance)
        for way in chance.sample(list(ways), len(ways)):
            took[way].append(_ask(hub, asked, ways[way]))
    return took


def _rows(name: str, took: dict[str, list[float]], events: int) -> list[dict[str, Any]]:
    least, aim = BOUNDS[name]
    what = f"search at {events:,} events: {name}"
    return [
        row(what, percentiles(took["through"]), "ms", f"p95 {least}", f"p95 {aim}"),
        _over("  over the same past the door", took),
    ]


def _over(what: str, took: dict[str, list[float]]) -> dict[str, Any]:
    found = {way: percentiles(samples) for way, samples in took.items()}
    times = {at: round(found["through"][at] / found["past"][at], 2) for at in ("p50", "p95")}
    return row(what, times, "x", f"p95 {MOST}", "", past=found["past"])


def _ask(hub: HubProcess, line: str, request: str) -> float:
    begun = time.perf_counter()
    answer = list(hub.client.lines("/search", q=line, limit=50, request=request))
    took = time.perf_counter() - begun
    assert "done" in json.loads(answer[-1])
    return took


def line(name: str, plates: list[str], chance: random.Random) -> str:
    """A question of one kind."""
    text = chance.choice(plates)
    if name == "plate exact":
        return f"plate:{text}"
    if name == "two wildcards":
        first, second = chance.sample(range(2, len(text)), 2)
        return "plate:" + "".join("?" if n in (first, second) else c for n, c in enumerate(text))
    if name == "text":
        word = chance.choice(["disturbance", "burglary", "hit and run", "noise"])
        return f'text:"{word}" since:24h'  # of all sixty days it takes a second person
    longitude, latitude = chance.uniform(-90.1, -89.95), chance.uniform(29.9, 30.05)
    return f"near:{longitude:.4f},{latitude:.4f},500m since:24h"
