"""The contract suite: what every ``Store`` and ``Bus`` must do, whatever it is made of.

An implementation joins by adding itself to ``STORES``: a function from (directory, clock) to a
store that is not open yet. Called twice with the same directory it must find what was written.
"""

from __future__ import annotations

import pytest
from store_contract import NOON, Make

from watchfloor.adapters.clock import SettableClock
from watchfloor.adapters.sqlite import SqliteStore

STORES = {"sqlite": lambda directory, clock: SqliteStore(directory / "store.sqlite", clock)}


@pytest.fixture
def make():
    return Make


@pytest.fixture
def clock():
    return SettableClock(NOON)


@pytest.fixture(params=STORES)
def store_maker(request, clock):
    """From a directory to a store of the implementation under test."""
    return lambda directory: STORES[request.param](directory, clock)


@pytest.fixture
async def stores(store_maker, tmp_path):
    """Opens stores on the same files: ``await stores()``. What is open at the end is closed."""
    opened = []

    async def open_store():
        store = store_maker(tmp_path / "data")
        await store.open()
        opened.append(store)
        return store

    yield open_store
    for store in opened:
        await store.close()


@pytest.fixture
async def store(stores):
    return await stores()
