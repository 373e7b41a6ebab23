"""Where the hub may be reached: on this machine alone, until there is sign-on and TLS."""

from __future__ import annotations

import ipaddress
import socket

from watchfloor.contracts import AskAPerson, Refused


def bound(host: str, port: int, option: str) -> socket.socket:
    """A socket on a loopback address. Raises ``Refused`` for any other address, ``AskAPerson`` when
    the port is taken. ``option`` is how to choose another."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise Refused(
            f"The hub listens on loopback only, not on {host}.",
            code="not_loopback",
            remedy="Use --host 127.0.0.1. Other addresses come with single sign-on and TLS.",
        )
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((str(address), port))
    except OSError as error:
        listener.close()
        raise AskAPerson(
            f"Port {port} cannot be used: {error.strerror}.",
            code="port_taken",
            remedy=f"Choose another with {option}, or end what listens there.",
        ) from None
    return listener


def url_of(host: str, listener: socket.socket) -> str:
    """Where it is reached. An IPv6 address stands in brackets (RFC 3986, 3.2.2)."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}"
