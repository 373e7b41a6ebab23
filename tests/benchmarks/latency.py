"""How soon an analyst sees it: from a POST to the console's stream, and to an alert."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvloop
from events import call, plate, read
from hub_process import Connection, HubProcess, hub_process, percentiles, row

RATE, SECONDS = 1000, 20


def to_stream(folder: Path, seconds: float = SECONDS) -> dict[str, Any]:
    """POST of one call for service, 1,000 a second, to its line in the stream of a console."""
    with hub_process(folder) as hub:
        hub.push_source()
        samples = uvloop.run(_to_stream(hub, seconds))
    return row("POST at 1,000/s to SSE client", percentiles(samples), "ms", "p50 20, p99 100",
               "p50 8, p99 40", samples=len(samples))  # fmt: skip


async def _to_stream(hub: HubProcess, seconds: float) -> list[float]:
    sent: dict[str, float] = {}
    samples: list[float] = []

    async def listen() -> None:
        async for name, data in _messages(hub):
            now = time.perf_counter()
            if name == "summaries":
                samples.extend(now - sent[one["id"]] for one in data if one["id"] in sent)

    return await _measure(hub, listen(), seconds, sent, samples, lambda n: call("push", n))


def to_alert(
    folder: Path, seconds: float = SECONDS, plates: int = 1_000_000, rules: int = 200
) -> dict[str, Any]:
    """POST of one plate read, 1,000 a second, every tenth wanted, to the alert on the console."""
    with hub_process(folder) as hub:
        hub.push_source()
        wanted = _prepare(hub, plates, rules)
        samples = uvloop.run(_to_alert(hub, seconds, wanted))
    return row(f"POST at 1,000/s to alert, {plates:,} plates, {rules} rules", percentiles(samples), "ms",
               "p99 150", "p99 50", samples=len(samples))  # fmt: skip


def _prepare(hub: HubProcess, plates: int, rules: int) -> list[str]:
    chance = random.Random(4)
    wanted = list({plate(chance) for _ in range(plates)})
    terms = {"name": "Bench", "owner": "Example PD", "reason": "Measures."}
    hub.client.send("PUT", "/hot-lists/bench", terms)
    rows = "plate\n" + "\n".join(wanted)
    hub.client.send("PUT", "/hot-lists/bench/entries", rows.encode(), content_type="text/csv")
    for number in range(rules):
        document = (
            f"id: bench-{number}\ntitle: Bench {number}\nseverity: low\nkinds: [read]\n"
            f"hot_list: any\nwhen: data.reader == 'R-none-{number}'\n"
        )
        hub.client.send("PUT", f"/rules/bench-{number}", {"document": document})
    return wanted


async def _to_alert(hub: HubProcess, seconds: float, wanted: list[str]) -> list[float]:
    sent: dict[str, float] = {}
    samples: list[float] = []
    chance = random.Random(5)
    by_seq: dict[int, str] = {}

    async def listen() -> None:
        async for name, data in _messages(hub):
            now = time.perf_counter()
            if name == "alerts":
                for alert in data:
                    title = alert["title"]
                    found = next((word for word in title.split() if word in sent), None)
                    if found is not None:
                        samples.append(now - sent.pop(found))

    def make(number: int) -> dict:
        text = wanted[number] if number % 10 == 0 else "ZZQ" + plate(chance)[2:]
        event = read("push", number, chance, text)
        event["id_for_bench"] = text
        return event

    del by_seq
    return await _measure(hub, listen(), seconds, sent, samples, make)


async def _measure(hub, listening, seconds, sent, samples, make) -> list[float]:
    listener = asyncio.create_task(listening)
    await asyncio.sleep(1)
    headers = {
        "Cookie": f"watchfloor_session={hub.client.session}",
        "Content-Type": "application/json",
        "Watchfloor-Request": "1",
    }
    idle: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(32):
        idle.put_nowait(await Connection.to(hub.address))

    async def post(number: int) -> None:
        event = make(number)
        key = event.pop("id_for_bench", event["id"])
        body = json.dumps([event]).encode()
        connection = await idle.get()
        sent[key] = time.perf_counter()
        status = await connection.post("/api/v1/events?source=push", headers, body)
        assert status == 200, status
        idle.put_nowait(connection)

    begun = time.perf_counter()
    posts = []
    for number in range(round(RATE * seconds)):
        ahead = begun + number / RATE - time.perf_counter()
        if ahead > 0:
            await asyncio.sleep(ahead)
        posts.append(asyncio.create_task(post(number)))
    await asyncio.gather(*posts)
    await asyncio.sleep(2)
    listener.cancel()
    return samples


async def _messages(hub: HubProcess) -> AsyncIterator[tuple[str, Any]]:
    reader, writer = await asyncio.open_connection(*hub.address, limit=2**24)
    cookie = f"watchfloor_session={hub.client.session}"
    head = f"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n"
    writer.write(head.encode())
    event = ""
    while line := (await reader.readline()).decode():
        field, _, value = line.rstrip("\n").partition(": ")
        if field == "event":
            event = value
        elif field == "data":
            yield event, json.loads(value)
