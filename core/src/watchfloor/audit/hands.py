"""A thread of one's own for work that may never come back: a disk or a mount that hangs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
_Job = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class Hand:
    """Does one thing after the other. The thread is a daemon: a hub ends although a disk hangs."""

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._waiting = 0
        threading.Thread(target=self._work, name=name, daemon=True).start()

    @property
    def busy(self) -> bool:
        """Whether something that was asked of it is not done yet."""
        return self._waiting > 0

    async def do(self, work: Callable[[], T], deadline_s: float | None = None) -> T:
        """Do it and say what came of it. Raises ``TimeoutError`` past the deadline, with the work
        still going on."""
        async with asyncio.timeout(deadline_s):
            return await self.begin(work)

    def begin(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Have it done; the future says what came of it."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._waiting += 1
        self._jobs.put((work, loop, done))
        return done

    def end(self) -> None:
        """No more work; what hangs is left behind."""
        self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            work, loop, done = job
            answer, error = None, None
            try:
                answer = work()
            except Exception as raised:  # it is raised again where it was asked for
                error = raised
            with suppress(RuntimeError):  # the loop has ended: nobody waits
                loop.call_soon_threadsafe(self._tell, done, answer, error)

    def _tell(self, done: asyncio.Future[Any], answer: Any, error: Exception | None) -> None:
        self._waiting -= 1
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(answer)
