"""Vehicles that drive through the city, passing plate readers.

A trip is a walk from reader to reader, each step to one of the nearest readers along the streets
and in the time that the way takes, with lights and dawdling. Vehicles under way wait in one list
per second, so a read costs the same at 1 and at 20,000 a second.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random

from watchfloor_city.chance import poisson, stream
from watchfloor_city.city import Asset, City
from watchfloor_city.geometry import turn_deg
from watchfloor_city.happenings import Happening, Look, PlatePassed
from watchfloor_city.hotlist import DRIVING, DRIVING_VALID, look_of_wanted
from watchfloor_city.network import StreetNetwork
from watchfloor_city.plates import FLEET, fleet_plate, look_of, misread, wanted_plate
from watchfloor_city.rhythm import Rhythm

from .rates import Rates

GO_ON = 0.75
READS_A_TRIP = 1 / (1 - GO_ON)
"""Each read is followed by another with chance ``GO_ON``: trips of 4 reads on average."""

REST_S = 7200.0
"""So long a vehicle rests between trips, about; this sets the size of the fleet."""

ONWARD = 6
SNAP_M = 120.0
DAWDLE = (0.95, 1.7)
MISREADS = 0.004
AWAY = ("US-TX", "US-FL", "US-GA", "US-IL", "US-CA", "US-NY", "US-PA", "US-OH")
AWAY_EVERY = 12
"""Every so-many-th vehicle is from another state."""


@dataclass(frozen=True, slots=True)
class Post:
    """A reader in its place on the network, and the readers that a vehicle may pass next."""

    asset: Asset
    hops: tuple[int, ...]
    courses: tuple[float, ...]
    onward: tuple[tuple[int, float], ...] = ()


def traffic(
    city: City, network: StreetNetwork, seed: int | str, rhythm: Rhythm, rates: Rates
) -> Iterator[Happening]:
    """Endless plate reads. Nothing, when the city has no reader near any street."""
    posts = posts_of(city, network)
    return _Traffic(city, posts, seed, rhythm, rates).run() if posts else iter(())


def posts_of(city: City, network: StreetNetwork) -> list[Post]:
    """Readers within ``SNAP_M`` of a street. One with a heading reads one direction alone."""
    stood = [_stood(reader, network) for reader in city.readers]
    posts = [post for post in stood if post]
    at_node: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for index, post in enumerate(posts):
        for hop in post.hops:
            at_node[network.source(hop)].append((index, hop))
    return [_linked(index, posts, at_node, network) for index in range(len(posts))]


def _stood(reader: Asset, network: StreetNetwork) -> Post | None:
    spot = network.nearest(reader.point, SNAP_M)
    if spot is None:
        return None
    hops: tuple[int, ...] = (2 * spot.edge, 2 * spot.edge + 1)
    if reader.heading_deg is not None:
        heading = reader.heading_deg
        hops = (min(hops, key=lambda hop: turn_deg(network.course(hop), heading)),)
    return Post(reader, hops, tuple(network.course(hop) for hop in hops))


def _linked(
    index: int,
    posts: list[Post],
    at_node: dict[int, list[tuple[int, int]]],
    network: StreetNetwork,
) -> Post:
    """The post with the readers that are reached first after it, and the seconds to each."""
    post = posts[index]
    hop = post.hops[0]
    rest = network.edges[hop >> 1].seconds / 2
    onward: dict[int, float] = {}
    for seconds, node in network.reached_from(network.target(hop)):
        for other, entry in at_node.get(node, ()):
            if other != index and entry ^ 1 not in post.hops:
                onward.setdefault(other, seconds + rest + network.edges[entry >> 1].seconds / 2)
        if len(onward) >= ONWARD:
            break
    return Post(post.asset, post.hops, post.courses, tuple(onward.items())[:ONWARD])


class _Traffic:
    def __init__(
        self, city: City, posts: list[Post], seed: int | str, rhythm: Rhythm, rates: Rates
    ) -> None:
        self._region = city.region
        self._posts = posts
        self._seed = seed
        self._rhythm = rhythm
        self._rng: Random = stream(seed, "traffic")
        self._trips = rates.reads_per_second / READS_A_TRIP
        self._wanted_share = _wanted_share(rates)
        self._fleet = max(1, min(FLEET, math.ceil(self._trips * REST_S)))
        self._step = _coprime(self._fleet)
        self._begun = self._wanted_begun = 0
        self._due: dict[int, list[int]] = defaultdict(list)

    def run(self) -> Iterator[Happening]:
        self._fill()
        for second in count():
            if second % 60 == 0:
                factor = self._rhythm.at(second)
            arrived = self._due.pop(second, [])
            arrived += [self._new_trip() for _ in range(poisson(self._rng, self._trips * factor))]
            yield from self._passed(second, arrived)

    def _fill(self) -> None:
        """Vehicles that are between two readers when the day is cut into at the start.

        A long gap is the likelier to be cut, and any part of it may be left.
        """
        legs = [leg for post in self._posts for leg in post.onward]
        if not legs:
            return
        mean_s = sum(seconds for _, seconds in legs) / len(legs) * sum(DAWDLE) / 2
        under_way = self._trips * READS_A_TRIP * GO_ON * mean_s * self._rhythm.at(0)
        weights = [seconds for _, seconds in legs]
        for there, seconds in self._rng.choices(legs, weights, k=round(under_way)):
            left = seconds * self._rng.uniform(*DAWDLE) * self._rng.random()
            self._due[int(left)].append(self._new_vehicle() * len(self._posts) + there)

    def _new_trip(self) -> int:
        """A vehicle and the post it passes next, as one number: vehicle x posts + post."""
        return self._new_vehicle() * len(self._posts) + self._rng.randrange(len(self._posts))

    def _new_vehicle(self) -> int:
        self._begun += 1
        if self._rng.random() < self._wanted_share:
            self._wanted_begun += 1
            return FLEET + self._wanted_begun % DRIVING
        return self._begun * self._step % self._fleet

    def _passed(self, second: int, arrived: list[int]) -> Iterator[Happening]:
        """The reads of one second, spread over it; those that go on are due again later."""
        chance, posts = self._rng.random, self._posts
        begin = self._rhythm.start + timedelta(seconds=second)
        for turn, vehicle_at in enumerate(arrived):
            vehicle, at = divmod(vehicle_at, len(posts))
            micros = int((turn + chance()) * 1_000_000 / len(arrived))
            yield self._read(begin + timedelta(microseconds=micros), vehicle, posts[at])
            onward = posts[at].onward
            if onward and chance() < GO_ON:
                there, seconds = onward[int(chance() * len(onward))]
                dawdled = seconds * (DAWDLE[0] + chance() * (DAWDLE[1] - DAWDLE[0]))
                self._due[second + max(1, round(dawdled))].append(vehicle * len(posts) + there)

    def _read(self, at: datetime, vehicle: int, post: Post) -> PlatePassed:
        plate, look = self._vehicle(vehicle)
        chance = self._rng.random()
        sure = 0.99 - 0.12 * chance * chance
        if chance < MISREADS:
            plate, sure = misread(plate, self._rng), 0.55 + 50 * chance
        courses = post.courses
        return PlatePassed(
            at=at,
            reader=post.asset.id,
            plate=plate,
            region=self._region
            if vehicle % AWAY_EVERY
            else AWAY[vehicle // AWAY_EVERY % len(AWAY)],
            confidence=round(sure, 3),
            heading_deg=courses[0] if len(courses) == 1 else courses[self._rng.randrange(2)],
            point=post.asset.point,
            vehicle=look,
        )

    def _vehicle(self, number: int) -> tuple[str, Look]:
        if number < FLEET:
            return fleet_plate(number), look_of(number)
        return wanted_plate(self._seed, number - FLEET), look_of_wanted(number - FLEET)


def _wanted_share(rates: Rates) -> float:
    """The share of trips made by vehicles on the hot list, expired entries included."""
    reads_an_hour = rates.reads_per_second * 3600
    valid = DRIVING_VALID / DRIVING
    return min(1.0, rates.hits_per_hour / valid / reads_an_hour) if reads_an_hour else 0.0


def _coprime(count: int) -> int:
    """A step that visits all of ``count`` numbers before one comes again, in no visible order."""
    step = max(1, int(count * 0.618))
    while math.gcd(step, count) > 1:
        step += 1
    return step
