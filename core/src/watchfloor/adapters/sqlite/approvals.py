"""What takes two people, who asked and who answered."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace

from watchfloor.contracts import NotFound
from watchfloor.ports.store import Approval, Micros

from .database import Database
from .rows import Table

_APPROVALS = Table(Approval, "approval")


def _get(connection: sqlite3.Connection, id: str) -> Approval:
    found = _APPROVALS.select(connection, "WHERE id = ?", (id,))
    if not found:
        raise NotFound("There is no such approval.", code="no_such_approval")
    return found[0]


def _add(connection: sqlite3.Connection, approval: Approval, now: Micros) -> Approval:
    waiting = _APPROVALS.select(
        connection,
        "WHERE asked_by = ? AND digest = ? AND answer IS NULL AND expires > ?",
        (approval.asked_by, approval.digest, now),
    )
    if waiting:
        return waiting[0]
    _APPROVALS.put(connection, approval)
    return approval


def _change(
    connection: sqlite3.Connection, id: str, change: Callable[[Approval], Approval]
) -> Approval:
    changed = change(_get(connection, id))
    _APPROVALS.put(connection, changed)
    return changed


def _answered(
    connection: sqlite3.Connection, asked_by: str, digest: str, now: Micros
) -> Approval | None:
    rest = (
        "WHERE asked_by = ? AND digest = ? AND answer IN ('granted', 'overridden')"
        " AND expires > ? AND used IS NULL ORDER BY answered DESC LIMIT 1"
    )
    found = _APPROVALS.select(connection, rest, (asked_by, digest, now))
    return found[0] if found else None


def _use(
    connection: sqlite3.Connection, asked_by: str, digest: str, now: Micros
) -> Approval | None:
    if (found := _answered(connection, asked_by, digest, now)) is None:
        return None
    return _change(connection, found.id, lambda kept: replace(kept, used=now))


class SqliteApprovals:
    """The ``ApprovalBook`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, approval: Approval, now: Micros) -> Approval:
        """A new one, or the one that waits already."""
        return await self._database.write(lambda c: _add(c, approval, now))

    async def get(self, id: str) -> Approval:
        """Raises ``NotFound``."""
        return await self._database.read(lambda c: _get(c, id))

    async def change(self, id: str, change: Callable[[Approval], Approval]) -> Approval:
        """In one step."""
        return await self._database.write(lambda c: _change(c, id, change))

    async def waiting(self, now: Micros) -> Sequence[Approval]:
        """Not answered and not void, oldest first."""
        rest = "WHERE answer IS NULL AND expires > ? ORDER BY asked, id"
        return await self._database.read(lambda c: _APPROVALS.select(c, rest, (now,)))

    async def answered(self, asked_by: str, digest: str, now: Micros) -> Approval | None:
        """What opens exactly this for this person now."""
        return await self._database.read(lambda c: _answered(c, asked_by, digest, now))

    async def use(self, asked_by: str, digest: str, now: Micros) -> Approval | None:
        """The same, used up by this."""
        return await self._database.write(lambda c: _use(c, asked_by, digest, now))
