"""What the contract suite of stores is made with: events with defaults, random filters, and the
plain loop that every search must agree with.

The suite itself is ``tests/core/ports``; adapters use this to test their own crossroads.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Sequence
from itertools import chain

from hypothesis import strategies as st

from watchfloor.contracts import BY_TYPE
from watchfloor.ports.store import (
    COUNTED,
    Batch,
    Box,
    EventFilter,
    KeyPattern,
    NewEvent,
    RecordedEvent,
    Scope,
)

NOON = 1_777_723_200_000_000
"""2026-05-02T12:00:00Z in microseconds."""
READ = "watchfloor.lpr.read.v1"
CALL = "watchfloor.cad.incident.v1"
POSITION = "watchfloor.vehicle.position.v1"


class Make:
    """Builders with defaults, so that a test says only what it is about."""

    noon, read_type, call_type, position_type = NOON, READ, CALL, POSITION

    @staticmethod
    def read(id: str, plate: str = "ZZT1234", at: int = NOON, **more) -> NewEvent:
        fields = {
            "id": id, "type": READ, "subject": f"reader/{id}", "time": at, "observed": None,
            "expires": None, "point": (-90.05, 29.95), "handling": "le-sensitive",
            "keys": (("plate", plate), ("asset", "reader-1")), "text": None,
            "body": b'{"id": "%s"}' % id.encode(),
        }  # fmt: skip
        return NewEvent(**{**fields, **more})

    @staticmethod
    def call(id: str, text: str, at: int = NOON, **more) -> NewEvent:
        fields = {
            "id": id, "type": CALL, "subject": f"call/{id}", "time": at, "observed": None,
            "expires": None, "point": None, "handling": "agency", "keys": (("call", id),),
            "text": text, "body": b"{}",
        }  # fmt: skip
        return NewEvent(**{**fields, **more})

    @staticmethod
    def position(id: str, vehicle: str, at: int, **more) -> NewEvent:
        fields = {
            "id": id, "type": POSITION, "subject": f"vehicle/{vehicle}", "time": at,
            "observed": at, "expires": at + 900_000_000, "point": (-90.0, 30.0),
            "handling": "agency", "keys": (("asset", vehicle),), "text": None, "body": b"{}",
        }  # fmt: skip
        return NewEvent(**{**fields, **more})

    @staticmethod
    def batch(events: Sequence[NewEvent] = (), source: str = "lpr", **more) -> Batch:
        return Batch(source, "lpr-rest/0.1.0", list(events), **more)

    @staticmethod
    def plate(*patterns: str, **more) -> EventFilter:
        return EventFilter(keys=[KeyPattern("plate", pattern) for pattern in patterns], **more)

    @staticmethod
    def box(west: float, south: float, east: float, north: float, **more) -> EventFilter:
        return EventFilter(box=Box(west, south, east, north), **more)


async def ids(store, where, limit=100):
    """The ids of what is found."""
    return [event.id for event in await store.index.find(where, limit)]


# --- Against a plain loop over all events ----------------------------------------------------

PLATE = st.text("Z1A", min_size=1, max_size=4)
DEGREE = st.sampled_from([0.0, 0.004999, 0.005, 0.0075, 0.01, -0.005, 0.02, 0.2])


def _filed_as_its_kind(event):
    """A read has no number of a call: by what is asked for, the index knows where not to look."""
    source, type, time, point, keys, words = event
    keys = [key for key in keys if key[0] in BY_TYPE[type].made_of]
    return source, type, time, point, keys, words


EVENT = st.tuples(
    st.sampled_from(["one", "two"]),
    st.sampled_from(["watchfloor.lpr.read.v1", "watchfloor.cad.incident.v1"]),
    st.integers(0, 12),
    st.none() | st.tuples(DEGREE, DEGREE),
    st.lists(st.tuples(st.sampled_from(["plate", "call"]), PLATE), max_size=3),
    st.none() | st.lists(st.sampled_from(["hit", "run", "runner", "oak"]), max_size=3),
).map(_filed_as_its_kind)
COMMON = st.sampled_from(["*", "Z*", "1*", "*1", "?", "??", "Z?", "?*", "Z1*", "*A*", "Z?1*"])
PATTERN = st.builds(
    KeyPattern,
    st.sampled_from(["plate", "plate", "plate", "call", "unit"]),
    COMMON | st.text("Z1A?*", min_size=1, max_size=5),
)
BOX = st.builds(
    lambda a, b, c, d: Box(min(a, b), min(c, d), max(a, b), max(c, d)),
    DEGREE, DEGREE, DEGREE, DEGREE,
)  # fmt: skip


def rarely(strategy):
    """Most filters have few parts: with all of them nothing is ever found."""
    return st.none() | st.none() | strategy


SCOPE = st.builds(
    Scope,
    without_types=st.sampled_from(
        [frozenset(), frozenset({READ}), frozenset({"watchfloor.none.v1"})]
    ),
    without_handling=st.sampled_from([frozenset(), frozenset({"agency"}), frozenset({"cji"})]),
    without_sources=st.sampled_from([frozenset(), frozenset({"two", "three"})]),
    only_sources=st.sampled_from([None, frozenset({"one"}), frozenset()]),
    earliest=st.sampled_from([{}, {READ: 6}, {CALL: 3, "watchfloor.none.v1": 9}]),
    apart=st.sampled_from(
        [
            {},
            {(READ, "one", None): 9, (READ, "one", "agency"): 2},
            {(CALL, "two", "agency"): 4, (READ, "none", None): 0},
        ]
    ),
)

FILTER = st.builds(
    EventFilter,
    scope=st.just(EventFilter().scope) | SCOPE,
    keys=st.lists(PATTERN, max_size=3),
    types=st.just([]) | st.sampled_from([[READ], [READ, CALL], ["watchfloor.none.v1"]]),
    sources=st.just([]) | st.sampled_from([["one"], ["one", "two"], ["two", "three"]]),
    since=rarely(st.integers(0, 12)),
    until=rarely(st.integers(0, 13)),
    box=rarely(BOX),
    text=rarely(st.sampled_from(["hit", "run*", "hit oak", "run"])),
)


def glob(pattern, value):
    """The meaning of a pattern, letter by letter."""
    if not pattern:
        return not value
    if pattern[0] == "*":
        return any(glob(pattern[1:], value[n:]) for n in range(len(value) + 1))
    return bool(value) and pattern[0] in ("?", value[0]) and glob(pattern[1:], value[1:])


def holds(where, event):
    source, type, time, point, keys, words = event
    wanted = where.text.split() if where.text else []
    return (
        (
            not where.keys
            or any(k.kind == kind and glob(k.pattern, v) for k in where.keys for kind, v in keys)
        )
        and (not where.types or type in where.types)
        and (not where.sources or source in where.sources)
        and (where.since is None or time >= where.since)
        and (where.until is None or time < where.until)
        and (
            where.box is None
            or (
                point is not None
                and where.box.west <= point[0] <= where.box.east
                and where.box.south <= point[1] <= where.box.north
            )
        )
        and where.scope.shows(_recorded(event))
        and all(
            any(w.startswith(word[:-1]) if word.endswith("*") else w == word for w in words or ())
            for word in wanted
        )
    )


def _handling(time):
    return "agency" if time % 2 else "le-sensitive"


def _recorded(event):
    source, type, time, point, keys, _ = event
    return RecordedEvent(
        0, source, "x", type, None, time, None, time, point, _handling(time), tuple(keys), b"{}"
    )


async def check_find(store, events, filters, page, between=None):
    """``find`` and ``count`` answer what testing each event answers, at once and page by page.

    ``between`` is awaited when half of the events are committed.
    """
    batches = [Make.batch([_event(n, event)], event[0]) for n, event in enumerate(events)]
    await store.log.commit(batches[: len(batches) // 2])
    if between is not None:
        await between()
    await store.log.commit(batches[len(batches) // 2 :])
    order = sorted(range(len(events)), key=lambda n: (events[n][2], n), reverse=True)
    for where in filters:
        expected = [str(n) for n in order if holds(where, events[n])]
        assert await ids(store, where) == expected, where
        assert len(await store.index.find(where, 5)) == min(5, len(expected))
        groups, oldest, seqs = await store.index.touched(where, 5)
        counted = [(await store.log.get(seq)).id for seq in seqs]
        assert counted == expected[:5], where
        found = {group[:3]: (group.events, sorted(group.keys)) for group in groups}
        newest = [events[int(n)] for n in expected[:5]]
        assert found == _tallied(where, newest), where
        assert (oldest and oldest[0]) == (newest[-1][2] if newest else None)
        assert await _by_pages(store, where, page) == expected, where


def _event(number, event):
    _, type, time, point, keys, words = event
    text = None if words is None else " ".join(words)
    more = {"type": type, "point": point, "keys": tuple(keys), "text": text}
    more["handling"] = _handling(time)
    return Make.read(str(number), at=time, **more)


def _tallied(where, events):
    """What matching events, newest first, are counted by."""
    keys = collections.defaultdict(list)
    for source, type, _, point, filed, _ in events:
        counted = [key for key in filed if key[0] in COUNTED]
        keys[source, type, point if where.box else None].append(counted)
    return {group: (len(each), sorted(chain.from_iterable(each))) for group, each in keys.items()}


async def _by_pages(store, where, page):
    seen, before = [], None
    while found := await store.index.find(dataclasses.replace(where, before=before), page):
        seen += [event.id for event in found]
        before = (found[-1].time, found[-1].seq)
    return seen
