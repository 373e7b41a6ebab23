"""How fast the hub takes events in: by poll, by webhook, by its batch endpoint; and baselines."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

import uvloop
from aiohttp import web
from events import batch, read
from hub_process import Connection, HubProcess, hub_process, row

BATCH, CONNECTIONS = 500, 64


def raw_sqlite(reads: int = 100_000) -> dict[str, Any]:
    """Baseline: the same bytes into one table with one index, 1,000 a synced commit."""
    chance = random.Random(1)
    bodies = [json.dumps(read("x", n, chance)).encode() for n in range(reads)]
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "raw.sqlite")
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("PRAGMA wal_autocheckpoint=20000")
        database.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, body BLOB)")
        begun = time.perf_counter()
        for start in range(0, reads, 1000):
            rows = [(f"r-{n}", bodies[n]) for n in range(start, min(start + 1000, reads))]
            with database:
                database.executemany("INSERT INTO event (id, body) VALUES (?, ?)", rows)
        seconds = time.perf_counter() - begun
        database.close()
    return row(
        "baseline: raw SQLite insert, synchronous=FULL", round(reads / seconds), "rows/s", "", ""
    )


def bare_aiohttp(seconds: float = 5.0) -> dict[str, Any]:
    """Baseline: aiohttp that answers 202 to a POST and does nothing else, same load."""
    return uvloop.run(_bare(seconds))


async def _bare(seconds: float) -> dict[str, Any]:
    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/x", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = runner.addresses[0]
    body = b"x" * 600
    count = 0

    async def post() -> None:
        nonlocal count
        connection = await Connection.to(address)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            await connection.post("/x", {}, body)
            count += 1
        connection.close()

    await asyncio.gather(*(post() for _ in range(CONNECTIONS)))
    await runner.cleanup()
    return row(
        "baseline: bare aiohttp POST, client in the same process",
        round(count / seconds),
        "POST/s",
        "",
        "",
    )


def batches(folder: Path, seconds: float = 20.0) -> dict[str, Any]:
    """The hub's own batch endpoint, 500 reads a request, four connections."""
    with hub_process(folder) as hub:
        hub.push_source()
        rate = uvloop.run(_batches(hub, seconds))
        pragmas = hub.process.pid and _pragmas(hub)
    return row(
        f"batch endpoint, {BATCH} a request",
        round(rate),
        "events/s",
        20_000,
        30_000,
        pragmas=pragmas,
    )


async def _batches(hub: HubProcess, seconds: float) -> float:
    chance = random.Random(2)
    bodies = [
        batch([read("push", start + n, chance) for n in range(BATCH)])
        for start in range(0, 100_000 * 10, BATCH)
        if start < 30_000 * seconds
    ]
    headers = {
        "Cookie": f"watchfloor_session={hub.client.session}",
        "Content-Type": "application/cloudevents-batch+json",
        "Watchfloor-Request": "1",
    }
    waiting = iter(bodies)
    taken = 0
    begun = time.perf_counter()

    async def post() -> None:
        nonlocal taken
        connection = await Connection.to(hub.address)
        while time.perf_counter() - begun < seconds:
            body = next(waiting, None)
            if body is None:
                break
            status = await connection.post("/api/v1/events?source=push", headers, body)
            assert status == 200, status
            taken += BATCH
        connection.close()

    await asyncio.gather(*(post() for _ in range(4)))
    rate = taken / (time.perf_counter() - begun)
    assert await asyncio.to_thread(hub.total, "push") == taken
    return rate


def _pragmas(hub: HubProcess) -> str:
    """What the hub's own database says of its durability."""
    database = sqlite3.connect(hub.client.data_dir / "hub.sqlite")
    mode = database.execute("PRAGMA journal_mode").fetchone()[0]
    database.close()
    return f"journal_mode={mode}"


def webhooks(folder: Path, seconds: float = 60.0) -> dict[str, Any]:
    """One signed read a request on 64 connections; counted when searchable within 1 s of its 2xx."""
    with hub_process(folder) as hub:
        secret = "bench" * 8
        body = {"connector": "verkada", "name": "Bench", "enabled": False,
                "config": {"base_url": "http://127.0.0.1:9", "owner": "Example PD"}}  # fmt: skip
        hub.client.send("PUT", "/sources/hook", body)
        for name, value in (("webhook_secret", {"secret": secret}), ("api_key", {"api_key": "x"})):
            hub.client.send("PUT", f"/sources/hook/credentials/{name}", {"value": value})
        hub.client.send("PUT", "/sources/hook", {**body, "enabled": True})
        _running(hub, "hook")
        answered, searchable = uvloop.run(_webhooks(hub, secret.encode(), seconds))
    return row("webhook, one signed read a request, 64 connections", round(searchable / seconds), "events/s",
               6_000, 10_000, answered_per_s=round(answered / seconds),
               searchable_in_1s=round(searchable / max(1, answered), 4))  # fmt: skip


def _running(hub: HubProcess, source: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        states = {each["id"]: each for each in hub.client.get("/sources")["items"]}
        if states[source]["pid"]:
            return
        time.sleep(0.1)
    raise RuntimeError(f"{source} did not start: {states[source]}")


async def _webhooks(hub: HubProcess, secret: bytes, seconds: float) -> tuple[int, int]:
    answered = 0
    number = 0
    begun = time.perf_counter()

    address = hub.hooks_address()

    async def post(lane: int) -> None:
        nonlocal answered, number
        connection = await Connection.to(address)
        while time.perf_counter() - begun < seconds:
            number += 1
            body = _lpr(number, lane)
            timestamp = str(int(time.time()))
            digest = hmac.digest(secret, body + b"|" + timestamp.encode(), hashlib.sha256).hex()
            headers = {
                "Verkada-Signature": f"{timestamp}|{digest}",
                "Content-Type": "application/json",
            }
            status = await connection.post("/hooks/hook", headers, body)
            assert status == 202, status
            answered += 1
        connection.close()

    await asyncio.gather(*(post(lane) for lane in range(CONNECTIONS)))
    await asyncio.sleep(1.0)
    return answered, await asyncio.to_thread(hub.total, "hook")


def _lpr(number: int, lane: int) -> bytes:
    now = int(time.time() * 1000)
    return (
        f'{{"org_id":"11111111-2222-4333-8444-555555555555","webhook_type":"lpr",'
        f'"created_at":{now // 1000},"webhook_id":"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",'
        f'"data":{{"camera_id":"99999999-8888-4777-8666-{lane:012}","created":{now // 1000},'
        f'"detected":{now},"license_plate_number":"ZZ{number % 100_000:05}","confidence":0.91,'
        f'"crop":[0.31,0.44,0.52,0.57],"image_url":"https://example.invalid/img/{number}",'
        f'"license_plate_state":"us-la"}}}}'
    ).encode()


def poll(folder: Path, reads: int = 200_000) -> dict[str, Any]:
    """200,000 reads, 1,000 a page, from the REST simulator through the worker."""
    with hub_process(folder) as hub:
        rate = uvloop.run(_poll(hub, reads))
    return row(f"poll, {reads:,} reads, 1,000 a page", round(rate), "events/s", 20_000, 30_000)


async def _poll(hub: HubProcess, reads: int) -> float:
    from simulator_process import lpr_rest

    async with lpr_rest(reads) as setup:
        body = {
            "connector": "lpr-rest",
            "name": "Bench",
            "config": {**setup["config"], "every_s": 0.2},
        }
        put = lambda *args: asyncio.to_thread(hub.client.send, "PUT", *args)  # noqa: E731
        await put("/sources/lpr", {**body, "enabled": False})
        for name, value in setup["credentials"].items():
            await put(f"/sources/lpr/credentials/{name}", {"value": value})
        await put("/sources/lpr", body)
        return await durable_rate(hub, "lpr", reads)


async def durable_rate(hub: HubProcess, source: str, events: int) -> float:
    """Events a second of a source that has just been switched on, from its first durable page to
    its last."""
    first, begun = 0, 0.0
    while True:
        done = await asyncio.to_thread(hub.total, source)
        if done and not first:
            first, begun = done, time.perf_counter()
        if done >= events:
            return (done - first) / (time.perf_counter() - begun)
        await asyncio.sleep(0.1)  # asking costs the hub as well
