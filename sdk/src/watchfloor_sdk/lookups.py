"""Look-ups in a worker: each asked with its deadline, its results handed over as they come."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import msgspec

from watchfloor.contracts import (
    LookupAnswer,
    LookupRequest,
    LookupStatus,
    Refused,
    RetryLater,
    WatchfloorError,
)
from watchfloor.contracts import protocol as p

from .connector import Connector, Incomplete, NotAsked
from .context import Context
from .loops import place_of
from .peer import Peer

MOST_AT_ONCE = 8
"""Questions of one worker that are asked at the same time; more wait within their deadlines."""

_MOST_SAID = 1024
"""Characters of an answer's detail (the contract's own limit)."""


class Lookups:
    """The questions that one worker is at."""

    def __init__(self, connector: Connector[Any], ctx: Context[Any], peer: Peer) -> None:
        self._connector = connector
        self._ctx = ctx
        self._peer = peer
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)
        self._asking: dict[str, asyncio.Task[None]] = {}
        peer.listeners["cancel_lookup"] = self._cancel

    async def lookup(self, request: LookupRequest) -> LookupAnswer:
        """Ask until the answer is whole, the deadline is over or nobody waits any more."""
        task = asyncio.create_task(self._ask(request))
        self._asking[request.id] = task
        try:
            await asyncio.wait([task])
            return _answer(request, task)
        finally:
            task.cancel()
            del self._asking[request.id]

    async def _ask(self, request: LookupRequest) -> None:
        async with asyncio.timeout(request.deadline_s), self._turns:
            answers = self._connector.lookup(self._ctx, request)
            async with aclosing(answers) as found:  # type: ignore[type-var]
                async for result in found:
                    self._peer.notify(
                        "found",
                        p.Found(
                            request=request.id,
                            results=[msgspec.Raw(msgspec.json.encode(result))],
                        ),
                    )
                    await self._peer.flush()

    def _cancel(self, raw: msgspec.Raw) -> None:
        task = self._asking.get(msgspec.json.decode(raw, type=p.CancelParams).request)
        if task is not None:
            task.cancel()


def _answer(request: LookupRequest, task: asyncio.Task[None]) -> LookupAnswer:
    """How a question ended. The words come from our own errors only: others could hold a name."""
    if task.cancelled():
        return LookupAnswer(request=request.id, status="timed_out", detail="Nobody waits for it.")
    error = task.exception()
    status, detail = _status(request, error)
    code = error.code if isinstance(error, WatchfloorError) else None
    asked = not isinstance(error, NotAsked)
    return LookupAnswer(request=request.id, status=status, detail=detail, code=code, asked=asked)


def _status(request: LookupRequest, error: BaseException | None) -> tuple[LookupStatus, str | None]:
    if error is None:
        return "ok", None
    if isinstance(error, TimeoutError):
        return "timed_out", f"It did not answer within {request.deadline_s:g} s."
    if isinstance(error, Incomplete):
        return error.status, error.detail
    if isinstance(error, RetryLater):  # its remedy is the hub's own, and a question is asked once
        return "unavailable", error.detail
    if isinstance(error, WatchfloorError):
        said = " ".join(filter(None, (error.detail, error.remedy)))[:_MOST_SAID]
        return ("denied" if isinstance(error, Refused) else "unavailable"), said
    return "unavailable", f"The connector failed: {place_of(error)}."
