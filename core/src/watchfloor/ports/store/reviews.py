"""Oversight: what waits for a reviewer, what was drawn by lot, and what staff registered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from .log import Micros

ReviewVerdict = Literal["in_order", "unclear", "misuse"]
Relation = Literal["self", "relative"]
ReviewListing = Literal["waiting", "overdue", "signed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """Something that somebody who had no part in it has to look at by ``due``. ``week`` is ISO 8601
    (``2026-W47``); ``why`` a detector's name, or ``sample``; ``records`` are places in the audit
    log. ``person`` and ``by`` are persons' ids, ``handle`` and ``reviewer`` their handles."""

    id: str
    week: str
    why: str
    person: str
    handle: str
    agency: str
    words: str
    records: Sequence[int]
    raised: Micros
    due: Micros
    verdict: ReviewVerdict | None = None
    by: str | None = None
    reviewer: str | None = None
    at: Micros | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Draw:
    """A week's drawing of lots, so that anybody can draw again: ``root`` (hex) of the checkpoint
    over ``size`` records, how many looks there were and how many were drawn. ``id`` is the week."""

    id: str
    root: str
    size: int
    looks: int
    drawn: int
    at: Micros


@dataclass(frozen=True, slots=True)
class StaffSubject:
    """A plate, phone or name that somebody registered as their own or a relative's: its keyed hash
    alone."""

    id: str
    person: str
    kind: str
    key: str
    relation: Relation
    at: Micros


@dataclass(frozen=True, slots=True)
class Gathering:
    """A public event whose visitors are nobody's business: its place (degrees) and its time."""

    id: str
    west: float
    south: float
    east: float
    north: float
    since: Micros
    until: Micros


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """How reviews stand: what anybody may know."""

    waiting: int
    overdue: int
    signed: int
    oldest_due: Micros | None


class ReviewBook(Protocol):
    """All of it."""

    async def known(self, ids: Collection[str]) -> set[str]:
        """Which of them there are."""

    async def put(self, items: Sequence[ReviewItem]) -> None:
        """Write those that are new; bring others up to date (words and records) while nobody has
        signed them."""

    async def get(self, id: str) -> ReviewItem:
        """Raises ``NotFound`` (code ``no_such_review``)."""

    async def change(self, id: str, change: Callable[[ReviewItem], ReviewItem]) -> ReviewItem:
        """Put what ``change`` makes of it in its place, in one step; what it raises is raised.
        Raises ``NotFound``."""

    async def list(self, which: ReviewListing, now: Micros) -> Sequence[ReviewItem]:
        """Those that are due first come first; signed ones, newest first."""

    async def counts(self, now: Micros) -> ReviewCounts: ...

    async def draw(self, week: str) -> Draw | None: ...

    async def drawn(self, draw: Draw, items: Sequence[ReviewItem]) -> None:
        """Write a drawing and what it drew, in one step. Raises ``WatchfloorError`` where its week
        was drawn from already: lots stand."""

    async def staff(self) -> Sequence[StaffSubject]: ...

    async def put_staff(self, subject: StaffSubject) -> None: ...

    async def remove_staff(self, id: str, person: str) -> None:
        """One's own. Raises ``NotFound`` (code ``no_such_staff_subject``)."""

    async def gatherings(self) -> Sequence[Gathering]: ...

    async def put_gathering(self, gathering: Gathering) -> None: ...

    async def remove_gathering(self, id: str) -> None:
        """Raises ``NotFound`` (code ``no_such_gathering``)."""
