"""Reviews of requests: what waits, verdicts, and who heard of an emergency."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from watchfloor.contracts import Refused
from watchfloor.identity import Person
from watchfloor.ports.store import (
    Micros,
    Request,
    RequestBook,
    RequestEntry,
    RequestFilter,
    Verdict,
)
from watchfloor.ports.world import Clock

from .reviews import VERDICTS, settled


@dataclass(frozen=True, slots=True)
class Page:
    """Requests, newest first. ``next``: the id to page on from, where there may be more."""

    items: Sequence[Request]
    next: str | None


@dataclass(frozen=True, slots=True)
class Override:
    """An emergency override that waits for its review, and who was ``told`` of it."""

    request: str
    opener: str
    since: Micros
    told: Sequence[str]


class Reviewing:
    """Reviews of requests."""

    def __init__(self, book: RequestBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    async def waiting(self, limit: int, before: str | None = None) -> Page:
        """All that wait for a verdict, newest first."""
        where = RequestFilter(now=self._clock.now(), listing="review", before=before)
        return await page_of(self._book, where, limit)

    async def settle(self, id: str, person: Person, verdict: Verdict, note: str) -> Request:
        """A second person's verdict on all that waits for one. Raises ``Refused`` (codes
        ``own_review``, ``nothing_to_review``)."""
        now = self._clock.now()

        def change(kept: Request) -> Request:
            if person.id == kept.opened_by or person.is_among(hands(kept)):
                raise Refused(
                    "Nobody reviews a request that they worked on.",
                    code="own_review",
                    remedy="Ask somebody who had no part in it.",
                )
            judged = settled(kept, verdict, person.handle, note, now)
            return noted(judged, person, verdict, note, now)

        return await self._book.change(id, change)

    async def overrides(self) -> list[Override]:
        """Emergency overrides that wait for their review."""
        return [
            Override(request.id, request.opener, each.since, each.told)
            for request in await self._book.untold()
            for each in request.reviews
            if each.why == "emergency" and each.verdict is None
        ]

    async def told(self, override: Override, people: Collection[str]) -> None:
        """These have heard of it, by handle."""
        await self._book.change(override.request, lambda kept: _told(kept, override, people))


async def page_of(book: RequestBook, where: RequestFilter, limit: int) -> Page:
    """One page."""
    items = await book.list(where, limit)
    return Page(items, items[-1].id if len(items) == limit else None)


HANDED_OVER = "handed over"
"""What histories call it; the note is the handle of who works on it from then on."""


def noted(request: Request, person: Person, did: str, note: str, now: Micros) -> Request:
    """The request, with a line in its history."""
    entry = RequestEntry(now, person.handle, did, note)
    return replace(request, history=(*request.history, entry))


def hands(request: Request) -> set[str]:
    """The handles of all who had a hand in it; reviewers have none."""
    worked = {entry.by for entry in request.history if entry.did not in VERDICTS}
    return worked | {request.worker or request.opener}


def _told(request: Request, override: Override, people: Collection[str]) -> Request:
    reviews = tuple(
        replace(each, told=(*each.told, *sorted({*people} - {*each.told})))
        if (each.why, each.since) == ("emergency", override.since)
        else each
        for each in request.reviews
    )
    return replace(request, reviews=reviews)
