"""How much one may ask: so many requests at once and so many a second, by session and by address
(OWASP ASVS 5.0, 2.4.1). Who asks more is told when to come back."""

from __future__ import annotations

import hashlib
import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aiohttp import web

from watchfloor.contracts import RetryLater

from .cookies import COOKIE, cookie
from .forwarded import Handler, peer_of

MOST_KEYS = 20_000
"""Remembered at a time. Beyond that who was seen longest ago is forgotten: whoever has so many
addresses gains nothing by that which the addresses themselves would not give."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``burst`` at once, then ``per_second``."""

    burst: int
    per_second: float


class Buckets:
    """A token bucket a key. It is kept as one number, when it will be full again (the generic cell
    rate algorithm, ITU-T I.371, Annex A); one that is full is not kept."""

    def __init__(
        self, rate: Rate, most: int = MOST_KEYS, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._most = most
        self._now = now
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str) -> float:
        """Take a token: 0.0. There is none: the seconds until there is one."""
        now, cost = self._now(), 1 / self._rate.per_second
        full_at = max(now, self._full_at.get(key, now)) + cost
        wait = full_at - now - self._rate.burst * cost
        if wait > cost * 1e-6:  # a rounding error is no reason
            return wait
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        self._forget(now)
        return 0.0

    def __len__(self) -> int:
        return len(self._full_at)

    def _forget(self, now: float) -> None:
        """Two of those seen longest ago, where they are full or too many: one was added at most."""
        for _ in range(2):
            oldest = next(iter(self._full_at))
            if self._full_at[oldest] <= now or len(self._full_at) > self._most:
                del self._full_at[oldest]


BY_SESSION = Rate(burst=200, per_second=20)
"""A console that opens asks some fifty things; a hub's batch endpoint takes 500 events each."""
BY_ADDRESS = Rate(burst=2_000, per_second=200)
"""A whole centre may be behind one address."""
SIGNING_IN = Rate(burst=30, per_second=0.5)
"""From one address: a shift that begins, and no guessing."""


class Limits:
    """The middleware. ``sign_in`` are the paths at which somebody signs in."""

    def __init__(
        self,
        sign_in: Iterable[str],
        by_session: Rate = BY_SESSION,
        by_address: Rate = BY_ADDRESS,
        signing_in: Rate = SIGNING_IN,
    ) -> None:
        self._sign_in = frozenset(sign_in)
        self._sessions = Buckets(by_session)
        self._addresses = Buckets(by_address)
        self._attempts = Buckets(signing_in)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Raises ``RetryLater`` (code ``too_many_requests``). Programs on this very machine are not
        counted, but where they sign in: who is there could keep it busy in other ways."""
        address = _group(peer_of(request).address)
        waits = []
        if request.method == "POST" and request.path in self._sign_in:
            waits.append(self._attempts.take(address))
        if not peer_of(request).here:
            waits.append(self._addresses.take(address))
            waits += [self._sessions.take(each) for each in _sessions(request)]
        if wait := max(waits, default=0.0):
            raise RetryLater(
                "Too much was asked from here in a short time.",
                code="too_many_requests",
                retry_after=math.ceil(wait),
                remedy="Wait as long as Retry-After says.",
            )
        return await handler(request)


def _sessions(request: web.Request) -> Iterable[str]:
    """In what is remembered no session can be read."""
    for secret in (cookie(request, COOKIE), request.headers.get("Authorization")):
        if secret:
            yield hashlib.sha256(secret.encode()).hexdigest()


def _group(address: str) -> str:
    """Of IPv6 the network: a single customer has 2^64 addresses (RFC 6177)."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((address, 64), strict=False))
