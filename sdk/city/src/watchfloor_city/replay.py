"""Plays real data again: its times shifted as a whole, at a chosen speed.

The first chosen moment of the data falls on ``start``, and from there every second of wall time is
``speed`` seconds of data. Long stretches without anything can be leapt over; a ``QuietSkipped``
happening says so, and the ``DataClock`` knows what time it is in the data at any moment.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from .happenings import Happening, QuietSkipped
from .opendata import read_dataset


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch played without a leap: from ``data`` on, which falls on ``wall``."""

    data: datetime
    wall: datetime


@dataclass(frozen=True, slots=True)
class DataClock:
    """What time it is in the data. ``skips`` are the stretches left out, in order."""

    speed: float
    runs: tuple[_Run, ...]
    skips: tuple[tuple[datetime, datetime], ...]

    def wall_time(self, data: datetime) -> datetime:
        """When a moment of the data is played. One within a skip: when the skip is made."""
        index = max(0, bisect_right(self.runs, data, key=lambda run: run.data) - 1)
        wall = self.runs[index].wall + (data - self.runs[index].data) / self.speed
        return min(wall, self.runs[index + 1].wall) if index + 1 < len(self.runs) else wall

    def data_time(self, wall: datetime) -> datetime:
        """Which moment of the data is played at a moment on the wall."""
        index = max(0, bisect_right(self.runs, wall, key=lambda run: run.wall) - 1)
        return self.runs[index].data + (wall - self.runs[index].wall) * self.speed


class Replay:
    """A timeline of real happenings, to be iterated as often as wanted.

    ``clock`` tells the data's time.
    """

    def __init__(self, happenings: Sequence[Happening], clock: DataClock, origin: str) -> None:
        self._happenings = happenings
        self.clock = clock
        self.origin = origin

    def __len__(self) -> int:
        """Happenings of the data; the leaps are not counted."""
        return len(self._happenings)

    def __iter__(self) -> Iterator[Happening]:
        skips = [
            QuietSkipped(at=run.wall, origin=self.origin, data_from=since, data_to=to)
            for run, (since, to) in zip(self.clock.runs[1:], self.clock.skips, strict=True)
        ]
        upcoming = iter(skips)
        skip = next(upcoming, None)
        for happening in self._happenings:
            while skip and skip.data_to <= happening.at:
                yield skip
                skip = next(upcoming, None)
            yield happening.moved(self.clock.wall_time)


def replay(
    dataset: str,
    data_dir: Path | str,
    start: datetime,
    speed: float = 1.0,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    skip_quiet_over: timedelta | None = None,
) -> Replay:
    """A data set (one of ``DATASETS``) from ``since`` up to ``until``, as if it began at ``start``.

    ``since`` and ``until`` are moments of the data (aware); without ``since`` it begins with the
    first happening. Of a stretch with nothing in it, at most ``skip_quiet_over`` of the data's time
    is played; the rest is leapt over.

    Raises ``KeyError`` for an unknown data set, ``FileNotFoundError`` where its file is missing,
    ``ValueError`` for a speed that is not positive, a time without zone, or when nothing is left.
    """
    if speed <= 0:
        raise ValueError("the speed must be more than 0")
    if any(time is not None and time.utcoffset() is None for time in (start, since, until)):
        raise ValueError("start, since and until need a time zone")
    found = [
        happening
        for happening in read_dataset(dataset, data_dir)
        if (since is None or happening.at >= since) and (until is None or happening.at < until)
    ]
    if not found:
        raise ValueError(f"{dataset} has nothing between since and until")
    clock = _clock(found, since or found[0].at, start, speed, skip_quiet_over)
    return Replay(found, clock, found[0].origin)


def _clock(
    happenings: Sequence[Happening],
    since: datetime,
    start: datetime,
    speed: float,
    most_quiet: timedelta | None,
) -> DataClock:
    runs = [_Run(since, start)]
    skips: list[tuple[datetime, datetime]] = []
    last = since
    for happening in happenings:
        if most_quiet is not None and happening.at - last > most_quiet:
            leap = last + most_quiet
            runs.append(_Run(happening.at, runs[-1].wall + (leap - runs[-1].data) / speed))
            skips.append((leap, happening.at))
        last = happening.at
    return DataClock(speed, tuple(runs), tuple(skips))
