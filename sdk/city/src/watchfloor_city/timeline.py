"""Timelines: iterators of happenings in the order of ``at``. Joining them, and playing them."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import UTC, datetime
from operator import attrgetter

from .happenings import Happening

BATCH = 2000
"""Most happenings in one batch: catching up does not starve the rest of the event loop."""

BEAT_S = 0.02
"""Shortest sleep. What falls due within one beat comes as one batch."""


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def merge(*timelines: Iterable[Happening]) -> Iterator[Happening]:
    """One timeline of many. Of happenings at the same moment, those of the first come first."""
    return heapq.merge(*timelines, key=attrgetter("at"))


async def pace(
    timeline: Iterable[Happening], clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[list[Happening]]:
    """Yield each happening once its time has come by ``clock``, in batches, dropping none.

    A consumer that falls behind gets larger batches until it has caught up. Ends with the timeline;
    may be cancelled at any point where it waits.
    """
    batch: list[Happening] = []
    now = clock()
    for happening in timeline:
        while happening.at > now:
            if batch:
                yield batch
                batch = []
            await asyncio.sleep(max(BEAT_S, (happening.at - clock()).total_seconds()))
            now = clock()
        batch.append(happening)
        if len(batch) >= BATCH:
            yield batch
            batch = []
            await asyncio.sleep(0)
    if batch:
        yield batch
