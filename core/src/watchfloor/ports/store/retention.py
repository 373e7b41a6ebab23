"""Retention: what is deleted when its time is up, what a hold keeps, and what proves it later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from .log import Micros, Seq

RecordKind = Literal[
    "dead-letter", "inbox", "alert", "delivery", "context-note", "hot-list-entry", "request",
    "deed", "approval", "vendor-look",
]  # fmt: skip
"""What is kept besides events, by the hub's own words: records that could not be accepted, webhooks
not mapped yet, alerts, the bodies of deliveries, who opened which alert's context, entries of hot
lists that have expired; what requests that are closed, deeds, and questions to a second person say
in words; and rows of vendors' own logs of searches."""


class Stream(NamedTuple):
    """What one source delivered of one kind: an event type or a ``RecordKind``. The hub's own
    records have the source ``""``."""

    source: str
    kind: str


@dataclass(frozen=True, slots=True)
class Due:
    """What may be deleted: of one stream, older than ``before`` (exclusive).

    ``handlings`` narrows events to handling classes; empty: all. ``rule`` and ``schedule`` (its
    version) are what the receipt names as the reason.
    """

    stream: Stream
    before: Micros
    rule: str
    schedule: int
    handlings: tuple[str, ...] = ()


class Cursor(NamedTuple):
    """How far a purge has come in a stream: what a hold keeps stays behind it."""

    time: Micros
    id: Seq


@dataclass(frozen=True, slots=True)
class Purged:
    """One step of a purge. ``after`` of ``None``: nothing that is due is left."""

    deleted: int
    held: int
    after: Cursor | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """That records were held and are deleted: counts, times and one Merkle root, no personal data.

    ``root`` is the RFC 6962 root over the commitments to their ids, in the order of deletion; it
    is ``None``, and ``ended`` too, while the purge is under way. ``oldest`` and ``newest`` are
    times of what was deleted, ``before`` the limit that it had passed.
    """

    no: int
    stream: Stream
    rule: str
    schedule: int
    before: Micros
    count: int
    oldest: Micros
    newest: Micros
    begun: Micros
    ended: Micros | None
    root: bytes | None


@dataclass(frozen=True, slots=True)
class Deletion:
    """That one record was deleted at a time, and the way from its id to the receipt's root.

    ``blind`` opens the commitment for this id alone (see ``retention.commitment``)."""

    receipt: Receipt
    at: Micros
    index: int
    blind: bytes
    path: tuple[bytes, ...]


class Purging(Protocol):
    """Deletes for good, in small steps that each happen whole or not at all.

    An event goes with everything that was made of it: its keys, text, pictures, the vendor's page
    that held it. Events under a hold that is in force stay, with their page."""

    async def streams(self) -> Sequence[Stream]:
        """All that there is of events and of records."""

    async def settle(self) -> None:
        """Bring the indexes up to what is recorded now: only what is indexed whole is deleted."""

    async def due(self, due: Due, at_most: int) -> int:
        """How many records have passed the limit, held ones among them; counts no further than
        ``at_most``."""

    async def quiet(self) -> None:
        """Let searches that are under way end first, within bounds."""

    async def step(self, due: Due, after: Cursor | None, limit: int) -> Purged:
        """Look at the next ``limit`` due records, oldest first, and delete those not held."""

    async def finish(self) -> Sequence[Receipt]:
        """Close the receipts that are open, delete the files that no record names any more."""

    async def compact(self) -> bool:
        """A step of writing the text indexes anew without what was deleted; whether it has to be
        asked for again."""


class Receipts(Protocol):
    """What proves deletions."""

    async def list(self, before: int | None, limit: int) -> Sequence[Receipt]:
        """Newest first."""

    async def get(self, no: int) -> Receipt:
        """Raises ``NotFound`` (code ``no_such_receipt``)."""

    async def closed(self, after: int) -> Sequence[Receipt]:
        """Those with a root and a higher number, in order, up to the first that is open."""

    async def deletion(self, source: str, id: str, kind: str | None = None) -> Deletion | None:
        """How an event (by its own id) or a record (by its number, with its ``kind``) was deleted;
        ``None`` for one that no finished receipt holds."""


@dataclass(slots=True)
class Hold:
    """Records that must stay although their time is up: for a case, until a day.

    ``what`` is what it covers (``retention.Covered`` as JSON). A released one covers nothing. One
    of which somebody said that it may end (``let_go``) covers it until then. ``extensions``, oldest
    first, say of each who gave it more time, when, on whose word, why, and until when.
    """

    id: str
    case_number: str
    reason: str
    approver: str
    made: Micros
    expires: Micros
    what: dict[str, Any] = field(default_factory=dict)
    released: Micros | None = None
    released_by: str | None = None
    let_go: Micros | None = None
    let_go_by: str | None = None
    extensions: list[dict[str, Any]] = field(default_factory=list)


class Holds(Protocol):
    """Holds, those that are over among them."""

    async def put(self, hold: Hold) -> None:
        """Add, or write over. In force when it returns: a purge under way heeds it."""

    async def get(self, id: str) -> Hold:
        """Raises ``NotFound`` (code ``no_such_hold``)."""

    async def all(self) -> Sequence[Hold]:
        """By when they were made."""


@dataclass(slots=True)
class ScheduleVersion:
    """A retention schedule as somebody proposed it (``document``: JSON). The newest approved one
    is in force. ``proposed_by`` and ``approved_by`` are persons' ids, ``proposer`` and ``approver``
    their handles."""

    version: int
    document: str
    proposed: Micros
    proposed_by: str
    proposer: str
    approved: Micros | None = None
    approved_by: str | None = None
    approver: str | None = None


class Schedules(Protocol):
    """The agency's retention schedule, every version of it."""

    async def propose(self, version: ScheduleVersion) -> int:
        """Add; its number."""

    async def approve(self, version: int, at: Micros, by: str, approver: str) -> None:
        """Put in force, once."""

    async def all(self) -> Sequence[ScheduleVersion]:
        """Newest first."""
