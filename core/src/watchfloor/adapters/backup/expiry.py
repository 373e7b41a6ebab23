"""Backups go when their time is up: a key that is destroyed takes along every copy of its day."""

from __future__ import annotations

from watchfloor.contracts import rfc3339
from watchfloor.ports.store import Micros

from .escrow import Escrow
from .keys import DayKeys

DAY = 24 * 3600 * 1_000_000
"""Microseconds."""


def expire(keys: DayKeys, now: Micros, days: int) -> list[str]:
    """Destroy the keys of backups older than so many days, here and in the escrow; which days they
    were. It may be called again: an escrow file that could not be reached then is renewed now.
    Raises ``AskAPerson`` (``escrow_not_written``)."""
    oldest = rfc3339(now - days * DAY)[:10]
    gone = [day for day in keys.days() if day < oldest]
    for day in gone:
        keys.destroy(day)
    Escrow(keys).renew()
    return gone
