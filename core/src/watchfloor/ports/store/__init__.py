"""The ``Store`` port: everything durable, stated by the services that need it.

Times are integers: microseconds since 1970-01-01T00:00:00Z. Points are (longitude, latitude).
One suite of contract tests (``tests/core/ports``) must pass unchanged on every implementation.
All methods raise ``RetryLater`` when the store is busy and ``AskAPerson`` (code ``disk_full``)
when nothing can be written; after either, nothing of the call was written.
"""

from .alerts import Alert, AlertBook, Channel, HotList, HotListEntry, NewOutgoing, Outgoing, Rule
from .deeds import Deed, Deeds
from .inbox import Inbox, NewDelivery, StoredDelivery
from .index import Box, EventFilter, EventIndex, KeyPattern
from .log import (
    Batch,
    Committed,
    DeadLetter,
    DeadLetters,
    DeadStage,
    EventLog,
    Lineage,
    Micros,
    NewDeadLetter,
    NewEvent,
    RawPage,
    RecordedEvent,
    Seq,
)
from .registers import AssetRegister, Gap, GapLedger, Instance, Instances, Ledger, MediaShelf
from .store import Store

__all__ = [
    "Alert",
    "AlertBook",
    "AssetRegister",
    "Batch",
    "Box",
    "Channel",
    "Committed",
    "DeadLetter",
    "DeadLetters",
    "DeadStage",
    "Deed",
    "Deeds",
    "EventFilter",
    "EventIndex",
    "EventLog",
    "Gap",
    "GapLedger",
    "HotList",
    "HotListEntry",
    "Inbox",
    "Instance",
    "Instances",
    "KeyPattern",
    "Ledger",
    "Lineage",
    "MediaShelf",
    "Micros",
    "NewDeadLetter",
    "NewDelivery",
    "NewEvent",
    "NewOutgoing",
    "Outgoing",
    "RawPage",
    "RecordedEvent",
    "Rule",
    "Seq",
    "Store",
    "StoredDelivery",
]
