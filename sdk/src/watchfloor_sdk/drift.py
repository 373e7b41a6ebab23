"""Notices that a vendor's records have changed: a field that always came no longer comes.

Records that no longer fit are rejected by the mapping, each with its reason. What the mapping takes
as optional would vanish without a word; a connector names such fields in ``watched``. Each way by
which records come is watched for itself: a vendor's history may say less than its webhooks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from watchfloor.contracts import AskAPerson, Event

LEARNT = 50
"""So many events in a row must have had a field before its absence means anything."""
MISSED = 20
"""So many events in a row without it are no chance any more."""
_MOST_A_PAGE = 50


class DriftWatch:
    """Watches fields of the events' data, by way and type. Costs a few microseconds a page."""

    def __init__(self, watched: Collection[str]) -> None:
        self._watched = tuple(watched)
        self._came: dict[tuple[str, str, str], int] = {}
        self._missing: dict[tuple[str, str, str], int] = {}

    def look(self, events: Sequence[Event], way: str) -> None:
        """Take note of a page that came this way; some of its events stand for all."""
        if self._watched:
            for event in events[:: len(events) // _MOST_A_PAGE + 1]:
                self._note(event, way)

    def _note(self, event: Event, way: str) -> None:
        for field in self._watched:
            key = (way, event.type, field)
            if getattr(event.data, field, None) not in (None, "", [], {}):
                self._came[key] = self._came.get(key, 0) + 1
                self._missing.pop(key, None)
            elif self._came.get(key, 0) >= LEARNT:
                self._missing[key] = self._missing.get(key, 0) + 1
            else:
                self._came[key] = 0

    @property
    def problem(self) -> AskAPerson | None:
        """What to tell a person; ``None`` while nothing is amiss."""
        gone = sorted(field for (*_, field), count in self._missing.items() if count >= MISSED)
        if not gone:
            return None
        return AskAPerson(
            f"The vendor's records no longer say: {', '.join(gone)}.",
            code="schema_drift",
            remedy="Ask the vendor what has changed; the connector may need a new version.",
        )
