"""The egress's process: ``python -m watchfloor.egress.program``, with the socket pair to the hub as
standard input, over which the hub hands it the socket to listen on. It ends when the hub does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import socket
import struct
from collections import Counter
from collections.abc import Iterator

import uvloop

from watchfloor.gate import Wire
from watchfloor.logs import log_to_stderr

from .dial import CHUNK, NotOpened, Streams, dial
from .policy import News, Outcome, Pass

log = logging.getLogger(__name__)

MOST = 64
"""Connections that one process may have at a time."""
HEAD_S = 5.0
"""Seconds to say where to."""
IDLE_S = 900.0
"""Seconds without a byte either way after which a connection is closed: longer than streams leave
between two signs of life."""
PENALTY_S = 0.2
"""Seconds that a refusal takes, so that asking again and again costs the asker most."""

_CONNECT = re.compile(
    rb"CONNECT (\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5}) HTTP/1\.[01]\r\n"
)
_TOKEN = re.compile(rb"\r\nProxy-Authorization: *Bearer +([!-~]+) *\r\n", re.IGNORECASE)
_STATUS = {
    "http_request_denied": "403 Forbidden",
    "destination_ip_prohibited": "403 Forbidden",
    "proxy_authentication_failed": "407 Proxy Authentication Required",
    "connection_timeout": "504 Gateway Timeout",
    "connection_limit_reached": "429 Too Many Requests",
}


class Egress:
    """Lets through what a pass allows."""

    def __init__(self, wire: Wire[News, Pass]) -> None:
        self._wire = wire
        self._passes: dict[str, Pass] = {}
        self._open: Counter[int] = Counter()
        self._lines: dict[str, set[asyncio.StreamWriter]] = {}

    async def listen(self) -> None:
        """Hear who may go where, until the hub has gone."""
        with contextlib.suppress(EOFError):
            while True:
                await self.learn()

    async def learn(self) -> None:
        """Hear the next of it. Raises ``EOFError``."""
        for heard in await self._wire.receive():
            self._learn(heard)

    def _learn(self, heard: Pass) -> None:
        if heard.valid:
            self._passes[heard.token] = heard
            return
        self._passes.pop(heard.token, None)
        for writer in self._lines.pop(heard.token, ()):
            writer.close()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a worker, from its request to its end."""
        pid = _pid(writer)
        try:
            with self._counted(pid):
                await self._serve(pid, (reader, writer))
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            pass  # it broke off, or did not say in time where to
        except Exception:
            log.exception("unexpected error at the egress")
        finally:
            writer.close()

    @contextlib.contextmanager
    def _counted(self, pid: int) -> Iterator[None]:
        self._open[pid] += 1
        try:
            yield
        finally:
            self._open[pid] -= 1
            if not self._open[pid]:
                del self._open[pid]

    async def _serve(self, pid: int, inner: Streams) -> None:
        if self._open[pid] > 2 * MOST:  # not even an answer
            return
        async with asyncio.timeout(HEAD_S):
            head = await inner[0].readuntil(b"\r\n\r\n")
        asked = _CONNECT.match(head)
        if asked is None:
            inner[1].write(b"HTTP/1.1 405 Method Not Allowed\r\nAllow: CONNECT\r\n\r\n")
            return
        host, port = asked[1].decode().lower().rstrip("."), int(asked[2])
        allowed = self._pass_of(pid, head)
        source = allowed.source if allowed else self._source_of(pid)
        try:
            outer = await self._opened(pid, allowed, host, port)
        except NotOpened as error:
            self._tell(source, f"{host}:{port}", error.outcome)
            await _refuse(inner[1], error.outcome)
            return
        self._tell(source, f"{host}:{port}", "opened")
        assert allowed
        await self._relay(allowed.token, inner, outer)

    async def _opened(self, pid: int, allowed: Pass | None, host: str, port: int) -> Streams:
        if allowed is None:
            raise NotOpened("proxy_authentication_failed")
        if self._open[pid] > MOST:
            raise NotOpened("connection_limit_reached")
        return await dial(allowed, host, port)

    def _pass_of(self, pid: int, head: bytes) -> Pass | None:
        """A token counts only in the hands of the process that it was given to."""
        said = _TOKEN.search(head)
        allowed = self._passes.get(said[1].decode()) if said else None
        if allowed is None or allowed.pid != pid:
            return None
        return allowed

    def _source_of(self, pid: int) -> str:
        """Who asks with a token that is not its own; empty when it is no worker."""
        return next((each.source for each in self._passes.values() if each.pid == pid), "")

    def _tell(self, source: str, target: str, outcome: Outcome) -> None:
        self._wire.send([News(source, target, outcome)])

    async def _relay(self, token: str, inner: Streams, outer: Streams) -> None:
        lines = self._lines.setdefault(token, set())
        lines.add(inner[1])
        try:
            inner[1].write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await _both_ways(inner, outer)
        finally:
            lines.discard(inner[1])
            outer[1].close()


async def _both_ways(inner: Streams, outer: Streams) -> None:
    """Until both ends are done, one breaks, or nothing moves any more."""
    loop = asyncio.get_running_loop()
    moved = [loop.time()]
    pumps = [
        asyncio.create_task(_pump(inner[0], outer[1], moved)),
        asyncio.create_task(_pump(outer[0], inner[1], moved)),
    ]
    try:
        while not all(pump.done() for pump in pumps):
            left = moved[0] + IDLE_S - loop.time()
            if left <= 0 or any(pump.done() and pump.exception() for pump in pumps):
                return
            waiting = [pump for pump in pumps if not pump.done()]
            await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


async def _pump(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, moved: list[float]
) -> None:
    loop = asyncio.get_running_loop()
    while chunk := await source.read(CHUNK):
        sink.write(chunk)
        await sink.drain()
        moved[0] = loop.time()
    if sink.can_write_eof():
        sink.write_eof()


async def _refuse(writer: asyncio.StreamWriter, outcome: Outcome) -> None:
    """With the reason as RFC 9209 has it."""
    await asyncio.sleep(PENALTY_S)
    status = _STATUS.get(outcome, "502 Bad Gateway")
    head = f"HTTP/1.1 {status}\r\nProxy-Status: watchfloor; error={outcome}\r\n"
    writer.write(f"{head}Content-Length: 0\r\n\r\n".encode())
    await writer.drain()


def _pid(writer: asyncio.StreamWriter) -> int:
    """Of the process at the other end, as the system knows it (unix(7), SO_PEERCRED)."""
    peer = writer.get_extra_info("socket")
    size = struct.calcsize("3i")
    return int(struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))[0])


async def main() -> None:
    """Serve until the hub has gone."""
    with socket.socket(fileno=0) as channel:
        _, [listening], _, _ = socket.recv_fds(channel, 1, 1)
        reader, writer = await asyncio.open_unix_connection(sock=channel)
        egress = Egress(Wire(reader, writer, Pass))
        await egress.learn()  # who was admitted before must not be refused now
        served = await asyncio.start_unix_server(
            egress.handle, sock=socket.socket(fileno=listening), limit=CHUNK
        )
        async with served:
            await egress.listen()


if __name__ == "__main__":
    log_to_stderr("warning")
    uvloop.run(main())
