"""How much a worker may send before it hears that what it sent is durable."""

from __future__ import annotations

from watchfloor.contracts.protocol import Credits

from .states import Limits


class Account:
    """The hub's side of the credits. A batch may start while both counts are above zero, and may
    take them below; so what is in flight is at most the credit and one line more."""

    def __init__(self, limits: Limits) -> None:
        self._oldest_s = limits.oldest_s
        self._events = limits.credit_events
        self._bytes = limits.credit_bytes
        self._owed_events = 0
        self._owed_bytes = 0

    def balance(self) -> Credits:
        """What it may send now."""
        return Credits(events=self._events, bytes=self._bytes)

    def spend(self, events: int, size: int) -> bool:
        """It sent a batch. ``False`` when it had no credit left for it."""
        if self._events <= 0 or self._bytes <= 0:
            return False
        self._events -= events
        self._bytes -= size
        return True

    def earn(self, events: int, size: int) -> None:
        """A batch is durable: its credit is owed to the worker."""
        self._owed_events += events
        self._owed_bytes += size

    def pay(self, oldest_s: float) -> Credits | None:
        """What to give back now. Nothing while the oldest batch in flight is too old: then the
        store lags behind, and what is in flight is enough."""
        if oldest_s > self._oldest_s or not (self._owed_events or self._owed_bytes):
            return None
        paid = Credits(events=self._owed_events, bytes=self._owed_bytes)
        self._events += paid.events
        self._bytes += paid.bytes
        self._owed_events = self._owed_bytes = 0
        return paid
