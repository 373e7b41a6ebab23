"""Which alerts are open, by what they are about and by the events they came from.

A memory beside the book: it lets news find the alert that it belongs to. It is rebuilt at start,
and what falls out of it (beyond ``MAX_OPEN``) still merges in the book itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from watchfloor.ports.store import Alert, Micros, RecordedEvent

MAX_OPEN = 20_000

EventKey = tuple[str, str]
"""(source, event id)."""


@dataclass(slots=True)
class Open:
    """What must be known of an open alert to find it and to see whether it has news."""

    id: int
    rule: str
    dedupe: str
    title: str
    occurred: Micros
    sources: Sequence[str]
    events: set[EventKey] = field(default_factory=set)


def thing_of(dedupe: str) -> str:
    """What an alert is about: its dedupe key without the episode behind the last ``#``."""
    return dedupe.rpartition("#")[0]


class OpenAlerts:
    """Open alerts, oldest first."""

    def __init__(self) -> None:
        self._by_id: dict[int, Open] = {}
        self._by_thing: dict[str, dict[int, Open]] = {}
        self._by_event: dict[EventKey, set[int]] = {}
        self.rules: Counter[str] = Counter()
        """How many open alerts each rule has; rules without any are not in it."""

    def note(self, alert: Alert, event: RecordedEvent | None = None) -> None:
        """Remember an alert as it now stands, and an event that belongs to it."""
        if alert.state == "closed":
            self.forget(alert.id)
            return
        known = self._by_id.get(alert.id)
        if known is None:
            known = self._add(alert)
        known.title, known.occurred = alert.title, alert.occurred
        known.sources = alert.sources
        if event is not None:
            key = (event.source, event.id)
            known.events.add(key)
            self._by_event.setdefault(key, set()).add(alert.id)

    def of_thing(self, thing: str) -> Iterator[Open]:
        """The open alerts about a thing, newest first."""
        return reversed(self._by_thing.get(thing, {}).values())

    def of_event(self, source: str, id: str) -> list[int]:
        """The open alerts that an event belongs to."""
        return sorted(self._by_event.get((source, id), ()))

    def of_rule(self, rule: str) -> list[int]:
        """The open alerts of a rule; of none, those that no rule raised."""
        if not self.rules[rule]:
            return []
        return [known.id for known in self._by_id.values() if known.rule == rule]

    def forget(self, id: int) -> None:
        """It is closed or no longer kept; one that is not known is forgotten already."""
        known = self._by_id.pop(id, None)
        if known is None:
            return
        thing = thing_of(known.dedupe)
        del self._by_thing[thing][id]
        if not self._by_thing[thing]:
            del self._by_thing[thing]
        for key in known.events:
            self._by_event[key].discard(id)
            if not self._by_event[key]:
                del self._by_event[key]
        self.rules[known.rule] -= 1
        if not self.rules[known.rule]:
            del self.rules[known.rule]

    def _add(self, alert: Alert) -> Open:
        known = Open(alert.id, alert.rule, alert.dedupe, alert.title, alert.occurred, alert.sources)
        self._by_id[alert.id] = known
        self._by_thing.setdefault(thing_of(alert.dedupe), {})[alert.id] = known
        self.rules[alert.rule] += 1
        if len(self._by_id) > MAX_OPEN:
            self.forget(next(iter(self._by_id)))
        return known
