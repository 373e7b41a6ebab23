"""Outgoing HTTP of the hub itself (alert webhooks, the identity provider): the ``HttpSender`` port
on aiohttp.

Whoever may configure a channel could otherwise point the hub at the inside of its own network
(server-side request forgery). So every address that a host resolves to is checked at the moment
of connecting, which also holds when the name's answer changes between check and use. No redirect is
followed, no proxy is taken from the environment, and plain http is refused. Where the agency has a
proxy, what is outside is reached by that alone (CJISSECPOL AC-4); it may know names that are not
known here.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from aiohttp import (
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
)
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from watchfloor.contracts import AskAPerson, GiveUp, Refused, RetryLater
from watchfloor.egress import Proxy, is_internal

CONNECT_S = 5.0
NO_LIMIT = 0
"""The courier makes one try a channel at a time; a pool that hanging receivers could fill would
keep the others waiting."""


ProxyOf = Callable[[], Awaitable[Proxy | None]]
"""The agency's own proxy as it is now, with its credential."""


async def no_proxy() -> Proxy | None:
    """The agency has none."""
    return None


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What the receiver said; ``retry_after`` in seconds."""

    status: int
    retry_after: float | None


@dataclass(frozen=True, slots=True)
class HttpContent:
    """An answer with its body."""

    status: int
    body: bytes


class HttpOut:
    """Sends for the hub. ``allowed`` holds ``host:port`` of receivers inside the network that the
    agency's IT has let through; for these alone plain http is taken, too. ``certificates``: a PEM
    file of authorities that are trusted besides the system's."""

    def __init__(
        self,
        allowed: Collection[str] = (),
        certificates: str = "",
        proxy: ProxyOf = no_proxy,
    ) -> None:
        self._allowed = frozenset(allowed)
        self._certificates = certificates
        self._proxy = proxy
        self._guard = _Guard(self._allowed)
        self._session: ClientSession | None = None

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, deadline_s: float
    ) -> HttpAnswer:
        """Post and wait for the answer's head. Raises ``RetryLater`` when there was none within
        the deadline, ``Refused`` for a host that the hub must not call."""
        async with self._asked("POST", url, headers, body, deadline_s) as response:
            wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            return HttpAnswer(response.status, wait)

    async def fetch(
        self,
        url: str,
        headers: Mapping[str, str],
        deadline_s: float,
        limit: int,
        body: bytes | None = None,
    ) -> HttpContent:
        """Get ``url``, or post ``body`` to it, and read the answer. Raises as ``post`` does, and
        ``GiveUp`` for an answer of more than ``limit`` bytes."""
        method = "GET" if body is None else "POST"
        async with self._asked(method, url, headers, body, deadline_s) as response:
            content = bytearray()
            async for piece in response.content.iter_any():
                content += piece
                if len(content) > limit:
                    raise GiveUp(f"The answer is larger than {limit} bytes.", code="too_large")
            return HttpContent(response.status, bytes(content))

    @asynccontextmanager
    async def _asked(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        deadline_s: float,
    ) -> AsyncIterator[ClientResponse]:
        self._check(url)
        by_proxy = await self._by_proxy(url)
        timeout = ClientTimeout(total=deadline_s, connect=min(CONNECT_S, deadline_s))
        try:
            async with self._client().request(
                method, url, headers=dict(headers), data=body, timeout=timeout,
                allow_redirects=False, **by_proxy,
            ) as response:  # fmt: skip
                yield response
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
                resolver=self._guard,
                limit=NO_LIMIT,
                use_dns_cache=False,
                ssl=_trusting(self._certificates),
            )
            self._session = ClientSession(
                connector=connector, cookie_jar=DummyCookieJar(), trust_env=False
            )
        return self._session

    async def _by_proxy(self, url: str) -> dict[str, Any]:
        """How the request goes by the agency's proxy, where it does. Raises ``Refused`` for a name
        that is known to lead inside."""
        host, port = _target(url)
        proxy = await self._proxy()
        if proxy is None or f"{host}:{port}" in self._allowed:
            return {}
        with suppress(OSError):  # a timeout is one
            async with asyncio.timeout(CONNECT_S):
                await self._guard.resolve(host, port)
        address = self._guard.proxy = f"{proxy.host}:{proxy.port}"
        headers = {"Proxy-Authorization": proxy.authorization} if proxy.authorization else None
        return {"proxy": f"http://{address}", "proxy_headers": headers}

    def _check(self, url: str) -> None:
        """What can be said without resolving: the scheme, and an address written as a number,
        which aiohttp would not pass through the resolver."""
        host, port = _target(url)
        if f"{host}:{port}" in self._allowed:
            return
        if not url.lower().startswith("https:"):
            raise Refused(
                "The hub calls others over https only.",
                code="not_https",
                remedy="Give the receiver's https address.",
            )
        if is_internal(host):
            raise _internal()


def _target(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _trusting(certificates: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not certificates:
        return context
    try:
        context.load_verify_locations(certificates)
    except OSError as error:
        raise AskAPerson(
            f"{certificates} holds no certificates that can be read ({type(error).__name__}).",
            code="bad_settings",
            remedy="Name a PEM file as certificates in hub.toml.",
        ) from None
    return context


class _Guard(AbstractResolver):
    """Resolves names, and refuses those that lead inside."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed
        self.proxy = ""
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The host's addresses; all of them must be outside, unless the host is allowed."""
        found = await self._resolver.resolve(host, port, family)
        if f"{host}:{port}" not in (*self._allowed, self.proxy) and any(
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
