"""What takes two people: one asks, another answers, wherever they sit.

For settings the answer is all there is, and a yes is for one deed. For a look-up that cannot wait,
an emergency override may stand in for it once nobody has answered for two minutes; a refusal is an
answer. A yes to a look opens it, and its further pages, for an hour; one to what is done outside is
for one deed, and holds until that has an outcome.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

from watchfloor.access import operator_of
from watchfloor.audit import AuditEvent, Entry, Object, Outcome
from watchfloor.contracts import PURPOSES, Refused, RetryLater
from watchfloor.identity import Permission, Person
from watchfloor.ports.store import (
    Approval,
    ApprovalBook,
    ApprovalSubject,
    Micros,
    Request,
    RequestBook,
)
from watchfloor.ports.world import Clock

from .reviewing import noted
from .reviews import may_go_on, overridden

OPEN_FOR: Micros = 3600 * 1_000_000
"""How long a question stands, and what was granted holds where it is not used up before."""
ACCESS_OPEN_FOR: Micros = 14 * 24 * OPEN_FOR
"""A wish for access is no matter of this hour."""
OVERRIDE_AFTER: Micros = 120 * 1_000_000

_ABOUT_DATA: tuple[ApprovalSubject, ...] = ("data", "deed", "history", "export")
_OVERSEES_DATA = frozenset({Permission.DATA_SEARCH, Permission.OVERRIDE_REVIEW})
_MAY_ANSWER: dict[ApprovalSubject, frozenset[Permission]] = {
    **dict.fromkeys(_ABOUT_DATA, _OVERSEES_DATA),
    "following": _OVERSEES_DATA,
    "settings": frozenset({Permission.SETTINGS_APPROVE}),
    "access": frozenset({Permission.SETTINGS_APPROVE, Permission.OVERRIDE_REVIEW}),
}
"""About data, what follows it, and who sees it, a supervisor answers: who keeps the machine, or
audits, has no say in that."""


def digest_of(question: Mapping[str, Any], what: str) -> str:
    """SHA-256 of a question and of the words it was put in: what was approved is this, and nothing
    else."""
    written = json.dumps([question, what], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(written.encode()).hexdigest()


def _nobody(_: Entry) -> None:
    """No audit log to tell."""


class Approvals:
    """Questions to a second person. ``told`` hears of each new one, for the audit log."""

    def __init__(
        self,
        book: ApprovalBook,
        requests: RequestBook,
        clock: Clock,
        told: Callable[[Entry], None] = _nobody,
    ) -> None:
        self._book = book
        self._requests = requests
        self._clock = clock
        self._told = told
        self._answered = WeakValueDictionary[str, asyncio.Event]()
        """Of each question that somebody waits for, and no longer."""

    async def ask(
        self,
        person: Person,
        subject: ApprovalSubject,
        digest: str,
        what: str,
        why: str,
        request: str | None = None,
        shown: str = "",
    ) -> Approval:
        """Ask; asked again while it waits, it is the same question. ``what`` names nobody: it goes
        on record, as one line. ``shown`` is for the second person alone."""
        now = self._clock.now()
        approval = Approval(
            id=f"A-{secrets.token_hex(6)}", subject=subject, digest=digest,
            what=_visible(" ".join(what.split())), why=_visible(why),
            asked=now, asked_by=person.id, asker=person.handle,
            expires=now + (ACCESS_OPEN_FOR if subject == "access" else OPEN_FOR),
            request=request, shown=_visible(shown),
        )  # fmt: skip
        kept = await self._book.add(approval, now)
        if kept.id == approval.id:
            self._told(_asked(kept, person))
        return kept

    async def get(self, id: str, person: Person) -> Approval:
        """For who asked and for who may answer. Raises ``NotFound``."""
        approval = await self._book.get(id)
        if person.id == approval.asked_by or _may_answer(person, approval):
            return approval
        return await self._book.get("")  # to anybody else it is not there

    async def waiting(self, person: Person) -> Sequence[Approval]:
        """What waits for an answer that this person may give, oldest first."""
        return [
            each
            for each in await self._book.waiting(self._clock.now())
            if each.asked_by != person.id and _may_answer(person, each)
        ]

    async def standing(self, person: Person, digest: str) -> Sequence[Approval]:
        """This person's own question: while it waits, or what opens it."""
        waiting = await self._book.waiting(self._clock.now())
        own = [each for each in waiting if (each.asked_by, each.digest) == (person.id, digest)]
        granted = await self.opens(person, digest)
        return own or ([granted] if granted else [])

    async def answer(self, id: str, person: Person, *, granted: bool, note: str = "") -> Approval:
        """A second person's answer. Raises ``NotFound``, ``Refused`` (codes ``own_approval``,
        ``approval_answered``, ``approval_void``)."""
        await self.get(id, person)
        now = self._clock.now()

        def change(kept: Approval) -> Approval:
            if person.id == kept.asked_by:
                raise Refused(
                    "Nobody answers their own question.",
                    code="own_approval",
                    remedy="Ask somebody else to answer it.",
                )
            return replace(
                _unanswered(kept, now), answer="granted" if granted else "declined", answered=now,
                answered_by=person.id, answerer=person.handle, note=note,
            )  # fmt: skip

        return self._tell(await self._book.change(id, change))

    async def wait(self, id: str, timeout_s: float) -> Approval:
        """The question as it stands when it is answered, or after a while. Raises ``NotFound``."""
        heard = self._answered.setdefault(id, asyncio.Event())
        approval = await self._book.get(id)
        if approval.answer is not None:
            return approval
        try:
            async with asyncio.timeout(timeout_s):
                await heard.wait()
        except TimeoutError:
            pass
        return await self._book.get(id)

    async def opens(self, person: Person, digest: str) -> Approval | None:
        """What opens exactly this for this person now, if anything does."""
        return await self._book.answered(person.id, digest, self._clock.now())

    async def use(self, person: Person, digest: str) -> Approval | None:
        """The same for what is done once: it opens nothing any more after this."""
        return await self._book.use(person.id, digest, self._clock.now())

    async def used_up(self, id: str) -> None:
        """What it opened has been done: it opens nothing any more. Raises ``NotFound``."""
        now = self._clock.now()
        await self._book.change(id, lambda kept: replace(kept, used=now))

    async def override(self, id: str, person: Person, emergency: Request) -> Approval:
        """Nobody answered in time: an emergency request stands in for the second person.

        Its review is written before anything opens: one that is not reviewed there is none.

        Raises ``RetryLater`` (code ``second_person_asked``) within two minutes, ``Refused`` (codes
        ``no_override`` for settings, for somebody else's question, and without such a request;
        ``request_in_review``, ``emergency_over``; ``approval_answered``, ``approval_void``)."""
        now = self._clock.now()

        def change(kept: Approval) -> Approval:
            _may_override(_unanswered(kept, now), person, emergency, now)
            return replace(
                kept, answer="overridden", answered=now, answered_by=person.id,
                answerer=person.handle, request=emergency.id,
            )  # fmt: skip

        asked = change(await self._book.get(id))
        await self._requests.change(
            emergency.id,
            lambda kept: noted(overridden(kept, now), person, "overrode", asked.what, now),
        )
        return self._tell(await self._book.change(id, change))

    def _tell(self, approval: Approval) -> Approval:
        if heard := self._answered.pop(approval.id, None):
            heard.set()
        return approval


def _visible(text: str) -> str:
    """With a mark for each character that nobody sees: some make what follows look otherwise."""
    return "".join(each if each.isprintable() or each in "\n\t" else "\ufffd" for each in text)


def _may_answer(person: Person, approval: Approval) -> bool:
    return _MAY_ANSWER[approval.subject] <= person.permissions


def _unanswered(approval: Approval, now: Micros) -> Approval:
    if approval.answer is not None:
        raise Refused(f"It was {approval.answer} already.", code="approval_answered")
    if now >= approval.expires:
        raise Refused("Nobody answered it in time.", code="approval_void", remedy="Ask once more.")
    return approval


def _may_override(approval: Approval, person: Person, emergency: Request, now: Micros) -> None:
    fits = (
        approval.subject in _ABOUT_DATA
        and person.id == approval.asked_by == emergency.opened_by
        and PURPOSES[emergency.purpose].emergency
        and emergency.state == "open"
    )
    if not fits:
        raise Refused(
            "An override opens a person's own question about data, for an emergency request"
            " of theirs.",
            code="no_override",
            remedy="Wait for the second person. Settings never open in another way.",
        )
    may_go_on(emergency, now)
    if (left := approval.asked + OVERRIDE_AFTER - now) > 0:
        raise RetryLater(
            "A second person was asked and may still answer.",
            code="second_person_asked",
            remedy=f"Open it in {math.ceil(left / 1_000_000)} s, if nobody has answered by then.",
            retry_after=left / 1_000_000,
        )


def _asked(approval: Approval, person: Person) -> Entry:
    return Entry(
        event=AuditEvent.APPROVAL_ASKED,
        outcome=Outcome.DONE,
        operator=operator_of(person),
        object=Object(kind="approval", id=approval.id),
        more={
            "about": approval.subject,
            "request": approval.request,
            "what": approval.what,
            "digest": approval.digest,
        },
    )
