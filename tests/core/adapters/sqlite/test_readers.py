"""Reader threads: whoever waits for a quiet moment gets one, or goes on all the same."""

import asyncio
import threading

import pytest

from watchfloor.adapters.sqlite.connection import connect_writer
from watchfloor.adapters.sqlite.readers import Readers


@pytest.fixture
def readers(tmp_path):
    path = tmp_path / "store.sqlite"
    connect_writer(path).close()
    readers = Readers(path)
    yield readers
    readers.close()


@pytest.fixture
def end():
    """Lets the searches of a test end, whatever became of it."""
    event = threading.Event()
    yield event
    event.set()


async def test_it_is_quiet_when_the_last_search_has_ended(readers, end):
    searches = [asyncio.create_task(readers.read(lambda _: end.wait(60))) for _ in range(2)]
    await asyncio.sleep(0)
    waiting = asyncio.create_task(readers.quiet(60))
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done
    end.set()
    await asyncio.gather(*searches)
    await asyncio.wait_for(waiting, 10)
    await readers.quiet(0)


async def test_where_somebody_always_searches_it_goes_on(readers, end):
    search = asyncio.create_task(readers.read(lambda _: end.wait(60)))
    await asyncio.sleep(0)
    await asyncio.wait_for(readers.quiet(0.01), 10)
    assert not search.done()
    end.set()
    await search
