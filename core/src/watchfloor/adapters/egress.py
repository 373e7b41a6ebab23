"""Keeps the egress going, tells it who may go where, and hears what came of it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import logging
import secrets
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from watchfloor.contracts.protocol import Egress, Problem
from watchfloor.egress import PROGRAM, News, Pass, Proxy
from watchfloor.gate import Wire
from watchfloor.ports.world import Secrets

from .sidecar import Sidecar

log = logging.getLogger(__name__)

MEMORY = 1024 * 1024 * 1024
"""Bytes that it may take."""
BACKLOG = 1024
SOCKET = "egress"
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
    system's queue. ``link`` is made to lead to the folder of its socket, so that the next keeper
    finds what one that was killed has left. ``proxy`` is the agency's own, where there is one."""

    def __init__(self, link: Path, proxy: Proxy | None = None) -> None:
        self._link = link
        self._proxy = proxy
        self._guests: dict[str, _Guest] = {}
        self._wire: Wire[Pass, News] | None = None
        self._logged: dict[News, float] = {}
        _take_away(link)
        self._path, self._listener = _opened(link)
        self._egress = Sidecar(
            "egress", "workers connect again when it is back", PROGRAM, MEMORY, self._listener, News
        )

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

    def use(self, proxy: Proxy | None) -> None:
        """From the next connection on, by this proxy or by none."""
        self._proxy = proxy
        for guest in self._guests.values():
            guest.allowed = msgspec.structs.replace(guest.allowed, proxy=proxy)
            self._send(guest.allowed)

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()
        _take_away(self._link)

    async def run(self) -> None:
        """Until cancelled."""
        await self._egress.keep(self._attend)

    async def _attend(self, wire: Wire[Pass, News]) -> None:
        """Tell it what is known, then hear it until it has gone."""
        self._wire = wire
        wire.send([guest.allowed for guest in self._guests.values()])
        try:
            while True:
                for news in await wire.receive():
                    self._heard(news)
        finally:
            self._wire = None

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


async def proxy_of(url: str, secrets: Secrets) -> Proxy | None:
    """The agency's own proxy at ``http://host:port``, if there is one; its credential, where it
    wants one, is ``proxy`` of ``hub`` (basic, RFC 7617). Raises ``AskAPerson`` when the keyring
    cannot be trusted."""
    if not url:
        return None
    parts = urlsplit(url)
    if "proxy" not in await secrets.names("hub"):
        return Proxy(parts.hostname or "", parts.port or 0)
    kept = await secrets.get("hub", "proxy")
    user = kept.get("username") or kept.get("token", "")
    pair = f"{user}:{kept.get('password', '')}".encode()
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


def _opened(link: Path) -> tuple[Path, socket.socket]:
    """A socket that listens, and its path. That path would be too long for one in some data
    directories (unix(7)), so its folder lies elsewhere and ``link`` leads there."""
    folder = Path(tempfile.mkdtemp(prefix="watchfloor-"))
    link.symlink_to(folder)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(folder / SOCKET))
    listener.listen(BACKLOG)
    return folder / SOCKET, listener


def _take_away(link: Path) -> None:
    """The link, and the folder where it leads unless somebody listens there: a copied data
    directory has the link of a hub that runs."""
    if not link.is_symlink():
        return
    path = link.readlink() / SOCKET
    if not _in_use(path):
        path.unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            path.parent.rmdir()
    link.unlink()


def _in_use(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.setblocking(False)
        return asking.connect_ex(str(path)) in (0, errno.EAGAIN)
