"""Which hosts a worker may speak to, and at which addresses.

Two questions, asked before every connection: is ``host:port`` on the list that the hub gave, and
does the name lead to an address where a vendor may live? A name that a vendor chose must lead to
a public address (else a redirect or a changed DNS answer could reach the agency's own network);
a host that the agency wrote into the configuration may be internal. The connection then goes to
the address that was checked, so that a second DNS answer cannot differ from the first.

In a hub all this is its egress's to decide, and the worker has no other way out
(``docs/worker-protocol.md``); what is asked here says sooner what is wrong.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from watchfloor.contracts import Refused, RetryLater
from watchfloor.contracts.protocol import Egress

from .sockets import handed_on
from .tunnel import through

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits
_PORTS = {"http": 80, "https": 443}


def host_port(url: str) -> str:
    """``https://api.example.org/v1`` is ``api.example.org:443``. Raises ``Refused``."""
    parts = urlsplit(url)
    try:
        port = parts.port or _PORTS[parts.scheme]
    except (KeyError, ValueError):
        raise Refused("Not an http or https address.", code="bad_url") from None
    if not parts.hostname:
        raise Refused("The address names no host.", code="bad_url")
    return join(parts.hostname, port)


def join(host: str, port: int) -> str:
    """``host:port`` in lower case, an IPv6 address in brackets."""
    host = host.lower().strip("[]").rstrip(".")
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _embedded(address: IPAddress) -> IPAddress:
    """The IPv4 address inside an IPv6 one, where there is one: it is where packets end up."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_public(text: str) -> bool:
    """Whether an address is on the open internet: not private, local, shared or multicast."""
    address = _embedded(ipaddress.ip_address(text.split("%")[0]))
    return address.is_global and not address.is_multicast


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _is_link_local(text: str) -> bool:
    return _embedded(ipaddress.ip_address(text.split("%")[0])).is_link_local


class Network:
    """The list of ``host:port`` that may be reached.

    ``internal`` are those of them that the agency itself wrote: their names may lead to private
    and loopback addresses. An address written as such is what it says. Link-local addresses
    (cloud metadata services live there) are reached only when written as such. ``egress`` is the
    hub's way out, where there is a hub.
    """

    def __init__(
        self, hosts: Iterable[str], internal: Iterable[str] = (), egress: Egress | None = None
    ) -> None:
        self._egress = egress
        self._hosts = frozenset(host.lower() for host in hosts)
        self._internal = frozenset(host.lower() for host in internal)

    def admits(self, host: str, port: int) -> bool:
        """Whether ``host:port`` is on the list."""
        return join(host, port) in self._hosts

    def check(self, host: str, port: int) -> None:
        """Raises ``Refused`` (code ``host_not_allowed``) when it is not on the list."""
        if not self.admits(host, port):
            raise Refused(
                f"This connector may not reach {join(host, port)}.",
                code="host_not_allowed",
                remedy="Compare the source's settings with the hosts in the connector's manifest.",
            )

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """Where to connect: checked addresses. Raises ``Refused`` or ``RetryLater`` (DNS)."""
        self.check(host, port)
        if _is_literal(host):
            return [host.strip("[]")]
        found = await _resolve(host, port)
        allowed = [address for address in found if self._may_be(join(host, port), address)]
        if not allowed:
            raise Refused(
                f"{join(host, port)} leads to an internal address.",
                code="internal_address",
                remedy="Check the name server. To allow it, name the address in the settings.",
            )
        return allowed

    async def dial(self, host: str, port: int, timeout: float | None = None) -> socket.socket:
        """A connected, non-blocking socket to ``host:port``: the one way out.

        Whoever asks puts TLS on it where it belongs, and closes it. ``timeout`` (seconds) is for
        all of it. Raises ``Refused``, ``RetryLater`` (DNS), ``TimeoutError`` or ``OSError``, and
        ``AskAPerson`` where the agency's own proxy is in the way.
        """
        self.check(host, port)
        async with asyncio.timeout(timeout):
            if self._egress:
                return await through(self._egress, join(host, port))
            addresses = await self.addresses(host, port)
            return await _first_of(addresses, port)

    def _may_be(self, name: str, address: str) -> bool:
        if is_public(address):
            return True
        return name in self._internal and not _is_link_local(address)


async def _first_of(addresses: Sequence[str], port: int) -> socket.socket:
    """Connected to the first that answers. Raises ``OSError`` of the last that does not."""
    last = OSError("no address")
    for address in addresses:
        try:
            return await _connected(address, port)
        except OSError as error:
            last = error
    raise last


async def _connected(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with handed_on(socket.socket(family, socket.SOCK_STREAM)) as outgoing:
        outgoing.setblocking(False)
        outgoing.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(outgoing, (address, port))
    return outgoing


async def _resolve(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise RetryLater(f"The name {host} could not be resolved.", code="dns") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
