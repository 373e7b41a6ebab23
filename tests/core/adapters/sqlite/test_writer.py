"""The one writer: groups what waits, answers after the sync, survives what fails."""

import asyncio
import sqlite3
import threading

import pytest

from watchfloor.adapters.sqlite import writer as writer_module
from watchfloor.adapters.sqlite.connection import connect_writer
from watchfloor.adapters.sqlite.writer import Writer
from watchfloor.contracts import AskAPerson, GiveUp, RetryLater


class Watched:
    """A connection that notes what is done on it, and can be held or made to fail at COMMIT."""

    def __init__(self, connection, script):
        self._connection = connection
        self._script = script

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def execute(self, statement, *values):
        self._script.before(statement)
        cursor = self._connection.execute(statement, *values)
        self._script.done.append(statement)
        return cursor


class Script:
    """What happens on the writer's connection."""

    def __init__(self):
        self.done = []
        self.gate = threading.Event()
        self.gate.set()
        self.failures = []

    def before(self, statement):
        if statement == "COMMIT":
            assert self.gate.wait(10)
            if self.failures:
                raise self.failures.pop(0)

    @property
    def commits(self):
        return self.done.count("COMMIT")


def failure(name):
    error = sqlite3.OperationalError(name)
    error.sqlite_errorname = name
    return error


@pytest.fixture
def script():
    return Script()


@pytest.fixture
async def writer(tmp_path, script):
    settled = []

    def connect():
        connection = connect_writer(tmp_path / "w.sqlite")
        connection.execute("CREATE TABLE IF NOT EXISTS t (n INTEGER UNIQUE)")
        return Watched(connection, script)

    writer = Writer(
        connect, lambda stands, rows: settled.append((stands, rows)), lambda connection, idle: False
    )
    writer.start()
    yield writer
    script.gate.set()
    await asyncio.to_thread(writer.close)


def put(n):
    return lambda connection: connection.execute("INSERT INTO t VALUES (?)", (n,)).rowcount


def rows(connection):
    return [n for (n,) in connection.execute("SELECT n FROM t ORDER BY n")]


async def test_the_writers_own_connection_syncs_in_full(writer):
    assert await writer.write(lambda c: c.execute("PRAGMA synchronous").fetchone()[0]) == 2
    assert await writer.write(lambda c: c.execute("PRAGMA journal_mode").fetchone()[0]) == "wal"


async def test_the_answer_comes_only_after_the_commit_has_returned(writer, script):
    """COMMIT with synchronous=FULL returns when the WAL is synced; until then nobody is told."""
    script.gate.clear()
    waiting = asyncio.ensure_future(writer.write(put(1)))
    await asyncio.sleep(0.1)
    assert any(statement.startswith("INSERT") for statement in script.done)
    assert not waiting.done()
    before = script.commits
    script.gate.set()
    await waiting
    assert script.commits > before


async def test_what_waits_together_is_committed_together(writer, script):
    script.gate.clear()
    calls = [asyncio.ensure_future(writer.write(put(n))) for n in range(100)]
    await asyncio.sleep(0.05)
    before = len([s for s in script.done if s == "BEGIN IMMEDIATE"])
    script.gate.set()
    await asyncio.gather(*calls)
    begun = len([s for s in script.done if s == "BEGIN IMMEDIATE"]) - before
    assert begun < 10
    assert await writer.write(rows) == list(range(100))


async def test_one_failing_hurts_no_other_of_its_group(writer, script):
    await writer.write(put(7))
    script.gate.clear()
    blocker = asyncio.ensure_future(writer.write(put(100)))
    await asyncio.sleep(0.02)

    def half(connection):
        put(50)(connection)
        raise GiveUp("not this one")

    works = [put(1), half, put(7), put(2)]
    calls = [asyncio.ensure_future(writer.write(work)) for work in works]
    await asyncio.sleep(0.02)
    script.gate.set()
    await blocker
    first, given_up, doubled, last = await asyncio.gather(*calls, return_exceptions=True)
    assert (first, last) == (1, 1)
    assert isinstance(given_up, GiveUp)
    assert doubled.code == "store_error"
    assert await writer.write(rows) == [1, 2, 7, 100]


async def test_work_cancelled_before_its_turn_is_not_done(writer, script):
    script.gate.clear()
    blocker = asyncio.ensure_future(writer.write(put(1)))
    await asyncio.sleep(0.02)
    cancelled = asyncio.ensure_future(writer.write(put(2)))
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.sleep(0)
    script.gate.set()
    await blocker
    assert await writer.write(rows) == [1]


async def test_a_failed_commit_is_told_and_the_writer_goes_on(writer, script):
    script.failures.append(failure("SQLITE_FULL"))
    with pytest.raises(AskAPerson) as full:
        await writer.write(put(1))
    assert full.value.code == "disk_full"
    assert full.value.remedy
    await writer.write(put(2))
    assert await writer.write(rows) == [2]


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("SQLITE_IOERR_FSYNC", AskAPerson, "disk_error"),
        ("SQLITE_IOERR_SHMSIZE", AskAPerson, "disk_full"),
        ("SQLITE_BUSY_SNAPSHOT", RetryLater, "store_busy"),
        ("SQLITE_CORRUPT", AskAPerson, "store_damaged"),
    ],
)
async def test_errors_say_what_to_do_and_are_recovered_from(writer, script, name, kind, code):
    script.failures.append(failure(name))
    with pytest.raises(kind) as raised:
        await writer.write(put(1))
    assert raised.value.code == code
    await writer.write(put(2))
    assert await writer.write(rows) == [2]


async def test_too_much_waiting_is_refused_at_once(writer, script, monkeypatch):
    monkeypatch.setattr(writer_module, "CAPACITY", 50)
    script.gate.clear()
    calls = [asyncio.ensure_future(writer.write(put(n))) for n in range(200)]
    await asyncio.sleep(0.1)
    refused = [call for call in calls if call.done()]
    assert refused
    assert all(isinstance(call.exception(), RetryLater) for call in refused)
    script.gate.set()
    await asyncio.gather(*calls, return_exceptions=True)
    assert len(await writer.write(rows)) == len(calls) - len(refused)


async def test_closing_finishes_what_waits_and_refuses_what_comes_after(writer, script, tmp_path):
    calls = [asyncio.ensure_future(writer.write(put(n))) for n in range(20)]
    await asyncio.sleep(0)
    await asyncio.to_thread(writer.close)
    await asyncio.gather(*calls)
    with pytest.raises(RetryLater):
        await writer.write(put(99))
    assert rows(sqlite3.connect(tmp_path / "w.sqlite")) == list(range(20))


async def test_a_chore_that_fails_stops_nobody(tmp_path):
    """There is one writer: without it, whoever writes would wait for ever."""
    tried = threading.Event()

    def chores(connection, idle):
        tried.set()
        raise ValueError("a chore")

    writer = Writer(lambda: connect_writer(tmp_path / "w.sqlite"), lambda *_: None, chores)
    writer.start()
    try:
        assert await asyncio.to_thread(tried.wait, 10)
        async with asyncio.timeout(10):
            await writer.write(lambda c: c.execute("CREATE TABLE t (n)"))
            assert await writer.write(put(1)) == 1
    finally:
        await asyncio.to_thread(writer.close)
