"""The log is really broken: look-ups are refused, alerts go on, what was acknowledged stands."""

import asyncio
import resource
import shutil
import threading
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import pytest
from audit_logs import audit_log, entry

from watchfloor.adapters.audit import FileSink, SqliteIndex
from watchfloor.audit import AuditEvent, Pace, decode, frames
from watchfloor.audit.verify import verify
from watchfloor.contracts import AskAPerson, RetryLater

QUICK = Pace(write_s=1, retry_s=0.05, retry_most_s=0.1)
"""A second is long enough for a disk of a busy machine."""
COPIES = ("audit", "audit-copy")


def contents(folder):
    return [decode(found.entry) for found in frames.frames_from(folder, 0)]


@asynccontextmanager
async def until_back(log):
    """What is done within must end with a log that takes records."""
    yield
    async with asyncio.timeout(20):
        while not log.health.healthy:
            await asyncio.sleep(0.02)


async def until_down(log):
    async with asyncio.timeout(20):
        while log.health.healthy:
            await asyncio.sleep(0.02)


@contextmanager
def no_file_longer_than(size):
    """The system itself refuses to write: as a full disk does, in the middle of a line."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class Hanging(FileSink):
    """A mount that does not come back until it is told to."""

    def __init__(self, folder):
        super().__init__(folder)
        self.free = threading.Event()
        self.free.set()

    def append(self, segment, frames):
        self.free.wait()
        super().append(segment, frames)


async def refused(log, number=0):
    with pytest.raises(RetryLater) as caught:
        await log.record(entry(number))
    assert caught.value.code == "audit_unavailable"


def acknowledged_stand(tmp_path, counts):
    """In both copies, once, and the whole is one log that verifies."""
    for copy in COPIES:
        found = [each.count for each in contents(tmp_path / copy) if each.event == "search.asked"]
        assert [count for count in found if count in counts] == list(counts)
        assert verify(tmp_path / copy).findings == []
    one, other = (frames.segment(tmp_path / copy, 0).read_bytes() for copy in COPIES)
    assert one == other


async def test_a_full_disk(tmp_path):
    """Both copies: a part of the line is written, and then no more. It is cut off again."""
    async with audit_log(tmp_path, pace=QUICK) as log:
        for number in range(5):
            await log.record(entry(number))
        full = frames.segment(tmp_path / "audit", 0).stat().st_size + 100
        with no_file_longer_than(full):
            await refused(log, 5)
            assert not log.health.healthy
            assert log.health.reason
            started = time.perf_counter()
            log.note(entry(100, event=AuditEvent.ALERT_SENT))
            assert time.perf_counter() - started < 0.05
            await refused(log, 6)
        async with until_back(log):
            pass
        await log.record(entry(7))
    acknowledged_stand(tmp_path, [0, 1, 2, 3, 4, 7])
    found = contents(tmp_path / "audit")
    assert [each.count for each in found if each.event == "alert.sent"] == [100]
    [told] = [each for each in found if each.event == "audit.resumed"]
    assert told.more["refused"] == 2


async def test_a_copy_that_hangs(tmp_path):
    """It counts as down after its deadline; what it finishes late is no second record."""
    first, second = FileSink(tmp_path / "audit"), Hanging(tmp_path / "audit-copy")
    async with audit_log(tmp_path, pace=QUICK, sinks=[first, second]) as log:
        await log.record(entry(1))
        second.free.clear()
        started = time.perf_counter()
        await refused(log, 2)
        assert time.perf_counter() - started > QUICK.write_s * 0.9
        await refused(log, 3)
        log.note(entry(100, event=AuditEvent.ALERT_SENT))
        assert [each.entry.count for each in (await log.read()).items] == [1]
        async with until_back(log):
            second.free.set()
        await log.record(entry(4))
    acknowledged_stand(tmp_path, [1, 4])
    found = contents(tmp_path / "audit")
    assert [each.count for each in found if each.event == "alert.sent"] == [100]
    [told] = [each for each in found if each.event == "audit.resumed"]
    assert told.more["unacknowledged"] == [each.count for each in found].count(2) == 1


async def test_what_nobody_waits_for_is_written_once_although_its_write_failed_halfway(tmp_path):
    """One copy took it, the other did not."""
    first, second = FileSink(tmp_path / "audit"), Hanging(tmp_path / "audit-copy")
    async with audit_log(tmp_path, pace=QUICK, sinks=[first, second]) as log:
        second.free.clear()
        for number in range(20):
            log.note(entry(number))
        await until_down(log)
        async with until_back(log):
            second.free.set()
    acknowledged_stand(tmp_path, list(range(20)))


async def test_a_copy_that_is_taken_away(tmp_path):
    """Its open file could still be written to; nobody would find it."""
    async with audit_log(tmp_path, pace=QUICK) as log:
        await log.record(entry(1))
        shutil.rmtree(tmp_path / "audit-copy")
        await refused(log, 2)
        async with until_back(log):
            pass
        await log.record(entry(3))
    acknowledged_stand(tmp_path, [1, 3])


@pytest.mark.parametrize("away", COPIES)
async def test_a_disk_that_is_away_at_the_start(tmp_path, away):
    """The hub starts, alerts go on, and it recovers by itself."""
    (tmp_path / away).write_text("no folder")
    async with audit_log(tmp_path, pace=QUICK) as log:
        await refused(log)
        log.note(entry(9))
        async with until_back(log):
            (tmp_path / away).unlink()
        await log.record(entry(1))
    acknowledged_stand(tmp_path, [9, 1])


async def test_what_is_noted_meanwhile_has_no_disk_looked_at_sooner(tmp_path):
    (tmp_path / "audit-copy").write_text("no folder")
    tries = []

    class Watched(FileSink):
        def open(self):
            tries.append(self.folder)
            return super().open()

    pace = replace(QUICK, retry_s=60, retry_most_s=60, note_s=0.01)
    sinks = [Watched(tmp_path / copy) for copy in COPIES]
    async with audit_log(tmp_path, pace=pace, sinks=sinks) as log:
        before = len(tries)
        for number in range(10):
            log.note(entry(number))
            await asyncio.sleep(0.03)
        assert len(tries) == before


async def test_an_index_that_cannot_be_written_is_told_and_in_nobodys_way(tmp_path):
    async with audit_log(tmp_path, pace=QUICK) as log:
        await log.record(entry(1))
        with no_file_longer_than(1), pytest.raises(AskAPerson) as told:
            await log.read()
        assert told.value.code == "disk_error"


async def test_what_waits_is_written_at_the_end_whatever_became_of_the_index(tmp_path, monkeypatch):
    def fails(_index, _rows):
        raise RuntimeError

    monkeypatch.setattr(SqliteIndex, "add", fails)
    async with audit_log(tmp_path, pace=replace(QUICK, note_s=60)) as log:
        await log.record(entry(1))
        await asyncio.wait([log._tasks[0]])
        log.note(entry(2))
    acknowledged_stand(tmp_path, [1, 2])


async def test_what_had_to_be_left_out_is_counted_in_the_log(tmp_path):
    second = Hanging(tmp_path / "audit-copy")
    pace = replace(QUICK, notes=50)
    async with audit_log(tmp_path, pace=pace, sinks=[FileSink(tmp_path / "audit"), second]) as log:
        second.free.clear()
        for number in range(80):
            log.note(entry(number))
        await until_down(log)
        async with until_back(log):
            second.free.set()
        await log.record(entry(1000))
    found = contents(tmp_path / "audit")
    assert [each.count for each in found if each.event == "audit.left_out"] == [30]
    acknowledged_stand(tmp_path, [*range(50), 1000])


async def test_one_record_that_cannot_be_written_down_stops_no_other(tmp_path):
    async with audit_log(tmp_path, pace=QUICK) as log:
        good = asyncio.create_task(log.record(entry(1)))
        bad = asyncio.create_task(log.record(entry(2, more={"x": object()})))
        also = asyncio.create_task(log.record(entry(3)))
        done = await asyncio.gather(good, bad, also, return_exceptions=True)
    assert [getattr(each, "code", each) for each in done][1] == "bad_audit_record"
    assert (done[0].index, done[2].index) == (0, 1)


async def test_whoever_gives_up_waiting_leaves_the_record(tmp_path):
    async with audit_log(tmp_path) as log:
        task = asyncio.create_task(log.record(entry(1)))
        await asyncio.sleep(0)
        task.cancel()
        await log.record(entry(2))
    acknowledged_stand(tmp_path, [1, 2])


async def test_two_hubs_do_not_write_into_one_folder(tmp_path):
    async with audit_log(tmp_path):
        other = [FileSink(tmp_path / "other"), FileSink(tmp_path / "audit-copy")]
        with pytest.raises(AskAPerson) as caught:
            async with audit_log(tmp_path / "second", sinks=other):
                pass
    assert caught.value.code == "audit_in_use"
