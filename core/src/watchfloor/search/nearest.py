"""Which street or corner a point is near to: what is said of a place that has no address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product

from watchfloor.contracts import Point
from watchfloor.ports.geometry import Ring, box_around, distance_m, to_line_m
from watchfloor.ports.store import Box

CORNER_M = 40.0
"""Metres within which two streets are taken to meet."""

NEAR_M = 150.0
"""What is near; what is farther away is said with how far."""

REACH_M = 600.0
"""A street farther away says nothing about a place."""

CELLS = 200
"""Of the grid, a degree: some 500 m each."""

REMEMBERED = 4096
"""Points whose answer is kept: lists name the same events again and again."""

Cell = tuple[int, int]


class Nearest:
    """Streets on a grid, which is laid out when it is first asked: most hubs' sources send
    addresses."""

    def __init__(self) -> None:
        self._streets: list[tuple[str, Ring]] = []
        self._grid: dict[Cell, list[tuple[str, Ring]]] = {}
        self.near = lru_cache(REMEMBERED)(self._near)

    def add(self, name: str, line: Ring) -> None:
        """A stretch of a street. All are added before the first question."""
        if len(line) > 1:
            self._streets.append((name, line))

    def _near(self, point: Point) -> str | None:
        around = self._around(point)
        apart = {
            name: min(to_line_m(line, point) for line in lines) for name, lines in around.items()
        }
        nearest, *others = sorted(apart, key=apart.__getitem__) or [""]
        if not nearest or apart[nearest] > REACH_M:
            return None
        if apart[nearest] > NEAR_M:
            return f"{round(apart[nearest], -1):.0f} m from {nearest}"
        corners = list(_vertices(around[nearest], point))
        for other in others:
            if apart[other] <= NEAR_M and _meet(corners, around[other]):
                return f"near {nearest} & {other}"
        return f"near {nearest}"

    def _around(self, point: Point) -> dict[str, list[Ring]]:
        grid = self._laid_out()
        found: dict[str, list[Ring]] = defaultdict(list)
        seen = set[int]()
        for cell in _cells(box_around(point, REACH_M)):
            for name, line in grid.get(cell, ()):
                if id(line) not in seen:
                    seen.add(id(line))
                    found[name].append(line)
        return found

    def _laid_out(self) -> dict[Cell, list[tuple[str, Ring]]]:
        if not self._grid and self._streets:
            grid = defaultdict(list)
            for street in self._streets:
                for cell in _cells(_box(street[1])):
                    grid[cell].append(street)
            self._grid = grid
        return self._grid


def _vertices(lines: Sequence[Ring], point: Point) -> Iterator[Point]:
    for line in lines:
        for lon, lat, *_ in line:
            if distance_m((lon, lat), point) <= NEAR_M:
                yield (lon, lat)


def _meet(corners: Sequence[Point], lines: Sequence[Ring]) -> bool:
    return any(to_line_m(line, corner) <= CORNER_M for corner in corners for line in lines)


def _box(line: Ring) -> Box:
    lons, lats, *_ = zip(*line, strict=True)
    return Box(min(lons), min(lats), max(lons), max(lats))


def _cells(box: Box) -> Iterator[Cell]:
    east = range(int(box.west * CELLS // 1), int(box.east * CELLS // 1) + 1)
    north = range(int(box.south * CELLS // 1), int(box.north * CELLS // 1) + 1)
    return product(east, north)
