"""The router: follows the log and turns what the engine finds into alerts, each exactly once.

Alerts, what is owed and the router's position are one transaction. While nothing is found the
position is written now and then only: to judge an uneventful stretch again changes nothing.

While the store cannot write, the router waits. An event on which it fails in any other way is tried
again by itself, a few times, and then set aside: an alert says that no rule could look at it. Where
that cannot be written either, it is given up, and the desk knows. What comes after it is judged.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
from traceback import extract_tb
from typing import Any

import msgspec

from watchfloor.contracts import (
    BY_NAME,
    AskAPerson,
    NotFound,
    RetryLater,
    strictest,
)
from watchfloor.ports.bus import Bus
from watchfloor.ports.store import (
    Alert,
    Micros,
    NewOutgoing,
    RecordedEvent,
    Seq,
    Store,
)
from watchfloor.ports.world import Clock

from .desk import CONSUMER, Desk, Draft
from .drafting import draft, problem, title_of, unjudged
from .engine import Engine, Finding
from .openalerts import Open, thing_of
from .outside import News, messages

log = logging.getLogger(__name__)

NOTE_EVERY = 10_000
"""Uneventful events after which the position is written."""

NOTE_AFTER_S = 5.0
"""Or so many seconds."""

TURN_S = 0.005
"""So long does the router judge before it lets everything else on the event loop have a turn."""

TRY_AGAIN_S = 1.0
"""Between two tries to begin, to read the log, or to write that an event is set aside."""

TRIES = 3
"""Of one event by itself, once a batch with it failed, and of setting it aside."""

_TAKES_BACK: dict[str, tuple[str, str, News]] = {
    BY_NAME["retraction"].type: ("retracts", "withdrawn", "withdrawn"),
    BY_NAME["correction"].type: ("corrects", "corrected", "corrected"),
}
"""Event type → (field that names the event, word in the history, news for channels)."""


class AlertRouter:
    """One per hub; ``run`` it as a task. It judges nothing before ``ready`` returns: until then
    rules and hot lists are not all in force. Why it waits, if it does, the desk knows."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        clock: Clock,
        engine: Engine,
        desk: Desk,
        ready: Callable[[], Awaitable[None]],
    ) -> None:
        self._log = store.log
        self._book = store.alerts
        self._bus = bus
        self._clock = clock
        self._engine = engine
        self._desk = desk
        self._ready = ready
        self._begun = False
        self._pending = Pending()
        self._done: Seq = 0
        self._noted: Seq = 0
        self._noted_at = monotonic()

    @property
    def position(self) -> Seq:
        """Up to where the log is judged; ``Bus.behind`` says how far that is from its end."""
        return self._done

    async def run(self) -> None:
        """Follow the bus from where the last run stopped, until cancelled."""
        while True:
            try:
                await self._begin()
                async for batch in self._bus.follow(self._done):
                    await self._insist(batch)
            except (RetryLater, AskAPerson) as error:
                self._desk.wait_for(error)
                await asyncio.sleep(TRY_AGAIN_S)

    async def _begin(self) -> None:
        if not self._begun:
            await self._desk.restore()
            self._done = self._noted = await self._log.position(CONSUMER)
            await self._ready()
            self._begun = True

    async def _insist(self, batch: Sequence[RecordedEvent]) -> None:
        """Handle a batch; where that fails, its events one by one."""
        try:
            await self._wait_for_store(partial(self._handle, batch))
        except Exception as error:
            log.error("Events up to %d could not be judged: %s", batch[-1].seq, _where(error))
            for event in batch:
                if event.seq > self._done:
                    await self._take_alone(event)

    async def _take_alone(self, event: RecordedEvent) -> None:
        """One event, or the alert that says that it is set aside, or a word to the desk."""
        if await self._tried("judged", partial(self._handle, [event]), event):
            return
        if await self._tried("set aside", partial(self._set_aside, event), event, TRY_AGAIN_S):
            return
        self._done = event.seq
        self._desk.give_up(event.seq)

    async def _tried(
        self, what: str, work: Callable[[], Awaitable[None]], event: RecordedEvent, wait: float = 0
    ) -> bool:
        """Do something with an event, in a few tries, ``wait`` seconds apart; whether it is done.
        ``what`` the log calls it."""
        for _ in range(TRIES):
            try:
                await self._wait_for_store(work)
            except Exception as error:
                log.error("Event %d could not be %s: %s", event.seq, what, _where(error))
                await asyncio.sleep(wait)
            else:
                return True
        return False

    async def _set_aside(self, event: RecordedEvent) -> None:
        self._pending = Pending()
        self._pending.add(unjudged(event, self._clock.now()))
        await self._write(event.seq)

    async def _wait_for_store(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do it; while the store cannot write, wait and go on where it stopped."""
        wait = 0.1
        while True:
            try:
                await work()
            except (RetryLater, AskAPerson) as error:
                self._desk.wait_for(error)
                await asyncio.sleep(wait)
                wait = min(2 * wait, 5.0)
            else:
                self._desk.waits = None
                return

    async def _handle(self, batch: Sequence[RecordedEvent]) -> None:
        self._pending = Pending(set(self._desk.open.rules))
        turn = monotonic() + TURN_S
        for event in batch:
            if event.seq > self._done and self._concerns(event):
                await self._take(event)
            if monotonic() > turn:
                await asyncio.sleep(0)
                turn = monotonic() + TURN_S
        await self._write(batch[-1].seq)
        await self._note()

    def _concerns(self, event: RecordedEvent) -> bool:
        return event.type in _TAKES_BACK or self._engine.concerns(event)

    async def _take(self, event: RecordedEvent) -> None:
        """One event: first the news of open alerts, for which what was drafted before must be in
        the book, then what it raises itself."""
        if event.type in _TAKES_BACK:
            await self._write(event.seq - 1)
            await self._take_back(event)
        now = self._clock.now()
        try:
            found = list(self._engine.judge(event, now, self._pending.rules))
            drafts = [self._draft(finding, now) for finding in found if finding.raises]
        except Exception as error:  # an alert that nobody hears of is worse than a needless one
            log.error("Event %d could not be judged: %s", event.seq, _where(error))
            found, drafts = [], [unjudged(event, now)]
        for finding in found:
            if not finding.raises:
                await self._write(event.seq - 1)
                await self._follow_up(finding)
        for drafted in drafts:
            self._pending.add(drafted)

    def _draft(self, finding: Finding, now: Micros) -> Draft:
        if finding.failure:
            return problem(finding, now)
        thing, event = finding.thing, finding.facts.event
        first_for = partial(self._desk.first_for, [event.source])
        known: Alert | Open | None = first_for(self._pending.of_thing(thing))
        known = known or first_for(self._desk.open.of_thing(thing))
        episode = known if known and _same_episode(finding, known) else None
        dedupe = episode.dedupe if episode else _new_episode(finding, thing)
        drafted = draft(
            finding, dedupe, now, self._engine.lists, self._desk.channels,
            confirmed_first=self._desk.confirmed_first(),
        )  # fmt: skip
        if episode and episode.title != drafted.alert.title:
            drafted.alert.history.append(_entry(event, "updated", now))
        return drafted

    async def _follow_up(self, finding: Finding) -> None:
        """An event that does not meet the rule, about a thing that has an open alert of it."""
        event, title = finding.facts.event, title_of(finding)
        known = self._desk.first_for([event.source], self._desk.open.of_thing(finding.thing))
        if known is None or known.title == title:
            return

        async def edit(alert: Alert) -> Sequence[NewOutgoing] | None:
            if not _enter(alert, event, "updated", self._clock.now()):
                return None
            alert.title = title
            alert.events.append(event.seq)
            return await self._to_same_channels("updated", alert)

        with suppress(NotFound):  # its retention has ended
            await self._desk.change(known.id, edit, event)

    async def _take_back(self, event: RecordedEvent) -> None:
        """The source withdraws or corrects an event of its own."""
        names, word, news = _TAKES_BACK[event.type]
        data = msgspec.json.decode(event.body, type=dict[str, Any])["data"]

        async def edit(alert: Alert) -> Sequence[NewOutgoing] | None:
            if not _enter(alert, event, word, self._clock.now(), data["reason"]):
                return None
            if word == "withdrawn":
                alert.title = f"Withdrawn: {alert.title}"
            return await self._to_same_channels(news, alert)

        for alert_id in self._desk.open.of_event(event.source, data[names]):
            with suppress(NotFound):
                await self._desk.change(alert_id, edit)

    async def _to_same_channels(self, news: News, alert: Alert) -> list[NewOutgoing]:
        told = {outgoing.channel for outgoing in await self._book.deliveries(alert.id, 1000)}
        return messages(news, alert, [each for each in self._desk.channels if each.id in told])

    async def _write(self, to: Seq) -> None:
        """Everything up to a position is judged: raise what was drafted."""
        if self._pending.drafts:
            await self._desk.raise_alerts(to, self._pending.drafts)
            self._noted, self._noted_at = to, monotonic()
            self._pending.clear()
        self._done = max(self._done, to)

    async def _note(self) -> None:
        waited = monotonic() - self._noted_at
        if self._done - self._noted >= NOTE_EVERY or waited >= NOTE_AFTER_S:
            await self._log.advance(CONSUMER, self._done)
            self._noted, self._noted_at = self._done, monotonic()


class Pending:
    """What is drafted and not written yet."""

    def __init__(self, rules: set[str] | None = None) -> None:
        self.drafts: list[Draft] = []
        self.rules = rules or set()
        """Rules with open alerts, these included."""
        self._by_thing: dict[str, list[Alert]] = {}

    def add(self, drafted: Draft) -> None:
        """Keep a draft until it is written."""
        self.drafts.append(drafted)
        self.rules.add(drafted.alert.rule)
        self._by_thing.setdefault(thing_of(drafted.alert.dedupe), []).append(drafted.alert)

    def of_thing(self, thing: str) -> Iterator[Alert]:
        """The drafts about a thing, newest first."""
        return reversed(self._by_thing.get(thing, ()))

    def clear(self) -> None:
        """Everything is written."""
        self.drafts = []
        self._by_thing = {}


def _where(error: Exception) -> str:
    """What failed and in which line; never the message, which can quote the event."""
    frame = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {frame.name}, line {frame.lineno}"


def _same_episode(finding: Finding, known: Alert | Open) -> bool:
    """Whether an event belongs to the open alert about the same thing, or is a new story."""
    dedupe = finding.compiled.rule.dedupe
    if dedupe is None or dedupe.minutes is None:
        return True
    return abs(finding.facts.event.time - known.occurred) <= dedupe.minutes * 60_000_000


def _new_episode(finding: Finding, thing: str) -> str:
    dedupe = finding.compiled.rule.dedupe
    bounded = dedupe is not None and dedupe.minutes is not None
    return f"{thing}#{finding.facts.event.seq if bounded else ''}"


def _entry(event: RecordedEvent, did: str, now: Micros, note: str = "") -> dict[str, Any]:
    return {"at": now, "by": event.source, "did": did, "note": note, "seq": event.seq}


def _enter(alert: Alert, event: RecordedEvent, did: str, now: Micros, note: str = "") -> bool:
    """Enter an event into an alert's history; ``False`` where it stands there already (the hub
    stopped between this and noting its position)."""
    if any(entry.get("seq") == event.seq for entry in alert.history):
        return False
    alert.history.append(_entry(event, did, now, note))
    alert.handling = strictest(alert.handling, event.handling)
    if event.source not in alert.sources:
        alert.sources.append(event.source)
    return True
