"""What is to be done at which moment: the heart of a discrete-event simulation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from watchfloor_city.happenings import Happening

Act = Callable[[float], Iterable[Happening]]
"""Called with the moment at which it is done; what it returns happens at that moment."""


class Agenda:
    """Moments are seconds since ``start``; those before it are negative."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self._due: list[tuple[float, int, Act]] = []
        self._turn = count()

    def put(self, moment: float, act: Act) -> None:
        """Do ``act`` at ``moment``; acts of one moment are done in the order they were put."""
        heappush(self._due, (moment, next(self._turn), act))

    def time(self, moment: float) -> datetime:
        """The moment as a time of day, UTC."""
        return self.start + timedelta(seconds=round(moment, 3))

    def run(self, until: float = float("inf")) -> Iterator[Happening]:
        """Do everything due before ``until``."""
        while self._due and self._due[0][0] < until:
            moment, _, act = heappop(self._due)
            yield from act(moment)
