"""Connects to where a pass allows, at a checked address, or by the agency's own proxy."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Sequence

from .addresses import is_internal, is_link_local, is_literal
from .policy import Outcome, Pass, Proxy

CONNECT_S = 10.0
"""Seconds for all of it: name, connection, the agency's proxy."""
CHUNK = 256 * 1024
"""Bytes that may be under way in each direction; then the faster side waits."""

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class NotOpened(Exception):
    """There is no connection, and why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome: Outcome = outcome


async def dial(allowed: Pass, host: str, port: int) -> Streams:
    """Connected. Raises ``NotOpened``."""
    if f"{host}:{port}" not in allowed.hosts:
        raise NotOpened("http_request_denied")
    try:
        async with asyncio.timeout(CONNECT_S):
            return await _connect(allowed, host, port)
    except TimeoutError:
        raise NotOpened("connection_timeout") from None
    except OSError:
        raise NotOpened("connection_refused") from None


async def _connect(allowed: Pass, host: str, port: int) -> Streams:
    try:
        addresses = await _resolved(host, port)
    except (OSError, UnicodeError):  # the latter where it is no host's name (RFC 1035)
        if allowed.proxy is None:
            raise NotOpened("dns_error") from None
        addresses = []  # outer names need not be known here where a proxy knows them
    may_be = [each for each in addresses if _may_be(allowed, host, port, each)]
    if addresses and not may_be:
        raise NotOpened("destination_ip_prohibited")
    if allowed.proxy and not any(map(is_internal, may_be)):
        return await _by_proxy(allowed.proxy, host, port)
    return await _first_of(may_be, port)


async def _resolved(host: str, port: int) -> list[str]:
    if is_literal(host):
        return [host.strip("[]")]
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _may_be(allowed: Pass, host: str, port: int, address: str) -> bool:
    """An address written as such by somebody who may is what it says. A name may lead inside only
    where the agency itself wrote it, and nowhere link-local."""
    if not is_internal(address):
        return True
    if f"{host}:{port}" not in allowed.internal:
        return False
    return is_literal(host) or not is_link_local(address)


async def _first_of(addresses: Sequence[str], port: int) -> Streams:
    last = OSError("no address")
    for address in addresses:
        try:
            return await asyncio.open_connection(address, port, limit=CHUNK)
        except OSError as error:
            last = error
    raise last


async def _by_proxy(proxy: Proxy, host: str, port: int) -> Streams:
    """CONNECT once more (RFC 9110, section 9.3.6)."""
    opened = await asyncio.open_connection(proxy.host, proxy.port, limit=CHUNK)
    async with _closed_on_error(opened) as streams:
        reader, writer = streams
        lines = [f"CONNECT {host}:{port} HTTP/1.1", f"Host: {host}:{port}"]
        if proxy.authorization:
            lines.append(f"Proxy-Authorization: {proxy.authorization}")
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        try:
            status = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1]
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, IndexError):
            raise OSError("the proxy broke off") from None
        if status.startswith(b"4"):
            raise NotOpened("proxy_configuration_error")
        if not status.startswith(b"2"):
            raise OSError("the proxy could not connect")
        return streams


@contextlib.asynccontextmanager
async def _closed_on_error(streams: Streams) -> AsyncIterator[Streams]:
    try:
        yield streams
    except BaseException:
        streams[1].close()
        raise
