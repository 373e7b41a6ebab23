"""The log: durable in both copies, in order, signed, and found again."""

import asyncio
import fcntl
import os
from itertools import pairwise
from pathlib import Path

import pytest
from audit_logs import KEY, NOW, Ticking, audit_log, entry, sinks_in
from memory_store import MemorySecrets

from watchfloor.adapters.clock import SettableClock
from watchfloor.audit import (
    AuditEvent,
    Checkpoint,
    Decision,
    Operator,
    Outcome,
    Pace,
    PurposeRecord,
    Sealed,
    Signer,
    Where,
    decode,
    frames,
    signer_of,
)  # fmt: skip
from watchfloor.audit.notes import signed_by
from watchfloor.audit.tree import check_consistency, leaf_hash
from watchfloor.contracts import GiveUp, NotFound, rfc3339


def on_disk(folder):
    return [decode(found.entry) for found in frames.frames_from(folder, 0)]


async def test_a_receipt_is_given_when_both_copies_have_it(tmp_path):
    async with audit_log(tmp_path) as log:
        receipt = await log.record(entry(1))
        for copy in ("audit", "audit-copy"):
            [found] = frames.frames_from(tmp_path / copy, 0)
            assert (found.index, found.leaf) == (receipt.index, receipt.leaf)
            assert leaf_hash(found.entry) == receipt.leaf
            assert decode(found.entry).id == receipt.id


async def test_a_reader_sees_what_was_noted_before(tmp_path):
    async with audit_log(tmp_path, pace=Pace(note_s=60)) as log:
        log.note(entry(1))
        [found] = (await log.read()).items
        assert found.entry.count == 1


async def test_nobody_else_on_the_machine_reads_it(tmp_path):
    async with audit_log(tmp_path) as log:
        await log.record(entry(1))
    for copy in ("audit", "audit-copy"):
        for path in ((tmp_path / copy), *(tmp_path / copy).rglob("*")):
            assert path.stat().st_mode & 0o077 == 0, path


async def test_it_is_synced_in_both_copies_before_it_is_acknowledged(tmp_path, monkeypatch):
    written, write = [], os.write

    def watched(handle, content):
        flags = fcntl.fcntl(handle, fcntl.F_GETFL)
        written.append((Path(f"/proc/self/fd/{handle}").readlink(), bool(flags & os.O_DSYNC)))
        return write(handle, content)

    async with audit_log(tmp_path) as log:
        monkeypatch.setattr(os, "write", watched)
        await log.record(entry(1))
        seen = list(written)
        monkeypatch.undo()
    for copy in ("audit", "audit-copy"):
        assert seen.count((frames.segment(tmp_path / copy, 0), True)) == 1


async def test_many_at_once_stand_once_each_and_in_the_order_in_which_they_came(tmp_path):
    async with audit_log(tmp_path) as log:
        receipts = await asyncio.gather(*(log.record(entry(n)) for n in range(2500)))
    assert [receipt.index for receipt in receipts] == list(range(2500))
    found = on_disk(tmp_path / "audit")
    assert [each.count for each in found] == list(range(2500))
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert found == on_disk(tmp_path / "audit-copy")


async def test_those_that_wait_share_a_write(tmp_path):
    """Group commit: else a disk's 200 syncs a second would be 200 records a second."""
    written = []

    def counting(sink):
        append = sink.append
        sink.append = lambda segment, content: (written.append(1), append(segment, content))
        return sink

    async with audit_log(tmp_path, sinks=[counting(sink) for sink in sinks_in(tmp_path)]) as log:
        await asyncio.gather(*(log.record(entry(n)) for n in range(500)))
    assert len(written) <= 2 * 3


async def test_the_log_says_when_not_the_caller(tmp_path):
    async with audit_log(tmp_path, clock=SettableClock(NOW)) as log:
        await log.record(entry(at="1999-01-01T00:00:00.000Z", clock="1999-01-01T00:00:00.000Z"))
    [found] = on_disk(tmp_path / "audit")
    assert (found.at, found.clock) == ("2026-11-23T02:00:00.000Z", None)


async def test_a_clock_that_is_set_back_is_told_and_the_order_kept(tmp_path):
    clock = SettableClock(NOW)
    async with audit_log(tmp_path, clock=clock) as log:
        await log.record(entry(1))
        clock.advance(-3600)
        await log.record(entry(2))
        clock.advance(7200)
        await log.record(entry(3))
    first, back, behind, after = on_disk(tmp_path / "audit")
    assert back.event is AuditEvent.CLOCK_SET_BACK
    assert back.more == {"from": first.at, "to": rfc3339(NOW - 3_600_000_000)}
    assert behind.at == back.at == first.at
    assert behind.clock == "2026-11-23T01:00:00.000Z"
    assert (after.at, after.clock) == ("2026-11-23T03:00:00.000Z", None)


async def test_a_clock_that_was_set_back_while_the_hub_was_off_is_told(tmp_path):
    async with audit_log(tmp_path, clock=SettableClock(NOW)) as log:
        await log.record(entry(1))
    async with audit_log(tmp_path, clock=SettableClock(NOW - 60_000_000)) as log:
        await log.record(entry(2))
    assert [each.event for each in on_disk(tmp_path / "audit")][1] is AuditEvent.CLOCK_SET_BACK


async def test_small_steps_back_are_how_clocks_are_kept_right(tmp_path):
    clock = SettableClock(NOW)
    async with audit_log(tmp_path, clock=clock) as log:
        await log.record(entry(1))
        clock.advance(-0.2)
        await log.record(entry(2))
    first, second = on_disk(tmp_path / "audit")
    assert second.at == first.at
    assert second.clock < second.at


async def signed(log, size):
    async with asyncio.timeout(20):
        while log.checkpoint is None or Checkpoint.parse(log.checkpoint.text).size < size:
            await asyncio.sleep(0.02)


async def test_checkpoints_are_signed_by_number_by_time_and_at_the_end(tmp_path):
    async with audit_log(tmp_path, pace=Pace(sign_every=10, sign_s=1)) as log:
        for number in range(10):
            await log.record(entry(number))
        await signed(log, 10)
        await log.record(entry(10))
        assert Checkpoint.parse(log.checkpoint.text).size == 10
        await signed(log, 11)
        await log.record(entry(11))
    for copy in ("audit", "audit-copy"):
        notes = frames.checkpoints(tmp_path / copy, 0)
        assert [Checkpoint.parse(note.text).size for note in notes] == [10, 11, 12]
        assert all(signed_by(note, [KEY]) for note in notes)


async def test_it_carries_on_where_it_was(tmp_path):
    heads = []
    for number in range(3):
        async with audit_log(tmp_path, clock=Ticking(NOW + number * 10**9)) as log:
            assert log.size == number * 7
            for each in range(7):
                await log.record(entry(each))
        heads.append(Checkpoint.parse(log.checkpoint.text))
    async with audit_log(tmp_path, clock=Ticking(NOW + 10**11)) as log:
        tree = log._writer.tree
        for old, new in pairwise(heads):
            proof = tree.consistency(old.size, new.size)
            assert check_consistency(old.size, new.size, proof, old.root, new.root)


@pytest.mark.parametrize("lost", ["tree", "found.sqlite"])
async def test_what_is_made_from_the_log_is_made_again(tmp_path, lost):
    async with audit_log(tmp_path) as log:
        await asyncio.gather(*(log.record(entry(n)) for n in range(30)))
        root = log._writer.tree.root(30)
    for path in (tmp_path / "audit-index").glob(f"{lost}*"):
        path.write_bytes(b"nonsense" * 1000)
    async with audit_log(tmp_path) as log:
        assert log._writer.tree.root(30) == root
        assert len((await log.read(limit=50)).items) == 30


async def test_a_new_file_is_begun_when_one_is_full(tmp_path):
    async with audit_log(tmp_path, pace=Pace(segment=2000, batch=3)) as log:
        await asyncio.gather(*(log.record(entry(n)) for n in range(40)))
        assert len(frames.segments(tmp_path / "audit")) > 4
        assert [one.entry.count for one in (await log.read(limit=40)).items] == [*range(39, -1, -1)]
        (await log.proof(17)).check([KEY])
    async with audit_log(tmp_path, clock=Ticking(NOW + 10**9)) as log:
        receipt = await log.record(entry(40))
        assert receipt.index == 40
    assert [each.count for each in on_disk(tmp_path / "audit-copy")] == list(range(41))


async def test_a_proof_holds_for_whoever_has_the_key(tmp_path):
    async with audit_log(tmp_path) as log:
        receipts = [await log.record(entry(n)) for n in range(20)]
        for receipt in receipts:
            proof = type(await log.proof(0)).parse(bytes(await log.proof(receipt.index)))
            assert proof.check([KEY]).size == 20
            assert leaf_hash(proof.entry) == receipt.leaf
        with pytest.raises(NotFound):
            await log.proof(20)


async def test_a_new_key_is_told(tmp_path):
    other = Signer(KEY.name, bytes(32))
    async with audit_log(tmp_path) as log:
        await log.record(entry())
    async with audit_log(tmp_path, signer=other, clock=Ticking(NOW + 10**9)) as log:
        await log.record(entry())
    assert [str(key) for key in frames.keys(tmp_path / "audit")] == [str(KEY), str(other.verifier)]
    told = [each for each in on_disk(tmp_path / "audit") if each.event == "audit.key_changed"]
    assert [each.more for each in told] == [{"key": str(other.verifier)}]


async def test_the_key_is_made_once():
    secrets = MemorySecrets()
    keys = {str((await signer_of(secrets, KEY.name)).verifier) for _ in range(3)}
    assert len(keys) == 1
    assert str(KEY) not in keys


# --- Reading --------------------------------------------------------------------------------------


def about(number):
    return entry(
        number,
        event=AuditEvent.LOOKUP_ASKED if number % 2 else AuditEvent.SEARCH_ASKED,
        outcome=Outcome.DENIED if number % 5 == 0 else Outcome.DONE,
        operator=Operator(id=f"SIM-{number % 3}"),
        decision=Decision(id=f"d-{number}"),
        purpose=PurposeRecord(code="investigation", case=f"SIM-26-{number % 4}", request="R-26-1"),
        subject=Sealed(kind="plate", month="2026-11", key=f"{number % 6}", box=""),
    )


@pytest.mark.parametrize(
    ("where", "fits"),
    [
        (Where(), lambda n: True),
        (Where(operator="SIM-1"), lambda n: n % 3 == 1),
        (Where(event="lookup.asked"), lambda n: n % 2),
        (Where(outcome="denied"), lambda n: n % 5 == 0),
        (Where(purpose="investigation", request="R-26-1"), lambda n: True),
        (Where(purpose="training"), lambda n: False),
        (Where(case="SIM-26-2", operator="SIM-2"), lambda n: n % 4 == 2 and n % 3 == 2),
        (Where(subject="4"), lambda n: n % 6 == 4),
        (Where(since=rfc3339(NOW + 60_000_000)), lambda n: n >= 60),
        (Where(until=rfc3339(NOW + 60_000_000)), lambda n: n < 60),
        (Where(since=rfc3339(NOW + 10**7), until=rfc3339(NOW + 12 * 10**6)), lambda n: n // 2 == 5),
        (Where(since=rfc3339(NOW + 10**9)), lambda n: False),
        (Where(since="2026-11-23T03:01:00.0001+01:00"), lambda n: n >= 60),
    ],
)  # fmt: skip
async def test_what_fits_is_found_newest_first_page_by_page(tmp_path, where, fits):
    clock = SettableClock(NOW)
    async with audit_log(tmp_path, clock=clock) as log:
        for number in range(100):
            await log.record(about(number))
            clock.advance(1)
        found, before = [], None
        while True:
            page = await log.read(where, before, limit=7)
            found += [(each.index, each.entry.count) for each in page.items]
            before = page.next
            if before is None:
                break
    assert found == [(n, n) for n in reversed(range(100)) if fits(n)]


async def test_a_reader_sees_what_was_just_recorded(tmp_path):
    async with audit_log(tmp_path) as log:
        assert (await log.read()).items == []
        for number in range(5):
            receipt = await log.record(entry(number))
            assert (await log.read(limit=1)).items[0].index == receipt.index


async def test_a_time_that_is_none_is_refused(tmp_path):
    async with audit_log(tmp_path) as log:
        for moment in ("soon", "2026-11-23T03:00:00", "0001-01-01T00:00:00+14:00"):
            with pytest.raises(GiveUp) as caught:
                await log.read(Where(since=moment))
            assert caught.value.code == "bad_parameter"


async def test_pages_do_not_shift_while_records_come(tmp_path):
    async with audit_log(tmp_path) as log:
        for number in range(6):
            await log.record(entry(number))
        first = await log.read(limit=3)
        await log.record(entry(6))
        second = await log.read(before=first.next, limit=3)
        assert [each.index for each in (*first.items, *second.items)] == [5, 4, 3, 2, 1, 0]
