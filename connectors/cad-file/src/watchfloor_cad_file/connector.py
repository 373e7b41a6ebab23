"""The connector: reads exports, tells what is new or changed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any

from watchfloor_sdk import Connector, Context, Finding, Page, WatchfloorError
from watchfloor_sdk.exports import Export, Follower, Position, exports, portions

from .pages import page_of
from .plan import MAPPINGS, MappingFile
from .reading import Rows
from .settings import Settings
from .table import first_page, table_pages


class CadFile(Connector[Settings]):
    """Calls for service from CSV exports."""

    settings = Settings

    def __init__(self) -> None:
        self._follower = Follower()

    async def poll(self, ctx: Context[Settings], checkpoint: Any) -> AsyncIterator[Page]:
        """What was added or changed since the checkpoint."""
        mapping = MAPPINGS.load(ctx.settings.mapping)
        found = table_pages if ctx.settings.replica else self._exported
        async with aclosing(found(ctx, mapping, checkpoint)) as pages:
            async for page in pages:
                yield page

    async def _exported(
        self, ctx: Context[Settings], mapping: MappingFile, checkpoint: Any
    ) -> AsyncGenerator[Page, None]:
        """The same of exports, whose checkpoint is the follower's."""
        started, settings = ctx.now(), ctx.settings
        news = self._follower.news(
            ctx,
            settings.where(),
            mapping.layout(),
            checkpoint,
            Rows(mapping, settings.bounds).batch,
            stalled_after_s=settings.stalled_after_s,
        )
        async with aclosing(news) as batches:
            async for batch, kept in batches:
                yield page_of(ctx, batch, kept)
        yield Page(checkpoint=self._follower.checkpoint, assured_until=started)

    async def check(self, ctx: Context[Settings]) -> Sequence[Finding]:
        """Whether the mapping is sound, and fits every export that is there."""
        try:
            mapping = MAPPINGS.load(ctx.settings.mapping)
            if ctx.settings.replica:
                await first_page(ctx, mapping)
                return [Finding(ok=True, what="replica", detail="The table's columns fit.")]
            found = [
                _fits(export, mapping) async for export in exports(ctx, ctx.settings.where(), {})
            ]
        except WatchfloorError as error:
            return [Finding(ok=False, what=error.code, detail=error.detail, remedy=error.remedy)]
        return [
            Finding(ok=True, what="mapping", detail=mapping.name),
            Finding(ok=True, what="exports", detail=f"{len(found)} found; their columns fit."),
        ]


def _fits(export: Export, mapping: MappingFile) -> bool:
    """Read the first portion. Raises ``AskAPerson`` when the mapping does not fit its header."""
    portion = next(portions(export, mapping.layout(), Position()), None)
    return portion is not None and bool(Rows(mapping).batch(portion))
