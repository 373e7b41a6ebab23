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
    JsonLines,
    Portion,
    Position,
    Where,
    Whole,
    exports,
    portions,
)

from .documents import csv_layout, listed, of_objects, of_rows, steps_of
from .loading import Plan
from .mapper import Mapped, Scope
from .pages import mapped_of, page_of
from .plan import Layout, Source

if TYPE_CHECKING:
    from watchfloor_sdk.context import Context


class Files:
    """The files of one source. ``follower`` remembers from one reading to the next."""

    def __init__(
        self, ctx: Context[Any], plan: Plan, source: Source, where: Where, follower: Follower
    ) -> None:
        self._ctx = ctx
        self._plan = plan
        self._source = source
        self._where = where
        self._follower = follower
        self._layout = _read_by(source.layout)

    async def pages(self, checkpoint: Any) -> AsyncGenerator[Page, None]:
        """What is new since the checkpoint. Raises what ``Follower.news`` raises."""
        news = self._follower.news(
            self._ctx,
            self._where,
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
        return exports(self._ctx, self._where, {})

    def _read(self, export: Export) -> Mapped:
        return mapped_of(self._plan, self._source, export.whole(), self._ctx)

    def _taste(self, export: Export) -> Mapped:
        return self._mapped(next(portions(export, self._layout, Position())))[0]

    def _page(self, portion: Portion) -> Page:
        mapped, body = self._mapped(portion)
        return page_of(self._source, mapped, body, None)

    def _mapped(self, portion: Portion) -> tuple[Mapped, bytes]:
        """What a portion comes to, and the document that its pointers lead into."""
        if not portion.records:
            return Mapped(), b""
        if isinstance(self._layout, Whole):
            return mapped_of(self._plan, self._source, portion.body, self._ctx), portion.body
        if isinstance(self._layout, JsonLines):
            rows = of_objects(portion.records)
            body = listed(rows.records)
        else:
            rows = of_rows(csv_text.rows_of(portion.names, portion.records))
            body = portion.body
        mapper = self._plan.mappers[self._source.name]
        return mapper.document(rows, Scope(self._ctx.now())), body


def _read_by(layout: Layout) -> csv_text.Layout | JsonLines | Whole:
    if layout.format == "csv":
        return csv_layout(layout)
    return JsonLines(tuple(steps_of(layout))) if layout.format == "jsonl" else Whole()
