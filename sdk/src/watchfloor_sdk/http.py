"""``ctx.http``: how a connector speaks to its vendor. The only importer of the HTTP client.

One call is one try: backing off and trying again is the loop's job (``loops.py``). What the
vendor said becomes an answer or one of our errors, sorted by what to do next:

    401, 403, 407, a bad certificate, a host that is not allowed  → ``AskAPerson``
    408, 425, 429, 5xx, timeouts, disconnects, half a body        → ``RetryLater``
    404, 410                                                      → ``NotFound``
    other 4xx, a body over the limit                              → ``GiveUp``

Errors name the host and never the path's query, a header or a body.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from watchfloor.contracts import (
    AskAPerson,
    GiveUp,
    NotFound,
    Refused,
    RetryLater,
    WatchfloorError,
)

from .answer import Answer, judge
from .connector import MediaAnswer
from .network import Network, host_port, join
from .transport import Transport

__all__ = ["Answer", "Http"]

DEADLINE_S = 30.0
MAX_BODY = 32 * 1024 * 1024
MAX_REDIRECTS = 5
_STEP_S = 15.0
"""Longest wait for one connect, read or write within the deadline of the whole call."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEPT_ACROSS_HOSTS = frozenset({"accept", "accept-encoding", "user-agent", "host", "connection"})


class Http:
    """An HTTP client that reaches only the hosts on its list.

    ``base_url`` stands before relative addresses. ``deadline_s`` is for a whole call, redirects
    and body included; ``max_body`` is in bytes after decompression.
    """

    def __init__(
        self,
        network: Network,
        *,
        base_url: str = "",
        deadline_s: float = DEADLINE_S,
        max_body: int = MAX_BODY,
    ) -> None:
        self._network = network
        self._base_url = base_url
        self._deadline_s = deadline_s
        self._max_body = max_body
        self._client: httpx2.AsyncClient | None = None

    async def get(self, url: str, **options: Any) -> Answer:
        """``request`` with GET."""
        return await self.request("GET", url, **options)

    async def post(self, url: str, **options: Any) -> Answer:
        """``request`` with POST."""
        return await self.request("POST", url, **options)

    async def media(self, url: str) -> MediaAnswer:
        """A picture, clip or recording at an address that carries its own permission.

        Such addresses run out: then the vendor has nothing there any more, or refuses. Raises our
        errors for all else.
        """
        try:
            answer = await self.get(url)
        except (NotFound, AskAPerson) as error:
            if isinstance(error, NotFound) or error.code == "vendor_refused":
                return MediaAnswer(None, state="expired")
            raise
        return MediaAnswer(answer.body, answer.content_type)

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        data: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        deadline_s: float | None = None,
        max_body: int | None = None,
    ) -> Answer:
        """One call. ``json``, ``data`` (a form) or ``body`` is what is sent. Raises our errors."""
        client = self._opened()
        deadline_s = deadline_s or self._deadline_s
        try:
            request = client.build_request(
                method, url, params=_without_none(params), headers=headers,
                json=json, data=data, content=body,
            )  # fmt: skip
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol):
            raise Refused("The address in the settings is not valid.", code="bad_url") from None
        host = host_port(str(request.url))
        async with _sorted_errors(host, deadline_s):
            async with asyncio.timeout(deadline_s):
                return await self._follow(client, request, max_body or self._max_body)
        raise AssertionError("unreachable")

    async def aclose(self) -> None:
        """Close connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _opened(self) -> httpx2.AsyncClient:
        if self._client is None:
            self._client = httpx2.AsyncClient(
                transport=Transport(self._network),
                base_url=self._base_url,
                timeout=httpx2.Timeout(_STEP_S),
                follow_redirects=False,
                trust_env=False,
                headers={"user-agent": "watchfloor-connector"},
            )
        return self._client

    async def _follow(
        self, client: httpx2.AsyncClient, request: httpx2.Request, max_body: int
    ) -> Answer:
        for _ in range(MAX_REDIRECTS + 1):
            answer, onward = await self._send(client, request, max_body)
            if onward is None:
                return judge(answer)
            request = self._redirected(request, onward)
        raise GiveUp(f"{answer.host} redirects in circles.", code="redirect_loop")

    async def _send(
        self, client: httpx2.AsyncClient, request: httpx2.Request, max_body: int
    ) -> tuple[Answer, httpx2.Request | None]:
        host = _site(request.url)
        self._network.check(request.url.host, _port(request.url))
        response = await client.send(request, stream=True)
        try:
            redirect = response.status_code in _REDIRECTS and response.next_request
            body = b"" if redirect else await _read(response, max_body, host)
        finally:
            await response.aclose()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, body, host), redirect or None

    def _redirected(self, before: httpx2.Request, onward: httpx2.Request) -> httpx2.Request:
        """The next request; to another host it carries none of the caller's headers."""
        if not self._network.admits(onward.url.host, _port(onward.url)):
            raise Refused(
                f"{_site(before.url)} redirects to {_site(onward.url)}, "
                "which this connector may not reach.",
                code="redirect_refused",
                remedy="Check the address in the settings.",
            )
        if _site(onward.url) != _site(before.url):
            for name in set(onward.headers) - _KEPT_ACROSS_HOSTS:
                del onward.headers[name]
        return onward


def _port(url: httpx2.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _site(url: httpx2.URL) -> str:
    return join(url.host, _port(url))


def _without_none(params: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {name: value for name, value in params.items() if value is not None} if params else None


async def _read(response: httpx2.Response, limit: int, host: str) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > limit:
            raise GiveUp(f"{host} answered with more than {limit} bytes.", code="body_too_large")
    return bytes(body)


@asynccontextmanager
async def _sorted_errors(host: str, deadline_s: float) -> AsyncIterator[None]:
    """Turns the client's errors into ours. Their texts are dropped: they may hold addresses."""
    try:
        yield
    except WatchfloorError:
        raise
    except (TimeoutError, httpx2.TimeoutException):
        raise RetryLater(
            f"{host} did not answer within {deadline_s:g} s.", code="vendor_timeout"
        ) from None
    except httpx2.RemoteProtocolError:
        raise RetryLater(f"{host} broke off its answer.", code="half_answer") from None
    except httpx2.DecodingError:
        raise RetryLater(f"{host} sent a broken encoding.", code="broken_encoding") from None
    except httpx2.TransportError as error:
        if _is_certificate(error):
            raise AskAPerson(
                f"The certificate of {host} is not trusted.",
                code="certificate",
                remedy="Check the address and the certificates that this machine trusts.",
            ) from None
        raise RetryLater(f"{host} cannot be reached.", code="vendor_unreachable") from None


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
