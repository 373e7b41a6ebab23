"""Finding events: by key, place, time, kind and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

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


class EventIndex(Protocol):
    """Finding events by what they are filed under."""

    async def find(self, where: EventFilter, limit: int) -> Sequence[RecordedEvent]:
        """The newest ``limit`` matching events, newest first."""

    async def count(self, where: EventFilter, at_most: int) -> int:
        """How many match, counting no further than ``at_most``."""

    async def latest(self, type: str, since: Micros, limit: int) -> Sequence[RecordedEvent]:
        """The newest event of each subject of one type since a time."""
