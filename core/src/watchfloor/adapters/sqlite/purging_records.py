"""Deleting the hub's other records: what could not be accepted, webhooks not mapped, alerts, the
bodies of deliveries, who opened which alert's context, entries of hot lists that have expired, what
requests, deeds and questions to a second person say in words, and rows of vendors' own logs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from watchfloor.ports.store import PROBLEM, UNJUDGED, Cursor, Due, Micros, Purged, Seq, Stream
from watchfloor.retention import Held

from . import bulk, hot_lists, receipts, requests
from .database import Database
from .events import by_seqs
from .holds import in_force
from .receipts import Gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """How one kind of record is found and deleted, in pieces of statements. ``rows`` is what
    follows ``FROM``; its one parameter is the source's name."""

    rows: str
    time: str
    """The clock that its retention goes by."""
    delete: Callable[[sqlite3.Connection, str], object]
    """Gets a JSON list of ``place``."""
    place: str = "id"
    """An integer that finds it again."""
    id: str = "id"
    """What a receipt's proof calls it."""
    events: str = "NULL"
    """The log positions that it is about: it is held where one of them is."""
    keys: str = "''"
    """What it is about by itself, a line each (``plate:ZZT1234``): it is held where a hold names
    that."""
    order: str = "time, place"
    """The order of deletion, that of an index; below it the values of the last one."""
    last: str = "?2, ?3"

    @property
    def step(self) -> str:
        """The next due rows."""
        return (
            f"SELECT {self.place} AS place, {self.time} AS time, {self.id} AS name,"
            f" {self.events} AS events, {self.keys} AS keys FROM {self.rows}"
            f" AND ({self.order}) > ({self.last}) AND {self.time} < ?4"
            f" ORDER BY {self.order} LIMIT ?5"
        )


def _by_id(statement: str) -> Callable[[sqlite3.Connection, str], object]:
    return lambda connection, ids: connection.execute(
        f"{statement} IN (SELECT value FROM json_each(?))", (ids,)
    )


_BARE = f"""
SELECT id FROM alert WHERE title <> '' AND dedupe NOT GLOB '{PROBLEM}*'
    AND dedupe NOT GLOB '{UNJUDGED}*' AND NOT EXISTS
    (SELECT 1 FROM json_each(alert.events) part JOIN event e ON e.seq = part.value)
"""
_STRIKE = """
UPDATE alert SET title = '', reason = '', point = NULL, dedupe = '', history = (
    SELECT json_group_array(json_set(entry.value, '$.note', ''))
    FROM json_each(alert.history) entry
) WHERE id IN (SELECT value FROM json_each(?))
"""


def bare_alerts(connection: sqlite3.Connection) -> list[int]:
    """Those that still say something of events, of which none is kept any more."""
    return [alert for (alert,) in connection.execute(_BARE).fetchall()]


def strike(connection: sqlite3.Connection, alerts: Sequence[int]) -> None:
    """Leave of alerts that they were raised, when, by which rule, and who did what then."""
    connection.execute(_STRIKE, (bulk.as_json(alerts),))


def _delete_alerts(connection: sqlite3.Connection, ids: str) -> None:
    _by_id("DELETE FROM outgoing WHERE alert")(connection, ids)
    _by_id("DELETE FROM alert WHERE id")(connection, ids)


_ENTRY = f"edition << {hot_lists.PLACE} | no"
_LAST_ENTRY = f"?3 >> {hot_lists.PLACE}, ?3 & {(1 << hot_lists.PLACE) - 1}"
_ENTRY_NAME = """
(SELECT hot_list FROM hot_list_edition e WHERE e.no = edition) || '/' || plate
"""
_NUMBERS = """
'call:' || coalesce(call_number, '') || char(10) || 'report:' || coalesce(case_number, '')
"""

REGISTERS: Mapping[str, Register] = {
    "dead-letter": Register(
        rows="dead_letter WHERE source = ?",
        time="received",
        delete=_by_id("DELETE FROM dead_letter WHERE id"),
    ),
    "inbox": Register(
        rows="inbox WHERE source_no = (SELECT no FROM name WHERE name = ?)",
        time="received",
        delete=_by_id("DELETE FROM inbox WHERE id"),
    ),
    "alert": Register(
        rows="alert WHERE ? = ''", time="raised", delete=_delete_alerts, events="events"
    ),
    "delivery": Register(
        rows="outgoing WHERE ? = '' AND body != x''",
        time="created",
        delete=_by_id(
            "UPDATE outgoing SET body = x'', state = iif(state = 'waiting', 'given_up', state),"
            " error = iif(state = 'waiting', 'Its time was up.', error) WHERE id"
        ),
    ),
    "context-note": Register(
        rows="note WHERE ? = '' AND kind = 'context_opened'",
        time="at",
        delete=_by_id("DELETE FROM note WHERE id"),
    ),
    "hot-list-entry": Register(
        rows="hot_list_entry WHERE ? = ''",
        time="expires",
        delete=hot_lists.drop,
        place=_ENTRY,
        id=_ENTRY_NAME,
        keys="'plate:' || plate",
        order="edition, no",
        last=_LAST_ENTRY,
    ),
    "request": Register(
        rows="request WHERE ? = ''",
        time="texts_since",
        delete=requests.empty,
        place="rowid",
        keys=_NUMBERS,
    ),
    "deed": Register(
        rows="deed WHERE source = ? AND outcome IS NOT NULL AND parameters <> '{}'",
        time="asked",
        delete=_by_id("UPDATE deed SET parameters = '{}', detail = NULL WHERE rowid"),
        place="rowid",
    ),
    "approval": Register(
        rows="approval WHERE ? = '' AND what || why || note || shown <> ''",
        time="asked",
        delete=_by_id("UPDATE approval SET what = '', why = '', note = '', shown = '' WHERE rowid"),
        place="rowid",
    ),
    "vendor-look": Register(
        rows="vendor_look WHERE source = ?",
        time="at",
        delete=_by_id("DELETE FROM vendor_look WHERE rowid"),
        place="rowid",
        keys="'report:' || coalesce(case_number, '')",
    ),
}
"""An entry that never expires stays until its list is replaced; a million entries are gone through
in the order in which they lie."""
_OF_SOURCES = ("dead-letter", "inbox", "deed", "vendor-look")
_OWN = [kind for kind in REGISTERS if kind not in _OF_SOURCES]


def streams(connection: sqlite3.Connection) -> list[Stream]:
    """Records that there may be: those of sources by source, the others once each."""
    found = connection.execute(
        "SELECT DISTINCT source, 'dead-letter' FROM dead_letter UNION"
        " SELECT DISTINCT source, 'deed' FROM deed UNION"
        " SELECT DISTINCT source, 'vendor-look' FROM vendor_look UNION"
        " SELECT n.name, 'inbox' FROM name n WHERE n.no IN (SELECT source_no FROM inbox)"
    ).fetchall()
    return [*(Stream(*row) for row in found), *(Stream("", kind) for kind in _OWN)]


def count(due: Due, at_most: int, connection: sqlite3.Connection) -> int:
    """How many are due, held ones among them."""
    register = REGISTERS[due.stream.kind]
    query = f"SELECT 1 FROM {register.rows} AND {register.time} < ? LIMIT ?"
    found: int = connection.execute(
        f"SELECT count(*) FROM ({query})", (due.stream.source, due.before, at_most)
    ).fetchone()[0]
    return found


def step(
    database: Database, due: Due, after: Cursor | None, limit: int, connection: sqlite3.Connection
) -> Purged:
    """The next ``limit`` records that have passed the limit: those not held go."""
    register = REGISTERS[due.stream.kind]
    time, place = after or Cursor(-(1 << 62), -1)
    rows = bulk.fetch(
        connection,
        "place, time, name, events, keys",
        register.step,
        (due.stream.source, time, place, due.before, limit),
    )
    last = Cursor(rows[-1][1], rows[-1][0]) if len(rows) == limit else None
    now = database.clock.now()
    held = in_force(connection, now)
    going = [
        _Due(place, Gone(str(name), at))
        for place, at, name, events, keys in rows
        if not (held and _is_held(database, connection, held, due.stream, at, events, keys))
    ]
    if going:
        receipts.note(connection, due, [each.gone for each in going], now)
        register.delete(connection, bulk.as_json(each.place for each in going))
    return Purged(len(going), len(rows) - len(going), last)


class _Due(NamedTuple):
    place: int
    gone: Gone


def _is_held(
    database: Database,
    connection: sqlite3.Connection,
    held: Held,
    stream: Stream,
    at: Micros,
    events: str | None,
    keys: str,
) -> bool:
    """By source and time, by its own keys; and where an event that it is about is held, or would be
    if it were of this record's kind: a hold on alerts finds them by their events."""
    if held.holds(stream, at, keys.splitlines()):
        return True
    seqs: list[Seq] = msgspec.json.decode(events) if events else []
    found = by_seqs(connection, database.names, seqs) if seqs else []
    return any(
        held.holds(Stream(each.source, kind), each.time, [":".join(key) for key in each.keys])
        for each in found
        for kind in (each.type, stream.kind)
    )
