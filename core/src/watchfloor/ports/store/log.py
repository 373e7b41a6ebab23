"""The event log: what is committed, with what could not be accepted, and reading it in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from watchfloor.contracts import Key, Point

Micros = int
Seq = int
"""Position in the event log: grows by one an event, never reused, never reordered."""


class NewEvent(NamedTuple):
    """An event that passed ingest, with what it is filed under. ``body`` is its JSON."""

    id: str
    type: str
    subject: str | None
    time: Micros
    observed: Micros | None
    expires: Micros | None
    point: Point | None
    handling: str
    keys: tuple[Key, ...]
    text: str | None
    body: bytes
    pointer: str | None = None
    changes: str | None = None
    """What normalising changed, as JSON: ``[["plate", "zzt-1", "ZZT1"]]``."""


class RecordedEvent(NamedTuple):
    """An event in the log."""

    seq: Seq
    source: str
    id: str
    type: str
    subject: str | None
    time: Micros
    observed: Micros | None
    recorded: Micros
    point: Point | None
    handling: str
    keys: tuple[Key, ...]
    """What it is filed under, normalised: who only counts or looks up need not decode."""
    body: bytes


@dataclass(frozen=True, slots=True)
class RawPage:
    """A vendor's answer as it came: kept once, pointed into by its events."""

    body: bytes
    content_type: str
    sha256: str


DeadStage = Literal["record", "delivery", "event", "asset"]
"""What ``raw`` holds: a vendor's record the connector could not map; a webhook body; an event the
hub refused; an asset. It says where a redriven letter starts again."""


@dataclass(frozen=True, slots=True)
class NewDeadLetter:
    """Something that could not be accepted: original bytes and why."""

    source: str
    stage: DeadStage
    raw: bytes
    code: str
    detail: str
    connector: str
    hub_version: str
    id: int | None = None
    """Set when an already listed letter failed again: the row is updated, not doubled."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A listed dead letter. ``state`` says whether it still waits."""

    id: int
    source: str
    stage: DeadStage
    raw: bytes
    code: str
    detail: str
    connector: str
    hub_version: str
    received: Micros
    attempts: int
    state: Literal["waiting", "redriven", "dropped"]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one source hands over at once. It is committed whole or not at all.

    ``settles`` are inbox rows (webhook deliveries) that this batch deals with; ``redriven`` are
    dead letters that it deals with. ``checkpoint`` of ``None`` leaves the old one in place.
    """

    source: str
    connector: str
    events: Sequence[NewEvent]
    dead: Sequence[NewDeadLetter] = ()
    raw: RawPage | None = None
    checkpoint: bytes | None = None
    settles: Sequence[int] = ()
    redriven: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Committed:
    """The answer to a batch, given only when it is synced to disk."""

    recorded: Sequence[RecordedEvent]
    """The new ones, in log order."""
    duplicates: int
    dead: int


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where an event came from: the vendor's bytes, the connector, what was changed."""

    connector: str
    recorded: Micros
    raw: RawPage | None
    pointer: str | None
    changes: str | None


class EventLog(Protocol):
    """The truth: events in the order in which they were recorded."""

    async def commit(self, batches: Sequence[Batch]) -> Sequence[Committed]:
        """Write all batches, their dedupe keys, indexes and checkpoints in one transaction and
        sync it. An event whose (source, id) is known counts as a duplicate."""

    async def head(self) -> Seq:
        """The newest position; 0 for an empty log."""

    async def read(self, after: Seq, limit: int) -> Sequence[RecordedEvent]:
        """Events after a position, in order."""

    async def get(self, seq: Seq) -> RecordedEvent:
        """One event. Raises ``NotFound``."""

    async def lineage(self, seq: Seq) -> Lineage:
        """Where it came from. Raises ``NotFound``."""

    async def beside(self, seq: Seq) -> Sequence[RecordedEvent]:
        """The other events that came in the same vendor's answer, in order."""

    async def checkpoint(self, source: str) -> bytes | None:
        """Where this source's worker stands."""

    async def position(self, consumer: str) -> Seq:
        """How far a named consumer has come; 0 when it never ran."""

    async def advance(self, consumer: str, to: Seq) -> None:
        """Note how far a named consumer has come. Positions never go back."""


class DeadLetters(Protocol):
    """What could not be accepted. Written through ``EventLog.commit``."""

    async def list(
        self, source: str | None, state: str, before: int | None, limit: int
    ) -> Sequence[DeadLetter]:
        """Newest first."""

    async def get(self, id: int) -> DeadLetter:
        """One letter. Raises ``NotFound``."""

    async def drop(self, ids: Sequence[int]) -> int:
        """Mark as dropped; how many were waiting."""
