"""Verkada's rate limit as documented: 300 requests a minute for a whole organisation, counted in
steps of 5 s; beyond it 429 and a cool-down of 5 s.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

MINUTE_S = 60.0
COOL_DOWN_S = 5.0


class Limit:
    """Counts requests. ``clock`` is in seconds and only goes forward."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._taken: deque[float] = deque()
        self._closed_until = float("-inf")

    def admits(self) -> bool:
        """Whether one more request is let by now; if so, it is counted."""
        now = self._clock()
        while self._taken and self._taken[0] <= now - MINUTE_S:
            self._taken.popleft()
        if now < self._closed_until:
            return False
        if len(self._taken) >= self._per_minute:
            self._closed_until = now + COOL_DOWN_S
            return False
        self._taken.append(now)
        return True
