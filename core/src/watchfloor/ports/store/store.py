"""All parts of the store as one."""

from __future__ import annotations

from typing import Any, Protocol

from .alerts import AlertBook
from .approvals import ApprovalBook
from .deeds import Deeds
from .inbox import Inbox
from .index import EventIndex
from .leases import LeaseBook
from .log import DeadLetters, EventLog
from .meter import Meter
from .registers import AssetRegister, GapLedger, Instances, Ledger, MediaShelf
from .requests import RequestBook
from .retention import Holds, Purging, Receipts, Schedules
from .reviews import ReviewBook
from .sessions import HandleBook, LocalAccounts, SessionBook, TokenBook
from .terms import Terms
from .vendor_side import VendorSide


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

    @property
    def leases(self) -> LeaseBook: ...

    @property
    def terms(self) -> Terms: ...

    @property
    def meter(self) -> Meter: ...

    @property
    def schedules(self) -> Schedules: ...

    @property
    def holds(self) -> Holds: ...

    @property
    def purging(self) -> Purging: ...

    @property
    def receipts(self) -> Receipts: ...

    @property
    def requests(self) -> RequestBook: ...

    @property
    def approvals(self) -> ApprovalBook: ...

    @property
    def reviews(self) -> ReviewBook: ...

    @property
    def vendor_side(self) -> VendorSide: ...

    @property
    def sessions(self) -> SessionBook: ...

    @property
    def tokens(self) -> TokenBook: ...

    @property
    def local_accounts(self) -> LocalAccounts: ...

    @property
    def handles(self) -> HandleBook: ...

    async def open(self) -> None:
        """Migrate and start. Raises ``AskAPerson`` when the files cannot be used."""

    async def close(self) -> None:
        """Finish what is in hand and release the files."""

    async def describe(self) -> dict[str, Any]:
        """Engine, version, durability settings, sizes: for ``doctor`` and the benchmarks."""
