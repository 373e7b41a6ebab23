"""Finding events: by key, place, time, kind and words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from watchfloor.contracts import Key, Point

from .log import Micros, RecordedEvent, Seq


@dataclass(frozen=True, slots=True)
class Box:
    """West, south, east, north in degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class KeyPattern:
    """Things filed under a key. ``pattern`` may hold ``?`` (one character) and ``*`` (any)."""

    kind: str
    pattern: str

    @property
    def is_whole(self) -> bool:
        """Whether it names one thing: a pattern stands for many."""
        return not any(sign in self.pattern for sign in "?*")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a hold keeps. All given parts must hold, and an empty one does not narrow. ``keys``
    (``plate:ZZT1234``) are alternatives, as are ``types`` and ``sources``; times are ``since`` ≤ t
    < ``until``."""

    keys: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    since: Micros | None = None
    until: Micros | None = None

    def has(self, type: str, source: str, time: Micros, keys: Collection[str]) -> bool:
        """Whether it keeps something that is filed under some keys."""
        return (
            (not self.keys or not self.keys.isdisjoint(keys))
            and (not self.types or type in self.types)
            and (not self.sources or source in self.sources)
            and (self.since is None or self.since <= time)
            and (self.until is None or time < self.until)
        )


class Traits(NamedTuple):
    """By what policy tells data apart."""

    type: str
    source: str
    handling: str
    time: Micros


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows somebody may see at all: one policy decision as a filter that the store applies.

    ``earliest`` is, by event type, the oldest moment that may be seen (inclusive): a look-back
    never reaches behind the data's cap, however it was asked for. ``apart`` is the same, by event
    type, source and handling class (``None``: any other), of data that has a cap of its own; it
    counts instead. What is ``held`` may be seen however old it is.
    """

    without_types: frozenset[str] = frozenset()
    without_handling: frozenset[str] = frozenset()
    without_sources: frozenset[str] = frozenset()
    only_sources: frozenset[str] | None = None
    """``None``: those of every source that is not left out. Training sees synthetic ones alone."""
    earliest: Mapping[str, Micros] = field(default_factory=dict)
    apart: Mapping[tuple[str, str, str | None], Micros] = field(default_factory=dict)
    held: tuple[Kept, ...] = ()

    def oldest(self, type: str, source: str, handling: str) -> Micros | None:
        """The oldest moment of such data that may be seen; ``None``: any."""
        for named in (handling, None):
            if (at := self.apart.get((type, source, named))) is not None:
                return at
        return self.earliest.get(type)

    def opens(self, type: str, handling: str) -> bool:
        """Whether such data may be seen at all, of some source and age."""
        return (
            type not in self.without_types
            and handling not in self.without_handling
            and self.only_sources != frozenset()
        )

    def opens_source(self, source: str) -> bool:
        """Whether data of a source may be seen, of some type, class and age. Of a source that
        nobody knows any more (an empty name), only where that of all sources may."""
        left_out = self.without_sources
        return (
            (bool(source) or not left_out)
            and source not in left_out
            and (self.only_sources is None or source in self.only_sources)
        )

    def shows(self, event: RecordedEvent | Traits) -> bool:
        """Whether an event in hand may be seen: the same rule as in the store's filter."""
        oldest = self.oldest(event.type, event.source, event.handling)
        return (
            self.opens(event.type, event.handling)
            and self.opens_source(event.source)
            and (oldest is None or event.time >= oldest or self._holds(event))
        )

    def _holds(self, event: RecordedEvent | Traits) -> bool:
        keys = [":".join(key) for key in event.keys] if isinstance(event, RecordedEvent) else ()
        return any(each.has(event.type, event.source, event.time, keys) for each in self.held)


EVERYTHING = Scope()
"""For the hub's own work (rules, board, indexes), which shows nothing to anybody by itself."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events: all given parts must hold. Empty parts do not narrow.

    ``keys`` are alternatives. ``types`` and ``sources`` are alternatives. Time is ``since`` ≤ t <
    ``until``. Results come newest first.
    """

    keys: Sequence[KeyPattern] = ()
    types: Sequence[str] = ()
    sources: Sequence[str] = ()
    since: Micros | None = None
    until: Micros | None = None
    box: Box | None = None
    text: str | None = None
    """Words that must all occur (prefix match on the last letters typed with ``*``)."""
    before: tuple[Micros, Seq] | None = None
    """Page on from this (time, seq), exclusive."""
    scope: Scope = EVERYTHING


COUNTED = ("plate", "phone", "asset")
"""Kinds of key that matching events are counted by."""


class Touched(NamedTuple):
    """Matching events of one source and type, and at one place where a box was asked for, with
    their keys of the kinds that are ``COUNTED``: nothing to show."""

    source: str
    type: str
    point: Point | None
    events: int
    keys: Sequence[Key]
    """As often as they occur."""


class Tally(NamedTuple):
    """How many events match, and what they are counted by."""

    groups: Sequence[Touched] = ()
    oldest: tuple[Micros, Seq] | None = None
    """(time, seq) of the last one counted."""
    seqs: Sequence[Seq] = ()
    """Where they stand: of a box, all in it."""

    @property
    def events(self) -> int:
        """How many were counted."""
        return sum(group.events for group in self.groups)


class Surveyed(NamedTuple):
    """The newest events that match, and what they and those after them are counted by."""

    events: Sequence[RecordedEvent]
    tally: Tally


class EventIndex(Protocol):
    """Finding events by what they are filed under."""

    async def find(self, where: EventFilter, limit: int) -> Sequence[RecordedEvent]:
        """The newest ``limit`` matching events, newest first."""

    async def touched(self, where: EventFilter, limit: int) -> Tally:
        """What the newest ``limit`` matching events are counted by."""

    async def survey(self, where: EventFilter, limit: int, counted: int) -> Surveyed:
        """The newest ``limit`` matching events, newest first, and what these and others up to
        ``counted`` are counted by, where there are to be any: found in one go, as they were at one
        moment."""

    async def latest(self, type: str, since: Micros, limit: int) -> Sequence[RecordedEvent]:
        """The newest event of each subject of one type since a time."""
