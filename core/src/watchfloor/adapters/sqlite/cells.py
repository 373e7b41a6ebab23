"""The grid that places are filed under: cells of 1/200 degree, about 550 m from north to south.

A cell's number is negative, so that it shares the key index with the dictionary's numbers, which
are positive, without a look-up.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import floor

from watchfloor.contracts import Point
from watchfloor.ports.store import Box

_PER_DEGREE = 200
_COLUMNS = 360 * _PER_DEGREE + 1


def cell(point: Point) -> int:
    """The number of the cell that holds a point."""
    longitude, latitude = point
    return _number(_column(longitude), _row(latitude))


def cells(box: Box) -> Iterator[int]:
    """The numbers of all cells that a box touches."""
    for west, east in spans(box):
        for row in range(_row(box.south), _row(box.north) + 1):
            for column in range(_column(west), _column(east) + 1):
                yield _number(column, row)


def cell_count(box: Box) -> int:
    """How many cells a box touches."""
    rows = _row(box.north) - _row(box.south) + 1
    return rows * sum(_column(east) - _column(west) + 1 for west, east in spans(box))


def spans(box: Box) -> list[tuple[float, float]]:
    """West and east: one pair, or two for a box that crosses the antimeridian (RFC 7946, 5.2)."""
    if box.west <= box.east:
        return [(box.west, box.east)]
    return [(box.west, 180.0), (-180.0, box.east)]


def _column(longitude: float) -> int:
    return floor((longitude + 180) * _PER_DEGREE)


def _row(latitude: float) -> int:
    return floor((latitude + 90) * _PER_DEGREE)


def _number(column: int, row: int) -> int:
    return -(row * _COLUMNS + column) - 1
