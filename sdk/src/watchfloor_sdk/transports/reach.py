"""Reaching a host: where an address leads, TLS, and what goes wrong on the way."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

from watchfloor.contracts import AskAPerson, Refused, RetryLater

CONNECT_S = 15.0
"""Deadline for a connection, its greeting included."""


class Site(NamedTuple):
    """Where an address leads. ``secure``: over TLS."""

    host: str
    port: int
    secure: bool
    path: str


def site(url: str, plain: tuple[str, int], secure: tuple[str, int]) -> Site:
    """``url`` taken apart; ``plain`` and ``secure`` are a scheme and its port each.

    Raises ``Refused`` (code ``bad_url``).
    """
    parts, ports = urlsplit(url), dict([plain, secure])
    try:
        port = parts.port or ports[parts.scheme]
    except (KeyError, ValueError):
        detail = f"Not an address of the form {secure[0]}://host:port."
        raise Refused(detail, code="bad_url") from None
    if not parts.hostname:
        raise Refused("The address names no host.", code="bad_url")
    return Site(parts.hostname, port, parts.scheme == secure[0], parts.path)


@cache
def tls() -> ssl.SSLContext:
    """Verifies names and certificates against what this machine trusts."""
    return ssl.create_default_context()


@asynccontextmanager
async def sorted_errors(
    host: str, deadline_s: float, broken: type[Exception] | tuple[type[Exception], ...] = ()
) -> AsyncIterator[None]:
    """Turns what a connection raises into ours. Their texts are dropped: they may hold content.

    ``broken`` are the library's own errors for a connection that ended.
    """
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise AskAPerson(
            f"The certificate of {host} is not trusted.",
            code="certificate",
            remedy="Check the address and the certificates that this machine trusts.",
        ) from None
    except TimeoutError:
        detail = f"{host} did not answer within {deadline_s:g} s."
        raise RetryLater(detail, code="vendor_timeout") from None
    except OSError:
        raise RetryLater(f"{host} cannot be reached.", code="vendor_unreachable") from None
    except broken:
        raise RetryLater(f"{host} broke off its answer.", code="half_answer") from None


def refused(host: str) -> AskAPerson:
    """The vendor does not take the credential."""
    return AskAPerson(
        f"{host} does not take this source's credential.",
        code="vendor_refused",
        remedy="Check this source's credential and what the vendor lets it see.",
    )
