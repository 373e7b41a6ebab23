"""The board: what is going on now, kept in memory and rebuilt from the log at start.

Open calls for service, recent gunshots, where units and vehicles are, the newest events, and how
many plates each reader has read. Reads that hit nothing are only counted here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

import orjson

from watchfloor.contracts import BY_NAME, Summary
from watchfloor.policy import LIVE, WHOLE, Sight, concerns, hides, redact
from watchfloor.ports.store import Micros, RecordedEvent, Seq, Store, Traits
from watchfloor.ports.world import Clock

from .summaries import Summariser

Position = list[Any]
"""``[key, label, lon, lat, course, speed, time ms, "unit"|"vehicle", status, synthetic]``."""

HOUR = 3_600_000_000
CALLS_BACK, SHOTS_BACK, POSITIONS_BACK = LIVE, LIVE, HOUR // 4
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


@dataclass(slots=True)
class Row(Generic[T]):
    """Something on the board, with what decides who may see it. ``anew`` makes it without some
    fields; ``None``: then nothing of it is left to show."""

    of: Traits
    it: T
    anew: Callable[[frozenset[str]], T | None]
    _made: dict[frozenset[str], T | None] | None = None

    def without(self, redacts: frozenset[str]) -> T | None:
        """It without these fields: made once for all who do not see them."""
        if not redacts:
            return self.it
        if self._made is None:
            self._made = {}
        if redacts not in self._made:
            self._made[redacts] = self.anew(redacts)
        return self._made[redacts]

    def change(self, it: T) -> None:
        """It is another one now."""
        self.it, self._made = it, None


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

    def snapshot(self, sight: Sight = WHOLE) -> dict[str, Any]:
        """What somebody sees of the board, as ``GET /live`` gives it, without what other services
        add."""
        self._forget()
        reads = [(key, it) for (key, _), row in self._reads.items() for it in shown([row], sight)]
        return {
            "seq": self.seq,
            "calls": shown(self._calls.values(), sight),
            "gunshots": shown(self._shots.values(), sight),
            "units": shown(self._positions.values(), sight),
            "recent": shown(reversed(self._recent), sight),
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
        summary = self._summarise(event)
        return Row(_traits(event), summary, partial(self._resummarise, event, summary))

    def _resummarise(
        self, event: RecordedEvent, summary: Summary, redacts: frozenset[str]
    ) -> Summary:
        return self._summarise(event, redacts) if concerns(redacts, event.type) else summary

    def _move(self, event: RecordedEvent, changes: Changes) -> None:
        position = self._position(event)
        if position is None:
            return
        key = position[0]
        known = self._positions.get(key)
        if known and known.of.time > event.time:
            return
        row = Row(_traits(event), position, partial(self._position, event))
        self._positions[key] = changes.positions[key] = row

    def _position(
        self, event: RecordedEvent, redacts: frozenset[str] = frozenset()
    ) -> Position | None:
        """Where something is; ``None`` where its place is not said, or nothing that names it."""
        data = redact(orjson.loads(event.body), redacts).get("data", {})
        unit, vehicle = data.get("unit"), data.get("vehicle")
        point = event.point
        if point is None or hides(redacts, "data.place.point") or not (unit or vehicle):
            return None
        status = self._unit_status.get(unit) if unit else None
        return [
            f"unit/{unit}" if unit else f"{event.source}/{vehicle}",
            unit or data.get("label") or vehicle, point[0], point[1],
            data.get("course_deg"), data.get("speed_mps"), event.time // 1000,
            "unit" if unit else "vehicle", None if hides(redacts, "data.status") else status,
            self._summarise.synthetic(event.source),
        ]  # fmt: skip

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
            row.change([*row.it[:8], data["status"], *row.it[9:]])
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
    _add(counts, (key, event.handling), _counted(_traits(event), Reads(1, event.time // 1000)))


def _add(counts: Counts, key: tuple[str, str], new: Row[Reads]) -> None:
    known = counts.get(key)
    if known is None:
        counts[key] = new
        return
    newest = max(known.of, new.of, key=lambda of: of.time)
    reads = Reads(known.it.count + new.it.count, max(known.it.last, new.it.last))
    counts[key] = _counted(newest, reads)


def _counted(of: Traits, reads: Reads) -> Row[Reads]:
    """Who sees no reader is told no counts: they are a reader's."""
    return Row(of, reads, lambda redacts: None if hides(redacts, "data.reader") else reads)


def _traits(event: RecordedEvent) -> Traits:
    return Traits(event.type, event.source, event.handling, event.time)


def shown(rows: Iterable[Row[T]], sight: Sight) -> list[T]:
    """What somebody sees of some rows."""
    its = (row.without(sight.redacts) for row in rows if sight.scope.shows(row.of))
    return [it for it in its if it is not None]
