"""A store, a clock that stands still, and the retention of a hub without a schedule."""

import pytest
from store_contract import NOON

from watchfloor.adapters.clock import SettableClock
from watchfloor.adapters.sqlite import SqliteStore


@pytest.fixture
def clock():
    return SettableClock(NOON)


@pytest.fixture
async def store(tmp_path, clock):
    store = SqliteStore(tmp_path / "store.sqlite", clock)
    await store.open()
    yield store
    await store.close()
