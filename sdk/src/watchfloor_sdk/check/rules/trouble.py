"""How a connector takes what goes wrong between it and its vendor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from watchfloor_sdk.check.rule import Broken, Inapplicable, rule
from watchfloor_sdk.check.stage import Stage, stage
from watchfloor_sdk.check.subject import Subject
from watchfloor_sdk.simulation import Fault
from watchfloor_sdk.testing.contract import wrong_of

KILLS = 6
AT_ONCE = 60
"""Records that happen before each kill."""
ASKED_WAIT_S = 3
_EARLY_S = 0.05
"""What two clocks in two processes may differ by."""
_SOON_S = 20.0
OUTAGE_S = 6.0
_MOST_ASKED = 8
"""Requests in an outage of six seconds: one a second and some for what runs beside."""
STOP_S = 5.0


@rule(
    "WF201",
    why="Machines lose power; a record that is lost then is lost for ever.",
    mend="Let the checkpoint follow the records of its own page, and make ids of the records.",
    exemptable=False,
)
async def killed_it_loses_nothing(subject: Subject) -> str:
    """Killed again and again (kill -9) while records flow, it loses none and doubles none."""
    subject.needs("poll", "stream", "webhook")
    async with stage(subject) as scene:
        for number in range(KILLS):
            scene.feed(AT_ONCE)
            async with scene.worker() as worker:
                await _blows[number % len(_blows)](scene)
                worker.kill()
        async with scene.worker():
            await scene.arrive()
        if wrong := wrong_of(scene.hub, scene.simulator):
            raise Broken(wrong)
        return f"{KILLS} kills, {len(scene.hub.events)} records, {scene.hub.repeats} sent again"


@rule(
    "WF202",
    why="Tokens run out at night; a connector that waits for a person then is down until morning.",
    mend="Pass the credential by an auth of ctx.http: it is leased or fetched anew after a 401.",
)
async def a_401_renews(subject: Subject) -> str:
    """Refused with 401 in the middle of its work (its token has run out, or the agency has changed
    its credential) it gets a new one and goes on, within 20 s and with nobody's help."""
    subject.needs("poll", "stream")
    async with stage(subject) as scene, scene.worker():
        if not scene.setup.credentials:
            raise Inapplicable("In its rehearsal it needs no credential.")
        await _at_work(scene)
        try:
            scene.hub.credentials |= scene.simulator.rotate()
        except NotImplementedError:
            took = await _after(scene, Fault.expired(), _SOON_S)
        else:
            took = await _goes_on(scene, _SOON_S)
    return f"Records flowed again after {took:.1f} s"


@rule(
    "WF203",
    why="Vendors shut out who does not wait when told to.",
    mend="Ask by ctx.http and let RetryLater through: the worker waits what the vendor asked for.",
)
async def retry_after_is_kept(subject: Subject) -> str:
    """Told 429 with Retry-After it asks again not earlier, and soon after; told 429 without one it
    waits, too."""
    subject.needs("poll", "stream")
    async with stage(subject) as scene, scene.worker():
        await _at_work(scene)
        waited = await _pause_after(scene, Fault.status(429, retry_after=ASKED_WAIT_S))
        if waited < ASKED_WAIT_S - _EARLY_S:
            raise Broken(f"Asked to wait {ASKED_WAIT_S} s it came back after {waited:.2f} s.")
        if waited > ASKED_WAIT_S + 10:
            raise Broken(f"Asked to wait {ASKED_WAIT_S} s it stayed away for {waited:.1f} s.")
        bare = await _pause_after(scene, Fault.status(429))
        if bare < 2 * scene.config["every_s"]:
            raise Broken(f"After a 429 without Retry-After it came back after {bare:.2f} s.")
    return f"Waited {waited:.1f} s of {ASKED_WAIT_S} s; without Retry-After {bare:.1f} s"


@rule(
    "WF204",
    why="A vendor that struggles is kept down by those who ask at full rate.",
    mend="Let RetryLater through; give every call a deadline.",
)
async def outages_are_waited_out(subject: Subject) -> str:
    """While the vendor answers 503 it asks less and less often; after that, and after an answer
    that never comes, all records arrive."""
    subject.needs("poll", "stream")
    asked, _ = await asyncio.gather(_waits_out(subject), _leaves_a_hang(subject))
    return f"{asked} requests in an outage of {OUTAGE_S:g} s; a hanging answer was left"


@rule(
    "WF211",
    why="A hub that updates or shuts down waits for its workers, and then kills them.",
    mend="Do not catch CancelledError; start no threads that outlive a call.",
)
async def stop_takes_five_seconds(subject: Subject) -> str:
    """Asked to stop it has ended within 5 s, also while the vendor lets it wait for an answer."""
    async with stage(subject) as scene, scene.worker() as worker:
        if subject.brings:
            scene.feed(200)
        if subject.asks(scene.config):
            await scene.arrive()
            scene.vendor.faults.always(Fault.hang())
            await asyncio.sleep(1.0)
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(STOP_S + 1.0):
                await worker.stop(STOP_S)
        except TimeoutError:
            raise Broken(f"It still ran {STOP_S:g} s after it was asked to stop.") from None
        took = asyncio.get_running_loop().time() - began
    return f"Ended after {took:.1f} s"


async def _at_the_first(scene: Stage) -> None:
    before = len(scene.hub.events)
    await _until_more(scene, lambda: len(scene.hub.events) > before)


async def _at_a_checkpoint(scene: Stage) -> None:
    """Or among the records, where it keeps none: which of the two does it hand over first?"""
    before, kept = len(scene.hub.events), scene.hub.checkpoint
    await _until_more(
        scene,
        lambda: scene.hub.checkpoint != kept or len(scene.hub.events) >= before + AT_ONCE // 2,
    )


async def _in_its_midst(_: Stage) -> None:
    await asyncio.sleep(0.4)


async def _until_more(scene: Stage, condition: Callable[[], bool]) -> None:
    await scene.until(condition, lambda: "After a kill nothing came any more.", _SOON_S)


_blows = (_at_the_first, _at_a_checkpoint, _in_its_midst)


async def _waits_out(subject: Subject) -> int:
    async with stage(subject) as scene, scene.worker():
        await _at_work(scene)
        scene.vendor.faults.always(Fault.status(503))
        scene.feed(20)
        before = len(_asked(scene))
        await asyncio.sleep(OUTAGE_S)
        asked = len(_asked(scene)) - before
        if asked > _MOST_ASKED:
            raise Broken(f"It asked {asked} times in an outage of {OUTAGE_S:g} s.")
        scene.heal()
        await scene.arrive()
        return asked


async def _leaves_a_hang(subject: Subject) -> None:
    async with stage(subject) as scene, scene.worker():
        await _at_work(scene)
        await _after(scene, Fault.hang(), 60.0)


async def _at_work(scene: Stage) -> None:
    scene.feed(20)
    await scene.arrive()


async def _after(scene: Stage, fault: Fault, deadline_s: float) -> float:
    """How long it took until all arrived over a fault."""
    await _meets(scene, fault)
    return await _goes_on(scene, deadline_s)


async def _goes_on(scene: Stage, deadline_s: float) -> float:
    scene.feed(20)
    began = asyncio.get_running_loop().time()
    await scene.arrive(deadline_s)
    return asyncio.get_running_loop().time() - began


async def _pause_after(scene: Stage, fault: Fault) -> float:
    """Seconds from the request that met the fault to the next one for records."""
    await _meets(scene, fault)
    met = _asked(scene)[-1]
    scene.feed(5)
    await scene.until(
        lambda: _asked(scene)[-1] > met,
        lambda: f"After {fault.name} it never asked again.",
        _SOON_S,
    )
    waited = next(at for at in _asked(scene) if at > met) - met
    await scene.arrive()
    return waited


async def _meets(scene: Stage, fault: Fault) -> None:
    """The next request for records meets it."""
    played = scene.vendor.faults.played
    before = len(played)
    path = scene.vendor.records_path
    scene.vendor.faults.add(fault, path=path)
    await scene.until(
        lambda: len(played) > before,
        lambda: (
            f"It did not ask for {path} any more: the simulator's records_path must be asked "
            "for in each round, also while nothing is new."
        ),
        _SOON_S,
    )


def _asked(scene: Stage) -> list[float]:
    """When records were asked for, on the loop's clock."""
    path = scene.vendor.records_path
    return [at for at, asked in scene.vendor.arrivals if asked.startswith(path)]
