"""A hub that has alerts only, over any store, and events to give it. All of it is made up."""

from __future__ import annotations

import itertools
import json
from contextlib import suppress
from datetime import UTC
from typing import Any

import msgspec
from memory_store import Carrier, MemorySecrets, Receiver

from watchfloor.alerts import AlertRouter, AlertService, Courier
from watchfloor.contracts import BY_TYPE, micros, nowhere, rfc3339
from watchfloor.ports.store import Batch, Channel, HotList, HotListEntry, NewEvent

NOON = micros("2026-05-02T12:00:00Z")
HERE = (-90.07, 29.95)
_numbers = itertools.count(1)


class EndOfLog(Exception):
    """Everything in the log was told."""


class LogBus:
    """Follows a log to its end, in batches, and then ends (a real bus would wait)."""

    def __init__(self, log: Any, batch: int) -> None:
        self._log, self._batch = log, batch

    async def publish(self, recorded: Any) -> None: ...

    async def follow(self, after: int, limit: int = 1000) -> Any:
        while events := await self._log.read(after, self._batch):
            after = events[-1].seq
            yield events
        raise EndOfLog

    def behind(self, position: int) -> int:
        return 0


class Hub:
    """The alert service with its router and courier; ``restart`` forgets all that is in memory."""

    def __init__(
        self, store: Any, clock: Any, batch: int = 3, zone: Any = UTC, near: Any = nowhere
    ) -> None:
        self.store, self.clock, self.batch, self.zone, self.near = store, clock, batch, zone, near
        self.secrets = MemorySecrets()
        self.receiver = Receiver(clock)
        self.carrier = Carrier()
        self.told: list[Any] = []
        self.confirmed_first = False
        self.parties: dict[str, str] = {}
        self.restart()

    def restart(self) -> None:
        self.alerts = AlertService(
            self.store, self.clock, self.secrets, self.zone, self.near,
            lambda: self.confirmed_first, lambda: self.parties, str.upper,
        )  # fmt: skip
        bus = LogBus(self.store.log, self.batch)
        self.router = AlertRouter(
            self.store, bus, self.clock, self.alerts.engine, self.alerts.desk,
            self.alerts._watch.in_force,
        )  # fmt: skip
        self.courier = Courier(
            self.store, self.receiver, self.secrets, self.clock, self.alerts.desk,
            "https://hub.example.org", self.carrier,
        )  # fmt: skip
        self.alerts.on_change(lambda told: self.told.extend(each.view() for each in told))

    async def open(self) -> None:
        """Rules, channels and hot lists, all in force."""
        await self.alerts.open()
        await self.alerts._watch.in_force()

    async def rule(self, document: str) -> None:
        name = document.partition("id: ")[2].split()[0].strip(",}")
        await self.alerts.rules.put(name, document, "Casey Admin")

    async def hot_list(self, id: str, *entries: HotListEntry, **terms: Any) -> None:
        terms = {"name": id, "owner": "Example PD", "reason": "Stolen vehicle", **terms}
        await self.alerts.hot_lists.put(HotList(id=id, changed=0, **terms))
        await self.store.alerts.replace_entries(id, entries)
        self.alerts._watch.plates_changed()
        await self.alerts._watch.in_force()

    async def channel(self, id: str, **terms: Any) -> str | None:
        url = f"https://{id}.example.org/hook"
        return await self.alerts.channels.put(Channel(id=id, url=url, **terms))

    async def record(self, *envelopes: dict[str, Any]) -> None:
        if hasattr(self.store.log, "add"):
            for envelope in envelopes:
                self.store.log.add(envelope)
        else:
            await self.store.log.commit([batch_of(envelope) for envelope in envelopes])

    async def route(self, *envelopes: dict[str, Any]) -> list[Any]:
        """Record events and let the router handle all there is; every alert, oldest first."""
        await self.record(*envelopes)
        with suppress(EndOfLog):
            await self.router.run()
        return await self.all()

    async def all(self) -> list[Any]:
        return list(reversed(await self.alerts.list(limit=1000)))

    async def deliver(self) -> None:
        """Let the courier make every delivery that is due now."""
        await self.courier._start_due()
        for task in list(self.courier._turns.values()):
            await task


def batch_of(envelope: dict[str, Any]) -> Batch:
    kind, data = BY_TYPE[envelope["type"]], envelope["data"]
    point = (data.get("place") or {}).get("point")
    event = NewEvent(
        id=envelope["id"], type=kind.type, subject=envelope.get("subject"),
        time=micros(envelope["time"]), observed=None, expires=None,
        point=tuple(point) if point else None, handling=envelope["dataclassification"],
        keys=tuple(kind.keys(data)), text=kind.text(data) if kind.text else None,
        body=msgspec.json.encode(envelope),
    )  # fmt: skip
    return Batch(envelope["source"], "test/1.0.0", [event])


def event(
    type: str, data: dict[str, Any], *, id: str = "", source: str = "src", at: float = 0,
    subject: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """An envelope; ``at`` is seconds after noon."""
    envelope = {
        "specversion": "1.0", "id": id or f"e-{next(_numbers)}", "source": source,
        "type": f"watchfloor.{type}", "time": rfc3339(NOON + round(at * 1e6)),
        "dataclassification": "le-sensitive", "data": data,
    }  # fmt: skip
    return envelope | ({"subject": subject} if subject else {})


def place(point: Any = HERE, **more: Any) -> dict[str, Any]:
    return {"point": list(point) if point else None, **more}


def read(plate: str = "ZZT1234", reader: str = "R-1", point: Any = HERE, **more: Any) -> Any:
    envelope = {key: more.pop(key) for key in ("id", "source", "at") if key in more}
    data = {"plate": plate, "reader": reader, "place": place(point), **more}
    return event("lpr.read.v1", data, **envelope)


def hit(plate: str = "ZZT1234", **more: Any) -> Any:
    envelope = {key: more.pop(key) for key in ("id", "source", "at") if key in more}
    data = {"plate": plate, "reader": "R-1", "hot_list": "vendor list", "place": place(), **more}
    return event("lpr.hit.v1", data, **envelope)


def gunshot(incident: str = "G-1", state: str = "created", **more: Any) -> Any:
    envelope = {key: more.pop(key) for key in ("id", "source", "at") if key in more}
    data = {"incident": incident, "state": state, "classification": "gunshot", **more}
    data.setdefault("place", place(address="500 Canal St"))
    return event("gunshot.detection.v1", data, **envelope)


def call(number: str = "C-1", text: str = "Fight", **more: Any) -> Any:
    envelope = {key: more.pop(key) for key in ("id", "source", "at") if key in more}
    data = {"call_number": number, "status": "Active", "incident_type": {"text": text}, **more}
    data.setdefault("place", place(address="100 Oak St"))
    return event("cad.incident.v1", data, **envelope)


def retraction(retracts: str, **more: Any) -> Any:
    return event("event.retraction.v1", {"retracts": retracts, "reason": "Entered twice"}, **more)


def correction(corrects: str, **more: Any) -> Any:
    replaced = {"/data/place/address": "100 Oak St"}
    data = {"corrects": corrects, "reason": "Wrong address", "replaced": replaced}
    return event("event.correction.v1", data, **more)


ANN = "Ann Analyst"
SHOTS = "{id: shots, title: Shots, severity: danger, kinds: [gunshot], notify: [partner], %s}"
BY_INCIDENT = "dedupe: {by: [data.incident]}"


async def listed(hub: Hub, **terms: Any) -> None:
    """A hot list of one plate, on these terms."""
    await hub.hot_list("stolen", HotListEntry("ZZT1234", None, None, None), **terms)


def bodies(hub: Hub) -> list[Any]:
    """What its channels were sent."""
    return [json.loads(posted.body) for posted in hub.receiver.posted]
