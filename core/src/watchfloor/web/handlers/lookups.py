"""Look-ups: what can be asked, and asking it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Iterator
from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Meta, Struct, structs

from watchfloor.access import About, Weighed, Weighing, in_lines
from watchfloor.audit import AuditEvent
from watchfloor.contracts import (
    LookupAnswer,
    LookupResult,
    Purpose,
    Refused,
    SubjectKind,
    Topic,
    rfc3339,
)
from watchfloor.contracts.normal import normal_plate
from watchfloor.identity import Permission
from watchfloor.lookups import Offer, Question, Span
from watchfloor.policy import MOVEMENTS, redact
from watchfloor.ports.store import Micros, Scope
from watchfloor.web.handed import Sighting
from watchfloor.web.handlers.reach import DAY, declared
from watchfloor.web.lines import stream_lines
from watchfloor.web.moments import clock_time
from watchfloor.web.routes import Access, Answer, Call, Param, Route
from watchfloor.web.told import purpose_told

_KINDS = ("plate", "person", "address", "phone", "vehicle", "device", "call", "case")

Answers = AsyncGenerator[LookupResult | LookupAnswer]

Short = Annotated[str, Meta(min_length=1, max_length=256)]


class AskedPurpose(Struct, kw_only=True, forbid_unknown_fields=True):
    """What the asked system wants to be told besides; who asks, and why, is in the request that is
    open, and nothing here says it differently. ``code`` is one of the system's own purposes, where
    it has a list."""

    code: Short | None = None
    case_number: Short | None = None
    on_behalf_of: Short | None = None
    reason: Annotated[str, Meta(min_length=1, max_length=4000)] | None = None


class NewQuestion(Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody wants to know, of which source."""

    source: Short
    offer: Short
    subject_kind: SubjectKind
    subject: Annotated[str, Meta(min_length=1, max_length=1024)]
    purpose: AskedPurpose = msgspec.field(default_factory=AskedPurpose)
    deadline_s: Annotated[float, Meta(gt=0, le=300)] = 30.0
    filters: dict[str, Any] = {}
    about: frozenset[Topic] = frozenset()
    """What it is about, where it is about one of these."""


class OfferList(Struct):
    """What can be asked."""

    items: list[Offer]
    next: None = None


async def list_offers(call: Call) -> OfferList:
    """What can be asked, of whom, and what must be said before."""
    offers = call.hub.lookups.offers(call.params["about"])
    return OfferList([structs.replace(each, closed=_closed(call, each)) for each in offers])


def _closed(call: Call, offer: Offer) -> str:
    """Why nothing opens it to the caller, if so: they need not fill it in to be told."""
    facts = {"domain": call.hub.lookups.domain(offer.source)}
    no = call.hub.door.closed(call.person, Permission.LOOKUPS_ASK, facts)
    return f"{no.detail} {no.remedy}" if no else ""


async def ask(call: Call) -> web.StreamResponse:
    """What is found as it comes, and last how it ended (JSON lines)."""
    body: NewQuestion = call.body
    assert call.grant.purpose is not None
    if body.purpose.case_number:
        await call.hub.requests.check_number(body.purpose.case_number, call.grant.purpose)
    span, cut = _kept(call, _span(call, call.hub.clock.now()))
    question = Question(
        source=body.source,
        offer=body.offer,
        subject_kind=body.subject_kind,
        subject=body.subject,
        purpose=_told(call),
        person=call.person.id,
        deadline_s=body.deadline_s,
        filters=body.filters,
        span=span,
        emergency=call.grant.purpose.kind.emergency,
    )
    answers = call.hub.lookups.ask(question)
    async with contextlib.aclosing(answers):
        lines = (_line(call, each, cut) async for each in _followed_on(call, answers))
        return await stream_lines(call, lines, _found)


def asked(call: Call) -> About:
    """What the question is about, for policy and record."""
    body: NewQuestion = call.body
    said = body.purpose
    chosen = call.hub.lookups.choices(body.source, body.offer, body.filters, said.code)
    besides = (said.case_number, said.on_behalf_of, said.reason)
    now = call.hub.clock.now()
    span = _span(call, now)
    return About(
        facts={
            "domain": call.hub.lookups.domain(body.source),
            "owner": call.hub.engine.owners.get(body.source, ""),
            "subject": body.subject_kind,
            "lookback_days": 0 if span is None else max(0, now - span[0]) / DAY,
            "synthetic": is_synthetic(call, body.source),
            "about": body.about,
            "asking_agency": said.on_behalf_of or "",
        },
        subject=(body.subject_kind, body.subject),
        object=("lookup", f"{body.source}/{body.offer}"),
        lookback=span,
        more={**chosen, **declared(body.about)},
        told=", ".join(each for each in besides if each),
        weigh=_weighing(call),
        shown=in_lines(_in_full(body)),
        words=f"{body.source} is asked about one {body.subject_kind}: {body.offer}",
    )


def _in_full(body: NewQuestion) -> Iterator[tuple[str, Any]]:
    """All that is asked, by name, but for what it is declared to be about."""
    yield "asked of", f"{body.source}, {body.offer}"
    yield body.subject_kind, body.subject
    yield from body.filters.items()
    said = structs.asdict(body.purpose)
    yield from said.items()
    yield "waits for the answer", f"{body.deadline_s:g} s"


def _weighing(call: Call) -> Weighing:
    """What the question says nothing of: what of the plate's movements its asker was shown before,
    which one sighting more counts with; and the case that the asked system is told, which is on
    record as a request's own where a connected system knows it. Whatever else was typed there may
    name somebody: it is sealed with what is said of why."""
    named = call.body.purpose.case_number

    async def weigh(_: Scope) -> Weighed:
        followed = _followed(call)
        return Weighed(
            {} if followed is None else {"sightings": len(followed) + 1},
            case=None if named is None else await call.hub.requests.as_written(named),
        )

    return weigh


def _followed(call: Call) -> frozenset[Sighting] | None:
    """What of the plate's movements whoever asks was shown within a day; ``None`` where the
    question is about nobody's movements."""
    now = call.hub.clock.now()
    if call.body.subject_kind != "plate" or _span(call, now) is None:
        return None
    return call.hub.handed_out.followed(call.person.id, _plate(call), now)


def _plate(call: Call) -> tuple[str, str]:
    return "plate", normal_plate(call.body.subject)


async def _followed_on(call: Call, answers: Answers) -> Answers:
    """The answers, each sighting noted as shown; no more of them than one person follows alone."""
    alone = call.grant.decision.permission is not Permission.DATA_HISTORY
    most = call.hub.engine.policy.settings.limits.history_sightings
    left_out = False
    async for each in answers:
        followed = _followed(call) if alone else None
        if isinstance(each, LookupAnswer):
            yield structs.replace(each, status="partial", detail=_MORE) if left_out else each
        elif followed is None or (each.place is None and each.device is None):
            yield each
        elif (each.source, each.id) in followed or len(followed) < most:
            sighting, now = [(each.source, each.id)], call.hub.clock.now()
            call.hub.handed_out.follow(call.person.id, _plate(call), sighting, now)
            yield each
        else:
            left_out = True


_MORE = (
    "More sightings of one plate are a movement history, and are left out. Ask again: with a case,"
    " a second person is asked to agree."
)


def _span(call: Call, now: Micros) -> Span | None:
    """The time that is looked through; where nothing is said, none that is a movement history."""
    body: NewQuestion = call.body
    days = call.hub.engine.policy.settings.limits.history_days
    return call.hub.lookups.span(body.source, body.offer, body.filters, now, days)


def _kept(call: Call, span: Span | None) -> tuple[Span | None, str]:
    """What of the time is asked about, and what is said of the rest: plate reads that are too old
    to be shown here are looked up nowhere else. Raises ``Refused`` (``older_than_kept``)."""
    source, scope = call.body.source, call.grant.scope
    oldest = max(scope.oldest(kind, source, "") or 0 for kind in MOVEMENTS)
    if span is None or span[0] >= oldest:
        return span, ""
    said = f"Nothing from before {clock_time(oldest, call.hub.settings.zone())} is looked up: it is"
    said += " older than what this hub keeps and shows."
    if span[1] <= oldest:
        raise Refused(said, code="older_than_kept", remedy="Ask about a later time.")
    return (oldest, span[1]), said


def is_synthetic(call: Call, source: str) -> bool:
    """Whether a source is known to hold invented data alone."""
    return any(each.id == source and each.synthetic for each in call.hub.sources.all())


def _told(call: Call) -> Purpose:
    """What the asked system is told of why: the request's purpose, and what it wants besides.
    Raises ``Refused`` (code ``purpose_differs``) for what the request says otherwise."""
    told = purpose_told(call)
    wanted = structs.asdict(call.body.purpose)
    besides = {name: value for name, value in wanted.items() if value is not None}
    for name in besides.keys() - {"code"}:
        if (known := getattr(told, name)) and known != besides[name]:
            raise Refused(
                f"The request says another {name.replace('_', ' ')}.",
                code="purpose_differs",
                remedy="Leave it out, or correct the request: it stands in the record.",
            )
    return structs.replace(told, **besides)


def _line(call: Call, each: LookupResult | LookupAnswer, cut: str) -> dict[str, Any]:
    if isinstance(each, LookupAnswer):
        detail = " ".join(filter(None, (each.detail, cut)))
        each = structs.replace(each, detail=detail or None)
        until = call.grant.until
        return {"answer": each} | ({} if until is None else {"until": rfc3339(until)})
    return {"result": redact(msgspec.to_builtins(each), call.grant.decision.redacts)}


def _found(line: dict[str, Any]) -> int:
    return int("result" in line)


ROUTES = (
    Route("GET", "/lookups", "lookups", "What can be asked", list_offers,
          access=Access(Permission.DATA_LIVE, AuditEvent.SETTING_VIEWED),
          params=(Param("about", "Only what is asked about this kind of subject.",
                        {"type": "string", "enum": list(_KINDS)}),),
          answers={200: Answer("Look-ups by source.", OfferList)}),
    Route("POST", "/lookups", "lookups", "Ask one source one question", ask,
          access=Access(Permission.LOOKUPS_ASK, AuditEvent.LOOKUP_ASKED, "needed", about=asked),
          body=NewQuestion,
          answers={200: Answer("Results, then the answer.", None, "application/x-ndjson")}),
)  # fmt: skip
