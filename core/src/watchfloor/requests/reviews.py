"""What somebody else has to look at, by when, and what may not go on before they did.

* no number within 24 hours: nothing more is looked up for it until it is tied or reviewed, or
  becomes an emergency;
* an emergency override: works at once, and for 24 hours, whatever its review says; then no more;
* a case that is closed, a call that ended long ago: goes on, and is looked at in the weekly review
  (CJISSECPOL AU-6).
"""

from __future__ import annotations

from dataclasses import replace

from msgspec import Struct

from watchfloor.contracts import PURPOSES, Refused
from watchfloor.ports.store import Micros, Request, Review, ReviewWhy, Verdict

HOUR: Micros = 3_600_000_000
PROVISIONAL_FOR: Micros = 24 * HOUR
REVIEW_WITHIN: dict[ReviewWhy, Micros] = {
    "emergency": 24 * HOUR,
    "provisional": 24 * HOUR,
    "case_closed": 7 * 24 * HOUR,
    "call_over": 7 * 24 * HOUR,
}
VERDICTS = ("justified", "not_justified")


class RequestRules(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """What an agency sets about requests."""

    call_over_hours: int = 24
    """Hours after a call's end from which on work for it is a finding for review."""


def reviews_of(request: Request, now: Micros) -> tuple[Review, ...]:
    """Its reviews, with the one for a number that did not come in time."""
    if request.tie_by is None or now < request.tie_by:
        return request.reviews
    return (*request.reviews, begun("provisional", request.tie_by))


def begun(why: ReviewWhy, since: Micros) -> Review:
    """A review that is due."""
    return Review(why=why, since=since, due=since + REVIEW_WITHIN[why])


def with_review(request: Request, why: ReviewWhy, now: Micros) -> Request:
    """The request with a reason to look at it, once."""
    if any(each.why == why for each in request.reviews):
        return request
    return replace(request, reviews=(*request.reviews, begun(why, now)))


def with_emergency(request: Request, now: Micros) -> Request:
    """The request, to be reviewed where it is an emergency override."""
    emergency = PURPOSES[request.purpose].emergency
    return with_review(request, "emergency", now) if emergency else request


def overridden(request: Request, now: Micros) -> Request:
    """The emergency request that opened something, which is told and reviewed by itself. Raises
    what ``may_go_on`` does."""
    may_go_on(request, now)
    return replace(request, reviews=(*request.reviews, begun("emergency", now)))


def in_review(request: Request, now: Micros) -> bool:
    """Whether a review keeps it from going on."""
    emergency = PURPOSES[request.purpose].emergency
    return any(_blocks(each, emergency, now) for each in reviews_of(request, now))


def is_waiting(request: Request, now: Micros) -> bool:
    """Whether any review waits for its verdict."""
    return any(each.verdict is None for each in reviews_of(request, now))


def _blocks(review: Review, emergency: bool, now: Micros) -> bool:
    match review.why, review.verdict:
        case _, "not_justified":
            return True
        case "provisional", None:
            return not emergency
        case "emergency", None:
            return _is_over(review, now)
    return False


def _is_over(review: Review, now: Micros) -> bool:
    return review.why == "emergency" and now >= review.due


def still_open(request: Request) -> Request:
    """The request, where it is open. Raises ``Refused`` (code ``request_not_open``)."""
    if request.state != "open":
        raise Refused(
            f"Request {request.id} is {request.state}.",
            code="request_not_open",
            remedy="Reopen it, or open another one.",
        )
    return request


def may_go_on(request: Request, now: Micros) -> None:
    """Raises ``Refused`` where nothing may be looked up for it."""
    still_open(request)
    if in_review(request, now):
        raise Refused(
            f"Request {request.id} waits for its review.",
            code="request_in_review",
            remedy="Tie it to a call or a case, or ask a supervisor to review it.",
        )
    if PURPOSES[request.purpose].emergency and any(_is_over(each, now) for each in request.reviews):
        raise Refused(
            f"The emergency of request {request.id} is over: it lasts a day.",
            code="emergency_over",
            remedy="Say what it is for now and tie it to a call or a case, or open another one.",
        )


def settled(request: Request, verdict: Verdict, by: str, note: str, now: Micros) -> Request:
    """The request with a verdict on all that waits for one. What was not justified ends here."""
    if not is_waiting(request, now):
        raise Refused("Nothing about this request waits for a review.", code="nothing_to_review")
    reviews = tuple(
        replace(each, verdict=verdict, by=by, at=now, note=note) if each.verdict is None else each
        for each in reviews_of(request, now)
    )
    ends = verdict == "not_justified" and request.state == "open"
    return replace(
        request,
        reviews=reviews,
        tie_by=None if reviews_of(request, now) is not request.reviews else request.tie_by,
        state="cancelled" if ends else request.state,
        closed=now if ends else request.closed,
    )
