"""Headers that every answer of the console's server carries, and under which names it answers."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from aiohttp import web

from watchfloor.answers import SECURITY_HEADERS
from watchfloor.contracts import Refused

from .forwarded import PEER, Handler, peer_of

STRICT_TRANSPORT = "max-age=31536000"
"""A year. Said over TLS only (RFC 6797, 7.2). Other names of the agency's domain are none of the
hub's business, so they are not included."""

API_PATH = "/api/"


async def secure(request: web.Request, response: web.StreamResponse) -> None:
    """Signal ``on_response_prepare``."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path.startswith(API_PATH):  # OWASP ASVS 5.0, 14.3.2: no copies in caches
        response.headers.setdefault("Cache-Control", "no-store")
    peer = request.get(PEER)
    if peer is not None and peer.secure:
        response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)


class Names:
    """Under which names the hub is reached: ``urls`` and, from this very machine, loopback. Another
    name in ``Host`` is a page that had its own name lead here (DNS rebinding)."""

    def __init__(self, urls: Iterable[str]) -> None:
        self._hosts = frozenset(urlsplit(url).hostname for url in urls)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Raises ``Refused`` (code ``wrong_host``)."""
        host = hostname(request.host)
        if not (host in self._hosts or (peer_of(request).here and host in LOOPBACK)):
            raise Refused(
                "The hub does not answer under this name.",
                code="wrong_host",
                remedy="Use its public address, or correct public_url in hub.toml.",
            )
        return await handler(request)


LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def hostname(host: str) -> str | None:
    """The name in a ``Host`` header, without the port, in small letters."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
