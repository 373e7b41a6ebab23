"""The connector: reads exports, tells what is new or changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any

import msgspec

from watchfloor_sdk import (
    AskAPerson,
    Connector,
    Context,
    Event,
    Finding,
    Page,
    RetryLater,
    WatchfloorError,
)

from .exports import BY_ADDRESS, MAX_FILES, exports
from .mapping import Call
from .memory import Memory
from .plan import MAPPINGS
from .reading import Batch, Position, batches
from .settings import Settings

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
        """What was added or changed since the checkpoint (``{file key: Position}``)."""
        # The hub starts us from what is durable: all that went out, or less.
        self._seen.settle(durable=checkpoint == self._sent_until)
        started, mapping = ctx.now(), MAPPINGS.load(ctx.settings.mapping)
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
                        page = _page(ctx, batch, positions)
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
            found = [
                _fits(batches(export, mapping, Position()))
                async for export in exports(ctx, (), None)
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


def _page(ctx: Context[Settings], batch: Batch, positions: dict[str, Position]) -> Page:
    rows = [raw for _, raw in batch.calls]
    return Page(
        events=[_event(ctx, call) for call, _ in batch.calls],
        checkpoint=_kept(positions),
        raw=b"".join([batch.header, *rows]) if rows else None,
        content_type="text/csv",
        # RFC 7111: rows are counted from 1, and the header is the first.
        pointers=[f"row={index}" for index in range(2, len(rows) + 2)],
        rejected=batch.rejected,
    )


def _event(ctx: Context[Settings], call: Call) -> Event:
    return ctx.event(
        call.incident,
        id=call.id,
        time=call.time,
        subject=f"call/{call.incident.call_number}",
        observed=call.updated,
        time_error_s=call.error_s,
    )


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
