"""What events are filed under: their identity keys, and the grid cell of their place.

``event_key (kind_no, value, time, seq)`` holds both, newest last within each value, so that one
look finds the events of a plate or of a cell in the order of time. Values stand there as they are:
giving each a number first would cost another two trees to keep on the way in.

The event's row holds its keys as well (``["plate:ZZT1234", …]``): the index can be made anew
from it, and a pattern too common for the index is tested on the row.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from watchfloor.contracts import Key
from watchfloor.ports.store import NewEvent, Seq

from . import bulk
from .cells import cell
from .dictionary import Dictionary
from .fresh_keys import Filed, FreshKeys

CELL = 0
"""The kind number of grid cells. Those of keys come from the ``name`` table and start at 1."""

_UNFILED = """
SELECT seq, time, keys, lon, lat FROM event
WHERE seq > max(?, (SELECT filed FROM head)) ORDER BY seq LIMIT 4096
"""
_UNFILED_COLUMNS = "seq, time, keys, printf('%!.17g', lon), printf('%!.17g', lat), lon IS NOT NULL"


def file(
    numbers: Mapping[str, int], fresh: FreshKeys, events: Sequence[NewEvent], first: Seq
) -> None:
    """File events that are recorded from position ``first`` on. ``numbers`` are those of the kinds
    of key."""
    filed: list[Filed] = []
    for seq, event in enumerate(events, first):
        candidate = (event.time, seq)
        filed += [(numbers[kind], value, candidate) for kind, value in event.keys]
        if event.point is not None:
            filed.append((CELL, cell(event.point), candidate))
    fresh.add(filed, len(events), first + len(events) - 1)


def packed(keys: Sequence[Key]) -> str | None:
    """An event's keys as its row holds them."""
    if not keys:
        return None
    return msgspec.json.encode([f"{kind}:{value}" for kind, value in keys]).decode()


def unpacked(packed: str | None) -> tuple[Key, ...]:
    """The other way."""
    if packed is None:
        return ()
    return tuple(pairs(msgspec.json.decode(packed)))


def pairs(packed: Iterable[str]) -> Iterator[Key]:
    """The keys behind some that are packed one by one."""
    return ((kind, value) for kind, _, value in (key.partition(":") for key in packed))


def remember(connection: sqlite3.Connection, kinds: Dictionary, fresh: FreshKeys) -> None:
    """Fill ``fresh`` with the keys of events that the last run left unfiled."""
    last = 0
    while rows := bulk.fetch(connection, _UNFILED_COLUMNS, _UNFILED, (last,)):
        filed: list[Filed] = []
        for seq, time, keys, lon, lat, placed in rows:
            for kind, value in unpacked(keys):
                filed.append((kinds.number(connection, kind), value, (time, seq)))
            if placed:
                filed.append((CELL, cell((float(lon), float(lat))), (time, seq)))
        last = rows[-1][0]
        fresh.add(filed, len(rows), last)
        fresh.settle(True)
