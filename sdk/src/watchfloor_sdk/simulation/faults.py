"""What vendors' servers do wrong, to order.

simulator.faults.add(Fault.status(429, retry_after=2))
simulator.faults.add(Fault.half_body(), path="/reads", after=3, times=2)
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import cast

from aiohttp import web

from .records import Change, Order, changed, extended, renamed, reordered, retyped, spoilt

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Play = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]

_FOREVER = 10**9


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to go wrong. ``name`` is for test ids and logs."""

    name: str
    play: Play

    @classmethod
    def status(cls, code: int, *, retry_after: str | int | None = None) -> Fault:
        """Answer with a status: 401, 403, 404, 429, 500, 503 ... ``retry_after`` is in seconds,
        or an HTTP date as text."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}

        async def play(_: web.Request, __: Handler) -> web.StreamResponse:
            return web.json_response({"error": code}, status=code, headers=headers)

        return cls(f"status {code}", play)

    @classmethod
    def hang(cls) -> Fault:
        """Take the request and never answer."""

        async def play(_: web.Request, __: Handler) -> web.StreamResponse:
            await asyncio.Event().wait()
            raise AssertionError("unreachable")

        return cls("hang", play)

    @classmethod
    def slow(cls, seconds: float) -> Fault:
        """Answer rightly, late."""

        async def play(request: web.Request, handler: Handler) -> web.StreamResponse:
            await asyncio.sleep(seconds)
            return await handler(request)

        return cls(f"slow {seconds:g} s", play)

    @classmethod
    def half_body(cls) -> Fault:
        """Promise the whole answer, send half of it, hang up."""
        return cls("half body", _half)

    @classmethod
    def not_utf8(cls, after: bytes) -> Fault:
        """The right answer, but for one byte behind the first ``after`` in it: it is no UTF-8."""

        async def play(request: web.Request, handler: Handler) -> web.StreamResponse:
            right = cast(web.Response, await handler(request))
            body = cast(bytes, right.body)
            at = body.index(after) + len(after)
            spoilt = body[:at] + b"\xff" + body[at + 1 :]
            return web.Response(body=spoilt, content_type=right.content_type)

        return cls("not UTF-8", play)

    @classmethod
    def html(cls) -> Fault:
        """A web page with status 200: a log-in form or a notice of maintenance."""

        async def play(_: web.Request, __: Handler) -> web.StreamResponse:
            page = "<!doctype html><title>Maintenance</title><p>We will be back soon."
            return web.Response(text=page, content_type="text/html")

        return cls("html", play)

    @classmethod
    def redirect(cls, url: str) -> Fault:
        """Send the caller elsewhere (302)."""

        async def play(_: web.Request, __: Handler) -> web.StreamResponse:
            return web.Response(status=302, headers={"Location": url})

        return cls("redirect", play)

    @classmethod
    def duplicate(cls) -> Fault:
        """Give the answer that was given last on this path once more."""
        return cls("duplicate", _again)

    @classmethod
    def replay(cls) -> Fault:
        """Every record twice in one answer."""
        return cls("replay", _reordered(lambda rows: [*rows, *rows]))

    @classmethod
    def reorder(cls) -> Fault:
        """The right records, the last one first."""
        return cls("reorder", _reordered(lambda rows: rows[::-1]))

    @classmethod
    def expired(cls) -> Fault:
        """The token has run out: 401 as RFC 6750, section 3.1, words it."""
        headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}

        async def play(_: web.Request, __: Handler) -> web.StreamResponse:
            return web.json_response({"error": "invalid_token"}, status=401, headers=headers)

        return cls("token expired", play)

    @classmethod
    def dropped(cls) -> Fault:
        """The connection is cut without a word: a subscription that ends."""

        async def play(request: web.Request, _: Handler) -> web.StreamResponse:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()

        return cls("dropped", play)

    @classmethod
    def skewed(cls, seconds: float) -> Fault:
        """The vendor's clock is off: its ``Date`` and every RFC 3339 time in the answer."""

        async def play(request: web.Request, handler: Handler) -> web.StreamResponse:
            right = cast(web.Response, await handler(request))
            off = timedelta(seconds=seconds)
            body = _TIME.sub(lambda found: _moved(found[0], off), cast(bytes, right.body))
            date = format_datetime(datetime.now(UTC) + off, usegmt=True)
            return web.Response(body=body, content_type=right.content_type, headers={"Date": date})

        return cls(f"clock {seconds:+g} s", play)

    @classmethod
    def dated(cls, seconds: float) -> Fault:
        """The right answer, whose ``Date`` is off: the vendor's web server has another clock."""

        async def play(request: web.Request, handler: Handler) -> web.StreamResponse:
            off = datetime.now(UTC) + timedelta(seconds=seconds)
            date = {"Date": format_datetime(off, usegmt=True)}
            try:
                right = await handler(request)
            except web.HTTPException as refused:
                refused.headers.update(date)
                raise
            right.headers.update(date)
            return right

        return cls(f"Date {seconds:+g} s", play)

    @classmethod
    def renamed(cls, field: str) -> Fault:
        """Schema drift: a field of every record has another name."""
        return cls.changing(renamed(field), name=f"{field} renamed")

    @classmethod
    def retyped(cls, field: str) -> Fault:
        """Schema drift: a field of every record has another type."""
        return cls.changing(retyped(field), name=f"{field} retyped")

    @classmethod
    def extended(cls) -> Fault:
        """Schema drift: every record has a field more."""
        return cls.changing(extended, name="new field")

    @classmethod
    def spoilt(cls, canary: str, records: int = 1) -> Fault:
        """The first so many records that are asked for make no sense: ``canary`` stands where
        numbers and times should. To be played ``always``: answers without records pass by."""
        return cls.changing(spoilt(canary), most=records, name="bad record")

    @classmethod
    def changing(cls, change: Change, *, most: int | None = None, name: str = "changing") -> Fault:
        """The right answer with ``change`` made to its records: to the first ``most`` that are
        asked for, where that is said."""
        left = most

        async def play(request: web.Request, handler: Handler) -> web.StreamResponse:
            nonlocal left
            right = await handler(request)
            if not isinstance(right, web.Response) or not isinstance(right.body, bytes):
                return right
            body, count = changed(right.body, change, left)
            left = None if left is None else left - count
            return _answer(right, body) if count else right

        return cls(name, play)

    @classmethod
    def limited(cls, calls: int, per_s: float = 1.0) -> Fault:
        """At most ``calls`` in ``per_s`` seconds; 429 without Retry-After beyond. To be played
        ``always``."""
        taken: deque[float] = deque(maxlen=calls)

        async def play(request: web.Request, handler: Handler) -> web.StreamResponse:
            now = asyncio.get_running_loop().time()
            if len(taken) == calls and now - taken[0] < per_s:
                return web.json_response({"error": 429}, status=429)
            taken.append(now)
            return await handler(request)

        return cls(f"limited to {calls} in {per_s:g} s", play)

    @classmethod
    def instead(cls, body: bytes, content_type: str = "application/json") -> Fault:
        """Another answer altogether."""

        async def play(_: web.Request, __: Handler) -> web.StreamResponse:
            return web.Response(body=body, content_type=content_type)

        return cls("instead", play)


_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


def _moved(text: bytes, off: timedelta) -> bytes:
    return (datetime.fromisoformat(text.decode()) + off).isoformat().encode()


def _answer(right: web.Response, body: bytes) -> web.Response:
    return web.Response(body=body, status=right.status, content_type=right.content_type)


def _reordered(order: Order) -> Play:
    async def play(request: web.Request, handler: Handler) -> web.StreamResponse:
        right = cast(web.Response, await handler(request))
        body = reordered(cast(bytes, right.body), order)
        return right if body is right.body else _answer(right, body)

    return play


async def _half(request: web.Request, handler: Handler) -> web.StreamResponse:
    whole = cast(web.Response, await handler(request))
    body = whole.body if isinstance(whole.body, bytes) else b"{}"
    half = web.StreamResponse(status=whole.status, headers={"Content-Type": whole.content_type})
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return half


CALLED = web.RequestKey("called", str)
LAST = web.AppKey("last", dict[str, web.Response])


async def _again(request: web.Request, handler: Handler) -> web.StreamResponse:
    last = request.app[LAST].get(request[CALLED])
    if last is None:
        return await handler(request)
    return web.Response(body=last.body, status=last.status, content_type=last.content_type)


@dataclass(slots=True)
class _Due:
    fault: Fault
    path: str
    after: int
    times: int


class Faults:
    """Faults that wait for their request. The first one that fits is played."""

    def __init__(self) -> None:
        self._due: list[_Due] = []
        self.played: list[str] = []
        """Names, in the order in which they were played."""

    def add(self, fault: Fault, *, path: str = "/", after: int = 0, times: int = 1) -> None:
        """Play it on the next requests whose path starts with ``path``, ``times`` times, once
        ``after`` such requests have passed."""
        self._due.append(_Due(fault, path, after, times))

    def queue(self, faults: Iterable[Fault], *, path: str = "/") -> None:
        """One after the other on the next requests."""
        for fault in faults:
            self.add(fault, path=path)

    def always(self, fault: Fault, *, path: str = "/") -> None:
        """On every request, until ``clear``."""
        self.add(fault, path=path, times=_FOREVER)

    def clear(self) -> None:
        """The vendor has mended it."""
        self._due.clear()

    def take(self, path: str) -> Fault | None:
        """The fault for a request, if there is one for it."""
        for due in self._due:
            if path.startswith(due.path):
                if due.after > 0:
                    due.after -= 1
                    continue
                return self._play(due)
        return None

    def _play(self, due: _Due) -> Fault:
        due.times -= 1
        if due.times <= 0:
            self._due.remove(due)
        self.played.append(due.fault.name)
        return due.fault
