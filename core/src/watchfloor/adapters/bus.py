"""The in-process ``Bus``: publishing moves a mark and wakes followers; the log holds the events.

The newest published events are held, so that followers who keep up need not read the log. Whoever
is further behind, or meets a hole in what is held, reads the log. So no follower can make the
bus grow or wait, none can miss an event, and publishers may come in any order or not at all.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right, insort
from collections.abc import AsyncIterator, Sequence

from watchfloor.ports.store import EventLog, Micros, RecordedEvent, Seq

HELD = 10_000
"""Events held for followers: the better part of a second at full load."""

_LOOK_EVERY_S = 1.0
"""A commit whose publisher was cancelled is found in the log after so long."""


class InProcessBus:
    """For followers in the hub's process, on its event loop."""

    def __init__(self, log: EventLog, held: int = HELD) -> None:
        self._log = log
        self._limit = held
        self._held: list[Sequence[RecordedEvent]] = []
        """What was published, as it was: runs of the log, by their first position."""
        self._count = 0
        self._newest: Seq = 0
        self._published = asyncio.Event()

    async def publish(self, recorded: Sequence[RecordedEvent]) -> None:
        """Tell followers. Never waits for a slow one."""
        if not recorded:
            return
        insort(self._held, recorded, key=_first)
        self._count += len(recorded)
        while self._count > self._limit:
            self._count -= len(self._held.pop(0))
        self._move(recorded[-1].seq)

    async def follow(self, after: Seq, limit: int = 1000) -> AsyncIterator[Sequence[RecordedEvent]]:
        """Everything after a position, in order and without holes, then live as it comes."""
        self._move(await self._log.head())
        while True:
            published = self._published  # taken before looking: what comes meanwhile sets it
            events = self._from_held(after, limit) or await self._from_log(after, limit)
            if events:
                after = events[-1].seq
                yield events
            else:
                await self._wait(published)

    def behind(self, position: Seq) -> int:
        """How many events a position is behind the newest published."""
        return max(0, self._newest - position)

    def forget(self, source: str, type: str, before: Micros) -> None:
        """Events that were deleted, as their time was up, are not held either; nor are those that
        were published with them: who needs these finds them in the log."""

        def is_gone(event: RecordedEvent) -> bool:
            return event.time < before and (event.source, event.type) == (source, type)

        self._held = [run for run in self._held if not any(map(is_gone, run))]
        self._count = sum(map(len, self._held))

    def _move(self, newest: Seq) -> None:
        if newest > self._newest:
            self._newest = newest
            self._published.set()
            self._published = asyncio.Event()

    def _from_held(self, after: Seq, limit: int) -> Sequence[RecordedEvent]:
        events: list[RecordedEvent] = []
        index = bisect_right(self._held, after + 1, key=_first) - 1
        while 0 <= index < len(self._held) and len(events) < limit:
            run = self._held[index]
            start = after + 1 - _first(run)
            if not 0 <= start < len(run):
                break
            events += run[start : start + limit - len(events)]
            after = events[-1].seq
            index += 1
        return events

    async def _from_log(self, after: Seq, limit: int) -> Sequence[RecordedEvent]:
        return await self._log.read(after, limit) if after < self._newest else ()

    async def _wait(self, published: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(_LOOK_EVERY_S):
                await published.wait()
        except TimeoutError:
            self._move(await self._log.head())


def _first(run: Sequence[RecordedEvent]) -> Seq:
    return run[0].seq
