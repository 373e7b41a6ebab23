"""Look-ups: questions to a system that cannot be copied (registrations, records, archives).

The normative forms are ``schemas/lookup-request.schema.json`` and ``lookup-answer.schema.json``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from .event import Contract, Handling, Identifier, Instant, LongText, Ratio, ShortText, SourceName


class Purpose(Contract):
    """Why the question is asked. ``code`` is from the agency's vocabulary."""

    code: Identifier
    requester: Identifier
    case_number: Identifier | None = None
    on_behalf_of: ShortText | None = None
    reason: LongText | None = None


SubjectKind = Literal["plate", "person", "address", "phone", "vehicle", "device", "call", "case"]


class LookupRequest(Contract):
    """One question about one subject, with a deadline in seconds.

    ``offer`` is which of the connector's look-ups is meant, by its name in the manifest.
    """

    id: Identifier
    offer: Identifier
    subject_kind: SubjectKind
    subject: ShortText
    purpose: Purpose
    deadline_s: Annotated[float, Meta(gt=0, le=300)]
    filters: dict[str, Any] = {}


class LookupResult(Contract):
    """One thing found, with where it came from and how sure that is.

    ``title`` says it in one line; ``data`` has it in the connector's own terms.
    """

    id: Identifier
    source: SourceName
    retrieved: Instant
    handling: Handling
    title: ShortText
    data: dict[str, Any]
    confidence: Ratio | None = None


LookupStatus = Literal["ok", "partial", "timed_out", "denied", "unavailable", "gap"]


class LookupAnswer(Contract):
    """How the question ended. Never an empty list where the truth is "we could not ask"."""

    request: Identifier
    status: LookupStatus
    results: list[LookupResult] = []
    detail: ShortText | None = None


class PurposeOffer(Contract):
    """A purpose that the asked system knows, in its own code: DPPA 18 U.S.C. 2721(b)(1)."""

    code: Identifier
    title: ShortText


class LookupDeclaration(Contract):
    """One question that a connector can ask, and what has to be said before it does.

    ``needs`` are the fields of ``Purpose`` without which the hub refuses. ``purposes`` are the only
    ones that the system takes; any, where there are none. ``automatic``: it may run with a search;
    else only when somebody presses it. ``filters`` is a JSON Schema of what narrows the question.
    """

    name: Identifier
    title: ShortText
    subject_kinds: Annotated[list[SubjectKind], Meta(min_length=1)]
    legal_basis: ShortText
    needs: list[Literal["case_number", "reason", "on_behalf_of"]] = []
    purposes: list[PurposeOffer] = []
    automatic: bool = False
    cost: ShortText | None = None
    filters: dict[str, Any] = {}
