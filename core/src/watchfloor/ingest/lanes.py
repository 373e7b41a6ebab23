"""Keeps each source's batches with a checkpoint in order, also when one of them fails.

A batch's checkpoint says that everything before it is safe. So batches of one source commit in the
order in which they came, and when one fails, those queued behind it fail as well: otherwise a later
checkpoint would stand without the events before it. What became ready while the store was at work
commits together: the store is not kept waiting between two batches.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from watchfloor.contracts import AskAPerson, RetryLater
from watchfloor.ports.store import Batch, Committed

TOGETHER = 2_000
"""Events after which no further batch joins a commit. Everybody else waits for it."""

Commit = Callable[[Sequence[Batch]], Coroutine[Any, Any, Sequence[Committed]]]


class _Place:
    """A batch in the queue. ``batch`` is ``None`` while it is prepared."""

    def __init__(self) -> None:
        self.batch: Batch | None = None
        self.done: asyncio.Future[Committed] = asyncio.get_running_loop().create_future()

    def fail(self, error: BaseException) -> None:
        """Nothing comes of it. (Where its caller has gone, nobody asks why.)"""
        if not self.done.done():
            self.done.set_exception(error)
            self.done.exception()


class Lane:
    """The queue of one source. ``commit`` writes batches in one transaction."""

    def __init__(self, commit: Commit) -> None:
        self._commit = commit
        self._places: deque[_Place] = deque()
        self._failed: set[_Place] = set()
        """Those whose callers do not know it yet: what comes before they know, came behind them."""
        self._running: asyncio.Task[None] | None = None

    async def commit(self, preparing: Awaitable[Batch]) -> Committed:
        """Take the next place now, and commit in its turn what comes of ``preparing``. Raises
        ``RetryLater`` when one before it failed."""
        place = _Place()
        if self._failed:
            self._failed.add(place)
            place.fail(_before())
        else:
            self._places.append(place)
        try:
            return await self._committed(place, preparing)
        finally:
            self._failed.discard(place)

    async def _committed(self, place: _Place, preparing: Awaitable[Batch]) -> Committed:
        try:
            place.batch = await preparing
        except BaseException as error:
            self._fail(place, error)
            raise
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await place.done

    async def _run(self) -> None:
        """Commit what is ready, from the front, until the front is not. Where one of several may
        be at fault, each is tried alone, so that those before it are kept."""
        most = TOGETHER
        try:
            while group := self._ready(most):
                try:
                    committed = await self._commit([batch for _, batch in group])
                except (RetryLater, AskAPerson) as error:
                    self._fail(group[0][0], error)
                    continue
                except Exception as error:
                    if len(group) == 1:
                        self._fail(group[0][0], error)
                    most = 0
                    continue
                for (place, _), result in zip(group, committed, strict=True):
                    self._places.popleft()
                    if not place.done.done():
                        place.done.set_result(result)
        finally:
            self._running = None

    def _ready(self, most: int) -> list[tuple[_Place, Batch]]:
        """The first that is ready, and those after it up to so many events."""
        group: list[tuple[_Place, Batch]] = []
        events = 0
        for place in self._places:
            if place.batch is None or (group and events >= most):
                break
            group.append((place, place.batch))
            events += len(place.batch.events)
        return group

    def _fail(self, first: _Place, error: BaseException) -> None:
        """A place and everything behind it, which cannot stand without it."""
        while first in self._places:
            place = self._places.pop()
            self._failed.add(place)
            place.fail(error if place is first else _before())


def _before() -> RetryLater:
    return RetryLater("An earlier batch of this source could not be kept.", retry_after=1)
