"""Purpose of use: why somebody looks, in codes that can be checked, counted and published.

Free text stopped none of the misuse that was ever reported; so a purpose is a code, tied to a case,
a call for service or an order that exists. The list is ours; its anchors are the coded purpose of
use of health exchanges (IHE XUA, ``urn:oasis:names:tc:xspa:1.0:subject:purposeofuse``) and the
offence types that police systems ask for (NIBRS).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from .event import Contract, Identifier, LongText, ShortText
from .words import says_something

PurposeCode = Literal[
    "investigation",
    "in_progress_call",
    "missing_endangered",
    "wanted_person",
    "stolen_vehicle_or_plate",
    "officer_safety",
    "evidence_retrieval",
    "court_order",
    "audit_review",
    "training_synthetic_only",
    "system_test_synthetic_only",
    "emergency_override",
]

Topic = Literal["immigration", "reproductive_care", "gender_care", "first_amendment"]
"""What a request is about, where it is about one of these, as whoever asks declares."""

Need = Literal["offence", "case", "call", "case_or_call", "order", "reason"]


@dataclass(frozen=True, slots=True)
class PurposeKind:
    """One purpose of the hub's list: what has to be said with it, and what it opens."""

    code: PurposeCode
    title: str
    needs: tuple[Need, ...] = ()
    synthetic_only: bool = False
    """Opens invented data alone: training and tests never touch a person."""
    emergency: bool = False
    """Break glass: opens at once, tells supervisor and data owner, is reviewed within a day."""


PURPOSES: dict[PurposeCode, PurposeKind] = {
    kind.code: kind
    for kind in (
        PurposeKind("in_progress_call", "Call in progress", ("call",)),
        PurposeKind("investigation", "Investigation", ("offence", "case")),
        PurposeKind("missing_endangered", "Missing or endangered person", ("case_or_call",)),
        PurposeKind("wanted_person", "Wanted person", ("case_or_call",)),
        PurposeKind("stolen_vehicle_or_plate", "Stolen vehicle or plate", ("case_or_call",)),
        PurposeKind("officer_safety", "Officer safety", ("call",)),
        PurposeKind("evidence_retrieval", "Evidence retrieval", ("case",)),
        PurposeKind("court_order", "Court order", ("case", "order")),
        PurposeKind("audit_review", "Audit review", ("reason",)),
        PurposeKind("training_synthetic_only", "Training", synthetic_only=True),
        PurposeKind("system_test_synthetic_only", "System test", synthetic_only=True),
        PurposeKind("emergency_override", "Emergency override", ("reason",), emergency=True),
    )
}
"""The hub's list, in the order in which a form offers it."""


class Offence(Contract):
    """An offence type: NIBRS (``120`` is robbery), or the agency's own list."""

    code: Annotated[str, Meta(pattern=r"^[A-Za-z0-9.-]{1,16}\Z")]
    system: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,32}\Z")] = "nibrs"


class PurposeOfUse(Contract):
    """Why one person looks, for the length of one request.

    ``request`` is the unit of work that carries it (``R-26-000123``). ``checked`` says which
    connected system knew the case or call (``rms``), and is absent while none has.
    ``provisional``: it has no number yet; the request goes to review unless it gets one in time.
    ``requester`` is who asked the centre; the operator is whoever is signed in, and no part of
    this. ``asked`` is what they want, in their words. ``warrant`` and ``declaration`` are the ids
    of papers that came with the request.
    """

    code: PurposeCode
    request: Identifier
    offence: Offence | None = None
    case_number: Identifier | None = None
    call_number: Identifier | None = None
    order: Identifier | None = None
    warrant: Identifier | None = None
    declaration: Identifier | None = None
    about: frozenset[Topic] = frozenset()
    asked: LongText | None = None
    requester: ShortText | None = None
    on_behalf_of: ShortText | None = None
    on_behalf_of_person: ShortText | None = None
    reason: LongText | None = None
    checked: ShortText | None = None
    provisional: bool = False

    @property
    def kind(self) -> PurposeKind:
        """What its code asks for and opens."""
        return PURPOSES[self.code]

    @property
    def ordered(self) -> bool:
        """Whether a court's order stands for it: one that belongs to a case or a call that a
        connected system knew. Of an order itself no system knows."""
        return self.order is not None and self.checked is not None

    @property
    def words(self) -> str:
        """All that somebody wrote of it freely."""
        return "\n".join(filter(None, (self.asked, self.reason)))

    def lacks(self) -> list[Need]:
        """What its code needs and it does not say. A provisional one may lack its numbers."""
        return [need for need in self.kind.needs if not self._has(need)]

    def _has(self, need: Need) -> bool:
        match need:
            case "offence":
                return self.offence is not None
            case "case":
                return self.provisional or self.case_number is not None
            case "call":
                return self.provisional or self.call_number is not None
            case "case_or_call":
                return self.provisional or bool(self.case_number or self.call_number)
            case "order":
                return self.order is not None
            case "reason":
                return says_something(self.reason)
