"""The ``Clock`` port: the system's time of day, and one that tests set by hand."""

from __future__ import annotations

import time

from watchfloor.ports.store import Micros


class SystemClock:
    """The operating system's clock, UTC."""

    def now(self) -> Micros:
        """Microseconds since the epoch."""
        return time.time_ns() // 1000


class SettableClock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self, now: Micros = 0) -> None:
        self._now = now

    def now(self) -> Micros:
        """Microseconds since the epoch."""
        return self._now

    def set(self, now: Micros) -> None:
        """Make it this time."""
        self._now = now

    def advance(self, seconds: float) -> None:
        """Move it on; backwards with a negative number, as real clocks sometimes do."""
        self._now += round(seconds * 1_000_000)
