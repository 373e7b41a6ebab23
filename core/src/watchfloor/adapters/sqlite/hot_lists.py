"""Hot lists: a few rows about lists, a million rows of entries.

A list's entries are replaced at once, but not in one transaction: a million rows would keep every
other caller waiting for seconds. They are written as a new edition, piece by piece; then one small
transaction makes it the current one; then the old edition is taken away, piece by piece.
"""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

from watchfloor.contracts import NotFound, RetryLater
from watchfloor.ports.store import HotList, HotListEntry

from . import bulk
from .database import Database
from .rows import HOT_LISTS

_PIECE = 10_000
"""Entries written, read or taken away at once: some tens of milliseconds."""
_INSERT = "INSERT INTO hot_list_entry(edition, no, plate, region, reason, expires)"
_NEXT = """
SELECT no, plate, region, reason, expires FROM hot_list_entry
WHERE edition = ? AND no > ? ORDER BY no LIMIT ?
"""
_REMOVE = """
DELETE FROM hot_list_entry WHERE edition = ?1 AND no <
    (SELECT min(no) FROM hot_list_entry WHERE edition = ?1) + ?2
"""
PLACE = 32
"""Bits of an entry's number within its edition, where both are told as one integer."""
_COUNT_DOWN = f"""
UPDATE hot_list SET entries = entries - (
    SELECT count(*) FROM json_each(?) JOIN hot_list_edition e ON e.no = value >> {PLACE}
    WHERE e.current AND e.hot_list = hot_list.id
)
"""
_DROP = f"""
DELETE FROM hot_list_entry WHERE (edition, no) IN
    (SELECT value >> {PLACE}, value & {(1 << PLACE) - 1} FROM json_each(?))
"""


def put(hot_list: HotList, connection: sqlite3.Connection) -> None:
    """Add or change a list; the count of entries is the store's own."""
    row = connection.execute("SELECT entries FROM hot_list WHERE id = ?", (hot_list.id,)).fetchone()
    HOT_LISTS.put(connection, dataclasses.replace(hot_list, entries=row[0] if row else 0))


async def replace(database: Database, hot_list: str, entries: Sequence[HotListEntry]) -> None:
    """All entries of a list at once, in the order given."""
    edition = await database.write(partial(_begin, hot_list))
    for start in range(0, len(entries), _PIECE):
        piece = entries[start : start + _PIECE]
        await database.write(partial(_add, edition, start, piece), weight=len(piece))
    await database.write(partial(_make_current, hot_list, edition))
    while await database.write(partial(_sweep, hot_list), weight=_PIECE):
        pass


def _begin(hot_list: str, connection: sqlite3.Connection) -> int:
    if not HOT_LISTS.select(connection, "WHERE id = ?", (hot_list,)):
        raise NotFound(f"There is no hot list {hot_list}.")
    cursor = connection.execute("INSERT INTO hot_list_edition(hot_list) VALUES (?)", (hot_list,))
    return int(cursor.lastrowid or 0)


def _add(
    edition: int, first: int, entries: Sequence[HotListEntry], connection: sqlite3.Connection
) -> None:
    values = [value for no, entry in enumerate(entries, first) for value in (edition, no, *entry)]
    bulk.insert(connection, _INSERT, 6, values)


def _make_current(hot_list: str, edition: int, connection: sqlite3.Connection) -> None:
    """Editions before this one are done with, those of calls that were cut short too; one after it
    belongs to a later call that is still at work."""
    connection.execute(
        "UPDATE hot_list_edition SET current = (no = ?1) WHERE hot_list = ?2 AND no <= ?1",
        (edition, hot_list),
    )
    connection.execute(
        "UPDATE hot_list SET entries = (SELECT count(*) FROM hot_list_entry WHERE edition = ?)"
        " WHERE id = ?",
        (edition, hot_list),
    )


def _sweep(hot_list: str, connection: sqlite3.Connection) -> bool:
    """Take away a piece of what is older than the current edition; whether there was any."""
    row = connection.execute(
        "SELECT min(no) FROM hot_list_edition WHERE hot_list = ?1 AND no <"
        " (SELECT max(no) FROM hot_list_edition WHERE hot_list = ?1 AND current)",
        (hot_list,),
    ).fetchone()
    if row[0] is None:
        return False
    if connection.execute(_REMOVE, (row[0], _PIECE)).rowcount == 0:
        connection.execute("DELETE FROM hot_list_edition WHERE no = ?", row)
    return True


def drop(connection: sqlite3.Connection, places: str) -> None:
    """Delete entries: a JSON list of ``edition << PLACE | no``."""
    connection.execute(_COUNT_DOWN, (places,))
    connection.execute(_DROP, (places,))


async def entries(
    database: Database, of: str | None
) -> AsyncIterator[tuple[str, Sequence[HotListEntry]]]:
    """Every entry of every list, or of one, a piece at a time. Raises ``RetryLater`` when a list is
    replaced meanwhile: half of the old one and half of the new one are neither."""
    for hot_list, edition in await database.read(partial(_current, of)):
        after = -1
        while piece := await database.read(partial(_piece, edition, after)):
            yield hot_list, [HotListEntry(*entry) for _, *entry in piece]
            after = piece[-1][0]


def _current(of: str | None, connection: sqlite3.Connection) -> list[tuple[str, int]]:
    return connection.execute(
        "SELECT hot_list, no FROM hot_list_edition"
        " WHERE current AND hot_list = coalesce(?, hot_list) ORDER BY hot_list",
        (of,),
    ).fetchall()


def _piece(edition: int, after: int, connection: sqlite3.Connection) -> list[list[Any]]:
    still = connection.execute("SELECT current FROM hot_list_edition WHERE no = ?", (edition,))
    if still.fetchone() != (1,):
        raise RetryLater("A hot list was replaced while it was read.", code="hot_list_changed")
    columns = "no, plate, region, reason, expires"
    return bulk.fetch(connection, columns, _NEXT, (edition, after, _PIECE))
