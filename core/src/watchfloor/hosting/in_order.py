"""Hands one worker's batches to ingest: several at once, in order, none passed over.

When the store refuses (busy, disk full), the batch and those behind it wait here and are tried
again in their order. The worker sees only a late answer and, through its credits, back-pressure.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from watchfloor.contracts import AskAPerson, RetryLater, WatchfloorError
from watchfloor.contracts.protocol import Emit, Emitted

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 5.0
FINISH_S = 10.0
"""How long the end of a run waits for a store that neither files nor refuses."""


@dataclass(slots=True, eq=False)
class Pending:
    """A batch that is not yet durable."""

    id: int
    emit: Emit
    size: int
    since: float
    filing: asyncio.Task[Emitted] | None = field(default=None)


class InOrder:
    """The batches of one worker. ``done`` is called for each, in order, once it is durable;
    ``blocked`` with the reason when the store refuses and with ``None`` when it goes on."""

    def __init__(
        self,
        accept: Callable[[Emit], Coroutine[Any, Any, Emitted]],
        done: Callable[[Pending, Emitted], None],
        blocked: Callable[[WatchfloorError | None], None],
    ) -> None:
        self._accept = accept
        self._done = done
        self._blocked = blocked
        self._pending: deque[Pending] = deque()
        self._paused = False
        self._failing = False
        self._came = asyncio.Event()

    def put(self, id: int, emit: Emit, size: int) -> None:
        """The next batch."""
        pending = Pending(id, emit, size, asyncio.get_running_loop().time())
        if not (self._paused or self._failing):
            pending.filing = self._file(emit)
        self._pending.append(pending)
        self._came.set()

    def oldest_s(self) -> float:
        """The age of the oldest batch that is not yet durable; 0 when there is none."""
        if not self._pending:
            return 0.0
        return asyncio.get_running_loop().time() - self._pending[0].since

    async def run(self) -> None:
        """Settle batches until cancelled. Raises what ingest can never accept.

        What is being filed at the end is let finish: nobody hears of it, and a new worker starts
        from where it led.
        """
        try:
            while True:
                await self._next()
                head = self._pending[0]
                emitted = await self._settled(head)
                self._pending.popleft()
                self._done(head, emitted)
        finally:
            await self._finish([pending.filing for pending in self._pending if pending.filing])

    async def _finish(self, filings: Sequence[asyncio.Task[Emitted]]) -> None:
        if filings:
            await asyncio.wait(filings, timeout=FINISH_S)
        for filing in filings:
            filing.cancel()
        await asyncio.gather(*filings, return_exceptions=True)

    async def _next(self) -> None:
        while not self._pending:
            self._came.clear()
            await self._came.wait()

    async def _settled(self, head: Pending) -> Emitted:
        tries = 0
        while True:
            assert head.filing
            await asyncio.wait([head.filing])  # which, cancelled, leaves the filing alone
            try:
                emitted = head.filing.result()
            except (RetryLater, AskAPerson) as error:
                tries += 1
                await self._again(error, tries)
            else:
                self._go_on()
                return emitted

    async def _again(self, error: WatchfloorError, tries: int) -> None:
        self._paused = True
        self._blocked(error)
        filings = [pending.filing for pending in self._pending if pending.filing]
        await asyncio.wait(filings)
        wait = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0**tries)
        await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - spreads tries
        self._failing = False
        for pending in self._pending:
            if pending.filing and pending.filing.done() and _failed(pending.filing):
                pending.filing = self._file(pending.emit)

    def _go_on(self) -> None:
        if not self._paused:
            return
        self._paused = False
        self._blocked(None)
        for pending in self._pending:
            if pending.filing is None:
                pending.filing = self._file(pending.emit)

    def _file(self, emit: Emit) -> asyncio.Task[Emitted]:
        return asyncio.create_task(self._filed(emit))

    async def _filed(self, emit: Emit) -> Emitted:
        """File one, unless one before it has failed since: ingest knows of an order only between
        batches that are with it at the same time."""
        if self._failing:
            raise RetryLater("An earlier batch waits for the store.")
        try:
            return await self._accept(emit)
        except BaseException:
            self._failing = True
            raise


def _failed(filing: asyncio.Task[Emitted]) -> bool:
    return filing.cancelled() or filing.exception() is not None
