"""Hot lists: a few rows about lists, a million rows of entries."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import AsyncIterator, Sequence
from functools import partial

from watchfloor.contracts import NotFound
from watchfloor.ports.store import HotList, HotListEntry

from .bulk import insert
from .database import Database
from .rows import HOT_LISTS

_CHUNK = 20_000
_INSERT = "INSERT OR REPLACE INTO hot_list_entry(hot_list, plate, region, reason, expires)"
_NEXT = """
SELECT hot_list, plate, region, reason, expires FROM hot_list_entry
WHERE (hot_list, plate, region) > (?, ?, ?) ORDER BY hot_list, plate, region LIMIT ?
"""


def put(hot_list: HotList, connection: sqlite3.Connection) -> None:
    """Add or change a list; the count of entries is the store's own."""
    count = _count(connection, hot_list.id)
    HOT_LISTS.put(connection, dataclasses.replace(hot_list, entries=count))


def replace(hot_list: str, entries: Sequence[HotListEntry], connection: sqlite3.Connection) -> None:
    """All entries of a list at once. A plate and region named twice counts once, the last."""
    if not HOT_LISTS.select(connection, "WHERE id = ?", (hot_list,)):
        raise NotFound(f"There is no hot list {hot_list}.")
    connection.execute("DELETE FROM hot_list_entry WHERE hot_list = ?", (hot_list,))
    for start in range(0, len(entries), _CHUNK):
        chunk = entries[start : start + _CHUNK]
        values = [
            value
            for plate, region, reason, expires in chunk
            for value in (hot_list, plate, region or "", reason, expires)
        ]
        insert(connection, _INSERT, 5, values)
    count = _count(connection, hot_list)
    connection.execute("UPDATE hot_list SET entries = ? WHERE id = ?", (count, hot_list))


def _count(connection: sqlite3.Connection, hot_list: str) -> int:
    row = connection.execute(
        "SELECT count(*) FROM hot_list_entry WHERE hot_list = ?", (hot_list,)
    ).fetchone()
    return int(row[0])


async def entries(database: Database) -> AsyncIterator[tuple[str, Sequence[HotListEntry]]]:
    """Every entry of every list, in chunks that hold entries of one list each."""
    after = ("", "", "")
    while chunk := await database.read(partial(_chunk, after)):
        for hot_list in dict.fromkeys(row[0] for row in chunk):
            yield hot_list, [_entry(row) for row in chunk if row[0] == hot_list]
        after = chunk[-1][:3]


Row = tuple[str, str, str, str | None, int | None]


def _chunk(after: tuple[str, str, str], connection: sqlite3.Connection) -> list[Row]:
    return connection.execute(_NEXT, (*after, _CHUNK)).fetchall()


def _entry(row: Row) -> HotListEntry:
    _, plate, region, reason, expires = row
    return HotListEntry(plate, region or None, reason, expires)
