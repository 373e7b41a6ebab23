"""The worker's end of the line to the hub: requests both ways over two pipes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from watchfloor.contracts import GiveUp, WatchfloorError, rpc
from watchfloor.contracts.protocol import Frame, RpcError

Handler = Callable[[msgspec.Raw], Awaitable[Any]]
Listener = Callable[[msgspec.Raw], None]


class Peer:
    """Sends and receives lines. ``handlers`` answer requests, ``listeners`` take notifications.

    A handler's ``WatchfloorError`` becomes the error of its answer; any other exception becomes
    an internal error that names its class only, because its text may hold a vendor's record.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.handlers: dict[str, Handler] = {}
        self.listeners: dict[str, Listener] = {}
        self._reader = reader
        self._writer = writer
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[msgspec.Raw]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Take lines until the other side closes. Raises ``msgspec.DecodeError`` on garbage."""
        try:
            while line := await self._reader.readline():
                self._take(rpc.read(line))
        finally:
            for future in self._waiting.values():
                future.cancel()
            for task in self._tasks:
                task.cancel()

    def notify(self, method: str, params: Any) -> None:
        """Send what wants no answer."""
        self._writer.write(rpc.notification(method, params))

    def begin(self, method: str, params: bytes) -> asyncio.Future[msgspec.Raw]:
        """Send a request with encoded params; the answer comes as the future's result."""
        number = next(self._ids)
        future = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        self._writer.write(rpc.request(number, method, params))
        return future

    async def request(self, method: str, params: Any, deadline_s: float) -> msgspec.Raw:
        """Ask and wait. Raises our errors as the other side sent them, and ``TimeoutError``."""
        async with asyncio.timeout(deadline_s):
            return await self.begin(method, msgspec.json.encode(params))

    async def flush(self) -> None:
        """Wait until the pipe has taken what was written."""
        await self._writer.drain()

    def _take(self, frame: Frame) -> None:
        if frame.method is None:
            self._settle(frame)
        elif frame.id is not None:
            task = asyncio.create_task(self._answer(frame.id, frame.method, frame.params))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif listener := self.listeners.get(frame.method):
            listener(frame.params)

    def _settle(self, frame: Frame) -> None:
        future = self._waiting.pop(frame.id, None) if frame.id is not None else None
        if future is None or future.done():
            return
        if frame.error is not None:
            future.set_exception(rpc.to_error(frame.error))
        else:
            future.set_result(frame.result)

    async def _answer(self, id: int, method: str, params: msgspec.Raw) -> None:
        handler = self.handlers.get(method)
        try:
            if handler is None:
                raise GiveUp(f"This worker has no method {method}.", code="no_such_method")
            line = rpc.answer(id, await handler(params))
        except WatchfloorError as error:
            line = rpc.failure(id, error)
        except msgspec.ValidationError as error:
            line = rpc.failure(id, RpcError(code=rpc.INVALID_PARAMS, message=str(error)))
        except Exception as error:
            name = type(error).__name__
            line = rpc.failure(id, RpcError(code=rpc.INTERNAL_ERROR, message=name))
        self._writer.write(line)
        await self._writer.drain()
