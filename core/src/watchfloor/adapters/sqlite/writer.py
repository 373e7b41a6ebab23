"""The one writer: takes what waits, writes it in one transaction, syncs once, then answers.

A group is one transaction. When something in it fails, all of it is rolled back and each piece of
work is done again in a transaction of its own, so that the failing one hurts no other, even
where it took the whole transaction down (a full disk). The usual case pays nothing for that.

Within a group, neighbours that do the same to different things do it together: a hundred small
batches are filed by as many statements as a large one. Each statement gives up the interpreter
lock and has to win it back from a busy event loop, so their number is what a group costs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeVar

from watchfloor.contracts import RetryLater, WatchfloorError

from .connection import translate

_log = logging.getLogger(__name__)

T = TypeVar("T")
Item = TypeVar("Item")
Work = Callable[[sqlite3.Connection], T]
Joint = Callable[[sqlite3.Connection, Sequence[Item]], Sequence[T]]
"""Work that can be done for several callers at once: one answer an item, in order."""

CAPACITY = 8_192
"""Pieces of work that may wait. More would only make everybody late."""
GROUP_WEIGHT = 8_192
"""Rows, about, that one transaction takes: what waits behind it waits for all of them."""
_CHORES_EVERY = 2_000
"""Rows written, about, after which the urgent chores have their turn."""
_QUIET_S = 0.02
"""Nothing came for so long: time for chores."""
_NOTHING_S = 1.0


@dataclass(slots=True)
class _Job:
    """One caller's part of some work and where its answer goes."""

    work: Joint[Any, Any]
    item: Any
    weight: int
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None

    def answer(self) -> None:
        """Runs on the caller's loop. A caller that went away gets no answer and needs none."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


@dataclass(slots=True)
class _Waiting:
    """What waits for the writer, oldest first."""

    jobs: deque[_Job] = field(default_factory=deque)
    changed: threading.Condition = field(default_factory=threading.Condition)
    closing: bool = False

    def put(self, job: _Job) -> None:
        with self.changed:
            if self.closing:
                raise RetryLater("The store is closing.", code="store_closed")
            if len(self.jobs) >= CAPACITY:
                raise RetryLater("Too much waits to be written.", code="store_busy", retry_after=1)
            self.jobs.append(job)
            if len(self.jobs) == 1:  # the writer waits only when there is nothing
                self.changed.notify()

    def take(self, patience_s: float) -> list[_Job] | None:
        """A group; empty when nothing came in time, ``None`` when it is over."""
        with self.changed:
            if not self.jobs and not self.closing:
                self.changed.wait(patience_s)
            if not self.jobs:
                return None if self.closing else []
            return self._group()

    def _group(self) -> list[_Job]:
        group = [self.jobs.popleft()]
        weight = group[0].weight
        while self.jobs and weight + self.jobs[0].weight <= GROUP_WEIGHT:
            group.append(self.jobs.popleft())
            weight += group[-1].weight
        return [job for job in group if not job.future.cancelled()]

    def close(self) -> None:
        with self.changed:
            self.closing = True
            self.changed.notify()


class Writer:
    """Owns the writing connection and its thread.

    ``settled`` is told after each transaction whether it stands and about how many rows it has, so
    that caches of what was written can keep or forget it. ``chores`` run in a transaction of their
    own: all of them when nothing waits (``True``), the urgent ones after every few thousand rows.
    They answer whether they have more to do.
    """

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        settled: Callable[[bool, int], None],
        chores: Callable[[sqlite3.Connection, bool], bool],
    ) -> None:
        self._connect = connect
        self._settled = settled
        self._chores = chores
        self._waiting = _Waiting()
        self._connection: sqlite3.Connection | None = None
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)

    def start(self) -> None:
        """Connect, in the calling thread so that its errors show, and begin."""
        self._connection = self._connect()
        self._thread.start()

    def close(self) -> None:
        """Finish what waits, then release the file. Blocks."""
        self._waiting.close()
        if self._thread.ident is not None:
            self._thread.join()

    async def write(self, work: Work[T], weight: int = 1) -> T:
        """Run ``work`` in a transaction; answers when that is synced. Cancelling the caller
        never stops work that has begun: it is whole or not at all, as always."""
        return await self.write_together(lambda connection, _: [work(connection)], None, weight)

    async def write_together(self, work: Joint[Item, T], item: Item, weight: int = 1) -> T:
        """The same for work that neighbours of equal ``work`` have done in one go."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.put(_Job(work, item, weight, loop, future))
        return await future

    def _run(self) -> None:
        patience = _NOTHING_S
        since_chores = 0
        while (group := self._waiting.take(patience)) is not None:
            if group:
                self._transact(group)
                _answer(group)
                since_chores += _weight(group)
                patience = _QUIET_S
            if not group or since_chores >= _CHORES_EVERY:
                since_chores = 0
                more = self._work_off(idle=not group)
                if not group:
                    patience = 0 if more else _NOTHING_S
        self._disconnect()

    def _work_off(self, idle: bool) -> bool:
        try:
            with self._transaction(0) as connection:
                return self._chores(connection, idle)
        except WatchfloorError:
            return False  # a full disk, say: the next caller is told, chores come again
        except Exception as error:  # whoever waits to write must not wait for ever
            _log.error("A chore of the store failed: %s.", type(error).__name__)
            return False

    def _transact(self, group: Sequence[_Job]) -> None:
        if len(group) == 1:
            self._alone(group[0])
            return
        try:
            self._straight(group)
        except Exception:
            for job in group:
                self._alone(job)

    def _straight(self, group: Sequence[_Job]) -> None:
        with self._transaction(_weight(group)) as connection:
            for work, jobs in groupby(group, key=attrgetter("work")):
                _do(work, list(jobs), connection)

    def _alone(self, job: _Job) -> None:
        try:
            self._straight([job])
        except Exception as error:
            job.error = error

    @contextlib.contextmanager
    def _transaction(self, rows: int) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._connection = self._connection or self._connect()
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except BaseException as error:
            self._roll_back()
            if isinstance(error, sqlite3.Error):
                raise self._explain(error) from error
            raise
        self._settled(True, rows)

    def _explain(self, error: sqlite3.Error) -> Exception:
        meaning = translate(error)
        if meaning.code == "disk_error":
            self._disconnect()  # the next group gets a fresh one
        return meaning

    def _roll_back(self) -> None:
        self._settled(False, 0)
        if self._connection is not None and self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except sqlite3.Error:
                self._disconnect()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()


def _do(work: Joint[Any, Any], jobs: Sequence[_Job], connection: sqlite3.Connection) -> None:
    results = work(connection, [job.item for job in jobs])
    for job, result in zip(jobs, results, strict=True):
        job.result = result


def _weight(group: Sequence[_Job]) -> int:
    return sum(job.weight for job in group)


def _answer(group: Sequence[_Job]) -> None:
    """One wake-up a loop, however many callers wait there."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in group:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, jobs in by_loop.items():
        with contextlib.suppress(RuntimeError):  # that loop is closed: nobody waits there
            loop.call_soon_threadsafe(_answer_all, jobs)


def _answer_all(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        job.answer()
