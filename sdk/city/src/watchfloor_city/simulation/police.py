"""Calls, units and gunshots: the parts of a day that depend on one another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import accumulate
from random import Random

from watchfloor_city.chance import stream
from watchfloor_city.city import City
from watchfloor_city.happenings import Happening, ShotsDetected
from watchfloor_city.network import Spot, StreetNetwork
from watchfloor_city.rhythm import CALLS, FLAT, Rhythm
from watchfloor_city.rhythm import SHOTS as SHOTS_CURVE

from .agenda import Agenda
from .desk import Desk
from .places import Places
from .rates import Rates
from .units import Units
from .vocabulary import SHOTS, TYPES

WARM_UP_S = 3600.0
"""The day begins so long before the start, unseen: at the start calls are open, units busy."""

STOPS = 0.2
"""Share of calls that units begin themselves."""

CALLED_IN = 0.6
"""Share of confirmed gunshots that somebody calls about."""


def police_work(
    city: City, network: StreetNetwork, seed: int | str, start: datetime, rates: Rates
) -> Iterator[Happening]:
    """Endless. First, at ``start``, the state of every unit and of every open call."""
    return _Police(city, network, seed, start, rates).run()


class _Police:
    def __init__(
        self, city: City, network: StreetNetwork, seed: int | str, start: datetime, rates: Rates
    ) -> None:
        self._city = city
        self._network = network
        self._seed = seed
        self._agenda = Agenda(start)
        self._places = Places(network)
        self._units = Units(network, self._agenda, seed, rates.units, rates.positions_every_s)
        self._desk = Desk(city, self._places, self._units, self._agenda)
        self._types = list(accumulate(kind.share for kind in TYPES))
        calls = Rhythm(FLAT if rates.flat else CALLS, start, city.timezone)
        shots = Rhythm(FLAT if rates.flat else SHOTS_CURVE, start, city.timezone)
        self._arrivals(stream(seed, "calls"), rates.calls_per_hour / 3600, calls, self._call)
        self._arrivals(stream(seed, "shots"), rates.gunshots_per_day / 86400, shots, self._shots)

    def run(self) -> Iterator[Happening]:
        for _ in self._agenda.run(until=0.0):
            pass
        yield from self._desk.tell_all(0.0)
        for unit in self._units.all:
            yield unit.tells(self._agenda, 0.0)
        self._units.report_positions()
        yield from self._agenda.run()

    def _arrivals(
        self,
        rng: Random,
        per_second: float,
        rhythm: Rhythm,
        act: Callable[[float, Random], Iterator[Happening]],
    ) -> None:
        """Do ``act`` at random moments, as often as the rhythm wants (thinned Poisson process)."""
        if per_second <= 0:
            return

        def come(moment: float) -> Iterator[Happening]:
            self._agenda.put(moment + rng.expovariate(per_second * rhythm.highest), come)
            if rng.random() * rhythm.highest < rhythm.at(moment):
                yield from act(moment, Random(rng.random()))

        self._agenda.put(-WARM_UP_S + rng.expovariate(per_second * rhythm.highest), come)

    def _call(self, moment: float, rng: Random) -> Iterator[Happening]:
        if rng.random() < STOPS:
            return self._desk.stop(moment, rng)
        kind = rng.choices(TYPES, cum_weights=self._types)[0]
        spot = self._places.at_a_corner(rng) if kind.corner else self._places.on_a_block(rng)
        return self._desk.take(moment, kind, spot, rng)

    def _shots(self, moment: float, rng: Random) -> Iterator[Happening]:
        """The sensors hear something; a minute later a reviewer has listened to it."""
        spot = self._places.on_a_block(rng)
        found = self._detection(moment, spot, rng)
        yield found
        review = partial(self._review, found=found, spot=spot, rng=rng)
        self._agenda.put(moment + rng.uniform(20, 90), review)

    def _detection(self, moment: float, spot: Spot, rng: Random) -> ShotsDetected:
        x, y = self._network.plane.metres(spot.point)
        area = self._city.area_of(spot.point)
        heard = moment - rng.uniform(4, 15)
        return ShotsDetected(
            at=self._agenda.time(moment),
            incident=self._agenda.time(heard).strftime("ZS%y%m%d-%H%M%S"),
            state="created",
            classification=rng.choices(("gunshot", "probable gunshot"), (3, 1))[0],
            occurred=self._agenda.time(heard),
            rounds=1 + int(rng.expovariate(0.35)),
            point=self._network.plane.degrees((x + rng.gauss(0, 12), y + rng.gauss(0, 12))),
            error_m=25.0,
            address=self._places.address(spot),
            coverage_area=area.district if area else None,
        )

    def _review(
        self, moment: float, found: ShotsDetected, spot: Spot, rng: Random
    ) -> Iterator[Happening]:
        now = self._agenda.time(moment)
        if rng.random() < 0.3:
            what = rng.choice(("fireworks", "vehicle backfire", "construction"))
            yield replace(
                found, at=now, state="cancelled", classification=what, reviewed=True, rounds=0
            )
            return
        rounds = max(1, (found.rounds or 1) + rng.choice((-1, 0, 0, 1, 2)))
        yield replace(
            found, at=now, state="updated", classification="gunshot", reviewed=True, rounds=rounds
        )
        if rng.random() < CALLED_IN:
            near = self._network.nearest(found.point or spot.point, 150.0) or spot
            take = partial(self._desk.take, kind=SHOTS, spot=near, rng=rng)
            self._agenda.put(moment + rng.uniform(5, 150), take)
