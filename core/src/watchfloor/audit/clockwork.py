"""When a record was made: in order, whatever happens to the clock (CJISSECPOL AU-8)."""

from __future__ import annotations

from watchfloor.contracts import micros, rfc3339
from watchfloor.ports.store import Micros

from .events import AuditEvent, Outcome
from .record import Entry

SET_BACK = 1_000_000
"""Microseconds; less is how clocks are kept right."""


class Clockwork:
    """Gives records their times, none before the one before it."""

    def __init__(self) -> None:
        self._last = ""
        self._said: Micros | None = None

    def carry_on(self, at: str) -> None:
        """The last record of the log has this time."""
        self._last = max(self._last, at)
        self._said = max(self._said or 0, micros(at))

    def set_back(self, said: Micros) -> Entry | None:
        """The record to be made when the clock has been set back since it was looked at last."""
        before, self._said = self._said, said
        if before is None or said >= before - SET_BACK:
            return None
        return Entry(
            event=AuditEvent.CLOCK_SET_BACK,
            outcome=Outcome.DONE,
            more={"from": rfc3339(before), "to": rfc3339(said)},
        )

    def times(self, said: Micros) -> tuple[str, str | None]:
        """``at`` and, where that is not what the clock said, what it said."""
        clock = rfc3339(said)
        if clock >= self._last:
            self._last = clock
            return clock, None
        return self._last, clock
