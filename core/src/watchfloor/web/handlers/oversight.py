"""Oversight: what waits for a review, signing it off, what staff register, public events."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from watchfloor.access import About
from watchfloor.audit import AuditEvent, Entry
from watchfloor.contracts import GiveUp, micros, rfc3339
from watchfloor.contracts.words import SAID
from watchfloor.identity import Permission
from watchfloor.ports.store import (
    Gathering,
    Micros,
    Relation,
    ReviewItem,
    ReviewVerdict,
    StaffSubject,
)
from watchfloor.web.routes import Access, Answer, Call, Param, Route, path_param

_REVIEW = path_param("id", "The review's id.", {"type": "string", "pattern": "^V-[0-9a-f]{12}$"})
_STAFF = path_param("id", "Its id.", {"type": "string", "pattern": "^S-[0-9a-f]{12}$"})
_EVENT = path_param("id", "Its name.", {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"})
_TIME = Meta(max_length=64)


class ReviewView(Struct, kw_only=True):
    """Something that somebody who had no part in it has to look at. ``why``: a detector's name, or
    ``sample``; ``records``: places in the audit log. ``person`` is whom it is about, by handle, or
    a source's id where it is about its vendor; ``name`` is a person's name."""

    id: str
    week: str
    why: str
    person: str
    name: str
    agency: str
    words: str
    records: list[int]
    raised: str
    due: str
    overdue: bool
    verdict: str | None
    reviewer: str | None
    signed: str | None
    note: str


class ReviewList(Struct):
    """Reviews that the signed-in person may make."""

    items: list[ReviewView]
    next: None = None


class ReviewedRecord(Struct):
    """A record that a review rests on; what is sealed stays sealed."""

    index: int
    entry: Entry


class ReviewWithRecords(Struct):
    """A review, with the records that it rests on."""

    review: ReviewView
    records: list[ReviewedRecord]


class SignOff(Struct, kw_only=True, forbid_unknown_fields=True):
    """A reviewer's verdict: it stands."""

    verdict: ReviewVerdict
    note: Annotated[str, Meta(min_length=3, max_length=2000, pattern=SAID)]


class Standing(Struct, kw_only=True):
    """How reviews stand. ``oldest_due``: by when the first of those that wait was due."""

    waiting: int
    overdue: int
    signed: int
    oldest_due: str | None


class Swept(Struct):
    """How many findings and lots are new."""

    new: int


class NewRegistration(Struct, kw_only=True, forbid_unknown_fields=True):
    """Something of one's own or a relative's: its keyed hash alone is kept."""

    kind: Annotated[str, Meta(pattern=r"^(plate|phone|person|address)\Z")]
    value: Annotated[str, Meta(min_length=2, max_length=256)]
    relation: Relation


class Registration(Struct, kw_only=True):
    """That something is registered; what, the hub does not know."""

    id: str
    kind: str
    relation: str
    at: str


class RegistrationList(Struct):
    """One's own registrations."""

    items: list[Registration]
    next: None = None


class PublicEvent(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where (degrees) and when a public event is."""

    west: Annotated[float, Meta(ge=-180, le=180)]
    south: Annotated[float, Meta(ge=-90, le=90)]
    east: Annotated[float, Meta(ge=-180, le=180)]
    north: Annotated[float, Meta(ge=-90, le=90)]
    since: Annotated[str, _TIME]
    until: Annotated[str, _TIME]


class PublicEventView(PublicEvent, kw_only=True):
    """A registered public event."""

    id: str


class PublicEventList(Struct):
    """All that are registered."""

    items: list[PublicEventView]
    next: None = None


async def list_reviews(call: Call) -> ReviewList:
    """What waits; what is overdue; what was signed."""
    found = await call.hub.oversight.reviews(call.person, call.params["show"])
    return ReviewList([_view(call, item) for item in found])


async def get_review(call: Call) -> ReviewWithRecords:
    """One, with what it rests on."""
    oversight = call.hub.oversight
    item = await oversight.review(call.person, call.params["id"])
    records = await oversight.records(item)
    return ReviewWithRecords(
        _view(call, item), [ReviewedRecord(each.index, each.entry) for each in records]
    )


async def sign_review(call: Call) -> ReviewView:
    """Sign it off."""
    body: SignOff = call.body
    signed = await call.hub.oversight.sign(call.person, call.params["id"], body.verdict, body.note)
    return _view(call, signed)


async def get_standing(call: Call) -> Standing:
    """How many wait, and how many for too long."""
    counts = await call.hub.oversight.standing()
    oldest = rfc3339(counts.oldest_due) if counts.oldest_due is not None else None
    return Standing(
        waiting=counts.waiting, overdue=counts.overdue, signed=counts.signed, oldest_due=oldest
    )


async def sweep(call: Call) -> Swept:
    """Look now, and not at the next full hour."""
    return Swept(len(await call.hub.oversight.sweep()))


async def list_registrations(call: Call) -> RegistrationList:
    """One's own."""
    found = await call.hub.oversight.registered(call.person)
    return RegistrationList([_registration(each) for each in found])


async def register(call: Call) -> Registration:
    """Register something of one's own or a relative's."""
    body: NewRegistration = call.body
    kept = await call.hub.oversight.register(call.person, body.kind, body.value, body.relation)
    return _registration(kept)


async def forget(call: Call) -> None:
    """Take back a registration of one's own."""
    await call.hub.oversight.forget(call.person, call.params["id"])


async def list_gatherings(call: Call) -> PublicEventList:
    """Registered public events."""
    return PublicEventList([_event(each) for each in await call.hub.oversight.gatherings()])


async def put_gathering(call: Call) -> PublicEventView:
    """Register one, or change it."""
    body: PublicEvent = call.body
    gathering = Gathering(
        call.params["id"], body.west, body.south, body.east, body.north,
        _moment(body.since), _moment(body.until),
    )  # fmt: skip
    await call.hub.oversight.put_gathering(gathering)
    return _event(gathering)


async def remove_gathering(call: Call) -> None:
    """Forget one."""
    await call.hub.oversight.remove_gathering(call.params["id"])


def _view(call: Call, item: ReviewItem) -> ReviewView:
    return ReviewView(
        id=item.id,
        week=item.week,
        why=item.why,
        person=item.handle,
        name=call.hub.names.of(item.handle),
        agency=item.agency,
        words=item.words,
        records=list(item.records),
        raised=rfc3339(item.raised),
        due=rfc3339(item.due),
        overdue=item.verdict is None and item.due < call.hub.clock.now(),
        verdict=item.verdict,
        reviewer=item.reviewer,
        signed=rfc3339(item.at) if item.at is not None else None,
        note=item.note,
    )


def _registration(subject: StaffSubject) -> Registration:
    return Registration(
        id=subject.id, kind=subject.kind, relation=subject.relation, at=rfc3339(subject.at)
    )


def _event(gathering: Gathering) -> PublicEventView:
    return PublicEventView(
        id=gathering.id,
        west=gathering.west,
        south=gathering.south,
        east=gathering.east,
        north=gathering.north,
        since=rfc3339(gathering.since),
        until=rfc3339(gathering.until),
    )


def _moment(text: str) -> Micros:
    try:
        return micros(text)
    except (ValueError, OverflowError):
        raise GiveUp("That is no time with its offset.", code="bad_parameter") from None


def _one(call: Call) -> About:
    return About(object=("review", call.params["id"]))


def _own(call: Call) -> About:
    """What is registered stands in the record sealed, as every value about a person."""
    return About(subject=(call.body.kind, call.body.value))


_READ = Access(Permission.OVERRIDE_REVIEW, AuditEvent.AUDIT_READ)
_KEEP = Access(Permission.OVERRIDE_REVIEW, AuditEvent.SETTING_CHANGED)

ROUTES = (
    Route("GET", "/oversight/reviews", "oversight", "What waits for a review", list_reviews,
          access=_READ,
          params=(Param("show", "Which.", {"enum": ["waiting", "overdue", "signed"]},
                        default="waiting"),),
          answers={200: Answer("By when they are due.", ReviewList)}),
    Route("GET", "/oversight/reviews/{id}", "oversight", "One review, and its records", get_review,
          access=Access(Permission.OVERRIDE_REVIEW, AuditEvent.AUDIT_READ, about=_one),
          params=(_REVIEW,), answers={200: Answer("The review.", ReviewWithRecords)}),
    Route("POST", "/oversight/reviews/{id}/sign", "oversight", "Sign a review off", sign_review,
          access=Access(Permission.OVERRIDE_REVIEW, AuditEvent.REVIEW_OPENED, about=_one),
          params=(_REVIEW,), body=SignOff, answers={200: Answer("The review.", ReviewView)}),
    Route("GET", "/oversight/standing", "oversight", "How many reviews are overdue", get_standing,
          access=Access(Permission.REPORTS_READ, AuditEvent.HUB_VIEWED),
          answers={200: Answer("Counts.", Standing)}),
    Route("POST", "/oversight/sweep", "oversight", "Look for misuse now", sweep,
          access=_READ, answers={200: Answer("How many are new.", Swept)}),
    Route("GET", "/oversight/registrations", "oversight", "What one registered",
          list_registrations,
          access=Access(Permission.HUB_READ, AuditEvent.SETTING_VIEWED),
          answers={200: Answer("One's own.", RegistrationList)}),
    Route("POST", "/oversight/registrations", "oversight", "Register one's own, or a relative's",
          register,
          access=Access(Permission.HUB_READ, AuditEvent.PERSON_CHANGED, about=_own),
          body=NewRegistration, answers={200: Answer("That it is kept.", Registration)}),
    Route("DELETE", "/oversight/registrations/{id}", "oversight", "Take a registration back",
          forget, access=Access(Permission.HUB_READ, AuditEvent.PERSON_CHANGED),
          params=(_STAFF,)),
    Route("GET", "/oversight/public-events", "oversight", "Registered public events",
          list_gatherings, access=Access(Permission.OVERRIDE_REVIEW, AuditEvent.SETTING_VIEWED),
          answers={200: Answer("All of them.", PublicEventList)}),
    Route("PUT", "/oversight/public-events/{id}", "oversight", "Register a public event",
          put_gathering, access=_KEEP, params=(_EVENT,), body=PublicEvent,
          answers={200: Answer("The event.", PublicEventView)}),
    Route("DELETE", "/oversight/public-events/{id}", "oversight", "Forget a public event",
          remove_gathering, access=_KEEP, params=(_EVENT,)),
)  # fmt: skip
