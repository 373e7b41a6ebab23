"""What is asked of the door, and what it hands out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from watchfloor.audit import AuditEvent, Entry, Scalar
from watchfloor.contracts import PurposeOfUse
from watchfloor.identity import Origin, Permission, Person
from watchfloor.policy import Decision, Sight
from watchfloor.ports.store import ApprovalSubject, Micros, Scope

PurposeRule = Literal["none", "noted", "guarded", "needed"]
"""``needed``: nothing without a purpose. ``guarded``: without one, only what is live, and no reads.
``noted``: what is open is written down, and decides nothing: an alert waits for no request."""


Alone = Literal["ask", "tell", "weigh"]
"""What becomes of a question that takes a second person to whom nobody has agreed yet: somebody is
asked; it is only refused; it is let through, to show how far it would reach and nothing else."""


Recording = Literal["before", "meanwhile", "soon"]
"""When it is written down. ``before`` anything is done. ``meanwhile``: nothing leaves the hub
before it stands, but what only reads here need not wait for it. ``soon``: it goes on also while
nothing can be recorded (alerts, and pages about the hub itself)."""


Recorded = asyncio.Future[Any]
"""A record on its way to the disk; done when it is durable."""


class Weighed(NamedTuple):
    """How far a question reaches: as facts for policy, and in words that name nobody.
    ``fetched`` is what was read of the answer in counting it. ``subject`` is whom it turned out to
    be about, where the question itself did not say. ``decided`` is told what was decided, a permit
    before anything else is weighed: what counts with the next question is noted there. ``besides``
    are plates that it is about, too: of each there is a record, be it refused. ``case`` is the case
    or call that is named besides a request that has none."""

    facts: Mapping[str, Any]
    words: str = ""
    fetched: Any = None
    subject: tuple[str, str] | None = None
    decided: Callable[[Decision], None] | None = None
    besides: Sequence[tuple[str, str]] = ()
    case: str | None = None


Weighing = Callable[[Scope], Awaitable[Weighed]]
"""Counts, of what a scope shows, how far a question reaches."""


@dataclass(frozen=True, slots=True)
class About:
    """What is asked for. ``facts`` are for policy; ``subject`` (kind, value) is who or what it is
    about, and goes into the record sealed; ``besides`` are others that it names: of each there is a
    record of its own; ``object`` (kind, id) is what it is done to;
    ``lookback`` is the time that is searched (microseconds; ``None`` is open); ``more`` is for the
    record alone, and nothing in it is about a person; ``words`` say it to a second person who is
    asked, and name nobody; ``shown`` is the question itself, for that person alone; ``exactly`` is
    what of the question its subject leaves out, so that a
    second person agrees to this one and no wider one; ``told`` is what is said of why besides the
    request's purpose, and goes into the record sealed, with its reason. ``weigh`` is asked once
    policy permits, of what it shows, and policy decides anew by what was counted. ``instead`` is
    what helps whoever is refused without a second person being asked."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    subject: tuple[str, str] | None = None
    besides: Sequence[tuple[str, str]] = ()
    object: tuple[str, str | None] | None = None
    lookback: tuple[Micros | None, Micros | None] | None = None
    more: Mapping[str, Scalar] = field(default_factory=dict)
    words: str = ""
    shown: str | Callable[[], Awaitable[str]] = ""
    exactly: str = ""
    told: str = ""
    weigh: Weighing | None = None
    alone: Alone = "ask"
    instead: str = "Ask a supervisor, or ask for less."


@dataclass(frozen=True, slots=True)
class Asking:
    """What somebody is about to do. ``request`` names the unit of work that carries the purpose."""

    person: Person
    permission: Permission
    event: AuditEvent
    origin: Origin
    session: str | None = None
    purpose: PurposeRule = "none"
    request: str | None = None
    about: About = field(default_factory=About)
    in_full: Callable[[], Awaitable[str]] | None = None
    """Everything that the call says, as a hash: what a second person agrees to, where ``exactly``
    does not say it."""
    recording: Recording = "before"


@dataclass(frozen=True, slots=True)
class Grant:
    """What was decided, and recorded as ``entry``: handed to whatever does it, which shows no more
    than ``scope``."""

    person: Person
    purpose: PurposeOfUse | None
    decision: Decision
    scope: Scope
    entry: str
    """The record's id."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What policy was told."""
    until: Micros | None = None
    """When what it opens is taken back."""
    fetched: Any = None
    """What was read in weighing it, where that is still what ``scope`` shows."""
    recording: Recorded | None = None
    """Its record on the way to the disk, where that is still under way."""
    record: Entry | None = None
    """What was recorded, as ``entry``."""

    @property
    def sight(self) -> Sight:
        """What of the data is shown, row and field."""
        return Sight(self.scope, frozenset(self.decision.redacts))

    async def on_record(self) -> None:
        """Wait until what was granted is on record: nothing is shown before. Raises ``RetryLater``
        (``audit_unavailable``)."""
        if self.recording is not None:
            await self.recording


Notifying = Callable[[str, Person, str | None], None]
"""Tells the owner of data (an agency's id) that a person opened it, and for which request. It must
not wait or raise."""


def nobody_told(owner: str, person: Person, request: str | None) -> None:
    """Where nobody listens."""


class Recorder(Protocol):
    """Where it is written down (``audit.AuditLog``)."""

    def begin(self, entry: Entry) -> Recorded:
        """Have it recorded. Raises ``RetryLater`` (code ``audit_unavailable``), at once or by what
        it returns."""

    def note(self, entry: Entry) -> None:
        """Written soon; never in the way."""


class Agreed(Protocol):
    """A second person's answer."""

    @property
    def id(self) -> str: ...

    @property
    def answered_by(self) -> str | None: ...


class Asked(Protocol):
    """A question to a second person."""

    @property
    def id(self) -> str: ...


class SecondPeople(Protocol):
    """Where a second person is asked (``requests.Approvals``)."""

    async def opens(self, person: Person, digest: str) -> Agreed | None:
        """What opens exactly this for this person now, if anything does."""

    async def ask(
        self,
        person: Person,
        subject: ApprovalSubject,
        digest: str,
        what: str,
        why: str,
        request: str | None = None,
        shown: str = "",
    ) -> Asked:
        """Ask; asked again while it waits, it is the same question."""


class Purposes(Protocol):
    """What a request says its purpose is (``requests``)."""

    async def purpose(self, id: str, person: Person) -> PurposeOfUse:
        """Raises ``NotFound`` for one that is not there, or not theirs, and ``Refused`` for one
        that nothing is looked up for any more."""
