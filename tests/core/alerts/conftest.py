"""A hub with alerts only: over the in-memory twin, and (``hub``) over the real store as well."""

import pytest
from alert_hub import BY_INCIDENT, NOON, SHOTS, Hub
from memory_store import MemoryStore

from watchfloor.adapters.clock import SettableClock
from watchfloor.adapters.sqlite import SqliteStore


@pytest.fixture
def clock():
    return SettableClock(NOON)


@pytest.fixture
async def memory_hub(clock):
    return Hub(MemoryStore(clock), clock)


@pytest.fixture
async def sqlite_hub(clock, tmp_path):
    store = SqliteStore(tmp_path / "hub.sqlite", clock)
    await store.open()
    yield Hub(store, clock)
    await store.close()


@pytest.fixture(params=["memory", "sqlite"])
def hub(request):
    """What must hold on both stores."""
    return request.getfixturevalue(f"{request.param}_hub")


@pytest.fixture
async def out(hub):
    """A hub that tells one partner of gunshots and of hits."""
    hub.secret = await hub.channel("partner")
    await hub.rule(SHOTS % BY_INCIDENT)
    await hub.rule("{id: listed, title: Hit, kinds: [read], hot_list: any, notify: [partner]}")
    return hub
