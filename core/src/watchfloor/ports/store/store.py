"""All parts of the store as one."""

from __future__ import annotations

from typing import Any, Protocol

from .alerts import AlertBook
from .deeds import Deeds
from .inbox import Inbox
from .index import EventIndex
from .log import DeadLetters, EventLog
from .registers import AssetRegister, GapLedger, Instances, Ledger, MediaShelf


class Store(Protocol):
    """All of it. One object, one owner of the files, opened and closed by bootstrap."""

    @property
    def log(self) -> EventLog: ...

    @property
    def index(self) -> EventIndex: ...

    @property
    def inbox(self) -> Inbox: ...

    @property
    def dead_letters(self) -> DeadLetters: ...

    @property
    def assets(self) -> AssetRegister: ...

    @property
    def gaps(self) -> GapLedger: ...

    @property
    def instances(self) -> Instances: ...

    @property
    def alerts(self) -> AlertBook: ...

    @property
    def deeds(self) -> Deeds: ...

    @property
    def media(self) -> MediaShelf: ...

    @property
    def ledger(self) -> Ledger: ...

    async def open(self) -> None:
        """Migrate and start. Raises ``AskAPerson`` when the files cannot be used."""

    async def close(self) -> None:
        """Finish what is in hand and release the files."""

    async def describe(self) -> dict[str, Any]:
        """Engine, version, durability settings, sizes: for ``doctor`` and the benchmarks."""
