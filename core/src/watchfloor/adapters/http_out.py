"""Outgoing HTTP of the hub itself (alert webhooks): the ``HttpSender`` port on aiohttp.

Whoever may configure a channel could otherwise point the hub at the inside of its own network
(server-side request forgery). So every address that a host resolves to is checked at the moment
of connecting, which also holds when the name's answer changes between check and use. No redirect is
followed, no proxy is taken from the environment, and plain http is refused.
"""

from __future__ import annotations

import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from watchfloor.contracts import Refused, RetryLater
from watchfloor.egress import is_internal

CONNECT_S = 5.0
NO_LIMIT = 0
"""The courier makes one try a channel at a time; a pool that hanging receivers could fill would
keep the others waiting."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What the receiver said; ``retry_after`` in seconds."""

    status: int
    retry_after: float | None


class HttpOut:
    """Sends for the hub. ``allowed`` holds ``host:port`` of receivers inside the network that the
    agency's IT has let through; for these alone plain http is taken, too."""

    def __init__(self, allowed: Collection[str] = ()) -> None:
        self._allowed = frozenset(allowed)
        self._session: ClientSession | None = None

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, deadline_s: float
    ) -> HttpAnswer:
        """Post and wait for the answer's head. Raises ``RetryLater`` when there was none within
        the deadline, ``Refused`` for a host that the hub must not call."""
        self._check(url)
        timeout = ClientTimeout(total=deadline_s, connect=min(CONNECT_S, deadline_s))
        try:
            async with self._client().post(
                url, headers=dict(headers), data=body, timeout=timeout, allow_redirects=False
            ) as response:
                wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
                return HttpAnswer(response.status, wait)
        except TimeoutError:
            raise RetryLater(f"No answer within {deadline_s:g} s.", code="no_answer") from None
        except (ClientError, OSError) as error:  # its text holds the address: keep it out of logs
            raise RetryLater(
                f"The receiver could not be reached ({type(error).__name__}).", code="unreachable"
            ) from None

    async def close(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _client(self) -> ClientSession:
        if self._session is None:
            connector = TCPConnector(
                resolver=_Guard(self._allowed), limit=NO_LIMIT, use_dns_cache=False
            )
            self._session = ClientSession(
                connector=connector, cookie_jar=DummyCookieJar(), trust_env=False
            )
        return self._session

    def _check(self, url: str) -> None:
        """What can be said without resolving: the scheme, and an address written as a number,
        which aiohttp would not pass through the resolver."""
        parts = urlsplit(url)
        host, secure = parts.hostname or "", parts.scheme == "https"
        if f"{host}:{parts.port or (443 if secure else 80)}" in self._allowed:
            return
        if not secure:
            raise Refused(
                "Alerts go out over https only.",
                code="not_https",
                remedy="Give the channel an https address.",
            )
        if is_internal(host):
            raise _internal()


class _Guard(AbstractResolver):
    """Resolves names, and refuses those that lead inside."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The host's addresses; all of them must be outside, unless the host is allowed."""
        found = await self._resolver.resolve(host, port, family)
        if f"{host}:{port}" not in self._allowed and any(
            is_internal(each["host"]) for each in found
        ):
            raise _internal()
        return found

    async def close(self) -> None:
        """Nothing is held."""


def _internal() -> Refused:
    return Refused(
        "The receiver's address is inside the network.",
        code="internal_address",
        remedy="Let IT add its host:port to the addresses that the hub may call.",
    )


def retry_after(text: str | None, now: datetime) -> float | None:
    """``Retry-After`` in seconds: a number or a date (RFC 9110, section 10.2.3)."""
    if not text:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (zoned - now).total_seconds())
