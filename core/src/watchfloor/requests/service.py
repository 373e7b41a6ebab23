"""The desk: requests are opened, worked on, answered, reviewed; and lend their purpose."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from zoneinfo import ZoneInfo

from watchfloor.contracts import NotFound, PurposeOfUse, Refused, on_clocks
from watchfloor.identity import Permission, Person
from watchfloor.policy import Sight
from watchfloor.ports.store import (
    Finding,
    Micros,
    Outcome,
    Request,
    RequestFilter,
    RequestListing,
    Review,
    Store,
    Whose,
)
from watchfloor.ports.world import Clock

from .agencies import Agencies, Listed
from .asking import NewRequest, complete, purpose
from .checking import Checking
from .drafting import Drafting, differences
from .figures import Outcomes
from .numbers import Numbers
from .reviewing import HANDED_OVER, Page, Reviewing, hands, noted, page_of
from .reviews import RequestRules, may_go_on, still_open

MOST_FINDINGS = 1000


class Requests:
    """Every request of one hub. Who may not see one is told that there is none. ``agency`` is the
    hub's own, whose people work on all of them; those of others see their agency's."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        zone: ZoneInfo,
        rules: RequestRules,
        agency: str,
        listed: Listed = dict,
    ) -> None:
        self._own = agency
        self._store = store
        self._book = store.requests
        self._clock = clock
        self._zone = zone
        self._numbers = Numbers(store)
        self._checking = Checking(self._numbers, rules)
        self.agencies = Agencies(self._book, listed)
        self.outcomes = Outcomes(self._book, zone)
        self.reviews = Reviewing(self._book, clock)
        self._drafting = Drafting(self.agencies, self._checking, agency)

    # --- opening -----------------------------------------------------------------------------

    async def open(self, asked: NewRequest, person: Person) -> Request:
        """A new request with its number. Raises what ``Drafting.anew`` does."""
        drafted = await self._drafting.new(asked, person, self._clock.now())
        return await self._book.add(drafted, self._year())

    async def for_call(self, call: str, person: Person, sight: Sight) -> Request:
        """The request of a person who works on a live call: opened now, or the one that is. It says
        of the call what they see of it (``sight``) without one."""
        match = await self._numbers.call(call)
        headline = match.headline(sight) if match else ""
        asked = NewRequest(
            purpose="in_progress_call", number=call, channel="call",
            asked=headline or "Call in progress",
        )  # fmt: skip
        drafted = await self._drafting.new(asked, person, self._clock.now())
        taken = replace(drafted, worker=person.handle)
        return await self._book.add(taken, self._year(), once_per_call=True)

    # --- seeing ------------------------------------------------------------------------------

    async def get(self, id: str, person: Person) -> Request:
        """Raises ``NotFound`` for one that is not there, or not theirs."""
        return self._theirs(await self._book.get(id), person)

    async def page(
        self,
        person: Person,
        listing: RequestListing | None,
        limit: int,
        before: str | None = None,
        number: str | None = None,
    ) -> Page:
        """Newest first."""
        where = RequestFilter(
            now=self._clock.now(), listing=listing, mine=person.handle, number=number,
            whose=self._whose(person), before=before,
        )  # fmt: skip
        return await page_of(self._book, where, limit)

    async def counts(self, person: Person) -> dict[RequestListing, int]:
        """How many are open, late, mine, in review."""
        now, whose = self._clock.now(), self._whose(person)
        listings: tuple[RequestListing, ...] = ("open", "late", "mine", "review")
        return {
            each: await self._book.count(
                RequestFilter(now=now, listing=each, mine=person.handle, whose=whose)
            )
            for each in listings
        }

    # --- the purpose -------------------------------------------------------------------------

    async def purpose(self, id: str, person: Person) -> PurposeOfUse:
        """What somebody may look up for it now. Raises what ``get`` and ``purpose_of`` do."""
        return await self.purpose_of(await self.get(id, person), person)

    async def purpose_of(self, request: Request, person: Person) -> PurposeOfUse:
        """What somebody may look up for it now. Whoever does so for the first time is named in its
        history. Raises ``Refused`` (codes ``request_not_open``, ``request_in_review``,
        ``emergency_over``)."""
        self._theirs(request, person)
        now = self._clock.now()
        may_go_on(request, now)
        fresh = await self._checking.again(request, now)
        if fresh is not request or person.handle not in hands(request):
            request = await self._book.change(
                request.id,
                lambda kept: _joined(
                    replace(kept, known=fresh.known, reviews=_more(kept, fresh)), person, now
                ),
            )
        return purpose(complete(request))

    async def check_number(self, number: str, purpose: PurposeOfUse) -> None:
        """Whether a call or a case that is named besides a request's purpose is one. Raises as the
        check of a request's own does: ``Refused`` (codes ``unknown_case``, ``bad_reference``)."""
        if not purpose.kind.synthetic_only and await self._numbers.call(number) is None:
            await self._checking.case(number, purpose.kind)

    async def as_written(self, number: str) -> str | None:
        """A call's or a case's number as its system writes it; ``None`` where none knows it."""
        with suppress(Refused):
            match = await self._numbers.call(number) or await self._numbers.case(number)
            return match.number if match else None
        return None

    # --- working on it -----------------------------------------------------------------------

    async def edit(self, id: str, asked: NewRequest, person: Person) -> Request:
        """Describe it anew: another purpose, another number. Raises what ``open`` does."""
        before = await self.get(id, person)
        still_open(before)
        now = self._clock.now()
        described = await self._drafting.anew(before, asked, person, now)
        changed = differences(before, described)

        def change(kept: Request) -> Request:
            latest = replace(
                still_open(kept),
                known=described.known,
                reviews=_more(kept, described),
                **{name: getattr(described, name) for name in changed},
            )
            said = ", ".join(name for name in changed if name != "tie_by")
            return noted(latest, person, "changed", said, now)

        return await self._book.change(id, change)

    async def tie(self, id: str, number: str, person: Person) -> Request:
        """Give it the call or the case that it was opened without."""
        before = await self.get(id, person)
        still_open(before)
        now = self._clock.now()
        tied = complete(await self._checking.tied(before, number, now))

        def change(kept: Request) -> Request:
            latest = replace(
                still_open(kept), call_number=tied.call_number, case_number=tied.case_number,
                provisional=tied.provisional, tie_by=tied.tie_by, known=tied.known,
                offence=tied.offence, reviews=_more(kept, tied),
            )  # fmt: skip
            return noted(latest, person, "tied", number.strip(), now)

        return await self._book.change(id, change)

    async def take(self, id: str, person: Person, worker: str | None = None) -> Request:
        """Work on it, or name who does."""
        name = worker or person.handle
        return await self._act(
            id, person, "taken" if name == person.handle else HANDED_OVER, name,
            lambda kept: replace(still_open(kept), worker=name),
        )  # fmt: skip

    async def answer(
        self, id: str, person: Person, answer: str, outcome: Outcome, note: str = ""
    ) -> Request:
        """Done: what was found, and whether it served."""
        now = self._clock.now()
        return await self._act(
            id, person, "answered", outcome,
            lambda kept: replace(
                still_open(kept), state="done", closed=now, answer=answer, outcome=outcome,
                outcome_note=note, worker=kept.worker or person.handle,
            ),
        )  # fmt: skip

    async def cancel(self, id: str, person: Person, note: str) -> Request:
        """Nobody wants it any more."""
        now = self._clock.now()
        return await self._act(
            id, person, "cancelled", note,
            lambda kept: replace(still_open(kept), state="cancelled", closed=now),
        )  # fmt: skip

    async def reopen(self, id: str, person: Person, note: str = "") -> Request:
        """Take back that it was answered or cancelled. Its answer stays, to be gone on from."""
        return await self._act(
            id, person, "reopened", note,
            lambda kept: replace(_closed(kept), state="open", closed=None, outcome=None),
        )  # fmt: skip

    async def note(self, id: str, person: Person, note: str) -> Request:
        """Write something down in its history."""
        return await self._act(id, person, "noted", note, lambda kept: kept)

    async def attach(self, id: str, person: Person, finding: Finding) -> Request:
        """Put something found with it. Raises ``NotFound`` for an event that is not there."""
        if finding.event is not None:
            await self._store.log.get(finding.event)
        return await self._act(
            id, person, "attached", _words(finding), lambda kept: _with_finding(kept, finding)
        )

    async def detach(self, id: str, person: Person, finding: Finding) -> Request:
        """Take it away again."""
        return await self._act(
            id, person, "detached", _words(finding),
            lambda kept: replace(
                kept, findings=tuple(each for each in kept.findings if each != finding)
            ),
        )  # fmt: skip

    def _year(self) -> int:
        return on_clocks(self._clock.now(), self._zone).year

    async def _act(
        self, id: str, person: Person, did: str, note: str, change: Callable[[Request], Request]
    ) -> Request:
        now = self._clock.now()
        return await self._book.change(
            id, lambda kept: noted(change(self._theirs(kept, person)), person, did, note, now)
        )

    def _sees_all(self, person: Person) -> bool:
        """Who works on this hub's requests, and who reviews what was done for them."""
        return person.agency == self._own and bool(_ALL & person.permissions)

    def _whose(self, person: Person) -> Whose | None:
        return None if self._sees_all(person) else Whose(person.id, person.agency)

    def _theirs(self, request: Request, person: Person) -> Request:
        mine = request.opened_by == person.id or request.agency == person.agency
        if mine or self._sees_all(person):
            return request
        raise NotFound("There is no such request.", code="no_such_request")


_ALL = frozenset({Permission.REQUESTS_WORK, Permission.OVERRIDE_REVIEW})


def _closed(request: Request) -> Request:
    if request.state == "open":
        raise Refused(f"Request {request.id} is open already.", code="request_is_open")
    return request


def _joined(request: Request, person: Person, now: Micros) -> Request:
    if person.handle in hands(request):
        return request
    return noted(request, person, "joined", "", now)


def _more(kept: Request, found: Request) -> tuple[Review, ...]:
    """Its reviews, and those that were found since."""
    had = {each.why for each in kept.reviews}
    return (*kept.reviews, *(each for each in found.reviews if each.why not in had))


def _with_finding(request: Request, finding: Finding) -> Request:
    if finding in request.findings:
        return request
    if len(request.findings) >= MOST_FINDINGS:
        raise Refused(
            f"A request holds at most {MOST_FINDINGS} findings.",
            code="too_many_findings",
            remedy="Attach those that answer it.",
        )
    return replace(request, findings=(*request.findings, finding))


def _words(finding: Finding) -> str:
    return f"event {finding.event}" if finding.event is not None else f"look-up {finding.lookup}"
