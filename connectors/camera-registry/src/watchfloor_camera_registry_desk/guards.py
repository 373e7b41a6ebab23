"""What stands before every handler: headers, where a form may come from, how often."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

POSTS, WITHIN_S = 30, 600.0
"""So many forms may come from one address in so many seconds: enough for a counter."""
_ADDRESSES = 10_000

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # links hold their own permission
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class RateLimit:
    """``calls`` in ``within_s`` seconds from one address."""

    def __init__(
        self,
        calls: int = POSTS,
        within_s: float = WITHIN_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._calls = calls
        self._within_s = within_s
        self._clock = clock
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, address: str) -> float:
        """How long until this call would be allowed; 0 when it is, and then it counts."""
        now = self._clock()
        seen = self._seen.setdefault(address, deque(maxlen=self._calls))
        self._seen.move_to_end(address)
        while len(self._seen) > _ADDRESSES:
            self._seen.popitem(last=False)
        if len(seen) == self._calls and (left := seen[0] + self._within_s - now) > 0:
            return left
        seen.append(now)
        return 0.0


def from_elsewhere(request: web.Request) -> bool:
    """Whether another site's page has sent this form (Fetch Metadata; Origin, RFC 6454, from
    browsers that do not know that). What is no browser says neither, and carries no one's rights.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and origin != f"{request.scheme}://{request.host}"
