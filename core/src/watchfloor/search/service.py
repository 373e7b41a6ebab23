"""Answers a search line as a stream: what was understood, what was found, and who could answer."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict
from typing import Any

import msgspec

from watchfloor.contracts import Summary, rfc3339
from watchfloor.ports.store import (
    EVERYTHING,
    Gap,
    Instance,
    RecordedEvent,
    Scope,
    Store,
)
from watchfloor.ports.world import Clock

from .finding import filter_of, within
from .query import Parser, Query
from .reach import Reach, reach_of, sightings_of

FIRST, MORE = 50, 200
"""Events in the first page, which should be there at once, and in those that follow."""

DEADLINE_S = 10.0

Line = dict[str, Any]


class Search:
    """The one box. ``sources`` are those that can have what is looked for."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        parser: Parser,
        summarise: Callable[[RecordedEvent], Summary],
        sources: Callable[[], Sequence[Instance]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._parser = parser
        self._summarise = summarise
        self._sources = sources

    def understand(self, line: str) -> Query:
        """What a line means, without asking."""
        return self._parser.parse(line, self._clock.now())

    async def reach(self, query: Query, scope: Scope, at_most: int) -> Reach:
        """How much of what ``scope`` shows the question touches, counting no further than
        ``at_most`` records."""
        return await reach_of(self._store.index, query, scope, at_most)

    async def sightings(self, query: Query, scope: Scope, at_most: int) -> int:
        """How often what the question names was seen, counting no further than ``at_most``."""
        return await sightings_of(self._store.index, query, scope, at_most)

    async def answer(
        self,
        line: str,
        limit: int = 500,
        before: tuple[int, int] | None = None,
        scope: Scope = EVERYTHING,
    ) -> AsyncIterator[Line]:
        """The answer's lines, as ``docs/architecture.md`` has them, of what ``scope`` shows."""
        started = time.monotonic()
        query = self.understand(line)
        yield {"understood": _understood(query)}
        found: Counter[str] = Counter()
        shown, timed_out = 0, False
        page_end = before
        try:
            async with asyncio.timeout(DEADLINE_S):
                async for page in self._pages(query, limit, before, scope):
                    shown += len(page)
                    found.update(event.source for event in page)
                    page_end = (page[-1].time, page[-1].seq)
                    yield {"hits": [msgspec.to_builtins(self._summarise(event)) for event in page]}
                assets = await self._assets(query)
                if assets:
                    yield {"assets": assets}
        except TimeoutError:
            timed_out = True
        for status in await self._statuses(query, found, timed_out):
            yield {"status": status}
        complete = shown < limit and not timed_out
        yield {
            "done": {
                "found": shown,
                "at_least": not complete,
                "took_ms": round((time.monotonic() - started) * 1000, 1),
                "next": None if complete or page_end is None else f"{page_end[0]}.{page_end[1]}",
            }
        }

    async def _pages(
        self, query: Query, limit: int, before: tuple[int, int] | None, scope: Scope
    ) -> AsyncIterator[Sequence[RecordedEvent]]:
        """Pages of hits, newest first; a shape is tested here, its box in the index."""
        left, size = limit, min(FIRST, limit)
        while left > 0:
            batch = await self._store.index.find(filter_of(query, before, scope), size)
            kept = within(query.shape, batch)[:left]
            if kept:
                yield kept
                left -= len(kept)
            if len(batch) < size:
                return
            before, size = (batch[-1].time, batch[-1].seq), MORE

    async def _assets(self, query: Query) -> list[dict[str, Any]]:
        wanted = {key.pattern for key in query.keys if key.kind in ("asset", "unit")}
        if not wanted:
            return []
        return [asset for asset in await self._store.assets.all() if asset["id"] in wanted]

    async def _statuses(
        self, query: Query, found: Counter[str], timed_out: bool
    ) -> list[dict[str, Any]]:
        now = self._clock.now()
        since, until = query.since or 0, query.until or now
        gaps = await self._store.gaps.between(since, until)
        statuses = []
        for instance in self._sources():
            if query.sources and instance.id not in query.sources:
                continue
            own = [gap for gap in gaps if gap.source == instance.id]
            statuses.append(_status(instance.id, found[instance.id], own, timed_out))
        return statuses


def _status(source: str, found: int, gaps: Sequence[Gap], timed_out: bool) -> dict[str, Any]:
    state = "timed_out" if timed_out else "gap" if gaps else "ok"
    detail = {
        "timed_out": f"No complete answer within {DEADLINE_S:.0f} s.",
        "gap": "This source had no assured data in part of that time.",
        "ok": None,
    }[state]
    return {
        "source": source,
        "state": state,
        "found": found,
        "detail": detail,
        "gaps": [describe_gap(gap) for gap in gaps],
    }


def describe_gap(gap: Gap) -> dict[str, Any]:
    """A gap as the API gives it."""
    return {
        "source": gap.source,
        "start": rfc3339(gap.start),
        "end": rfc3339(gap.end) if gap.end is not None else None,
        "reason": gap.reason,
    }


def _understood(query: Query) -> dict[str, Any]:
    return {
        "chips": [asdict(chip) for chip in query.chips],
        "text": query.text,
        "since": rfc3339(query.since) if query.since is not None else None,
        "until": rfc3339(query.until) if query.until is not None else None,
        "warnings": query.warnings,
    }
