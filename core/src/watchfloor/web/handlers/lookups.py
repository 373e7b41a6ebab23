"""Look-ups: what can be asked, and asking it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from watchfloor.contracts import LookupAnswer, Purpose, SubjectKind
from watchfloor.lookups import Offer, Question
from watchfloor.web.routes import Answer, Call, Param, Route

_KINDS = ("plate", "person", "address", "phone", "vehicle", "device", "call", "case")

Short = Annotated[str, Meta(min_length=1, max_length=256)]


class AskedPurpose(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why it is asked. Who asks is who is signed in."""

    code: Short
    case_number: Short | None = None
    on_behalf_of: Short | None = None
    reason: Annotated[str, Meta(min_length=1, max_length=4000)] | None = None


class NewQuestion(Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody wants to know, of which source."""

    source: Short
    offer: Short
    subject_kind: SubjectKind
    subject: Annotated[str, Meta(min_length=1, max_length=1024)]
    purpose: AskedPurpose
    deadline_s: Annotated[float, Meta(gt=0, le=300)] = 30.0
    filters: dict[str, Any] = {}


class OfferList(Struct):
    """What can be asked."""

    items: list[Offer]
    next: None = None


async def list_offers(call: Call) -> OfferList:
    """What can be asked, of whom, and what must be said before."""
    return OfferList(call.hub.lookups.offers(call.params["about"]))


async def ask(call: Call) -> web.StreamResponse:
    """What is found as it comes, and last how it ended (JSON lines)."""
    body: NewQuestion = call.body
    purpose = Purpose(
        code=body.purpose.code,
        requester=call.actor,
        case_number=body.purpose.case_number,
        on_behalf_of=body.purpose.on_behalf_of,
        reason=body.purpose.reason,
    )
    question = Question(
        source=body.source,
        offer=body.offer,
        subject_kind=body.subject_kind,
        subject=body.subject,
        purpose=purpose,
        deadline_s=body.deadline_s,
        filters=body.filters,
    )
    answers = call.hub.lookups.ask(question)
    first = await anext(answers)  # what is refused is refused with its status
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await response.prepare(call.request)
    try:
        await response.write(_line(first))
        async for each in answers:
            await response.write(_line(each))
    finally:
        await answers.aclose()
    return response


def _line(each: Any) -> bytes:
    word = "answer" if isinstance(each, LookupAnswer) else "result"
    return msgspec.json.encode({word: each}) + b"\n"


ROUTES = (
    Route("GET", "/lookups", "lookups", "What can be asked", list_offers,
          params=(Param("about", "Only what is asked about this kind of subject.",
                        {"type": "string", "enum": list(_KINDS)}),),
          answers={200: Answer("Look-ups by source.", OfferList)}),
    Route("POST", "/lookups", "lookups", "Ask one source one question", ask, body=NewQuestion,
          answers={200: Answer("Results, then the answer.", None, "application/x-ndjson")}),
)  # fmt: skip
