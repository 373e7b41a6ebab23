"""The hub's end of the line to one worker: writes in order, matches answers to questions."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any, TypeVar

import msgspec

from watchfloor.contracts import RetryLater, WatchfloorError, rpc
from watchfloor.contracts.protocol import Frame
from watchfloor.ports.world import WorkerProcess

T = TypeVar("T")


class Line:
    """Requests to a worker and answers to its requests."""

    def __init__(self, process: WorkerProcess) -> None:
        self._process = process
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[msgspec.Raw]] = {}
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue()
        self._closed = False

    async def run(self) -> None:
        """Write what is queued until cancelled. Raises ``BrokenPipeError``."""
        try:
            while True:
                await self._process.write(await self._outgoing.get())
        finally:
            self._close()

    def send(self, line: bytes) -> None:
        """Queue one line. What waits is bounded by credits and by requests in flight."""
        self._outgoing.put_nowait(line[:-1])

    def answer(self, id: int, result: Any) -> None:
        """The answer to a request of the worker."""
        self.send(rpc.answer(id, result))

    def refuse(self, id: int, error: WatchfloorError) -> None:
        """The other kind of answer."""
        self.send(rpc.failure(id, error))

    async def request(self, method: str, params: Any, result: type[T], deadline_s: float) -> T:
        """Ask the worker. Raises its errors, and ``RetryLater`` when it does not answer."""
        if self._closed:
            raise _gone()
        number = next(self._ids)
        future = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        self.send(rpc.request(number, method, msgspec.json.encode(params)))
        try:
            async with asyncio.timeout(deadline_s):
                return msgspec.json.decode(await future, type=result)
        except TimeoutError:
            raise RetryLater(
                f"The worker did not answer {method} within {deadline_s:g} s.",
                code="worker_silent",
            ) from None
        except msgspec.DecodeError:
            raise RetryLater(
                f"The worker's answer to {method} makes no sense.", code="worker_confused"
            ) from None
        finally:
            self._waiting.pop(number, None)

    def settle(self, frame: Frame) -> None:
        """An answer came. One that nobody waits for any more is dropped."""
        future = self._waiting.get(frame.id) if frame.id is not None else None
        if future is None or future.done():
            return
        if frame.error is not None:
            future.set_exception(rpc.to_error(frame.error))
        else:
            future.set_result(frame.result)

    def _close(self) -> None:
        self._closed = True
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(_gone())


def _gone() -> RetryLater:
    return RetryLater("The worker has ended.", code="worker_gone")
