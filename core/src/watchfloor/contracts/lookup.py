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


class LookupRequest(Contract):
    """One question about one subject, with a deadline in seconds."""

    id: Identifier
    subject_kind: Literal["plate", "person", "address", "phone", "vehicle", "device"]
    subject: ShortText
    purpose: Purpose
    deadline_s: Annotated[float, Meta(gt=0, le=300)]
    filters: dict[str, Any] = {}


class LookupResult(Contract):
    """One thing found, with where it came from and how sure that is."""

    id: Identifier
    source: SourceName
    retrieved: Instant
    handling: Handling
    data: dict[str, Any]
    confidence: Ratio | None = None


class LookupAnswer(Contract):
    """How the question ended. Never an empty list where the truth is "we could not ask"."""

    request: Identifier
    status: Literal["ok", "partial", "timed_out", "denied", "unavailable", "gap"]
    results: list[LookupResult] = []
    detail: ShortText | None = None
