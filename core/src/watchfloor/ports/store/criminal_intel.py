"""Criminal intelligence (28 CFR part 23): a class of records of its own, apart from events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from .log import Micros

Sensitivity = Literal["unclassified", "sensitive", "confidential", "restricted"]
Confidence = Literal["reliable", "usually_reliable", "unreliable", "unknown"]


@dataclass(slots=True)
class IntelRecord:
    """What is suspected of whom, on what basis, by whom, and until when it may stay.

    28 CFR 23.20(a): ``suspicion`` (the facts that make it reasonable) and ``offence``. (g): the
    labels ``sensitivity`` and ``confidence``, the submitting ``agency`` and ``control_official``.
    (h): ``review_by``. ``version`` grows with each correction.
    """

    id: str
    subject: str
    activity: str
    suspicion: str
    offence: str
    submitter: str
    agency: str
    control_official: str
    sensitivity: Sensitivity
    confidence: Confidence
    entered: Micros
    entered_by: str
    review_by: Micros
    version: int = 1


@dataclass(slots=True)
class IntelReview:
    """That somebody found a reason to keep a record (28 CFR 23.20(h)): reviewer, date, reason."""

    id: int
    record: str
    reviewer: str
    at: Micros
    reason: str
    review_by: Micros


@dataclass(slots=True)
class Dissemination:
    """One release (28 CFR 23.20(g)): who got it, why, date. ``address`` is where notices go."""

    id: int
    record: str
    recipient: str
    agency: str
    address: str
    released_by: str
    why: str
    at: Micros
    version: int


@dataclass(slots=True)
class IntelNotice:
    """What a recipient has to be told: that a record was corrected, or is purged. It names the
    record by its id alone."""

    id: int
    dissemination: int
    record: str
    address: str
    kind: Literal["corrected", "purged"]
    words: str
    made: Micros
    sent: Micros | None = None


class CriminalIntel(Protocol):
    """The records with their reviews, releases and notices. Each call is one transaction."""

    async def enter(self, record: IntelRecord) -> None:
        """Add a new record."""

    async def get(self, id: str) -> IntelRecord:
        """Raises ``NotFound`` (code ``no_such_intel``)."""

    async def all(self) -> Sequence[IntelRecord]:
        """By id."""

    async def correct(
        self, id: str, change: Callable[[IntelRecord], IntelRecord], words: str, at: Micros
    ) -> int:
        """Put what ``change`` makes of it in its place, and owe every recipient a notice, in one
        step; how many. ``change`` may be called more than once and has no effect of its own."""

    async def review(self, review: IntelReview) -> None:
        """Note the review and move the record's ``review_by``."""

    async def reviews(self, id: str) -> Sequence[IntelReview]:
        """A record's reviews, oldest first."""

    async def release(self, dissemination: Dissemination) -> int:
        """Note a release before it is made; its number."""

    async def releases(self, id: str) -> Sequence[Dissemination]:
        """A record's releases, oldest first; those of a purged record stay."""

    async def purge(self, id: str, words: str, at: Micros) -> int:
        """Delete the record, and owe every recipient a notice; how many."""

    async def notices(self, limit: int) -> Sequence[IntelNotice]:
        """Those not sent yet, oldest first."""

    async def sent(self, notice: int, at: Micros) -> None:
        """A notice is with its recipient."""
