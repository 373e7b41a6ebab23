"""What somebody says when they open a request, and what of it has to be said."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from watchfloor.contracts import Offence, PurposeCode, PurposeOfUse, Refused, Topic
from watchfloor.contracts.words import SAID
from watchfloor.ports.store import Request, RequestPriority, Via

Number = Annotated[str, Meta(max_length=64)]
Short = Annotated[str, Meta(max_length=200)]
Long = Annotated[str, Meta(max_length=4000)]

REASON_LINES, REASON_LETTERS = 2, 40

_NEEDED = {
    "offence": "the offence",
    "case": "a case number",
    "call": "a call number",
    "case_or_call": "a call or a case number",
    "order": "the number of the order",
    "reason": "a reason",
}


class NewRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """A request as its form has it. The shortest is ``purpose``, ``number`` and ``asked``.

    ``number`` is a call's or a case's, whichever the purpose needs; ``provisional``: there is none
    yet. ``about`` declares which of the topics that laws close it is about; ``warrant`` and
    ``declaration`` are the ids of papers that came with it. ``agency`` is an id in the register of
    agencies, ``due`` RFC 3339.
    """

    purpose: PurposeCode
    asked: Annotated[str, Meta(min_length=1, max_length=4000, pattern=SAID)]
    number: Number = ""
    call_number: Number = ""
    case_number: Number = ""
    provisional: bool = False
    order: Number = ""
    about: frozenset[Topic] = frozenset()
    warrant: Number = ""
    declaration: Number = ""
    offence: Offence | None = None
    reason: Long = ""
    channel: Via = "self"
    requester: Short = ""
    agency: Annotated[str, Meta(max_length=64)] = ""
    on_behalf_of_person: Short = ""
    priority: RequestPriority = "normal"
    due: Annotated[str, Meta(max_length=64)] = ""


def purpose(request: Request) -> PurposeOfUse:
    """The purpose that a request carries."""
    return PurposeOfUse(
        code=request.purpose,
        request=request.id or "new",
        offence=request.offence,
        case_number=request.case_number,
        call_number=request.call_number,
        order=request.order,
        warrant=request.warrant,
        declaration=request.declaration,
        about=request.about,
        asked=request.asked,
        requester=request.requester,
        on_behalf_of=request.agency,
        on_behalf_of_person=request.on_behalf_of_person,
        reason=request.reason,
        checked=request.known.source if request.known else None,
        provisional=request.provisional,
    )


def complete(request: Request) -> Request:
    """The request, where it says all that its purpose needs. Raises ``Refused`` (code
    ``request_incomplete``, or ``reason_too_short`` for an emergency)."""
    said = purpose(request)
    if lacking := said.lacks():
        raise Refused(
            f"“{said.kind.title}” needs {' and '.join(_NEEDED[each] for each in lacking)}.",
            code="request_incomplete",
            remedy="Say so, or open it with a provisional number where there is none yet.",
        )
    if said.kind.emergency and not is_reasoned(request.reason or ""):
        raise Refused(
            "An emergency override needs a reason of at least two lines"
            f" and {REASON_LETTERS} characters.",
            code="reason_too_short",
            remedy="Write what is happening, and why nothing shorter than this will do.",
        )
    return request


def is_reasoned(reason: str) -> bool:
    """Two lines with words, forty characters together: what standards.md section 9 calls a
    two-line reason, made checkable."""
    lines = [line.strip() for line in reason.splitlines() if any(map(str.isalpha, line))]
    return len(lines) >= REASON_LINES and sum(map(len, lines)) >= REASON_LETTERS
