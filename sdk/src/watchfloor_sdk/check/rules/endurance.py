"""How a connector lives through outages, changes and days."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import cycle

from watchfloor_sdk.check.memory import resident_mb
from watchfloor_sdk.check.rule import Broken, Inapplicable, rule
from watchfloor_sdk.check.stage import Stage, stage
from watchfloor_sdk.check.subject import Subject
from watchfloor_sdk.simulation import Fault
from watchfloor_sdk.testing.contract import wrong_of

AHEAD_S = 90.0
OUTAGE_S = 3.0
ROTATIONS = 3
LIMIT = 2
WATCHED_S = 8.0
HOURS = 24
AN_HOUR = 250
GROWTH = 1.25
"""How much more memory it may have at midnight than at six in the evening."""
LEAST_RATE = 5_000
RECORDS = 20_000


@rule(
    "WF301",
    why="A vendor's clock that is minutes off puts its records at the wrong place in every "
    "timeline, and nobody sees it.",
    mend="Ask by ctx.http, which estimates it; where there is no HTTP, give ctx.skew its samples. "
    "The heartbeat carries skew_s and skew_error_s.",
)
async def a_wrong_clock_is_estimated(subject: Subject) -> str:
    """By how much the vendor's clock is off is in its heartbeats, as near as they say."""
    subject.needs("poll", "stream")
    async with stage(subject) as scene:
        scene.vendor.faults.always(Fault.dated(AHEAD_S))
        async with scene.worker():
            scene.feed(20)
            await scene.arrive()
            await scene.until(
                lambda: scene.hub.heartbeats[-1].skew_s is not None,
                lambda: "Its heartbeats say nothing of the vendor's clock.",
                15.0,
            )
            told = scene.hub.heartbeats[-1]
    skew, error = told.skew_s or 0.0, told.skew_error_s
    if error is None or abs(skew - AHEAD_S) > max(error, 1.0) or error > AHEAD_S / 2:
        raise Broken(
            f"A clock {AHEAD_S:g} s ahead is estimated at {skew:g} s, give or take {error} s."
        )
    return f"{skew:g} s give or take {error:g} s, where it is {AHEAD_S:g} s"


@rule(
    "WF302",
    why="What was missed while the line was down is often what mattered; and a hole that nobody "
    "knows of is worse than the hole.",
    mend="Ask from the checkpoint on, and say assured_until only of what the vendor has told.",
)
async def outages_are_made_up_for(subject: Subject) -> str:
    """What happened while the vendor could not be reached is fetched afterwards, and in the
    meantime nothing is said to be assured."""
    subject.needs("poll", "stream")
    async with stage(subject) as scene, scene.worker():
        scene.feed(20)
        await scene.arrive()
        await scene.vendor.cut()
        await asyncio.sleep(0.5)  # what was on its way has come
        down = datetime.now(UTC)
        scene.feed(20)
        await asyncio.sleep(OUTAGE_S)
        if (assured := _assured(scene)) and assured > down:
            raise Broken("It says that nothing is missing while it cannot reach the vendor.")
        await scene.vendor.mend()
        await scene.arrive()
        await scene.until(
            lambda: bool((assured := _assured(scene)) and assured > down),
            lambda: "After an outage it never says again up to when nothing is missing.",
            20.0,
        )
    return f"20 records of an outage of {OUTAGE_S:g} s came afterwards"


@rule(
    "WF303",
    why="A connector that runs into the vendor's limit again and again is throttled or shut out.",
    mend="Ask by ctx.http; give its vendor a Pace with the documented limit.",
)
async def the_vendors_limit_is_learnt(subject: Subject) -> str:
    """A vendor that takes two calls a second, and says so by 429 alone, is soon asked no oftener
    than half as much again."""
    subject.needs("poll", "stream")
    async with stage(subject) as scene, scene.worker():
        scene.feed(20)
        await scene.arrive()
        path = scene.vendor.records_path
        limited = Fault.limited(LIMIT)
        scene.vendor.faults.always(limited, path=path)
        before = len(scene.vendor.arrivals)
        for _ in range(int(WATCHED_S)):
            scene.feed(5)
            await asyncio.sleep(1.0)
        asked = sum(at.startswith(path) for _, at in list(scene.vendor.arrivals)[before:])
        most = LIMIT * WATCHED_S * 1.5 + LIMIT
        if asked > most:
            raise Broken(f"It asked {asked} times in {WATCHED_S:g} s, where {LIMIT} a second go.")
        await scene.arrive()
    return f"{asked} calls in {WATCHED_S:g} s at a limit of {LIMIT} a second"


@rule(
    "WF304",
    why="Agencies change credentials on a schedule, in the middle of the day.",
    mend="Pass the credential by an auth of ctx.http; give the simulator rotate.",
)
async def rotation_loses_nothing(subject: Subject) -> str:
    """Its credential is changed again and again while records flow; none is lost or doubled."""
    subject.needs("poll", "stream")
    async with stage(subject) as scene, scene.worker():
        if not scene.setup.credentials:
            raise Inapplicable("In its rehearsal it needs no credential.")
        for _ in range(ROTATIONS):
            scene.feed(200)
            await asyncio.sleep(0.1)
            scene.hub.credentials |= scene.simulator.rotate()
            scene.feed(200)
            await scene.arrive()
        if wrong := wrong_of(scene.hub, scene.simulator):
            raise Broken(wrong)
        return f"{ROTATIONS} changes over {len(scene.hub.events)} records"


@rule(
    "WF305",
    why="A source that is silent, and one that has nothing to say, must not look the same.",
    mend="Let the worker's heartbeats be: polls that end well assure; events carry their times.",
)
async def lag_and_freshness_are_told(subject: Subject) -> str:
    """Its heartbeats say how long records take to come, and up to when nothing is missing; that
    moves on also while nothing happens."""
    subject.needs("poll", "stream")
    async with stage(subject) as scene, scene.worker():
        scene.feed(20)
        await scene.arrive()
        await scene.until(lambda: _assured(scene) is not None, lambda: "Nothing is assured.", 15.0)
        first = _assured(scene)
        await scene.until(
            lambda: _assured(scene) != first,
            lambda: "What it assures does not move on while nothing happens.",
            15.0,
        )
        await scene.until(
            lambda: any(beat.lag_s is not None for beat in scene.hub.heartbeats),
            lambda: "It does not say its lag.",
            15.0,
        )
    return "Lag and freshness are in its heartbeats"


@rule(
    "WF306",
    why="Whoever reads it at three in the morning needs the next step, not the error's name.",
    mend="Raise errors with code, detail and remedy; let the SDK's errors through.",
)
async def every_fault_has_its_remedy(subject: Subject) -> str:
    """Each of the known faults (refused, forbidden, not found, unreachable, busy, broken off, a web
    page) is told with a code and with what to do."""
    subject.needs("poll", "stream")
    faults = [Fault.status(401), Fault.status(403), Fault.status(404), Fault.status(500),
              Fault.html(), Fault.half_body(), Fault.dropped()]  # fmt: skip
    told = await asyncio.gather(*(_told(subject, fault) for fault in faults))
    return ", ".join(f"{fault.name}: {code}" for fault, code in zip(faults, told, strict=True))


@rule(
    "WF308",
    why="What leaks or slips shows after hours, at night.",
    mend="Keep no history in memory; take the checkpoint from the vendor's answers.",
)
async def a_day_goes_by(subject: Subject) -> str:
    """A day in a minute: hour after hour of records, each with a fault of its own, a kill at noon;
    nothing is lost or doubled, and its memory stops growing."""
    subject.needs("poll", "stream", "webhook")
    async with stage(subject) as scene:
        async with scene.worker() as morning:
            await _hours(scene, HOURS // 2)
            morning.kill()
        async with scene.worker() as worker:
            await _hours(scene, HOURS // 4)
            first = resident_mb(worker.process)
            await _hours(scene, HOURS // 4)
            last = resident_mb(worker.process)
        if wrong := wrong_of(scene.hub, scene.simulator):
            raise Broken(wrong)
        if last > first * GROWTH:
            raise Broken(f"Its memory grew from {first:.0f} to {last:.0f} MB in six hours.")
        return f"{len(scene.hub.events)} records in {HOURS} hours, {last:.0f} MB at the end"


@rule(
    "WF404",
    why="A city's readers bring thousands of records in a rush hour, and weeks after an outage.",
    mend="Decode into structs, make events directly, ask for large pages; measure the mapping.",
    alone=True,
)
async def five_thousand_a_second(subject: Subject) -> str:
    """From one worker at least 5,000 records a second come."""
    subject.needs("poll", "stream", "webhook")
    async with stage(subject) as scene:
        scene.hub.roomy()
        scene.feed(RECORDS)
        began = asyncio.get_running_loop().time()
        async with scene.worker():
            await scene.arrive(60.0)
            took = asyncio.get_running_loop().time() - began
    rate = RECORDS / took
    if rate < LEAST_RATE:
        raise Broken(f"It brought {rate:.0f} records a second, its start included.")
    return f"{rate:.0f} records a second, its start included"


async def _hours(scene: Stage, count: int) -> None:
    """An hour's records each, and a fault for each."""
    faults = cycle([Fault.half_body(), Fault.duplicate(), Fault.status(503), Fault.reorder()])
    for _ in range(count):
        scene.feed(AN_HOUR)
        if scene.subject.asks(scene.config):
            scene.vendor.faults.add(next(faults), path=scene.vendor.records_path)
        await scene.arrive()


async def _told(subject: Subject, fault: Fault) -> str:
    """The code of the problem that a lasting fault becomes."""
    async with stage(subject) as scene, scene.worker():
        scene.vendor.faults.always(fault, path=scene.vendor.records_path)
        scene.feed(5)
        await scene.until(
            lambda: bool(scene.problems), lambda: f"Nothing is said about: {fault.name}.", 25.0
        )
    problem = scene.problems[-1]
    if not (problem.code.strip() and problem.remedy.strip()):
        raise Broken(f"{fault.name} is told as {problem.code}, without a remedy.")
    return problem.code


def _assured(scene: Stage) -> datetime | None:
    told = [beat.assured_until for beat in scene.hub.heartbeats if beat.assured_until]
    return datetime.fromisoformat(told[-1]) if told else None
