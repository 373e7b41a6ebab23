"""The board: what is going on now, kept in memory and rebuilt from the log at start.

Open calls for service, recent gunshots, where units and vehicles are, the newest events, and how
many plates each reader has read. Reads that hit nothing are only counted here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from watchfloor.contracts import BY_NAME, BY_TYPE, Summary, micros
from watchfloor.ports.store import Micros, RecordedEvent, Seq, Store
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

_CLOSED = ("Closed", "Cancelled")
_READ, _CALL, _UNIT = (BY_NAME[name].type for name in ("read", "call", "unit"))
_SHOT, _VEHICLE = (BY_NAME[name].type for name in ("gunshot", "vehicle"))


@dataclass(slots=True)
class Reads:
    """How many plates a reader has read, and when last (milliseconds)."""

    count: int = 0
    last: int = 0


@dataclass(slots=True)
class Changes:
    """What a batch of events changed: ready for the feed."""

    seq: Seq
    summaries: list[Summary] = field(default_factory=list)
    positions: dict[str, Position] = field(default_factory=dict)
    reads: dict[str, Reads] = field(default_factory=dict)


class Board:
    """Takes recorded events in log order and remembers what is current."""

    def __init__(self, clock: Clock, summariser: Summariser) -> None:
        self._clock = clock
        self._summarise = summariser
        self.seq: Seq = 0
        self.since = clock.now()
        self._calls: dict[str, tuple[int, Summary]] = {}
        self._shots: dict[str, tuple[int, Summary]] = {}
        self._positions: dict[str, Position] = {}
        self._unit_status: dict[str, str] = {}
        self._recent: deque[Summary] = deque(maxlen=RECENT)
        self._reads: dict[str, Reads] = {}

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
            self._summarise(event) for event in newest if event.type not in (_READ, _VEHICLE)
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
        self._add_up(changes.reads)
        self.seq = max(self.seq, changes.seq)
        return changes

    def retell(self, batch: Sequence[RecordedEvent]) -> Changes:
        """What a batch of the past said, for a console that missed it. The board stays."""
        past = Board(self._clock, self._summarise)
        past._unit_status = self._unit_status
        return past.take(batch)

    def snapshot(self) -> dict[str, Any]:
        """The board as ``GET /live`` gives it, without what other services add."""
        self._forget()
        return {
            "seq": self.seq,
            "calls": [summary for _, summary in self._calls.values()],
            "gunshots": [summary for _, summary in self._shots.values()],
            "units": list(self._positions.values()),
            "recent": list(reversed(self._recent)),
            "reads": {
                "total": sum(reads.count for reads in self._reads.values()),
                "since": self.since // 1000,
                "per_reader": self._reads,
            },
        }

    def forget(self, source: str, type: str, before: Micros) -> None:
        """What was deleted from the log, as its time was up, is gone from here as well."""

        def stays(summary: Summary) -> bool:
            same = (summary.source, summary.kind) == (source, BY_TYPE[type].name)
            return not same or micros(summary.time) >= before

        self._calls = {key: each for key, each in self._calls.items() if stays(each[1])}
        self._shots = {key: each for key, each in self._shots.items() if stays(each[1])}
        self._recent = deque((each for each in self._recent if stays(each)), maxlen=RECENT)

    def _add_up(self, news: dict[str, Reads]) -> None:
        for key, new in news.items():
            reads = self._reads.setdefault(key, Reads())
            reads.count += new.count
            reads.last = max(reads.last, new.last)

    def _move(self, event: RecordedEvent, changes: Changes) -> None:
        data = orjson.loads(event.body)["data"]
        point = event.point
        if point is None:
            return
        unit = data.get("unit")
        key = f"unit/{unit}" if unit else f"{event.source}/{data['vehicle']}"
        known = self._positions.get(key)
        if known and known[6] > event.time // 1000:
            return
        position = [
            key, unit or data.get("label") or data["vehicle"], point[0], point[1],
            data.get("course_deg"), data.get("speed_mps"), event.time // 1000,
            "unit" if unit else "vehicle", self._unit_status.get(unit) if unit else None,
            self._summarise.synthetic(event.source),
        ]  # fmt: skip
        self._positions[key] = changes.positions[key] = position

    def _note(self, event: RecordedEvent, changes: Changes) -> None:
        summary = self._summarise(event)
        changes.summaries.append(summary)
        self._recent.append(summary)
        thing = event.subject or event.id
        if event.type == _CALL:
            self._calls[thing] = (event.time, summary)
        elif event.type == _SHOT:
            self._shots[thing] = (event.time, summary)
        elif event.type == _UNIT:
            self._set_status(event, changes)

    def _set_status(self, event: RecordedEvent, changes: Changes) -> None:
        data = orjson.loads(event.body)["data"]
        self._unit_status[data["unit"]] = data["status"]
        position = self._positions.get(f"unit/{data['unit']}")
        if position:
            position[8] = data["status"]
            changes.positions[position[0]] = position

    def _forget(self) -> None:
        now = self._clock.now()
        self._calls = {
            key: (time, summary)
            for key, (time, summary) in self._calls.items()
            if now - time < (CLOSED_STAYS if summary.status in _CLOSED else CALLS_BACK)
        }
        self._shots = {k: v for k, v in self._shots.items() if now - v[0] < SHOTS_BACK}
        oldest = (now - POSITIONS_BACK) // 1000
        self._positions = {k: v for k, v in self._positions.items() if v[6] >= oldest}


def _count(event: RecordedEvent, counts: dict[str, Reads]) -> None:
    key = f"{event.source}/{dict(event.keys)['asset']}"
    reads = counts.get(key)
    if reads is None:
        reads = counts[key] = Reads()
    reads.count += 1
    reads.last = max(reads.last, event.time // 1000)
