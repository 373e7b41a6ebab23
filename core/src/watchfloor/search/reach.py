"""How far a question reaches, counted before it is answered and without showing any record (S7).

What is counted is what events are filed under. A person is a telephone number: nothing is filed
under names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from watchfloor.contracts import BY_NAME
from watchfloor.policy import MOVEMENTS
from watchfloor.ports.store import (
    EventIndex,
    Micros,
    RecordedEvent,
    Scope,
    Seq,
    Tally,
    Touched,
)

from .finding import filter_of, within
from .query import Query

_CHUNK = 2_000
"""Records counted at a time."""
_SEEN_BY = frozenset(BY_NAME[name].type for name in ("read", "hit", "detection", "camera"))
"""Types of event whose asset is a camera or a reader; a vehicle's is the vehicle."""


@dataclass(frozen=True, slots=True)
class Reach:
    """``records`` and ``people`` are counts; ``plates`` says of each how often it was seen;
    ``cameras`` are assets. ``seqs`` are where the records stand: of a shape, all in its box.
    ``more``: there are more records than were counted, and of the rest there may be."""

    records: int = 0
    plates: Mapping[str, int] = field(default_factory=dict)
    people: int = 0
    cameras: frozenset[str] = frozenset()
    seqs: frozenset[Seq] = frozenset()
    more: bool = False

    @property
    def sightings(self) -> int:
        """Those of the plate that was seen most often."""
        return max(self.plates.values(), default=0)


class Head(NamedTuple):
    """The newest that match, already fetched, and a count of them and others after them. There are
    no more where they are ``whole``."""

    events: Sequence[RecordedEvent] = ()
    tally: Tally = Tally()
    whole: bool = False

    @property
    def is_last_page(self) -> bool:
        """Whether no event follows those that were fetched."""
        return self.whole and self.tally.events <= len(self.events)


NOT_FETCHED = Head()


def is_narrow(query: Query) -> bool:
    """Whether it names one thing whole, and so touches little besides it. A camera or reader is no
    such thing: whole streets are filed under it."""
    named = set(query.named)
    return len(named) == 1 and all(key.is_whole and key.kind != "asset" for key in named)


async def reach_of(
    index: EventIndex, query: Query, scope: Scope, at_most: int, head: Head
) -> Reach:
    """How much of what ``scope`` shows it touches, counting no further than ``at_most``."""
    touched, seqs, tally, whole = list[Touched](), set[Seq](), head.tally, head.whole
    most = min(_CHUNK, at_most + 1)
    while True:
        touched += within(query.shape, tally.groups)
        seqs.update(tally.seqs)
        reach = replace(_counted(touched), seqs=frozenset(seqs))
        if reach.records > at_most:
            return replace(reach, records=at_most, more=True)
        if whole:
            return reach
        tally = await index.touched(filter_of(query, tally.oldest, scope), most)
        whole = tally.events < most


async def sightings_of(
    index: EventIndex, query: Query, scope: Scope, at_most: int, head: Head
) -> Sequence[RecordedEvent]:
    """The reads and hits that it would show, no more of them than ``at_most``."""
    types = MOVEMENTS & frozenset(query.types) if query.types else MOVEMENTS
    seen = [event for event in head.events if event.type in MOVEMENTS][:at_most]
    if types and not head.is_last_page and len(seen) < at_most:
        rest = replace(filter_of(query, end_of(head.events), scope), types=sorted(types))
        seen += await index.find(rest, at_most - len(seen))
    # Of a part of them nobody knows how many are in the shape.
    return within(query.shape, seen) if len(seen) < at_most else seen


def end_of(events: Sequence[RecordedEvent]) -> tuple[Micros, Seq] | None:
    """From where on the next ones come, newest first."""
    return (events[-1].time, events[-1].seq) if events else None


def _counted(touched: Sequence[Touched]) -> Reach:
    people, cameras, plates = set[str](), set[str](), Counter[str]()
    for group in touched:
        for kind, value in group.keys:
            if kind == "plate":
                plates[value] += group.type in MOVEMENTS
            elif kind == "phone":
                people.add(value)
            elif kind == "asset" and group.type in _SEEN_BY:
                cameras.add(value)
    return Reach(
        records=sum(group.events for group in touched),
        plates=plates,
        people=len(people),
        cameras=frozenset(cameras),
    )
