"""How long the log itself is kept, and what goes at the end of its time.

What is about a person in a record is sealed under the key of its month, and that key is destroyed:
plates, names, phones, addresses and reasons cannot be read any more, in any copy or export. The
records stay as they were written, because each has its place in the tree: every checkpoint, proof
and export that was ever handed out can still be checked. What is left says that somebody of this
agency did something, when, and under which rule.
"""

from __future__ import annotations

from collections.abc import Callable

from watchfloor.contracts import micros
from watchfloor.ports.store import Micros
from watchfloor.ports.world import Clock

from .events import AuditEvent, Outcome
from .log import AuditLog
from .record import Entry, Object
from .sealing import Sealer

FLOOR_DAYS = 365
"""CJISSECPOL AU-11: at least one year. A schedule that says less is refused (``audit_floor``), and
here it would not be followed."""
_DAY = 24 * 3600 * 1_000_000


class Forgetting:
    """Destroys the keys of months whose time is up. ``cap`` says how long records may be kept now
    (microseconds), as the schedule has it."""

    def __init__(
        self, log: AuditLog, sealer: Sealer, clock: Clock, cap: Callable[[], Micros]
    ) -> None:
        self._log = log
        self._sealer = sealer
        self._clock = clock
        self._cap = cap

    async def forget(self) -> list[str]:
        """Destroy the keys that are due, and record each; which months those were. A month is due
        when its last day is. Raises ``RetryLater`` (``audit_unavailable``): what cannot be
        recorded is not done yet."""
        before = self._clock.now() - max(self._cap(), FLOOR_DAYS * _DAY)
        due = [month for month in await self._sealer.months() if _end(month) <= before]
        for month in due:
            await self._log.record(
                Entry(
                    event=AuditEvent.KEY_DESTROYED,
                    outcome=Outcome.DONE,
                    object=Object(kind="audit_month", id=month),
                )
            )
            await self._sealer.forget(month)
        return due


def _end(month: str) -> Micros:
    """The first moment after a month (``2026-11``)."""
    year, number = map(int, month.split("-"))
    return micros(f"{year + number // 12:04}-{number % 12 + 1:02}-01T00:00:00Z")
