"""From one reading to the next: what is new in exports, and what is told to be durable."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from watchfloor.contracts import AskAPerson, RetryLater
from watchfloor_sdk.csv_text import Layout

from .finding import MAX_FILES, Export, Where, exports
from .growing import JsonLines, Portion, Position, Whole, portions
from .memory import Memory

if TYPE_CHECKING:
    from watchfloor_sdk.context import Context

T = TypeVar("T")

REMEMBERED = 200_000
"""Rows remembered, so that a rewritten export is not told again and again.

It only saves work: what is forgotten is told twice, and dropped by its id.
"""


class Follower:
    """Reads exports on. One for each list that is read; it lives as long as the worker.

    ``checkpoint`` is the last one that went out: ``{file key: Position}``.
    """

    def __init__(self) -> None:
        self._told = Memory(REMEMBERED)
        self.checkpoint: Any = None

    async def news(
        self,
        ctx: Context[Any],
        where: Where,
        layout: Layout | JsonLines | Whole,
        checkpoint: Any,
        take: Callable[[Portion], T],
        *,
        stalled_after_s: float | None = None,
    ) -> AsyncGenerator[tuple[T, Any], None]:
        """What ``take`` makes (in a thread) of each portion, and the checkpoint after it.

        A file that needs a person does not hold up the others. Raises what ``exports`` raises, in
        the end what was wrong with a file, and ``RetryLater`` (``export_stalled``).
        """
        # The hub starts us from what is durable: all that went out, or less.
        self._told.settle(durable=checkpoint == self.checkpoint)
        positions = _positions(checkpoint)
        written, problem = [], None
        async with aclosing(exports(ctx, where, positions)) as found:
            async for export in found:
                written.append(export.written)
                before = positions.pop(export.key, Position())
                positions[export.key] = before  # the files last seen stand last
                taken = self._taken(export, layout, before, take)
                try:
                    while one := await asyncio.to_thread(next, taken, None):
                        portion, made = one
                        positions[export.key] = portion.position
                        self._told.note(record.raw for record in portion.records)
                        self.checkpoint = _kept(positions)
                        yield made, self.checkpoint
                except AskAPerson as error:
                    problem = error
        if problem:
            raise problem
        _refuse_stalled(ctx, max(filter(None, written), default=None), stalled_after_s)
        self.checkpoint = _kept(positions)

    def _taken(
        self,
        export: Export,
        layout: Layout | JsonLines | Whole,
        before: Position,
        take: Callable[[Portion], T],
    ) -> Iterator[tuple[Portion, T]]:
        for portion in portions(export, layout, before, self._told):
            yield portion, take(portion)


def _positions(checkpoint: Any) -> dict[str, Position]:
    try:
        return msgspec.convert(checkpoint or {}, dict[str, Position])
    except msgspec.ValidationError:  # an earlier version's: what is read again has its old ids
        return {}


def _kept(positions: dict[str, Position]) -> dict[str, Any]:
    """The positions as a checkpoint: those of the files seen last."""
    last = list(positions.items())[-MAX_FILES:]
    return {key: msgspec.to_builtins(position) for key, position in last}


def _refuse_stalled(ctx: Context[Any], written: datetime | None, limit_s: float | None) -> None:
    """An export that nobody writes any more must not look like a quiet night."""
    if limit_s and written and ctx.now() - written > timedelta(seconds=limit_s):
        raise RetryLater(
            f"The export was last written at {written:%Y-%m-%d %H:%M} UTC.",
            code="export_stalled",
            remedy="Look at the job that writes the export.",
        )
