"""The embedded store, put together."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

from watchfloor.contracts import AskAPerson
from watchfloor.ports.world import Clock

from .alert_book import SqliteAlertBook
from .approvals import SqliteApprovals
from .assets import SqliteAssets
from .criminal_intel import SqliteCriminalIntel
from .database import Database
from .dead_letters import SqliteDeadLetters
from .deeds import SqliteDeeds
from .gaps import SqliteGaps
from .holds import SqliteHolds, SqliteSchedules
from .inbox import SqliteInbox
from .index import SqliteEventIndex
from .instances import SqliteInstances
from .leases import SqliteLeases
from .ledger import SqliteLedger
from .log import SqliteEventLog
from .media import SqliteMedia
from .meter import SqliteMeter
from .migrate import migrate
from .purging import SqlitePurging
from .receipts import SqliteReceipts
from .requests import SqliteRequests
from .reviews import SqliteReviews
from .sessions import SqliteHandles, SqliteLocalAccounts, SqliteSessions, SqliteTokens
from .terms import SqliteTerms
from .vendor_side import SqliteVendorSide

_PRAGMAS = ("journal_mode", "synchronous", "wal_autocheckpoint", "foreign_keys", "page_size")


class SqliteStore:
    """The ``Store`` port on one SQLite file. Media lie beside it."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._database = database = Database(path, clock)
        self.log = SqliteEventLog(database)
        self.index = SqliteEventIndex(database)
        self.inbox = SqliteInbox(database)
        self.dead_letters = SqliteDeadLetters(database)
        self.assets = SqliteAssets(database)
        self.gaps = SqliteGaps(database)
        self.instances = SqliteInstances(database)
        self.alerts = SqliteAlertBook(database)
        self.deeds = SqliteDeeds(database)
        self.media = SqliteMedia(database)
        self.ledger = SqliteLedger(database)
        self.leases = SqliteLeases(database)
        self.terms = SqliteTerms(database)
        self.meter = SqliteMeter(database)
        self.requests = SqliteRequests(database)
        self.approvals = SqliteApprovals(database)
        self.reviews = SqliteReviews(database)
        self.vendor_side = SqliteVendorSide(database)
        self.sessions = SqliteSessions(database)
        self.tokens = SqliteTokens(database)
        self.local_accounts = SqliteLocalAccounts(database)
        self.handles = SqliteHandles(database)

        self.schedules = SqliteSchedules(database)
        self.holds = SqliteHolds(database)
        self.purging = SqlitePurging(database, self.media)
        self.receipts = SqliteReceipts(database)
        self.criminal_intel = SqliteCriminalIntel(database)

    async def open(self) -> None:
        """Migrate and start. Raises ``AskAPerson`` when the files cannot be used."""
        await asyncio.to_thread(self._open)

    async def close(self) -> None:
        """Finish what is in hand and release the files."""
        await asyncio.to_thread(self._database.close)

    async def describe(self) -> dict[str, Any]:
        """Engine, version, durability settings as the writer's connection has them, sizes."""
        described = await self._database.write(_describe)
        described["bytes"] = {
            file.name: file.stat().st_size for file in self._path.parent.glob(f"{self._path.name}*")
        }
        return described

    def _open(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise AskAPerson(
                f"The data directory cannot be made: {error.strerror}.",
                code="disk_error",
                remedy="Name a directory that this user may write to.",
            ) from error
        migrate(self._path)
        self._database.start()


def _describe(connection: sqlite3.Connection) -> dict[str, Any]:
    def one(query: str) -> Any:
        return connection.execute(query).fetchone()[0]

    return {
        "engine": "sqlite",
        "version": sqlite3.sqlite_version,
        "schema": one("SELECT version_num FROM alembic_version"),
        "pragmas": {pragma: one(f"PRAGMA {pragma}") for pragma in _PRAGMAS},
        "events": one("SELECT seq FROM head"),
        "waiting_deliveries": one("SELECT count(*) FROM inbox"),
        "dead_letters": one("SELECT count(*) FROM dead_letter WHERE state = 'waiting'"),
        "assets": one("SELECT count(*) FROM asset"),
        "unfiled_events": one("SELECT seq - min(filed, listed) FROM head"),
    }
