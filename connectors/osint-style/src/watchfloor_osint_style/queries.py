"""A look-up as the service puts it.

Subject keys (``firstName``, ``lastName``, ``address``, ``city``, ``state``, ``zip``) and ``fields``
are reported of one such service; ``phone`` and ``dob`` as keys, and ``purpose``, are ours.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from watchfloor_sdk import LookupRequest, NotAsked

from .purposes import Permitted, permitted
from .refusals import needs_case, not_about_views
from .settings import Settings

Field = Literal["name", "phone", "address", "email", "property", "relationship", "isDead"]


class Filters(Struct, kw_only=True, forbid_unknown_fields=True):
    """The permissible purposes, what is wanted, and what narrows the search."""

    dppa: str
    glba: str
    fields: Annotated[tuple[Field, ...], Meta(min_length=1)] = ("name", "address", "phone")
    born: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}\Z")] | None = None
    city: Annotated[str, Meta(min_length=1, max_length=80)] | None = None
    state: Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")] | None = None
    zip: Annotated[str, Meta(pattern=r"^\d{5}\Z")] | None = None
    most: Annotated[int, Meta(ge=1, le=100)] = 20


class Query(Struct, frozen=True):
    """What is sent, and the purposes that its token is bound to."""

    permitted: Permitted
    body: dict[str, Any]
    most: int


def query(request: LookupRequest, settings: Settings) -> Query:
    """The search of a look-up. Raises ``NotAsked`` for one that must not be made."""
    needs_case(request, settings.case_formats)
    not_about_views(request.purpose.reason or "")
    asked = _filters(request)
    lawful = permitted(asked.dppa, asked.glba, settings)
    body = {**_subject(request, asked), "fields": asked.fields, "purpose": _purpose(request)}
    body["purpose"].update(lawful.words(settings))
    return Query(lawful, body, asked.most)


def _filters(request: LookupRequest) -> Filters:
    try:
        return msgspec.convert(request.filters, Filters)
    except msgspec.ValidationError:
        raise NotAsked(
            "The question's details do not fit.",
            code="bad_filters",
            remedy="Compare them with what the look-up's declaration takes.",
        ) from None


def _subject(request: LookupRequest, asked: Filters) -> dict[str, Any]:
    where = {"city": asked.city, "state": asked.state, "zip": asked.zip}
    return _present({**_ASKED[request.subject_kind](request.subject.strip(), asked), **where})


def _person(subject: str, asked: Filters) -> dict[str, Any]:
    """One person: ``LAST, FIRST``. A group or a topic has no such form."""
    last, comma, first = (part.strip() for part in subject.partition(","))
    if not comma or not all(re.fullmatch(r"[^\W\d_][\w' .-]{0,59}", one) for one in (last, first)):
        raise _unreadable("a person", "One person, as LAST, FIRST.")
    return {"lastName": last, "firstName": first, "dob": asked.born}


def _address(subject: str, asked: Filters) -> dict[str, Any]:
    if not re.fullmatch(r"\d[^\n,]{3,120}", subject) or not (asked.zip or asked.city):
        raise _unreadable("an address", "House number and street, with city or ZIP code beside it.")
    return {"address": subject}


def _phone(subject: str, _: Filters) -> dict[str, Any]:
    digits = re.sub(r"\D", "", subject).removeprefix("1")
    if not re.fullmatch(r"[\d\s()+.-]+", subject) or len(digits) != 10:
        raise _unreadable("a phone number", "Ten digits, with the area code.")
    return {"phone": digits}


_ASKED = {"person": _person, "address": _address, "phone": _phone}


def _unreadable(what: str, remedy: str) -> NotAsked:
    return NotAsked(f"That is not {what}.", code="subject_unreadable", remedy=remedy)


def _purpose(request: LookupRequest) -> dict[str, Any]:
    purpose = request.purpose
    return _present({
        "code": purpose.code,
        "caseNumber": purpose.case_number,
        "reason": purpose.reason,
        "requester": purpose.requester,
        "requesterName": purpose.requester_name,
        "agency": purpose.agency,
        "ori": purpose.ori,
        "onBehalfOf": purpose.on_behalf_of,
        "callNumber": purpose.call_number,
        "request": purpose.request,
        "record": purpose.record,
        "fcra": "none",
    })  # fmt: skip


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
