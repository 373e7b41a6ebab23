"""Who is at the other end of a request: what the socket says, or what a trusted proxy says.

``X-Forwarded-For`` and ``X-Forwarded-Proto`` are read from the agency's own proxies alone; from
anybody else they are text that somebody made up (OWASP ASVS 5.0, 4.1.3).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from aiohttp import web

from watchfloor.contracts import AskAPerson, Refused

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Peer:
    """``address`` as text; empty where there is none. ``secure``: by TLS, all the way to here or to
    the proxy. ``here``: on this very machine, and not passed on by a proxy."""

    address: str
    secure: bool
    here: bool = False


PEER: web.RequestKey[Peer] = web.RequestKey("peer", Peer)


def peer_of(request: web.Request) -> Peer:
    """Who asks. The middleware of ``Proxies`` has found out."""
    return request[PEER]


class Proxies:
    """The agency's own. Raises ``AskAPerson`` (code ``bad_settings``) for what is no address."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted = [_network(text) for text in trusted]

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Notes the peer. With proxies and without TLS of its own, the hub hears nobody else: what
        goes past the proxy is in clear. Raises ``Refused`` (code ``past_the_proxy``)."""
        peer, passed_on = self.peer(request)
        if self._trusted and not (passed_on or peer.secure or peer.here):
            raise Refused(
                "The hub is reached through the agency's proxy only.",
                code="past_the_proxy",
                remedy="Use the hub's public address.",
            )
        request[PEER] = peer
        return await handler(request)

    def peer(self, request: web.BaseRequest) -> tuple[Peer, bool]:
        """Who asks, and whether a proxy passed it on."""
        nearest = _address(request.remote or "")
        chain = [*_forwarded(request)]
        if nearest is None or not chain or not self._is_trusted(nearest):
            here = nearest is not None and nearest.is_loopback and not chain
            return Peer(_text(nearest), request.secure, here), False
        return Peer(_text(self._farthest(chain)), _was_secure(request)), True

    def _farthest(self, chain: list[Address | None]) -> Address | None:
        """The one that the last proxy of ours saw. Each appends whom it saw; what stands before
        that came from outside."""
        for address in reversed(chain):
            if address is None or not self._is_trusted(address):
                return address
        return chain[0]

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise AskAPerson(
            f"trusted_proxies: {text!r} is no address and no network.",
            code="bad_settings",
            remedy="Write addresses such as 10.20.0.5, or networks such as 10.20.0.0/28.",
        ) from None


def _forwarded(request: web.BaseRequest) -> Iterator[Address | None]:
    for header in request.headers.getall("X-Forwarded-For", []):
        yield from (_address(part.strip()) for part in header.split(","))


def _was_secure(request: web.BaseRequest) -> bool:
    """What the nearest proxy says, which is the last word."""
    said = request.headers.getall("X-Forwarded-Proto", [""])[-1]
    return said.rpartition(",")[2].strip().lower() == "https"


def _address(text: str) -> Address | None:
    """An IPv4 address in IPv6's clothes counts as itself (RFC 4291, 2.5.5.2)."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if address.version == 6 else None
    return mapped or address


def _text(address: Address | None) -> str:
    return "" if address is None else str(address)
