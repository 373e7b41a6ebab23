"""Alerts, what raises them and what is owed because of them."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import AsyncIterator, Sequence
from functools import partial

from watchfloor.contracts import KINDS, NotFound, strictest
from watchfloor.ports.store import (
    EVERYTHING,
    ONE_PARTY,
    Alert,
    Channel,
    HotList,
    HotListEntry,
    Micros,
    NewOutgoing,
    Outgoing,
    Parties,
    Rule,
    Scope,
    Seq,
    parties_of,
)

from . import hot_lists
from .bulk import as_json
from .database import Database
from .log import advance, position
from .rows import ALERTS, CHANNELS, HOT_LISTS, OUTGOING, RULES


def _raise(
    database: Database,
    consumer: str,
    to: Seq,
    alerts: Sequence[Alert],
    owed: Sequence[Sequence[NewOutgoing]],
    parties: Parties,
    connection: sqlite3.Connection,
) -> list[Alert]:
    """Position and alerts together: a call made twice raises nothing the second time."""
    if to <= position(connection, consumer):
        return []
    advance(connection, consumer, to)
    now = database.clock.now()
    return [
        _raise_one(connection, alert, dues, parties, now)
        for alert, dues in zip(alerts, owed, strict=True)
    ]


def _raise_one(
    connection: sqlite3.Connection,
    alert: Alert,
    owed: Sequence[NewOutgoing],
    parties: Parties,
    now: Micros,
) -> Alert:
    opened = _open_twin(connection, alert, parties)
    if opened is not None:
        counted = _count_up(opened, alert)
        ALERTS.put(connection, counted)
        return counted
    added = dataclasses.replace(alert, id=ALERTS.add(connection, alert))
    _owe(connection, added.id, owed, now)
    return added


def _open_twin(connection: sqlite3.Connection, alert: Alert, parties: Parties) -> Alert | None:
    if not alert.dedupe:
        return None
    rest = "WHERE dedupe = ? AND state != 'closed' ORDER BY id DESC"
    of = parties_of(alert.sources, parties)
    twins = ALERTS.select(connection, rest, (alert.dedupe,))
    return next((twin for twin in twins if parties_of(twin.sources, parties) == of), None)


def _count_up(opened: Alert, again: Alert) -> Alert:
    return dataclasses.replace(
        opened,
        title=again.title,
        reason=again.reason,
        occurred=again.occurred,
        point=again.point,
        events=opened.events + [seq for seq in again.events if seq not in opened.events],
        history=opened.history + again.history,
        handling=strictest(opened.handling, again.handling),
        sources=opened.sources + [name for name in again.sources if name not in opened.sources],
        count=opened.count + 1,
    )


def _owe(
    connection: sqlite3.Connection, alert: int, owed: Sequence[NewOutgoing], now: Micros
) -> None:
    for due in owed:
        of = alert if due.alert is None else due.alert
        OUTGOING.add(connection, Outgoing(0, due.channel, of, due.body, now, 0, now, "waiting"))


_OPENED = (
    "kind NOT IN (SELECT value FROM json_each(?))"
    " AND handling NOT IN (SELECT value FROM json_each(?)) AND ?"
    " AND NOT EXISTS (SELECT 1 FROM json_each(alert.sources) AS its"
    " WHERE its.value IN (SELECT value FROM json_each(?))"
    " OR its.value NOT IN (SELECT value FROM json_each(ifnull(?, alert.sources))))"
)
"""``Scope.opens`` of an alert, and ``Scope.opens_source`` of all its sources."""


def _closed(scope: Scope) -> tuple[str, str, bool, str, str | None]:
    """Values of ``_OPENED``."""
    kinds = [kind.name for kind in KINDS if kind.type in scope.without_types]
    without, only = scope.without_sources, scope.only_sources
    return (
        as_json(kinds),
        as_json(sorted(scope.without_handling)),
        only != frozenset(),
        as_json(sorted(without | {""} if without else without)),
        None if only is None else as_json(sorted(only)),
    )


def _alerts(
    states: Sequence[str],
    before: int | None,
    limit: int,
    scope: Scope,
    connection: sqlite3.Connection,
) -> list[Alert]:
    where, values = [_OPENED], list[object](_closed(scope))
    if states:
        where.append("state IN (SELECT value FROM json_each(?))")
        values.append(as_json(states))
    if before is not None:
        where.append("id < ?")
        values.append(before)
    rest = f"WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT ?"
    return ALERTS.select(connection, rest, (*values, limit))


def _alert(id: int, scope: Scope, connection: sqlite3.Connection) -> Alert:
    found = ALERTS.select(connection, f"WHERE id = ? AND {_OPENED}", (id, *_closed(scope)))
    if not found:
        raise NotFound(f"There is no alert {id}.")
    return found[0]


def _change(
    database: Database, alert: Alert, owed: Sequence[NewOutgoing], connection: sqlite3.Connection
) -> None:
    _alert(alert.id, EVERYTHING, connection)
    ALERTS.put(connection, alert)
    _owe(connection, alert.id, owed, database.clock.now())


def _channels_due(now: Micros, connection: sqlite3.Connection) -> list[str]:
    found = connection.execute(
        "SELECT DISTINCT channel FROM outgoing WHERE state = 'waiting' AND next_try <= ?", (now,)
    )
    return [channel for (channel,) in found.fetchall()]


def _due(channel: str, now: Micros, limit: int, connection: sqlite3.Connection) -> list[Outgoing]:
    rest = "WHERE state = 'waiting' AND channel = ? AND next_try <= ? ORDER BY next_try, id LIMIT ?"
    return OUTGOING.select(connection, rest, (channel, now, limit))


_OF_OPENED = f"EXISTS (SELECT 1 FROM alert WHERE alert.id = outgoing.alert AND {_OPENED})"


def _deliveries(
    alert: int | None, limit: int, scope: Scope, connection: sqlite3.Connection
) -> list[Outgoing]:
    where, values = ("alert = ? AND", (alert,)) if alert is not None else ("", ())
    rest = f"WHERE {where} {_OF_OPENED} ORDER BY id DESC LIMIT ?"
    return OUTGOING.select(connection, rest, (*values, *_closed(scope), limit))


def _delivery(id: int, scope: Scope, connection: sqlite3.Connection) -> Outgoing:
    found = OUTGOING.select(connection, f"WHERE id = ? AND {_OF_OPENED}", (id, *_closed(scope)))
    if not found:
        raise NotFound(f"There is no delivery {id}.", code="no_such_delivery")
    return found[0]


_SETTLED = """
UPDATE outgoing SET attempts = ?1, next_try = ?2, state = ?3, error = ?4, receipt = ?5
WHERE id = ?6 AND (body != x'' OR ?3 != 'waiting')
"""


def _settle(outgoing: Outgoing, connection: sqlite3.Connection) -> None:
    """Never the body: whoever tried read it before a purge that may have emptied it meanwhile."""
    one = outgoing
    values = (one.attempts, one.next_try, one.state, one.error, one.receipt, one.id)
    connection.execute(_SETTLED, values)


class SqliteAlertBook:
    """The ``AlertBook`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rules(self) -> Sequence[Rule]:
        """By id."""
        return await self._database.read(lambda c: RULES.select(c))

    async def put_rule(self, rule: Rule) -> None:
        """Add, or write over."""
        await self._database.write(lambda c: RULES.put(c, rule))

    async def remove_rule(self, id: str) -> None:
        """The alerts that it raised stay."""
        await self._database.write(lambda c: RULES.remove(c, id))

    async def hot_lists(self) -> Sequence[HotList]:
        """By id, each with how many entries it has."""
        return await self._database.read(lambda c: HOT_LISTS.select(c))

    async def put_hot_list(self, hot_list: HotList) -> None:
        """Add, or write over; its entries stay."""
        await self._database.write(partial(hot_lists.put, hot_list))

    async def replace_entries(self, hot_list: str, entries: Sequence[HotListEntry]) -> None:
        """All entries of a list at once. Raises ``NotFound`` for an unknown list."""
        await hot_lists.replace(self._database, hot_list, entries)

    def entries(
        self, hot_list: str | None = None
    ) -> AsyncIterator[tuple[str, Sequence[HotListEntry]]]:
        """Every entry of every list, or of one, in chunks of (hot list id, entries)."""
        return hot_lists.entries(self._database, hot_list)

    async def raise_alerts(
        self,
        consumer: str,
        to: Seq,
        alerts: Sequence[Alert],
        owed: Sequence[Sequence[NewOutgoing]],
        parties: Parties = ONE_PARTY,
    ) -> Sequence[Alert]:
        """Write alerts, their deliveries and the consumer's position in one transaction."""
        work = partial(_raise, self._database, consumer, to, list(alerts), list(owed), parties)
        return await self._database.write(work, weight=1 + len(alerts))

    async def alerts(
        self,
        states: Sequence[str],
        before: int | None,
        limit: int,
        scope: Scope = EVERYTHING,
    ) -> Sequence[Alert]:
        """Newest first."""
        return await self._database.read(partial(_alerts, list(states), before, limit, scope))

    async def alert(self, id: int, scope: Scope = EVERYTHING) -> Alert:
        """Raises ``NotFound``."""
        return await self._database.read(partial(_alert, id, scope))

    async def change_alert(self, alert: Alert, owed: Sequence[NewOutgoing] = ()) -> None:
        """Write an alert's new state, and deliveries that follow from it."""
        await self._database.write(partial(_change, self._database, alert, list(owed)))

    async def channels(self) -> Sequence[Channel]:
        """By id."""
        return await self._database.read(lambda c: CHANNELS.select(c))

    async def put_channel(self, channel: Channel) -> None:
        """Add, or write over."""
        await self._database.write(lambda c: CHANNELS.put(c, channel))

    async def remove_channel(self, id: str) -> None:
        """Its past deliveries stay."""
        await self._database.write(lambda c: CHANNELS.remove(c, id))

    async def channels_due(self, now: Micros) -> Sequence[str]:
        """Channels that are owed deliveries whose time has come."""
        return await self._database.read(partial(_channels_due, now))

    async def due(self, channel: str, now: Micros, limit: int) -> Sequence[Outgoing]:
        """One channel's deliveries whose time has come, oldest first."""
        return await self._database.read(partial(_due, channel, now, limit))

    async def settle(self, outgoing: Outgoing) -> None:
        """Note the outcome of a try. What is no longer kept waits for no other."""
        await self._database.write(partial(_settle, outgoing))

    async def delivery(self, id: int, scope: Scope = EVERYTHING) -> Outgoing:
        """Raises ``NotFound``."""
        return await self._database.read(partial(_delivery, id, scope))

    async def deliveries(
        self, alert: int | None, limit: int, scope: Scope = EVERYTHING
    ) -> Sequence[Outgoing]:
        """Newest first."""
        return await self._database.read(partial(_deliveries, alert, limit, scope))
