"""The contract test: a connector's real worker against its simulator, killed on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import IO, Any

import msgspec
from aiohttp import web

from watchfloor.contracts import schemas
from watchfloor_sdk.connector import Connector
from watchfloor_sdk.finding import manifest_text
from watchfloor_sdk.simulation import Setup, Simulator

from .harness import SOURCE, WORKER, Worker, worker_process
from .hub import HubDouble
from .rehearsal import rehearsed, simulator_of

REHEARSED = 200
EVERY_S = 0.2
"""Cadence in the test: seconds."""


async def run_contract(
    connector: str,
    simulator: Simulator | None = None,
    happenings: Iterable[Any] | None = None,
    *,
    config: Mapping[str, Any] | None = None,
    command: Sequence[str] = WORKER,
    deadline_s: float = 60.0,
) -> HubDouble:
    """Feeds ``happenings`` to the simulator while the worker runs, kills the worker (``kill -9``)
    half way, starts it again, and waits until all of the simulator's ledger has arrived.

    Asserts that nothing is lost, nothing is made up or doubled, a repeated event is the same
    event, every event and asset fits its JSON Schema, and credits are kept to. Answers the hub
    double, for what else a test wants to know. ``config`` is laid over the simulator's own.
    Without a simulator it takes the connector's installed one, without happenings those of its
    rehearsal.
    """
    simulator = simulator or simulator_of(connector)
    happenings = rehearsed(simulator, REHEARSED) if happenings is None else happenings
    hub = HubDouble(delay_s=0.02)
    setup = await simulator.start()
    hub.credentials.update(setup.credentials)
    settings = {**setup.config, "every_s": EVERY_S, **(config or {})}
    half, rest = _halves(list(happenings))
    try:
        async with asyncio.timeout(deadline_s), door(hub, simulator):
            await _first_run(connector, setup, settings, command, hub, simulator, half)
            for happening in rest:
                simulator.feed(happening)
            beats = len(hub.heartbeats)
            async with running(connector, settings, command, hub) as worker:
                if "poll" in worker.capabilities:
                    await hub.until(lambda: _assured(hub, beats), deadline_s)
                await _complete(hub, simulator)
                await worker.stop()
    except TimeoutError:
        raise AssertionError(_missing(hub, simulator, deadline_s)) from None
    finally:
        await simulator.stop()
    check_contract(hub, simulator)
    return hub


def check_contract(hub: HubDouble, simulator: Simulator) -> None:
    """The assertions of ``run_contract``, for a test that runs the worker in its own way."""
    assert not (wrong := wrong_of(hub, simulator)), wrong


def wrong_of(hub: HubDouble, simulator: Simulator) -> str:
    """What is wrong with what has arrived, in words; empty when nothing is."""
    return next(_wrongs(hub, simulator), "")


def _wrongs(hub: HubDouble, simulator: Simulator) -> Iterator[str]:
    if made_up := set(hub.events) - set(simulator.ledger):
        yield f"events that the vendor never handed out: {sorted(made_up)[:5]}"
    if lost := set(simulator.ledger) - _arrived(hub):
        yield f"{len(lost)} of the vendor's records are lost: {sorted(lost)[:5]}"
    if hub.conflicts:
        yield f"an id stands for two things: {hub.conflicts[:5]}"
    if hub.overdrawn:
        yield "the worker sent more than its credits"
    for event in hub.events.values():
        if event["source"] != SOURCE:
            yield f"{event['id']}: its source is {event['source']}"
        if wrong := schemas.explain("event", event):
            yield f"{event['id']}: {wrong}"
    for asset in hub.assets.values():
        if wrong := schemas.explain("asset", asset):
            yield f"{asset['id']}: {wrong}"


def check_manifest(connector: type[Connector[Any]]) -> None:
    """Asserts that the manifest fits its schema, and names the settings that the class has."""
    manifest = msgspec.json.decode(manifest_text(connector))
    assert not (wrong := schemas.explain("manifest", manifest)), wrong
    named = set(manifest["config_schema"].get("properties", {})) - {"every_s"}
    known = {field.encode_name for field in msgspec.structs.fields(connector.settings)}
    assert named == known, f"in manifest or class alone: {sorted(named ^ known)}"


async def _first_run(
    connector: str,
    setup: Setup,
    settings: Mapping[str, Any],
    command: Sequence[str],
    hub: HubDouble,
    simulator: Simulator,
    happenings: Sequence[Any],
) -> None:
    """Until something has arrived; then the worker dies, with more on its way."""
    assert setup.connector == connector
    async with running(connector, settings, command, hub) as worker:
        for happening in happenings:
            simulator.feed(happening)
        await hub.until(lambda: bool(_arrived(hub) & set(simulator.ledger)), 30.0)
        worker.kill()


@asynccontextmanager
async def running(
    connector: str,
    settings: Mapping[str, Any],
    command: Sequence[str],
    hub: HubDouble,
    *,
    stderr: IO[bytes] | None = None,
) -> AsyncIterator[Worker]:
    """A worker process after its handshake, with webhooks handed over as they come."""
    async with worker_process(connector, hub, command, stderr=stderr) as worker:
        await worker.initialize(connector, settings)
        pumping = asyncio.create_task(pump(hub, worker, "webhook" in worker.capabilities))
        try:
            yield worker
        finally:
            pumping.cancel()
            await asyncio.gather(pumping, return_exceptions=True)


async def pump(hub: HubDouble, worker: Worker, wanted: bool) -> None:
    """Hands webhooks over as they come, for ever."""
    while wanted:
        await hub.hand_over(worker.peer)
        await asyncio.sleep(0.02)


@asynccontextmanager
async def door(hub: HubDouble, simulator: Simulator) -> AsyncIterator[None]:
    """An address for the simulator's webhooks, which is told of it."""
    runner = web.AppRunner(hub.door(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        simulator.push_to(f"http://127.0.0.1:{runner.addresses[0][1]}/hooks/{SOURCE}")
        yield
    finally:
        await runner.cleanup()


async def _complete(hub: HubDouble, simulator: Simulator) -> None:
    """All that the vendor has handed out has arrived, and stays so for a few cadences."""
    calm = 0
    while calm < 5:
        await asyncio.sleep(EVERY_S)
        whole = set(simulator.ledger) <= _arrived(hub) and not hub.inbox
        calm = calm + 1 if whole and simulator.ledger else 0


def _assured(hub: HubDouble, since: int) -> bool:
    """Whether the worker has ended a round, well or not: before that, calm says nothing."""
    return any(beat.assured_until or beat.problem for beat in hub.heartbeats[since:])


def _arrived(hub: HubDouble) -> set[str]:
    """Ids of events and, for a simulator whose ledger has those, of assets."""
    return hub.events.keys() | hub.assets.keys()


def _halves(happenings: list[Any]) -> tuple[list[Any], list[Any]]:
    middle = (len(happenings) + 1) // 2
    return happenings[:middle], happenings[middle:]


def _missing(hub: HubDouble, simulator: Simulator, deadline_s: float) -> str:
    lost = sorted(set(simulator.ledger) - _arrived(hub))
    problems = [beat.problem.detail for beat in hub.heartbeats if beat.problem]
    return (
        f"Within {deadline_s:g} s {len(lost)} of {len(simulator.ledger)} records did not arrive: "
        f"{lost[:5]}, rejected {len(hub.rejected)}, last problem: {problems[-1:]}"
    )
