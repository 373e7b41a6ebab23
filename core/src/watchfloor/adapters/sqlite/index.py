"""Finding events by what they are filed under.

A search takes the narrowest way in. First keys and place are asked for all their candidates, as
long as these are few. When they hold too many, matches are frequent: then events are taken newest
first, from the text index, from few keys, or from the streams of the sources, and each is tested,
until there are enough. Either way the rest of the filter is tested on the events' rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice

from watchfloor.contracts import BY_TYPE
from watchfloor.ports.store import EventFilter, Kept, Micros, RecordedEvent, Seq, Surveyed, Tally

from . import bulk, candidates, text
from .candidates import Interval
from .cells import spans
from .database import Database
from .events import by_seqs, select, touched
from .filing import keeps_latest
from .fresh_keys import Candidate
from .key_index import KeyIndex, KeyRanges, box_ranges, key_ranges
from .patterns import glob, glob_within

_EVER: Micros = -(1 << 62)


@dataclass(frozen=True, slots=True)
class _Condition:
    """Something to test on an event's row, table ``e``; of younger events than ``before`` it is
    true."""

    query: str
    values: tuple[object, ...]
    before: Micros | None = None


class _Search:
    """One filter on one connection, of whose matches so many are ``wanted``."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        database: Database,
        where: EventFilter,
        wanted: int = candidates.FEW,
    ) -> None:
        self._connection = connection
        self._names = database.names
        self._where = where
        self._wanted = wanted
        self._within = Interval.of(where)
        segments = database.fresh_keys.segments  # before the first query, so before the snapshot
        self._index = KeyIndex(connection, segments, self._within)
        self._words = text.match(where.text) if where.text else None

    def newest(self) -> list[Seq]:
        """Positions of as many as are wanted, newest first."""
        return list(islice(self.matches(), self._wanted))

    def matches(self) -> Iterator[Seq]:
        """Positions of matching events, newest first."""
        streams = self._streams()
        if not streams:
            return
        newest, tested = self._candidates(streams)
        for chunk in candidates.chunks(newest):
            seqs, (oldest, _) = [seq for _, seq in chunk], chunk[-1]
            tests = [each for each in tested if each.before is None or oldest < each.before]
            yield from self._passing(seqs, tests) if tests else seqs

    def _streams(self) -> list[tuple[int, int]]:
        """The (source number, type number) that filter and scope allow, where any of it can be what
        is looked for."""
        scope = self._where.scope
        sources, types = self._numbers(self._where.sources), self._numbers(self._where.types)
        only = None if scope.only_sources is None else self._known(scope.only_sources)
        hidden_sources = self._known(scope.without_sources)
        hidden_types = self._known(scope.without_types)
        rows = self._connection.execute("SELECT source_no, type_no FROM stream").fetchall()
        return [
            (source_no, type_no)
            for source_no, type_no in rows
            if (sources is None or source_no in sources)
            and (types is None or type_no in types)
            and (only is None or source_no in only)
            and source_no not in hidden_sources
            and type_no not in hidden_types
            and self._is_filed_so(self._names.name(self._connection, type_no))
        ]

    def _is_filed_so(self, type: str) -> bool:
        """Whether events of a type are filed under any kind of key that is asked for."""
        kind, wanted = BY_TYPE.get(type), {key.kind for key in self._where.keys}
        return kind is None or not wanted or not wanted.isdisjoint(kind.made_of)

    def _numbers(self, names: Sequence[str]) -> set[int] | None:
        """Those of the names that are asked for; ``None``: of any."""
        return self._known(names) if names else None

    def _known(self, names: Collection[str]) -> set[int]:
        """The numbers of those names that anything was ever filed under."""
        return set(self._names.numbers(self._connection, names).values())

    def _candidates(
        self, streams: Sequence[tuple[int, int]]
    ) -> tuple[Iterator[Candidate], list[_Condition]]:
        """The way in, and what is to be tested on the rows after it."""
        keys = self._keys()
        cells = box_ranges(self._where.box) if self._where.box else None
        by_key = self._index.gather(keys) if keys else None
        found = self._in_cells(by_key, cells)
        if found is None:
            return self._newest(keys, cells, streams)
        tests = self._of_row() if by_key is not None else [*self._of_row(), *self._of_keys()]
        young = self._not_too_old(found, streams)
        return iter(sorted(young, reverse=True)), [*tests, *self._of_text()]

    def _not_too_old(
        self, found: set[Candidate], streams: Sequence[tuple[int, int]]
    ) -> set[Candidate]:
        """Without what is older than all that is shown of the streams. The rows say the same, but
        each stands on a page of its own, where the streams' index is small."""
        shown_from = {each: self._shown_from(each[1]) for each in streams}
        surely = max(shown_from.values())
        young = {each for each in found if each[0] >= surely}
        further_back = [each for each, since in shown_from.items() if since < surely]
        if len(young) == len(found) or len(further_back) > candidates.FEW_STREAMS:
            return found
        return young | candidates.of_streams(self._connection, further_back, found - young)

    def _shown_from(self, type_no: int) -> Micros:
        """The moment before which nothing of a type is shown, whatever its source and handling."""
        scope, name = self._where.scope, self._names.name(self._connection, type_no)
        if scope.held:
            return _EVER
        apart = [at for (of, _, _), at in scope.apart.items() if of == name]
        return min([scope.earliest.get(name, _EVER), *apart])

    def _keys(self) -> KeyRanges | None:
        if not self._where.keys:
            return None
        return key_ranges(self._connection, self._names, self._where.keys)

    def _in_cells(
        self, found: set[Candidate] | None, cells: KeyRanges | None
    ) -> set[Candidate] | None:
        """What is also in the box's cells, where that is worth a look: the box itself is tested on
        the rows anyway."""
        if cells is None or (found is not None and len(found) <= candidates.FEW):
            return found
        placed = self._index.gather(cells)
        if found is None or placed is None:
            return placed if found is None else found
        return found & placed

    def _newest(
        self,
        keys: KeyRanges | None,
        cells: KeyRanges | None,
        streams: Sequence[tuple[int, int]],
    ) -> tuple[Iterator[Candidate], list[_Condition]]:
        """All indexes hold too many: take them as they come."""
        connection, within = self._connection, self._within
        if self._words is not None:
            newest = candidates.newest_of_text(connection, self._words, within, self._wanted)
            return newest, [*self._of_row(), *self._of_keys()]
        if keys is not None and keys.are_few:
            return self._index.newest(keys), self._of_row()
        if cells is not None and cells.are_few:
            return self._index.newest(cells), [*self._of_row(), *self._of_keys()]
        newest = candidates.newest_of_streams(connection, streams, within)
        return newest, [*self._of_box(), *self._of_handling_and_age(), *self._of_keys()]

    def _passing(self, seqs: Sequence[Seq], tests: Sequence[_Condition]) -> Iterator[Seq]:
        query = (
            "SELECT e.seq FROM json_each(?) j CROSS JOIN event e ON e.seq = j.value WHERE "
            + " AND ".join(test.query for test in tests)
        )
        values = [bulk.as_json(seqs), *(value for test in tests for value in test.values)]
        passed = {seq for (seq,) in bulk.fetch(self._connection, "seq", query, values)}
        return (seq for seq in seqs if seq in passed)

    def _of_row(self) -> list[_Condition]:
        conditions = self._of_box()
        for column, names in (("type_no", self._where.types), ("source_no", self._where.sources)):
            numbers = self._numbers(names)
            if numbers is not None:
                conditions.append(_listed(column, bulk.as_json(numbers)))
        return [*conditions, *self._of_scope()]

    def _of_scope(self) -> list[_Condition]:
        """What the asker may see at all, where candidates do not come from allowed streams."""
        scope = self._where.scope
        conditions = self._of_handling_and_age()
        for column, hidden in (
            ("type_no", scope.without_types), ("source_no", scope.without_sources),
        ):  # fmt: skip
            if numbers := self._known(hidden):
                conditions.append(_listed(column, bulk.as_json(numbers), "NOT IN"))
        if scope.only_sources is not None:
            conditions.append(_listed("source_no", bulk.as_json(self._known(scope.only_sources))))
        return conditions

    def _of_handling_and_age(self) -> list[_Condition]:
        scope = self._where.scope
        conditions = []
        if numbers := self._known(scope.without_handling):
            conditions.append(_listed("handling_no", bulk.as_json(numbers), "NOT IN"))
        strictest = self._strictest()
        if not strictest:
            return conditions
        held, of_held = self._held()
        for name, number in self._names.numbers(self._connection, strictest).items():
            oldest, values = self._oldest(name)
            query = f"(e.type_no <> ? OR e.time >= {oldest}{held})"
            found = _Condition(query, (number, *values, *of_held), before=strictest[name])
            conditions.append(found)
        return conditions

    def _strictest(self) -> dict[str, Micros]:
        """By type of event the moment from which on all of it may be shown, where what is looked
        for may be older."""
        scope = self._where.scope
        strictest = dict(scope.earliest)
        for (name, _, _), at in scope.apart.items():
            strictest[name] = max(at, strictest.get(name, at))
        return {name: at for name, at in strictest.items() if at > self._within.since}

    def _held(self) -> tuple[str, tuple[object, ...]]:
        """What may be seen however old it is: alternatives to an age, and their values."""
        found = [self._kept(each) for each in self._where.scope.held]
        words = "".join(f" OR ({query})" for query, _ in found)
        return words, tuple(chain.from_iterable(values for _, values in found))

    def _kept(self, kept: Kept) -> tuple[str, tuple[object, ...]]:
        """``Kept.has`` of an event's row."""
        listed = "IN (SELECT value FROM json_each(?))"
        parts: list[tuple[str, object]] = []
        if kept.keys:
            one = f"EXISTS (SELECT 1 FROM json_each(e.keys) k WHERE k.value {listed})"
            parts.append((one, bulk.as_json(sorted(kept.keys))))
        for column, names in (("type_no", kept.types), ("source_no", kept.sources)):
            if names:
                parts.append((f"e.{column} {listed}", bulk.as_json(self._known(names))))
        if kept.since is not None:
            parts.append(("e.time >= ?", kept.since))
        if kept.until is not None:
            parts.append(("e.time < ?", kept.until))
        return " AND ".join(query for query, _ in parts) or "1", tuple(v for _, v in parts)

    def _oldest(self, type: str) -> tuple[str, tuple[object, ...]]:
        """How far back events of a type are shown, by their source and handling class: an
        expression and its values."""
        scope = self._where.scope
        whens, values = "", list[object]()
        apart = [(key, at) for key, at in scope.apart.items() if key[0] == type]
        for (_, source, handling), at in sorted(apart, key=lambda each: each[0][2] is None):
            for number in self._known([source]):
                if handling is None:
                    whens += " WHEN e.source_no = ? THEN ?"
                    values += [number, at]
                for class_no in self._known([handling] if handling else []):
                    whens += " WHEN e.source_no = ? AND e.handling_no = ? THEN ?"
                    values += [number, class_no, at]
        oldest = scope.earliest.get(type, _EVER)
        return (f"CASE{whens} ELSE ? END" if whens else "?"), (*values, oldest)

    def _of_box(self) -> list[_Condition]:
        box = self._where.box
        if box is None:
            return []
        pairs = spans(box)
        either = " OR ".join("e.lon BETWEEN ? AND ?" for _ in pairs)
        degrees = tuple(degree for pair in pairs for degree in pair)
        return [
            _Condition(f"e.lat BETWEEN ? AND ? AND ({either})", (box.south, box.north, *degrees))
        ]

    def _of_keys(self) -> list[_Condition]:
        if not self._where.keys:
            return []
        one = "(e.keys GLOB ? AND EXISTS (SELECT 1 FROM json_each(e.keys) k WHERE k.value GLOB ?))"
        globs = [(glob_within(pattern), glob(pattern)) for pattern in self._where.keys]
        either = " OR ".join([one] * len(globs))
        return [_Condition(f"({either})", tuple(chain.from_iterable(globs)))]

    def _of_text(self) -> list[_Condition]:
        if self._words is None:
            return []
        query = (
            "e.doc IS NOT NULL AND EXISTS"
            " (SELECT 1 FROM event_fts WHERE event_fts MATCH ? AND rowid = e.doc)"
        )
        return [_Condition(query, (self._words,))]


def _listed(column: str, numbers: str, how: str = "IN") -> _Condition:
    return _Condition(f"e.{column} {how} (SELECT value FROM json_each(?))", (numbers,))


def _find(
    database: Database, where: EventFilter, limit: int, connection: sqlite3.Connection
) -> list[RecordedEvent]:
    seqs = _Search(connection, database, where, limit).newest()
    return by_seqs(connection, database.names, seqs)


def _touched(
    database: Database, where: EventFilter, limit: int, connection: sqlite3.Connection
) -> Tally:
    seqs = _Search(connection, database, where, limit).newest()
    return touched(connection, database.names, seqs, placed=where.box is not None)


def _survey(
    database: Database,
    where: EventFilter,
    limit: int,
    counted: int,
    connection: sqlite3.Connection,
) -> Surveyed:
    names = database.names
    seqs = _Search(connection, database, where, max(limit, counted)).newest()
    tallied = seqs if counted else []
    return Surveyed(
        by_seqs(connection, names, seqs[:limit]),
        touched(connection, names, tallied, placed=where.box is not None),
    )


_LATEST = """
SELECT e.* FROM latest l CROSS JOIN event e ON e.seq = l.seq
WHERE l.type_no = ? AND l.time >= ? ORDER BY l.time DESC, l.seq DESC LIMIT ?
"""


def _latest(
    database: Database, type: str, since: Micros, limit: int, connection: sqlite3.Connection
) -> list[RecordedEvent]:
    if not keeps_latest(type):
        return list(islice(_latest_walked(database, type, since, connection), limit))
    type_no = database.names.number(connection, type)
    return select(connection, database.names, _LATEST, (type_no, since, limit))


def _latest_walked(
    database: Database, type: str, since: Micros, connection: sqlite3.Connection
) -> Iterator[RecordedEvent]:
    """For kinds whose latest are not kept: newest first, each subject once."""
    search = _Search(connection, database, EventFilter(types=[type], since=since))
    subjects: set[str] = set()
    for chunk in candidates.chunks(search.matches()):
        for event in by_seqs(connection, database.names, chunk):
            if event.subject is not None and event.subject not in subjects:
                subjects.add(event.subject)
                yield event


class SqliteEventIndex:
    """The ``EventIndex`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, where: EventFilter, limit: int) -> Sequence[RecordedEvent]:
        """The newest ``limit`` matching events, newest first."""
        return await self._database.read(partial(_find, self._database, where, limit))

    async def touched(self, where: EventFilter, limit: int) -> Tally:
        """What the newest ``limit`` matching events are counted by."""
        return await self._database.read(partial(_touched, self._database, where, limit))

    async def survey(self, where: EventFilter, limit: int, counted: int) -> Surveyed:
        """The newest ``limit`` matching events, and what these and others up to ``counted`` are
        counted by."""
        return await self._database.read(partial(_survey, self._database, where, limit, counted))

    async def latest(self, type: str, since: Micros, limit: int) -> Sequence[RecordedEvent]:
        """The newest event of each subject of one type since a time, newest first."""
        return await self._database.read(partial(_latest, self._database, type, since, limit))
