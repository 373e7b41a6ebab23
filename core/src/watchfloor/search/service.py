"""Answers a search line as a stream: what was understood, what was found, and who could answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import msgspec

from watchfloor.contracts import Summary, rfc3339
from watchfloor.ports.store import (
    EVERYTHING,
    Gap,
    Instance,
    Micros,
    RecordedEvent,
    Scope,
    Seq,
    Store,
)
from watchfloor.ports.world import Clock

from .finding import filter_of, within
from .query import Parser, Query
from .reach import NOT_FETCHED, Head, Reach, end_of, reach_of, sightings_of

FIRST, MORE = 50, 200
"""Events in the first page, which should be there at once, and in those that follow."""

DEADLINE_S = 10.0

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Begun:
    """An answer of which the first page has been fetched, and nothing been shown: how far the
    question reaches is counted from there."""

    query: Query
    limit: int
    before: tuple[Micros, Seq] | None
    scope: Scope
    page: Head
    started: float
    """By the loop's clock."""
    timed_out: bool = False

    def in_time(self) -> asyncio.Timeout:
        """What is asked of the store goes in here, and nothing that waits for a reader. Raises
        ``TimeoutError``."""
        return asyncio.timeout_at(self.started + DEADLINE_S)


class Search:
    """The one box. ``sources`` are those that can have what is looked for."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        parser: Parser,
        summarise: Callable[[RecordedEvent, Collection[str]], Summary],
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

    async def begin(
        self,
        query: Query,
        limit: int = 500,
        before: tuple[Micros, Seq] | None = None,
        scope: Scope = EVERYTHING,
        counted: int = 0,
    ) -> Begun:
        """Fetch the first page of what ``scope`` shows, and count its events and others after them
        up to ``counted``."""
        started, size = asyncio.get_running_loop().time(), min(FIRST, limit)
        where = filter_of(query, before, scope)
        try:
            async with asyncio.timeout_at(started + DEADLINE_S):
                events, tally = await self._store.index.survey(where, size, counted)
        except TimeoutError:
            return Begun(query, limit, before, scope, NOT_FETCHED, started, timed_out=True)
        found = max(len(events), tally.events)
        page = Head(events, tally, whole=found < max(size, counted))
        return Begun(query, limit, before, scope, page, started)

    async def reach(self, begun: Begun, at_most: int) -> Reach:
        """How much the question touches, counting no further than ``at_most`` records. What could
        not be counted in time is as broad as can be."""
        if begun.timed_out:
            return Reach(at_most, more=True)
        index, page = self._store.index, _newest(begun)
        try:
            async with begun.in_time():
                return await reach_of(index, begun.query, begun.scope, at_most, page)
        except TimeoutError:
            return Reach(at_most, more=True)

    async def sightings(self, begun: Begun, at_most: int) -> Sequence[RecordedEvent] | None:
        """Where what the question names was seen, no more often than ``at_most``. ``None`` is what
        could not be found in time."""
        if begun.timed_out:
            return None
        index, page = self._store.index, _newest(begun)
        try:
            async with begun.in_time():
                return await sightings_of(index, begun.query, begun.scope, at_most, page)
        except TimeoutError:
            return None

    async def touches(self, begun: Begun, sources: Sequence[str]) -> bool:
        """Whether anything that the question would show is of these sources. What could not be
        found out in time is."""
        if begun.timed_out:
            return True
        where = replace(filter_of(begun.query, None, begun.scope), sources=sources)
        try:
            async with begun.in_time():
                return bool(await self._store.index.find(where, 1))
        except TimeoutError:
            return True

    async def answer(
        self,
        begun: Begun,
        redacts: Collection[str] = (),
        showing: Callable[[Sequence[RecordedEvent]], None] = lambda _: None,
    ) -> AsyncIterator[Line]:
        """The answer's lines, as ``docs/architecture.md`` has them, made without the fields that
        policy ``redacts``. ``showing`` is told of each page of events that is fetched after the
        first one, before it leaves."""
        query = begun.query
        yield {"understood": _understood(query)}
        found: Counter[str] = Counter()
        shown, timed_out = 0, begun.timed_out
        page_end = begun.before
        try:
            async for page in self._pages(begun, showing):
                shown += len(page)
                found.update(event.source for event in page)
                page_end = (page[-1].time, page[-1].seq)
                hits = [self._summarise(event, redacts) for event in page]
                yield {"hits": [msgspec.to_builtins(hit) for hit in hits]}
            async with begun.in_time():
                assets = await self._assets(query)
            if assets:
                yield {"assets": assets}
        except TimeoutError:
            timed_out = True
        for status in await self._statuses(query, found, timed_out):
            yield {"status": status}
        complete = shown < begun.limit and not timed_out
        yield {
            "done": {
                "found": shown,
                "at_least": not complete,
                "took_ms": round((asyncio.get_running_loop().time() - begun.started) * 1000, 1),
                "next": None if complete or page_end is None else f"{page_end[0]}.{page_end[1]}",
            }
        }

    async def _pages(
        self, begun: Begun, showing: Callable[[Sequence[RecordedEvent]], None]
    ) -> AsyncIterator[Sequence[RecordedEvent]]:
        """Pages of hits, newest first; a shape is tested here, its box in the index. Raises
        ``TimeoutError``."""
        query, left, page = begun.query, begun.limit, begun.page
        while page.events:
            kept = within(query.shape, page.events)[:left]
            if kept:
                if page is not begun.page:
                    showing(kept)
                yield kept
                left -= len(kept)
            if page.is_last_page or left == 0:
                return
            where = filter_of(query, end_of(page.events), begun.scope)
            async with begun.in_time():
                events = await self._store.index.find(where, MORE)
            page = Head(events, whole=len(events) < MORE)

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


def _newest(begun: Begun) -> Head:
    """The first page, where the answer begins with the newest."""
    return begun.page if begun.before is None else NOT_FETCHED


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
