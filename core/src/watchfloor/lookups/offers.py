"""What can be asked, of whom, and what must be said before: by the connectors' manifests."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from watchfloor.contracts import LookupDeclaration, LookupRequest, Refused
from watchfloor.contracts.words import says_something
from watchfloor.hosting import misfit

_ASKED_FOR = {
    "case_number": "the number of the case or call",
    "reason": "the reason in words",
    "on_behalf_of": "for whom it is asked",
}


class Offer(Struct, kw_only=True):
    """One look-up of one source, with what whoever asks must know first."""

    source: str
    source_name: str
    declaration: LookupDeclaration
    available: bool
    """Whether its worker runs."""
    sign_in_at: str | None = None
    """The vendor's name, where people can sign in there as themselves."""
    closed: str = ""
    """Why it is closed to whoever looks, whatever they ask for; empty: it is not."""


def admit(declaration: LookupDeclaration, request: LookupRequest) -> None:
    """Raises ``Refused`` for a question that must not be asked as it is."""
    if request.subject_kind not in declaration.subject_kinds:
        raise Refused(
            f"{declaration.title} is not asked about a {request.subject_kind}.",
            code="subject_not_taken",
            remedy=f"It is asked about: {', '.join(declaration.subject_kinds)}.",
        )
    missing = [words for field, words in _ASKED_FOR.items() if _lacks(declaration, request, field)]
    if missing:
        raise Refused(
            f"{declaration.title} is not asked without {' and '.join(missing)}.",
            code="purpose_incomplete",
            remedy="Say it with the purpose, and ask again.",
        )
    codes = [purpose.code for purpose in declaration.purposes]
    if codes and request.purpose.code not in codes:
        raise Refused(
            f"{declaration.title} is not asked for that purpose.",
            code="purpose_not_taken",
            remedy=f"The system takes the codes {', '.join(codes)}.",
        )
    _check_filters(declaration, request.filters)


def _lacks(declaration: LookupDeclaration, request: LookupRequest, field: str) -> bool:
    return field in declaration.needs and not says_something(getattr(request.purpose, field))


def _check_filters(declaration: LookupDeclaration, filters: dict[str, Any]) -> None:
    schema = {"type": "object", "additionalProperties": False, **declaration.filters}
    if wrong := misfit(schema, filters):
        raise Refused(
            f"{declaration.title} takes no such filters: {wrong[0] or 'the filters'} does not fit.",
            code="bad_filters",
            remedy="Compare them with what the look-up's declaration takes.",
        )
