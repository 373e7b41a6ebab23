"""Who may go where, as the hub tells it, and what comes of it, as the hub hears it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Outcome = Literal[
    "opened",
    "http_request_denied",
    "destination_ip_prohibited",
    "dns_error",
    "connection_refused",
    "connection_timeout",
    "connection_limit_reached",
    "proxy_configuration_error",
    "proxy_authentication_failed",
]
"""``opened``, or why not: error types of RFC 9209, section 2.3, and one for a token that is not
the asker's."""


class Proxy(Struct, array_like=True, frozen=True):
    """The agency's own proxy. ``authorization`` is the header's value, or empty."""

    host: str
    port: int
    authorization: str = ""


class Pass(Struct, array_like=True, frozen=True):
    """What one worker may reach: ``host:port`` each. ``internal`` are those that the agency itself
    wrote, whose names may lead inside. Only the process ``pid`` may use it. ``proxy`` is on the
    way, where there is one. With ``valid`` false, it ends."""

    token: str
    source: str
    pid: int
    hosts: frozenset[str]
    internal: frozenset[str]
    proxy: Proxy | None = None
    valid: bool = True


class News(Struct, array_like=True, frozen=True):
    """One connection: asked for by ``source`` (empty when its token was nobody's) to ``target``
    (``host:port``). Paths and content are never looked at."""

    source: str
    target: str
    outcome: Outcome
