"""The connector: reads exports, tells what is new or changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any

import msgspec

from watchfloor_sdk import (
    AskAPerson,
    Connector,
    Context,
    Finding,
    Page,
    RetryLater,
    WatchfloorError,
)

from .exports import BY_ADDRESS, MAX_FILES, exports
from .memory import Memory
from .pages import page_of
from .plan import MAPPINGS, MappingFile
from .reading import Batch, Position, batches
from .settings import Settings
from .table import first_page, table_pages

SEEN = 200_000
"""Rows remembered, so that a rewritten export is not told again and again.

It only saves work: what is forgotten is told twice, and dropped by its id.
"""


class CadFile(Connector[Settings]):
    """Calls for service from CSV exports."""

    settings = Settings

    def __init__(self) -> None:
        self._seen = Memory(SEEN)
        self._sent_until: Any = None

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
        """The same of exports, whose checkpoint is ``{file key: Position}``."""
        # The hub starts us from what is durable: all that went out, or less.
        self._seen.settle(durable=checkpoint == self._sent_until)
        started = ctx.now()
        positions = msgspec.convert(checkpoint or {}, dict[str, Position])
        written, problem = [], None
        async with aclosing(exports(ctx, positions, _stamp(positions))) as found:
            async for export in found:
                written.append(export.written)
                before = positions.pop(export.key, Position())
                positions[export.key] = before  # the files last seen stand last
                portions = batches(export, mapping, before, ctx.settings.bounds, self._seen)
                try:
                    while batch := await asyncio.to_thread(next, portions, None):
                        positions[export.key] = batch.position
                        page = page_of(ctx, batch, _kept(positions))
                        self._seen.note(batch.rows)
                        self._sent_until = page.checkpoint
                        yield page
                except AskAPerson as error:
                    problem = error
        if problem:
            raise problem
        _refuse_stalled(ctx, max(filter(None, written), default=None))
        self._sent_until = _kept(positions)
        yield Page(checkpoint=self._sent_until, assured_until=started)

    async def check(self, ctx: Context[Settings]) -> Sequence[Finding]:
        """Whether the mapping is sound, and fits every export that is there."""
        try:
            mapping = MAPPINGS.load(ctx.settings.mapping)
            if ctx.settings.replica:
                await first_page(ctx, mapping)
                return [Finding(ok=True, what="replica", detail="The table's columns fit.")]
            found = [
                _fits(batches(export, mapping, Position()))
                async for export in exports(ctx, {}, None)
            ]
        except WatchfloorError as error:
            return [Finding(ok=False, what=error.code, detail=error.detail, remedy=error.remedy)]
        return [
            Finding(ok=True, what="mapping", detail=mapping.name),
            Finding(ok=True, what="exports", detail=f"{len(found)} found; their columns fit."),
        ]


def _stamp(positions: dict[str, Position]) -> str | None:
    """The stamp of the answer that was read to its end."""
    fetched = positions.get(BY_ADDRESS)
    return fetched.stamp if fetched and fetched.done else None


def _kept(positions: dict[str, Position]) -> dict[str, Any]:
    """The positions as a checkpoint: those of the files seen last."""
    last = list(positions.items())[-MAX_FILES:]
    return {key: msgspec.to_builtins(position) for key, position in last}


def _refuse_stalled(ctx: Context[Settings], written: datetime | None) -> None:
    """An export that nobody writes any more must not look like a quiet night."""
    limit = ctx.settings.stalled_after_s
    if limit and written and ctx.now() - written > timedelta(seconds=limit):
        raise RetryLater(
            f"The export was last written at {written:%Y-%m-%d %H:%M} UTC.",
            code="export_stalled",
            remedy="Look at the job that writes the export.",
        )


def _fits(portions: Iterator[Batch]) -> bool:
    """Read the first portion. Raises ``AskAPerson`` when the mapping does not fit its header."""
    return next(portions, None) is not None
