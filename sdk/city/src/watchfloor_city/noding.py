"""Cuts street lines where they meet, so that they can be driven as a network.

Lines meet in three ways: they share a vertex, one ends on the other (within ``NEAR_M``: digitised
lines rarely touch), or they cross with no vertex at all. At each such place both are cut. Lines
that cross at different levels are joined as well: no source here tells levels apart.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, pairwise

from .city import Street
from .geometry import XY, Plane, between, crossing, nearest_on

NEAR_M = 8.0
CELL_M = 120.0

_Segment = tuple[int, int, XY, XY]
"""Line, number of the segment in it, its two ends."""

_Cut = tuple[int, float]
"""Number of the segment, share along it."""


def cut_where_they_meet(streets: Sequence[Street], plane: Plane) -> list[Street]:
    """The same streets in pieces that meet at their ends alone."""
    lines = [_welded([plane.metres(point) for point in street.points]) for street in streets]
    cuts = _cuts(lines)
    return [
        replace(street, points=tuple(map(plane.degrees, piece)))
        for index, (street, line) in enumerate(zip(streets, lines, strict=True))
        for piece in _pieces(line, cuts[index])
    ]


def _welded(line: list[XY]) -> list[XY]:
    """Without vertices that repeat the one before."""
    return [line[0], *(b for a, b in pairwise(line) if a != b)]


def _cells(a: XY, b: XY) -> Iterator[tuple[int, int]]:
    """Grid cells that the segment's box, widened by ``NEAR_M``, touches."""
    low = [math.floor((min(p, q) - NEAR_M) / CELL_M) for p, q in zip(a, b, strict=True)]
    high = [math.floor((max(p, q) + NEAR_M) / CELL_M) for p, q in zip(a, b, strict=True)]
    return ((x, y) for x in range(low[0], high[0] + 1) for y in range(low[1], high[1] + 1))


def _cuts(lines: Sequence[Sequence[XY]]) -> dict[int, set[_Cut]]:
    grid: dict[tuple[int, int], list[_Segment]] = defaultdict(list)
    for index, line in enumerate(lines):
        for number, (a, b) in enumerate(pairwise(line)):
            for cell in _cells(a, b):
                grid[cell].append((index, number, a, b))
    cuts: dict[int, set[_Cut]] = defaultdict(set)
    for segments in grid.values():
        for one, other in combinations(segments, 2):
            if one[0] != other[0] and _close(one, other):
                _cut_pair(one, other, lines, cuts)
    return cuts


def _close(one: _Segment, other: _Segment) -> bool:
    """Whether the boxes of two segments come within ``NEAR_M``: the cheap test before the true."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = one[2], one[3], other[2], other[3]
    return (
        min(ax, bx) <= max(cx, dx) + NEAR_M
        and min(cx, dx) <= max(ax, bx) + NEAR_M
        and min(ay, by) <= max(cy, dy) + NEAR_M
        and min(cy, dy) <= max(ay, by) + NEAR_M
    )


def _cut_pair(
    one: _Segment, other: _Segment, lines: Sequence[Sequence[XY]], cuts: dict[int, set[_Cut]]
) -> None:
    found = crossing(one[2], one[3], other[2], other[3])
    if found:
        cuts[one[0]].add((one[1], found[0]))
        cuts[other[0]].add((other[1], found[1]))
    else:
        _cut_at_tips(one, other, lines, cuts)
        _cut_at_tips(other, one, lines, cuts)


def _cut_at_tips(
    ending: _Segment, passed: _Segment, lines: Sequence[Sequence[XY]], cuts: dict[int, set[_Cut]]
) -> None:
    """Cut the passed segment where the other's line ends near it."""
    line, number, a, b = ending
    tips = [a] if number == 0 else []
    if number == len(lines[line]) - 2:
        tips.append(b)
    for tip in tips:
        share = nearest_on(passed[2], passed[3], tip)
        if math.dist(between(passed[2], passed[3], share), tip) <= NEAR_M:
            cuts[passed[0]].add((passed[1], share))


def _pieces(line: Sequence[XY], cuts: Iterable[_Cut]) -> Iterator[list[XY]]:
    """The line in parts; a cut closer than ``NEAR_M`` to the last one, or to an end, is passed."""
    piece = [line[0]]
    done = 0
    for number, share in sorted(cuts):
        where = between(line[number], line[number + 1], share)
        if math.dist(where, line[-1]) < NEAR_M or math.dist(where, piece[0]) < NEAR_M:
            continue
        piece += [*line[done + 1 : number + 1], where]
        yield _welded(piece)
        piece, done = [where], number
    yield _welded([*piece, *line[done + 1 :]])
