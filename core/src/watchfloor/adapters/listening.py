"""Where the hub may be reached: on this machine alone, unless it is guarded."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

from watchfloor.contracts import AskAPerson, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """What stands between a listener and a network. ``known``: whoever comes proves who they are
    (by single sign-on; vendors by their signatures). ``tls``: it has a certificate of its own.
    ``proxied``: what comes is heard from trusted proxies only."""

    known: bool = False
    tls: bool = False
    proxied: bool = False

    def missing(self) -> str:
        """What it takes to be reached from elsewhere and is not there; empty when all is."""
        if not self.known:
            return "Set up single sign-on first ([sign_on] in hub.toml)."
        if not (self.tls or self.proxied):
            return "Name a TLS certificate, or trusted_proxies, under [listening] in hub.toml."
        return ""


UNGUARDED = Guards()


def bound(host: str, port: int, option: str, guards: Guards = UNGUARDED) -> socket.socket:
    """A socket on ``host``, an address or ``localhost``. Raises ``Refused`` for an address that
    others could reach while a guard is missing, ``AskAPerson`` when it cannot be bound. ``option``
    is how to choose another port."""
    address = _address(host)
    if not address.is_loopback and (missing := guards.missing()):
        raise Refused(
            f"The hub does not listen on {host} as it is: others could reach it.",
            code="not_loopback",
            remedy=f"{missing} Until then use --host 127.0.0.1.",
        )
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((str(address), port))
    except OSError as error:
        listener.close()
        raise AskAPerson(
            f"Port {port} of {host} cannot be used: {error.strerror}.",
            code="port_taken",
            remedy=f"Choose another with {option}, or end what listens there.",
        ) from None
    return listener


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise Refused(
            f"{host} is no address of this machine to listen on.",
            code="not_loopback",
            remedy="Name an address, such as 127.0.0.1.",
        ) from None


def url_of(host: str, listener: socket.socket, scheme: str = "http") -> str:
    """Where it is reached. An IPv6 address stands in brackets (RFC 3986, 3.2.2)."""
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{listener.getsockname()[1]}"


def public_url(given: str, host: str, listener: socket.socket, scheme: str) -> str:
    """Under which it is reached: what the agency says, else, on this machine, where it listens.
    Raises ``AskAPerson`` (code ``bad_settings``): others reach it by a name, and it must know its
    own."""
    if given:
        return given
    if not _address(host).is_loopback:
        raise AskAPerson(
            f"The hub listens on {host}, and does not know under which name it is reached.",
            code="bad_settings",
            remedy="Set public_url and hooks_public_url under [listening] in hub.toml.",
        )
    return url_of(host, listener, scheme)
