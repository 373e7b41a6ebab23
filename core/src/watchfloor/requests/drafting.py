"""A request from its form: what is said, for whom it may be said, and what is checked of it."""

from __future__ import annotations

from dataclasses import fields, replace

from watchfloor.contracts import GiveUp, Refused, micros
from watchfloor.identity import Permission, Person
from watchfloor.ports.store import Micros, Request, RequestEntry

from .agencies import Agencies
from .asking import NewRequest, complete
from .checking import Checking
from .offences import known
from .reviews import PROVISIONAL_FOR, with_emergency

_FOUND = ("known", "reviews")
"""What the systems say: no change that somebody made."""


class Drafting:
    """Makes requests of forms."""

    def __init__(self, agencies: Agencies, checking: Checking, own: str) -> None:
        self._agencies = agencies
        self._checking = checking
        self._own = own

    async def new(self, asked: NewRequest, person: Person, now: Micros) -> Request:
        """One that has no number of its own yet. Raises what ``anew`` does."""
        blank = Request(
            opened=now, opened_by=person.id, opener=person.handle, purpose=asked.purpose,
            asked=asked.asked, channel=asked.channel,
            history=(RequestEntry(now, person.handle, "opened"),),
        )  # fmt: skip
        return await self.anew(blank, asked, person, now)

    async def anew(
        self, request: Request, asked: NewRequest, person: Person, now: Micros
    ) -> Request:
        """A request as its form has it now: checked and complete. However often it is described,
        and whatever for, a provisional one is so until it is tied or reviewed, and has a day from
        when it was opened.

        Raises ``Refused`` (codes ``request_incomplete``, ``reason_too_short``, ``unknown_call``,
        ``unknown_case``, ``bad_reference``, ``unknown_agency``, ``other_agency``,
        ``unknown_offence``), ``GiveUp`` (code ``bad_moment``).
        """
        provisional = asked.provisional or request.tie_by is not None
        described = replace(
            request,
            purpose=asked.purpose,
            asked=asked.asked.strip(),
            channel=asked.channel,
            requester=asked.requester or None,
            on_behalf_of_person=asked.on_behalf_of_person or None,
            agency=await self._agency(asked.agency, person),
            offence=known(asked.offence) if asked.offence else None,
            call_number=asked.call_number or None,
            case_number=asked.case_number or None,
            provisional=provisional,
            tie_by=request.opened + PROVISIONAL_FOR if provisional else None,
            order=asked.order or None,
            warrant=asked.warrant or None,
            declaration=asked.declaration or None,
            about=asked.about,
            reason=asked.reason or None,
            known=None,
            priority=asked.priority,
            due=_moment(asked.due) if asked.due else None,
        )
        if asked.number:
            checked = await self._checking.tied(described, asked.number, now)
        else:
            checked = await self._checking.checked(described, now)
        return with_emergency(complete(checked), now)

    async def _agency(self, id: str, person: Person) -> str | None:
        """Whoever works at this hub's desk asks for any agency of the register, everybody else for
        their own."""
        if person.agency == self._own and Permission.REQUESTS_WORK in person.permissions:
            return (await self._agencies.get(id)).id if id else None
        if id not in ("", person.agency):
            raise Refused("You ask for your own agency alone.", code="other_agency")
        return person.agency


def differences(before: Request, after: Request) -> list[str]:
    """The fields that somebody changed."""
    return [
        field.name
        for field in fields(Request)
        if field.name not in _FOUND and getattr(after, field.name) != getattr(before, field.name)
    ]


def _moment(text: str) -> Micros:
    try:
        return micros(text)
    except ValueError:
        raise GiveUp(
            "This is no moment, or has no offset.",
            code="bad_moment",
            remedy="Write it as in 2026-05-02T21:00:00-05:00.",
        ) from None
