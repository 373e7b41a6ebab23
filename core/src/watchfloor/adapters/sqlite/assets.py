"""What exists and where, as its contract's JSON."""

from __future__ import annotations

import builtins
import sqlite3
from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from watchfloor.contracts import NotFound
from watchfloor.ports.store import Micros

from . import bulk
from .database import Database
from .filing import save_checkpoint

_PUT = "INSERT OR REPLACE INTO asset(source, id, kind, state, seen, body)"
_SET_STATE = (
    "UPDATE asset SET state = :state, body = json_set(body, '$.state', :state)"
    " WHERE state = :was AND "
)
_UNLISTED = _SET_STATE + "source = :source AND id NOT IN (SELECT value FROM json_each(:listed))"
_EXPIRED = _SET_STATE + "seen < :before"


def _put(
    database: Database,
    source: str,
    assets: Sequence[dict[str, Any]],
    complete: bool,
    checkpoint: bytes | None,
    connection: sqlite3.Connection,
) -> int:
    bodies = {asset["id"]: msgspec.json.encode({"state": "present", **asset}) for asset in assets}
    changed = _changed(connection, source, bodies)
    now = database.clock.now()
    rows: list[object] = []
    for asset in assets:
        state = asset.get("state", "present")
        rows += (source, asset["id"], asset["kind"], state, now, bodies[asset["id"]].decode())
    bulk.insert(connection, _PUT, 6, rows)
    if complete:
        parameters = {
            "state": "stale", "was": "present", "source": source, "listed": bulk.as_json(bodies),
        }  # fmt: skip
        changed += connection.execute(_UNLISTED, parameters).rowcount
    if checkpoint is not None:
        save_checkpoint(connection, database.name_numbers.number(connection, source), checkpoint)
    return changed


def _changed(connection: sqlite3.Connection, source: str, bodies: dict[str, bytes]) -> int:
    rows = connection.execute(
        "SELECT a.id, a.body FROM json_each(?) j"
        " CROSS JOIN asset a ON a.source = ? AND a.id = j.value",
        (bulk.as_json(bodies), source),
    )
    same = [name for name, body in rows if body.encode() == bodies[name]]
    return len(bodies) - len(same)


def _all(kinds: Sequence[str], connection: sqlite3.Connection) -> list[dict[str, Any]]:
    where = "AND kind IN (SELECT value FROM json_each(?))" if kinds else ""
    rows = connection.execute(
        f"SELECT body FROM asset WHERE state != 'gone' {where} ORDER BY source, id",
        (bulk.as_json(kinds),) if kinds else (),
    )
    return [msgspec.json.decode(body) for (body,) in rows]


def _get(source: str, id: str, connection: sqlite3.Connection) -> dict[str, Any]:
    row = connection.execute(
        "SELECT body FROM asset WHERE source = ? AND id = ?", (source, id)
    ).fetchone()
    if row is None:
        raise NotFound("There is no such asset.")
    asset: dict[str, Any] = msgspec.json.decode(row[0])
    return asset


def _expire(stale_before: Micros, connection: sqlite3.Connection) -> int:
    parameters = {"state": "gone", "was": "stale", "before": stale_before}
    return connection.execute(_EXPIRED, parameters).rowcount


class SqliteAssets:
    """The ``AssetRegister`` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(
        self,
        source: str,
        assets: Sequence[dict[str, Any]],
        complete: bool,
        checkpoint: bytes | None,
    ) -> int:
        """Add or change; with ``complete`` those of the source not listed become stale."""
        work = partial(_put, self._database, source, list(assets), complete, checkpoint)
        return await self._database.write(work, weight=len(assets))

    async def all(self, kinds: Sequence[str] = ()) -> Sequence[dict[str, Any]]:
        """Every asset that is not gone."""
        return await self._database.read(partial(_all, builtins.list(kinds)))

    async def get(self, source: str, id: str) -> dict[str, Any]:
        """One asset. Raises ``NotFound``."""
        return await self._database.read(partial(_get, source, id))

    async def expire(self, stale_before: Micros) -> int:
        """Stale assets not seen since a time are gone; how many."""
        return await self._database.write(partial(_expire, stale_before))
