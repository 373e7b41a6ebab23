"""What is particular to SQLite: durability settings, full disks, many rows, threads."""

import asyncio
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_contract import EVENT, FILTER, NOON, Make, check_find

from watchfloor.adapters.clock import SettableClock
from watchfloor.adapters.sqlite import (
    SqliteStore,
    candidates,
    fresh_keys,
    key_index,
    key_list,
    writer,
)
from watchfloor.contracts import AskAPerson
from watchfloor.ports.store import HotList, HotListEntry, NewDelivery


@pytest.fixture
async def store(tmp_path):
    store = SqliteStore(tmp_path / "store.sqlite", SettableClock(NOON))
    await store.open()
    yield store
    await store.close()


async def test_durability_is_read_back_from_the_connection_that_writes(store):
    described = await store.describe()
    assert described["pragmas"]["journal_mode"] == "wal"
    assert described["pragmas"]["synchronous"] == 2, "FULL"
    assert described["pragmas"]["foreign_keys"] == 1
    assert described["pragmas"]["wal_autocheckpoint"] == 20_000
    assert described["bytes"]["store.sqlite"] > 0


async def test_readers_cannot_write(store):
    with pytest.raises(AskAPerson):
        await store._database.read(lambda c: c.execute("INSERT INTO head VALUES (2, 2, 2, 2)"))


def _limit_pages(pages):
    return lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()[0]


async def test_a_full_disk_refuses_whole_calls_and_recovers_by_itself(store):
    """Nothing of a refused call is there; when there is room the same call succeeds."""
    pages = await store._database.write(_limit_pages(1))  # answers what is in use already
    await store._database.write(_limit_pages(pages + 20))
    accepted, number = [], 0
    with pytest.raises(AskAPerson) as full:
        while True:
            events = [Make.read(f"{number}-{n}", body=b"x" * 2000) for n in range(4)]
            await store.log.commit([Make.batch(events, checkpoint=b"%d" % number)])
            accepted += [event.id for event in events]
            number += 1
    assert full.value.code == "disk_full"
    assert full.value.remedy
    assert number > 2
    assert [event.id for event in await store.log.read(0, 1000)] == accepted
    assert await store.log.checkpoint("lpr") == b"%d" % (number - 1)
    with pytest.raises(AskAPerson):
        await store.inbox.accept([NewDelivery("lpr", "{}", b"x" * 100_000)])
    assert list(await store.inbox.waiting("lpr", 0, 10)) == []
    await store._database.write(_limit_pages(1 << 30))
    [committed] = await store.log.commit([Make.batch(events)])
    assert [event.seq for event in committed.recorded] == [len(accepted) + n for n in range(1, 5)]
    assert len(await store.index.find(Make.plate("ZZT1234"), 9999)) == len(accepted) + 4


async def test_small_calls_beside_a_refused_one_still_succeed(store):
    """One call too large for what is left must not take its neighbours in the group along."""
    pages = await store._database.write(_limit_pages(1))
    await store._database.write(_limit_pages(pages + 60))
    large = store.log.commit([Make.batch([Make.read("large", body=b"x" * 500_000)])])
    small = [store.inbox.accept([NewDelivery("lpr", "{}", b"x")]) for _ in range(20)]
    refused, *accepted = await asyncio.gather(large, *small, return_exceptions=True)
    assert isinstance(refused, AskAPerson)
    assert sorted(id for [id] in accepted) == list(range(1, 21))


async def test_another_process_that_holds_the_file_means_retry_later(store, monkeypatch):
    await store._database.write(lambda c: c.execute("PRAGMA busy_timeout = 50").fetchone())
    other = sqlite3.connect(store._path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Exception) as busy:
        await store.log.advance("alerts", 1)
    assert busy.value.code == "store_busy"
    other.execute("ROLLBACK")
    other.close()
    await store.log.advance("alerts", 1)
    assert await store.log.position("alerts") == 1


async def test_a_cancelled_search_stops_and_its_thread_is_free_again(store):
    def endless(connection):
        return connection.execute(
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
        ).fetchone()

    searches = [asyncio.ensure_future(store._database.read(endless)) for _ in range(6)]
    await asyncio.sleep(0.05)
    for search in searches:
        search.cancel()
    async with asyncio.timeout(5):
        assert await store.log.head() == 0


async def test_keys_are_listed_when_nothing_else_is_to_do(store):
    await store.log.commit([Make.batch([Make.read(str(n), f"ZZ{n:04}") for n in range(3000)])])

    def unlisted(connection):
        return connection.execute("SELECT seq - listed FROM head").fetchone()[0]

    async with asyncio.timeout(10):
        while await store._database.read(unlisted):
            await asyncio.sleep(0.02)
    found = await store.index.find(Make.plate("*299*"), 3000)
    assert len(found) == 13
    assert {event.id for event in found} == {f"{n}" for n in range(3000) if "299" in f"{n:04}"}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_every_way_in_agrees_with_a_plain_loop(tmp_path_factory, monkeypatch, data):
    """With tiny limits small examples reach what only millions of events would: intersections,
    streams, text newest first, tests on rows, keys listed and not yet listed."""
    many = data.draw(st.sampled_from([1, 3, 8]))
    monkeypatch.setattr(candidates, "MANY", many)
    monkeypatch.setattr(key_index, "MANY", many)
    monkeypatch.setattr(key_index, "MOST_NAMES", data.draw(st.sampled_from([1, 3])))
    monkeypatch.setattr(key_index, "MOST_CELLS", data.draw(st.sampled_from([2, 5000])))
    monkeypatch.setattr(key_index, "MOST_STREAMS", data.draw(st.sampled_from([1, 10])))
    monkeypatch.setattr(fresh_keys, "SEGMENT", data.draw(st.sampled_from([1, 7, 1 << 60])))
    monkeypatch.setattr(fresh_keys, "_ROWS_PER_EVENT", 0)
    monkeypatch.setattr(fresh_keys, "SLICE", data.draw(st.sampled_from([1, 7])))
    monkeypatch.setattr(candidates, "FEW", data.draw(st.sampled_from([1, 2])))
    monkeypatch.setattr(key_list, "STEP", 7)
    monkeypatch.setattr(writer, "_QUIET_S", 60)
    events = data.draw(st.lists(EVENT, max_size=40))
    filters = data.draw(st.lists(FILTER, min_size=5, max_size=12))
    page = data.draw(st.integers(1, 7))
    slices = data.draw(st.sampled_from([0, 1, 3, 1000]))

    async def run():
        path = tmp_path_factory.mktemp("example") / "store.sqlite"
        store = SqliteStore(path, SettableClock(NOON))
        await store.open()
        try:
            await check_find(store, events, filters, page, lambda: upkeep(store, slices))
        finally:
            await store.close()

    asyncio.run(run())


async def test_an_event_found_by_two_patterns_does_not_hide_another(store, monkeypatch):
    """The limit on candidates counts rows of the index, not events."""
    monkeypatch.setattr(key_index, "MANY", 4)
    events = [Make.read(str(n), f"ZZ{n}", NOON + n) for n in range(4)]
    await store.log.commit([Make.batch(events)])
    await upkeep(store, 100)
    assert len(await store.index.find(Make.plate("ZZ0*", "Z*"), 9)) == 4


async def upkeep(store, slices):
    """What the writer does in idle moments, as far as ``slices`` goes."""
    for _ in range(slices):
        if not await store._database.write(lambda c: store._database.chores(c, True)):
            return


async def test_a_hot_list_of_many_entries_is_replaced_in_one_go(store):
    await store.alerts.put_hot_list(HotList("stolen", "Stolen", "Desk", "why", 5))
    entries = [HotListEntry(f"ZZ{n:06}", "US-LA", None, None) for n in range(100_000)]
    await store.alerts.replace_entries("stolen", entries)
    await store.alerts.replace_entries("stolen", entries[:10])
    [hot_list] = await store.alerts.hot_lists()
    assert hot_list.entries == 10


async def test_media_are_on_disk_by_their_hash(store, tmp_path):
    sha256 = await store.media.put("lpr", "pic-1", b"picture", "image/jpeg")
    assert (tmp_path / "media" / sha256[:2] / sha256).read_bytes() == b"picture"
    assert [file.name for file in (tmp_path / "media" / sha256[:2]).iterdir()] == [sha256]
