"""How a police unit moves: it patrols around its home, drives to a call, stands."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from watchfloor_city.geometry import between, length, turn_deg
from watchfloor_city.happenings import Point
from watchfloor_city.network import Leg, Spot, StreetNetwork

PATROL = 0.75
RESPONSE = 1.5
"""Times the usual speed of a street."""

PAUSE_CHANCE = 0.02
PAUSE_S = (60.0, 420.0)
"""On patrol, at each intersection: how likely a unit stops for a while, and for how long."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A way driven without choices. It ends at a node, or short of it at a spot: then ``onward``
    is the rest of the way to the node."""

    legs: tuple[Leg, ...]
    hop: int
    node: int
    onward: Stretch | None = None

    @property
    def seconds(self) -> float:
        return sum(leg.metres / leg.mps for leg in self.legs)


class Driver:
    """One unit's way over the network. Ask for later and later moments only."""

    def __init__(self, network: StreetNetwork, home: int, roam_m: float, rng: Random) -> None:
        self._network = network
        self._home = network.nodes[home]
        self._roam_m = roam_m
        self._rng = rng
        self._moment = -math.inf
        self._done_m = 0.0
        self._leg = 0
        self._stretch = self._hop(rng.choice(network.hops_from[home]))
        self._ahead: deque[Stretch] = deque()
        self._patrols = True
        self._held = False
        self._pause_s = 0.0

    def at(self, moment: float) -> tuple[Point, float, float]:
        """Point, speed (m/s) and course (degrees) at the moment."""
        moving = self._advance(moment)
        leg = self._stretch.legs[min(self._leg, len(self._stretch.legs) - 1)]
        share = self._done_m / leg.metres if self._leg < len(self._stretch.legs) else 1.0
        point = (round(leg.lon + leg.dlon * share, 6), round(leg.lat + leg.dlat * share, 6))
        return point, round(leg.mps * self._haste, 1) if moving else 0.0, leg.course

    def hold(self, moment: float) -> None:
        """Stand still until ``patrol`` or ``drive_to``."""
        self._advance(moment)
        self._held = True

    def patrol(self, moment: float) -> None:
        """Go wherever one likes from here."""
        self._free(moment)
        self._patrols = True

    def drive_to(self, spot: Spot, moment: float) -> float:
        """Take the quickest way to the spot; returns the moment of arrival."""
        self._free(moment)
        self._patrols = False
        last = self._ahead[-1] if self._ahead else self._stretch
        self._ahead += self._way(last.node, spot)
        left = sum(leg.metres / leg.mps for leg in self._stretch.legs[self._leg :])
        if self._leg < len(self._stretch.legs):
            left -= self._done_m / self._stretch.legs[self._leg].mps
        seconds = left + sum(stretch.seconds for stretch in self._ahead)
        return moment + seconds / RESPONSE

    @property
    def _haste(self) -> float:
        return PATROL if self._patrols else RESPONSE

    def _free(self, moment: float) -> None:
        """Give up every plan but to drive on to the next node."""
        self._advance(moment)
        self._held, self._pause_s = False, 0.0
        self._ahead.clear()
        if self._stretch.onward:
            self._ahead.append(self._stretch.onward)

    def _hop(self, hop: int) -> Stretch:
        return Stretch(self._network.legs(hop), hop, self._network.target(hop))

    def _way(self, node: int, spot: Spot) -> list[Stretch]:
        edge = self._network.edges[spot.edge]
        hops = self._network.route(node, edge.start)
        last = 2 * spot.edge
        if hops and hops[-1] == last + 1:
            hops, last = hops[:-1], last + 1
        return [*map(self._hop, hops), self._part(last, spot)]

    def _part(self, hop: int, spot: Spot) -> Stretch:
        """The hop as far as the spot, and onward the rest of it."""
        edge = self._network.edges[hop >> 1]
        line = edge.line[::-1] if hop & 1 else edge.line
        along = edge.metres - spot.along_m if hop & 1 else spot.along_m
        near, far = _cut(line, along)
        mps = self._network.legs(hop)[0].mps
        node = self._network.target(hop)
        rest = Stretch(self._network.legs_along(far, mps), hop, node)
        return Stretch(self._network.legs_along(near, mps), hop, node, rest)

    def _advance(self, moment: float) -> bool:
        """Drive on until the moment; whether the unit is moving then."""
        left = moment - self._moment if self._moment > -math.inf else 0.0
        self._moment = moment
        while not self._held:
            if self._pause_s > 0:
                used = min(left, self._pause_s)
                self._pause_s -= used
                left -= used
                if self._pause_s > 0:
                    return False
            if self._leg >= len(self._stretch.legs) and not self._begin_next():
                return False
            leg = self._stretch.legs[self._leg]
            mps = leg.mps * self._haste
            rest = (leg.metres - self._done_m) / mps
            if left < rest:
                self._done_m += mps * left
                return True
            left -= rest
            self._leg, self._done_m = self._leg + 1, 0.0
        return False

    def _begin_next(self) -> bool:
        if not self._ahead and not self._patrols:
            return False
        if self._ahead:
            self._stretch = self._ahead.popleft()
        else:
            self._stretch = self._hop(self._chosen())
            if self._rng.random() < PAUSE_CHANCE:
                self._pause_s = self._rng.uniform(*PAUSE_S)
        self._leg, self._done_m = 0, 0.0
        return True

    def _chosen(self) -> int:
        """Where to turn on patrol: mostly straight on, back only where there is nothing else, and
        homewards when too far from home."""
        net, came = self._network, self._stretch.hop
        options = [hop for hop in net.hops_from[self._stretch.node] if hop != came ^ 1]
        if len(options) < 2:
            return options[0] if options else came ^ 1
        chance = self._rng.random()
        if chance < 0.8 and math.dist(net.nodes[self._stretch.node], self._home) > self._roam_m:
            return min(options, key=lambda h: math.dist(net.nodes[net.target(h)], self._home))
        if chance < 0.5:
            course = net.last_course(came)
            return min(options, key=lambda hop: turn_deg(course, net.course(hop)))
        return self._rng.choice(options)


def _cut(
    line: tuple[tuple[float, float], ...], along: float
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """A line in two at so many metres; neither part is without length."""
    along = min(max(along, 0.5), length(line) - 0.5)
    for index, (a, b) in enumerate(pairwise(line)):
        step = math.dist(a, b)
        if along < step:
            middle = between(a, b, along / step)
            return [*line[: index + 1], middle], [middle, *line[index + 1 :]]
        along -= step
    raise ValueError("the line has no such length")
