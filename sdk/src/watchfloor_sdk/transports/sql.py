"""A replica of a vendor's database, read and never written.

    async with sql.opened(ctx, "postgresql://replica.example.org/cad") as replica:
        async for page in replica.pages("public.calls", COLUMNS, key=["changed", "id"],
                                        after=checkpoint):
            yield Page(events=[to_event(ctx, row) for row in page.rows], checkpoint=page.after)

Addresses: ``sqlite:///path``, ``postgresql://host/database``, ``mssql://host/database``. The
credential has ``username`` and ``password`` (SQLite has none). Sessions are read only where the
server knows such (SQLite, PostgreSQL); for SQL Server give a user who may read only. Values always
travel as parameters. Needs the extra ``[sql]``, except for SQLite.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlsplit

from watchfloor.contracts import Refused
from watchfloor_sdk.context import Context

from .engines import Engine, Session, Where, engine

__all__ = ["Replica", "Rows", "opened"]

LIMIT = 1_000
"""Rows of one page, and of one answer, unless said otherwise."""

DEADLINE_S = 30.0
"""For one statement."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_ $#-]{0,127}")
_QUOTED = r"'(?:[^']|'')*'|\"[^\"]*\"|\[[^\]]*\]"
_SELECT = re.compile(r"\s*(?:select|with)\b", re.IGNORECASE)
_WRITES = re.compile(r";|--|/\*|\binto\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rows:
    """What a statement answered. ``after`` is where the next page begins, as JSON."""

    columns: Sequence[str]
    values: Sequence[Sequence[Any]]
    after: list[Any] | None = None

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each row under its columns' names."""
        return [dict(zip(self.columns, one, strict=True)) for one in self.values]


class Replica:
    """An open session. One statement at a time, each in a thread."""

    def __init__(self, engine: Engine, session: Session, deadline_s: float) -> None:
        self._engine = engine
        self._session = session
        self._deadline_s = deadline_s

    async def select(
        self, statement: str, values: Mapping[str, Any] | None = None, *, limit: int = LIMIT
    ) -> Rows:
        """The first ``limit`` rows of one SELECT; ``:name`` in it stands for a value.

        Raises ``Refused`` (``not_a_select``), ``AskAPerson`` (``bad_statement``,
        ``vendor_refused``) or ``RetryLater`` (``statement_timeout``, ``half_answer`` ...).
        """
        unquoted = re.sub(_QUOTED, "''", statement)
        if not _SELECT.match(unquoted) or _WRITES.search(unquoted):
            raise Refused("Not one SELECT alone.", code="not_a_select")
        return await self._run(self._engine.bounded(statement, limit), values or {})

    async def pages(
        self,
        table: str,
        columns: Sequence[str],
        *,
        key: Sequence[str],
        after: Sequence[Any] | None = None,
        limit: int = LIMIT,
    ) -> AsyncIterator[Rows]:
        """All rows of a table or view beyond ``after``, in the order of ``key``, page by page.

        ``key``: columns that together are unique and only grow, such as a time of change and a
        number (keyset paging: a row that changes meanwhile moves no other). ``columns`` are
        all that is read. Raises as ``select``, and ``Refused`` (``bad_column``).
        """
        wanted = list(dict.fromkeys([*columns, *key]))
        while True:
            values = {f"k{n}": _value(one) for n, one in enumerate(after or ())}
            statement = _page(self._engine, table, wanted, key, bool(after), limit)
            found = await self._run(statement, values)
            if not found.values:
                return
            last = dict(zip(wanted, found.values[-1], strict=True))
            after = [_json(last[name]) for name in key]
            yield Rows(wanted, found.values, after)
            if len(found.values) < limit:
                return

    async def _run(self, statement: str, values: Mapping[str, Any]) -> Rows:
        with self._engine.sorted_errors(self._deadline_s):
            columns, rows = await asyncio.to_thread(self._session.run, statement, values)
        return Rows(columns, rows)


@asynccontextmanager
async def opened(
    ctx: Context[Any],
    url: str,
    *,
    credential: str = "replica",
    deadline_s: float = DEADLINE_S,
) -> AsyncIterator[Replica]:
    """A read-only session, for the length of the block. ``deadline_s`` is for each statement.

    Raises ``AskAPerson``, ``RetryLater``, and ``Refused`` (``bad_url``).
    """
    parts = urlsplit(url)
    kind = engine(parts.scheme)
    if parts.username or parts.password or parts.query or not parts.path.strip("/"):
        raise Refused(
            "A database's address is scheme://host/database, without a user.", code="bad_url"
        )
    fields: Mapping[str, str] = {}
    dialled = None
    if kind.port:
        fields = await ctx.credential(credential)
        dialled = await kind.dial(ctx, parts.hostname or "", parts.port or kind.port)
    where = Where(parts.hostname or "", unquote(parts.path), fields, dialled, deadline_s)
    with kind.sorted_errors(deadline_s):
        session = await asyncio.to_thread(kind.open, where)
    try:
        yield Replica(kind, session, deadline_s)
    finally:
        session.stop()
        await asyncio.to_thread(session.close)


def _page(
    engine: Engine, table: str, columns: Sequence[str], key: Sequence[str], on: bool, limit: int
) -> str:
    """One page's statement. ``(a, b) > (x, y)``, written out: SQL Server has no such comparison."""
    names = {name: engine.quoted(_checked(name)) for name in columns}
    source = ".".join(engine.quoted(_checked(part)) for part in table.split("."))
    beyond = [
        " AND ".join([*(f"{names[key[n]]} = :k{n}" for n in range(m)), f"{names[key[m]]} > :k{m}"])
        for m in range(len(key))
    ]
    where = f" WHERE ({') OR ('.join(beyond)})" if on else ""
    order = ", ".join(names[name] for name in key)
    return engine.first(limit, f"{', '.join(names.values())} FROM {source}{where} ORDER BY {order}")


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Refused("Not the name of a table or column.", code="bad_column")
    return name


def _json(value: Any) -> Any:
    """A key's value in a checkpoint. SQL Server's ``datetime`` takes milliseconds at most."""
    if isinstance(value, datetime):
        return value.isoformat(
            timespec="microseconds" if value.microsecond % 1000 else "milliseconds"
        )
    if isinstance(value, bytes | bytearray | memoryview):  # SQL Server's ``rowversion``
        return {"hex": bytes(value).hex()}
    return str(value) if isinstance(value, Decimal | date) else value


def _value(kept: Any) -> Any:
    return bytes.fromhex(kept["hex"]) if isinstance(kept, dict) else kept
