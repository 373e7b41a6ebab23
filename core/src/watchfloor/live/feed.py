"""The feed: what changes on the board, told to every open console.

Each batch is encoded once and handed to all subscribers. A subscriber that cannot keep up loses
its backlog, not the hub's memory: it is told ``reset`` and fetches the board again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any, Literal

import msgspec

from watchfloor.ports.bus import Bus
from watchfloor.ports.store import Seq, Store

from .board import Board, Changes

MAX_PENDING = 4 * 1024 * 1024
"""Bytes that may wait for one subscriber."""

MAX_CATCH_UP = 5_000
"""Events that a returning subscriber is served from the log; beyond, it gets ``reset``."""

KEEP_ALIVE_S = 10.0

Subject = Literal["data", "cji", "alerts", "cji_alerts", "wall", "oversight", "hub"]
"""What a message is about: events; those that are criminal justice information; alerts, and such of
those; alerts as a wall shows them; what those hear of who oversee; sources, banner and whatever
else is the hub's own."""

_encode = msgspec.json.Encoder().encode


def message(event: str, data: Any, seq: Seq | None = None) -> bytes:
    """One server-sent event (WHATWG HTML, 9.2)."""
    head = f"event: {event}\n" if seq is None else f"id: {seq}\nevent: {event}\n"
    return head.encode() + b"data: " + _encode(data) + b"\n\n"


def messages(changes: Changes) -> bytes:
    """What a batch changed, as server-sent events in one piece."""
    parts = []
    if changes.positions:
        parts.append(message("positions", list(changes.positions.values()), changes.seq))
    if changes.reads:
        parts.append(message("reads", changes.reads, changes.seq))
    if changes.summaries:
        parts.append(message("summaries", changes.summaries, changes.seq))
    return b"".join(parts)


class Subscriber:
    """One open console: chunks that wait to be written, about what its person may see."""

    def __init__(self, subjects: frozenset[Subject]) -> None:
        self.subjects = subjects
        self._pending: list[bytes] = []
        self._size = 0
        self._wake = asyncio.Event()
        self.ended = False

    def push(self, chunk: bytes) -> None:
        """Queue a chunk; an overfull queue becomes one ``reset``."""
        if self._size + len(chunk) > MAX_PENDING:
            self._pending, self._size = [], 0
            chunk = message("reset", {"reason": "This console could not keep up."})
        self._pending.append(chunk)
        self._size += len(chunk)
        self._wake.set()

    def end(self) -> None:
        """No more will come, and what still waits is not for them."""
        self.ended = True
        self._pending, self._size = [], 0
        self._wake.set()

    async def next(self) -> bytes:
        """Everything that waits, joined; a comment when nothing came for a while; nothing at the
        end."""
        if self.ended:
            return b""
        try:
            async with asyncio.timeout(KEEP_ALIVE_S):
                await self._wake.wait()
        except TimeoutError:
            return b": still here\n\n"
        chunk = b"".join(self._pending)
        self._pending, self._size = [], 0
        self._wake.clear()
        return chunk


class Feed:
    """Follows the bus, keeps the board, tells subscribers."""

    def __init__(self, store: Store, bus: Bus, board: Board) -> None:
        self._store = store
        self._bus = bus
        self._board = board
        self._subscribers: set[Subscriber] = set()

    async def run(self) -> None:
        """Follow the bus until cancelled."""
        async for batch in self._bus.follow(self._board.seq):
            changes = self._board.take(batch)
            for subject, part in _apart(changes):
                if chunk := messages(part):
                    self._tell(subject, chunk)

    def tell(self, event: str, data: Any, about: Subject = "hub") -> None:
        """Tell something that is not in the log: alerts, sources, the banner."""
        self._tell(about, message(event, data))

    def end(self) -> None:
        """The hub closes: let every console go."""
        for subscriber in self._subscribers:
            subscriber.end()

    def _tell(self, subject: Subject, chunk: bytes) -> None:
        for subscriber in self._subscribers:
            if subject in subscriber.subjects:
                subscriber.push(chunk)

    async def follow(
        self, subscriber: Subscriber, after: Seq | None
    ) -> AsyncGenerator[bytes, None]:
        """Chunks for one console, from a position on; from now on with ``None``. It ends when the
        subscriber is ended, whatever waits for it."""
        self._subscribers.add(subscriber)
        upto = self._board.seq  # what comes later is pushed, also while we yield
        try:
            yield b"retry: 2000\n\n"
            if after is not None and after != upto and "data" in subscriber.subjects:
                yield await self._missed(after, upto, subscriber.subjects)
            while chunk := await subscriber.next():
                yield chunk
        finally:
            self._subscribers.discard(subscriber)

    async def _missed(self, after: Seq, upto: Seq, subjects: frozenset[Subject]) -> bytes:
        if after > upto:
            return message("reset", {"reason": "This hub never came that far."})
        if upto - after > MAX_CATCH_UP:
            return message("reset", {"reason": "Too much has happened since."})
        missed = [event for event in await self._store.log.read(after, upto - after)
                  if event.seq <= upto]  # fmt: skip
        parts = _apart(self._board.retell(missed))
        return b"".join(messages(part) for subject, part in parts if subject in subjects)


def _apart(changes: Changes) -> tuple[tuple[Subject, Changes], ...]:
    """What everybody sees, and what takes a certification (CJISSECPOL 5.1.1)."""
    cji = [each for each in changes.summaries if each.handling == "cji"]
    if not cji:
        return (("data", changes),)
    rest = [each for each in changes.summaries if each.handling != "cji"]
    closed = Changes(changes.seq, summaries=cji)
    return (("data", replace(changes, summaries=rest)), ("cji", closed))
