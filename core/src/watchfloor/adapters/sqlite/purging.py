"""The purge: small steps through the one writer, each whole or not at all."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from watchfloor.ports.store import Cursor, Due, Purged, Receipt, Seq, Stream

from . import purging_events, purging_records, receipts
from .connection import connect_writer
from .database import Database
from .media import SqliteMedia

_STREAMS = """
SELECT s.name, t.name FROM stream JOIN name s ON s.no = source_no JOIN name t ON t.no = type_no
"""
_COUNT = """
SELECT count(*) FROM (SELECT 1 FROM event INDEXED BY event_stream
WHERE source_no = ? AND type_no = ? AND time < ? LIMIT ?)
"""
_MERGE_PAGES = 64
"""Pages of a text index that one step writes anew: some ten milliseconds."""


def _streams(connection: sqlite3.Connection) -> list[Stream]:
    events = [Stream(*row) for row in connection.execute(_STREAMS).fetchall()]
    return [*events, *purging_records.streams(connection)]


def _count(database: Database, due: Due, at_most: int, connection: sqlite3.Connection) -> int:
    if due.stream.kind in purging_records.REGISTERS:
        return purging_records.count(due, at_most, connection)
    number = partial(database.names.number, connection)
    found: int = connection.execute(
        _COUNT, (number(due.stream.source), number(due.stream.kind), due.before, at_most)
    ).fetchone()[0]
    return found


def _step(
    database: Database, due: Due, after: Cursor | None, limit: int, connection: sqlite3.Connection
) -> Purged:
    records = due.stream.kind in purging_records.REGISTERS
    step = purging_records.step if records else purging_events.step
    with _written_over(connection):
        return step(database, due, after, limit, connection)


@contextmanager
def _written_over(connection: sqlite3.Connection) -> Iterator[None]:
    """What is deleted meanwhile is written over also where a whole page becomes free; elsewhere the
    store spares itself that."""
    connection.execute("PRAGMA secure_delete = ON").fetchall()
    try:
        yield
    finally:
        connection.execute("PRAGMA secure_delete = FAST").fetchall()


def _strike(alerts: Sequence[int], connection: sqlite3.Connection) -> None:
    with _written_over(connection):
        purging_records.strike(connection, alerts)


def _is_behind(head: Seq, connection: sqlite3.Connection) -> bool:
    row = connection.execute("SELECT min(filed, listed) < ? FROM head", (head,)).fetchone()
    return bool(row[0])


def _merge(connection: sqlite3.Connection) -> bool:
    """FTS5 marks what is deleted and drops it when its segments are merged ("The 'merge'
    Command", sqlite.org/fts5.html): fewer than two changes mean that nothing is left to merge."""
    more = False
    for table in ("event_fts", "key_fts"):
        before = connection.total_changes
        connection.execute(
            f"INSERT INTO {table}({table}, rank) VALUES ('merge', ?)", (-_MERGE_PAGES,)
        )
        more = more or connection.total_changes - before >= 2
    return more


_AT_ONCE = 200
"""Alerts that are struck in one step."""
_PATIENCE_MS = 100
QUIET_S = 0.25
"""Where somebody always searches, the purge goes on after this all the same."""


def _empty_wal(path: Path) -> None:
    """The WAL holds what was deleted until it is written over. Where somebody reads at this moment
    that stays so; the next run tries again."""
    with closing(connect_writer(path)) as connection:
        connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}").fetchall()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


class SqlitePurging:
    """The ``Purging`` port."""

    def __init__(self, database: Database, media: SqliteMedia) -> None:
        self._database = database
        self._media = media

    async def streams(self) -> Sequence[Stream]:
        """All that there is of events and of records."""
        return await self._database.read(_streams)

    async def settle(self) -> None:
        """Bring the indexes up to what is recorded now."""
        head = await self._database.read(lambda c: c.execute("SELECT seq FROM head").fetchone()[0])
        while await self._database.read(partial(_is_behind, head)):
            await self._database.write(lambda c: self._database.chores(c, idle=True))

    async def due(self, due: Due, at_most: int) -> int:
        """How many records have passed the limit, held ones among them."""
        return await self._database.read(partial(_count, self._database, due, at_most))

    async def quiet(self) -> None:
        """Let searches that are under way end first, within bounds."""
        await self._database.quiet(QUIET_S)

    async def step(self, due: Due, after: Cursor | None, limit: int) -> Purged:
        """Look at the next due records, oldest first, and delete those not held."""
        work = partial(_step, self._database, due, after, limit)
        return await self._database.write(work, weight=limit)

    async def finish(self) -> Sequence[Receipt]:
        """Close the receipts that are open, delete the files that no record names any more, and
        strike what alerts say of events that are all gone."""
        await self._media.bury()
        bare = await self._database.read(purging_records.bare_alerts)
        for start in range(0, len(bare), _AT_ONCE):
            await self._database.write(partial(_strike, bare[start : start + _AT_ONCE]))
        now = self._database.clock.now()
        closed = await self._database.write(lambda c: receipts.close_all(c, now))
        await asyncio.to_thread(_empty_wal, self._database.path)
        return closed

    async def compact(self) -> bool:
        """A step of writing the text indexes anew without what was deleted."""
        return await self._database.write(_merge)
