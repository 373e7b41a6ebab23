"""What happens in a demo: the timeline of a city, real where there is data, synthetic beside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from watchfloor_city import (
    City,
    DataClock,
    Happening,
    Rates,
    generate_city,
    load_city,
    merge,
    replay,
    simulate,
)

SYNTHETIC_CITY = "synthetic"

_DATASETS = {
    "new-orleans": ("new-orleans-calls",),
    "cincinnati": ("cincinnati-gunshots",),
    "washington-dc": ("washington-dc-gunshots", "washington-dc-buses"),
}

_FROM = {
    # A Friday afternoon with much to see; the gunshots of a busy night, but of none with fireworks
    # (the sensors hear a thousand), and of none whose rows stand in the source twice.
    "new-orleans-calls": datetime(2022, 3, 4, 22, 0, tzinfo=UTC),
    "cincinnati-gunshots": datetime(2020, 8, 22, 8, 0, tzinfo=UTC),
    "washington-dc-gunshots": datetime(2012, 5, 12, 6, 0, tzinfo=UTC),
    "washington-dc-buses": None,
}

_UNITS = "police units and plate reads"
_SHOTS = f"{_UNITS}, and reviews and recordings of gunshots"

WORDS = {
    "new-orleans": ("calls for service", _UNITS),
    "cincinnati": ("gunshot calls", _SHOTS),
    "washington-dc": ("gunshot detections", _SHOTS),
}
"""Of each city with real data: what is replayed, and what is synthetic beside it."""

LEAD = timedelta(minutes=20)
"""Real data begins so long before now: the screen opens on a city that is awake already."""

QUIET = timedelta(minutes=90)
"""Of a stretch of data with nothing in it, at most this much is played."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a demo is to run. ``speed`` is of the real data; units always drive at their own."""

    city: str
    seed: int
    speed: float
    data_dir: str
    size: int = 24
    reads_per_second: float = 4.0
    units: int = 40
    ports: Mapping[str, int] = field(default_factory=dict)
    """Where the vendors' systems listened last time, by source."""

    def day_seed(self, start: datetime) -> str:
        """Another start, another day: its calls and plates must not be taken for known ones."""
        return f"{self.seed}/{start:%Y%m%dT%H%M%S}"

    def build(self) -> City:
        """The city, made or read."""
        if self.city == SYNTHETIC_CITY:
            return generate_city(seed=self.seed, size=self.size)
        return load_city(self.city, Path(self.data_dir))


@dataclass(frozen=True, slots=True)
class Story:
    """A timeline, and the clocks of the data in it, by data set."""

    timeline: Iterable[Happening]
    clocks: dict[str, DataClock]


def tell(plan: Plan, city: City, start: datetime) -> Story:
    """Everything that happens from ``start`` on."""
    rates = Rates(reads_per_second=plan.reads_per_second, units=plan.units)
    if plan.city != SYNTHETIC_CITY:
        rates = Rates(
            reads_per_second=plan.reads_per_second, units=plan.units, calls_per_hour=0,
            gunshots_per_day=0, camera_outages_per_day=0,
        )  # fmt: skip
    replays = {
        name: replay(name, plan.data_dir, start - LEAD, _speed(name, plan), since=_FROM[name],
                     skip_quiet_over=QUIET)
        for name in _DATASETS.get(plan.city, ())
    }  # fmt: skip
    made_up = simulate(city, plan.day_seed(start), start, rates)
    return Story(merge(*replays.values(), made_up), {n: r.clock for n, r in replays.items()})


def _speed(dataset: str, plan: Plan) -> float:
    """Buses drive at their own speed, as units do: at 60 times it they would fly."""
    return 1.0 if dataset == "washington-dc-buses" else plan.speed
