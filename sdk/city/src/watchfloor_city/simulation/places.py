"""Where things happen: random places on named streets, and the addresses of such places."""

from __future__ import annotations

from itertools import accumulate
from random import Random

from watchfloor_city.happenings import Point
from watchfloor_city.network import Spot, StreetNetwork
from watchfloor_city.noding import NEAR_M


class Places:
    """Draws places evenly over the length of all named streets."""

    def __init__(self, network: StreetNetwork) -> None:
        self._network = network
        self._named = [i for i, edge in enumerate(network.edges) if edge.street.name]
        self._upto = list(accumulate(network.edges[i].metres for i in self._named))

    def on_a_block(self, rng: Random) -> Spot:
        """Somewhere along a street."""
        edge = rng.choices(self._named, cum_weights=self._upto)[0]
        return self._network.spot(edge, self._network.edges[edge].metres * rng.uniform(0.1, 0.9))

    def at_a_corner(self, rng: Random) -> Spot:
        """The end of some block."""
        edge = rng.choices(self._named, cum_weights=self._upto)[0]
        return self._network.spot(edge, self._network.edges[edge].metres)

    def spot_at(self, point: Point) -> Spot:
        """The place on a street at which something that drives is.

        Raises ``ValueError`` for a point that is on no street.
        """
        spot = self._network.nearest(point, NEAR_M)
        if spot is None:
            raise ValueError("what drives is on a street")
        return spot

    def address(self, spot: Spot) -> str:
        """``12XX Alder Ave``; a corner where the place is one or the street has no numbers."""
        edge = self._network.edges[spot.edge]
        street = edge.street
        cross = self._crossing(
            edge.end if spot.along_m * 2 > edge.metres else edge.start, street.name
        )
        at_end = min(spot.along_m, edge.metres - spot.along_m) < 1.0
        if cross and (at_end or street.number_min is None):
            return f"{street.name} & {cross}"
        if street.number_min is None or street.number_max is None:
            return street.name
        share = spot.along_m / edge.metres
        number = street.number_min + share * (street.number_max - street.number_min)
        return f"{int(number // 100)}XX {street.name}" if number >= 100 else f"XX {street.name}"

    def _crossing(self, node: int, name: str) -> str | None:
        names = {self._network.edges[hop >> 1].street.name for hop in self._network.hops_from[node]}
        return min(names - {name, ""}, default=None)
