"""Accepts what sources hand over: prepared, filed in one transaction, then told to the bus."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import orjson

from watchfloor import __version__
from watchfloor.contracts import GiveUp
from watchfloor.contracts.protocol import Emit, Emitted, RejectedRecord
from watchfloor.ports.bus import Bus
from watchfloor.ports.store import (
    Batch,
    Committed,
    DeadLetter,
    DeadStage,
    NewDeadLetter,
    NewEvent,
    Store,
)
from watchfloor.ports.world import Clock

from .lanes import Lane
from .prepare import Origin, Preparer, as_bytes, letters, prepare_all, raw_page

INLINE = 8
"""Up to so many events are prepared on the event loop; more go to a thread."""


@dataclass(frozen=True, slots=True)
class Redriven:
    """How a redrive ended: accepted (or known already), or still not acceptable."""

    accepted: int
    failed: int


class Ingest:
    """The one way into the event log."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, preparer: Preparer) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._preparer = preparer
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="prepare")
        self._lanes: defaultdict[str, Lane] = defaultdict(lambda: Lane(self._commit))
        self.totals: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """Since start, per source: ``events``, ``duplicates``, ``dead``, ``dropped`` (not kept: in
        a sensitive zone, or older than may be); ``last``: when the newest event was recorded."""

    def close(self) -> None:
        """Let the thread go. What was acknowledged is on disk already."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def accept(self, origin: Origin, emit: Emit, settles: Sequence[int] = ()) -> Emitted:
        """File what a source hands over; answers when it is durable. ``settles`` are the inbox
        rows (webhooks) that this deals with. Without a checkpoint it says nothing about what came
        before it, so it waits for nothing else."""
        preparing = self._batch(origin, emit, settles)
        if emit.checkpoint is None:
            [committed] = await self._commit([await preparing])
        else:
            committed = await self._lanes[origin.source].commit(preparing)
        return Emitted(
            accepted=len(committed.recorded),
            duplicates=committed.duplicates,
            dead=committed.dead,
        )

    async def redrive(self, origin: Origin, letters_to_try: Sequence[DeadLetter]) -> Redriven:
        """Try a source's dead letters of stage ``event`` again; those that fail keep their row."""
        accepted = failed = 0
        for letter in letters_to_try:
            outcome = self._preparer.event(origin, letter.raw, self._clock.now())
            if isinstance(outcome, NewEvent):
                batch = Batch(letter.source, letter.connector, [outcome], redriven=[letter.id])
                accepted += 1
            elif outcome is None:
                batch = Batch(letter.source, letter.connector, [], redriven=[letter.id])
                self.totals[letter.source]["dropped"] += 1
            else:
                again = NewDeadLetter(
                    letter.source, letter.stage, letter.raw, outcome.code, outcome.detail,
                    letter.connector, __version__, letter.id,
                )  # fmt: skip
                batch = Batch(letter.source, letter.connector, [], dead=[again])
                failed += 1
            await self._commit([batch])
        return Redriven(accepted, failed)

    async def _batch(self, origin: Origin, emit: Emit, settles: Sequence[int]) -> Batch:
        if len(emit.events) <= INLINE:
            return self._prepare(origin, emit, settles)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._prepare, origin, emit, settles)

    def _prepare(self, origin: Origin, emit: Emit, settles: Sequence[int]) -> Batch:
        if emit.pointers and len(emit.pointers) != len(emit.events):
            raise GiveUp("There must be one pointer an event, or none.", code="pointers_mismatch")
        raws = [bytes(event) for event in emit.events]
        stage: DeadStage = "delivery" if settles else "record"
        now = self._clock.now()
        done = prepare_all(self._preparer, origin, raws, emit.pointers, now)
        self.totals[origin.source]["dropped"] += done.dropped
        return Batch(
            source=origin.source,
            connector=origin.connector,
            events=done.good,
            dead=[
                *letters(origin, __version__, done.bad),
                *(_rejected(origin, stage, record) for record in emit.rejected),
            ],
            # A vendor's answer that holds a read which is not kept is not kept either.
            raw=None if done.dropped else raw_page(emit.raw),
            checkpoint=None if emit.checkpoint is None else orjson.dumps(emit.checkpoint),
            settles=settles,
        )

    async def _commit(self, batches: Sequence[Batch]) -> Sequence[Committed]:
        outcomes = await self._store.log.commit(batches)
        for batch, committed in zip(batches, outcomes, strict=True):
            counts = self.totals[batch.source]
            counts["events"] += len(committed.recorded)
            counts["duplicates"] += committed.duplicates
            counts["dead"] += committed.dead
            if committed.recorded:
                counts["last"] = committed.recorded[-1].recorded
                await self._bus.publish(committed.recorded)
        return outcomes


def _rejected(origin: Origin, stage: DeadStage, record: RejectedRecord) -> NewDeadLetter:
    return NewDeadLetter(
        origin.source, stage, as_bytes(record.raw, record.encoding), record.code, record.detail,
        origin.connector, __version__,
    )  # fmt: skip
