"""Requests: what a centre is asked for, by whom, why, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from watchfloor.contracts import Offence, PurposeCode, Topic

from .log import Micros, Seq

Via = Literal["phone", "form", "call", "neighbour", "self"]
"""How it came in; ``call``: from a call for service, ``self``: nobody asked, the centre acts."""
RequestPriority = Literal["urgent", "normal", "low"]
RequestState = Literal["open", "done", "cancelled"]
Outcome = Literal["found", "not_found", "not_used"]
"""``not_used``: something was found, or could have been, and nobody needed it."""
ReviewWhy = Literal["provisional", "emergency", "case_closed", "call_over"]
Verdict = Literal["justified", "not_justified"]
RequestListing = Literal["open", "late", "done", "mine", "review"]
AgencyKind = Literal["local", "county", "state", "federal", "tribal", "campus", "private", "other"]


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency that asks, with a hub of its own or without. ``id`` is short and stable; ``state``
    is ISO 3166-2 (``US-LA``)."""

    id: str
    name: str
    kind: AgencyKind
    ori: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class RequestEntry:
    """Who did what when."""

    at: Micros
    by: str
    did: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that answers the request: an event of the log, or a look-up by its id."""

    event: Seq | None = None
    lookup: str | None = None


@dataclass(frozen=True, slots=True)
class KnownBy:
    """Which connected system knew the number, and when it was asked last."""

    source: str
    at: Micros


@dataclass(frozen=True, slots=True)
class Review:
    """Somebody else has to look at it by ``due``. Settled by a ``verdict``.

    ``told`` are those who heard of an emergency, by handle.
    """

    why: ReviewWhy
    since: Micros
    due: Micros
    told: tuple[str, ...] = ()
    verdict: Verdict | None = None
    by: str | None = None
    at: Micros | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request: the unit of a centre's work, which carries the purpose of all that is looked up
    for it. Its ``id`` (``R-26-000123``) is given by the book: year and a running number.

    ``opened_by`` is the person's id, ``opener`` and ``worker`` are handles, as histories have them.
    ``provisional``: it has neither a call nor a case; ``tie_by`` is until when it may do without.
    ``agency`` is an id in the register of agencies. ``about`` is what it was declared to be about,
    ``warrant`` and ``declaration`` are the ids of papers that came with it.
    """

    id: str = ""
    opened: Micros
    opened_by: str
    opener: str
    purpose: PurposeCode
    asked: str
    channel: Via
    requester: str | None = None
    on_behalf_of_person: str | None = None
    agency: str | None = None
    offence: Offence | None = None
    case_number: str | None = None
    call_number: str | None = None
    provisional: bool = False
    tie_by: Micros | None = None
    order: str | None = None
    warrant: str | None = None
    declaration: str | None = None
    about: frozenset[Topic] = frozenset()
    reason: str | None = None
    known: KnownBy | None = None
    priority: RequestPriority = "normal"
    due: Micros | None = None
    worker: str | None = None
    state: RequestState = "open"
    closed: Micros | None = None
    answer: str = ""
    outcome: Outcome | None = None
    outcome_note: str = ""
    findings: tuple[Finding, ...] = ()
    reviews: tuple[Review, ...] = ()
    history: tuple[RequestEntry, ...] = ()

    @property
    def stand_in(self) -> str | None:
        """The provisional number (``P-26-000123``), where it has no other."""
        return f"P-{self.id.removeprefix('R-')}" if self.provisional else None

    @property
    def review_due(self) -> Micros | None:
        """By when the next review that is not settled is due."""
        return min((each.due for each in self.reviews if each.verdict is None), default=None)


@dataclass(frozen=True, slots=True)
class Whose:
    """Requests that somebody may see: their own and those of their agency."""

    person: str
    agency: str


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Which requests; all given parts must hold. ``now`` decides what is late and what has become
    due for review. ``number`` is part of an id or of a number, whatever its letters' case,
    dashes and blanks."""

    now: Micros
    listing: RequestListing | None = None
    mine: str | None = None
    """The handle whose requests ``mine`` lists: those they work on, and those they opened that
    nobody works on."""
    number: str | None = None
    whose: Whose | None = None
    before: str | None = None
    """Page on from this id, exclusive."""


class PastOutcome(NamedTuple):
    """A request of the time before this hub, as far as figures need it."""

    opened: Micros
    outcome: Outcome | None
    purpose: str | None = None
    agency: str | None = None
    channel: str | None = None


class Counted(NamedTuple):
    """What figures are made of: one request. ``past``: it came by an import."""

    opened: Micros
    state: RequestState
    outcome: Outcome | None
    purpose: str | None
    agency: str | None
    channel: str | None
    past: bool


class RequestBook(Protocol):
    """Requests, the agencies that ask, and outcomes of the time before."""

    async def add(self, request: Request, year: int, *, once_per_call: bool = False) -> Request:
        """Write a new one; answers it with its id: that year (of four digits) and its next number.
        ``once_per_call``: where the same person has one open for the same call, that one is the
        answer."""

    async def get(self, id: str) -> Request:
        """Raises ``NotFound`` (code ``no_such_request``)."""

    async def change(self, id: str, change: Callable[[Request], Request]) -> Request:
        """Put what ``change`` makes of it in its place, in one step. ``change`` may be called more
        than once and has no effect of its own; what it raises is raised. Raises ``NotFound``."""

    async def list(self, where: RequestFilter, limit: int) -> Sequence[Request]:
        """Newest first."""

    async def count(self, where: RequestFilter) -> int:
        """How many."""

    async def untold(self) -> Sequence[Request]:
        """Those with an emergency that nobody has reviewed, oldest first."""

    async def counted(self, since: Micros, until: Micros) -> Sequence[Counted]:
        """Every request opened in ``since`` ≤ t < ``until``, past ones included."""

    async def put_past(self, name: str, outcomes: Sequence[PastOutcome]) -> None:
        """Put an import's rows in the place of those of the same name."""

    async def agencies(self) -> Sequence[Agency]:
        """By name."""

    async def put_agency(self, agency: Agency) -> None: ...

    async def agency(self, id: str) -> Agency | None: ...
