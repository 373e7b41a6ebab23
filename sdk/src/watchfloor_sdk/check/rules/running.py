"""What is seen of a connector that runs undisturbed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from typing import Any

from aiohttp import web

from watchfloor.contracts import WatchfloorError, schemas
from watchfloor_sdk.check.memory import peak_mb
from watchfloor_sdk.check.rule import Broken, rule
from watchfloor_sdk.check.stage import Stage, stage
from watchfloor_sdk.check.subject import Subject
from watchfloor_sdk.simulation import Fault, HttpSimulator
from watchfloor_sdk.testing.contract import wrong_of

from .requests import all_answered

A_FEW = 40
_HANDLING = ("public", "agency", "le-sensitive", "cji")


@rule(
    "WF102",
    why="A hub holds the agency's secrets; what leaves it must be what was approved.",
    mend="Go out by ctx.http or ctx.network only. Declare what is needed in the manifest's hosts.",
    exemptable=False,
)
async def only_declared_hosts(subject: Subject) -> str:
    """Only hosts that the manifest declares are reached, whatever a vendor's answer says."""
    async with AsyncExitStack() as stack:
        trap = await stack.enter_async_context(_trap())
        scene = await stack.enter_async_context(stage(subject))
        worker = await stack.enter_async_context(scene.worker(watched=True))
        await scene.work(worker, A_FEW)
        await _tempt(scene, worker, trap)
        allowed = set(subject.hosts(scene.config))
        if trap.caught:
            raise Broken("It followed a redirect to a host that the manifest does not declare.")
        if strange := sorted(scene.connected - allowed):
            raise Broken(f"It went to {', '.join(strange[:3])}, which it does not declare.")
    return f"{len(scene.connected)} of {len(allowed)} declared hosts were reached, and no other"


@rule(
    "WF103",
    why="The agency approves kinds of data; what is not approved must not come.",
    mend="Name every type in event_types and asset_kinds, or stop emitting it.",
    exemptable=False,
)
async def only_declared_kinds(subject: Subject) -> str:
    """Only declared kinds of events and assets come, and each fits its JSON Schema."""
    subject.needs("poll", "stream", "webhook", "assets")
    scene = await _arrived(subject)
    manifest = subject.manifest
    events, assets = scene.hub.events.values(), scene.hub.assets.values()
    kinds = {event["type"] for event in events} | {asset["kind"] for asset in assets}
    if strange := sorted(kinds - {*manifest.event_types, *manifest.asset_kinds}):
        raise Broken(f"Not declared: {', '.join(strange)}.")
    for name, things in (("event", events), ("asset", assets)):
        for thing in things:
            if wrong := schemas.explain(name, thing):
                raise Broken(f"{name.capitalize()} that does not fit: {wrong[0]}")
    return f"{len(events)} events and {len(assets)} assets of {len(kinds)} kinds"


@rule(
    "WF105",
    why="Who may see a thing, and when it is deleted, is decided by its mark.",
    mend="Make events with ctx.event, and give Media its owner and retention_class.",
    exemptable=False,
)
async def marks_are_set(subject: Subject) -> str:
    """Every event carries a handling mark no weaker than the manifest's, and every picture, clip
    and recording its owner and a retention class."""
    subject.needs("poll", "stream", "webhook")
    scene = await _arrived(subject)
    least = _HANDLING.index(subject.manifest.handling)
    media = 0
    for event in scene.hub.events.values():
        if _HANDLING.index(event["dataclassification"]) < least:
            raise Broken(f"An event is marked {event['dataclassification']} only.")
        for one in _media(event["data"]):
            media += 1
            if not (one.get("owner") and one.get("retention_class")):
                raise Broken(f"A {one.get('kind')} has no owner or no retention class.")
    return f"{len(scene.hub.events)} events, {media} references to media"


@rule(
    "WF109",
    why="Whoever changes the connector must see it work without the vendor's live system.",
    mend="Derive one from HttpSimulator, write rehearse, and name it under the entry points "
    "watchfloor.simulators.",
    exemptable=False,
)
async def simulator_is_there(subject: Subject) -> str:
    """There is a simulator of the vendor, installed beside the connector, that rehearses."""
    async with stage(subject) as scene:
        if scene.setup.connector != subject.id:
            raise Broken(f"The simulator is one of {scene.setup.connector}.")
        if subject.brings:
            first, second = scene.happenings(2)
            if first == second:
                raise Broken("Every happening of its rehearsal is the same.")
        scene.questions()
        scene.orders()
    return f"{type(scene.simulator).__name__} listens and rehearses"


@rule(
    "WF110",
    why="This is what a connector is for.",
    mend="Run the contract test and read what it found missing, made up or doubled.",
    exemptable=False,
)
async def contract_passes(subject: Subject) -> str:
    """The contract test passes: all that the vendor hands out arrives once, as it was; each look-up
    is answered and each action done."""
    scene = await _arrived(subject)
    told = subject.brings or "assets" in subject.manifest.capabilities
    if told and (wrong := wrong_of(scene.hub, scene.simulator)):
        raise Broken(wrong)
    async with stage(subject) as scene_of_requests, scene_of_requests.worker() as worker:
        answered = await all_answered(scene_of_requests, worker)
    return f"{len(scene.hub.events)} records as they were, {answered} requests answered"


@rule(
    "WF212",
    why="Fifty connectors run on one small machine; the hub ends one that takes more.",
    mend="Hand pages on as they come, keep no history in memory; or ask for more in memory_mb.",
)
async def memory_is_kept(subject: Subject) -> str:
    """It keeps to the memory that its manifest asks for, under load."""
    async with stage(subject) as scene, scene.worker() as worker:
        with suppress(Broken):  # how fast records come is asked elsewhere
            await scene.work(worker, 5_000 if subject.brings else 0, 60.0)
        if subject.brings and not scene.hub.events:
            raise Broken("Of 5,000 records at once none arrived.")
        if worker.process is not None and worker.process.returncode is not None:
            raise Broken("Under load its worker ended.")
        peak = peak_mb(worker.process)
    allowed = subject.manifest.memory_mb
    if peak > allowed:
        raise Broken(f"It took {peak:.0f} MB and asked for {allowed}.")
    return f"{peak:.0f} of {allowed} MB at most, over {len(scene.hub.events)} events"


async def _arrived(subject: Subject) -> Stage:
    """A scene of which a few happenings have arrived; its parts have ended."""
    async with stage(subject) as scene, scene.worker() as worker:
        if subject.brings:
            scene.feed(A_FEW)
            await scene.arrive()
        if "assets" in subject.manifest.capabilities:
            await scene.until(lambda: bool(scene.hub.assets), lambda: "No asset came.", 20.0)
        await worker.stop(5.0)
    return scene


class _trap:  # noqa: N801 - used as a function
    """A host that nobody declared. ``caught`` counts who came."""

    def __init__(self) -> None:
        self.caught = 0
        self.url = ""

    async def __aenter__(self) -> _trap:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _take(self, _: web.Request) -> web.Response:
        self.caught += 1
        return web.json_response({})


async def _tempt(scene: Stage, worker: Any, trap: _trap) -> None:
    """Every answer leads to the trap: also the one to whoever fetches a picture."""
    if not isinstance(scene.simulator, HttpSimulator) or not scene.subject.hosts(scene.config):
        return
    before = len(scene.simulator.faults.played)
    scene.simulator.faults.always(Fault.redirect(trap.url))
    handles = [
        one["handle"] for event in scene.hub.events.values() for one in _media(event["data"])
    ]
    for handle in handles[:2]:
        try:
            await worker.fetch_media(handle)
        except Exception:  # noqa: S112 - however it refuses: the trap tells
            continue
    for question in scene.questions():
        await worker.ask(question)
    for order in scene.orders():
        with suppress(WatchfloorError):
            await worker.act(order)
    if set(scene.subject.manifest.capabilities) & {"poll", "stream"}:
        played = scene.simulator.faults.played
        await scene.until(
            lambda: len(played) > before, lambda: "It asks for nothing any more.", 20.0
        )
    await scene.hub.until(lambda: True)


def _media(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        found = data.get("media")
        yield from found if isinstance(found, list) else []
