"""One try of one call: the request goes out, redirects are followed, the answer is read whole.

The client's own errors become ours. Their texts are dropped: they may hold addresses and bodies.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx2

from watchfloor.contracts import AskAPerson, GiveUp, Refused, RetryLater, WatchfloorError

from .answer import Answer
from .auth.base import Outgoing
from .network import Network, join
from .transport import Transport

MAX_REDIRECTS = 5
STEP_S = 15.0
"""Longest wait for one connect, read or write within the deadline of the whole call."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEPT_ACROSS_HOSTS = frozenset({"accept", "accept-encoding", "user-agent", "host", "connection"})
_MADE_ANEW = frozenset({"host", "content-length"})

Heard = Callable[[Answer, datetime, datetime], None]
"""Told of each answer, and of the times between which it was written."""


class Client:
    """Connections to the hosts that ``network`` admits, kept open between calls."""

    observer: ClassVar[Callable[[Outgoing, Answer], None] | None] = None
    """Is told of every request and its answer in this process, where a recording is made."""

    def __init__(self, network: Network, heard: Heard) -> None:
        self._network = network
        self._heard = heard
        self._opened: dict[ssl.SSLContext | None, httpx2.AsyncClient] = {}

    def build(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        json: Any,
        data: Mapping[str, Any] | None,
        body: bytes | None,
    ) -> httpx2.Request:
        """A request to a host that may be reached. Raises ``Refused``."""
        try:
            request = self._with(None).build_request(
                method, url, params=_without_none(params), headers=headers,
                json=json, data=data, content=body,
            )  # fmt: skip
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol):
            raise _bad_url() from None
        return self._checked(request)

    def rebuilt(self, call: Outgoing) -> httpx2.Request:
        """The request as an ``Auth`` left it. Raises ``Refused``."""
        request = self._with(None).build_request(
            call.method, call.url, headers=call.headers, content=call.body or None
        )
        return self._checked(request)

    async def send(
        self,
        request: httpx2.Request,
        *,
        until: float,
        deadline_s: float,
        max_body: int,
        tls: ssl.SSLContext | None,
    ) -> Answer:
        """What the vendor answers, whatever its status, by ``until`` of the loop's clock."""
        async with sorted_errors(site(request.url), deadline_s), asyncio.timeout_at(until):
            for _ in range(MAX_REDIRECTS + 1):
                answer, onward = await self._once(self._with(tls), request, max_body)
                if onward is None:
                    return answer
                request = self._redirected(request, onward)
        raise GiveUp(f"{answer.host} redirects in circles.", code="redirect_loop")

    async def aclose(self) -> None:
        """Close connections."""
        while self._opened:
            await self._opened.popitem()[1].aclose()

    def _with(self, tls: ssl.SSLContext | None) -> httpx2.AsyncClient:
        if tls not in self._opened:
            self._opened[tls] = httpx2.AsyncClient(
                transport=Transport(self._network, tls),
                timeout=httpx2.Timeout(STEP_S),
                follow_redirects=False,
                trust_env=False,
                headers={"user-agent": "watchfloor-connector"},
            )
        return self._opened[tls]

    def _checked(self, request: httpx2.Request) -> httpx2.Request:
        if request.url.scheme not in ("http", "https") or not request.url.host:
            raise _bad_url()
        self._network.check(request.url.host, _port(request.url))
        return request

    async def _once(
        self, client: httpx2.AsyncClient, request: httpx2.Request, max_body: int
    ) -> tuple[Answer, httpx2.Request | None]:
        host, asked = site(request.url), datetime.now(UTC)
        response = await client.send(request, stream=True)
        answered = datetime.now(UTC)
        try:
            redirect = response.status_code in _REDIRECTS and response.next_request
            body = b"" if redirect else await _read(response, max_body, host)
        finally:
            await response.aclose()
        headers = {name.lower(): value for name, value in response.headers.items()}
        answer = Answer(response.status_code, headers, body, host)
        self._heard(answer, asked, answered)
        if Client.observer is not None:
            Client.observer(outgoing(request), answer)
        return answer, redirect or None

    def _redirected(self, before: httpx2.Request, onward: httpx2.Request) -> httpx2.Request:
        """The next request; to another host it carries none of the caller's headers, and no body:
        both may hold what proves who asks."""
        moved = site(onward.url) != site(before.url)
        listed = self._network.admits(onward.url.host, _port(onward.url))
        if not listed or (moved and onward.method not in ("GET", "HEAD")):
            why = "with what was sent" if listed else "which this connector may not reach"
            raise Refused(
                f"{site(before.url)} redirects to {site(onward.url)}, {why}.",
                code="redirect_refused",
                remedy="Check the address in the settings.",
            )
        if moved:
            for name in set(onward.headers) - _KEPT_ACROSS_HOSTS:
                del onward.headers[name]
        return onward


def outgoing(request: httpx2.Request) -> Outgoing:
    """A request as an ``Auth`` sees it."""
    headers = {name: text for name, text in request.headers.items() if name not in _MADE_ANEW}
    return Outgoing(request.method, str(request.url), headers, request.content)


def site(url: httpx2.URL) -> str:
    """``host:port``."""
    return join(url.host, _port(url))


def _port(url: httpx2.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _bad_url() -> Refused:
    return Refused("The address in the settings is not valid.", code="bad_url")


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
async def sorted_errors(host: str, deadline_s: float) -> AsyncIterator[None]:
    """Turns what goes wrong on the way into ours."""
    try:
        yield
    except WatchfloorError:
        raise
    except (TimeoutError, httpx2.TimeoutException):
        raise RetryLater(
            f"{host} did not answer within {deadline_s:g} s.",
            code="vendor_timeout",
            remedy="Check that the system behind this address runs and is not overloaded.",
        ) from None
    except httpx2.RemoteProtocolError:
        raise RetryLater(f"{host} broke off its answer.", code="half_answer") from None
    except httpx2.DecodingError:
        raise RetryLater(f"{host} sent a broken encoding.", code="broken_encoding") from None
    except httpx2.TransportError as error:
        raise _not_connected(host, error) from None


def _not_connected(host: str, error: httpx2.TransportError) -> WatchfloorError:
    wrong = _tls_error(error)
    if isinstance(wrong, ssl.SSLCertVerificationError):
        return AskAPerson(
            f"The certificate of {host} is not trusted.",
            code="certificate",
            remedy="Check the address and the certificates that this machine trusts.",
        )
    return RetryLater(
        f"{host} cannot be reached.",
        code="vendor_unreachable",
        remedy="Check the address in the settings, and that the system behind it runs.",
    )


def _tls_error(error: BaseException | None) -> ssl.SSLError | None:
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error
