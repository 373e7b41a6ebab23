"""``ctx.http``: how a connector speaks to its vendor.

What the vendor said becomes an answer or one of our errors, sorted by what to do next:

    401 (after the proof was renewed once), 403, 407,
    a bad certificate, a host that is not allowed              → ``AskAPerson``
    408, 425, 429, 5xx, timeouts, disconnects, half a body     → ``RetryLater``
    404, 410                                                   → ``NotFound``
    other 4xx, a body over the limit                           → ``GiveUp``

Before a ``RetryLater`` reaches the caller a call is tried again, a few times and within its
deadline: when it may be repeated (RFC 9110, section 9.2.2), and whatever it is when the vendor
named a wait or said 429. Longer troubles are the loops' job (``loops.py``). All calls to one host
go through one ``Pace``, so a vendor in trouble gets one probe per interval.

Errors name the host and never the path's query, a header or a body.
"""

from __future__ import annotations

import asyncio
import copy
import random
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx2

from watchfloor.contracts import AskAPerson, NotFound, RetryLater

from .answer import Answer, judge, refusal
from .auth.base import Auth, Outgoing
from .client import Client, outgoing, site, sorted_errors
from .connector import MediaAnswer
from .network import Network, host_port
from .pace import Pace
from .skew import Skew

__all__ = ["Answer", "Http"]

DEADLINE_S = 30.0
MAX_BODY = 32 * 1024 * 1024
TRIES = 3
FIRST_PAUSE_S = 0.2
"""Before the second try; twice as long before each further one, with chance in it."""
DATED_EVERY = timedelta(seconds=1)
"""Dates are whole seconds: more of them say no more about a clock."""
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


class Http:
    """An HTTP client that reaches only the hosts on its list.

    ``base_url`` stands before relative addresses. ``deadline_s`` is for a whole call: waits for
    its turn, tries, redirects and body included; no wait for a vendor's next byte is longer than
    15 s, so that one that holds calls back is asked to hold them for less. ``max_body`` is in
    bytes after decompression. ``tries`` is how often a call is tried at most. ``skew`` learns from
    the answers of ``base_url``'s host how far its clock is off.
    """

    def __init__(
        self,
        network: Network,
        *,
        base_url: str = "",
        deadline_s: float = DEADLINE_S,
        max_body: int = MAX_BODY,
        tries: int = TRIES,
        skew: Skew | None = None,
    ) -> None:
        self.skew = skew or Skew()
        self._base_url = base_url.rstrip("/")
        self._host = host_port(base_url) if base_url else ""
        self._deadline_s = deadline_s
        self._max_body = max_body
        self._tries = tries
        self._auth: Auth | None = None
        self._client = Client(network, self._heard)
        self._paces: dict[str, Pace] = {}
        self._dated = {self._host}
        self._dated_again = datetime.min.replace(tzinfo=UTC)

    def vendor(
        self, *, base_url: str | None = None, auth: Auth | None = None, pace: Pace | None = None
    ) -> Http:
        """This client for one vendor: its address, its proof, its limits.

        Connections and paces are shared with ``ctx.http``: ``pace`` is from now on the pace of
        that host, for whoever asks it. ``auth`` goes to that host and no other, unless a call names
        it itself. Keep what you get, and the ``auth`` with it.
        """
        own = copy.copy(self)
        own._auth = auth
        if base_url is not None:
            own._base_url, own._host = base_url.rstrip("/"), host_port(base_url)
            self._dated.add(own._host)
        if pace is not None:
            self._paces[own._host] = pace
        return own

    async def get(self, url: str, **options: Any) -> Answer:
        """``request`` with GET."""
        return await self.request("GET", url, **options)

    async def post(self, url: str, **options: Any) -> Answer:
        """``request`` with POST."""
        return await self.request("POST", url, **options)

    async def media(self, url: str, **options: Any) -> MediaAnswer:
        """A picture, clip or recording at an address that carries its own permission.

        Such addresses run out: then the vendor has nothing there any more, or refuses. Raises our
        errors for all else.
        """
        try:
            answer = await self.get(url, **options)
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
        auth: Auth | None = None,
        pace: Pace | None = None,
        deadline_s: float | None = None,
        max_body: int | None = None,
        tries: int | None = None,
    ) -> Answer:
        """One call. ``json``, ``data`` (a form) or ``body`` is what is sent. Raises our errors.

        ``pace``: instead of the host's, where the vendor counts by something smaller (a channel).
        ``tries``: 1 for a GET that does something, as some vendors have them.
        """
        request = self._client.build(
            method, self._absolute(url),
            params=params, headers=headers, json=json, data=data, body=body,
        )  # fmt: skip
        deadline_s = deadline_s or self._deadline_s
        call = _Call(
            self._client,
            request,
            auth=auth or self._auth_for(site(request.url)),
            pace=pace or self._pace(site(request.url)),
            deadline_s=deadline_s,
            until=asyncio.get_running_loop().time() + deadline_s,
            max_body=max_body or self._max_body,
        )
        return await call.tried(tries or self._tries)

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.aclose()

    def _absolute(self, url: str) -> str:
        if not self._base_url or "://" in url.partition("?")[0]:
            return url
        return f"{self._base_url}/{url.lstrip('/')}" if url[:1] != "?" else self._base_url + url

    def _auth_for(self, host: str) -> Auth | None:
        return self._auth if host == self._host else None

    def _pace(self, host: str) -> Pace:
        if host not in self._paces:
            self._paces[host] = Pace()
        return self._paces[host]

    def _heard(self, answer: Answer, asked: datetime, answered: datetime) -> None:
        if answer.host not in self._dated or asked < self._dated_again:
            return
        date = answer.date
        if date is not None:
            self._dated_again = answered + DATED_EVERY
            self.skew.heard(date, asked, answered)


_Proof = tuple[Auth, Outgoing, ssl.SSLContext | None]


class _Call:
    """One call with all its tries. ``until`` is by the loop's clock."""

    def __init__(
        self,
        client: Client,
        request: httpx2.Request,
        *,
        auth: Auth | None,
        pace: Pace,
        deadline_s: float,
        until: float,
        max_body: int,
    ) -> None:
        self._client = client
        self._request = request
        self._auth = auth
        self._pace = pace
        self._deadline_s = deadline_s
        self._until = until
        self._max_body = max_body

    async def tried(self, tries: int) -> Answer:
        """The answer, after as many tries as it takes and may."""
        for tried in count(1):
            # Outside: what an Auth asks for itself has had its tries already.
            proof = await self._proof(self._auth) if self._auth is not None else None
            try:
                return await (self._plain() if proof is None else self._proved(*proof))
            except RetryLater as error:
                pause = self._pause_s(error, tried)
                if tried >= tries or self._left_s() <= pause or not self._repeatable(error):
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def _plain(self) -> Answer:
        async with self._pace.turn(self._left_s()):
            return judge(await self._send(self._request))

    async def _proof(self, auth: Auth) -> _Proof:
        call = outgoing(self._request)
        async with sorted_errors(site(self._request.url), self._deadline_s):
            async with asyncio.timeout_at(self._until):
                await auth.apply(call)
                return auth, call, await auth.tls()
        raise AssertionError("unreachable")

    async def _proved(self, auth: Auth, call: Outgoing, tls: ssl.SSLContext | None) -> Answer:
        """With its proof, which is renewed once when it is refused."""
        answer = await self._shown(auth, call, tls)
        if auth.refused(answer) and await auth.renew(call, answer):
            answer = await self._shown(*await self._proof(auth))
        if auth.refused(answer):
            raise refusal(answer)
        return answer

    async def _shown(self, auth: Auth, call: Outgoing, tls: ssl.SSLContext | None) -> Answer:
        request = self._client.rebuilt(call)
        async with self._pace.turn(self._left_s()):
            answer = await self._send(request, tls)
            return answer if auth.refused(answer) else judge(answer)

    async def _send(self, request: httpx2.Request, tls: ssl.SSLContext | None = None) -> Answer:
        return await self._client.send(
            request,
            until=self._until,
            deadline_s=self._deadline_s,
            max_body=self._max_body,
            tls=tls,
        )

    def _repeatable(self, error: RetryLater) -> bool:
        named = error.retry_after is not None or error.code == "rate_limited"
        return named or self._request.method in _REPEATABLE

    def _pause_s(self, error: RetryLater, tried: int) -> float:
        chance = random.random()  # noqa: S311 - spreads tries, hides nothing
        pause = FIRST_PAUSE_S * 2.0 ** (tried - 1) * (0.5 + chance / 2)
        return max(pause, error.retry_after or 0.0, self._pace.shut_for_s)

    def _left_s(self) -> float:
        return self._until - asyncio.get_running_loop().time()
