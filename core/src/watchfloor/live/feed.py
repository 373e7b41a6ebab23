"""The feed: what changes on the board, told to every open console.

Each batch is encoded once for all subscribers who see the same rows and fields of it. A subscriber
that cannot keep up loses its backlog, not the hub's memory: it is told ``reset`` and fetches the
board again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from itertools import compress
from typing import Any, Literal, TypeVar

import msgspec

from watchfloor.policy import Sight
from watchfloor.ports.bus import Bus
from watchfloor.ports.store import Scope, Seq, Store

from .board import Board, Changes, Row, per_reader

MAX_PENDING = 4 * 1024 * 1024
"""Bytes that may wait for one subscriber."""

MAX_CATCH_UP = 5_000
"""Events that a returning subscriber is served from the log; beyond, it gets ``reset``."""

KEEP_ALIVE_S = 10.0

Subject = Literal["data", "alerts", "wall", "sources", "settings", "oversight", "hub"]
"""What a message is about: events; alerts; alerts as a wall shows them; how sources fare; the same
with their settings; what those hear of who oversee; banner and whatever else is the hub's own."""

T = TypeVar("T")

_encode = msgspec.json.Encoder().encode


def message(event: str, data: Any, seq: Seq | None = None) -> bytes:
    """One server-sent event (WHATWG HTML, 9.2)."""
    head = f"event: {event}\n" if seq is None else f"id: {seq}\nevent: {event}\n"
    return head.encode() + b"data: " + _encode(data) + b"\n\n"


def messages(changes: Changes) -> Callable[[Sight], bytes]:
    """What somebody sees of what a batch changed, as server-sent events in one piece."""
    rows: list[tuple[str, str, Row[Any]]] = [
        *(("positions", key, row) for key, row in changes.positions.items()),
        *(("reads", key, row) for (key, _), row in changes.reads.items()),
        *(("summaries", "", row) for row in changes.summaries),
    ]

    def encode(shown: Sequence[tuple[str, str, Row[Any]]], redacts: frozenset[str]) -> bytes:
        its: dict[str, list[Any]] = {}
        for what, key, row in shown:
            if (it := row.without(redacts)) is not None:
                its.setdefault(what, []).append((key, it) if what == "reads" else it)
        parts = []
        if places := its.get("positions"):
            parts.append(message("positions", places, changes.seq))
        if counts := its.get("reads"):
            parts.append(message("reads", per_reader(counts), changes.seq))
        if summaries := its.get("summaries"):
            parts.append(message("summaries", summaries, changes.seq))
        return b"".join(parts)

    return _once(rows, lambda each, scope: scope.shows(each[2].of), encode)


def _once(
    rows: Sequence[T],
    shows: Callable[[T, Scope], bool],
    encode: Callable[[Sequence[T], frozenset[str]], bytes],
) -> Callable[[Sight], bytes]:
    """What one person after another sees of some rows, encoded once for all who see the same rows
    without the same fields; nothing where it is nothing."""
    made: dict[tuple[frozenset[str], tuple[bool, ...]], bytes] = {}

    def chunk(sight: Sight) -> bytes:
        shown = tuple(shows(row, sight.scope) for row in rows)
        if not any(shown):
            return b""
        same = sight.redacts, shown
        if same not in made:
            made[same] = encode(list(compress(rows, shown)), sight.redacts)
        return made[same]

    return chunk


def nobody() -> None:
    """Who sits at a screen that is locked, or where that does not matter."""


class Subscriber:
    """One open console: chunks that wait to be written. ``sights`` has each subject that its person
    is told of, and what they see of it; ``reader`` is who can read it now, by handle."""

    def __init__(
        self, sights: Mapping[Subject, Sight], reader: Callable[[], str | None] = nobody
    ) -> None:
        self.sights = sights
        self.reader = reader
        self._pending: list[bytes] = []
        self._size = 0
        self._wake = asyncio.Event()
        self.ended = False

    def push(self, chunk: bytes) -> bool:
        """Queue a chunk; an overfull queue becomes one ``reset``. Whether it is queued."""
        if self.ended:
            return False
        fits = self._size + len(chunk) <= MAX_PENDING
        if not fits:
            self._pending, self._size = [], 0
            chunk = message("reset", {"reason": "This console could not keep up."})
        self._pending.append(chunk)
        self._size += len(chunk)
        self._wake.set()
        return fits

    def end(self) -> None:
        """No more will come, and what still waits is not for them."""
        self.ended = True
        self._pending, self._size = [], 0
        self._wake.set()

    def start_over(self) -> None:
        """What they may see is another matter now: they are let go, to ask anew."""
        self.end()
        self._pending = [message("reset", {"reason": "What may be seen here has changed."})]

    async def next(self) -> bytes:
        """Everything that waits, joined; a comment when nothing came for a while; nothing at the
        end."""
        if self.ended:
            return self._taken()
        try:
            async with asyncio.timeout(KEEP_ALIVE_S):
                await self._wake.wait()
        except TimeoutError:
            return b": still here\n\n"
        self._wake.clear()
        return self._taken()

    def _taken(self) -> bytes:
        chunk = b"".join(self._pending)
        self._pending, self._size = [], 0
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
            self._tell("data", messages(self._board.take(batch)))

    def tell(self, event: str, data: Any, about: Subject = "hub") -> None:
        """Tell something that is not in the log: the banner, a notice."""
        chunk = message(event, data)
        self._tell(about, lambda _: chunk)

    def tell_people(
        self, event: str, data: Any, about: Subject, heard: Collection[str]
    ) -> set[str]:
        """Tell something to whoever can read it now, but for those who ``heard`` of it; who they
        are, by handle."""
        chunk = message(event, data)
        return {
            reader
            for each in self._subscribers
            if about in each.sights
            and (reader := each.reader()) is not None
            and reader not in heard
            and each.push(chunk)
        }

    def tell_shown(
        self,
        event: str,
        rows: Sequence[T],
        shows: Callable[[T, Scope], bool],
        without: Callable[[T, frozenset[str]], Any],
        about: Subject,
    ) -> None:
        """Tell everybody of those rows that they are shown, each ``without`` the fields that they
        do not see."""

        def encode(shown: Sequence[T], redacts: frozenset[str]) -> bytes:
            return message(event, [without(row, redacts) for row in shown])

        self._tell(about, _once(rows, shows, encode))

    def end(self) -> None:
        """The hub closes: let every console go."""
        for subscriber in self._subscribers:
            subscriber.end()

    def start_over(self) -> None:
        """Who may see what has changed: every console asks anew."""
        for subscriber in self._subscribers:
            subscriber.start_over()

    def _tell(self, subject: Subject, told: Callable[[Sight], bytes]) -> None:
        for subscriber in self._subscribers:
            sight = subscriber.sights.get(subject)
            if sight is not None and (chunk := told(sight)):
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
            data = subscriber.sights.get("data")
            if after is not None and after != upto and data is not None:
                missed = await self._missed(after, upto, data)
                if not subscriber.ended:
                    yield missed
            while chunk := await subscriber.next():
                yield chunk
        finally:
            self._subscribers.discard(subscriber)

    async def _missed(self, after: Seq, upto: Seq, sight: Sight) -> bytes:
        if after > upto:
            return message("reset", {"reason": "This hub never came that far."})
        if upto - after > MAX_CATCH_UP:
            return message("reset", {"reason": "Too much has happened since."})
        missed = [event for event in await self._store.log.read(after, upto - after)
                  if event.seq <= upto]  # fmt: skip
        return messages(self._board.retell(missed))(sight)
