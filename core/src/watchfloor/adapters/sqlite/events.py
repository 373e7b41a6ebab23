"""Rows of the ``event`` table as the ports' ``RecordedEvent``."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from watchfloor.contracts import Point
from watchfloor.ports.store import RecordedEvent, Seq, Touched

from . import bulk
from .dictionary import Names
from .keys import unpacked

_PLACE = "iif(lon IS NULL, NULL, printf('%!.17g %!.17g', lon, lat))"
"""Seventeen digits bring a double back exactly; JSON's fifteen would not."""
_COLUMNS = (
    "seq, source_no, id, type_no, subject, time, observed, recorded,"
    f" {_PLACE}, handling_no, keys, hex(body)"
)
_COUNTED_BY = "seq, time, source_no << 32 | type_no, {place}, keys"
"""One number for both: a column more takes a tenth longer, and searches wait for it."""
_BY_SEQS = "SELECT e.* FROM json_each(?) j CROSS JOIN event e ON e.seq = j.value"


def select(
    connection: sqlite3.Connection, names: Names, query: str, values: Sequence[object]
) -> list[RecordedEvent]:
    """Events that a query of whole ``event`` rows answers, in its order."""
    rows = bulk.fetch(connection, _COLUMNS, query, values)
    return [_event(connection, names, row) for row in rows]


def by_seqs(
    connection: sqlite3.Connection, names: Names, seqs: Sequence[Seq]
) -> list[RecordedEvent]:
    """These events, in the order given. Those that there are."""
    found = {
        event.seq: event for event in select(connection, names, _BY_SEQS, (bulk.as_json(seqs),))
    }
    return [found[seq] for seq in seqs if seq in found]


def touched(
    connection: sqlite3.Connection, names: Names, seqs: Sequence[Seq], *, placed: bool
) -> list[Touched]:
    """What these events are counted by, in the order given; their places only where these are asked
    for, since seventeen digits are slow to write."""
    if not seqs:
        return []
    columns = _COUNTED_BY.format(place=_PLACE if placed else "NULL")
    rows = bulk.fetch(connection, columns, _BY_SEQS, (bulk.as_json(seqs),))
    named = {
        both: (names.name(connection, both >> 32), names.name(connection, both & 0xFFFF_FFFF))
        for both in {row[2] for row in rows}
    }
    found = {
        seq: Touched(
            seq, time, *named[both], _point(place) if place else None, unpacked(keys)
        )
        for seq, time, both, place, keys in rows
    }  # fmt: skip
    return [found[seq] for seq in seqs if seq in found]


def _event(connection: sqlite3.Connection, names: Names, row: list[Any]) -> RecordedEvent:
    (seq, source_no, identity, type_no, subject, time, observed, at, place, handling_no, keys,
     body) = row  # fmt: skip
    return RecordedEvent(
        seq,
        names.name(connection, source_no),
        identity,
        names.name(connection, type_no),
        subject,
        time,
        observed,
        at,
        _point(place) if place else None,
        names.name(connection, handling_no),
        unpacked(keys),
        bytes.fromhex(body),
    )


def _point(place: str) -> Point:
    longitude, _, latitude = place.partition(" ")
    return float(longitude), float(latitude)
