"""The gate's process: ``python -m watchfloor.gate.program``, with the socket pair to the hub as
standard input, over which the hub hands it the socket to listen on. Two arguments, the files of a
certificate and of its key, have it speak TLS. It ends when the hub does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import uvloop
from aiohttp import web

from watchfloor.answers import JSON, SECURITY_HEADERS, read_body
from watchfloor.contracts import GiveUp, NotFound, RetryLater, WatchfloorError
from watchfloor.logs import log_to_stderr
from watchfloor.tls import CertificateFiles, ServerTls

from .wire import MAX_BODY, Knock, Reply, Wire

log = logging.getLogger(__name__)

PATH = "/hooks/"
MOST = 1_024
"""Webhooks that there may be at a time; more are sent away for a second."""
LARGE = 64 * 1024
"""Bytes from which a body is a large one, as is one that does not say how long it is, and"""
MOST_LARGE = 16
"""how many of these there may be: who sends many keeps out others of his kind only."""
READ_S = 30.0
"""Seconds that a vendor gets to send a body."""
ANSWER_S = 15.0
"""Seconds that the hub gets to keep it."""


class Gate:
    """Passes on what comes, as many at a time as there are, and gives each its answer."""

    def __init__(self, wire: Wire[Knock, Reply]) -> None:
        self._wire = wire
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._next: list[Knock] = []
        self._number = self._inside = self._large = 0

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """One request, answered when the hub has said what it thinks of it."""
        source = request.path.removeprefix(PATH)
        if source == request.path or not source or "/" in source:
            return _refusal(NotFound("Only /hooks/<source> is here.", code="no_such_path"))
        if request.method != "POST":
            refused = _refusal(GiveUp("Only POST goes in.", code="only_post"))
            refused.headers["Allow"] = "POST"
            return refused
        try:
            with self._room(request):
                body = await read_body(request, MAX_BODY, READ_S)
                return _answer(await self._ask(request, source, body))
        except WatchfloorError as error:
            return _refusal(error)
        except Exception:
            log.exception("unexpected error at the gate")
            return _refusal(WatchfloorError("The gate failed on this.", code="internal"))

    @contextlib.contextmanager
    def _room(self, request: web.BaseRequest) -> Iterator[None]:
        """Raises ``RetryLater`` where there is none."""
        length = request.content_length
        large = length is None or length > LARGE
        if self._inside >= MOST or (large and self._large >= MOST_LARGE):
            raise _busy()
        self._inside += 1
        self._large += large
        try:
            yield
        finally:
            self._inside -= 1
            self._large -= large

    async def _ask(self, request: web.BaseRequest, source: str, body: bytes) -> Reply:
        loop = asyncio.get_running_loop()
        self._number += 1
        number = self._number
        future: asyncio.Future[Reply] = loop.create_future()
        self._waiting[number] = future
        if not self._next:  # all that came in this turn of the loop go together
            loop.call_soon(self._pass_on)
        query = request.raw_path.partition("?")[2]
        self._next.append(Knock(number, source, _headers(request), body, query))
        try:
            return await future
        finally:
            del self._waiting[number]

    def _pass_on(self) -> None:
        knocks, self._next = self._next, []
        self._wire.send(knocks)
        numbers = [knock.number for knock in knocks]
        asyncio.get_running_loop().call_later(ANSWER_S, self._give_up, numbers)

    def _give_up(self, numbers: Sequence[int]) -> None:
        """The hub has not answered these in time. It may keep them all the same."""
        for number in numbers:
            if future := self._open(number):
                future.set_exception(_busy())

    async def listen(self) -> None:
        """Hear what the hub answers, until it has gone."""
        with contextlib.suppress(EOFError):
            while True:
                for reply in await self._wire.receive():
                    if future := self._open(reply.number):
                        future.set_result(reply)

    def _open(self, number: int) -> asyncio.Future[Reply] | None:
        """Of one whose sender still waits."""
        future = self._waiting.get(number)
        return None if future is None or future.done() else future


def _busy() -> RetryLater:
    return RetryLater("The hub has too much to do.", code="hub_busy", retry_after=1)


def _headers(request: web.BaseRequest) -> dict[str, str]:
    """The first of each name."""
    headers: dict[str, str] = {}
    for name, value in request.raw_headers:
        headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    return headers


def _answer(reply: Reply) -> web.Response:
    if not reply.body:
        return web.Response(status=reply.status, headers=reply.headers)
    headers = dict(SECURITY_HEADERS)
    if reply.retry_after is not None:
        headers["Retry-After"] = str(reply.retry_after)
    return web.Response(body=reply.body, status=reply.status, headers=headers, content_type=JSON)


def _refusal(error: WatchfloorError) -> web.Response:
    return _answer(Reply.refusing(0, error))


async def main(tls: ServerTls | None) -> None:
    """Serve until the hub has gone."""
    with socket.socket(fileno=0) as channel:
        _, [listening], _, _ = socket.recv_fds(channel, 1, 1)
        reader, writer = await asyncio.open_unix_connection(sock=channel)
        gate = Gate(Wire(reader, writer, Reply))
        runner = web.ServerRunner(web.Server(gate.handle, access_log=None), handle_signals=False)
        await runner.setup()
        context = tls.context if tls else None
        await web.SockSite(runner, socket.socket(fileno=listening), ssl_context=context).start()
        following = asyncio.create_task(tls.follow()) if tls else None
        await gate.listen()
        if following:
            following.cancel()


if __name__ == "__main__":
    log_to_stderr("warning")
    named = [Path(argument) for argument in sys.argv[1:]]
    uvloop.run(main(ServerTls(CertificateFiles(*named)) if named else None))
