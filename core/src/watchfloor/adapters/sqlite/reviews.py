"""What waits for a reviewer, what was drawn by lot, and what staff registered."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from watchfloor.contracts import NotFound
from watchfloor.ports.store import (
    Draw,
    Gathering,
    Micros,
    ReviewCounts,
    ReviewItem,
    ReviewListing,
    StaffSubject,
)

from .database import Database
from .rows import Table

_ITEMS = Table(ReviewItem, "review_item", packed=["records"])
_DRAWS = Table(Draw, "review_draw")
_STAFF = Table(StaffSubject, "staff_subject")
_GATHERINGS = Table(Gathering, "gathering")

_LISTINGS: dict[ReviewListing, str] = {
    "waiting": "WHERE verdict IS NULL ORDER BY due, id",
    "overdue": "WHERE verdict IS NULL AND due < :now ORDER BY due, id",
    "signed": "WHERE verdict IS NOT NULL ORDER BY at DESC, id",
}


def _get(connection: sqlite3.Connection, id: str) -> ReviewItem:
    found = _ITEMS.select(connection, "WHERE id = ?", (id,))
    if not found:
        raise NotFound("There is no such review.", code="no_such_review")
    return found[0]


def _put(connection: sqlite3.Connection, items: Sequence[ReviewItem]) -> None:
    for item in items:
        known = _ITEMS.select(connection, "WHERE id = ?", (item.id,))
        if not known:
            _ITEMS.put(connection, item)
        elif known[0].verdict is None:
            fresh = replace(known[0], words=item.words, records=item.records)
            _ITEMS.put(connection, fresh)


def _change(
    connection: sqlite3.Connection, id: str, change: Callable[[ReviewItem], ReviewItem]
) -> ReviewItem:
    changed = change(_get(connection, id))
    _ITEMS.put(connection, changed)
    return changed


def _counts(connection: sqlite3.Connection, now: Micros) -> ReviewCounts:
    row = connection.execute(
        "SELECT count(*) FILTER (WHERE verdict IS NULL),"
        " count(*) FILTER (WHERE verdict IS NULL AND due < ?),"
        " count(*) FILTER (WHERE verdict IS NOT NULL),"
        " min(due) FILTER (WHERE verdict IS NULL) FROM review_item",
        (now,),
    ).fetchone()
    return ReviewCounts(*row)


def _drawn(connection: sqlite3.Connection, draw: Draw, items: Sequence[ReviewItem]) -> None:
    _DRAWS.first(connection, draw)
    _put(connection, items)


def _remove_staff(connection: sqlite3.Connection, id: str, person: str) -> None:
    query = "DELETE FROM staff_subject WHERE id = ? AND person = ?"
    if not connection.execute(query, (id, person)).rowcount:
        raise NotFound("There is no such registration of yours.", code="no_such_staff_subject")


def _remove_gathering(connection: sqlite3.Connection, id: str) -> None:
    if not connection.execute("DELETE FROM gathering WHERE id = ?", (id,)).rowcount:
        raise NotFound("There is no such public event.", code="no_such_gathering")


class SqliteReviews:
    """The ``ReviewBook`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def known(self, ids: Collection[str]) -> set[str]:
        """Which of them there are."""
        query = "SELECT id FROM review_item"
        rows = await self._database.read(lambda c: c.execute(query).fetchall())
        return {row[0] for row in rows} & set(ids)

    async def put(self, items: Sequence[ReviewItem]) -> None:
        """New ones; others brought up to date while nobody has signed them."""
        await self._database.write(lambda c: _put(c, items))

    async def get(self, id: str) -> ReviewItem:
        """Raises ``NotFound``."""
        return await self._database.read(lambda c: _get(c, id))

    async def change(self, id: str, change: Callable[[ReviewItem], ReviewItem]) -> ReviewItem:
        """In one step."""
        return await self._database.write(lambda c: _change(c, id, change))

    async def list(self, which: ReviewListing, now: Micros) -> Sequence[ReviewItem]:
        """By when they are due; signed ones, newest first."""
        rest = _LISTINGS[which].replace(":now", "?")
        values = (now,) if "?" in rest else ()
        return await self._database.read(lambda c: _ITEMS.select(c, rest, values))

    async def counts(self, now: Micros) -> ReviewCounts:
        """How reviews stand."""
        return await self._database.read(lambda c: _counts(c, now))

    async def draw(self, week: str) -> Draw | None:
        """The drawing of a week, once it was."""
        found = await self._database.read(lambda c: _DRAWS.select(c, "WHERE id = ?", (week,)))
        return found[0] if found else None

    async def drawn(self, draw: Draw, items: Sequence[ReviewItem]) -> None:
        """A drawing and what it drew, in one step. Raises ``WatchfloorError`` where its week
        was drawn from already: lots stand."""
        await self._database.write(lambda c: _drawn(c, draw, items))

    async def staff(self) -> Sequence[StaffSubject]:
        """All that staff registered."""
        return await self._database.read(lambda c: _STAFF.select(c))

    async def put_staff(self, subject: StaffSubject) -> None:
        """One more."""
        await self._database.write(lambda c: _STAFF.put(c, subject))

    async def remove_staff(self, id: str, person: str) -> None:
        """One's own. Raises ``NotFound``."""
        await self._database.write(lambda c: _remove_staff(c, id, person))

    async def gatherings(self) -> Sequence[Gathering]:
        """All public events that were registered."""
        return await self._database.read(lambda c: _GATHERINGS.select(c))

    async def put_gathering(self, gathering: Gathering) -> None:
        """Over the one of the same id."""
        await self._database.write(lambda c: _GATHERINGS.put(c, gathering))

    async def remove_gathering(self, id: str) -> None:
        """Raises ``NotFound``."""
        await self._database.write(lambda c: _remove_gathering(c, id))
