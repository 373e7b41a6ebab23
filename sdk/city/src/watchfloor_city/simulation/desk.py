"""The dispatch desk: takes calls, sends units, follows each call to its end.

A call's states follow one another as EIDO names them: Active, ResourcesAssigned, ResourcesEnroute,
ResourcesOnscene, Closed; or Cancelled from any state before the first unit is on scene. A unit
follows its call: Dispatched, EnRoute, OnScene, Cleared, InService.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random

from watchfloor_city.city import City
from watchfloor_city.happenings import CallChanged, Happening, Remark
from watchfloor_city.network import Spot

from .agenda import Agenda
from .places import Places
from .units import Unit, Units
from .vocabulary import (
    BY_CODE,
    DISPOSITIONS,
    PRIORITIES,
    SCENE,
    STOP,
    TURNS_OUT,
    VOID,
    CallType,
    callback,
    story,
)

TAKING_S = {1: (15, 60), 2: (30, 150), 3: (60, 420), 4: (120, 900)}
"""From the call to its being ready for dispatch, by priority."""

TURN_OUT_S = (5, 40)
WRAP_UP_S = (20, 180)
CANCELLED = 0.06
CANCEL_S = (120, 1200)
TURNS_OUT_SHARE = 0.12
BLOCK_ERROR_M = 60.0
CORNER_ERROR_M = 15.0


@dataclass(slots=True)
class Job:
    """A call in work. ``state`` is what the world has been told last."""

    state: CallChanged
    kind: CallType
    spot: Spot
    rng: Random
    units: list[Unit] = field(default_factory=list)

    @property
    def over(self) -> bool:
        return self.state.status in ("Closed", "Cancelled")


class Desk:
    """Calls in, units out. Each method that an agenda calls returns what then happens."""

    def __init__(self, city: City, places: Places, units: Units, agenda: Agenda) -> None:
        self._city = city
        self._places = places
        self._units = units
        self._agenda = agenda
        self._numbers: Counter[str] = Counter()
        self._open: dict[str, Job] = {}
        self._waiting: list[Job] = []

    def take(self, moment: float, kind: CallType, spot: Spot, rng: Random) -> Iterator[Happening]:
        """Somebody calls."""
        text, plates = story(kind, rng)
        state = self._new(moment, kind, spot, text, plates)
        job = Job(replace(state, callback=callback(rng)), kind, spot, rng)
        self._open[state.call_number] = job
        yield job.state
        if rng.random() < CANCELLED:
            self._agenda.put(moment + rng.uniform(*CANCEL_S), partial(self._cancel, job=job))
        ready = moment + rng.uniform(*TAKING_S[kind.priority])
        self._agenda.put(ready, partial(self._ready, job=job))

    def stop(self, moment: float, rng: Random) -> Iterator[Happening]:
        """A free unit stops a vehicle: a call that begins with a unit on scene."""
        free = self._units.free()
        if not free:
            return
        unit = rng.choice(free)
        unit.driver.hold(moment)
        spot = self._places.spot_at(unit.driver.at(moment)[0])
        text, plates = story(STOP, rng)
        state = self._new(moment, STOP, spot, text, plates)
        now = state.at
        state = replace(
            state, status="ResourcesOnscene", dispatched=now, arrived=now, self_initiated=True,
            units=(unit.name,),
        )  # fmt: skip
        job = Job(state, STOP, spot, rng, [unit])
        self._open[state.call_number] = job
        yield state
        yield unit.says(self._agenda, moment, "TrafficStop", state.call_number)
        self._agenda.put(moment + self._on_scene_s(job), partial(self._close, job=job))

    def tell_all(self, moment: float) -> Iterator[Happening]:
        """The open calls as they stand."""
        for job in self._open.values():
            yield self._change(moment, job)

    def _new(
        self, moment: float, kind: CallType, spot: Spot, text: str, plates: tuple[str, ...]
    ) -> CallChanged:
        now = self._agenda.time(moment)
        area = self._city.area_of(spot.point)
        return CallChanged(
            at=now,
            call_number=self._number(moment),
            status="Active",
            type=kind.code,
            initial_type=kind.code,
            created=now,
            priority=kind.priority,
            priority_text=PRIORITIES[kind.priority],
            point=spot.point,
            point_error_m=CORNER_ERROR_M if kind.corner else BLOCK_ERROR_M,
            address=self._places.address(spot) or None,
            beat=area.code if area else None,
            district=area.district if area else None,
            notes=(Remark(now, text),),
            plates=plates,
        )

    def _number(self, moment: float) -> str:
        """``Z260502-1413-01``: day, minute, turn. A restart at another time uses other numbers."""
        minute = self._agenda.time(moment).strftime("Z%y%m%d-%H%M")
        self._numbers[minute] += 1
        return f"{minute}-{self._numbers[minute]:02d}"

    def _change(self, moment: float, job: Job, **changes: object) -> CallChanged:
        job.state = replace(job.state, at=self._agenda.time(moment), **changes)  # type: ignore[arg-type]
        if job.over:
            del self._open[job.state.call_number]
        return job.state

    def _ready(self, moment: float, job: Job) -> Iterator[Happening]:
        if not job.over:
            self._waiting.append(job)
            yield from self._send(moment)

    def _send(self, moment: float) -> Iterator[Happening]:
        """Send free units to the waiting calls, the most urgent first, then the oldest."""
        self._waiting = [job for job in self._waiting if not job.over]
        self._waiting.sort(key=lambda job: (job.kind.priority, job.state.created))
        while self._waiting and self._units.free():
            job = self._waiting.pop(0)
            yield from self._assign(moment, job)

    def _assign(self, moment: float, job: Job) -> Iterator[Happening]:
        job.units = self._units.nearest_free(job.spot, job.kind.units, moment)
        yield self._change(
            moment, job, status="ResourcesAssigned", dispatched=self._agenda.time(moment),
            units=tuple(unit.name for unit in job.units),
        )  # fmt: skip
        for unit in job.units:
            yield unit.says(self._agenda, moment, "Dispatched", job.state.call_number)
            depart = partial(self._depart, job=job, unit=unit)
            self._agenda.put(moment + job.rng.uniform(*TURN_OUT_S), depart)

    def _depart(self, moment: float, job: Job, unit: Unit) -> Iterator[Happening]:
        if job.over:
            return
        yield unit.says(self._agenda, moment, "EnRoute", job.state.call_number)
        if job.state.status == "ResourcesAssigned":
            yield self._change(moment, job, status="ResourcesEnroute")
        arrival = unit.driver.drive_to(job.spot, moment)
        self._agenda.put(arrival, partial(self._arrive, job=job, unit=unit))

    def _arrive(self, moment: float, job: Job, unit: Unit) -> Iterator[Happening]:
        if job.over:
            return
        yield unit.says(self._agenda, moment, "OnScene", job.state.call_number)
        if job.state.arrived is None:
            yield self._change(
                moment, job, status="ResourcesOnscene", arrived=self._agenda.time(moment)
            )
            self._agenda.put(moment + job.rng.uniform(60, 300), partial(self._find, job=job))
            self._agenda.put(moment + self._on_scene_s(job), partial(self._close, job=job))

    def _find(self, moment: float, job: Job) -> Iterator[Happening]:
        """The officers write what they see; now and then it is not what was called in."""
        if job.over:
            return
        note = Remark(self._agenda.time(moment), job.rng.choice(SCENE))
        other = TURNS_OUT.get(job.kind.code.code)
        changed = other and job.rng.random() < TURNS_OUT_SHARE
        kind = BY_CODE[other] if other and changed else job.state.type
        yield self._change(moment, job, type=kind, notes=(*job.state.notes, note))

    def _on_scene_s(self, job: Job) -> float:
        return max(120.0, job.rng.lognormvariate(0, 0.5) * job.kind.minutes * 60)

    def _close(self, moment: float, job: Job) -> Iterator[Happening]:
        (disposition,) = job.rng.choices([*DISPOSITIONS], [*DISPOSITIONS.values()])
        yield self._change(
            moment, job, status="Closed", closed=self._agenda.time(moment), disposition=disposition
        )
        yield from self._release(moment, job)

    def _cancel(self, moment: float, job: Job) -> Iterator[Happening]:
        if job.over or job.state.arrived:
            return
        note = Remark(self._agenda.time(moment), "Caller rang back: no longer needed.")
        yield self._change(
            moment, job, status="Cancelled", closed=note.at, disposition=VOID,
            notes=(*job.state.notes, note),
        )  # fmt: skip
        yield from self._release(moment, job)

    def _release(self, moment: float, job: Job) -> Iterator[Happening]:
        for unit in job.units:
            yield unit.says(self._agenda, moment, "Cleared", job.state.call_number)
            unit.driver.patrol(moment)
            wrapped_up = moment + job.rng.uniform(*WRAP_UP_S)
            self._agenda.put(wrapped_up, partial(self._return, unit=unit))

    def _return(self, moment: float, unit: Unit) -> Iterator[Happening]:
        yield unit.says(self._agenda, moment, "InService")
        yield from self._send(moment)
