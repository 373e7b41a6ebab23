"""The alert book: rules, hot lists, alerts, and what is owed to the outside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from watchfloor.contracts import Point

from .index import EVERYTHING, Scope
from .log import Micros, Seq

Parties = Mapping[str, str]
"""By source, to whom its data belong, where that is not simply the hub."""

ONE_PARTY: Parties = {}
"""All data are the hub's."""


def parties_of(sources: Iterable[str], parties: Parties) -> frozenset[str]:
    """To whom data of these sources belong. Those of two parties are never in one alert, which only
    who may see both would be shown."""
    return frozenset(parties.get(source, "") for source in sources)


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


PROBLEM, UNJUDGED = "problem/", "unjudged/"
"""How the ``dedupe`` keys of alerts begin whose words are about a rule or the hub, and say nothing
of an event."""


@dataclass(slots=True)
class Alert:
    """Something that needs somebody. ``events`` are log positions; reads are never copied in.
    ``handling`` is the strictest class of all that it was made of, ``sources`` are theirs; an empty
    one is a source that nobody knows any more."""

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
    handling: str
    sources: list[str]
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
    """A delivery and how it fares. ``state`` ``given_up`` still shows, with the reason. ``body`` is
    empty once its retention has ended."""

    id: int
    channel: str
    alert: int
    body: bytes
    created: Micros
    attempts: int
    next_try: Micros
    state: Literal["waiting", "delivered", "given_up"]
    error: str | None = None
    receipt: str | None = None
    """The receiver's own name for what was delivered, where it gave one."""


@dataclass(slots=True)
class Channel:
    """Where alerts go outside: a signed webhook (Standard Webhooks) at ``url``, or, with
    ``source``, a connector that delivers alerts."""

    id: str
    url: str = ""
    include_details: bool = False
    min_severity: str = "low"
    enabled: bool = True
    source: str | None = None


class AlertBook(Protocol):
    """Alerts, what raises them and what is owed because of them.

    Where a ``scope`` is given, what it does not open (``Scope.opens`` its kind and class, and
    ``Scope.opens_source`` every one of its sources) is as if it were not there, and takes no other
    work: nobody tells the two apart."""

    async def rules(self) -> Sequence[Rule]: ...

    async def put_rule(self, rule: Rule) -> None: ...

    async def remove_rule(self, id: str) -> None: ...

    async def hot_lists(self) -> Sequence[HotList]: ...

    async def put_hot_list(self, hot_list: HotList) -> None: ...

    async def replace_entries(self, hot_list: str, entries: Sequence[HotListEntry]) -> None:
        """All entries of a list at once."""

    def entries(
        self, hot_list: str | None = None
    ) -> AsyncIterator[tuple[str, Sequence[HotListEntry]]]:
        """Every entry of every list, or of one, in chunks of (hot list id, entries)."""

    async def raise_alerts(
        self,
        consumer: str,
        to: Seq,
        alerts: Sequence[Alert],
        owed: Sequence[Sequence[NewOutgoing]],
        parties: Parties = ONE_PARTY,
    ) -> Sequence[Alert]:
        """Write alerts, their deliveries and the consumer's position in one transaction. Ids are
        set in the answer, which has one alert per given one, as it now stands in the book; or
        none, with nothing written, where the consumer has come as far already.

        An open alert with the same ``dedupe`` key, of data of the same ``parties``, is counted up
        instead: it gains the new one's ``events``, ``sources`` and ``history``, takes over its
        ``title``, ``reason``, ``occurred`` and ``point``, has the stricter ``handling`` of both,
        keeps the rest; nothing is owed for it anew."""

    async def alerts(
        self,
        states: Sequence[str],
        before: int | None,
        limit: int,
        scope: Scope = EVERYTHING,
    ) -> Sequence[Alert]:
        """Newest first."""

    async def alert(self, id: int, scope: Scope = EVERYTHING) -> Alert:
        """Raises ``NotFound``."""

    async def change_alert(self, alert: Alert, owed: Sequence[NewOutgoing] = ()) -> None:
        """Write an alert's new state, and deliveries that follow from it."""

    async def channels(self) -> Sequence[Channel]: ...

    async def put_channel(self, channel: Channel) -> None: ...

    async def remove_channel(self, id: str) -> None: ...

    async def channels_due(self, now: Micros) -> Sequence[str]:
        """Channels that are owed deliveries whose time has come, be they configured or not."""

    async def due(self, channel: str, now: Micros, limit: int) -> Sequence[Outgoing]:
        """One channel's deliveries whose time has come, oldest first."""

    async def settle(self, outgoing: Outgoing) -> None:
        """Note the outcome of a try: all but the message itself, which a purge may have emptied
        meanwhile; then it does not wait for another."""

    async def delivery(self, id: int, scope: Scope = EVERYTHING) -> Outgoing:
        """Raises ``NotFound`` (code ``no_such_delivery``)."""

    async def deliveries(
        self, alert: int | None, limit: int, scope: Scope = EVERYTHING
    ) -> Sequence[Outgoing]:
        """Newest first."""
