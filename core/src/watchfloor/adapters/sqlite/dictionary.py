"""Small numbers for long names: an event's row and its keys hold numbers only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

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
    """The other direction, for readers: names by number, all of them held. Few: sources, event
    types, handling marks, connectors. Numbers that a transaction rolled back are never seen,
    because readers see what is committed only."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}

    def name(self, connection: sqlite3.Connection, no: int) -> str:
        """The name behind a number that stands in a row."""
        name = self._names.get(no)
        if name is None:
            self._names.update(connection.execute("SELECT no, name FROM name"))
            name = self._names[no]
        return name
