"""Criminal intelligence (28 CFR part 23): entered by a person, on a stated basis, for a time.

Records come in by ``IntelDesk.enter`` alone, from what a person wrote. Nothing here takes an event,
a log position or a rule's outcome, and the hub's ``Store``, which rules and ingest have in hand,
does not lead here: plate reads, calls and video cannot be copied in.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct

from watchfloor.contracts import Refused, rfc3339
from watchfloor.contracts.words import says_something
from watchfloor.ports.store import (
    Confidence,
    CriminalIntel,
    Dissemination,
    IntelNotice,
    IntelRecord,
    IntelReview,
    Micros,
    Sensitivity,
    Stream,
)
from watchfloor.ports.world import Clock

from .limits import Cap
from .schedule import InForce, Schedule

KIND = "criminal-intel"
_Text = Annotated[str, Meta(max_length=20_000)]


class Submission(Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody enters. ``suspicion`` are the facts that make it reasonable to suspect the
    subject of the ``offence`` (28 CFR 23.20(a), (c)).

    ``lawfully_obtained`` (23.20(d)) and ``about_conduct`` (23.20(b): nothing on political,
    religious or social views, unless it relates directly to criminal conduct) are the submitter's
    own declarations.
    """

    subject: _Text
    activity: _Text
    suspicion: _Text
    offence: _Text
    submitter: _Text
    agency: _Text
    control_official: _Text
    sensitivity: Sensitivity
    confidence: Confidence
    lawfully_obtained: bool
    about_conduct: bool


class Recipient(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who gets a record, and by what need and what right to know (28 CFR 23.20(e)). ``address`` is
    where corrections are sent. ``follows_part_23`` may be false in imminent danger to life or
    property alone (23.20(f)(2))."""

    name: _Text
    agency: _Text
    address: _Text
    need: _Text
    right: _Text
    follows_part_23: bool
    imminent_danger: bool = False


def _defaults() -> InForce:
    return InForce(Schedule())


class IntelDesk:
    """The class of records as a service. Who may do what, and the audit record, are the caller's
    affair; the rules of part 23 are enforced here."""

    def __init__(
        self, records: CriminalIntel, clock: Clock, in_force: Callable[[], InForce] = _defaults
    ) -> None:
        self._records = records
        self._clock = clock
        self._in_force = in_force

    async def enter(
        self, submission: Submission, by: str, review_by: Micros | None = None
    ) -> IntelRecord:
        """A new record, until ``review_by`` or the longest time allowed. Raises ``Refused`` (codes
        ``no_basis``, ``not_lawful``, ``review_too_late``)."""
        _demand_basis(submission)
        now = self._clock.now()
        record = IntelRecord(
            id=f"CI-{secrets.token_hex(6)}",
            **_written(submission),
            entered=now,
            entered_by=by,
            review_by=self._until(review_by, now),
        )
        await self._records.enter(record)
        return record

    async def correct(self, id: str, submission: Submission, words: str) -> int:
        """Put right what is wrong; every recipient is owed a notice. How many."""
        _demand_basis(submission)

        def corrected(record: IntelRecord) -> IntelRecord:
            return dataclasses.replace(record, **_written(submission), version=record.version + 1)

        return await self._records.correct(id, corrected, _said(words), self._clock.now())

    async def get(self, id: str) -> IntelRecord:
        """One that may be used. Raises ``NotFound``, ``Refused`` (code ``review_overdue``)."""
        record = await self._records.get(id)
        if record.review_by <= self._clock.now():
            raise _overdue(id)
        return record

    async def reviews(self, id: str) -> Sequence[IntelReview]:
        """Who kept it, when and why; oldest first."""
        return await self._records.reviews(id)

    async def releases(self, id: str) -> Sequence[Dissemination]:
        """Who got it, why and when; oldest first. Of a purged record, too."""
        return await self._records.releases(id)

    async def notices(self, limit: int) -> Sequence[IntelNotice]:
        """Those that recipients are still owed, oldest first."""
        return await self._records.notices(limit)

    async def notice_sent(self, notice: int) -> None:
        """It is with its recipient."""
        await self._records.sent(notice, self._clock.now())

    async def review(
        self, id: str, reviewer: str, reason: str, review_by: Micros | None = None
    ) -> IntelReview:
        """Keep a record for longer: who looked at it, when and why (28 CFR 23.20(h)). Raises
        ``Refused`` (codes ``reason_needed``, ``review_too_late``, ``review_overdue``)."""
        now = self._clock.now()
        record = await self._records.get(id)
        if record.review_by <= now:
            raise Refused(
                f"The time of {id} was up before it was reviewed.",
                code="review_overdue",
                remedy="It goes with the next purge. What is still suspected is entered anew.",
            )
        review = IntelReview(0, id, reviewer, now, _said(reason), self._until(review_by, now))
        await self._records.review(review)
        return review

    async def release(self, id: str, to: Recipient, released_by: str) -> Dissemination:
        """Note who gets a record, why and when, before it is handed over (28 CFR 23.20(g)). Raises
        ``Refused`` (codes ``no_need_to_know``, ``review_overdue``)."""
        record = await self.get(id)
        now = self._clock.now()
        _demand_need(to)
        danger = " Imminent danger." if to.imminent_danger else ""
        why = f"{to.need.strip()} Right: {to.right.strip()}{danger}"
        release = Dissemination(
            0, id, to.name, to.agency, to.address, released_by, why, now, record.version
        )
        return dataclasses.replace(release, id=await self._records.release(release))

    async def purge(self, id: str, words: str) -> int:
        """Delete a record; every recipient is owed a notice. How many."""
        return await self._records.purge(id, _said(words), self._clock.now())

    async def purge_overdue(self) -> list[str]:
        """Delete what nobody reviewed in time; the ids."""
        now = self._clock.now()
        overdue = [each.id for each in await self._records.all() if each.review_by <= now]
        for each in overdue:
            await self._records.purge(each, "Its time was up.", now)
        return overdue

    async def due_for_review(self, within: Micros) -> Sequence[IntelRecord]:
        """Those whose time is up within so many microseconds, the first one first."""
        limit = self._clock.now() + within
        found = [each for each in await self._records.all() if each.review_by <= limit]
        return sorted(found, key=lambda each: each.review_by)

    def _until(self, review_by: Micros | None, now: Micros) -> Micros:
        cap: Cap = self._in_force().limits(Stream("", KIND)).cap
        latest = now + cap.micros
        if review_by is not None and not now < review_by <= latest:
            raise Refused(
                f"A record is reviewed by {rfc3339(latest)} at the latest.",
                code="review_too_late",
                remedy="Name an earlier day (28 CFR 23.20(h): five years at most).",
            )
        return latest if review_by is None else review_by


def _overdue(id: str) -> Refused:
    return Refused(
        f"The time of {id} is up.", code="review_overdue", remedy="It is not to be used."
    )


_BASIS = (
    "suspicion", "offence", "subject", "activity", "submitter", "agency", "control_official",
)  # fmt: skip


def _demand_basis(submission: Submission) -> None:
    missing = [name for name in _BASIS if not says_something(getattr(submission, name))]
    if missing:
        raise Refused(
            f"A record of criminal intelligence needs: {', '.join(missing)}.",
            code="no_basis",
            remedy="Without reasonable suspicion of an offence nobody is entered"
            " (28 CFR 23.20(a)).",
        )
    if not (submission.lawfully_obtained and submission.about_conduct):
        raise Refused(
            "The submitter does not declare it lawfully obtained and about criminal conduct.",
            code="not_lawful",
            remedy="Views and associations alone, or what was obtained unlawfully, are not entered"
            " (28 CFR 23.20(b), (d)).",
        )


def _demand_need(to: Recipient) -> None:
    named = all(map(says_something, (to.name, to.agency, to.address, to.need, to.right)))
    if not (named and (to.follows_part_23 or to.imminent_danger)):
        raise Refused(
            "A record is released to somebody with a need and a right to know, who follows the"
            " same rules.",
            code="no_need_to_know",
            remedy="Name the recipient, agency, address, need and right (28 CFR 23.20(e), (f)).",
        )


def _said(words: str) -> str:
    if not says_something(words):
        raise Refused("A reason is needed.", code="reason_needed", remedy="Say why, in a sentence.")
    return words.strip()


def _written(submission: Submission) -> dict[str, Any]:
    return {name: getattr(submission, name) for name in (*_BASIS, "sensitivity", "confidence")}


def notice_document(notice: IntelNotice) -> dict[str, Any]:
    """A notice as it goes out: the record by its id alone."""
    return {
        "id": notice.id,
        "record": notice.record,
        "to": notice.address,
        "kind": notice.kind,
        "words": notice.words,
        "made": rfc3339(notice.made),
    }
