"""How long data may and must be kept: two types, so that one is never taken for the other.

A **cap** is the longest that data may be kept, a **floor** the shortest. Of several caps the
shortest counts, of several floors the longest. Months and years are rounded to the strict side: a
cap's month has 30 days and its year 365, a floor's 31 and 366.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from watchfloor.contracts import AskAPerson
from watchfloor.ports.store import Micros

_MINUTE = 60_000_000
DAY = 24 * 60 * _MINUTE
_UNITS = {"minute": _MINUTE, "hour": 60 * _MINUTE, "day": DAY}
_LONGEST = 1000
"""Years: no law asks for more, and a moment before the year 1 could not be said."""
_DURATION = re.compile(r"([1-9][0-9]{0,5}) (minute|hour|day|month|year)s?")


@dataclass(frozen=True, slots=True)
class Cap:
    """The longest time (microseconds) that data may be kept, and the rule that says so."""

    micros: Micros
    rule: str

    @classmethod
    def of(cls, duration: str, rule: str) -> Cap:
        """Of words such as ``21 days`` or ``9 months``. Raises ``AskAPerson``."""
        return cls(_micros(duration, month=30, year=365), rule)


@dataclass(frozen=True, slots=True)
class Floor:
    """The shortest time (microseconds) that data must be kept, and the rule that says so."""

    micros: Micros
    rule: str

    @classmethod
    def of(cls, duration: str, rule: str) -> Floor:
        """Of words such as ``1 year``. Raises ``AskAPerson``."""
        return cls(_micros(duration, month=31, year=366), rule)


@dataclass(frozen=True, slots=True)
class Limits:
    """What counts for some data: always a cap, for nothing is kept without an end."""

    cap: Cap
    floor: Floor | None = None

    @property
    def contradict(self) -> bool:
        """Whether it must be kept for longer than it may. That is a person's to decide: nothing is
        deleted, and nothing older than the cap is shown, until the schedule is mended."""
        return self.floor is not None and self.floor.micros > self.cap.micros


def shortest(caps: Iterable[Cap]) -> Cap:
    """Of several caps the one that counts; the first, where two are equal."""
    return min(caps, key=lambda cap: cap.micros)


def longest(floors: Iterable[Floor]) -> Floor | None:
    """Of several floors the one that counts."""
    return max(floors, key=lambda floor: floor.micros, default=None)


def _micros(duration: str, month: int, year: int) -> Micros:
    found = _DURATION.fullmatch(duration)
    units = _UNITS | {"month": month * DAY, "year": year * DAY}
    if found is None or (micros := int(found[1]) * units[found[2]]) > _LONGEST * year * DAY:
        raise AskAPerson(
            f"{duration!r} is no length of time.",
            code="bad_schedule",
            remedy="Write it as 3 minutes, 12 hours, 21 days, 9 months or 3 years (at most 1000).",
        )
    return micros
