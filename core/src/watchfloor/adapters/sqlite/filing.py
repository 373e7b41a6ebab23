"""Filing a batch: the rows of the log and of everything its events are found by.

Runs on the writer's thread inside its transaction. This is the hot path: no object per event but
the one that is answered, no statement per event.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Sequence

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
_LATEST = """
INSERT INTO latest(type_no, subject, time, seq) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET time = excluded.time, seq = excluded.seq
WHERE (excluded.time, excluded.seq) > (latest.time, latest.seq)
"""


def file_batches(
    database: Database, batches: Sequence[Batch], connection: sqlite3.Connection
) -> list[Committed]:
    """All batches of one call."""
    return [_file(database, connection, batch) for batch in batches]


def _file(database: Database, connection: sqlite3.Connection, batch: Batch) -> Committed:
    now = database.clock.now()
    source_no = database.name_numbers.number(connection, batch.source)
    fresh = _unknown(connection, source_no, batch.events)
    recorded: list[RecordedEvent] = []
    if fresh:
        recorded = _file_events(database, connection, batch, source_no, fresh, now)
    if batch.checkpoint is not None:
        save_checkpoint(connection, source_no, batch.checkpoint)
    inbox.settle(connection, batch.settles)
    dead_letters.file(connection, batch, now)
    return Committed(recorded, len(batch.events) - len(fresh), len(batch.dead))


def save_checkpoint(connection: sqlite3.Connection, source_no: int, body: bytes) -> None:
    """Where a source's worker stands from now on."""
    connection.execute("INSERT OR REPLACE INTO checkpoint VALUES (?, ?)", (source_no, body))


def _unknown(
    connection: sqlite3.Connection, source_no: int, events: Sequence[NewEvent]
) -> list[NewEvent]:
    """The events whose identity is new, each once."""
    if not events:
        return []
    known = {
        row[0]
        for row in connection.execute(
            "SELECT e.id FROM json_each(?) j CROSS JOIN event e INDEXED BY event_identity"
            " ON e.source_no = ? AND e.id = j.value",
            (bulk.as_json(event.id for event in events), source_no),
        )
    }
    fresh = []
    for event in events:
        if event.id not in known:
            known.add(event.id)
            fresh.append(event)
    return fresh


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
    batch: Batch,
    source_no: int,
    events: Sequence[NewEvent],
    now: Micros,
) -> list[RecordedEvent]:
    first = _next_seq(connection, len(events))
    words = {event.type for event in events} | {event.handling for event in events}
    numbers = database.name_numbers.numbers(connection, words | {batch.connector})
    connector_no = numbers[batch.connector]
    raw_no = _keep_raw(connection, batch.raw) if batch.raw else None
    docs = text.file(connection, events, first)
    rows: list[object] = []
    for seq, event in enumerate(events, first):
        lon, lat = event.point or _NOWHERE
        rows += (
            seq, source_no, event.id, numbers[event.type], event.subject, event.time,
            event.observed, now, event.expires, lon, lat, numbers[event.handling],
            connector_no, keys.packed(event.keys), docs.get(seq), raw_no, event.pointer,
            event.changes, event.body,
        )  # fmt: skip
    bulk.insert(connection, _EVENT, _EVENT_WIDTH, rows)
    keys.file(connection, database.name_numbers, database.fresh_keys, events, first)
    _file_streams(connection, source_no, {numbers[event.type] for event in events})
    _file_latest(connection, numbers, events, first)
    return [_recorded(batch.source, seq, event, now) for seq, event in enumerate(events, first)]


def _recorded(source: str, seq: Seq, event: NewEvent, now: Micros) -> RecordedEvent:
    return RecordedEvent(
        seq, source, event.id, event.type, event.subject, event.time, event.observed, now,
        event.point, event.handling, event.body,
    )  # fmt: skip


def _file_streams(connection: sqlite3.Connection, source_no: int, type_nos: set[int]) -> None:
    """Which types come from which source: few pairs, each newest first in an index of its own."""
    for type_no in type_nos:
        connection.execute("INSERT OR IGNORE INTO stream VALUES (?, ?)", (source_no, type_no))


def _file_latest(
    connection: sqlite3.Connection,
    numbers: dict[str, int],
    events: Sequence[NewEvent],
    first: Seq,
) -> None:
    """The newest event of each subject. Not for kinds that are only counted (plate reads): nobody
    asks for the latest read of every plate, and the upserts would cost as much as the log."""
    newest: dict[tuple[int, str], tuple[Micros, Seq]] = {}
    for seq, event in enumerate(events, first):
        if event.subject is not None and keeps_latest(event.type):
            subject = (numbers[event.type], event.subject)
            newest[subject] = max(newest.get(subject, (event.time, seq)), (event.time, seq))
    for (type_no, name), (time, seq) in newest.items():
        connection.execute(_LATEST, (type_no, name, time, seq))


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
