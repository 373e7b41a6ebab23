"""How a connector takes records that are bad, changed, repeated, or oddly dated."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from watchfloor_sdk.check.leaves import leaves
from watchfloor_sdk.check.rule import Broken, rule
from watchfloor_sdk.check.stage import Stage, stage
from watchfloor_sdk.check.subject import Subject
from watchfloor_sdk.simulation import Fault, HttpSimulator
from watchfloor_sdk.simulation.records import Change, Record, extended, renamed, retyped, spoilt
from watchfloor_sdk.testing.contract import wrong_of

_LEARN = 160
_DRIFTED = 40
_TURNS = (
    datetime(2026, 3, 8, 6, 30, tzinfo=UTC),
    datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
)
"""Before the clocks of the United States go forward and back; each is followed for two hours, which
are 01:30 to 03:30 and 00:30 to 01:30 in New Orleans."""
_STEP = timedelta(minutes=20)
_STEPS = 12
_UNCHANGED = (
    "Its records are neither JSON nor XML, which the check could change. Exempt it, and name the "
    "tests of your own that stand for this."
)


@rule(
    "WF205",
    why="One record with a typing error must not hold up a city's.",
    mend="Map records one by one, and answer Rejected for one that does not fit.",
)
async def a_bad_record_is_set_aside(subject: Subject) -> str:
    """A record that makes no sense goes to the dead letters, with a code and its bytes; the others
    arrive."""
    subject.needs("poll", "stream", "webhook")
    spoil, met = spoilt(f"ZZ-{secrets.token_hex(6)}"), Counter[str]()

    def change(record: Record) -> None:
        met["records"] += 1
        spoil(record)

    async with stage(subject) as scene:
        scene.change(change, most=1)
        scene.feed(30)
        async with scene.worker():
            await scene.until(
                lambda: (
                    len(scene.hub.rejected) >= met["records"] > 0
                    and len(scene.hub.events) >= scene.fed - met["records"]
                ),
                lambda: _set_aside(scene, met["records"]) if met else _UNCHANGED,
            )
        rejected = scene.hub.rejected
        if len(rejected) > met["records"]:
            raise Broken(_set_aside(scene, met["records"]))
        if not rejected[0].code:
            raise Broken("The rejected record has no code.")
        return f"Rejected as {rejected[0].code}; {len(scene.hub.events)} others arrived"


@rule(
    "WF206",
    why="Vendors rename fields in a release on a Friday; a column that is silently empty from then "
    "on is found months later.",
    mend="Require what must be there; name in Connector.watched what the vendor always gives.",
)
async def drift_is_noticed(subject: Subject) -> str:
    """Whichever field of the vendor's records is renamed or changes its type: records are rejected,
    or a problem says so, or nothing of it was used. A new field does no harm."""
    subject.needs("poll", "stream", "webhook")
    async with stage(subject) as scene, scene.worker():
        fields = await _learn(scene)
        usual = _Usual(scene.hub.events)
        await _harmless(scene, extended)
        unnoticed = []
        for change in (renamed, retyped):
            for field in fields:
                if not await _noticed(scene, usual, change(field)):
                    unnoticed.append(f"{field} {change.__name__}")
    if unnoticed:
        raise Broken(f"Not noticed: {', '.join(unnoticed)}.")
    return f"{len(fields)} fields, renamed and retyped: noticed wherever they are used"


@rule(
    "WF208",
    why="Vendors repeat, reorder and empty their pages; a cursor that is trusted too much loses "
    "what lies behind it.",
    mend="Take the checkpoint from the vendor's answer, and ids from the records.",
)
async def pages_end_well(subject: Subject) -> str:
    """An empty page is no trouble, the last page is the last, a page that comes twice, doubled or
    in another order changes nothing."""
    subject.needs("poll")
    async with stage(subject) as scene, scene.worker():
        await _quiet(scene)
        for fault in (None, Fault.duplicate(), Fault.replay(), Fault.reorder()):
            scene.feed(40)
            if fault is not None:
                scene.vendor.faults.add(fault, path=scene.vendor.records_path)
            await scene.arrive()
        if wrong := wrong_of(scene.hub, scene.simulator):
            raise Broken(wrong)
        if scene.hub.rejected:
            raise Broken(f"{len(scene.hub.rejected)} good records were rejected.")
        return f"{len(scene.hub.events)} records over empty, repeated, doubled and turned pages"


@rule(
    "WF209",
    why="An hour's error puts a vehicle at the scene of another night.",
    mend="Read times with mapping.moment, with the vendor's zone and formats; where a time is said "
    "twice a year, give the event its timeerror.",
)
async def times_are_right(subject: Subject) -> str:
    """Each event's time is when it happened, over both changes of the clocks; where the vendor's
    time can mean two moments, timeerror says so."""
    subject.needs("poll", "stream", "webhook")
    wanted = [turn + _STEP * number for turn in _TURNS for number in range(_STEPS)]
    async with stage(subject) as scene, scene.worker():
        for number, at in enumerate(wanted):
            scene.simulator.feed(scene.simulator.rehearse(number, at))
        scene.fed = len(wanted)
        await scene.arrive()
        got = [_span(event) for event in scene.hub.events.values()]
    missed = [at for at in wanted if not any(low <= at <= high for low, high in got)]
    if missed:
        raise Broken(f"No event has the time {missed[0].isoformat()} ({len(missed)} are wrong).")
    return f"{len(wanted)} moments around two changes of the clocks"


@rule(
    "WF210",
    why="A camera that was taken down still looks alive on the map.",
    mend="Answer Inventory with complete=True when the vendor has listed everything.",
)
async def vanished_assets_go(subject: Subject) -> str:
    """An asset that the vendor no longer lists is no longer listed by the connector; the others
    stay."""
    subject.needs("assets")
    async with stage(subject) as scene:
        before = await _assets(scene)
        lost = scene.simulator.lose_asset()
        after = await _assets(scene)
        if lost in after:
            raise Broken("An asset that the vendor no longer lists stays.")
        if stray := before - after - {lost}:
            raise Broken(f"With one asset {len(stray)} others went.")
        return f"{len(before)} assets, then {len(after)}"


class _Usual:
    """What events looked like before: fields that all had, values that all shared, and fields of
    which the values varied."""

    def __init__(self, events: Mapping[str, Mapping[str, Any]]) -> None:
        told = [dict(leaves(event["data"])) for event in events.values()]
        self.always = set.intersection(*map(set, told))
        self.constant = {
            path: told[0][path]
            for path in self.always
            if all(one[path] == told[0][path] for one in told)
        }
        self.varied = self.always - set(self.constant)

    def differs(self, events: list[Mapping[str, Any]]) -> bool:
        """Whether something that was always there is there no longer, or says no longer what it
        said."""
        told = [dict(leaves(event["data"])) for event in events]
        kept = set().union(*told) if told else set()
        if not self.always <= kept:
            return True
        stuck = any(len({repr(one.get(path)) for one in told}) == 1 for path in self.varied)
        return stuck or any(
            all(one.get(path) != value for one in told) for path, value in self.constant.items()
        )


def _set_aside(scene: Stage, bad: int) -> str:
    return (
        f"Of {bad} bad records {len(scene.hub.rejected)} were rejected, "
        f"of {scene.fed - bad} good ones {len(scene.hub.events)} arrived."
    )


async def _learn(scene: Stage) -> list[str]:
    """Records as they usually are. Answers the names of the fields in them."""
    fields: Counter[str] = Counter()
    scene.change(lambda record: fields.update(record.keys()))
    for _ in range(4):
        scene.feed(_LEARN // 4)
        await scene.arrive()
    scene.heal()
    if not fields:
        raise Broken(_UNCHANGED)
    return [name for name, count in fields.items() if count >= _LEARN]


async def _harmless(scene: Stage, change: Change) -> None:
    scene.change(change)
    before = len(scene.hub.rejected)
    scene.feed(_DRIFTED)
    await scene.arrive()
    if len(scene.hub.rejected) > before:
        raise Broken("A field that is new in the vendor's records has them rejected.")
    scene.heal()


async def _noticed(scene: Stage, usual: _Usual, change: Change) -> bool:
    """Whether a change is told, or makes no difference. The vendor then mends it."""
    known, rejected, beats = set(scene.hub.events), len(scene.hub.rejected), len(scene.problems)
    scene.change(change)
    scene.feed(_DRIFTED)

    def came() -> list[Mapping[str, Any]]:
        return [event for id_, event in scene.hub.events.items() if id_ not in known]

    def told() -> bool:
        return len(scene.hub.rejected) > rejected or len(scene.problems) > beats

    await scene.until(
        lambda: told() or len(came()) >= _DRIFTED,
        lambda: (
            f"After a change in the vendor's records {len(came())} of {_DRIFTED} came and "
            "nothing was said."
        ),
    )
    if not told() and usual.differs(came()):
        await _until_or_not(scene, told, 2.0)
    fine = told() or not usual.differs(came())
    scene.heal()
    await _recovered(scene)
    return fine


async def _recovered(scene: Stage) -> None:
    """The vendor has mended it: good records come again, and no problem is left."""
    before, more = len(scene.hub.events), _DRIFTED // 2
    scene.feed(more)
    await scene.until(
        lambda: len(scene.hub.events) >= before + more and not scene.hub.heartbeats[-1].problem,
        lambda: "After a change in the vendor's records was mended, it did not recover.",
    )
    await scene.calm()


async def _until_or_not(scene: Stage, condition: Callable[[], bool], seconds: float) -> None:
    with suppress(TimeoutError):
        await scene.hub.until(condition, seconds)


async def _quiet(scene: Stage) -> None:
    """A vendor that has nothing: it is asked, and all is well."""
    if not isinstance(scene.simulator, HttpSimulator) or not scene.subject.asks(scene.config):
        return
    asked = scene.simulator.arrivals
    await scene.until(
        lambda: len(asked) >= 3, lambda: "A vendor that has nothing is not asked again."
    )
    if scene.problems:
        raise Broken(f"An empty page is taken for trouble: {scene.problems[0].code}.")


async def _assets(scene: Stage) -> set[str]:
    before = scene.hub.inventories
    async with scene.worker():
        await scene.until(lambda: scene.hub.inventories > before, lambda: "No list of assets came.")
    return set(scene.hub.assets)


def _span(event: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """From when to when it may have happened. A second is what vendors cut off."""
    time = datetime.fromisoformat(event["time"])
    error = timedelta(seconds=event.get("timeerror", 0) + 1)
    return time - error, time + error
