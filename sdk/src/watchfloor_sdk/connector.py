"""What a connector is: a class with the methods of the capabilities that its manifest declares.

    class Acme(Connector[Settings]):
        settings = Settings

        async def poll(self, ctx, checkpoint):
            answer = await ctx.http.get("/reads", params={"after": checkpoint or ""})
            rows = answer.json()["reads"]
            yield Page(events=[to_event(ctx, row) for row in rows], checkpoint=rows[-1]["id"])

    @hookimpl
    def watchfloor_connector():
        return Acme

Mapping (vendor words to contract) belongs in pure functions beside it, in ``mapping.py``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar

import pluggy
from msgspec import Struct

from watchfloor.contracts import (
    ActionReceipt,
    ActionRequest,
    Asset,
    Event,
    LookupRequest,
    LookupResult,
    Refused,
    RetryLater,
    SharingSetting,
    UserSignInState,
    VendorLog,
)
from watchfloor.contracts.protocol import Finding

if TYPE_CHECKING:
    from .context import Context

S = TypeVar("S", bound=Struct)

hookspec = pluggy.HookspecMarker("watchfloor")
hookimpl = pluggy.HookimplMarker("watchfloor")


class Hooks:
    """The hooks that a connector package offers under the entry point ``watchfloor.connectors``."""

    @hookspec(firstresult=True)
    def watchfloor_connector(self) -> type[Connector[Any]]:  # type: ignore[empty-body]
        """The connector class of this package. Called once, in the worker, at its start."""


@dataclass(slots=True)
class Rejected:
    """A vendor record that could not be mapped, with the reason. It goes to the dead letters.

    ``raw`` is the record as it came: bytes where there are some, for they need not be UTF-8.
    """

    raw: str | bytes
    code: str
    detail: str


@dataclass(slots=True)
class Page:
    """What one vendor answer came to. The hub commits it whole, with its checkpoint.

    ``checkpoint`` is any JSON value; the worker is started with it again after a restart.
    ``None`` leaves the one before. ``raw`` is the vendor's answer as it came and ``pointers``
    (JSON pointers into it, one an event; ``""`` is all of it) say where each event came from.
    ``assured_until``: up to this moment nothing is missing. ``on_durable`` is called once
    the hub has the page for good: for vendors that wait for an acknowledgement, and send again what
    has none.
    """

    events: Sequence[Event] = ()
    checkpoint: Any = None
    raw: bytes | None = None
    content_type: str = "application/json"
    pointers: Sequence[str] = ()
    rejected: Sequence[Rejected] = ()
    assured_until: datetime | None = None
    on_durable: Callable[[], None] | None = None


@dataclass(slots=True)
class Inventory:
    """Assets as the vendor lists them. ``complete``: what is not listed is no longer there.

    ``rejected`` are rows of the list that could not be mapped: they go to the dead letters, each
    once, not with every list that still has it. Which assets they are of nobody can say, so a list
    with such rows removes nothing, even when it is ``complete``.
    """

    assets: Sequence[Asset]
    complete: bool = False
    checkpoint: Any = None
    rejected: Sequence[Rejected] = ()


@dataclass(slots=True)
class Delivery:
    """A webhook whose signature the hub has checked. Header names are in lower case."""

    id: int
    received: datetime
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class MediaAnswer:
    """Fetched bytes; or, with ``body`` of ``None``, that it is ``expired`` or ``missing``."""

    body: bytes | None
    content_type: str = "application/octet-stream"
    state: str = field(default="fetched")


class Incomplete(RetryLater):
    """A look-up's answer is not the whole: raise it after what was found.

    ``status`` is ``partial`` (some were not asked or did not answer) or ``gap`` (there is no data
    for that time); ``detail`` says which, without naming the subject.
    """

    code = "incomplete"

    def __init__(self, detail: str, *, status: Literal["partial", "gap"] = "partial") -> None:
        super().__init__(detail)
        self.status = status


class NotAsked(Refused):
    """A look-up is denied before anything of it is sent to the system: it costs the agency nothing.

    Any other ``Refused`` counts as asked, for it may have been billed.
    """


class Connector(Generic[S]):
    """Base of all connectors. Override the methods of the capabilities you declare.

    Errors are sorted by what to do next: raise ``RetryLater`` (the worker backs off and tries
    again), ``AskAPerson`` (shown on the sources page with its remedy, tried again slowly) or
    ``GiveUp`` (this record goes to the dead letters).
    """

    settings: ClassVar[type[Struct]]

    inventory_every_s: ClassVar[float] = 300.0
    """Seconds between two inventories at the least: assets change seldom, and a vendor's patience
    with requests ends. 0 for a registry, whose inventory is the news itself."""

    watched: ClassVar[Collection[str]] = ()
    """Optional fields of the events' data that this vendor always gives, as far as you know. When
    one that always came stops coming, the source's problem is ``schema_drift``."""

    def poll(self, ctx: Context[S], checkpoint: Any) -> AsyncIterator[Page]:
        """Yield pages until the vendor has nothing new. Called again at the declared cadence."""
        raise NotImplementedError

    def stream(self, ctx: Context[S], checkpoint: Any) -> AsyncIterator[Page]:
        """Yield pages for as long as the connection lives. Started again when it ends."""
        raise NotImplementedError

    def webhook(
        self, ctx: Context[S], delivery: Delivery
    ) -> Sequence[Event] | Awaitable[Sequence[Event]]:
        """Map one delivery. An empty answer means: not news for us.

        May be async, where mapping needs something that must be fetched first. Deliveries are
        begun in their order, up to 50 at once, and the hub waits a minute for a batch: fetch
        seldom, what several need once, and with a short deadline.
        """
        raise NotImplementedError

    async def inventory(self, ctx: Context[S]) -> Inventory:
        """The assets that the vendor lists now. Called at start and then at the cadence."""
        raise NotImplementedError

    async def check(self, ctx: Context[S]) -> Sequence[Finding]:
        """Try settings, credentials and hosts without changing anything; say each in words."""
        raise NotImplementedError

    async def media(self, ctx: Context[S], handle: str) -> MediaAnswer:
        """Fetch one picture, clip or recording."""
        raise NotImplementedError

    def lookup(self, ctx: Context[S], request: LookupRequest) -> AsyncIterator[LookupResult]:
        """Ask the system, yield what it answers as it comes (``ctx.result`` makes one).

        Nothing found is an empty answer. Raise ``Refused`` where the system says no, ``NotAsked``
        where a rule does before it is asked, ``RetryLater`` where it cannot be asked,
        ``Incomplete`` after part of an answer. The deadline is kept by the worker. Pass the purpose
        on wherever the system takes one.
        """
        raise NotImplementedError

    async def act(self, ctx: Context[S], request: ActionRequest) -> ActionReceipt:
        """Do it outside, once (``ctx.receipt`` answers).

        Pass ``idempotency_key`` on where the system takes one. Raise ``RetryLater`` only where it
        is certain that nothing was done: the hub tries that again.
        """
        raise NotImplementedError

    async def audit_log(self, ctx: Context[S], since: datetime) -> VendorLog:
        """The vendor's own log of searches from ``since`` on, oldest first, as far as it is whole.

        The hub asks every day, keeps it, and compares it with its own. Leave out what the log does
        not say, and never guess: that it says less than before is news. ``Purpose.record``, where
        the vendor kept it, goes into ``VendorLook.record``.
        """
        raise NotImplementedError

    async def sharing(self, ctx: Context[S]) -> Sequence[SharingSetting]:
        """How the vendor is set now, in everything that decides who else sees the agency's data.

        The hub asks every day, and raises an alarm where something is not as two people approved.
        """
        raise NotImplementedError

    async def begin_sign_in(self, ctx: Context[S], person: str, return_to: str) -> str:
        """Where the browser of ``person`` goes to sign in at the vendor as themselves; they come
        back to ``return_to``. ``person`` is what ``Purpose.requester`` says."""
        raise NotImplementedError

    async def end_sign_in(self, ctx: Context[S], person: str, answer: Mapping[str, str]) -> None:
        """``person`` came back with the query ``answer``. Keep what the vendor gives for them in
        memory, and ask their questions with it. Raise ``Refused`` for an answer that was not
        waited for."""
        raise NotImplementedError

    async def sign_in_state(self, ctx: Context[S], person: str) -> UserSignInState:
        """Whether people have to sign in there, and until when ``person`` is."""
        raise NotImplementedError

    async def sign_out(self, ctx: Context[S], person: str) -> None:
        """Forget what the vendor gave for ``person``, and take it back there where that can be
        done. Whoever is not signed in is no error."""
        raise NotImplementedError
