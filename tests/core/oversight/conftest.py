"""Oversight on a real audit log and a real store."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from asking import engine
from audit_logs import audit_log
from month_of_work import MONDAY
from overseen import Floor, NobodyAgrees, Purposes, Secrets, person

from watchfloor.access import Door
from watchfloor.adapters.clock import SettableClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.audit import Pace, Sealer
from watchfloor.identity import Role
from watchfloor.oversight import DAY, Oversight
from watchfloor.settings_oversight import OversightSettings


@pytest.fixture
async def floor(tmp_path):
    clock = SettableClock(MONDAY + DAY // 2)
    store = SqliteStore(tmp_path / "store.sqlite", clock)
    await store.open()
    sealer = Sealer(Secrets(), clock)
    settings = OversightSettings(samples=3, teams={"nights": ["ana", "sam"], "days": ["dee"]})
    async with audit_log(tmp_path, clock=clock, pace=Pace(sign_every=1)) as log:
        purposes = Purposes()
        door = Door(engine(), log, sealer, purposes, NobodyAgrees(), clock)
        oversight = Oversight(
            store.reviews, log, sealer, clock, ZoneInfo("America/Chicago"), settings
        )
        yield Floor(clock, log, door, purposes, oversight, store.reviews)
    await store.close()


@pytest.fixture
def ana():
    return person("ana")


@pytest.fixture
def auditor():
    return person("aud", Role.AUDITOR)
