"""How busy each source is: events a minute over the last hour."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping

MINUTES = 60


class Activity:
    """Turns running totals into a number a minute. ``sample`` is called once a minute."""

    def __init__(self, totals: Mapping[str, Mapping[str, int]]) -> None:
        self._totals = totals
        self._before: dict[str, int] = {}
        self._minutes: defaultdict[str, deque[int]] = defaultdict(lambda: deque(maxlen=MINUTES))

    def sample(self) -> None:
        """Close a minute."""
        for source, counts in self._totals.items():
            events = counts.get("events", 0)
            self._minutes[source].append(events - self._before.get(source, 0))
            self._before[source] = events

    def rate_per_min(self, source: str) -> list[int]:
        """The last hour, oldest first; the minute that is running stands last."""
        running = self._totals.get(source, {}).get("events", 0) - self._before.get(source, 0)
        past = list(self._minutes.get(source, ()))[-(MINUTES - 1) :]
        return [0] * (MINUTES - 1 - len(past)) + past + [running]
