"""Look-ups: questions to a system that cannot be copied (registrations, records, archives).

The normative forms are ``schemas/lookup-request.schema.json`` and ``lookup-answer.schema.json``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from msgspec import Meta

from .event import (
    Contract,
    Handling,
    Identifier,
    Instant,
    LongText,
    Place,
    Ratio,
    ShortText,
    SourceName,
)
from .purpose import Offence


class Purpose(Contract):
    """Who asks, and why: as the asked system's own fields shall say it. ``code`` is from the
    agency's vocabulary.

    ``requester`` is whoever is signed in, by handle, and ``requester_name`` their name; ``agency``
    and ``ori`` are theirs (ORI: NCIC's originating agency identifier). ``asked_by`` asked the
    centre; ``on_behalf_of`` is the agency it is done for, and ``on_behalf_of_person`` who there.
    ``request`` is the hub's unit of work, ``record`` the record of this question in the hub's audit
    log: by it the vendor's log is compared with the hub's.
    """

    code: Identifier
    requester: Identifier
    case_number: Identifier | None = None
    on_behalf_of: ShortText | None = None
    reason: LongText | None = None
    requester_name: ShortText | None = None
    agency: ShortText | None = None
    ori: Identifier | None = None
    asked_by: ShortText | None = None
    on_behalf_of_person: ShortText | None = None
    request: Identifier | None = None
    call_number: Identifier | None = None
    order: Identifier | None = None
    offence: Offence | None = None
    record: Identifier | None = None

    @property
    def stated(self) -> str:
        """All of it in one line, for a system that has one field for the reason: code, words, then
        who asks and for whom, then the hub's own numbers."""
        offence = f" ({self.offence.system} {self.offence.code})" if self.offence else ""
        words = f": {self.reason}" if self.reason else ""
        who = [self.requester, self.requester_name, self.agency, self.ori and f"ORI {self.ori}"]
        whom = [self.on_behalf_of, self.on_behalf_of_person, self.asked_by]
        numbers = [self.call_number, self.order, self.request, self.record and f"wf:{self.record}"]
        parts = (
            f"{self.code}{offence}{words}",
            _listed("by ", who),
            _listed("for ", whom),
            _listed("", numbers),
        )
        return "; ".join(filter(None, parts))


def _listed(before: str, parts: Sequence[str | None]) -> str:
    said = ", ".join(dict.fromkeys(filter(None, parts)))
    return f"{before}{said}" if said else ""


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

    ``title`` says it in one line; ``data`` has it in the connector's own terms. Of a plate that was
    read, ``place`` says where, and ``device`` by which of the source's assets: the hub leaves out
    what was read in a sensitive zone.
    """

    id: Identifier
    source: SourceName
    retrieved: Instant
    handling: Handling
    title: ShortText
    data: dict[str, Any]
    confidence: Ratio | None = None
    place: Place | None = None
    device: Identifier | None = None


LookupStatus = Literal["ok", "partial", "timed_out", "denied", "unavailable", "gap"]


class LookupAnswer(Contract):
    """How the question ended. Never an empty list where the truth is "we could not ask".

    ``code`` is that of the error that kept it from being answered, as ``docs/errors.md`` has it:
    ``sign_in_at_vendor``. ``asked`` is false where a question was ``denied`` before anything was
    sent: it cost nothing.
    """

    request: Identifier
    status: LookupStatus
    results: list[LookupResult] = []
    detail: ShortText | None = None
    code: Identifier | None = None
    asked: bool = True


class PurposeOffer(Contract):
    """A purpose that the asked system knows, in its own code: DPPA 18 U.S.C. 2721(b)(1)."""

    code: Identifier
    title: ShortText


class Price(Contract):
    """What one question costs by the agency's contract, whether or not something is found.

    ``cents`` are hundredths of ``currency`` (ISO 4217); none where a flat rate covers so many
    questions, which are counted all the same.
    """

    cents: Annotated[int, Meta(ge=0, le=10_000_000)]
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]


class LookupWindow(Contract):
    """The time that a look-up looks through: which of its filters say from when (``since``) and to
    when (``until``; now, without it), each an RFC 3339 time. Where a question does not say from
    when, it is ``days`` before the end. The hub fills in what policy decided by: a long time about
    one plate or person is a movement history."""

    since: Identifier
    until: Identifier | None = None
    days: Annotated[int, Meta(ge=1, le=3650)] = 7


class LookupDeclaration(Contract):
    """One question that a connector can ask, and what has to be said before it does.

    ``needs`` are the fields of ``Purpose`` without which the hub refuses. ``purposes`` are the only
    ones that the system takes; any, where there are none. ``automatic``: it may run with a search;
    else only when somebody presses it. ``filters`` is a JSON Schema of what narrows the question.
    ``window`` says which of them are the time that it looks through. ``cost`` says in words what
    ``price`` says to the meter.
    """

    name: Identifier
    title: ShortText
    subject_kinds: Annotated[list[SubjectKind], Meta(min_length=1)]
    legal_basis: ShortText
    needs: list[Literal["case_number", "reason", "on_behalf_of"]] = []
    purposes: list[PurposeOffer] = []
    automatic: bool = False
    cost: ShortText | None = None
    price: Price | None = None
    filters: dict[str, Any] = {}
    window: LookupWindow | None = None
