"""Criminal intelligence (28 CFR part 23): entered by a person on a stated basis, reviewed in time,
released to those who need to know, and corrected with everybody who got it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from watchfloor.access import About, operator_of
from watchfloor.audit import AuditEvent, Entry, Object, Outcome
from watchfloor.contracts import rfc3339
from watchfloor.contracts.words import SAID
from watchfloor.identity import Permission
from watchfloor.ports.store import (
    Confidence,
    Dissemination,
    IntelNotice,
    IntelRecord,
    IntelReview,
    Sensitivity,
)
from watchfloor.retention import DAY, Recipient, Submission, notice_document
from watchfloor.web.moments import Instant, micros_of
from watchfloor.web.routes import (
    LIMIT,
    POSITIVE,
    Access,
    Answer,
    Call,
    Param,
    Route,
    Telling,
    path_param,
)

ID = path_param("id", "The record's id.", {"type": "string", "pattern": "^CI-[0-9a-f]{12}$"})
_Reason = Annotated[str, Meta(min_length=1, max_length=2000, pattern=SAID)]
_FACTS = {"domain": "criminal_intelligence", "subject": "person"}
FIVE_YEARS = 5 * 366


class NewIntel(Struct, kw_only=True, forbid_unknown_fields=True):
    """A record, to be reviewed by a day: the latest one allowed, where none is named."""

    record: Submission
    review_by: Instant | None = None


class Correction(Struct, kw_only=True, forbid_unknown_fields=True):
    """The record as it should be, and what was wrong: the words go to everybody who got it."""

    record: Submission
    words: _Reason


class Keeping(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why it is still suspected, and by when that is asked again."""

    reason: _Reason
    review_by: Instant | None = None


class Why(Struct, forbid_unknown_fields=True):
    """Why the record goes: the words go to everybody who got it."""

    words: _Reason


class IntelView(Struct, kw_only=True):
    """A record."""

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
    entered: str
    entered_by: str
    review_by: str
    version: int


class ReviewView(Struct, kw_only=True):
    """That somebody found a reason to keep it."""

    reviewer: str
    at: str
    reason: str
    review_by: str


class ReleaseView(Struct, kw_only=True):
    """Who got it, why and when."""

    id: int
    recipient: str
    agency: str
    address: str
    released_by: str
    why: str
    at: str
    version: int


class ReleaseList(Struct):
    """Who got a record, the first one first."""

    items: list[ReleaseView]
    next: None = None


class IntelPage(Struct):
    """A record with what was done with it."""

    record: IntelView
    reviews: list[ReviewView]
    releases: list[ReleaseView]


class NoticeView(Struct, kw_only=True):
    """What a recipient is owed. It names the record by its id alone."""

    id: int
    record: str
    to: str
    kind: str
    words: str
    made: str


class IntelList(Struct):
    """Records, those to be reviewed next first."""

    items: list[IntelView]
    next: None = None


class NoticeList(Struct):
    """Notices not sent yet, the oldest first."""

    items: list[NoticeView]
    next: None = None


class Owed(Struct):
    """How many recipients are owed a notice of it."""

    notices: int


async def list_intelligence(call: Call) -> IntelList:
    """Those that may be used, which is until their review is due."""
    now = call.hub.clock.now()
    found = await call.hub.intel.due_for_review(call.params["within_days"] * DAY)
    return IntelList([_record(each) for each in found if each.review_by > now])


async def enter_intelligence(call: Call) -> IntelView:
    """Refused without reasonable suspicion of an offence."""
    body: NewIntel = call.body
    return _record(await call.hub.intel.enter(body.record, call.actor, _until(body.review_by)))


async def get_intelligence(call: Call) -> IntelPage:
    """The record, who kept it and who got it."""
    desk = call.hub.intel
    record = await desk.get(call.params["id"])
    return IntelPage(
        _record(record),
        [_review(each) for each in await desk.reviews(record.id)],
        [_release(each) for each in await desk.releases(record.id)],
    )


async def list_releases(call: Call) -> ReleaseList:
    """Of a record that was deleted, too: who has a copy must be told, and can be asked."""
    found = await call.hub.intel.releases(call.params["id"])
    return ReleaseList([_release(each) for each in found])


async def correct_intelligence(call: Call) -> Owed:
    """Everybody who got it is owed a notice."""
    body: Correction = call.body
    return Owed(await call.hub.intel.correct(call.params["id"], body.record, body.words))


async def review_intelligence(call: Call) -> ReviewView:
    """Keep it for longer."""
    body: Keeping = call.body
    return _review(
        await call.hub.intel.review(
            call.params["id"], call.actor, body.reason, _until(body.review_by)
        )
    )


async def release_intelligence(call: Call) -> ReleaseView:
    """Written down before it is handed over."""
    to: Recipient = call.body
    release = await call.hub.intel.release(call.params["id"], to, call.actor)
    await call.hub.audit.record(
        Entry(
            event=AuditEvent.RELEASE_RECORDED,
            outcome=Outcome.DONE,
            operator=operator_of(call.person),
            secondary_recipient=to.agency,
            object=Object(kind="intelligence", id=release.record),
            more={"imminent_danger": to.imminent_danger},
        )
    )
    return _release(release)


async def purge_intelligence(call: Call) -> Owed:
    """It goes for good; the list of its releases stays."""
    return Owed(await call.hub.intel.purge(call.params["id"], call.body.words))


async def list_notices(call: Call) -> NoticeList:
    """What recipients of corrected and deleted records have to be told."""
    return NoticeList(
        [_notice(each) for each in await call.hub.intel.notices(call.params["limit"])]
    )


async def notice_sent(call: Call) -> None:
    """It is with its recipient."""
    await call.hub.intel.notice_sent(call.params["no"])


def _until(review_by: Instant | None) -> int | None:
    return None if review_by is None else micros_of(review_by)


def _record(record: IntelRecord) -> IntelView:
    said = {name: getattr(record, name) for name in IntelView.__struct_fields__}
    times = {name: rfc3339(said[name]) for name in ("entered", "review_by")}
    return IntelView(**{**said, **times})


def _review(review: IntelReview) -> ReviewView:
    return ReviewView(
        reviewer=review.reviewer,
        at=rfc3339(review.at),
        reason=review.reason,
        review_by=rfc3339(review.review_by),
    )


def _release(release: Dissemination) -> ReleaseView:
    said = {name: getattr(release, name) for name in ReleaseView.__struct_fields__}
    return ReleaseView(**{**said, "at": rfc3339(release.at)})


def _notice(notice: IntelNotice) -> NoticeView:
    return msgspec.convert(notice_document(notice), NoticeView)


def _one(call: Call) -> About:
    return About(facts=_FACTS, object=("intelligence", call.params["id"]))


def _all(_: Call) -> About:
    return About(facts=_FACTS, object=("intelligence", None))


def _subject(call: Call) -> About:
    subject = ("person", call.body.record.subject)
    return About(facts=_FACTS, object=("intelligence", call.params.get("id")), subject=subject)


def _for(event: AuditEvent, about: Telling) -> Access:
    return Access(Permission.INTELLIGENCE_KEEP, event, "needed", about=about)


_VIEWED, _CHANGED = AuditEvent.INTELLIGENCE_VIEWED, AuditEvent.INTELLIGENCE_CHANGED

ROUTES = (
    Route("GET", "/intelligence", "intelligence", "Records, by when they are to be reviewed",
          list_intelligence,
          access=_for(_VIEWED, _all),
          params=(Param("within_days", "To be reviewed within so many days.",
                        {"type": "integer", "minimum": 0, "maximum": FIVE_YEARS},
                        default=FIVE_YEARS),),
          answers={200: Answer("Records.", IntelList)}),
    Route("POST", "/intelligence", "intelligence", "Enter a record", enter_intelligence,
          access=_for(_CHANGED, _subject), body=NewIntel,
          answers={200: Answer("The record.", IntelView)}),
    Route("GET", "/intelligence/notices", "intelligence", "What recipients have to be told",
          list_notices,
          access=_for(_VIEWED, _all), params=(LIMIT,),
          answers={200: Answer("Notices not sent yet.", NoticeList)}),
    Route("POST", "/intelligence/notices/{no}/sent", "intelligence", "A notice was sent",
          notice_sent,
          access=_for(AuditEvent.CORRECTION_SENT, _all),
          params=(path_param("no", "The notice's number.", POSITIVE),)),
    Route("GET", "/intelligence/{id}", "intelligence", "A record, who kept it and who got it",
          get_intelligence,
          access=_for(_VIEWED, _one), params=(ID,),
          answers={200: Answer("The record.", IntelPage)}),
    Route("PUT", "/intelligence/{id}", "intelligence", "Put right what is wrong",
          correct_intelligence,
          access=_for(_CHANGED, _subject), params=(ID,), body=Correction,
          answers={200: Answer("How many recipients are owed a notice.", Owed)}),
    Route("POST", "/intelligence/{id}/review", "intelligence", "Keep it for longer",
          review_intelligence,
          access=_for(_CHANGED, _one), params=(ID,), body=Keeping,
          answers={200: Answer("The review.", ReviewView)}),
    Route("GET", "/intelligence/{id}/releases", "intelligence", "Who got a record",
          list_releases,
          access=_for(_VIEWED, _one), params=(ID,),
          answers={200: Answer("Releases.", ReleaseList)}),
    Route("POST", "/intelligence/{id}/release", "intelligence", "Note who gets it, and why",
          release_intelligence,
          access=_for(_CHANGED, _one), params=(ID,), body=Recipient,
          answers={200: Answer("The release.", ReleaseView)}),
    Route("POST", "/intelligence/{id}/purge", "intelligence", "Delete it", purge_intelligence,
          access=_for(_CHANGED, _one), params=(ID,), body=Why,
          answers={200: Answer("How many recipients are owed a notice.", Owed)}),
)  # fmt: skip
