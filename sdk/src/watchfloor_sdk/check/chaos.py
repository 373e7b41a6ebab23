"""Blows that fall while records flow, and what each cost: records lost, records doubled, lag.

A hub whose disk is full answers late and nothing else (``docs/worker-protocol.md``, "Handing
over"), so that is what its double does here; the hub's own tests fill a real disk. Nobody can turn
a machine's clock for one process: here the worker is frozen, as a suspended machine is, and the
vendor's clock is turned.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from msgspec import Struct

from watchfloor_sdk.simulation import Fault, HttpSimulator
from watchfloor_sdk.testing.harness import Worker

from .rule import Broken, Inapplicable
from .stage import Stage, stage
from .subject import Subject

FILE = "CHAOS.md"
RECORDS = 100
_EACH_S = 0.03
_BLOW_S = 2.0
_HOUR_S = 3600.0

Blow = Callable[[Stage, Worker], Awaitable[None]]


class Cost(Struct, frozen=True):
    """What one blow cost. ``again`` counts records that came once more and were known;
    ``lag_s`` is from the last record's happening until all had arrived."""

    blow: str
    records: int
    lost: int
    doubled: int
    again: int
    lag_s: float


async def run_chaos(subject: Subject, blows: Iterable[str] = ()) -> list[Cost]:
    """Each blow that this connector can be dealt, or those of these names, one after another.
    Raises ``Broken`` where the simulator cannot rehearse."""
    costs = []
    for name in blows or BLOWS:
        try:
            costs.append(await _dealt(subject, name, BLOWS[name]))
        except Inapplicable:
            continue
    return costs


def table(subject: Subject, costs: list[Cost]) -> str:
    """The page that a connector publishes."""
    rows = "\n".join(
        f"| {one.blow} | {one.records} | {one.lost} | {one.doubled} | {one.again} | {one.lag_s:g} |"
        for one in costs
    )
    return (
        f"# Chaos: {subject.id} {subject.document.get('version', '')}\n\n"
        "Written by `watchfloor-sdk chaos --write`.\n\n"
        "| blow | records | lost | doubled | sent again | lag (s) |\n"
        f"|---|---|---|---|---|---|\n{rows}\n"
    )


def write_table(subject: Subject, costs: list[Cost]) -> Path:
    """Write ``CHAOS.md`` into the connector's folder."""
    path = subject.folder / FILE
    path.write_text(table(subject, costs), "utf-8")
    return path


async def _dealt(subject: Subject, name: str, blow: Blow) -> Cost:
    async with stage(subject) as scene, _feeding(scene) as fed:
        async with scene.worker() as worker:
            await asyncio.sleep(0.5)
            await blow(scene, worker)
            if worker.process is None or worker.process.returncode is None:
                return await _counted(scene, name, fed)
        async with scene.worker():
            return await _counted(scene, name, fed)
    raise AssertionError("unreachable")


async def _counted(scene: Stage, name: str, fed: asyncio.Task[float]) -> Cost:
    last = await fed
    await _arrived_or_late(scene)
    lag = asyncio.get_running_loop().time() - last
    ledger, events = set(scene.simulator.ledger), set(scene.hub.events)
    return Cost(
        blow=name,
        records=len(events),
        lost=len(ledger - events),
        doubled=len(events - ledger) + len(scene.hub.conflicts),
        again=scene.hub.repeats,
        lag_s=round(lag, 1),
    )


async def _arrived_or_late(scene: Stage) -> None:
    with suppress(Broken):  # the count says what is missing
        await scene.arrive()


@asynccontextmanager
async def _feeding(scene: Stage) -> AsyncIterator[asyncio.Task[float]]:
    """Records happen all the while. The task answers when the last one did."""

    async def feed() -> float:
        for _ in range(RECORDS):
            scene.feed(1)
            await asyncio.sleep(_EACH_S)
        return asyncio.get_running_loop().time()

    task = asyncio.create_task(feed())
    try:
        yield task
    finally:
        task.cancel()


async def _kill(_: Stage, worker: Worker) -> None:
    worker.kill()
    if worker.process is not None:
        await worker.process.wait()


async def _cut(scene: Stage, _: Worker) -> None:
    vendor = _asked(scene)
    await vendor.cut()
    await asyncio.sleep(_BLOW_S)
    await vendor.mend()


async def _fill(scene: Stage, _: Worker) -> None:
    async with scene.hub.busy():
        await asyncio.sleep(_BLOW_S)


async def _freeze(_: Stage, worker: Worker) -> None:
    if worker.process is None:
        raise Inapplicable("It has no process.")
    worker.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(_BLOW_S)
    worker.process.send_signal(signal.SIGCONT)


async def _turn(scene: Stage, _: Worker) -> None:
    vendor = _asked(scene)
    vendor.faults.always(Fault.dated(_HOUR_S))
    await asyncio.sleep(_BLOW_S)
    vendor.faults.clear()


def _asked(scene: Stage) -> HttpSimulator:
    scene.subject.needs("poll", "stream")
    return scene.vendor


BLOWS: dict[str, Blow] = {
    "worker killed": _kill,
    "net cut for 2 s": _cut,
    "hub's disk full for 2 s": _fill,
    "worker frozen for 2 s": _freeze,
    "vendor's clock an hour ahead for 2 s": _turn,
}
