"""Requests and approvals as the API and the console show them."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from watchfloor.contracts import PURPOSES, Offence, Topic, rfc3339
from watchfloor.identity import Names
from watchfloor.ports.store import Approval, Finding, Micros, Request, Review

from .reviewing import HANDED_OVER
from .reviews import in_review, reviews_of


class EntryView(Struct, kw_only=True):
    """Who did what when."""

    at: str
    by: str
    did: str
    note: str


class FindingView(Struct, kw_only=True):
    """An event by its place in the log, or a look-up by its id."""

    event: int | None
    lookup: str | None


class ReviewView(Struct, kw_only=True):
    """A review: why, by when, who has heard of it, and the verdict where there is one."""

    why: str
    since: str
    due: str
    overdue: bool
    told: list[str]
    verdict: str | None
    by: str | None
    at: str | None
    note: str


class RequestView(Struct, kw_only=True):
    """A request. ``state`` is ``in_review`` while a review keeps it from going on; ``number`` is
    what it is shown by: call, case or stand-in. ``people`` are the names of those whom it has by
    their handles."""

    id: str
    state: str
    opened: str
    opener: str
    purpose: str
    purpose_title: str
    number: str | None
    call_number: str | None
    case_number: str | None
    stand_in: str | None
    tie_by: str | None
    checked: str | None
    checked_at: str | None
    order: str | None
    warrant: str | None
    declaration: str | None
    about: list[Topic]
    offence: Offence | None
    reason: str | None
    asked: str
    channel: str
    requester: str | None
    agency: str | None
    on_behalf_of_person: str | None
    priority: str
    due: str | None
    late: bool
    worker: str | None
    closed: str | None
    answer: str
    outcome: str | None
    outcome_note: str
    findings: list[FindingView]
    reviews: list[ReviewView]
    history: list[EntryView]
    people: dict[str, str]


class ApprovalView(Struct, kw_only=True):
    """A question to a second person, and the answer where there is one. ``people`` are the names of
    those whom it has by their handles."""

    id: str
    subject: str
    what: str
    shown: str
    """The thing itself as it will be (a rule, the first lines of a file), where there is one; for
    who answers alone."""
    why: str
    request: str | None
    asked: str
    asker: str
    expires: str
    answer: str | None
    answered: str | None
    answerer: str | None
    note: str
    people: dict[str, str]


def request_view(request: Request, now: Micros, names: Names) -> RequestView:
    """One request as it stands now."""
    known = request.known
    is_open = request.state == "open"
    return RequestView(
        id=request.id,
        state="in_review" if is_open and in_review(request, now) else request.state,
        opened=rfc3339(request.opened),
        opener=request.opener,
        purpose=request.purpose,
        purpose_title=PURPOSES[request.purpose].title,
        number=request.case_number or request.call_number or request.stand_in,
        call_number=request.call_number,
        case_number=request.case_number,
        stand_in=request.stand_in,
        tie_by=_moment(request.tie_by),
        checked=known.source if known else None,
        checked_at=rfc3339(known.at) if known else None,
        order=request.order,
        warrant=request.warrant,
        declaration=request.declaration,
        about=sorted(request.about),
        offence=request.offence,
        reason=request.reason,
        asked=request.asked,
        channel=request.channel,
        requester=request.requester,
        agency=request.agency,
        on_behalf_of_person=request.on_behalf_of_person,
        priority=request.priority,
        due=_moment(request.due),
        late=is_open and request.due is not None and request.due < now,
        worker=request.worker,
        closed=_moment(request.closed),
        answer=request.answer,
        outcome=request.outcome,
        outcome_note=request.outcome_note,
        findings=[_finding(each) for each in request.findings],
        reviews=[_review(each, now) for each in reviews_of(request, now)],
        history=[
            EntryView(at=rfc3339(each.at), by=each.by, did=each.did, note=each.note)
            for each in request.history
        ],
        people=_people(names, _named(request)),
    )


def approval_view(approval: Approval, names: Names) -> ApprovalView:
    """One approval, without whose ids it holds."""
    return ApprovalView(
        id=approval.id,
        subject=approval.subject,
        what=approval.what,
        shown=approval.shown,
        why=approval.why,
        request=approval.request,
        asked=rfc3339(approval.asked),
        asker=approval.asker,
        expires=rfc3339(approval.expires),
        answer=approval.answer,
        answered=_moment(approval.answered),
        answerer=approval.answerer,
        note=approval.note,
        people=_people(names, {approval.asker, approval.answerer}),
    )


def _named(request: Request) -> set[str | None]:
    did = {each.by for each in request.history}
    handed = {each.note for each in request.history if each.did == HANDED_OVER}
    heard = {handle for each in request.reviews for handle in (each.by, *each.told)}
    return {request.opener, request.worker, *did, *handed, *heard}


def _people(names: Names, handles: Collection[str | None]) -> dict[str, str]:
    return {handle: names.of(handle) for handle in sorted(filter(None, handles))}


def _moment(moment: Micros | None) -> str | None:
    return rfc3339(moment) if moment is not None else None


def _finding(finding: Finding) -> FindingView:
    return FindingView(event=finding.event, lookup=finding.lookup)


def _review(review: Review, now: Micros) -> ReviewView:
    return ReviewView(
        why=review.why,
        since=rfc3339(review.since),
        due=rfc3339(review.due),
        overdue=review.verdict is None and review.due < now,
        told=list(review.told),
        verdict=review.verdict,
        by=review.by,
        at=_moment(review.at),
        note=review.note,
    )
