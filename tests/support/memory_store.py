"""An in-memory twin of the parts of the store that alerts need, and of the world around them.

It keeps the promises of ``ports/store.py`` in the plainest way. ``fail`` makes it stop the hub at a
chosen write: ``before`` it is made, or just ``after``.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from watchfloor.alerts import is_shown
from watchfloor.contracts import BY_TYPE, AskAPerson, NotFound, RetryLater, micros, strictest
from watchfloor.ports.store import (
    EVERYTHING,
    ONE_PARTY,
    Alert,
    Instance,
    Outgoing,
    RecordedEvent,
    parties_of,
)


class Crash(BaseException):
    """The hub ends here, as with SIGKILL."""


class Fault:
    """Ends the hub at the ``at``-th write from now on, before or after it is made."""

    def __init__(self) -> None:
        self.writes = 0
        self.at: int | None = None
        self.after = False

    def arm(self, at: int | None, *, after: bool) -> None:
        self.writes, self.at, self.after = 0, at, after

    async def write(self, change):
        """Make a write, as one transaction."""
        self.writes += 1
        hit = self.writes == self.at
        if hit and not self.after:
            raise Crash
        await asyncio.sleep(0)
        outcome = change()
        if hit:
            raise Crash
        return outcome


def copied(alert: Alert) -> Alert:
    return dataclasses.replace(
        alert, events=list(alert.events), history=[dict(entry) for entry in alert.history]
    )


class MemoryLog:
    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        self.events: list[RecordedEvent] = []
        self.positions: dict[str, int] = {}

    def add(self, envelope: dict[str, Any], source: str | None = None) -> RecordedEvent:
        """Record an event (an envelope as decoded JSON)."""
        place = envelope["data"].get("place") or {}
        point = place.get("point")
        event = RecordedEvent(
            seq=len(self.events) + 1,
            source=source or envelope["source"],
            id=envelope["id"],
            type=envelope["type"],
            subject=envelope.get("subject"),
            time=micros(envelope["time"]),
            observed=None,
            recorded=micros(envelope["time"]) + 1_000_000,
            point=tuple(point) if point else None,
            handling=envelope["dataclassification"],
            keys=tuple(BY_TYPE[envelope["type"]].keys(envelope["data"])),
            body=msgspec.json.encode(envelope),
        )
        self.events.append(event)
        return event

    async def head(self) -> int:
        return len(self.events)

    async def read(self, after: int, limit: int) -> Sequence[RecordedEvent]:
        return self.events[after : after + limit]

    async def get(self, seq: int) -> RecordedEvent:
        if not 1 <= seq <= len(self.events):
            raise NotFound("No such event.")
        return self.events[seq - 1]

    async def position(self, consumer: str) -> int:
        return self.positions.get(consumer, 0)

    async def advance(self, consumer: str, to: int) -> None:
        def change() -> None:
            self.positions[consumer] = max(to, self.positions.get(consumer, 0))

        await self._fault.write(change)


class MemoryAlertBook:
    def __init__(self, fault: Fault, log: MemoryLog, clock: Any) -> None:
        self._fault, self._log, self._clock = fault, log, clock
        self.book: dict[int, Alert] = {}
        self.owed: dict[int, Outgoing] = {}
        self._rules, self._lists, self._channels, self._entries = {}, {}, {}, {}

    async def rules(self):
        return list(self._rules.values())

    async def put_rule(self, rule) -> None:
        self._rules[rule.id] = rule

    async def remove_rule(self, id) -> None:
        self._rules.pop(id, None)

    async def hot_lists(self):
        return [
            dataclasses.replace(each, entries=len(self._entries.get(each.id, ())))
            for each in self._lists.values()
        ]

    async def put_hot_list(self, hot_list) -> None:
        self._lists[hot_list.id] = hot_list

    async def replace_entries(self, hot_list, entries) -> None:
        self._entries[hot_list] = list(entries)

    async def entries(self, hot_list=None) -> AsyncIterator[Any]:
        for id, entries in list(self._entries.items()):
            if hot_list in (None, id):
                yield id, entries

    async def raise_alerts(self, consumer, to, alerts, owed, parties=ONE_PARTY):
        def change():
            if to <= self._log.positions.get(consumer, 0):
                return []
            self._log.positions[consumer] = to
            return [self._raise(*pair, parties) for pair in zip(alerts, owed, strict=True)]

        return await self._fault.write(change)

    def _raise(self, alert, owed, parties):
        of = parties_of(alert.sources, parties)
        twins = [
            a for a in self.book.values()
            if a.dedupe == alert.dedupe and a.state != "closed"
            and parties_of(a.sources, parties) == of
        ]  # fmt: skip
        if twins and alert.dedupe:
            opened = twins[-1]
            opened.count += 1
            opened.events += [seq for seq in alert.events if seq not in opened.events]
            opened.history += alert.history
            opened.title, opened.reason = alert.title, alert.reason
            opened.occurred, opened.point = alert.occurred, alert.point
            opened.handling = strictest(opened.handling, alert.handling)
            opened.sources += [name for name in alert.sources if name not in opened.sources]
            return copied(opened)
        added = dataclasses.replace(copied(alert), id=len(self.book) + 1)
        self.book[added.id] = added
        self._owe(added.id, owed)
        return copied(added)

    def _owe(self, alert, owed) -> None:
        now = self._clock.now()
        for due in owed:
            number = len(self.owed) + 1
            self.owed[number] = Outgoing(
                number, due.channel, alert, due.body, now, 0, now, "waiting"
            )

    async def alerts(self, states, before, limit, scope=EVERYTHING):
        found = [
            copied(alert)
            for alert in reversed(self.book.values())
            if (not states or alert.state in states) and (before is None or alert.id < before)
            if is_shown(alert, scope)
        ]
        return found[:limit]

    async def alert(self, id, scope=EVERYTHING):
        await asyncio.sleep(0)
        if id not in self.book or not is_shown(self.book[id], scope):
            raise NotFound(f"There is no alert {id}.")
        return copied(self.book[id])

    async def change_alert(self, alert, owed=()) -> None:
        def change() -> None:
            self.book[alert.id] = copied(alert)
            self._owe(alert.id, owed)

        await self._fault.write(change)

    async def channels(self):
        return list(self._channels.values())

    async def put_channel(self, channel) -> None:
        self._channels[channel.id] = channel

    async def remove_channel(self, id) -> None:
        self._channels.pop(id, None)

    async def channels_due(self, now):
        await asyncio.sleep(0)
        return list({o.channel: None for o in self._due(now)})

    async def due(self, channel, now, limit):
        await asyncio.sleep(0)
        due = [o for o in self._due(now) if o.channel == channel]
        ordered = sorted(due, key=lambda o: (o.next_try, o.id))
        return [dataclasses.replace(o) for o in ordered[:limit]]

    def _due(self, now):
        return [o for o in self.owed.values() if o.state == "waiting" and o.next_try <= now]

    async def settle(self, outgoing) -> None:
        def change() -> None:
            self.owed[outgoing.id] = dataclasses.replace(outgoing)

        await self._fault.write(change)

    async def delivery(self, id, scope=EVERYTHING):
        if id not in self.owed or not is_shown(self.book[self.owed[id].alert], scope):
            raise NotFound(f"There is no delivery {id}.", code="no_such_delivery")
        return dataclasses.replace(self.owed[id])

    async def deliveries(self, alert, limit, scope=EVERYTHING):
        found = [
            owed
            for owed in self.owed.values()
            if (alert is None or owed.alert == alert) and is_shown(self.book[owed.alert], scope)
        ]
        return [dataclasses.replace(o) for o in reversed(found)][:limit]


class MemoryLedger:
    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self.written: list[tuple[str, dict[str, Any]]] = []
        self.broken = False

    async def note(self, kind, who, what) -> None:
        if self.broken:
            raise AskAPerson("Nothing can be written.", code="disk_full")
        self.written.append((kind, {"at": self._clock.now(), "who": who, "what": what}))

    async def notes(self, kind, limit):
        return [note for of, note in reversed(self.written) if of == kind][:limit]

    async def last(self, kind, who, name):
        of_kind = (note for of, note in reversed(self.written) if of == kind)
        mine = (n for n in of_kind if n["who"] == who and n["what"].get("name") == name)
        return next(mine, None)


class MemoryInstances:
    def __init__(self) -> None:
        self.known: dict[str, Instance] = {}

    async def put(self, instance) -> None:
        self.known[instance.id] = instance

    async def all(self):
        return list(self.known.values())


class MemoryStore:
    """Only what alerts need of the store. ``fault`` can end the hub at a write."""

    def __init__(self, clock: Any) -> None:
        self.fault = Fault()
        self.log = MemoryLog(self.fault)
        self.alerts = MemoryAlertBook(self.fault, self.log, clock)
        self.ledger = MemoryLedger(clock)
        self.instances = MemoryInstances()


class MemorySecrets:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], dict[str, str]] = {}

    async def get(self, instance, name):
        try:
            return self.kept[instance, name]
        except KeyError:
            raise AskAPerson("No such credential.", code="credential_missing") from None

    async def put(self, instance, name, value) -> None:
        self.kept[instance, name] = dict(value)

    async def remove(self, instance, name) -> None:
        self.kept.pop((instance, name), None)

    async def names(self, instance):
        return [name for of, name in self.kept if of == instance]


@dataclasses.dataclass
class Answer:
    status: int = 204
    retry_after: float | None = None


@dataclasses.dataclass
class Posted:
    url: str
    headers: dict[str, str]
    body: bytes
    at: int


class Receiver:
    """An ``HttpSender`` whose other end does what a test says: ``answers`` in turn, then 204."""

    def __init__(self, clock: Any, answers: Sequence[Any] = ()) -> None:
        self._clock = clock
        self.answers = list(answers)
        self.posted: list[Posted] = []
        self.reached = asyncio.Event()

    async def post(self, url, headers, body, deadline_s):
        self.posted.append(Posted(url, dict(headers), body, self._clock.now()))
        self.reached.set()
        await asyncio.sleep(0)
        answer = self.answers.pop(0) if self.answers else Answer()
        if isinstance(answer, Exception):
            raise answer
        return answer


UNREACHABLE = RetryLater("The receiver could not be reached.")


class Carrier:
    """A ``Carrier`` whose connector does what a test says: ``answers`` in turn, then a receipt."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.carried: list[tuple[str, str, dict[str, Any]]] = []

    async def carry(self, source, key, message):
        self.carried.append((source, key, message))
        answer = self.answers.pop(0) if self.answers else f"M-{len(self.carried)}"
        if isinstance(answer, Exception):
            raise answer
        return answer
