"""Keeps each source's batches with a checkpoint in order, also when one of them fails.

A batch's checkpoint says that everything before it is safe. So batches of one source commit in the
order in which they came, and when one fails, those queued behind it fail as well: otherwise a later
checkpoint would stand without the events before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from watchfloor.contracts import RetryLater


class Ticket:
    """A place in a lane."""

    def __init__(self, before: asyncio.Future[bool] | None) -> None:
        self._before = before

    async def turn(self) -> None:
        """Wait for those before. Raises ``RetryLater`` when one of them failed."""
        if self._before is not None and not await asyncio.shield(self._before):
            raise RetryLater("An earlier batch of this source could not be kept.", retry_after=1)


class Lane:
    """The queue of one source."""

    def __init__(self) -> None:
        self._last: asyncio.Future[bool] | None = None

    @contextmanager
    def ticket(self) -> Iterator[Ticket]:
        """Take the next place; leaving lets the next one have its turn."""
        before = self._last if self._last is not None and not self._last.done() else None
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._last = done
        kept = False
        try:
            yield Ticket(before)
            kept = True
        finally:
            done.set_result(kept)
