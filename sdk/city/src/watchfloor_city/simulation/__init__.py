"""A day in a city, made up: endless, ordered, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from watchfloor_city.city import City
from watchfloor_city.happenings import Happening
from watchfloor_city.network import StreetNetwork
from watchfloor_city.rhythm import FLAT, TRAFFIC, Rhythm
from watchfloor_city.timeline import merge

from .outages import outages
from .police import police_work
from .rates import Rates
from .traffic import traffic

__all__ = ["Rates", "simulate"]


def simulate(
    city: City, seed: int | str, start: datetime, rates: Rates | None = None
) -> Iterator[Happening]:
    """Everything that happens from ``start`` (aware) on, in order, without end.

    The first happenings, at ``start``, tell the state of each unit and of each open call. The same
    city, seed, start and rates give the same happenings. Traffic, police work and camera outages
    are independent: switching one off leaves the others as they were.
    """
    if start.utcoffset() is None:
        raise ValueError("the start needs a time zone")
    rates = rates or Rates()
    parts = [outages(city, seed, start, rates.camera_outages_per_day)]
    network = StreetNetwork(city)
    if rates.units or rates.calls_per_hour or rates.gunshots_per_day:
        parts.append(police_work(city, network, seed, start, rates))
    if rates.reads_per_second:
        rhythm = Rhythm(FLAT if rates.flat else TRAFFIC, start, city.timezone)
        parts.append(traffic(city, network, seed, rhythm, rates))
    return merge(*parts)
