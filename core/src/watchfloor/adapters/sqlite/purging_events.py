"""Deleting events with all that was made of them: in one transaction, so never by half.

An event leaves the log, the key index and the list of key names, the text index, the newest of its
subject, its pictures, and the vendor's page that it came in. A picture that another event shows
goes with the last of them. A page holds its event's neighbours too, so it goes with the first of
them: what the shortest-lived record allows is what counts. Only a hold on one of its events keeps
it, with everything in it, as evidence.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from watchfloor.ports.store import Cursor, Due, Micros, Purged, Seq, Stream
from watchfloor.retention import Held

from . import bulk, receipts
from .cells import cell
from .database import Database
from .filing import keeps_latest
from .fresh_keys import Value
from .holds import in_force
from .keys import CELL, unpacked
from .receipts import Gone

_FIRST = Cursor(-(1 << 62), 0)
_NEXT = """
SELECT * FROM event INDEXED BY event_stream
WHERE source_no = ? AND type_no = ? AND time >= ? AND (time, seq) > (?, ?) AND time < ?
ORDER BY time, seq LIMIT ?
"""
_COLUMNS = (
    "seq, time, id, subject, handling_no, keys, doc, raw_no,"
    " iif(lon IS NULL, NULL, printf('%!.17g', lon)), printf('%!.17g', lat),"
    " instr(body, '\"handle\"') > 0"
)


class _Row(NamedTuple):
    """What deleting an event has to know of it."""

    seq: Seq
    time: Micros
    id: str
    subject: str | None
    handling_no: int
    keys: str | None
    doc: int | None
    raw_no: int | None
    lon: str | None
    lat: str
    has_media: int


def step(
    database: Database, due: Due, after: Cursor | None, limit: int, connection: sqlite3.Connection
) -> Purged:
    """The next ``limit`` events of a stream that have passed the limit: those not held go."""
    source_no = database.names.number(connection, due.stream.source)
    type_no = database.names.number(connection, due.stream.kind)
    time, seq = after or _FIRST
    found = bulk.fetch(
        connection, _COLUMNS, _NEXT, (source_no, type_no, time, time, seq, due.before, limit)
    )
    rows = [_Row(*row) for row in found]
    last = Cursor(rows[-1].time, rows[-1].seq) if len(rows) == limit else None
    rows = _of_classes(database, connection, rows, due.handlings)
    now = database.clock.now()
    held = in_force(connection, now)
    going = _free(connection, due.stream, held, rows)
    if going:
        database.graves.dig(due.stream.source, max(row.time for row in going))
        receipts.note(connection, due, [Gone(row.id, row.time) for row in going], now)
        _delete(database, connection, due.stream, held, going)
    return Purged(len(going), len(rows) - len(going), last)


def _of_classes(
    database: Database,
    connection: sqlite3.Connection,
    rows: list[_Row],
    handlings: Collection[str],
) -> list[_Row]:
    if not handlings:
        return rows
    numbers = {database.names.number(connection, each) for each in handlings}
    return [row for row in rows if row.handling_no in numbers]


_INDEXED = "SELECT min(filed, listed) FROM head"
_OF_ALERTS = """
SELECT DISTINCT part.value FROM alert CROSS JOIN json_each(alert.events) part
WHERE part.value IN (SELECT value FROM json_each(?))
"""


class _Found(NamedTuple):
    """What holds find an event by."""

    seq: Seq
    stream: Stream
    time: Micros
    keys: list[str]


def _free(
    connection: sqlite3.Connection, stream: Stream, held: Held, rows: Iterable[_Row]
) -> list[_Row]:
    """Those that no hold keeps, and that the indexes have whole: others wait for the next run."""
    indexed: Seq = connection.execute(_INDEXED).fetchone()[0]
    kept = _kept(
        connection, held, [_Found(row.seq, stream, row.time, _names(row.keys)) for row in rows]
    )
    return [row for row in rows if row.seq <= indexed and row.seq not in kept]


def _kept(connection: sqlite3.Connection, held: Held, found: Iterable[_Found]) -> set[Seq]:
    """Those that a hold keeps: on them, or on alerts about them, which nothing else finds later."""
    if not held:
        return set()
    kept, asked = set[Seq](), set[Seq]()
    for each in found:
        if held.holds(each.stream, each.time, each.keys):
            kept.add(each.seq)
        elif held.holds(Stream(each.stream.source, "alert"), each.time, each.keys):
            asked.add(each.seq)
    if asked:
        alerted = connection.execute(_OF_ALERTS, (bulk.as_json(asked),)).fetchall()
        kept |= {seq for (seq,) in alerted}
    return kept


def _names(keys: str | None) -> list[str]:
    """``plate:ZZT1234`` and so on, as the row has them."""
    return msgspec.json.decode(keys, type=list[str]) if keys else []


def _delete(
    database: Database,
    connection: sqlite3.Connection,
    stream: Stream,
    held: Held,
    going: Sequence[_Row],
) -> None:
    seqs = bulk.as_json(row.seq for row in going)
    _delete_media(database, connection, stream.source, going)
    _delete_keys(database, connection, going)
    _delete_text(connection, going)
    if keeps_latest(stream.kind):
        _delete_latest(database, connection, stream, going, seqs)
    connection.execute("DELETE FROM event WHERE seq IN (SELECT value FROM json_each(?))", (seqs,))
    _delete_pages(database, connection, held, {row.raw_no for row in going} - {None})


# --- Keys ------------------------------------------------------------------------------------

# SQLite looks up row values of a list by their first column only; a trigger deletes each by its
# whole key, and still it is one statement for all.
_BY_WHOLE_KEY = (
    "CREATE TEMP VIEW IF NOT EXISTS deleted_key AS SELECT * FROM main.event_key",
    "CREATE TEMP TRIGGER IF NOT EXISTS delete_key INSTEAD OF INSERT ON deleted_key BEGIN"
    " DELETE FROM event_key WHERE kind_no = NEW.kind_no AND value = NEW.value"
    " AND time = NEW.time AND seq = NEW.seq; END",
)
_DELETE_KEYS = """
INSERT INTO deleted_key SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?)
"""
_UNUSED = """
SELECT * FROM json_each(?) j WHERE NOT EXISTS (
    SELECT 1 FROM event_key k WHERE k.kind_no = j.value ->> 0 AND k.value = j.value ->> 1
)
"""
_LISTED = "SELECT k.* FROM json_each(?) j CROSS JOIN key k ON k.name = j.value"


def _delete_keys(database: Database, connection: sqlite3.Connection, going: Sequence[_Row]) -> None:
    filed: list[tuple[int, str | int, Micros, Seq]] = []
    used: dict[Value, str] = {}
    for row in going:
        for kind, value in unpacked(row.keys):
            kind_no = database.name_numbers.number(connection, kind)
            filed.append((kind_no, value, row.time, row.seq))
            used[kind_no, value] = f"{kind}:{value}"
        if row.lon is not None:
            at = cell((float(row.lon), float(row.lat)))
            filed.append((CELL, at, row.time, row.seq))
    for statement in _BY_WHOLE_KEY:
        connection.execute(statement)
    connection.execute(_DELETE_KEYS, (bulk.as_json(sorted(filed, key=_in_order)),))
    _delete_names(database, connection, used)


def _in_order(filed: tuple[int, str | int, Micros, Seq]) -> tuple[int, bool, str | int, Micros]:
    """As the index has them: neighbours are on the same page."""
    return filed[0], isinstance(filed[1], str), filed[1], filed[2]


def _delete_names(
    database: Database, connection: sqlite3.Connection, used: dict[Value, str]
) -> None:
    """A plate that no event has any more is not known at all."""
    values = list(used)
    rows = bulk.fetch(connection, "key", _UNUSED, (bulk.as_json(values),))
    fresh = database.fresh_keys.segments
    unused = [
        used[values[index]]
        for (index,) in rows
        if not any(segment.under(values[index]) for segment in fresh)
    ]
    listed = bulk.fetch(connection, "no, name", _LISTED, (bulk.as_json(sorted(unused)),))
    flat = [value for no, name in listed for value in ("delete", no, name.partition(":")[2])]
    bulk.insert(connection, "INSERT INTO key_fts(key_fts, rowid, value)", 3, flat)
    connection.execute(
        "DELETE FROM key WHERE no IN (SELECT value FROM json_each(?))",
        (bulk.as_json(no for no, _ in listed),),
    )


# --- Text, newest, pages, pictures -----------------------------------------------------------


def _delete_text(connection: sqlite3.Connection, going: Sequence[_Row]) -> None:
    docs = bulk.as_json(sorted(row.doc for row in going if row.doc is not None))
    connection.execute(
        "INSERT INTO event_fts(event_fts, rowid, text) SELECT 'delete', t.doc, t.text"
        " FROM json_each(?) j CROSS JOIN event_text t ON t.doc = j.value",
        (docs,),
    )
    connection.execute(
        "DELETE FROM event_text WHERE doc IN (SELECT value FROM json_each(?))", (docs,)
    )


def _delete_latest(
    database: Database,
    connection: sqlite3.Connection,
    stream: Stream,
    going: Sequence[_Row],
    seqs: str,
) -> None:
    """The newest of a subject says how things stand now. What an older event says that a hold
    keeps is evidence, and is not put in its place."""
    connection.execute(
        "DELETE FROM latest WHERE type_no = ? AND subject IN (SELECT value FROM json_each(?))"
        " AND seq IN (SELECT value FROM json_each(?))",
        (
            database.names.number(connection, stream.kind),
            bulk.as_json({row.subject for row in going if row.subject is not None}),
            seqs,
        ),
    )


_ON_PAGES = """
SELECT e.* FROM json_each(?) j CROSS JOIN event e INDEXED BY event_raw ON e.raw_no = j.value
"""


def _delete_pages(
    database: Database, connection: sqlite3.Connection, held: Held, pages: set[Any]
) -> None:
    """The vendor's pages of deleted events, unless an event that is held points into one too."""
    if not pages:
        return
    left = (
        bulk.fetch(
            connection,
            "raw_no, seq, source_no, type_no, time, keys",
            _ON_PAGES,
            (bulk.as_json(sorted(pages)),),
        )
        if held
        else []
    )
    name = database.names.name
    found = [
        _Found(seq, Stream(name(connection, source_no), name(connection, type_no)), time,
               _names(keys))
        for _, seq, source_no, type_no, time, keys in left
    ]  # fmt: skip
    kept = _kept(connection, held, found)
    going = bulk.as_json(sorted(pages - {page for page, seq, *_ in left if seq in kept}))
    connection.execute(
        "UPDATE event INDEXED BY event_raw SET raw_no = NULL"
        " WHERE raw_no IN (SELECT value FROM json_each(?))",
        (going,),
    )
    connection.execute("DELETE FROM raw WHERE no IN (SELECT value FROM json_each(?))", (going,))


_SHELVED = """
SELECT handle FROM media WHERE source = ? AND handle IN (SELECT value FROM json_each(?))
"""
_BUSY = frozenset({"asset", "unit"})
"""Kinds of key that half of all events have."""
_HOUR = 3_600_000_000
_BESIDE = """
WITH beside(seq) AS (
    SELECT k.seq FROM json_each(:keys) j CROSS JOIN event_key k ON k.kind_no = j.value ->> 0
    AND k.value = j.value ->> 1 AND k.time BETWEEN j.value ->> 2 AND j.value ->> 3
    UNION SELECT e.seq FROM event e WHERE e.seq > (SELECT min(filed, listed) FROM head)
)
SELECT e.body FROM beside CROSS JOIN event e ON e.seq = beside.seq
WHERE e.source_no = :source AND e.seq NOT IN (SELECT value FROM json_each(:going))
AND instr(e.body, '"handle"') > 0
"""


def _delete_media(
    database: Database, connection: sqlite3.Connection, source: str, going: Sequence[_Row]
) -> None:
    """Pictures and clips that the events name and none that stays does. Their files follow once
    this stands: their names are noted until then."""
    named = _named(connection, [row for row in going if row.has_media])
    handles = bulk.as_json({handle for row in named for handle in named[row]})
    shelved = {each for (each,) in connection.execute(_SHELVED, (source, handles)).fetchall()}
    if not shelved:
        return
    rows = [row for row in named if not shelved.isdisjoint(named[row])]
    spared = _named_beside(database, connection, source, going, rows)
    gone = connection.execute(
        "DELETE FROM media WHERE source = ? AND handle IN (SELECT value FROM json_each(?))"
        " RETURNING sha256",
        (source, bulk.as_json(sorted(shelved - spared))),
    ).fetchall()
    connection.executemany("INSERT OR IGNORE INTO media_doomed VALUES (?)", gone)


def _named(connection: sqlite3.Connection, rows: Sequence[_Row]) -> dict[_Row, list[str]]:
    """The handles of each."""
    if not rows:
        return {}
    bodies = connection.execute(
        "SELECT seq, body FROM event WHERE seq IN (SELECT value FROM json_each(?))",
        (bulk.as_json(row.seq for row in rows),),
    ).fetchall()
    handles = {seq: _handles(body) for seq, body in bodies}
    return {row: handles[row.seq] for row in rows}


def _named_beside(
    database: Database,
    connection: sqlite3.Connection,
    source: str,
    going: Sequence[_Row],
    rows: Sequence[_Row],
) -> set[str]:
    """Handles that events name which have a key in common with one of ``rows`` and stay: a hit
    shows its read's picture, and each state of a call shows the same ones. What only a camera or
    unit has in common lies within an hour."""
    keys = []
    for row in rows:
        for kind, value in unpacked(row.keys):
            wide = _HOUR if kind in _BUSY else 1 << 62
            kind_no = database.name_numbers.number(connection, kind)
            keys.append((kind_no, value, row.time - wide, row.time + wide))
    bodies = connection.execute(
        _BESIDE,
        {
            "keys": bulk.as_json(keys),
            "source": database.names.number(connection, source),
            "going": bulk.as_json(row.seq for row in going),
        },
    )
    return {handle for (body,) in bodies.fetchall() for handle in _handles(body)}


def _handles(body: bytes) -> list[str]:
    """What pictures of an event are fetched by."""
    data = msgspec.json.decode(body).get("data", {})
    return [each["handle"] for each in data.get("media", ()) if "handle" in each]
