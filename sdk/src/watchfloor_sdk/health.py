"""What a worker says about itself: the heartbeat's content, and waits between tries."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime

from watchfloor.contracts import AskAPerson, Event, GiveUp, RetryLater, WatchfloorError
from watchfloor.contracts.protocol import Heartbeat, Problem

from .drift import DriftWatch
from .skew import Skew

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 300.0
SLOW_WAIT_S = 60.0
"""Between tries while a person has to act: they should not have to press a button as well."""


class Health:
    """Problems by the loop that has them, and up to when nothing is missing.

    ``changed`` is called when the picture changes, so that the hub hears of it at once.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._problems: dict[str, Problem] = {}
        self._assured: datetime | None = None
        self._changed = changed
        self.drift = DriftWatch(())
        """What is watched in the records: the connector says it once it is known."""
        self.skew: Skew | None = None
        """Of the vendor's clock, once there is somebody to ask."""
        self.lag_s: float | None = None
        """Seconds between the newest event and its being sent."""

    def ill(self, loop: str, error: WatchfloorError) -> None:
        """A loop has a problem."""
        problem = Problem(
            code=error.code,
            detail=error.detail,
            remedy=error.remedy,
            attention=isinstance(error, AskAPerson | GiveUp),
        )
        if self._problems.get(loop) != problem:
            self._problems[loop] = problem
            self._changed()

    def well(self, loop: str) -> None:
        """A loop has none."""
        if self._problems.pop(loop, None) is not None:
            self._changed()

    def saw(self, events: Sequence[Event], now: datetime, way: str) -> None:
        """Events that were made of a vendor's records, and by which ``way`` those came."""
        if events and events[-1].time.tzinfo:
            self.lag_s = (now - events[-1].time).total_seconds()
        self.drift.look(events, way)
        if (drifted := self.drift.problem) is not None:
            self.ill("records", drifted)
        else:
            self.well("records")

    def assured(self, until: datetime) -> None:
        """Up to this moment nothing is missing."""
        if self._assured is None or until > self._assured:
            self._assured = until
            self._changed()

    def heartbeat(self) -> Heartbeat:
        """What to say now. What needs a person comes first."""
        skew = self.skew.estimate if self.skew else None
        problems = sorted(self._problems.values(), key=lambda problem: not problem.attention)
        return Heartbeat(
            assured_until=self._assured.isoformat() if self._assured else None,
            lag_s=self.lag_s,
            skew_s=round(skew.seconds, 3) if skew else None,
            skew_error_s=round(skew.error_s, 3) if skew else None,
            problem=problems[0] if problems else None,
        )


def wait_after(error: WatchfloorError, failures: int) -> float:
    """Seconds until the next try. ``failures`` counts from 1.

    What the vendor asked for is kept to, plus a little, so that a city's hubs do not come back in
    the same moment.
    """
    if not isinstance(error, RetryLater):
        return SLOW_WAIT_S
    chance = random.random()  # noqa: S311 - spreads tries, hides nothing
    if error.retry_after is not None:
        return error.retry_after + chance
    longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(failures - 1, 16))
    return longest * (0.5 + chance / 2)
