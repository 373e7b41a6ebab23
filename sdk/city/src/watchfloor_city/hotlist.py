"""Made-up hot lists, some of whose plates really drive through the simulated city."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .chance import stream
from .city import City
from .happenings import Look
from .plates import LOOKS, WANTED, wanted_plate

DRIVING = 24
"""The first entries of a list are of vehicles that drive in ``simulate`` with the same seed."""

EXPIRED_EVERY = 6
"""Every so-many-th entry has expired: a read of it must raise nothing."""

DRIVING_VALID = DRIVING - DRIVING // EXPIRED_EVERY

_REASONS = {
    "Stolen vehicle": 45,
    "Stolen plate": 25,
    "Vehicle used in a robbery": 10,
    "Hit and run": 8,
    "Vehicle used in a shooting": 6,
    "Missing person at risk": 6,
}
"""Each with its share of a list, in per cent."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An entry of a hot list. Past ``expires`` it no longer counts."""

    plate: str
    region: str
    reason: str
    vehicle: Look
    added: datetime
    expires: datetime


def look_of_wanted(number: int) -> Look:
    """What wanted vehicle ``number`` looks like: always the same."""
    return LOOKS[number * 53 % len(LOOKS)]


def hot_list(city: City, seed: int | str, n: int, now: datetime) -> list[Wanted]:
    """``n`` different entries as they stand at ``now``, up to ``plates.WANTED``.

    With fewer than ``DRIVING`` entries, some of the vehicles that drive are not on the list, so
    fewer hits come than ``Rates.hits_per_hour`` says.
    """
    if not 0 <= n <= WANTED:
        raise ValueError(f"a hot list has 0 to {WANTED} entries")
    rng = stream(seed, "hot list")
    reasons = rng.choices([*_REASONS], [*_REASONS.values()], k=n)
    entries = []
    for number, reason in enumerate(reasons):
        expired = number % EXPIRED_EVERY == EXPIRED_EVERY - 1
        added = now - timedelta(days=rng.randrange(40 if expired else 0, 90))
        expires = now + timedelta(days=-rng.randrange(1, 40) if expired else rng.randrange(1, 60))
        plate, look = wanted_plate(seed, number), look_of_wanted(number)
        entries.append(Wanted(plate, city.region, reason, look, added, expires))
    return entries
