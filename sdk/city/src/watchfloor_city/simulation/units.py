"""Police units: who is free, where everybody is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from heapq import nsmallest
from random import Random

from watchfloor_city.chance import stream
from watchfloor_city.geometry import XY
from watchfloor_city.happenings import Happening, UnitMoved, UnitState, UnitStatusChanged
from watchfloor_city.network import Spot, StreetNetwork

from .agenda import Agenda
from .driving import Driver

ROAM_M = 1800.0
LOOKED_AT = 60


class Unit:
    """A patrol car. Its status changes through ``says`` alone."""

    def __init__(self, name: str, home: XY, driver: Driver) -> None:
        self.name = name
        self.home = home
        self.driver = driver
        self.status: UnitState = "InService"
        self.call: str | None = None

    def says(
        self, agenda: Agenda, moment: float, status: UnitState, call: str | None = None
    ) -> UnitStatusChanged:
        """Take up a status; the happening that tells of it."""
        self.status, self.call = status, call
        return self.tells(agenda, moment)

    def tells(self, agenda: Agenda, moment: float) -> UnitStatusChanged:
        """The status as it is."""
        return UnitStatusChanged(
            at=agenda.time(moment),
            unit=self.name,
            status=self.status,
            point=self.driver.at(moment)[0],
            call_number=self.call,
        )


class Units:
    """All units of a city. Names begin with ``Z``: no agency's call sign is meant."""

    def __init__(
        self, network: StreetNetwork, agenda: Agenda, seed: int | str, count: int, every_s: float
    ) -> None:
        self._network = network
        self._agenda = agenda
        self._every_s = every_s
        homes = _homes(network, stream(seed, "homes"), count)
        self.all = [self._unit(i, home, stream(seed, "unit", i)) for i, home in enumerate(homes)]

    def _unit(self, number: int, home: int, rng: Random) -> Unit:
        driver = Driver(self._network, home, ROAM_M, rng)
        return Unit(f"Z{101 + number}", self._network.nodes[home], driver)

    def free(self) -> list[Unit]:
        """Units that can be sent."""
        return [unit for unit in self.all if unit.status == "InService"]

    def nearest_free(self, spot: Spot, count: int, moment: float) -> list[Unit]:
        """Up to so many free units, the nearest (as the crow flies) first.

        Only the ``LOOKED_AT`` with the nearest homes are looked at: a fleet of 10,000 stays cheap.
        """
        plane, there = self._network.plane, self._network.plane.metres(spot.point)
        around = nsmallest(LOOKED_AT, self.free(), lambda unit: math.dist(unit.home, there))
        return nsmallest(
            count, around, lambda unit: math.dist(plane.metres(unit.driver.at(moment)[0]), there)
        )

    def report_positions(self) -> None:
        """From moment 0 on, each unit tells where it is every ``every_s``, not all at once."""
        if self._every_s > 0:
            for turn, unit in enumerate(self.all):
                self._report(unit, self._every_s * turn / len(self.all))

    def _report(self, unit: Unit, first: float) -> None:
        def tell(moment: float) -> Iterator[Happening]:
            point, speed, course = unit.driver.at(moment)
            self._agenda.put(moment + self._every_s, tell)
            yield UnitMoved(
                at=self._agenda.time(moment),
                unit=unit.name,
                point=point,
                speed_mps=speed,
                course_deg=course,
            )

        self._agenda.put(first, tell)


def _homes(network: StreetNetwork, rng: Random, count: int) -> list[int]:
    nodes = sorted(network.hops_from)
    return [rng.choice(nodes) for _ in range(count)]
