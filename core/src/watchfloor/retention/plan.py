"""The plan: what counts for everything that there is, and what of it is due."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

from watchfloor.contracts import Handling, rfc3339
from watchfloor.ports.store import Due, Micros, Purging, Stream

from .kinds import RECORDS
from .limits import DAY, Limits
from .schedule import InForce

HANDLINGS: tuple[str, ...] = get_args(Handling)
COUNTED = 1_000_000
"""Due records are counted no further: the plan is to be read, not waited for."""


@dataclass(frozen=True, slots=True)
class Line:
    """What counts for a stream, or for some handling classes of it (empty: all)."""

    stream: Stream
    limits: Limits
    handlings: tuple[str, ...] = ()

    def due(self, now: Micros, schedule: int) -> Due | None:
        """What the purge may delete now; nothing where cap and floor contradict each other."""
        if self.limits.contradict:
            return None
        cap = self.limits.cap
        return Due(self.stream, now - cap.micros, cap.rule, schedule, self.handlings)


def lines(in_force: InForce, streams: Sequence[Stream]) -> Iterator[Line]:
    """One line a stream; several where handling classes differ."""
    for stream in streams:
        others = [
            each.kind
            for each in streams
            if each.source == stream.source and each.kind not in RECORDS
        ]
        if stream.kind in RECORDS:
            yield Line(stream, in_force.limits(stream, None, others))
            continue
        classes: dict[Limits, list[str]] = {}
        for handling in HANDLINGS:
            limits = in_force.limits(stream, handling, others)
            classes.setdefault(limits, []).append(handling)
        for limits, handlings in classes.items():
            yield Line(stream, limits, tuple(handlings) if len(classes) > 1 else ())


async def plan(purging: Purging, in_force: InForce, now: Micros) -> list[dict[str, object]]:
    """The lines for people, with how much is due (held records among it)."""
    return [
        await _document(purging, in_force, line, now)
        for line in lines(in_force, await purging.streams())
    ]


async def _document(
    purging: Purging, in_force: InForce, line: Line, now: Micros
) -> dict[str, object]:
    cap, floor = line.limits.cap, line.limits.floor
    due = line.due(now, in_force.version)
    return {
        "source": line.stream.source,
        "kind": line.stream.kind,
        "handlings": list(line.handlings),
        "cap": {"time": words(cap.micros), "rule": cap.rule},
        "floor": None if floor is None else {"time": words(floor.micros), "rule": floor.rule},
        "contradiction": line.limits.contradict,
        "before": rfc3339(now - cap.micros),
        "due": 0 if due is None else await purging.due(due, COUNTED),
    }


def words(time: Micros) -> str:
    """A length of time for people: ``30 days``."""
    for unit, size in (("day", DAY), ("hour", DAY // 24), ("minute", DAY // 24 // 60)):
        number, rest = divmod(time, size)
        if number and not rest:
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return f"{time / 1e6:g} seconds"
