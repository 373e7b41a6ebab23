"""Keeps the egress's process going, tells it who may go where, and hears what came of it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from watchfloor.contracts import AskAPerson
from watchfloor.contracts.protocol import Egress, Problem
from watchfloor.egress import PROGRAM, News, Pass, Proxy
from watchfloor.gate import Wire
from watchfloor.ports.world import Secrets

from .processes import bare_environment, launched

log = logging.getLogger(__name__)

MEMORY = 1024 * 1024 * 1024
"""Bytes that it may take."""
AGAIN_S = (0.1, 0.1, 1.0, 5.0)
"""Seconds until it is started again, the longer the more often it ended soon."""
STEADY_S = 10.0
"""Having run for so long, it has not ended soon."""
BACKLOG = 1024
_LOGGED_AGAIN_S = 60.0
"""A refusal that comes again and again is logged once in so many seconds."""

_DENIED = ("http_request_denied", "proxy_authentication_failed")
Told = Callable[[Problem | None], None]


@dataclass(slots=True)
class _Guest:
    """One worker's pass, and which hosts it was refused."""

    allowed: Pass
    told: Told
    refused: set[str] = field(default_factory=set)


class EgressKeeper:
    """The ``WaysOut`` port. It listens from the start: who comes while no egress runs waits in the
    system's queue. ``proxy`` is the agency's own, where there is one."""

    def __init__(self, proxy: Proxy | None = None) -> None:
        self._proxy = proxy
        self._guests: dict[str, _Guest] = {}
        self._wire: Wire[Pass, News] | None = None
        self._logged: dict[News, float] = {}
        # A path in the data directory could be longer than a socket's may be (unix(7)).
        self._folder = Path(tempfile.mkdtemp(prefix="watchfloor-"))
        self._path = self._folder / "egress"
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self._path))
        self._listener.listen(BACKLOG)

    @contextlib.contextmanager
    def admitted(
        self, source: str, pid: int, hosts: Sequence[str], internal: Sequence[str], told: Told
    ) -> Iterator[Egress]:
        """A way out for the process ``pid``, as long as it runs. ``told`` hears of a host that it
        was refused, and ``None`` when there is none any more."""
        token = secrets.token_urlsafe(32)
        names = frozenset(map(str.lower, hosts)), frozenset(map(str.lower, internal))
        allowed = Pass(token, source, pid, *names, self._proxy)
        self._guests[token] = _Guest(allowed, told)
        self._send(allowed)
        try:
            yield Egress(socket=str(self._path), token=token)
        finally:
            del self._guests[token]
            self._send(Pass(token, source, pid, frozenset(), frozenset(), valid=False))

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        fast_ends = 0
        while True:
            begun = loop.time()
            try:
                await self._life()
                log.error("the egress has ended; workers connect again when it is back")
            except OSError as error:
                log.error("the egress cannot be started: %s", error.strerror)
            fast_ends = 0 if loop.time() - begun > STEADY_S else fast_ends + 1
            await asyncio.sleep(AGAIN_S[min(fast_ends, len(AGAIN_S) - 1)])

    async def _life(self) -> None:
        """One egress, from its start to its end."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    *launched(MEMORY), sys.executable, "-I", "-m", PROGRAM,
                    stdin=theirs.fileno(), stdout=asyncio.subprocess.DEVNULL,
                    env=bare_environment(), start_new_session=True,
                )  # fmt: skip
            try:
                socket.send_fds(ours, [b"\0"], [self._listener.fileno()])
                reader, writer = await asyncio.open_unix_connection(sock=ours, limit=1024 * 1024)
                await self._attend(Wire(reader, writer, News))
            finally:
                self._wire = None
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()

    async def _attend(self, wire: Wire[Pass, News]) -> None:
        """Tell it what is known, then hear it until it has gone."""
        self._wire = wire
        wire.send([guest.allowed for guest in self._guests.values()])
        try:
            while True:
                for news in await wire.receive():
                    self._heard(news)
        except EOFError:
            pass
        finally:
            wire.close()

    def _send(self, allowed: Pass) -> None:
        if self._wire is not None:
            self._wire.send([allowed])

    def _heard(self, news: News) -> None:
        self._log(news)
        for guest in [*self._guests.values()]:
            if guest.allowed.source == news.source:
                _judge(guest, news)

    def _log(self, news: News) -> None:
        who = news.source or "a process with a token that is not its own"
        if news.outcome == "opened":
            log.info("%s: connected to %s", who, news.target)
            return
        now = asyncio.get_running_loop().time()
        if now - self._logged.get(news, float("-inf")) > _LOGGED_AGAIN_S:
            if len(self._logged) > BACKLOG:
                self._logged.clear()
            self._logged[news] = now
            log.warning("%s: not connected to %s: %s", who, news.target, news.outcome)


async def proxy_of(url: str, secrets: Secrets) -> Proxy:
    """The agency's own proxy at ``http://host:port``; its credential, where it has one, is
    ``proxy`` of ``hub`` (basic, RFC 7617)."""
    parts = urlsplit(url)
    try:
        kept = await secrets.get("hub", "proxy")
    except AskAPerson:
        return Proxy(parts.hostname or "", parts.port or 0)
    pair = f"{kept.get('username', '')}:{kept.get('password', '')}".encode()
    authorization = f"Basic {base64.b64encode(pair).decode()}"
    return Proxy(parts.hostname or "", parts.port or 0, authorization)


def _judge(guest: _Guest, news: News) -> None:
    before = bool(guest.refused)
    if news.outcome in _DENIED:
        if len(guest.refused) < BACKLOG:
            guest.refused.add(news.target)
        guest.told(_problem(news.target))
    elif news.outcome == "opened":
        guest.refused.discard(news.target)
        if before and not guest.refused:
            guest.told(None)


def _problem(target: str) -> Problem:
    return Problem(
        code="host_not_allowed",
        detail=f"The connector tried to reach {target[:200]}, which it may not.",
        remedy="Ask its owner why. What it may reach stands in its manifest and its settings.",
        attention=True,
    )
