"""Criminal intelligence: tables of its own, which nothing else reads or writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial

from watchfloor.contracts import NotFound
from watchfloor.ports.store import (
    Dissemination,
    IntelNotice,
    IntelRecord,
    IntelReview,
    Micros,
)

from .database import Database
from .rows import Table

RECORDS = Table(IntelRecord, "intel_record")
REVIEWS = Table(IntelReview, "intel_review")
RELEASES = Table(Dissemination, "intel_dissemination")
NOTICES = Table(IntelNotice, "intel_notice")


def _get(id: str, connection: sqlite3.Connection) -> IntelRecord:
    found = RECORDS.select(connection, "WHERE id = ?", (id,))
    if not found:
        raise NotFound(f"There is no intelligence record {id!r}.", code="no_such_intel")
    return found[0]


def _releases(id: str, connection: sqlite3.Connection) -> list[Dissemination]:
    return RELEASES.select(connection, "WHERE record = ? ORDER BY id", (id,))


def _owe(connection: sqlite3.Connection, id: str, kind: str, words: str, at: Micros) -> int:
    """A notice for every release that was recorded."""
    releases = _releases(id, connection)
    for each in releases:
        notice = IntelNotice(0, each.id, id, each.address, kind, words, at)  # type: ignore[arg-type]
        NOTICES.add(connection, notice)
    return len(releases)


def _correct(
    id: str,
    change: Callable[[IntelRecord], IntelRecord],
    words: str,
    at: Micros,
    connection: sqlite3.Connection,
) -> int:
    RECORDS.put(connection, change(_get(id, connection)))
    return _owe(connection, id, "corrected", words, at)


def _review(review: IntelReview, connection: sqlite3.Connection) -> None:
    record = _get(review.record, connection)
    record.review_by = review.review_by
    RECORDS.put(connection, record)
    REVIEWS.add(connection, review)


def _release(dissemination: Dissemination, connection: sqlite3.Connection) -> int:
    _get(dissemination.record, connection)
    return RELEASES.add(connection, dissemination)


def _purge(id: str, words: str, at: Micros, connection: sqlite3.Connection) -> int:
    _get(id, connection)
    connection.execute("PRAGMA secure_delete = ON").fetchall()
    RECORDS.remove(connection, id)
    connection.execute("DELETE FROM intel_review WHERE record = ?", (id,))
    connection.execute("PRAGMA secure_delete = FAST").fetchall()
    return _owe(connection, id, "purged", words, at)


class SqliteCriminalIntel:
    """The ``CriminalIntel`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def enter(self, record: IntelRecord) -> None:
        """Add a new record."""
        await self._database.write(lambda c: RECORDS.put(c, record))

    async def get(self, id: str) -> IntelRecord:
        """Raises ``NotFound``."""
        return await self._database.read(partial(_get, id))

    async def all(self) -> Sequence[IntelRecord]:
        """By id."""
        return await self._database.read(lambda c: RECORDS.select(c))

    async def correct(
        self, id: str, change: Callable[[IntelRecord], IntelRecord], words: str, at: Micros
    ) -> int:
        """Put what ``change`` makes of it in its place, and owe every recipient a notice."""
        return await self._database.write(partial(_correct, id, change, words, at))

    async def review(self, review: IntelReview) -> None:
        """Note the review and move the record's ``review_by``."""
        await self._database.write(partial(_review, review))

    async def reviews(self, id: str) -> Sequence[IntelReview]:
        """A record's reviews, oldest first."""
        return await self._database.read(
            lambda c: REVIEWS.select(c, "WHERE record = ? ORDER BY id", (id,))
        )

    async def release(self, dissemination: Dissemination) -> int:
        """Note a release before it is made; its number."""
        return await self._database.write(partial(_release, dissemination))

    async def releases(self, id: str) -> Sequence[Dissemination]:
        """A record's releases, oldest first; those of a purged record stay."""
        return await self._database.read(partial(_releases, id))

    async def purge(self, id: str, words: str, at: Micros) -> int:
        """Delete the record and its reviews, and owe every recipient a notice; how many."""
        return await self._database.write(partial(_purge, id, words, at))

    async def notices(self, limit: int) -> Sequence[IntelNotice]:
        """Those not sent yet, oldest first."""
        return await self._database.read(
            lambda c: NOTICES.select(c, "WHERE sent IS NULL ORDER BY id LIMIT ?", (limit,))
        )

    async def sent(self, notice: int, at: Micros) -> None:
        """A notice is with its recipient."""
        await self._database.write(
            lambda c: (
                c.execute("UPDATE intel_notice SET sent = ? WHERE id = ?", (at, notice)).rowcount
            )
        )
