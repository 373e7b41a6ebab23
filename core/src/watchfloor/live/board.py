"""The board: what is going on now, kept in memory and rebuilt from the log at start.

Open calls for service, recent gunshots, where units and vehicles are, the newest events, and how
many plates each reader has read. Reads that hit nothing are only counted here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

import orjson

from watchfloor.contracts import BY_NAME, Summary
from watchfloor.ports.store import EVERYTHING, Micros, RecordedEvent, Scope, Seq, Store, Traits
from watchfloor.ports.world import Clock

from .summaries import Summariser

Position = list[Any]
"""``[key, label, lon, lat, course, speed, time ms, "unit"|"vehicle", status, synthetic]``."""

HOUR = 3_600_000_000
CALLS_BACK, SHOTS_BACK, POSITIONS_BACK = 24 * HOUR, 24 * HOUR, HOUR // 4
CLOSED_STAYS = HOUR // 6
"""Microseconds for which a closed call stays on the board."""

RECENT = 200
SEED = 20_000
"""Events of one kind that are read at start at most."""

T = TypeVar("T")

_CLOSED = ("Closed", "Cancelled")
_READ, _CALL, _UNIT = (BY_NAME[name].type for name in ("read", "call", "unit"))
_SHOT, _VEHICLE = (BY_NAME[name].type for name in ("gunshot", "vehicle"))


@dataclass(slots=True)
class Reads:
    """How many plates a reader has read, and when last (milliseconds)."""

    count: int = 0
    last: int = 0


class Row(NamedTuple, Generic[T]):
    """Something on the board, with what decides who may see it."""

    of: Traits
    it: T


Counts = dict[tuple[str, str], Row[Reads]]
"""By reader and handling class."""


@dataclass(slots=True)
class Changes:
    """What a batch of events changed: ready for the feed."""

    seq: Seq
    summaries: list[Row[Summary]] = field(default_factory=list)
    positions: dict[str, Row[Position]] = field(default_factory=dict)
    reads: Counts = field(default_factory=dict)


class Board:
    """Takes recorded events in log order and remembers what is current."""

    def __init__(self, clock: Clock, summariser: Summariser) -> None:
        self._clock = clock
        self._summarise = summariser
        self.seq: Seq = 0
        self.since = clock.now()
        self._calls: dict[str, Row[Summary]] = {}
        self._shots: dict[str, Row[Summary]] = {}
        self._positions: dict[str, Row[Position]] = {}
        self._unit_status: dict[str, str] = {}
        self._recent: deque[Row[Summary]] = deque(maxlen=RECENT)
        self._reads: Counts = {}

    async def seed(self, store: Store) -> None:
        """Rebuild from the log: the newest event of each thing."""
        now = self._clock.now()
        head = await store.log.head()
        for type_, back in (
            (_UNIT, CALLS_BACK),
            (_CALL, CALLS_BACK),
            (_SHOT, SHOTS_BACK),
            (_VEHICLE, POSITIONS_BACK),
        ):
            self.take(sorted(await store.index.latest(type_, now - back, SEED)))
        self._recent.clear()
        newest = await store.log.read(max(0, head - 10 * RECENT), 10 * RECENT)
        self._recent.extend(
            self._row(event) for event in newest if event.type not in (_READ, _VEHICLE)
        )
        self.seq = head

    def take(self, batch: Sequence[RecordedEvent]) -> Changes:
        """Note a batch; answers what it changed."""
        changes = Changes(seq=batch[-1].seq if batch else self.seq)
        for event in batch:
            if event.type == _READ:
                _count(event, changes.reads)
            elif event.type == _VEHICLE:
                self._move(event, changes)
            else:
                self._note(event, changes)
        for key, new in changes.reads.items():
            _add(self._reads, key, new)
        self.seq = max(self.seq, changes.seq)
        return changes

    def retell(self, batch: Sequence[RecordedEvent]) -> Changes:
        """What a batch of the past said, for a console that missed it. The board stays."""
        past = Board(self._clock, self._summarise)
        past._unit_status = self._unit_status
        return past.take(batch)

    def snapshot(self, scope: Scope = EVERYTHING) -> dict[str, Any]:
        """What a scope shows of the board, as ``GET /live`` gives it, without what other services
        add."""
        self._forget()
        reads = [(key, row.it) for (key, _), row in self._reads.items() if scope.shows(row.of)]
        return {
            "seq": self.seq,
            "calls": _shown(self._calls.values(), scope),
            "gunshots": _shown(self._shots.values(), scope),
            "units": _shown(self._positions.values(), scope),
            "recent": _shown(reversed(self._recent), scope),
            "reads": {
                "total": sum(each.count for _, each in reads),
                "since": self.since // 1000,
                "per_reader": per_reader(reads),
            },
        }

    def forget(self, source: str, type: str, before: Micros) -> None:
        """What was deleted from the log, as its time was up, is gone from here as well."""

        def stays(row: Row[Summary]) -> bool:
            return (row.of.source, row.of.type) != (source, type) or row.of.time >= before

        self._calls = {key: each for key, each in self._calls.items() if stays(each)}
        self._shots = {key: each for key, each in self._shots.items() if stays(each)}
        self._recent = deque((each for each in self._recent if stays(each)), maxlen=RECENT)

    def _row(self, event: RecordedEvent) -> Row[Summary]:
        return Row(_traits(event), self._summarise(event))

    def _move(self, event: RecordedEvent, changes: Changes) -> None:
        data = orjson.loads(event.body)["data"]
        point = event.point
        if point is None:
            return
        unit = data.get("unit")
        key = f"unit/{unit}" if unit else f"{event.source}/{data['vehicle']}"
        known = self._positions.get(key)
        if known and known.of.time > event.time:
            return
        position = [
            key, unit or data.get("label") or data["vehicle"], point[0], point[1],
            data.get("course_deg"), data.get("speed_mps"), event.time // 1000,
            "unit" if unit else "vehicle", self._unit_status.get(unit) if unit else None,
            self._summarise.synthetic(event.source),
        ]  # fmt: skip
        self._positions[key] = changes.positions[key] = Row(_traits(event), position)

    def _note(self, event: RecordedEvent, changes: Changes) -> None:
        row = self._row(event)
        changes.summaries.append(row)
        self._recent.append(row)
        thing = event.subject or event.id
        if event.type == _CALL:
            self._calls[thing] = row
        elif event.type == _SHOT:
            self._shots[thing] = row
        elif event.type == _UNIT:
            self._set_status(event, changes)

    def _set_status(self, event: RecordedEvent, changes: Changes) -> None:
        data = orjson.loads(event.body)["data"]
        self._unit_status[data["unit"]] = data["status"]
        row = self._positions.get(f"unit/{data['unit']}")
        if row:
            row.it[8] = data["status"]
            changes.positions[row.it[0]] = row

    def _forget(self) -> None:
        now = self._clock.now()
        self._calls = {
            key: row
            for key, row in self._calls.items()
            if now - row.of.time < (CLOSED_STAYS if row.it.status in _CLOSED else CALLS_BACK)
        }
        self._shots = {k: v for k, v in self._shots.items() if now - v.of.time < SHOTS_BACK}
        oldest = now - POSITIONS_BACK
        self._positions = {k: v for k, v in self._positions.items() if v.of.time >= oldest}


def per_reader(counts: Iterable[tuple[str, Reads]]) -> dict[str, Reads]:
    """Counts of readers, whose reads may be of several classes, added up."""
    added: dict[str, Reads] = {}
    for key, more in counts:
        known = added.get(key, Reads())
        added[key] = Reads(known.count + more.count, max(known.last, more.last))
    return added


def _count(event: RecordedEvent, counts: Counts) -> None:
    key = f"{event.source}/{dict(event.keys)['asset']}"
    _add(counts, (key, event.handling), Row(_traits(event), Reads(1, event.time // 1000)))


def _add(counts: Counts, key: tuple[str, str], new: Row[Reads]) -> None:
    known = counts.get(key)
    if known is None:
        counts[key] = new
        return
    newest = max(known.of, new.of, key=lambda of: of.time)
    reads = Reads(known.it.count + new.it.count, max(known.it.last, new.it.last))
    counts[key] = Row(newest, reads)


def _traits(event: RecordedEvent) -> Traits:
    return Traits(event.type, event.source, event.handling, event.time)


def _shown(rows: Iterable[Row[T]], scope: Scope) -> list[T]:
    return [row.it for row in rows if scope.shows(row.of)]
