"""A connection through the hub's egress: ``CONNECT`` over its Unix socket (RFC 9110, 9.3.6).

Why there is none stands in the answer's ``Proxy-Status`` (RFC 9209, section 2.3).
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Mapping

from watchfloor.contracts import AskAPerson, Refused, RetryLater, WatchfloorError
from watchfloor.contracts.protocol import Egress

from .sockets import handed_on

MOST_HEAD = 4096
"""Bytes of an answer's head."""

_ERROR = re.compile(rb"^Proxy-Status:[^\r\n]*;\s*error=([a-z_]+)", re.IGNORECASE | re.MULTILINE)


async def through(egress: Egress, target: str) -> socket.socket:
    """Connected to ``target`` (``host:port``), non-blocking.

    Raises ``Refused``, ``RetryLater``, ``AskAPerson``, ``TimeoutError`` or ``OSError``.
    """
    with handed_on(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as outgoing:
        outgoing.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(outgoing, egress.socket)
        await loop.sock_sendall(outgoing, _request(egress.token, target))
        head = await _head(outgoing)
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")):
            raise _why(head, target)
    return outgoing


def _request(token: str, target: str) -> bytes:
    lines = (
        f"CONNECT {target} HTTP/1.1", f"Host: {target}", f"Proxy-Authorization: Bearer {token}",
    )  # fmt: skip
    return "\r\n".join((*lines, "", "")).encode("ascii", "replace")


async def _head(outgoing: socket.socket) -> bytes:
    """Byte by byte: what comes behind the head is the other end's, and belongs to the caller."""
    loop, head = asyncio.get_running_loop(), bytearray()
    while not head.endswith(b"\r\n\r\n"):
        byte = await loop.sock_recv(outgoing, 1)
        if not byte or len(head) > MOST_HEAD:
            raise OSError("the egress broke off")
        head += byte
    return bytes(head)


def _why(head: bytes, target: str) -> WatchfloorError | OSError:
    found = _ERROR.search(head)
    error = found[1].decode() if found else ""
    if error == "connection_timeout":
        return TimeoutError(f"{target} does not answer")
    if error not in _ERRORS:
        return OSError(error or "no connection")
    class_, code, detail, remedy = _ERRORS[error]
    return class_(detail.format(target), code=code, remedy=remedy)


_ERRORS: Mapping[str, tuple[type[WatchfloorError], str, str, str]] = {
    "http_request_denied": (
        Refused, "host_not_allowed", "This connector may not reach {}.",
        "Compare the source's settings with the hosts in the connector's manifest.",
    ),
    "destination_ip_prohibited": (
        Refused, "internal_address", "{} leads to an internal address.",
        "Check the name server. To allow it, name the address in the settings.",
    ),
    "dns_error": (RetryLater, "dns", "The name of {} could not be resolved.", ""),
    "connection_limit_reached": (
        RetryLater, "too_many_connections", "Too many connections are open to reach {}.", "",
    ),
    "proxy_configuration_error": (
        AskAPerson, "proxy_refused", "The agency's own proxy does not let {} through.",
        "Have the proxy's administrator allow it, or set the hub's credential for it.",
    ),
}  # fmt: skip
