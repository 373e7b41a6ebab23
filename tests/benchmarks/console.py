"""How the console stands up to 10,000 points a second, in a browser without a graphics card."""

from __future__ import annotations

import asyncio
import json
import math
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from demo_hub import Demo, demo, sign_in
from hub_process import Connection, row
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

POINTS, BATCH, LANES = 10_000, 500, 2
VIEW: Any = {"viewport": {"width": 1600, "height": 900}}
MAPLIBRE = Path(__file__).parents[2] / "ui/node_modules/maplibre-gl/dist"

FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run", "--enable-unsafe-swiftshader"]  # fmt: skip
"""How Chromium itself does without a graphics card: it composes with the processor and has
SwiftShader draw WebGL."""

WATCH = (Path(__file__).parent / "console_watch.js").read_text()


def console(folder: Path, seconds: float = 30.0, loads: int = 5) -> list[dict[str, Any]]:
    """First paint, answers to input, the main thread and panning: on an idle hub, under load, and
    for a page with a bare map."""
    with demo(folder / "data") as running, sync_playwright() as playwright:
        time.sleep(10)  # the city wakes: alerts, units, a feed to draw
        paints = [_first_paint(playwright, running) for _ in range(loads)]
        with _chromium(playwright) as browser:
            bare = _bare_map(browser)
        with _chromium(playwright) as browser, _page(browser, running) as page:
            idle = _measure(page, seconds / 3)
            with Fleet(running) as fleet:
                page.wait_for_timeout(8000)  # until all of them are on the map
                fleet.begin()
                loaded = _measure(page, seconds)
            loaded["taken"] = fleet.rate
    return _rows(bare, paints, idle, loaded)


def _rows(
    bare: dict[str, float], paints: list[list[float]], idle: dict[str, Any], loaded: dict[str, Any]
) -> list[dict[str, Any]]:
    load = f"{POINTS:,} points/s"
    rows, maps, wholes = (sorted(times) for times in zip(*paints, strict=True))
    return [
        row("baseline: an empty MapLibre page, cold", bare["painted"], "s", "", ""),
        row("baseline: an empty MapLibre page, panning", bare["frames"], "frames/s", "", ""),
        row("baseline: console on an idle hub, panning", idle["frames"], "frames/s", "", ""),
        row("baseline: console on an idle hub, input", idle["input"], "ms", "", ""),
        row("baseline: console on an idle hub, longest task", idle["longest"], "ms", "", ""),
        row(f"baseline: {load}, a nap of 10 ms overslept by up to", loaded["pause"], "ms", "", ""),
        row("first paint, cold: the feed's first rows", _spread(rows), "s", "", ""),
        row("first meaningful paint, cold: streets and units as well", _spread(maps), "s", 2, ""),
        row("first paint, cold: names and marks as well", _spread(wholes), "s", "", ""),
        row(f"{load}: input answered", loaded["input"], "ms", "max 100", ""),
        row(f"{load}: longest task on the main thread", loaded["longest"], "ms", 100, ""),
        row(f"{load}: panning", loaded["frames"], "frames/s", 8, ""),
        row(f"{load}: taken by the hub, told to the page",
            {"taken": loaded["taken"], "told": loaded["told"]}, "points/s", POINTS, "",
            load_average=os.getloadavg()[0]),
    ]  # fmt: skip


def _spread(samples: list[float]) -> dict[str, float]:
    return {"p50": round(samples[len(samples) // 2], 2), "max": round(samples[-1], 2)}


@contextmanager
def _chromium(playwright: Playwright) -> Iterator[Browser]:
    """A browser with nothing in its caches, drawing in software."""
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
    yield browser
    browser.close()


def _first_paint(playwright: Playwright, running: Demo) -> list[float]:
    """Seconds from the navigation until the first rows of the feed are drawn, until streets and
    units are as well, and until all of the map is, in a browser that was just started."""
    with _chromium(playwright) as browser, _page(browser, running) as page:
        whole = page.evaluate("window.watched.whole")
        return [*page.evaluate("[window.watched.rows, window.watched.painted]"), whole]


@contextmanager
def _page(browser: Browser, running: Demo) -> Iterator[Page]:
    """The console with its map and feed drawn."""
    page = sign_in(browser, running, **VIEW)
    page.add_init_script(WATCH)
    page.goto(running.url)
    page.evaluate("window.watched.ready")
    yield page
    page.context.close()


def _measure(page: Page, seconds: float) -> dict[str, Any]:
    """Half of the time somebody types, half of it the map is panned."""
    with _pauses() as pauses:
        page.evaluate("window.watched.begin()")
        begun = time.monotonic()
        while time.monotonic() - begun < seconds / 2:
            _work(page)
        frames = _pan(page, seconds / 2)
    seen: dict[str, Any] = page.evaluate("window.watched.end()")
    answers = sorted(seen["answers"])
    share = answers[min(len(answers) - 1, len(answers) * 95 // 100)]
    return {
        "frames": round(frames, 1),
        "input": {"p95": share, "max": answers[-1], "of": len(answers)},
        "longest": round(seen["longest"]),
        "told": round(seen["told"]),
        "pause": round(max(pauses) * 1000),
    }


@contextmanager
def _pauses() -> Iterator[list[float]]:
    """By how many seconds naps of 10 ms were overslept: what the machine, not the console, took."""
    naps, end = [0.0], threading.Event()

    def nap() -> None:
        while not end.is_set():
            begun = time.monotonic()
            time.sleep(0.01)
            naps.append(time.monotonic() - begun - 0.01)

    thread = threading.Thread(target=nap, daemon=True)
    thread.start()
    yield naps
    end.set()
    thread.join()


def _work(page: Page) -> None:
    """Types a search, leaves it, and opens a row of the feed."""
    page.keyboard.press("/")
    page.keyboard.type("oak", delay=60)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.wait_for_timeout(200)
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)


def _pan(page: Page, seconds: float) -> float:
    """Frames a second in which a map drew, while a hand drags it to and fro."""
    box = page.locator("canvas.maplibregl-canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    before = page.evaluate("window.watched.drawn")
    begun = time.monotonic()
    while (gone := time.monotonic() - begun) < seconds:
        page.mouse.move(x + 200 * math.sin(gone * 1.5), y + 80 * math.sin(gone))
        page.wait_for_timeout(16)
    drawn = page.evaluate("window.watched.drawn") - before
    page.mouse.up()
    return float(drawn / (time.monotonic() - begun))


EMPTY = """<!doctype html><link rel=stylesheet href=maplibre-gl.css>
<div id=map style="position:fixed;inset:0"></div><script type=module>
import {Map, setWorkerUrl} from './maplibre-gl.mjs';
setWorkerUrl('./maplibre-gl-worker.mjs');
const layers = [{id: 'ground', type: 'background', paint: {'background-color': '#123'}}];
const style = {version: 8, sources: {}, layers};
new Map({container: 'map', style, center: [0, 0], zoom: 12})
  .once('idle', () => window.idle = performance.now() / 1000);
</script>"""


def _bare_map(browser: Browser) -> dict[str, float]:
    """MapLibre with one background layer and nothing else: when it is drawn, and panning it."""
    page = browser.new_context(**VIEW).new_page()
    page.add_init_script(WATCH)

    def serve(route: Any) -> None:
        name = route.request.url.rsplit("/", 1)[-1]
        if name:
            route.fulfill(path=MAPLIBRE / name)
        else:
            route.fulfill(body=EMPTY, content_type="text/html")

    page.route("http://map.example.org/**", serve)
    page.goto("http://map.example.org/")
    painted = page.wait_for_function("window.idle").json_value()
    frames = _pan(page, 5.0)
    page.context.close()
    return {"painted": round(painted, 2), "frames": round(frames, 1)}


class Fleet:
    """Moves every vehicle once a second through the batch endpoint, in a thread of its own."""

    def __init__(self, running: Demo) -> None:
        body = {"connector": "push", "name": "Fleet", "synthetic": True}
        running.client.send("PUT", "/sources/fleet", body)
        self._bounds = running.client.get("/hub")["bounds"]
        self._port = int(running.url.rsplit(":", 1)[-1])
        self._cookie = f"watchfloor_session={running.client.session}"
        self._run = f"{time.time():.0f}"
        self._end = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._drive()), daemon=True)
        self._taken = 0
        self._begun = 0.0
        self.rate = 0
        """Points a second that the hub acknowledged since ``begin``."""

    def __enter__(self) -> Fleet:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.rate = round(self._taken / (time.monotonic() - self._begun))
        self._end.set()
        self._thread.join()

    def begin(self) -> None:
        """Count from now."""
        self._taken, self._begun = 0, time.monotonic()

    async def _drive(self) -> None:
        lanes = [await Connection.to(("127.0.0.1", self._port)) for _ in range(LANES)]
        second = 0
        while not self._end.is_set():
            begun = time.monotonic()
            share = POINTS // LANES
            await asyncio.gather(
                *(self._post(lane, n * share, share, second) for n, lane in enumerate(lanes))
            )
            second += 1
            await asyncio.sleep(max(0.0, 1 - (time.monotonic() - begun)))

    async def _post(self, lane: Connection, first: int, count: int, second: int) -> None:
        headers = {
            "Cookie": self._cookie, "Content-Type": "application/cloudevents-batch+json",
            "Watchfloor-Request": "1",
        }  # fmt: skip
        for start in range(first, first + count, BATCH):
            now = datetime.now(UTC).isoformat()
            events = [self._event(number, second, now) for number in range(start, start + BATCH)]
            body = json.dumps(events).encode()
            status = await lane.post("/api/v1/events?source=fleet", headers, body)
            assert status == 200, status
            self._taken += BATCH

    def _event(self, number: int, second: int, now: str) -> dict[str, Any]:
        west, south, east, north = self._bounds
        angle = number + second / 20
        reach = 0.45 * (number % 97) / 97
        x = west + (east - west) * (0.5 + reach * math.sin(angle))
        y = south + (north - south) * (0.5 + reach * math.cos(angle))
        return {
            "specversion": "1.0", "id": f"{self._run}-{number}-{second}", "source": "fleet",
            "type": "watchfloor.vehicle.position.v1", "time": now,
            "dataclassification": "agency", "subject": f"vehicle/{number}",
            "data": {"vehicle": f"v{number}", "place": {"point": [x, y]}, "course_deg": 90.0},
        }  # fmt: skip
