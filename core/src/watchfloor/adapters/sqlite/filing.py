"""Filing a batch: the rows of the log and of everything its events are found by.

Runs on the writer's thread inside its transaction. This is the hot path: no object per event but
the one that is answered, no statement per event.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice

from watchfloor.contracts import BY_TYPE
from watchfloor.ports.store import (
    Batch,
    Committed,
    Micros,
    NewEvent,
    RawPage,
    RecordedEvent,
    Seq,
)

from . import bulk, dead_letters, inbox, keys, text
from .database import Database

_EVENT = (
    "INSERT INTO event(seq, source_no, id, type_no, subject, time, observed, recorded, expires,"
    " lon, lat, handling_no, connector_no, keys, doc, raw_no, pointer, changes, body)"
)
_EVENT_WIDTH = 19
_NOWHERE = (None, None)
Numbers = Mapping[str, int]
"""What rows hold instead of names: of sources, types, handling marks, connectors, kinds of key."""
_STREAMS = """
INSERT OR IGNORE INTO stream SELECT value ->> 0, value ->> 1 FROM json_each(?)
"""
_LATEST = """
INSERT INTO latest(type_no, subject, time, seq)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?) WHERE true
ON CONFLICT DO UPDATE SET time = excluded.time, seq = excluded.seq
WHERE (excluded.time, excluded.seq) > (latest.time, latest.seq)
"""


@dataclass(slots=True)
class _Filed:
    """A batch, and what of it is new."""

    batch: Batch
    source_no: int
    fresh: list[NewEvent]
    raw_no: int | None


_recorded = partial(tuple.__new__, RecordedEvent)
"""As ``RecordedEvent._make``, in a third of the time."""


def file_calls(
    database: Database, connection: sqlite3.Connection, calls: Sequence[Sequence[Batch]]
) -> list[list[Committed]]:
    """All batches of all calls, in one go."""
    committed = iter(_file(database, connection, list(chain.from_iterable(calls))))
    return [list(islice(committed, len(call))) for call in calls]


def _file(
    database: Database, connection: sqlite3.Connection, batches: Sequence[Batch]
) -> list[Committed]:
    now = database.clock.now()
    numbers = database.name_numbers.numbers(connection, _names(batches))
    filed = _fresh(database, connection, numbers, batches)
    recorded = iter(_file_events(database, connection, numbers, filed, now))
    for each in filed:
        if each.batch.checkpoint is not None:
            save_checkpoint(connection, each.source_no, each.batch.checkpoint)
        dead_letters.file(connection, each.batch, now)
    inbox.settle(connection, [row for batch in batches for row in batch.settles])
    return [
        Committed(
            list(islice(recorded, len(each.fresh))),
            len(each.batch.events) - len(each.fresh),
            len(each.batch.dead),
        )
        for each in filed
    ]


def _names(batches: Sequence[Batch]) -> set[str]:
    """What stands in rows by number."""
    names = {name for batch in batches for name in (batch.source, batch.connector)}
    for batch in batches:
        names |= {event.type for event in batch.events}
        names |= {event.handling for event in batch.events}
        names |= {kind for event in batch.events for kind, _ in event.keys}
    return names


def save_checkpoint(connection: sqlite3.Connection, source_no: int, body: bytes) -> None:
    """Where a source's worker stands from now on."""
    connection.execute("INSERT OR REPLACE INTO checkpoint VALUES (?, ?)", (source_no, body))


def _fresh(
    database: Database, connection: sqlite3.Connection, numbers: Numbers, batches: Sequence[Batch]
) -> list[_Filed]:
    """The batches with the events whose identity is new, each once. One that was deleted when its
    time was up is not new."""
    known = _known(
        connection,
        [(numbers[batch.source], event.id) for batch in batches for event in batch.events],
    )
    known |= database.graves.known(connection, numbers, batches)
    filed: list[_Filed] = []
    for batch in batches:
        source_no = numbers[batch.source]
        each = _Filed(batch, source_no, [], None)
        for event in batch.events:
            identity = (source_no, event.id)
            if identity not in known:
                known.add(identity)
                each.fresh.append(event)
        if batch.raw and each.fresh:
            each.raw_no = _keep_raw(connection, batch.raw)
        filed.append(each)
    return filed


def _known(
    connection: sqlite3.Connection, identities: Sequence[tuple[int, str]]
) -> set[tuple[int, str]]:
    if not identities:
        return set()
    rows = bulk.fetch(
        connection,
        "source_no, id",
        "SELECT e.source_no, e.id FROM json_each(?) j CROSS JOIN event e INDEXED BY event_identity"
        " ON e.source_no = j.value ->> 0 AND e.id = j.value ->> 1",
        (bulk.as_json(identities),),
    )
    return {(source_no, identity) for source_no, identity in rows}


def _next_seq(connection: sqlite3.Connection, count: int) -> Seq:
    """The first of ``count`` positions, taken for good."""
    row = connection.execute(
        "UPDATE head SET seq = seq + ? RETURNING seq - ? + 1", (count, count)
    ).fetchall()
    first: Seq = row[0][0]
    return first


def _file_events(
    database: Database,
    connection: sqlite3.Connection,
    numbers: Numbers,
    filed: Sequence[_Filed],
    now: Micros,
) -> list[RecordedEvent]:
    events = [event for each in filed for event in each.fresh]
    if not events:
        return []
    first = _next_seq(connection, len(events))
    docs = text.file(connection, events, first)
    rows: list[object] = []
    recorded: list[RecordedEvent] = []
    seq = first
    for each in filed:
        source, source_no, raw_no = each.batch.source, each.source_no, each.raw_no
        connector_no = numbers[each.batch.connector]
        for event in each.fresh:
            (id_, type_, subject, time, observed, expires, point, handling, filed_under, _, body,
             pointer, changes) = event  # fmt: skip
            lon, lat = point or _NOWHERE
            rows += (
                seq, source_no, id_, numbers[type_], subject, time, observed, now, expires,
                lon, lat, numbers[handling], connector_no, keys.packed(filed_under),
                docs.get(seq), raw_no, pointer, changes, body,
            )  # fmt: skip
            recorded.append(_recorded((
                seq, source, id_, type_, subject, time, observed, now, point, handling, filed_under,
                body,
            )))  # fmt: skip
            seq += 1
    bulk.insert(connection, _EVENT, _EVENT_WIDTH, rows)
    keys.file(numbers, database.fresh_keys, events, first)
    _file_streams(connection, numbers, filed)
    _file_latest(connection, numbers, recorded)
    return recorded


def _file_streams(
    connection: sqlite3.Connection, numbers: Numbers, filed: Sequence[_Filed]
) -> None:
    """Which types come from which source: few pairs, each newest first in an index of its own."""
    pairs = {(each.source_no, numbers[event.type]) for each in filed for event in each.fresh}
    connection.execute(_STREAMS, (bulk.as_json(sorted(pairs)),))


def _file_latest(
    connection: sqlite3.Connection, numbers: Numbers, recorded: Sequence[RecordedEvent]
) -> None:
    """The newest event of each subject. Not for kinds that are only counted (plate reads): nobody
    asks for the latest read of every plate, and the upserts would cost as much as the log."""
    kept = {event.type for event in recorded if keeps_latest(event.type)}
    newest: dict[tuple[int, str], tuple[Micros, Seq]] = {}
    for event in recorded if kept else ():
        if event.subject is not None and event.type in kept:
            subject, at = (numbers[event.type], event.subject), (event.time, event.seq)
            newest[subject] = max(newest.get(subject, at), at)
    if newest:
        rows = [(*subject, *at) for subject, at in newest.items()]
        connection.execute(_LATEST, (bulk.as_json(rows),))


def keeps_latest(type: str) -> bool:
    """Whether the newest event of each subject of this type has a table of its own."""
    kind = BY_TYPE.get(type)
    return kind is None or not kind.personal


def _keep_raw(connection: sqlite3.Connection, raw: RawPage) -> int:
    """The number of a page, stored once by its hash."""
    digest = bytes.fromhex(raw.sha256)
    row = connection.execute("SELECT no FROM raw WHERE sha256 = ?", (digest,)).fetchone()
    if row is not None:
        return int(row[0])
    packed = zlib.compress(raw.body, 1)
    helps = len(packed) < len(raw.body)
    cursor = connection.execute(
        "INSERT INTO raw(sha256, content_type, packed, body) VALUES (?, ?, ?, ?)",
        (digest, raw.content_type, helps, packed if helps else raw.body),
    )
    return int(cursor.lastrowid or 0)


def unpack(content_type: str, sha256: bytes, packed: int, body: bytes) -> RawPage:
    """A stored page as it came."""
    return RawPage(zlib.decompress(body) if packed else body, content_type, sha256.hex())
