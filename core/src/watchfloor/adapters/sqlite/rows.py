"""The small tables that people edit (``tables.py``), as rows of the ports' own classes.

Column names are field names.
"""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import msgspec

from watchfloor.ports.store import (
    Alert,
    Budget,
    Channel,
    Charge,
    Deed,
    HotList,
    Instance,
    Lease,
    Outgoing,
    Rule,
    Term,
)

R = TypeVar("R")


class Table(Generic[R]):
    """One table and its class. ``packed`` columns are kept as JSON, ``flags`` as 0 and 1."""

    def __init__(
        self, row: type[R], name: str, packed: Sequence[str] = (), flags: Sequence[str] = ()
    ) -> None:
        self._row = row
        self._name = name
        self._columns = [field.name for field in dataclasses.fields(row)]  # type: ignore[arg-type]
        self._packed = frozenset(packed)
        self._flags = frozenset(flags)

    def put(self, connection: sqlite3.Connection, row: R) -> None:
        """Write a row over the one with the same id."""
        self._insert(connection, "INSERT OR REPLACE", self._columns, row)

    def add(self, connection: sqlite3.Connection, row: R) -> int:
        """Write a new row, whatever its id says; the id it got."""
        return self._insert(connection, "INSERT", self._columns[1:], row)

    def first(self, connection: sqlite3.Connection, row: R) -> None:
        """Write a row that nothing may be written over. Raises ``sqlite3.IntegrityError`` where its
        id is taken."""
        self._insert(connection, "INSERT", self._columns, row)

    def select(
        self,
        connection: sqlite3.Connection,
        rest: str = "ORDER BY id",
        values: Sequence[object] = (),
    ) -> list[R]:
        """Rows. ``rest`` is the statement after ``FROM table``."""
        found = connection.execute(
            f"SELECT {', '.join(self._columns)} FROM {self._name} {rest}", values
        )
        return [self._read(values) for values in found.fetchall()]

    def remove(self, connection: sqlite3.Connection, id: str) -> None:
        """Delete a row; one that is not there is gone already."""
        connection.execute(f"DELETE FROM {self._name} WHERE id = ?", (id,))

    def _insert(
        self, connection: sqlite3.Connection, verb: str, columns: Sequence[str], row: R
    ) -> int:
        marks = ", ".join("?" * len(columns))
        cursor = connection.execute(
            f"{verb} INTO {self._name}({', '.join(columns)}) VALUES ({marks})",
            [self._written(row, column) for column in columns],
        )
        return int(cursor.lastrowid or 0)

    def _written(self, row: R, column: str) -> Any:
        value = getattr(row, column)
        if column in self._packed and value is not None:
            return msgspec.json.encode(value).decode()
        return value

    def _read(self, values: Sequence[Any]) -> R:
        fields = dict(zip(self._columns, values, strict=True))
        for name in self._packed:
            if fields[name] is not None:
                fields[name] = msgspec.json.decode(fields[name])
        if fields.get("point"):
            fields["point"] = tuple(fields["point"])  # JSON has no tuples
        for name in self._flags:
            fields[name] = bool(fields[name])
        return self._row(**fields)


INSTANCES = Table(Instance, "instance", packed=["config"], flags=["enabled", "synthetic"])
RULES = Table(Rule, "rule", flags=["enabled"])
HOT_LISTS = Table(HotList, "hot_list", flags=["share_unverified"])
CHANNELS = Table(Channel, "channel", flags=["include_details", "enabled"])
ALERTS = Table(Alert, "alert", packed=["point", "events", "sources", "history"])
OUTGOING = Table(Outgoing, "outgoing")
DEEDS = Table(Deed, "deed", packed=["parameters"])
LEASES = Table(Lease, "lease")
TERMS = Table(Term, "credential_term")
CHARGES = Table(Charge, "charge", flags=["emergency"])
BUDGETS = Table(Budget, "budget")
