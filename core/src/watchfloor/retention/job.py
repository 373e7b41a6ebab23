"""The purge job: steps through everything that is due, beside a hub that works.

A step is one short transaction, and begins when no search is under way. Between two the job rests
for longer than the step took, so that the writer is there for ingest and the disk for searches.
Killed at any moment it has deleted whole events only, and the next run goes on: what is due is
found anew, and the receipts that are open are continued.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct

from watchfloor.contracts import WatchfloorError, rfc3339
from watchfloor.ports.store import Cursor, Due, Purged, Receipt, Store
from watchfloor.ports.world import Clock

from .kinds import EVENTS
from .limits import DAY
from .plan import COUNTED, lines
from .schedule import InForce

_log = logging.getLogger(__name__)

STEP_S = 0.01
"""What a step is to take. A commit that comes in meanwhile waits for its end, so this is about what
the slowest one in twenty waits; longer steps would purge faster, for pages and syncs are shared."""
REST = 2.0
"""Times that, at rest: two thirds of the writer and of the disk stay free."""
FIRST, LEAST, MOST = 100, 50, 1_000
"""Records of a step: the first, and the bounds between which it adapts. Fewer than ``LEAST`` would
only sync more often: on a slow disk that is what a step costs."""
COMPACTIONS = 5_000
"""Steps of compaction at most: an index that grows meanwhile would never be done."""
TOLD = "retention-told"
"""The position of the last receipt that was told, among the store's consumers."""
_OFTEN_S, _SELDOM_S = 30.0, 3600.0


class Progress(Struct, kw_only=True):
    """How far a run is. ``due`` was counted at its start; held records are among it. Without
    ``begun`` it was asked for and begins."""

    running: bool = False
    begun: str | None = None
    ended: str | None = None
    stream: str | None = None
    due: int = 0
    deleted: int = 0
    held: int = 0
    contradictions: list[str] = []
    receipts: list[int] = []
    problem: str | None = None
    """The code of what ended it before its end."""


def _nothing(_: Due) -> None:
    """No memory that holds events."""


class PurgeJob:
    """Runs the purge, one at a time. ``told`` gets every receipt, in order, for the audit log;
    without it they wait for a job that has it. ``forget`` is called with each limit of events once
    nothing older is left: what is held in memory follows."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        in_force: Callable[[], Awaitable[InForce]],
        told: Callable[[Sequence[Receipt]], Awaitable[None]] | None = None,
        forget: Callable[[Due], None] = _nothing,
    ) -> None:
        self._purging = store.purging
        self._store = store
        self._clock = clock
        self._in_force = in_force
        self._told = told
        self._forget = forget
        self._one = asyncio.Lock()
        self._asked = asyncio.Event()
        self._pace = _Pace()
        self.progress = Progress()

    async def keep(self) -> None:
        """Run again and again until cancelled: as often as the shortest cap asks for. What goes
        wrong is shown in the progress, and tried again."""
        while True:
            pause_s = _OFTEN_S
            try:
                await self.run()
                pause_s = await self._pause_s()
            except WatchfloorError as error:
                self.progress.problem = error.code
                _log.warning("The purge stopped: %s (%s)", error.detail, error.code)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._asked.wait()
            self._asked.clear()

    def ask(self) -> Progress:
        """Have ``keep`` run at once, or once more when a run is under way; how far it is."""
        self._asked.set()
        if not self.progress.running:
            self.progress = Progress(running=True)
        return self.progress

    async def run(self) -> Progress:
        """Delete what is due now. Answers when its receipts are closed and told."""
        async with self._one:
            self.progress = Progress(running=True, begun=rfc3339(self._clock.now()))
            try:
                await self._run()
            finally:
                self.progress.running = False
                self.progress.ended = rfc3339(self._clock.now())
                self.progress.stream = None
        return self.progress

    async def _pause_s(self) -> float:
        caps = (await self._in_force()).caps
        shortest = min((cap.micros for cap in caps), default=DAY)
        return min(_SELDOM_S, max(_OFTEN_S, shortest / DAY * _SELDOM_S))

    async def _run(self) -> None:
        await self._purging.settle()
        before = {receipt.no for receipt in await self._untold()}
        dues = await self._dues()
        self.progress.due = sum([await self._purging.due(due, COUNTED) for due in dues])
        for due in dues:
            await self._purge(due)
        if self.progress.deleted:
            await self._compact()
        await self._purging.finish()
        receipts = await self._untold()
        await self._tell(receipts)
        self.progress.receipts = [each.no for each in receipts if each.no not in before]

    async def _untold(self) -> Sequence[Receipt]:
        return await self._store.receipts.closed(await self._store.log.position(TOLD))

    async def _tell(self, receipts: Sequence[Receipt]) -> None:
        """Every receipt once, or once more where the hub ended before that was noted."""
        if receipts and self._told is not None:
            await self._told(receipts)
            await self._store.log.advance(TOLD, receipts[-1].no)

    async def _dues(self) -> list[Due]:
        in_force = await self._in_force()
        now = self._clock.now()
        found: list[Due] = []
        for line in lines(in_force, await self._purging.streams()):
            due = line.due(now, in_force.version)
            if due is None:
                self.progress.contradictions.append(_name(line.stream))
            else:
                found.append(due)
        return found

    async def _purge(self, due: Due) -> None:
        self.progress.stream = _name(due.stream)
        after: Cursor | None = None
        while True:
            purged = await self._step(due, after)
            self.progress.deleted += purged.deleted
            self.progress.held += purged.held
            if (after := purged.after) is None:
                break
        if due.stream.kind in EVENTS:
            self._forget(due)

    async def _step(self, due: Due, after: Cursor | None) -> Purged:
        limit = self._pace.limit
        await self._purging.quiet()
        began = time.perf_counter()
        purged = await self._purging.step(due, after, limit)
        await self._pace.rest(time.perf_counter() - began, due_left=purged.after is not None)
        return purged

    async def _compact(self) -> None:
        for _ in range(COMPACTIONS):
            await self._purging.quiet()
            began = time.perf_counter()
            if not await self._purging.compact():
                return
            await asyncio.sleep(REST * (time.perf_counter() - began))


class _Pace:
    """How much a step takes on, by how long the last one took."""

    def __init__(self) -> None:
        self.limit = FIRST

    async def rest(self, took_s: float, due_left: bool) -> None:
        if due_left:
            wanted = self.limit * STEP_S / max(took_s, STEP_S / 10)
            self.limit = round(min(MOST, max(LEAST, (self.limit + wanted) / 2)))
        await asyncio.sleep(REST * took_s)


def _name(stream: tuple[str, str]) -> str:
    source, kind = stream
    return f"{source or 'hub'}: {kind}"
