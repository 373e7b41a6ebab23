"""Makes a city up: a bent street grid with avenues, a river with bridges, quarters and assets.

It lies in the open Gulf of Mexico, south of every coast, so that no made-up address is anybody's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from random import Random

from .chance import stream
from .city import Area, City, Street, StreetClass, Water
from .furnish import furnish
from .geometry import XY, Plane, bounds_of
from .happenings import Point
from .words import QUARTERS, avenue_names, ordinal

ORIGIN = (-90.0, 27.0)
RIVER_M = 260.0
QUARTER = 6
"""Blocks along each side of a neighbourhood; every ``QUARTER``-th street is a major one."""

Node = tuple[int, int]
"""Column, row."""


def generate_city(seed: int | str, size: int = 32) -> City:
    """A city with about ``size`` streets each way (at least 8).

    32 gives about 4 by 4 km with 150 cameras and 60 plate readers; numbers grow with the square of
    ``size``. The same seed and size give the same city.
    """
    if size < 8:
        raise ValueError("a city needs at least 8 streets each way")
    plan = _plan(stream(seed, "plan", size), size)
    streets = tuple(_streets(plan, stream(seed, "streets", size)))
    areas = tuple(_areas(plan))
    rings = [ring for area in areas for ring in area.rings]
    drawn = [point for line in (*(street.points for street in streets), *rings) for point in line]
    bare = City(
        name="port-sample",
        title="Port Sample (made up)",
        timezone="America/Chicago",
        region="US-ZZ",
        streets=streets,
        areas=areas,
        water=(_river(plan),),
        assets=(),
        bounds=bounds_of(drawn),
        attribution="Made-up city: no street, person or plate in it is real.",
    )
    return furnish(bare, stream(seed, "assets", size), cameras=size * size // 7)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The grid before it is bent. ``bank`` is the last row south of the river."""

    columns: list[float]
    rows: list[float]
    bank: int
    waves: list[tuple[float, float, float, float]]
    turn: float
    outline: list[tuple[int, float, float]]

    def at(self, x: float, y: float) -> Point:
        """Where a place of the straight grid lies in the bent one."""
        for kx, ky, phase, height in self.waves:
            bend = height * math.sin(kx * x + ky * y + phase)
            x, y = x - bend * ky / math.hypot(kx, ky), y + bend * kx / math.hypot(kx, ky)
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        return Plane(ORIGIN).degrees((x * cos - y * sin, x * sin + y * cos))

    def place(self, node: Node) -> XY:
        return self.columns[node[0]], self.rows[node[1]]

    def kept(self, node: Node) -> bool:
        """Whether the node lies within the city's outline."""
        x, y = self.place(node)
        across, up = x / (self.columns[-1] or 1), y / (self.rows[-1] or 1)
        angle = math.atan2(up, across)
        reach = 1.02 + sum(h * math.sin(n * angle + phase) for n, phase, h in self.outline)
        return math.hypot(across, up) <= reach


def _plan(rng: Random, size: int) -> _Plan:
    bank = size // 2 - rng.randrange(1, max(2, size // 8))
    columns = _centred([rng.uniform(115, 165) for _ in range(size - 1)])
    gaps = [rng.uniform(95, 135) for _ in range(size - 1)]
    gaps[bank] = RIVER_M + 120
    rows = _centred(gaps)
    waves = [_wave(rng, columns[-1]) for _ in range(3)]
    outline = [(n, rng.uniform(0, math.tau), rng.uniform(0.03, 0.09)) for n in (2, 3, 5)]
    return _Plan(columns, rows, bank, waves, rng.uniform(-0.4, 0.4), outline)


def _centred(gaps: list[float]) -> list[float]:
    steps = list(accumulate(gaps, initial=0.0))
    return [step - steps[-1] / 2 for step in steps]


def _wave(rng: Random, extent: float) -> tuple[float, float, float, float]:
    """A shear wave: direction and number, phase, height. Too gentle to fold the sheet."""
    number = math.tau / (extent * rng.uniform(1.1, 2.4))
    angle = rng.uniform(0, math.tau)
    return (number * math.cos(angle), number * math.sin(angle), rng.uniform(0, 6), 0.22 / number)


def _major(index: int) -> bool:
    return index % QUARTER == 0


def _streets(plan: _Plan, rng: Random) -> Iterator[Street]:
    names = avenue_names()
    for column in range(len(plan.columns)):
        name = next(names)
        ways = [((column, row), (column, row + 1)) for row in range(len(plan.rows) - 1)]
        yield from _street(plan, rng, name, ways, _major(column))
    for row in range(len(plan.rows)):
        name = f"{ordinal(row + 1)} St"
        ways = [((column, row), (column + 1, row)) for column in range(len(plan.columns) - 1)]
        yield from _street(plan, rng, name, ways, _major(row) or row in (plan.bank, plan.bank + 1))
    yield from _street(plan, rng, "Grand Diagonal", list(_diagonal(plan)), True)


def _diagonal(plan: _Plan) -> Iterator[tuple[Node, Node]]:
    """An avenue from corner to corner; it ends at the river."""
    for step in range(min(len(plan.columns), plan.bank + 1) - 1):
        yield (step, step), (step + 1, step + 1)


def _street(
    plan: _Plan, rng: Random, name: str, ways: list[tuple[Node, Node]], major: bool
) -> Iterator[Street]:
    kind: StreetClass = "major" if major else "minor"
    for block, (a, b) in enumerate(ways):
        bridge = a[1] == plan.bank and b[1] == plan.bank + 1
        there = plan.kept(a) and plan.kept(b) and (major or (not bridge and rng.random() > 0.07))
        if there:
            (ax, ay), (bx, by) = plan.place(a), plan.place(b)
            middle = plan.at((ax + bx) / 2, (ay + by) / 2)
            points = (plan.at(ax, ay), middle, plan.at(bx, by))
            yield Street(name, points, kind, (block + 1) * 100, (block + 1) * 100 + 98)


def _river(plan: _Plan) -> Water:
    middle = (plan.rows[plan.bank] + plan.rows[plan.bank + 1]) / 2
    reach = plan.columns[-1] * 1.15
    xs = [reach * (step / 30 - 1) for step in range(61)]
    north = [plan.at(x, middle + RIVER_M / 2) for x in xs]
    south = [plan.at(x, middle - RIVER_M / 2) for x in reversed(xs)]
    return Water((*north, *south, north[0]), "Sample River")


def _areas(plan: _Plan) -> Iterator[Area]:
    names = iter(QUARTERS)
    for left in range(0, len(plan.columns) - 1, QUARTER):
        for low, high in _bands(plan):
            right = min(left + QUARTER, len(plan.columns) - 1)
            if plan.kept(((left + right) // 2, (low + high) // 2)):
                district = 1 + 2 * (low > plan.bank) + (left * 2 >= len(plan.columns))
                code = f"{district}{chr(65 + left // QUARTER % 26)}{low // QUARTER:02d}"
                ring = _ring(plan, left, right, low, high)
                yield Area(next(names, f"Quarter {code}"), (ring,), code, str(district))


def _bands(plan: _Plan) -> list[tuple[int, int]]:
    """Rows that bound the neighbourhoods; none reaches over the river."""
    south = [*range(0, plan.bank, QUARTER), plan.bank]
    north = [*range(plan.bank + 1, len(plan.rows) - 1, QUARTER), len(plan.rows) - 1]
    return [*pairwise(south), *pairwise(north)]


def _ring(plan: _Plan, left: int, right: int, low: int, high: int) -> tuple[Point, ...]:
    across, up = range(left, right + 1), range(low, high + 1)
    nodes = [(i, low) for i in across] + [(right, j) for j in up]
    nodes += [(i, high) for i in reversed(across)] + [(left, j) for j in reversed(up)]
    return tuple(plan.at(*plan.place(node)) for node in nodes)
