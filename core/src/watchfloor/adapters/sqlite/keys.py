"""What events are filed under: their identity keys, and the grid cell of their place.

``event_key (kind_no, value, time, seq)`` holds both, newest last within each value, so that one
look finds the events of a plate or of a cell in the order of time. Values stand there as they are:
giving each a number first would cost another two trees to keep on the way in.

The event's row holds its keys as well (``["plate:ZZT1234", …]``): the index can be made anew
from it, and a pattern too common for the index is tested on the row.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import chain

import msgspec

from watchfloor.contracts import Key
from watchfloor.ports.store import NewEvent, Seq

from . import bulk
from .cells import cell
from .dictionary import Dictionary

CELL = 0
"""The kind number of grid cells. Those of keys come from the ``name`` table and start at 1."""

_INSERT = "INSERT OR IGNORE INTO event_key(kind_no, value, time, seq)"


def file(
    connection: sqlite3.Connection, kinds: Dictionary, events: Sequence[NewEvent], first: Seq
) -> None:
    """File events that are recorded from position ``first`` on."""
    numbers = kinds.numbers(connection, {kind for event in events for kind, _ in event.keys})
    rows: list[tuple[int, str | int, int, int]] = []
    for seq, event in enumerate(events, first):
        time = event.time
        rows += [(numbers[kind], value, time, seq) for kind, value in event.keys]
        if event.point is not None:
            rows.append((CELL, cell(event.point), time, seq))
    bulk.insert(connection, _INSERT, 4, list(chain.from_iterable(rows)))


def packed(keys: Sequence[Key]) -> str | None:
    """An event's keys as its row holds them."""
    if not keys:
        return None
    return msgspec.json.encode([f"{kind}:{value}" for kind, value in keys]).decode()
