"""What alerts cost: a million wanted plates, 200 rules, and the way from commit to console.

Run it by itself (``python tests/benchmarks/alerts.py``): it prints a table. Nothing is asserted.
The store is the real one with its product settings; plates start with ZZ and are made up.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import Any

import msgspec

from watchfloor.adapters.bus import InProcessBus
from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.alerts import AlertRouter, AlertService
from watchfloor.alerts.engine import Engine, compile_rule
from watchfloor.alerts.plates import WantedPlates
from watchfloor.alerts.rules import read_rule
from watchfloor.contracts import BY_NAME, rfc3339
from watchfloor.ports.store import Batch, HotList, HotListEntry, NewEvent, RecordedEvent, Rule

PLATES = 1_000_000
RULES = 200
CHUNK = 20_000
RATE, SECONDS, HIT_SHARE = 1000, 20, 0.1
READ = BY_NAME["read"].type
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Rows = list[tuple[str, str]]


def plate(number: int) -> str:
    """``ZZ`` and five characters; neighbours in number are not neighbours in spelling."""
    scattered, text = number * 7_919_777 % 36**5, ""
    for _ in range(5):
        scattered, digit = divmod(scattered, 36)
        text += _LETTERS[digit]
    return "ZZ" + text


def entries(start: int, count: int) -> list[HotListEntry]:
    """Wanted plates: a tenth with their state, a third that expire some day."""
    return [
        HotListEntry(
            plate(number),
            "US-LA" if number % 10 == 0 else None,
            "Stolen vehicle" if number % 2 else "Stolen plate",
            4_000_000_000_000_000 if number % 3 == 0 else None,
        )
        for number in range(start, start + count)
    ]


def rules() -> list[str]:
    """200 rules: for reads by list, area and condition, for calls and for gunshots."""
    listed = "{id: list-%d, title: Listed, kinds: [read], hot_list: [stolen], severity: high, "
    picky = "{id: picky-%d, title: Picky, kinds: [read], hot_list: any, when: '%s'}"
    plain = "{id: plain-%d, title: Plain, kinds: [%s], severity: low, when: '%s'}"
    area = "within: {circle: {center: [-90.%02d, 29.9], radius_m: 300}}}"
    return [
        "{id: any, title: Hit, kinds: [read], hot_list: any}",
        *(listed % n + area % (n % 100) for n in range(99)),
        *(picky % (n, f"data.confidence < 0.{n:02} && hour == {n}") for n in range(20)),
        *(plain % (n, "call", f"data.priority == 0 && hour == {n}") for n in range(20, 70)),
        *(plain % (n, "gunshot", f"data.rounds > {n}") for n in range(70, 100)),
    ]  # fmt: skip


def body(number: int, text: str, at: int) -> bytes:
    """A plate read as it stands in the log, about 600 bytes."""
    return msgspec.json.encode(
        {
            "specversion": "1.0", "id": f"r-{number}", "source": "lpr", "type": READ,
            "time": rfc3339(at), "dataclassification": "le-sensitive",
            "data": {
                "plate": text, "reader": f"R-{number % 300}", "region": "US-LA",
                "confidence": 0.97, "heading_deg": 90.0,
                "place": {"point": [-90.07, 29.95], "error_m": 10.0, "address": "100 Oak St"},
                "vehicle": {"make": "Ford", "colour": "white", "body": "van"},
                "media": [{"handle": f"https://lpr.example.org/{number}.jpg",
                           "kind": "plate_picture", "owner": "Example PD",
                           "retention_class": "30d"}],
            },
        }
    )  # fmt: skip


def rss_mb() -> float:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096 / 1e6


async def longest_pause(work: Any) -> tuple[Any, float]:
    """Run something beside a ticker; its answer, and the longest time the ticker had to wait."""
    longest, last = 0.0, perf_counter()

    async def tick() -> None:
        nonlocal longest, last
        while True:
            await asyncio.sleep(0)
            longest, last = max(longest, perf_counter() - last), perf_counter()

    ticker = asyncio.create_task(tick())
    answer = await work
    ticker.cancel()
    return answer, longest * 1000


class Book:
    """Gives entries in chunks, as a store does, without keeping them."""

    async def entries(self) -> AsyncIterator[tuple[str, Sequence[HotListEntry]]]:
        """A million of them."""
        for start in range(0, PLATES, CHUNK):
            yield "stolen", entries(start, CHUNK)


async def wanted_plates() -> tuple[WantedPlates, Rows]:
    """A million plates: memory, time to load, time to look one up."""
    gc.collect()
    before, plates = rss_mb(), WantedPlates()
    started = perf_counter()
    await plates.fill(Book())  # type: ignore[arg-type]
    took = perf_counter() - started
    started = perf_counter()
    for start in range(0, PLATES, CHUNK):
        entries(start, CHUNK)
    making = perf_counter() - started
    gc.collect()
    known = [plate(n) for n in range(0, PLATES, 10)]
    absent = [plate(n) for n in range(PLATES, PLATES + len(known))]
    return plates, [
        ("1,000,000 wanted plates: memory", f"{rss_mb() - before:.0f} MB"),
        ("  time to load (without making the entries)", f"{took - making:.1f} s"),
        ("  look-up of a plate on a list", per_call(lambda p: list(plates.find(p)), known)),
        ("  look-up of a plate on none", per_call(lambda p: list(plates.find(p)), absent)),
    ]


def per_call(call: Callable[[Any], Any], given: Iterable[Any]) -> str:
    """Microseconds of processor time a call."""
    given = list(given)
    started = process_time()
    for each in given:
        call(each)
    return f"{(process_time() - started) / len(given) * 1e6:.2f} µs"


def judging(plates: WantedPlates) -> Rows:
    """What the engine costs an event, with and without rules that must look at every read."""
    now = SystemClock().now()
    lists = [HotList("stolen", "Stolen", "Example PD", "Theft", 0)]
    compiled = [compile_rule(read_rule(document)) for document in rules()]
    rows: Rows = []
    for name, chosen in (
        (
            "180 rules, none for all reads",
            [c for c in compiled if c.rule.hot_list or "read" not in c.rule.kinds],
        ),
        ("200 rules, 20 conditions on every read", compiled),
    ):
        engine = Engine(UTC)
        engine.use_rules(chosen)
        engine.use_plates(plates, lists)
        for what, first in (("on no list", PLATES), ("on a list", 0)):
            events = [recorded(n, plate(first + n), now) for n in range(5000)]
            cost = per_call(partial(_judged, engine, now), events)
            rows.append((f"judge a read {what}: {name}", cost))
    return rows


def _judged(engine: Engine, now: int, event: RecordedEvent) -> None:
    for _ in engine.judge(event, now):
        pass


def recorded(number: int, text: str, at: int) -> RecordedEvent:
    """A read in the log."""
    return RecordedEvent(
        number, "lpr", f"r-{number}", READ, None, at, None, at, (-90.07, 29.95), "le-sensitive",
        (("plate", text), ("asset", f"R-{number % 300}")), body(number, text, at),
    )  # fmt: skip


class NoSecrets:
    """No channel is used here."""


async def to_the_console(folder: Path) -> Rows:
    """1,000 reads a second into the real store; the time from commit to listener."""
    clock = SystemClock()
    store = SqliteStore(folder / "hub.sqlite", clock)
    await store.open()
    bus = InProcessBus(store.log)
    for document in rules():
        name = read_rule(document).rule.id
        await store.alerts.put_rule(Rule(name, document, True, clock.now(), "benchmark"))
    await store.alerts.put_hot_list(HotList("stolen", "Stolen", "Example PD", "Theft", 0))
    started = perf_counter()
    await store.alerts.replace_entries("stolen", entries(0, PLATES))
    imported = perf_counter() - started
    alerts = AlertService(store, clock, NoSecrets(), UTC)  # type: ignore[arg-type]
    started = perf_counter()
    await alerts.open()
    watch = asyncio.create_task(alerts.keep_watch())
    _, pause = await longest_pause(alerts.watching())
    loading = perf_counter() - started
    heard: dict[int, float] = {}
    alerts.on_change(
        lambda told: heard.update((each.alert.events[-1], perf_counter()) for each in told)
    )
    router = AlertRouter(store, bus, clock, alerts.engine, alerts.desk, alerts.watching)
    task = asyncio.create_task(router.run())
    worked = process_time()
    sent, committed = await drive(store, bus, clock)
    while router.position < await store.log.head():
        await asyncio.sleep(0.05)
    worked = process_time() - worked
    for each in (task, watch):
        each.cancel()
        with suppress(asyncio.CancelledError):
            await each
    await store.close()
    waits = sorted((heard[seq] - at) * 1000 for seq, at in sent.items() if seq in heard)
    cuts, floor = quantiles(waits, n=100), quantiles(committed, n=100)
    return [
        ("write 1,000,000 entries to the store", f"{imported:.1f} s"),
        ("start: read them and put them in force", f"{loading:.1f} s"),
        ("  longest pause of the event loop meanwhile", f"{pause:.0f} ms"),
        (f"commit at {RATE}/s to console, {len(waits)} of {len(sent)} alerts: p50",
         f"{median(waits):.1f} ms"),
        ("  p99", f"{cuts[98]:.1f} ms"),
        ("  longest", f"{waits[-1]:.1f} ms"),
        ("  of which the commit itself: p50", f"{floor[49]:.1f} ms"),
        ("  p99", f"{floor[98]:.1f} ms"),
        (f"  processor time for {RATE * SECONDS} reads, driver included", f"{worked:.1f} s"),
    ]  # fmt: skip


async def drive(
    store: SqliteStore, bus: InProcessBus, clock: SystemClock
) -> tuple[dict[int, float], list[float]]:
    """Commit reads one by one at ``RATE``, as webhooks come. When each that hits was handed in, and how
    many milliseconds each commit took: the floor under everything that follows it."""
    sent: dict[int, float] = {}
    took: list[float] = []
    running: set[asyncio.Task[None]] = set()

    async def commit(number: int, text: str, hits: bool) -> None:
        at, started = clock.now(), perf_counter()
        event = NewEvent(
            id=f"r-{number}", type=READ, subject=None, time=at, observed=None, expires=None,
            point=(-90.07, 29.95), handling="le-sensitive",
            keys=(("plate", text), ("asset", f"R-{number % 300}")), text=None,
            body=body(number, text, at),
        )  # fmt: skip
        [committed] = await store.log.commit([Batch("lpr", "benchmark/1.0.0", [event])])
        await bus.publish(committed.recorded)
        took.append((perf_counter() - started) * 1000)
        if hits:
            sent[committed.recorded[0].seq] = started

    every, began = round(1 / HIT_SHARE), perf_counter()
    for number in range(RATE * SECONDS):
        hits = number % every == 0
        due = began + number / RATE
        if (wait := due - perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(commit(number, plate(number if hits else PLATES + number), hits))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    return sent, sorted(took)


def main() -> None:
    """Measure and print."""
    plates, rows = asyncio.run(wanted_plates())
    rows += judging(plates)
    with tempfile.TemporaryDirectory() as folder:
        rows += asyncio.run(to_the_console(Path(folder)))
    width = max(len(what) for what, _ in rows)
    sys.stdout.write("".join(f"{what:<{width}}  {figure:>10}\n" for what, figure in rows))


if __name__ == "__main__":
    main()
