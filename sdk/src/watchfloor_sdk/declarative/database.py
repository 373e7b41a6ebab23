"""A table or view of a database's replica: rows beyond the last key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from watchfloor_sdk.connector import Page

from .documents import Document, listed, of_table
from .loading import Plan, TableAt
from .mapper import Mapped, Scope
from .pages import page_of
from .plan import Source

if TYPE_CHECKING:
    from watchfloor_sdk.context import Context
    from watchfloor_sdk.transports.sql import Rows

_PAGE = 500
"""Rows that go to the hub together."""


class DatabaseTable:
    """The table of one source. Only the columns that the mapping names are read."""

    def __init__(self, ctx: Context[Any], plan: Plan, source: Source, at: TableAt) -> None:
        self._ctx = ctx
        self._source = source
        self._mapper = plan.mappers[source.name]
        self._at = at

    async def pages(self, checkpoint: Any) -> AsyncGenerator[Page, None]:
        """Rows beyond the checkpoint. Raises what ``transports.sql`` raises."""
        async with aclosing(self._read((checkpoint or {}).get("after"))) as found:
            async for rows in found:
                yield await asyncio.to_thread(self._page, rows)

    async def whole(self) -> list[Mapped]:
        """What all rows come to."""
        return [await asyncio.to_thread(self._tasted, rows) async for rows in self._read(None)]

    async def beginning(self) -> Mapped:
        """What the first rows come to."""
        async with aclosing(self._read(None)) as found:
            async for rows in found:
                return await asyncio.to_thread(self._tasted, rows)
        return Mapped()

    async def _read(self, after: Any) -> AsyncGenerator[Rows, None]:
        from watchfloor_sdk.transports import sql  # only where a source needs it

        async with sql.opened(self._ctx, self._at.url) as replica:
            pages = replica.pages(
                self._at.table, self._mapper.columns, key=self._at.key, after=after, limit=_PAGE
            )
            async with aclosing(pages) as found:  # type: ignore[type-var]
                async for rows in found:
                    yield rows

    def _page(self, rows: Rows) -> Page:
        document = of_table(rows.rows)
        body = listed(document.records)
        return page_of(self._source, self._mapped(document), body, {"after": rows.after})

    def _tasted(self, rows: Rows) -> Mapped:
        return self._mapped(of_table(rows.rows))

    def _mapped(self, document: Document) -> Mapped:
        return self._mapper.document(document, Scope(self._ctx.now()))
