"""What happens in one call, step by step, whichever shape it is then told in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

Point = tuple[float, float]
COARSE_DEG = 0.004
"""By how much the first position of a mobile caller is off: some 400 m."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens in a call ``at`` a time."""

    caller: Caller
    at: datetime


@dataclass(frozen=True, slots=True)
class Stands(Step):
    """It begins, is answered (``live``) or has ended."""

    live: bool = False
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class IsAt(Step):
    """The caller's position is known, off by so many degrees."""

    number: int
    off_deg: float = 0.0

    @property
    def point(self) -> Point:
        """Longitude and latitude in degrees."""
        longitude, latitude = self.caller.point
        return longitude - self.off_deg, latitude + self.off_deg


@dataclass(frozen=True, slots=True)
class Noted(Step):
    """Dispatch has made a call for service of it."""

    call_number: str


@dataclass(frozen=True, slots=True)
class Caller:
    """One call: its id, when it began, where from and from which number."""

    id: str
    began: datetime
    point: Point
    number: str

    def stands(self, at: datetime, *, live: bool = False, ended: datetime | None = None) -> Stands:
        """How the call stands."""
        return Stands(self, at, live, ended)

    def is_at(self, at: datetime, number: int, *, off_deg: float = 0.0) -> IsAt:
        """Where the caller is."""
        return IsAt(self, at, number, off_deg)

    def noted(self, at: datetime, call_number: str) -> Noted:
        """Which call for service it became."""
        return Noted(self, at, call_number)

    def whole(self, times: list[datetime], call_number: str) -> Iterator[Step]:
        """Begin, coarse and fine position, answer, end, and the number that dispatch gave it."""
        began, coarse, fine, answered, ended, noted = times
        yield self.stands(began)
        yield self.is_at(coarse, 1, off_deg=COARSE_DEG)
        yield self.is_at(fine, 2)
        yield self.stands(answered, live=True)
        yield self.stands(ended, ended=ended)
        yield self.noted(noted, call_number)

    def abandoned(self, after: timedelta) -> Iterator[Step]:
        """Nobody answers in time, and dispatch hears nothing of it."""
        yield self.stands(self.began)
        yield self.is_at(self.began + after / 2, 1, off_deg=COARSE_DEG)
        yield self.stands(self.began + after, ended=self.began + after)


STEPS = 6
"""Of a whole call."""
