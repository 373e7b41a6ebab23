"""Calls in a table or view of a database replica."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from watchfloor_sdk import Context, Page
from watchfloor_sdk.transports import sql

from .pages import page_of
from .plan import MappingFile
from .reading import Batch, Rows
from .settings import Settings

PAGE = 500
"""Rows that go to the hub together."""


async def table_pages(
    ctx: Context[Settings], mapping: MappingFile, checkpoint: Any
) -> AsyncGenerator[Page, None]:
    """Rows beyond the checkpoint (``{"after": key}``), and then how far nothing is missing."""
    started, after = ctx.now(), (checkpoint or {}).get("after")
    async with _pages(ctx, mapping, after) as pages:
        async for rows in pages:
            after = rows.after
            batch = await asyncio.to_thread(_batch, ctx.settings, mapping, rows)
            yield page_of(ctx, batch, {"after": after})
    yield Page(checkpoint={"after": after}, assured_until=started)


async def first_page(ctx: Context[Settings], mapping: MappingFile) -> None:
    """Read one. Raises ``AskAPerson`` when the table does not fit the mapping."""
    async with _pages(ctx, mapping, None) as pages:
        await anext(pages, None)


def _pages(ctx: Context[Settings], mapping: MappingFile, after: Any) -> Any:
    return aclosing(_opened(ctx, mapping, after))


async def _opened(
    ctx: Context[Settings], mapping: MappingFile, after: Any
) -> AsyncGenerator[sql.Rows, None]:
    settings = ctx.settings
    async with sql.opened(ctx, settings.replica or "") as replica:
        async for rows in replica.pages(
            settings.table or "", mapping.names(), key=settings.key, after=after, limit=PAGE
        ):
            yield rows


def _batch(settings: Settings, mapping: MappingFile, rows: sql.Rows) -> Batch:
    reader, batch = Rows(mapping, settings.bounds), Batch(objects=True)
    for row in rows.rows:
        reader.put(batch, row)
    return batch
