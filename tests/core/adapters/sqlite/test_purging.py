"""The purge on SQLite: nothing of what was deleted is left in the files, by any index."""

import dataclasses

import pytest
from store_contract import CALL, NOON, READ, Make

from watchfloor.adapters.clock import SettableClock
from watchfloor.adapters.sqlite import SqliteStore, receipts
from watchfloor.ports.store import Due, NewDeadLetter, RawPage, Stream
from watchfloor.retention import proof_document, proves


@pytest.fixture
async def store(tmp_path):
    store = SqliteStore(tmp_path / "store.sqlite", SettableClock(NOON))
    await store.open()
    yield store
    await store.close()


async def purge(store, kind, source="lpr"):
    await store.purging.settle()
    due, after = Due(Stream(source, kind), NOON + 1000, "default", 0), None
    while (done := await store.purging.step(due, after, 50)).after is not None:
        after = done.after
    while await store.purging.compact():
        pass
    return await store.purging.finish()


def occurrences(tmp_path, words):
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    return {file.name for file in files if words in file.read_bytes()}


async def test_no_byte_of_a_deleted_event_is_left_in_the_files(store, tmp_path):
    """As text, as a key, in the indexes' segments, in the vendor's page, in free pages, in the WAL:
    what a court or a thief could read back."""
    secret = b"ZZSECRET77"
    call = Make.call(
        "c1", "zzsecret77 burglary", keys=(("plate", "ZZSECRET77"),), subject="call/ZZSECRET77",
        body=b'{"data":{"plate":"ZZSECRET77"}}' + b"x" * 9000, pointer="/ZZSECRET77",
    )  # fmt: skip
    page = RawPage(secret + bytes(range(256)), "text/plain", "a" * 64)
    letter = NewDeadLetter("lpr", "record", secret * 400, "invalid", "no", "lpr/1", "1")
    others = [Make.call(f"o{n}", "noise complaint", at=NOON + n) for n in range(300)]
    await store.log.commit([Make.batch([call], raw=page, dead=[letter])])
    await store.log.commit([Make.batch(others)])
    await store.purging.settle()
    assert occurrences(tmp_path, secret)
    assert occurrences(tmp_path, b"zzsecret77")
    await purge(store, CALL)
    await purge(store, "dead-letter")
    assert occurrences(tmp_path, secret) == set()
    assert occurrences(tmp_path, b"secret77") == set(), "nor in the text index"


async def test_every_table_is_empty_again(store):
    """An event leaves no row anywhere but in its receipt and in the dictionary of names."""
    tables = await store._database.read(_counts)
    reads = [Make.read(f"r{n}", plate=f"ZZ{n}", at=NOON + n) for n in range(60)]
    calls = [Make.call(f"c{n}", "hit and run", at=NOON + n, point=(1.0, 2.0)) for n in range(60)]
    page = RawPage(b"page", "text/plain", "a" * 64)
    await store.log.commit([Make.batch([*reads, *calls], raw=page)])
    await purge(store, READ)
    await purge(store, CALL)
    after = await store._database.read(_counts)
    grown = {table for table, count in after.items() if count > tables[table]}
    assert grown == {"name", "stream", "deletion_key", "deletion_receipt", "deletion_leaves"}
    check = await store._database.read(lambda c: c.execute("PRAGMA integrity_check").fetchall())
    assert check == [("ok",)]
    for table in ("event_fts", "key_fts"):
        await store._database.write(
            lambda c, t=table: (
                c.execute(f"INSERT INTO {t}({t}) VALUES ('integrity-check')").rowcount
            )
        )


def _counts(connection):
    shadow = ("_data", "_idx", "_docsize", "_config", "_content")
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return {
        name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
        for (name,) in names
        if not name.endswith((*shadow, "_fts", "_sequence"))
    }


async def test_what_no_index_has_yet_waits_for_the_next_run(store):
    """Its keys are in memory alone, and deleting by half is not deleting."""
    await store.log.commit([Make.batch([Make.read("r1")])])
    due = Due(Stream("lpr", READ), NOON + 1, "default", 0)
    await store._database.write(
        lambda c: c.execute("UPDATE head SET listed = 0, filed = 0").rowcount
    )
    assert (await store.purging.step(due, None, 10)).deleted == 0


async def test_a_long_purge_makes_several_receipts(store, monkeypatch):
    monkeypatch.setattr(receipts, "MOST", 100)
    events = [Make.read(f"r{n}", at=NOON + n) for n in range(250)]
    await store.log.commit([Make.batch(events)])
    await purge(store, READ)
    closed = await store.receipts.list(None, 10)
    assert [each.count for each in closed] == [50, 100, 100]
    for n in (0, 99, 100, 249):
        assert proves(proof_document(await store.receipts.deletion("lpr", f"r{n}")), "lpr", f"r{n}")


async def test_a_receipt_tells_nothing_of_the_ids(store):
    """Who has the receipts and knows an id cannot find out whether it is among them."""
    from watchfloor.retention import commitment, identity

    await store.log.commit([Make.batch([Make.read("ZZT1234-1")])])
    await purge(store, READ)
    [(entries,)] = await store._database.read(
        lambda c: c.execute("SELECT entries FROM deletion_leaves").fetchall()
    )
    guess = identity("lpr", "ZZT1234-1")
    assert commitment(b"", guess) != entries
    deletion = await store.receipts.deletion("lpr", "ZZT1234-1")
    assert commitment(deletion.blind, guess) == entries
    assert b"ZZT1234" not in repr(dataclasses.astuple(deletion.receipt)).encode()
