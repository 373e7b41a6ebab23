"""What all services of a hub stand on."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from watchfloor.adapters.bus import InProcessBus
from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.audit import AuditLog
from watchfloor.ports.world import Clock, Secrets
from watchfloor.settings import HubSettings

from .governance import audit_log
from .keyring import keyring_of

DATABASE = "hub.sqlite"


@dataclass(frozen=True, slots=True)
class Ground:
    """Settings and clock, and what keeps: database, keyring, audit log."""

    data_dir: Path
    settings: HubSettings
    zone: ZoneInfo
    clock: Clock
    store: SqliteStore
    bus: InProcessBus
    secrets: Secrets
    audit: AuditLog


async def ground(data_dir: Path, chosen: HubSettings, stack: contextlib.AsyncExitStack) -> Ground:
    """Open; closed last. Raises ``AskAPerson`` when one of it cannot be used."""
    zone, clock = chosen.zone(), SystemClock()
    store = SqliteStore(data_dir / DATABASE, clock)
    await store.open()
    stack.push_async_callback(store.close)
    bus, secrets = InProcessBus(store.log), keyring_of(data_dir, chosen)
    audit = await audit_log(data_dir, chosen, secrets, clock, stack)
    return Ground(data_dir, chosen, zone, clock, store, bus, secrets, audit)
