"""Sends pages to the hub within its credits, many in flight, and knows what is durable."""

from __future__ import annotations

import asyncio
import base64
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct

from watchfloor.contracts import Event, WatchfloorError
from watchfloor.contracts.protocol import MAX_LINE, Credits, RawPage, RejectedRecord

from .connector import Page, Rejected
from .faces import events_without_faces, without_faces
from .peer import Peer

_encode = msgspec.json.Encoder().encode
_ROOM = MAX_LINE - 4096
"""Bytes for params: a line less what stands around them."""
_MAX_REJECTED = 1024 * 1024


class CreditPool:
    """What the hub still lets this worker send.

    A batch may start while both counts are above zero and may take them below: a page is never
    cut for the sake of credits, and what is in flight stays bounded all the same.
    """

    def __init__(self, credits: Credits) -> None:
        self._events = credits.events
        self._bytes = credits.bytes
        self._changed = asyncio.Event()

    def grant(self, credits: Credits) -> None:
        """The hub lets more be sent."""
        self._events += credits.events
        self._bytes += credits.bytes
        self._changed.set()

    async def take(self, events: int, size: int) -> None:
        """Wait for credit, then use it."""
        while self._events <= 0 or self._bytes <= 0:
            self._changed.clear()
            await self._changed.wait()
        self._events -= events
        self._bytes -= size


class _EmitParams(Struct, kw_only=True, omit_defaults=True):
    """``protocol.Emit`` with events that are not encoded yet: encoded once, with the rest."""

    events: Sequence[Event]
    checkpoint: Any = None
    raw: RawPage | None = None
    pointers: Sequence[str] = ()
    rejected: Sequence[RejectedRecord] = ()
    assured_until: datetime | None = None


@dataclass(slots=True)
class _Sent:
    future: asyncio.Future[msgspec.Raw]
    checkpoint: Any
    assured_until: datetime | None


class Emitter:
    """Pages of one loop, in order. ``checkpoint`` and ``assured_until`` are of the newest page
    up to which everything is durable."""

    def __init__(self, peer: Peer, pool: CreditPool, checkpoint: Any) -> None:
        self.checkpoint = checkpoint
        self.assured_until: datetime | None = None
        self._peer = peer
        self._pool = pool
        self._flight: deque[_Sent] = deque()

    async def send(self, page: Page) -> None:
        """Send when there is credit; does not wait for the answer. Raises what the hub answered
        to an earlier page: then nothing more is sent."""
        self.settle()
        for part, params in _parts(page):
            await self._pool.take(len(part.events), len(params))
            self.settle()
            future = self._peer.begin("emit", params)
            self._flight.append(_Sent(future, part.checkpoint, part.assured_until))
            if part.on_durable is not None:
                future.add_done_callback(partial(_tell_durable, part.on_durable))
        await self._peer.flush()

    async def drain(self) -> None:
        """Wait until all that was sent is durable. Raises what the hub answered instead."""
        if self._flight:
            await asyncio.wait([sent.future for sent in self._flight])
        self.settle()

    def settle(self) -> None:
        """Take note of the answers that have come. Raises what the hub answered to a page."""
        while self._flight and self._flight[0].future.done():
            sent = self._flight.popleft()
            try:
                sent.future.result()
            except WatchfloorError:
                self._forget()
                raise
            if sent.checkpoint is not None:
                self.checkpoint = sent.checkpoint
            if sent.assured_until is not None:
                self.assured_until = sent.assured_until

    def _forget(self) -> None:
        """Later pages are read again from the checkpoint, whatever becomes of them now."""
        for sent in self._flight:
            sent.future.cancel()
        self._flight.clear()


def _tell_durable(tell: Callable[[], None], answered: asyncio.Future[msgspec.Raw]) -> None:
    if not answered.cancelled() and answered.exception() is None:
        tell()


def _parts(page: Page) -> Iterator[tuple[Page, bytes]]:
    """A page as params, cut in two as often as it is longer than a line may be.

    The checkpoint goes with the last part: a crash between them repeats the first ones, and the
    hub knows repeated events.
    """
    params = _params(page)
    if len(params) <= _ROOM:
        yield page, params
    elif len(page.events) > 1:
        yield from (part for half in _halves(page) for part in _parts(half))
    elif page.raw is not None:
        yield from _parts(replace(page, raw=None, pointers=()))
    else:
        too_large = [Rejected("", "too_large", "One record is longer than a line may be.")]
        yield from _parts(replace(page, events=(), pointers=(), rejected=too_large))


def _halves(page: Page) -> tuple[Page, Page]:
    middle = len(page.events) // 2
    first = Page(
        events=page.events[:middle],
        raw=page.raw,
        content_type=page.content_type,
        pointers=page.pointers[:middle],
        rejected=page.rejected,
    )
    last = replace(page, events=page.events[middle:], pointers=page.pointers[middle:], rejected=())
    return first, last


def _params(page: Page) -> bytes:
    try:
        return _encoded(page)
    except (TypeError, ValueError, OverflowError):
        return _encoded(_without_unencodable(page))


def _encoded(page: Page) -> bytes:
    return _encode(
        _EmitParams(
            events=events_without_faces(page.events),
            checkpoint=page.checkpoint,
            raw=None if page.raw is None else raw_page(page.raw, page.content_type),
            pointers=page.pointers,
            rejected=[rejected_record(record) for record in page.rejected],
            assured_until=page.assured_until,
        )
    )


def _without_unencodable(page: Page) -> Page:
    """The page with events that JSON cannot hold (lone surrogates, odd objects) rejected."""
    good: list[Event] = []
    pointers: list[str] = []
    rejected = list(page.rejected)
    for index, event in enumerate(page.events):
        try:
            _encode(event)
        except (TypeError, ValueError, OverflowError):
            detail = "It cannot be written as JSON."
            rejected.append(Rejected(ascii(event), "not_encodable", detail))
        else:
            good.append(event)
            pointers.extend(page.pointers[index : index + 1])
    return replace(page, events=good, pointers=pointers, rejected=rejected)


def raw_page(body: bytes, content_type: str) -> RawPage:
    """A vendor's bytes as the protocol carries them: without attributes of faces."""
    text, encoding = as_text(without_faces(body))
    return RawPage(body=text, content_type=content_type, encoding=encoding)


def as_text(body: bytes) -> tuple[str, Any]:
    """(text, ``text``) where it is UTF-8, else (base64, ``base64``)."""
    try:
        return body.decode(), "text"
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), "base64"


def rejected_record(record: Rejected) -> RejectedRecord:
    """As the protocol carries it: without attributes of faces, cut to a length that can be
    looked at."""
    raw = record.raw.encode("utf-8", "replace") if isinstance(record.raw, str) else record.raw
    raw = without_faces(raw)[:_MAX_REJECTED]
    if isinstance(record.raw, str):
        raw = raw.decode("utf-8", "ignore").encode()  # the cut may go through a letter
    text, encoding = as_text(raw)
    return RejectedRecord(raw=text, code=record.code, detail=record.detail, encoding=encoding)
