"""Receipts of deletion: what was deleted stays known by commitments to its ids, and by them alone.

A step of the purge adds its commitments to the open receipt in the transaction that deletes, so
that a receipt never says more or less than what happened. The frontier of the tree is kept with the
receipt: its root is there the moment it is closed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial
from itertools import takewhile
from typing import NamedTuple

from watchfloor.audit.tree import Range, Tree, leaf_hash
from watchfloor.contracts import NotFound
from watchfloor.ports.store import Deletion, Due, Micros, Receipt, Stream
from watchfloor.retention import LEAF, blind_of, commitment, identity

from .database import Database
from .graves import key, split

MOST = 1 << 18
"""Leaves of one receipt: making a proof hashes them all, which takes less than a second."""
_HASH = 32
_COLUMNS = "no, source, kind, rule, schedule, before, count, oldest, newest, begun, ended, root"


class Gone(NamedTuple):
    """A record that is being deleted: its id, unique within source and class, and its time."""

    id: str
    time: Micros


class _Open(NamedTuple):
    no: int
    size: int
    frontier: Range


def note(connection: sqlite3.Connection, due: Due, gone: Sequence[Gone], now: Micros) -> None:
    """Add what a step deletes to its receipt."""
    source, kind = due.stream
    secret = key(connection)
    records = (identity(source, each.id, kind) for each in gone)
    entries = sorted(commitment(blind_of(secret, record), record) for record in records)
    receipt = _opened(connection, due, now)
    for entry in entries:
        receipt.frontier.add(leaf_hash(entry))
    oldest, newest = min(each.time for each in gone), max(each.time for each in gone)
    connection.execute(
        "INSERT INTO deletion_leaves VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (receipt.no, receipt.size, kind, source, oldest, newest, now, b"".join(entries)),
    )
    connection.execute(
        "UPDATE deletion_receipt SET count = ?, frontier = ?, before = max(before, ?),"
        " oldest = min(oldest, ?), newest = max(newest, ?) WHERE no = ?",
        (
            receipt.size + len(entries), b"".join(receipt.frontier.roots), due.before,
            oldest, newest, receipt.no,
        ),
    )  # fmt: skip
    if receipt.size + len(entries) >= MOST:
        _close(connection, receipt.no, now)


def close_all(connection: sqlite3.Connection, now: Micros) -> list[Receipt]:
    """Give every open receipt its root."""
    found = connection.execute("SELECT no FROM deletion_receipt WHERE root IS NULL").fetchall()
    for (no,) in found:
        _close(connection, no, now)
    return [_get(no, connection) for (no,) in found]


def _opened(connection: sqlite3.Connection, due: Due, now: Micros) -> _Open:
    source, kind = due.stream
    row = connection.execute(
        "SELECT no, count, frontier FROM deletion_receipt"
        " WHERE root IS NULL AND kind = ? AND source = ? AND rule = ? AND schedule = ?",
        (kind, source, due.rule, due.schedule),
    ).fetchone()
    if row is not None:
        return _Open(row[0], row[1], _range(row[1], row[2]))
    no = connection.execute(
        "INSERT INTO deletion_receipt(kind, source, rule, schedule, before, count, oldest, newest,"
        " begun, frontier) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, x'')",
        (kind, source, due.rule, due.schedule, due.before, due.before, -(1 << 62), now),
    ).lastrowid
    return _Open(int(no or 0), 0, Range())


def _close(connection: sqlite3.Connection, no: int, now: Micros) -> None:
    size, frontier = connection.execute(
        "SELECT count, frontier FROM deletion_receipt WHERE no = ?", (no,)
    ).fetchone()
    connection.execute(
        "UPDATE deletion_receipt SET ended = ?, root = ?, frontier = x'' WHERE no = ?",
        (now, _range(size, frontier).root(), no),
    )


def _range(size: int, frontier: bytes) -> Range:
    return Range(size, [frontier[at : at + _HASH] for at in range(0, len(frontier), _HASH)])


# --- Reading ---------------------------------------------------------------------------------


def _receipt(row: Sequence[object]) -> Receipt:
    no, source, kind, *rest = row
    return Receipt(no, Stream(source, kind), *rest)  # type: ignore[arg-type]


def _get(no: int, connection: sqlite3.Connection) -> Receipt:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM deletion_receipt WHERE no = ?", (no,)
    ).fetchone()
    if row is None:
        raise NotFound(f"There is no receipt {no}.", code="no_such_receipt")
    return _receipt(row)


def _list(before: int | None, limit: int, connection: sqlite3.Connection) -> list[Receipt]:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM deletion_receipt WHERE no < ? ORDER BY no DESC LIMIT ?",
        (1 << 62 if before is None else before, limit),
    )
    return [_receipt(row) for row in rows.fetchall()]


def _closed(after: int, connection: sqlite3.Connection) -> list[Receipt]:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM deletion_receipt WHERE no > ? ORDER BY no", (after,)
    )
    receipts = (_receipt(row) for row in rows.fetchall())
    return list(takewhile(lambda receipt: receipt.root is not None, receipts))


def _deletion(
    source: str, id: str, kind: str | None, connection: sqlite3.Connection
) -> Deletion | None:
    secret = connection.execute("SELECT key FROM deletion_key").fetchone()
    if secret is None:
        return None
    record = identity(source, id, kind)
    blind = blind_of(secret[0], record)
    leaf = commitment(blind, record)
    rows = connection.execute(
        "SELECT l.receipt, l.first, l.at, l.entries FROM deletion_leaves l"
        " JOIN deletion_receipt r ON r.no = l.receipt"
        " WHERE l.source = ? AND instr(l.entries, ?) > 0 AND r.root IS NOT NULL"
        " ORDER BY l.receipt DESC",
        (source, leaf),
    )
    for no, first, at, entries in rows.fetchall():
        place = _place(entries, leaf)
        if place is not None:
            index = first + place
            return Deletion(_get(no, connection), at, index, blind, _path(connection, no, index))
    return None


def _place(entries: bytes, leaf: bytes) -> int | None:
    """Which of the commitments it is; ``None`` where the bytes only straddle two."""
    at = -1
    while (at := entries.find(leaf, at + 1)) >= 0:
        if at % LEAF == 0:
            return at // LEAF
    return None


class _InMemory:
    """Hashes of a tree that is made to read one path off it."""

    def __init__(self) -> None:
        self._hashes = bytearray()

    def __len__(self) -> int:
        return len(self._hashes) // _HASH

    def read(self, place: int) -> bytes:
        return bytes(self._hashes[place * _HASH : (place + 1) * _HASH])

    def append(self, hashes: bytes) -> None:
        self._hashes += hashes

    def cut(self, length: int) -> None:
        del self._hashes[length * _HASH :]

    def sync(self) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nothing is open."""


def _path(connection: sqlite3.Connection, no: int, index: int) -> tuple[bytes, ...]:
    tree = Tree(_InMemory())
    rows = connection.execute(
        "SELECT entries FROM deletion_leaves WHERE receipt = ? ORDER BY first", (no,)
    )
    for (entries,) in rows.fetchall():
        tree.add(leaf_hash(entry) for entry in split(entries))
    return tuple(tree.inclusion(index, tree.size))


class SqliteReceipts:
    """The ``Receipts`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, before: int | None, limit: int) -> Sequence[Receipt]:
        """Newest first."""
        return await self._database.read(partial(_list, before, limit))

    async def get(self, no: int) -> Receipt:
        """Raises ``NotFound``."""
        return await self._database.read(partial(_get, no))

    async def closed(self, after: int) -> Sequence[Receipt]:
        """Those with a root and a higher number, in order, up to the first that is open."""
        return await self._database.read(partial(_closed, after))

    async def deletion(self, source: str, id: str, kind: str | None = None) -> Deletion | None:
        """How a record was deleted; ``None`` for one that no finished receipt holds."""
        return await self._database.read(partial(_deletion, source, id, kind))
