"""The ``Store`` port: everything durable, stated by the services that need it.

Times are integers: microseconds since 1970-01-01T00:00:00Z. Points are (longitude, latitude).
One suite of contract tests (``tests/core/ports``) must pass unchanged on every implementation.
All methods raise ``RetryLater`` when the store is busy and ``AskAPerson`` (code ``disk_full``)
when nothing can be written; after either, nothing of the call was written.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

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

    async def checkpoint(self, source: str) -> bytes | None:
        """Where this source's worker stands."""

    async def position(self, consumer: str) -> Seq:
        """How far a named consumer has come; 0 when it never ran."""

    async def advance(self, consumer: str, to: Seq) -> None:
        """Note how far a named consumer has come. Positions never go back."""


@dataclass(frozen=True, slots=True)
class Box:
    """West, south, east, north in degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class KeyPattern:
    """Things filed under a key. ``pattern`` may hold ``?`` (one character) and ``*`` (any)."""

    kind: str
    pattern: str


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events: all given parts must hold. Empty parts do not narrow.

    ``keys`` are alternatives. ``types`` and ``sources`` are alternatives. Time is ``since`` ≤ t <
    ``until``. Results come newest first.
    """

    keys: Sequence[KeyPattern] = ()
    types: Sequence[str] = ()
    sources: Sequence[str] = ()
    since: Micros | None = None
    until: Micros | None = None
    box: Box | None = None
    text: str | None = None
    """Words that must all occur (prefix match on the last letters typed with ``*``)."""
    before: tuple[Micros, Seq] | None = None
    """Page on from this (time, seq), exclusive."""


class EventIndex(Protocol):
    """Finding events by what they are filed under."""

    async def find(self, where: EventFilter, limit: int) -> Sequence[RecordedEvent]:
        """The newest ``limit`` matching events, newest first."""

    async def count(self, where: EventFilter, at_most: int) -> int:
        """How many match, counting no further than ``at_most``."""

    async def latest(self, type: str, since: Micros, limit: int) -> Sequence[RecordedEvent]:
        """The newest event of each subject of one type since a time."""


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A webhook whose signature was good, before the worker has seen it."""

    source: str
    headers: str
    body: bytes
    dedupe: str | None = None
    """The vendor's own delivery id, where there is one: the same one is stored once."""


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """A webhook in the inbox."""

    id: int
    source: str
    received: Micros
    headers: str
    body: bytes


class Inbox(Protocol):
    """Webhooks, durable before they are answered."""

    async def accept(self, deliveries: Sequence[NewDelivery]) -> Sequence[int]:
        """Store and sync; the ids in order."""

    async def waiting(self, source: str, after: int, limit: int) -> Sequence[StoredDelivery]:
        """Unsettled deliveries of a source after an id, oldest first."""


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


class AssetRegister(Protocol):
    """What exists and where. Assets are kept as their contract's JSON."""

    async def put(
        self,
        source: str,
        assets: Sequence[dict[str, Any]],
        complete: bool,
        checkpoint: bytes | None,
    ) -> int:
        """Add or change; with ``complete`` those of the source not listed become stale.
        Answers how many rows differ from before."""

    async def all(self, kinds: Sequence[str] = ()) -> Sequence[dict[str, Any]]:
        """Every asset that is not gone."""

    async def get(self, source: str, id: str) -> dict[str, Any]:
        """One asset. Raises ``NotFound``."""

    async def expire(self, stale_before: Micros) -> int:
        """Stale assets not seen since a time are gone; how many."""


@dataclass(frozen=True, slots=True)
class Gap:
    """An interval in which a source gave no assurance. ``end`` of ``None``: still open."""

    id: int
    source: str
    start: Micros
    end: Micros | None
    reason: str
    filled: bool


class GapLedger(Protocol):
    """Where "no data" is known, so that it is never taken for "no hits"."""

    async def assured(self, source: str) -> Micros | None:
        """Up to when a source's data is assured, as last noted."""

    async def assure(self, source: str, until: Micros) -> None:
        """Move that forward."""

    async def open(self, source: str, start: Micros, reason: str) -> int:
        """Start a gap; the id of the open one when there is one already."""

    async def close(self, source: str, end: Micros, filled: bool) -> None:
        """End the open gap, if any. ``filled``: the vendor gave what was missed."""

    async def between(
        self, since: Micros, until: Micros, source: str | None = None
    ) -> Sequence[Gap]:
        """Gaps that touch the interval and were not filled."""


@dataclass(slots=True)
class Instance:
    """A configured connector: a source of the hub. Secrets are not part of it."""

    id: str
    connector: str
    name: str
    config: dict[str, Any]
    enabled: bool = True
    synthetic: bool = False
    created: Micros = 0
    created_by: str = ""


class Instances(Protocol):
    """The agency's configured connectors."""

    async def all(self) -> Sequence[Instance]: ...

    async def get(self, id: str) -> Instance:
        """Raises ``NotFound``."""

    async def put(self, instance: Instance) -> None: ...

    async def remove(self, id: str) -> None: ...


@dataclass(slots=True)
class Rule:
    """An alert rule as the agency wrote it (YAML) with who last changed it."""

    id: str
    document: str
    enabled: bool
    changed: Micros
    changed_by: str


@dataclass(slots=True)
class HotList:
    """A list of wanted plates, its owner and its terms."""

    id: str
    name: str
    owner: str
    reason: str
    changed: Micros
    severity: str = "high"
    share_unverified: bool = False
    """Whether the owner lets a hit leave the hub, marked UNVERIFIED, before it is verified."""
    entries: int = 0


class HotListEntry(NamedTuple):
    """One wanted plate. An expired entry raises nothing."""

    plate: str
    region: str | None
    reason: str | None
    expires: Micros | None


@dataclass(slots=True)
class Alert:
    """Something that needs somebody. ``events`` are log positions; reads are never copied in."""

    id: int
    rule: str
    kind: str
    severity: Literal["danger", "high", "medium", "low"]
    title: str
    reason: str
    raised: Micros
    occurred: Micros
    point: Point | None
    events: list[Seq]
    state: Literal["new", "acknowledged", "closed"] = "new"
    verification: Literal["not_needed", "unverified", "confirmed", "wrong"] = "not_needed"
    hot_list: str | None = None
    dedupe: str = ""
    count: int = 1
    history: list[dict[str, Any]] = field(default_factory=list)
    """Who did what when: ``{"at": µs, "by": name, "did": "acknowledged", "note": …}``."""


@dataclass(slots=True)
class NewOutgoing:
    """One delivery to make, written in the transaction of what it tells about."""

    channel: str
    body: bytes
    alert: int | None = None


@dataclass(slots=True)
class Outgoing:
    """A delivery and how it fares. ``state`` ``given_up`` still shows, with the reason."""

    id: int
    channel: str
    alert: int
    body: bytes
    created: Micros
    attempts: int
    next_try: Micros
    state: Literal["waiting", "delivered", "given_up"]
    error: str | None = None


@dataclass(slots=True)
class Channel:
    """Where alerts go outside: a signed webhook (Standard Webhooks)."""

    id: str
    url: str
    include_details: bool = False
    min_severity: str = "low"
    enabled: bool = True


class AlertBook(Protocol):
    """Alerts, what raises them and what is owed because of them."""

    async def rules(self) -> Sequence[Rule]: ...

    async def put_rule(self, rule: Rule) -> None: ...

    async def remove_rule(self, id: str) -> None: ...

    async def hot_lists(self) -> Sequence[HotList]: ...

    async def put_hot_list(self, hot_list: HotList) -> None: ...

    async def replace_entries(self, hot_list: str, entries: Sequence[HotListEntry]) -> None:
        """All entries of a list at once."""

    def entries(self) -> AsyncIterator[tuple[str, Sequence[HotListEntry]]]:
        """Every entry of every list, in chunks of (hot list id, entries)."""

    async def raise_alerts(
        self, consumer: str, to: Seq, alerts: Sequence[Alert], owed: Sequence[Sequence[NewOutgoing]]
    ) -> Sequence[Alert]:
        """Write alerts, their deliveries and the consumer's position in one transaction. Ids are
        set in the answer, which has one alert per given one, as it now stands in the book; or
        none, with nothing written, where the consumer has come as far already.

        An open alert with the same ``dedupe`` key is counted up instead: it gains the new one's
        ``events`` and ``history``, takes over its ``title``, ``reason``, ``occurred`` and
        ``point``, keeps the rest; nothing is owed for it anew."""

    async def alerts(
        self, states: Sequence[str], before: int | None, limit: int
    ) -> Sequence[Alert]:
        """Newest first."""

    async def alert(self, id: int) -> Alert:
        """Raises ``NotFound``."""

    async def change_alert(self, alert: Alert, owed: Sequence[NewOutgoing] = ()) -> None:
        """Write an alert's new state, and deliveries that follow from it."""

    async def channels(self) -> Sequence[Channel]: ...

    async def put_channel(self, channel: Channel) -> None: ...

    async def remove_channel(self, id: str) -> None: ...

    async def due(self, now: Micros, limit: int) -> Sequence[Outgoing]:
        """Deliveries whose time has come, oldest first."""

    async def settle(self, outgoing: Outgoing) -> None:
        """Note the outcome of a try."""

    async def deliveries(self, alert: int | None, limit: int) -> Sequence[Outgoing]:
        """Newest first."""


class MediaShelf(Protocol):
    """Fetched media by the handle it was asked for. Bytes live beside the database by SHA-256."""

    async def get(self, source: str, handle: str) -> tuple[str, str] | None:
        """(sha256, content type), when fetched before."""

    async def put(self, source: str, handle: str, body: bytes, content_type: str) -> str:
        """Keep; answers the SHA-256 in hex."""

    async def read(self, sha256: str) -> bytes:
        """The bytes. Raises ``NotFound``."""


class Ledger(Protocol):
    """Small facts that must be provable later: credential leases, reads gathered as context."""

    async def note(self, kind: str, who: str, what: dict[str, Any]) -> None: ...

    async def notes(self, kind: str, limit: int) -> Sequence[dict[str, Any]]: ...


class Store(Protocol):
    """All of it. One object, one owner of the files, opened and closed by bootstrap."""

    @property
    def log(self) -> EventLog: ...

    @property
    def index(self) -> EventIndex: ...

    @property
    def inbox(self) -> Inbox: ...

    @property
    def dead_letters(self) -> DeadLetters: ...

    @property
    def assets(self) -> AssetRegister: ...

    @property
    def gaps(self) -> GapLedger: ...

    @property
    def instances(self) -> Instances: ...

    @property
    def alerts(self) -> AlertBook: ...

    @property
    def media(self) -> MediaShelf: ...

    @property
    def ledger(self) -> Ledger: ...

    async def open(self) -> None:
        """Migrate and start. Raises ``AskAPerson`` when the files cannot be used."""

    async def close(self) -> None:
        """Finish what is in hand and release the files."""

    async def describe(self) -> dict[str, Any]:
        """Engine, version, durability settings, sizes: for ``doctor`` and the benchmarks."""
