"""A resident's complaint: it gets an id, the log is searched for the plate or name, and the answer
and the counts are kept.

What a complaint is about is kept sealed, and searched for by keyed hash: nobody opens a record that
is not about this person. Patterns alone are opened, inside the hub, for what they would have shown.
The counts are what the records officer answers from.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import datetime
from typing import Literal
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from watchfloor.access import Grant, operator_of
from watchfloor.audit import (
    Asked,
    AuditEvent,
    AuditLog,
    Entry,
    Numbered,
    Object,
    Outcome,
    Sealed,
    Sealer,
    Where,
    Whom,
)
from watchfloor.contracts import GiveUp, NotFound, Refused, micros, rfc3339
from watchfloor.contracts.normal import words_of
from watchfloor.ports.store import Ledger
from watchfloor.ports.world import Clock

OPENED, CHANGED = "complaint_opened", "complaint_changed"
"""The ledger keeps every state of every complaint; the newest counts. A complaint's number is its
place among those opened in its year, so that none is left out and none given twice."""
MOST_NOTES = 100_000
_STEP = 100
"""Records between two turns of the event loop."""
_NAMED_AS = ("person", "search")
"""What the log calls somebody's name: whom a look-up asks about, or a whole line of words."""

SubjectOf = Literal["plate", "name", "phone", "address"]
Answered = Literal["nothing_found", "use_justified", "use_not_justified", "not_about_this_hub"]


class Traces(Struct, frozen=True, kw_only=True):
    """What the log has about somebody: records that name them, by event and by outcome; by how many
    persons; from when to when (RFC 3339); and where the records are, newest first. ``by_pattern``
    are questions besides that may have shown it: by a part that it fits, as many others do, and by
    words that it is among."""

    total: int
    events: dict[str, int]
    denied: int
    persons: int
    first: str | None
    last: str | None
    records: list[int]
    by_pattern: int = 0


class Complaint(Struct, frozen=True, kw_only=True):
    """One complaint. ``about`` is sealed; ``words`` are the records officer's own, and name
    nobody. ``by`` is the handle of who took it in, ``by_name`` their name."""

    id: str
    received: str
    by: str
    about: Sealed
    words: str
    traces: Traces | None = None
    answered: str | None = None
    finding: Answered | None = None
    answer: str = ""
    by_name: str = ""


class Complaints:
    """Takes them in, searches the log, keeps the answers. One per hub: a state is written
    whole, over the one that it was made from."""

    def __init__(
        self, ledger: Ledger, audit: AuditLog, sealer: Sealer, clock: Clock, zone: ZoneInfo
    ) -> None:
        self._ledger = ledger
        self._audit = audit
        self._sealer = sealer
        self._clock = clock
        self._zone = zone
        self._changing = asyncio.Lock()

    async def receive(self, kind: SubjectOf, value: str, words: str, grant: Grant) -> Complaint:
        """Write down a new one."""
        about = await self._sealer.seal(kind, value)
        mark = uuid4().hex
        draft = Complaint(
            id=mark, received=rfc3339(self._clock.now()), by=grant.person.handle,
            by_name=grant.person.name, about=about, words=words,
        )  # fmt: skip
        await self._ledger.note(OPENED, grant.person.handle, msgspec.to_builtins(draft))
        number = next(number for number, each in await self._opened() if each.id == mark)
        complaint = msgspec.structs.replace(draft, id=number)
        await self._record(complaint, grant, AuditEvent.COMPLAINT_OPENED)
        return complaint

    async def search(self, id: str, grant: Grant) -> Complaint:
        """Count again what the log has about its subject. Raises ``NotFound``, of a name also where
        the key of the month in which the complaint came is destroyed (``seal_expired``)."""
        async with self._changing:
            complaint = await self.get(id)
            found = msgspec.structs.replace(complaint, traces=await self._traces(complaint.about))
            await self._ledger.note(CHANGED, grant.person.handle, msgspec.to_builtins(found))
            return found

    async def answer(self, id: str, finding: Answered, words: str, grant: Grant) -> Complaint:
        """What was found, and what the resident is told. Raises ``NotFound``, ``Refused``
        (``complaint_not_searched``, ``complaint_answered``)."""
        async with self._changing:
            complaint = await self.get(id)
            _check_open(complaint)
            answered = msgspec.structs.replace(
                complaint, answered=rfc3339(self._clock.now()), finding=finding, answer=words
            )
            await self._record(answered, grant, AuditEvent.COMPLAINT_ANSWERED, finding=finding)
            await self._ledger.note(CHANGED, grant.person.handle, msgspec.to_builtins(answered))
            return answered

    async def all(self) -> list[Complaint]:
        """Newest first."""
        changed = reversed(await self._ledger.notes(CHANGED, MOST_NOTES))
        newest = {note["what"]["id"]: note["what"] for note in changed}
        found = [
            msgspec.convert(newest[number], Complaint)
            if number in newest
            else msgspec.structs.replace(each, id=number)
            for number, each in await self._opened()
        ]
        return found[::-1]

    async def get(self, id: str) -> Complaint:
        """Raises ``NotFound`` (``no_such_complaint``)."""
        for each in await self.all():
            if each.id == id:
                return each
        raise NotFound("There is no such complaint.", code="no_such_complaint")

    async def _traces(self, about: Sealed) -> Traces:
        """What the log has about somebody; what is no use of the hub is not counted."""
        keys = await self._keys(about)
        found = [
            each
            for key in keys
            async for each in self._audit.each(Where(subject=key))
            if _counts(each.entry)
        ]
        found.sort(key=lambda each: each.index, reverse=True)
        return msgspec.structs.replace(
            _traces(found), by_pattern=await self._by_pattern(about, found)
        )

    async def _by_pattern(self, about: Sealed, found: list[Numbered]) -> int:
        """Questions that may have shown it, of which no record names it. None, where the key of the
        month in which the complaint came is destroyed."""
        named, may_be, opened = {_question(each) for each in found}, set[str](), 0
        with suppress(NotFound):
            whom = Whom(about.kind, await self._sealer.open(about))
            for event in _QUESTIONS:
                async for each in self._audit.each(Where(event=event.value)):
                    if _question(each) not in named and await self._may_be(whom, each.entry):
                        may_be.add(_question(each))
                    opened += 1
                    if opened % _STEP == 0:
                        await asyncio.sleep(0)
        return len(may_be)

    async def _may_be(self, whom: Whom, entry: Entry) -> bool:
        asked = entry.subject
        if asked is None or asked.kind not in whom.found_in or not _counts(entry):
            return False
        with suppress(NotFound, GiveUp):  # a seal that was broken, ``audit verify`` reports
            return whom.is_in(Asked(asked.kind, await self._sealer.open(asked)))
        return False

    async def _keys(self, about: Sealed) -> list[str]:
        """The keyed hashes under which the log has it: of a name also without its accents."""
        if about.kind != "name":
            return [about.key]
        name = await self._sealer.open(about)
        keys = [
            await self._sealer.joining(kind, written)
            for kind in _NAMED_AS
            for written in (name, " ".join(words_of(name)))
        ]
        return list(dict.fromkeys(keys))

    async def _opened(self) -> list[tuple[str, Complaint]]:
        """Every complaint as it was received, with its number, oldest first."""
        notes = reversed(await self._ledger.notes(OPENED, MOST_NOTES))
        found, last = [], Counter[str]()
        for note in notes:
            each = msgspec.convert(note["what"], Complaint)
            moment = datetime.fromtimestamp(micros(each.received) / 1_000_000, self._zone)
            year = f"{moment:%y}"
            last[year] += 1
            found.append((f"C-{year}-{last[year]:06}", each))
        return found

    async def _record(
        self, complaint: Complaint, grant: Grant, event: AuditEvent, **more: str
    ) -> None:
        """What is published counts from there."""
        await self._audit.record(
            Entry(
                event=event,
                outcome=Outcome.DONE,
                operator=operator_of(grant.person),
                object=Object(kind="complaint", id=complaint.id),
                subject=complaint.about,
                more=dict(more),
            )
        )


def _question(record: Numbered) -> str:
    """Of several records of one question the same; it has a decision where policy decided it."""
    decision = record.entry.decision
    return (decision and decision.id) or str(record.index)


def _counts(entry: Entry) -> bool:
    """What was begun and refused after all is counted once."""
    return entry.event not in _NO_USE and entry.attempt is None


def _traces(found: list[Numbered]) -> Traces:
    entries = [each.entry for each in found]
    return Traces(
        total=len(found),
        events=dict(sorted(Counter(entry.event.value for entry in entries).items())),
        denied=sum(entry.outcome is Outcome.DENIED for entry in entries),
        persons=len({entry.operator.id for entry in entries if entry.operator}),
        first=entries[-1].at if entries else None,
        last=entries[0].at if entries else None,
        records=[each.index for each in found],
    )


_QUESTIONS = (
    AuditEvent.SEARCH_ASKED, AuditEvent.SEARCH_PREVIEWED, AuditEvent.HISTORY_VIEWED,
    AuditEvent.LOOKUP_ASKED, AuditEvent.SEARCH_NAMED,
)  # fmt: skip
_NO_USE = frozenset(
    {AuditEvent.COMPLAINT_OPENED, AuditEvent.COMPLAINT_ANSWERED, AuditEvent.PERSON_CHANGED}
)
"""Of complaints; and what staff register of their own: nobody looked at anything."""


def _check_open(complaint: Complaint) -> None:
    if complaint.answered is not None:
        raise Refused("This complaint has been answered.", code="complaint_answered")
    if complaint.traces is None:
        raise Refused(
            "The log has not been searched for this complaint.",
            code="complaint_not_searched",
            remedy="Search it first: the answer says what was found.",
        )
