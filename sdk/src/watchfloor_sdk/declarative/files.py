"""Files of a declarative source: read on where they grew, whole when they changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from watchfloor_sdk import csv_text
from watchfloor_sdk.connector import Page
from watchfloor_sdk.exports import (
    Export,
    Follower,
    Portion,
    Position,
    Whole,
    exports,
    portions,
)

from .documents import csv_layout, of_rows
from .loading import Plan
from .mapper import Mapped, Scope
from .pages import mapped_of, page_of
from .plan import Source

if TYPE_CHECKING:
    from watchfloor_sdk.context import Context


class Files:
    """The files of one source."""

    def __init__(self, ctx: Context[Any], plan: Plan, source: Source) -> None:
        self._ctx = ctx
        self._plan = plan
        self._source = source
        grows = source.layout.format == "csv"
        self._layout = csv_layout(source.layout) if grows else Whole()

    async def pages(self, follower: Follower, checkpoint: Any) -> AsyncGenerator[Page, None]:
        """What is new since the checkpoint. Raises what ``Follower.news`` raises."""
        news = follower.news(
            self._ctx,
            self._plan.where(self._source),
            self._layout,
            checkpoint,
            self._page,
            stalled_after_s=self._plan.stalled_after_s(self._source),
        )
        async with aclosing(news) as pages:
            async for page, kept in pages:
                page.checkpoint = kept
                yield page

    async def whole(self) -> list[Mapped]:
        """What all that stands in each file comes to. Raises what ``exports`` raises."""
        return [await asyncio.to_thread(self._read, export) async for export in self._found()]

    async def beginning(self) -> Mapped:
        """What the first rows of the first file come to."""
        async with aclosing(self._found()) as found:
            async for export in found:
                return await asyncio.to_thread(self._taste, export)
        return Mapped()

    def _found(self) -> AsyncGenerator[Export, None]:
        return exports(self._ctx, self._plan.where(self._source), {})

    def _read(self, export: Export) -> Mapped:
        return mapped_of(self._plan, self._source, export.whole(), self._ctx)

    def _taste(self, export: Export) -> Mapped:
        return self._mapped(next(portions(export, self._layout, Position())))

    def _page(self, portion: Portion) -> Page:
        return page_of(self._source, self._mapped(portion), portion.body, None)

    def _mapped(self, portion: Portion) -> Mapped:
        if not portion.records:
            return Mapped()
        if portion.header is None:
            return mapped_of(self._plan, self._source, portion.body, self._ctx)
        rows = of_rows(csv_text.rows_of(portion.names, portion.records))
        return self._plan.mappers[self._source.name].document(rows, Scope(self._ctx.now()))
