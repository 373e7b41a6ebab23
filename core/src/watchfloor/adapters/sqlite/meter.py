"""What questions cost, and what may be spent on them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial

from watchfloor.ports.store import Budget, Charge, Micros, Spent

from .database import Database
from .rows import BUDGETS, CHARGES


def _charge(charge: Charge, since: Micros, connection: sqlite3.Connection) -> bool:
    if not (charge.emergency or _fits(charge, since, connection)):
        return False
    CHARGES.add(connection, charge)
    return True


def _fits(charge: Charge, since: Micros, connection: sqlite3.Connection) -> bool:
    budgets = BUDGETS.select(connection, "WHERE source = ?", (charge.source,))
    if not budgets:
        return True
    budget = budgets[0]
    cents, lookups = connection.execute(
        "SELECT coalesce(sum(cents) FILTER (WHERE currency = ?), 0), count(*)"
        " FROM charge WHERE source = ? AND at >= ?",
        (budget.currency, charge.source, since),
    ).fetchone()
    priced = charge.cents if charge.currency == budget.currency else 0
    return (budget.cents is None or cents + priced <= budget.cents) and (
        budget.lookups is None or lookups < budget.lookups
    )


def _settle(request: str, outcome: str, connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE charge SET outcome = ? WHERE request = ?", (outcome, request))


def _charges(
    since: Micros, limit: int, source: str | None, connection: sqlite3.Connection
) -> Sequence[Charge]:
    where, values = (" AND source = ?", (source,)) if source else ("", ())
    rest = f"WHERE at >= ?{where} ORDER BY id DESC LIMIT ?"
    return CHARGES.select(connection, rest, (since, *values, limit))


def _spent(since: Micros, connection: sqlite3.Connection) -> Mapping[str, Spent]:
    cents: defaultdict[str, dict[str, int]] = defaultdict(dict)
    lookups: defaultdict[str, int] = defaultdict(int)
    rows = connection.execute(
        "SELECT source, currency, sum(cents), count(*) FROM charge"
        " WHERE at >= ? GROUP BY source, currency ORDER BY source, currency",
        (since,),
    )
    for source, currency, sum_, count in rows:
        cents[source][currency] = sum_
        lookups[source] += count
    return {source: Spent(cents[source], lookups[source]) for source in cents}


class SqliteMeter:
    """The ``Meter`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def charge(self, charge: Charge, since: Micros) -> bool:
        """Whether it was counted."""
        return await self._database.write(partial(_charge, charge, since))

    async def settle(self, request: str, outcome: str) -> None:
        """How a question ended."""
        await self._database.write(partial(_settle, request, outcome))

    async def withdraw(self, request: str) -> None:
        """It counts for nothing."""
        await self._database.write(
            lambda c: c.execute("DELETE FROM charge WHERE request = ?", (request,)).rowcount
        )

    async def charges(
        self, since: Micros, limit: int, source: str | None = None
    ) -> Sequence[Charge]:
        """The newest first."""
        return await self._database.read(partial(_charges, since, limit, source))

    async def spent(self, since: Micros) -> Mapping[str, Spent]:
        """By source."""
        return await self._database.read(partial(_spent, since))

    async def budgets(self) -> Sequence[Budget]:
        """By source."""
        return await self._database.read(lambda c: BUDGETS.select(c, "ORDER BY source"))

    async def set_budget(self, budget: Budget) -> None:
        """Over the one before."""
        await self._database.write(lambda c: BUDGETS.put(c, budget))

    async def remove_budget(self, source: str) -> None:
        """Then it may cost what it costs."""
        await self._database.write(
            lambda c: c.execute("DELETE FROM budget WHERE source = ?", (source,)).rowcount
        )
