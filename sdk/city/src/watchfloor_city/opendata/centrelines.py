"""Streets out of bus lines, for a city whose street layer nobody published.

Many lines run along one street, drawn a few metres apart and in both directions. The first to come
is kept; of the others only what runs elsewhere.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from watchfloor_city.city import Street
from watchfloor_city.geometry import (
    XY,
    Plane,
    between,
    course_deg,
    length,
    nearest_on,
    simplified,
    turn_deg,
)
from watchfloor_city.happenings import Point
from watchfloor_city.noding import cut_where_they_meet

SAME_M = 32.0
SAME_DEG = 25.0
"""A stretch nearer than this to one already kept, and so nearly parallel, is the same street."""

STEP_M = 35.0
LEAST_M = 60.0
ROUND_M = 5.0
CORNER_DEG = 40.0
NAMED_WITHIN_M = 45.0

JOIN_M = 45.0
"""An end that stops so near to another street is drawn up to it."""

_Grid = dict[tuple[int, int], list[tuple[XY, XY, float, int]]]
"""Steps (ends, course, number of the stretch) by the square that holds their middle."""


def streets_of(lines: Iterable[Sequence[Point]], plane: Plane) -> list[Street]:
    """Nameless major streets, each between two corners or crossings."""
    grid: _Grid = defaultdict(list)
    kept: list[list[XY]] = []
    for line in lines:
        fresh = list(_new_stretches([plane.metres(point) for point in line], grid))
        for number, stretch in enumerate(fresh, len(kept)):
            _remember(stretch, number, grid)
        kept += fresh
    joined = [_joined(stretch, number, grid) for number, stretch in enumerate(kept)]
    straight = [part for line in joined for part in _between_corners(simplified(line, ROUND_M))]
    raw = [Street("", tuple(map(plane.degrees, part)), "major") for part in straight]
    return cut_where_they_meet(raw, plane)


def _new_stretches(line: list[XY], grid: _Grid) -> Iterator[list[XY]]:
    stretch: list[XY] = []
    for a, b in _steps(line):
        if _known(a, b, grid):
            if stretch:
                yield from [[*stretch, b]] if length(stretch) >= LEAST_M else []
            stretch = []
        else:
            stretch = stretch or [a]
            stretch.append(b)
    if length(stretch) >= LEAST_M:
        yield stretch


def _steps(line: list[XY]) -> Iterator[tuple[XY, XY]]:
    """The line in pieces of at most ``STEP_M``."""
    for a, b in pairwise(line):
        count = max(1, math.ceil(math.dist(a, b) / STEP_M))
        marks = [between(a, b, step / count) for step in range(count + 1)]
        yield from (pair for pair in pairwise(marks) if pair[0] != pair[1])


def _cell(place: XY) -> tuple[int, int]:
    return math.floor(place[0] / (2 * SAME_M)), math.floor(place[1] / (2 * SAME_M))


def _remember(stretch: list[XY], number: int, grid: _Grid) -> None:
    for a, b in _steps(stretch):
        grid[_cell(between(a, b, 0.5))].append((a, b, course_deg(a, b), number))


def _around(place: XY, grid: _Grid) -> Iterator[tuple[XY, XY, float, int]]:
    x, y = _cell(place)
    for cell in ((x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)):
        yield from grid.get(cell, ())


def _joined(stretch: list[XY], number: int, grid: _Grid) -> list[XY]:
    """The stretch with each end drawn up to the nearest other street, where one is near."""
    tips = []
    for tip in (stretch[0], stretch[-1]):
        others = [step for step in _around(tip, grid) if step[3] != number]
        feet = [between(a, b, nearest_on(a, b, tip)) for a, b, _, _ in others]
        near = [foot for foot in feet if 0 < math.dist(foot, tip) <= JOIN_M]
        tips.append(min(near, key=lambda foot: math.dist(foot, tip), default=tip))
    return [tips[0], *stretch, tips[1]]


def _known(a: XY, b: XY, grid: _Grid) -> bool:
    middle, course = between(a, b, 0.5), course_deg(a, b)
    for c, d, other, _ in _around(middle, grid):
        apart = turn_deg(course, other)
        if SAME_DEG < apart < 180 - SAME_DEG:
            continue
        if math.dist(between(c, d, nearest_on(c, d, middle)), middle) <= SAME_M:
            return True
    return False


def _between_corners(line: list[XY]) -> Iterator[list[XY]]:
    """Cut where the bus turns off: the next stretch is another street."""
    line = [a for a, b in zip(line, [*line[1:], None], strict=True) if a != b]
    piece = line[:2]
    for a, b, c in zip(line, line[1:], line[2:], strict=False):
        if turn_deg(course_deg(a, b), course_deg(b, c)) > CORNER_DEG:
            yield piece
            piece = [b]
        piece.append(c)
    yield piece


def named(
    streets: Sequence[Street], sightings: Iterable[tuple[Point, str]], plane: Plane
) -> list[Street]:
    """The streets with the names most often given to places along them.

    A sighting is a place and the street that it is said to be on. A stretch that nobody names takes
    the name of the one that it continues.
    """
    votes = _votes(streets, sightings, plane)
    names = [votes[i].most_common(1)[0][0] if votes[i] else "" for i in range(len(streets))]
    for _ in range(6):
        names = _carried_on(streets, names, plane)
    return [replace(street, name=name) for street, name in zip(streets, names, strict=True)]


def _votes(
    streets: Sequence[Street], sightings: Iterable[tuple[Point, str]], plane: Plane
) -> list[Counter[str]]:
    cells: dict[tuple[int, int], list[tuple[int, XY, XY]]] = defaultdict(list)
    for index, street in enumerate(streets):
        for a, b in _steps([plane.metres(point) for point in street.points]):
            cells[_cell(between(a, b, 0.5))].append((index, a, b))
    votes: list[Counter[str]] = [Counter() for _ in streets]
    for point, name in sightings:
        here = plane.metres(point)
        x, y = _cell(here)
        around = (cells.get((x + dx, y + dy), ()) for dx in (-1, 0, 1) for dy in (-1, 0, 1))
        near = {
            index
            for cell in around
            for index, a, b in cell
            if math.dist(between(a, b, nearest_on(a, b, here)), here) <= NAMED_WITHIN_M
        }
        for index in near:
            votes[index][name] += 1
    return votes


def _carried_on(streets: Sequence[Street], names: list[str], plane: Plane) -> list[str]:
    """Give each nameless stretch the name of a named one that runs on straight from its end."""
    ends: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
    lines = [[plane.metres(point) for point in street.points] for street in streets]
    for index, line in enumerate(lines):
        for tip, inner in ((line[0], line[1]), (line[-1], line[-2])):
            ends[round(tip[0] / 20), round(tip[1] / 20)].append((index, course_deg(inner, tip)))
    carried = list(names)
    for meeting in ends.values():
        for index, course in meeting:
            straight = [
                names[other]
                for other, its in meeting
                if names[other] and other != index and turn_deg(course, its) > 180 - SAME_DEG
            ]
            if not carried[index] and straight:
                carried[index] = straight[0]
    return carried
