"""Small numbers for long names: an event's row and its keys hold numbers only."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable

from .bulk import as_json


class Dictionary:
    """One table ``(no INTEGER PRIMARY KEY, name TEXT UNIQUE)`` that only grows.

    Used by the writer's thread alone. What a transaction added is remembered only once that
    transaction stands (``settle``). At most ``remember`` names are held, the oldest forgotten.
    """

    def __init__(self, table: str, remember: int) -> None:
        self._table = table
        self._remember = remember
        self._known: dict[str, int] = {}
        self._added: dict[str, int] = {}

    def numbers(self, connection: sqlite3.Connection, names: Iterable[str]) -> dict[str, int]:
        """The number of each name; new names get new numbers."""
        numbers: dict[str, int] = {}
        missing = set()
        for name in names:
            number = self._known.get(name) or self._added.get(name)
            if number is None:
                missing.add(name)
            else:
                numbers[name] = number
        if missing:
            numbers |= self._look_up(connection, missing)
        return numbers

    def number(self, connection: sqlite3.Connection, name: str) -> int:
        """The number of one name."""
        return self.numbers(connection, (name,))[name]

    def settle(self, stands: bool) -> None:
        """A transaction ended: keep what it added, or forget it."""
        if stands and self._added:
            self._known |= self._added
            while len(self._known) > self._remember:
                del self._known[next(iter(self._known))]
        self._added.clear()

    def _look_up(self, connection: sqlite3.Connection, names: set[str]) -> dict[str, int]:
        wanted = as_json(sorted(names))
        found = dict(
            connection.execute(
                f"SELECT d.name, d.no FROM json_each(?) j"
                f" CROSS JOIN {self._table} d ON d.name = j.value",
                (wanted,),
            )
        )
        if len(found) < len(names):
            new = as_json(sorted(names - found.keys()))
            found |= dict(
                connection.execute(
                    f"INSERT INTO {self._table}(name) SELECT value FROM json_each(?)"
                    " RETURNING name, no",
                    (new,),
                )
            )
        self._added |= found
        return found


class Names:
    """The ``name`` table for readers, both ways and all of it held. Few: sources, event types,
    handling marks, connectors, kinds of key. What a transaction rolled back is never seen here,
    because readers see what is committed only."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._numbers: dict[str, int] = {}

    def name(self, connection: sqlite3.Connection, no: int) -> str:
        """The name behind a number that stands in a row."""
        if no not in self._names:
            self._read(connection)
        return self._names[no]

    def number(self, connection: sqlite3.Connection, name: str) -> int | None:
        """The number of a name; ``None`` when nothing was ever filed under it."""
        return self.numbers(connection, [name]).get(name)

    def numbers(self, connection: sqlite3.Connection, names: Collection[str]) -> dict[str, int]:
        """The numbers of those names that anything was ever filed under."""
        if not self._numbers.keys() >= set(names):
            self._read(connection)
        return {name: self._numbers[name] for name in names if name in self._numbers}

    def _read(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute("SELECT name, no FROM name").fetchall()
        self._numbers.update(rows)
        self._names.update((no, name) for name, no in rows)
