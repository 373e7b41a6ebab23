"""Requests, the agencies that ask, and outcomes of the time before.

A request is kept whole as JSON; what is searched by stands beside it in columns.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from watchfloor.contracts import NotFound, normal
from watchfloor.ports.store import (
    Agency,
    Counted,
    Micros,
    PastOutcome,
    Request,
    RequestFilter,
)

from .database import Database
from .rows import Table

_AGENCIES = Table(Agency, "agency")
_COLUMNS = (
    "id", "opened", "opened_by", "opener", "worker", "state", "due", "tie_by", "review_due",
    "untold", "purpose", "agency", "channel", "outcome", "case_number", "call_number",
    "order_number", "texts_since", "body",
)  # fmt: skip
_NAMED_OR_TOLD = ("asked", "answer", "outcome_note", "reason", "requester", "on_behalf_of_person")
"""What a request says in words, and of whom: it goes before the figures do."""
_JOINED = " || '/' || ".join(
    f"coalesce({column}, '')" for column in ("id", "case_number", "call_number", "order_number")
)
_ALL_NUMBERS = f"replace(replace(upper({_JOINED}), '-', ''), ' ', '')"
"""As ``normal.normal_number`` writes them."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Request).decode


def _row(request: Request) -> tuple[Any, ...]:
    untold = any(each.why == "emergency" and each.verdict is None for each in request.reviews)
    return (
        request.id, request.opened, request.opened_by, request.opener, request.worker,
        request.state, request.due, request.tie_by, request.review_due, untold, request.purpose,
        request.agency, request.channel, request.outcome, request.case_number,
        request.call_number, request.order, _texts_since(request), _encode(request),
    )  # fmt: skip


def _texts_since(request: Request) -> Micros | None:
    """Since when it has texts that nobody works with any more."""
    told = any(getattr(request, field) for field in _NAMED_OR_TOLD)
    return request.closed if told else None


def empty(connection: sqlite3.Connection, ids: str) -> None:
    """Take the texts out of requests (a JSON list of row ids). What figures are made of stays:
    when, what for, for which agency, by whom, with which outcome and reviews."""
    for request in _select(connection, "WHERE rowid IN (SELECT value FROM json_each(?))", (ids,)):
        _put(connection, _without_texts(request))


def _without_texts(request: Request) -> Request:
    return replace(
        request,
        asked="",
        answer="",
        outcome_note="",
        reason=None,
        requester=None,
        on_behalf_of_person=None,
        reviews=tuple(replace(each, note="") for each in request.reviews),
        history=tuple(replace(each, note="") for each in request.history),
    )


def _put(connection: sqlite3.Connection, request: Request) -> None:
    marks = ", ".join("?" * len(_COLUMNS))
    connection.execute(
        f"INSERT OR REPLACE INTO request({', '.join(_COLUMNS)}) VALUES ({marks})", _row(request)
    )


def _select(
    connection: sqlite3.Connection, rest: str, values: Sequence[object] = ()
) -> list[Request]:
    found = connection.execute(f"SELECT body FROM request {rest}", values)
    return [_decode(body) for (body,) in found.fetchall()]


def _get(connection: sqlite3.Connection, id: str) -> Request:
    found = _select(connection, "WHERE id = ?", (id,))
    if not found:
        raise NotFound("There is no such request.", code="no_such_request")
    return found[0]


def _number(connection: sqlite3.Connection, year: int) -> str:
    """The next one of a year. The counter is written with the request: no number is left out, and
    none is given twice, whatever is deleted later."""
    (number,) = connection.execute(
        "INSERT INTO request_number(year, last) VALUES (?, 1)"
        " ON CONFLICT(year) DO UPDATE SET last = last + 1 RETURNING last",
        (year,),
    ).fetchone()
    return f"{year % 100:02}-{number:06}"


def _add(
    connection: sqlite3.Connection, request: Request, year: int, once_per_call: bool
) -> Request:
    if once_per_call and (known := _open_for_call(connection, request)):
        return known
    numbered = replace(request, id=f"R-{_number(connection, year)}")
    _put(connection, numbered)
    return numbered


def _open_for_call(connection: sqlite3.Connection, request: Request) -> Request | None:
    found = _select(
        connection,
        "WHERE state = 'open' AND call_number = ? AND opened_by = ? AND agency IS ?"
        " ORDER BY id DESC LIMIT 1",
        (request.call_number, request.opened_by, request.agency),
    )
    return found[0] if found else None


def _change(
    connection: sqlite3.Connection, id: str, change: Callable[[Request], Request]
) -> Request:
    changed = change(_get(connection, id))
    _put(connection, changed)
    return changed


def _where(where: RequestFilter) -> tuple[str, list[object]]:
    conditions: list[str] = []
    values: list[object] = []

    def hold(condition: str, *bound: object) -> None:
        conditions.append(condition)
        values.extend(bound)

    match where.listing:
        case "open":
            hold("state = 'open'")
        case "late":
            hold("state = 'open' AND due < ?", where.now)
        case "done":
            hold("state <> 'open'")
        case "mine":
            hold("state = 'open' AND coalesce(worker, opener) = ?", where.mine)
        case "review":
            hold("(review_due IS NOT NULL OR tie_by <= ?)", where.now)
    if where.number:
        number = re.sub("^P-", "R-", where.number.upper())
        hold(f"instr({_ALL_NUMBERS}, ?)", normal.normal_number(number))
    if where.whose:
        hold("(opened_by = ? OR agency = ?)", where.whose.person, where.whose.agency)
    if where.before:
        hold("id < ?", where.before)
    return ("WHERE " + " AND ".join(conditions)) if conditions else "", values


def _list(connection: sqlite3.Connection, where: RequestFilter, limit: int) -> Sequence[Request]:
    conditions, values = _where(where)
    return _select(connection, f"{conditions} ORDER BY id DESC LIMIT ?", (*values, limit))


def _count(connection: sqlite3.Connection, where: RequestFilter) -> int:
    conditions, values = _where(where)
    (count,) = connection.execute(f"SELECT count(*) FROM request {conditions}", values).fetchone()
    return int(count)


def _counted(connection: sqlite3.Connection, since: Micros, until: Micros) -> list[Counted]:
    found = connection.execute(
        "SELECT opened, state, outcome, purpose, agency, channel, 0 FROM request"
        " WHERE opened >= ?1 AND opened < ?2 UNION ALL"
        " SELECT opened, 'done', outcome, purpose, agency, channel, 1 FROM past_outcome"
        " WHERE opened >= ?1 AND opened < ?2",
        (since, until),
    )
    return [Counted._make((*row[:6], bool(row[6]))) for row in found.fetchall()]


def _put_past(connection: sqlite3.Connection, name: str, outcomes: Sequence[PastOutcome]) -> None:
    connection.execute("DELETE FROM past_outcome WHERE import = ?", (name,))
    connection.executemany(
        "INSERT INTO past_outcome(import, opened, outcome, purpose, agency, channel)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [(name, *outcome) for outcome in outcomes],
    )


class SqliteRequests:
    """The ``RequestBook`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, request: Request, year: int, *, once_per_call: bool = False) -> Request:
        """A new one, with its number."""
        return await self._database.write(lambda c: _add(c, request, year, once_per_call))

    async def get(self, id: str) -> Request:
        """Raises ``NotFound``."""
        return await self._database.read(lambda c: _get(c, id))

    async def change(self, id: str, change: Callable[[Request], Request]) -> Request:
        """In one step."""
        return await self._database.write(lambda c: _change(c, id, change))

    async def list(self, where: RequestFilter, limit: int) -> Sequence[Request]:
        """Newest first."""
        return await self._database.read(lambda c: _list(c, where, limit))

    async def count(self, where: RequestFilter) -> int:
        """How many."""
        return await self._database.read(lambda c: _count(c, where))

    async def untold(self) -> Sequence[Request]:
        """Emergencies that nobody has reviewed, oldest first."""
        return await self._database.read(lambda c: _select(c, "WHERE untold ORDER BY id"))

    async def counted(self, since: Micros, until: Micros) -> Sequence[Counted]:
        """Every request opened in an interval, past ones included."""
        return await self._database.read(lambda c: _counted(c, since, until))

    async def put_past(self, name: str, outcomes: Sequence[PastOutcome]) -> None:
        """An import's rows over those of the same name."""
        await self._database.write(lambda c: _put_past(c, name, outcomes), len(outcomes))

    async def agencies(self) -> Sequence[Agency]:
        """By name."""
        return await self._database.read(lambda c: _AGENCIES.select(c, "ORDER BY name, id"))

    async def put_agency(self, agency: Agency) -> None:
        """Over the one with the same id."""
        await self._database.write(lambda c: _AGENCIES.put(c, agency))

    async def agency(self, id: str) -> Agency | None:
        """One by its id, if it is known."""
        found = await self._database.read(lambda c: _AGENCIES.select(c, "WHERE id = ?", (id,)))
        return found[0] if found else None
