"""Rows of the ``event`` table as the ports' ``RecordedEvent``."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import chain
from typing import Any

from watchfloor.contracts import Point
from watchfloor.ports.store import COUNTED, RecordedEvent, Seq, Tally, Touched

from . import bulk
from .dictionary import Names
from .keys import pairs, unpacked

_PLACE = "iif(lon IS NULL, NULL, printf('%!.17g %!.17g', lon, lat))"
"""Seventeen digits bring a double back exactly; JSON's fifteen would not."""
_COLUMNS = (
    "seq, source_no, id, type_no, subject, time, observed, recorded,"
    f" {_PLACE}, handling_no, keys, hex(body)"
)
_BY_SEQS = "SELECT e.* FROM json_each(?) j CROSS JOIN event e ON e.seq = j.value"
_IS_COUNTED = " OR ".join(f"instr(keys, '\"{kind}:')" for kind in COUNTED)
_GROUPS = f"""
SELECT source_no, type_no, {{lon}} AS lon, {{lat}} AS lat, count(*) AS events,
    '[' || ifnull(group_concat(iif({_IS_COUNTED}, keys, NULL)), '') || ']' AS keys
FROM ({_BY_SEQS}) GROUP BY 1, 2, 3, 4
"""
"""Searches wait for it, so no row is made for an event, no place is written out for each, and a key
that does not count is not read."""


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
) -> Tally:
    """What these events, newest first, are counted by; their places only where these are asked
    for."""
    if not seqs:
        return Tally()
    lon, lat = ("lon", "lat") if placed else ("NULL", "NULL")
    query = _GROUPS.format(lon=lon, lat=lat)
    columns = f"source_no, type_no, {_PLACE}, events, json(keys)"
    groups = [
        Touched(
            names.name(connection, source_no),
            names.name(connection, type_no),
            _point(place) if place else None,
            events,
            [key for key in pairs(chain.from_iterable(keys)) if key[0] in COUNTED],
        )
        for source_no, type_no, place, events, keys in bulk.fetch(
            connection, columns, query, (bulk.as_json(seqs),)
        )
    ]
    [oldest] = connection.execute("SELECT time, seq FROM event WHERE seq = ?", (seqs[-1],))
    return Tally(groups, oldest, seqs)


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
