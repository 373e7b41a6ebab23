"""Whoever can write the log's files and has no key: the hub does not go on with what they wrote,
and does not sign it."""

import asyncio
import shutil
import time
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from audit_logs import KEY, NOW, Ticking, audit_log, entry, written
from memory_store import MemorySecrets

from watchfloor.adapters.audit import FileSink, SqliteIndex
from watchfloor.audit import (
    AuditEvent,
    Checkpoint,
    Cosigners,
    Custody,
    Inspector,
    LastHead,
    Note,
    Pace,
    Range,
    Signer,
    Where,
    Witness,
    carries_on,
    decode,
    frames,
)
from watchfloor.audit.reader import Reader
from watchfloor.audit.verify import verify
from watchfloor.contracts import AskAPerson, RetryLater

COPIES = ("audit", "audit-copy")
PACE = Pace(write_s=1, retry_s=0.05, retry_most_s=0.1, diverged_s=0.05)


def contents(folder):
    return [decode(found.entry) for found in frames.frames_from(folder, 0)]


def contents_of(folder):
    return [found.entry for found in frames.frames_from(folder / "audit", 0)]


async def until(true):
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def until_back(log):
    """What is done within must end with a log that takes records."""
    yield
    await until(lambda: log.health.healthy)


@pytest.fixture
def secrets():
    return MemorySecrets()


@pytest.fixture
async def stopped(tmp_path, secrets):
    """A hub that has ended, with 30 records, all signed; no checkpoint is at hand elsewhere."""
    async with audit_log(tmp_path, secrets=secrets) as log:
        for number in range(30):
            await log.record(entry(number))
    return tmp_path


def spoil(folder, change, checkpoints=False, tree=False):
    """In both copies, by somebody who knows the format. ``checkpoints``, ``tree``: leave them."""
    for copy in COPIES:
        path = frames.segment(folder / copy, 0)
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(change(lines)))
        if not checkpoints:
            frames.segment(folder / copy, 0, frames.SIGNED).write_bytes(b"")
    if not tree:
        shutil.rmtree(folder / "audit-index")


def edited(lines):
    found = frames.parse(lines[14].rstrip(b"\n"))
    lines[14], _ = frames.frame(14, found.entry.replace(b'"count":14', b'"count":99'))
    return lines


def deleted(lines):
    """And the rest numbered anew."""
    del lines[14]
    rest = (frames.parse(line.rstrip(b"\n")).entry for line in lines[14:])
    return [*lines[:14], *(frames.frame(n, each)[0] for n, each in enumerate(rest, 14))]


def swapped(lines):
    one, other = (frames.parse(lines[n].rstrip(b"\n")).entry for n in (14, 15))
    lines[14], lines[15] = frames.frame(14, other)[0], frames.frame(15, one)[0]
    return lines


def emptied(lines):
    lines[14] = frames.withheld(14, frames.parse(lines[14].rstrip(b"\n")).leaf)
    return lines


def cut(lines):
    return lines[:14]


async def refused(log):
    with pytest.raises(RetryLater) as caught:
        await log.record(entry(0))
    assert caught.value.code == "audit_unavailable"
    assert "not as it was written" in caught.value.detail


def files(folder):
    return {
        path.name: path.read_bytes()
        for copy in COPIES
        for path in (folder / copy / "records").iterdir()
    }


@pytest.mark.parametrize("tree", [True, False])
@pytest.mark.parametrize("change", [edited, deleted, swapped, emptied, cut])
async def test_a_log_that_was_written_anew_is_not_signed(stopped, secrets, change, tree):
    spoil(stopped, change, tree=tree)
    before = files(stopped)
    async with audit_log(stopped, secrets=secrets) as log:
        assert log.health.diverged
        await refused(log)
        log.note(entry(1))
    assert files(stopped) == before
    known = tree or change in (cut, emptied)
    assert f"from record {14 if known else ''}" in log.health.reason


async def test_a_tree_that_was_made_anew_with_it_is_not_believed(stopped, secrets):
    forged = stopped / "forged"
    forged.mkdir()
    for copy in COPIES:
        shutil.copytree(stopped / copy, forged / copy)
    (forged / "audit-index").mkdir()
    spoil(forged, edited)
    async with audit_log(forged):  # with another keyring, which knows nothing
        pass
    shutil.rmtree(stopped / "audit-index")
    shutil.copytree(forged / "audit-index", stopped / "audit-index")
    spoil(stopped, edited, tree=True)
    async with audit_log(stopped, secrets=secrets) as log:
        assert log.health.diverged


async def test_a_log_that_carries_on_is_gone_on_with(stopped, secrets):
    """Killed after it had signed: what was written since stands."""
    await LastHead(secrets).begin()
    old = dict(secrets.kept)
    async with audit_log(stopped, secrets=secrets) as log:
        await log.record(entry(30))
    secrets.kept = old
    async with audit_log(stopped, secrets=secrets) as log:
        assert log.health.healthy
        assert log.size == 31


async def test_what_was_put_behind_the_end_of_a_hub_that_ended_is_not_signed(stopped, secrets):
    """Nothing was recorded after it: whoever wrote that was no hub."""
    kept = files(stopped)
    forged, _ = frames.frame(30, contents_of(stopped)[-1].replace(b'"SIM-2"', b'"SIM-0"'))
    for copy in COPIES:
        with frames.segment(stopped / copy, 0).open("ab") as file:
            file.write(forged)
    for _ in range(2):
        async with audit_log(stopped, secrets=secrets, pace=PACE) as log:
            assert "from record 30 on" in log.health.reason
            await refused(log)
    async with audit_log(stopped, secrets=secrets, pace=PACE) as log:
        async with until_back(log):
            for copy in COPIES:
                frames.segment(stopped / copy, 0).write_bytes(kept["000000000000.log"])
        await log.record(entry(31))


def put_behind(folder, count=1, copies=COPIES):
    """Records, by somebody who knows the format."""
    last = contents_of(folder)[-1].replace(b'"SIM-2"', b'"SIM-0"')
    for copy in copies:
        with frames.segment(folder / copy, 0).open("ab") as file:
            file.writelines(frames.frame(30 + number, last)[0] for number in range(count))


def put_back(folder, kept):
    for copy in COPIES:
        frames.segment(folder / copy, 0).write_bytes(kept["000000000000.log"])


async def shown(log):
    return [each.index for each in (await log.read(limit=100)).items]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("tree", [True, False])
async def test_what_was_put_behind_is_shown_to_nobody(stopped, secrets, count, tree):
    put_behind(stopped, count)
    if not tree:
        (stopped / "audit-index" / "tree").unlink()
    async with audit_log(stopped, secrets=secrets, pace=PACE) as log:
        await indexed(log)
        assert log.health.diverged
        assert log.size == 30
        assert await shown(log) == []  # nothing was indexed before, and now nothing is
        with pytest.raises(RetryLater):
            await log.proof(29)
    assert (stopped / "audit-index" / "tree").stat().st_size // 32 == 2 * 30 - (30).bit_count()


async def test_it_is_not_copied_into_the_copy_that_holds(stopped, secrets):
    kept = files(stopped)["000000000000.log"]
    put_behind(stopped, copies=["audit-copy"])
    async with audit_log(stopped, secrets=secrets, pace=PACE) as log:
        assert "from record 30 on" in log.health.reason
    assert frames.segment(stopped / "audit", 0).read_bytes() == kept


async def indexed(log):
    """As the log does every second."""
    await log._caught_up()


@pytest.mark.parametrize("count", [1, 3])
async def test_once_it_is_put_back_the_hub_goes_on_for_good(stopped, secrets, count):
    async with audit_log(stopped, secrets=secrets) as log:
        assert len(await shown(log)) == 30
    kept = files(stopped)
    put_behind(stopped, count)
    async with audit_log(stopped, secrets=secrets, pace=PACE) as log:
        await indexed(log)
        assert await shown(log) == [*range(29, -1, -1)]
        async with until_back(log):
            put_back(stopped, kept)
        await goes_on(log)
    async with audit_log(stopped, secrets=secrets, pace=PACE) as log:
        await goes_on(log)
    assert verify(stopped / "audit", [KEY]).holds


async def goes_on(log):
    """What is recorded is found, and nothing sends it down again."""
    since = log.health.since
    receipt = await log.record(entry(40))
    for _ in range(3):
        assert (await shown(log))[0] >= receipt.index
        await log._writer.written()
    assert (await shown(log))[::-1] == list(range(log.size))
    assert (log.health.healthy, log.health.since) == (True, since)


@pytest.mark.parametrize("count", [1, 3])
async def test_an_index_that_took_in_what_was_put_behind_is_made_anew(stopped, secrets, count):
    """The version before indexed it."""
    kept = files(stopped)
    put_behind(stopped, count)
    reader = Reader(
        SqliteIndex(stopped / "audit-index" / "found.sqlite"), [stopped / copy for copy in COPIES]
    )
    await reader.open()
    await reader.catch_up(30 + count)
    await reader.close()
    put_back(stopped, kept)
    async with audit_log(stopped, secrets=secrets, pace=PACE) as log:
        log.note(entry(31))
        await goes_on(log)


async def test_what_an_index_took_in_of_a_log_that_diverged_is_made_anew(stopped, secrets):
    """Somebody else's name on a record as long as the one before it."""
    kept = files(stopped)
    spoil(stopped, renamed)
    async with audit_log(stopped, secrets=secrets, pace=PACE) as log:
        await indexed(log)
        async with until_back(log):
            put_back(stopped, kept)
        page = await log.read(Where(operator="SIM-2"))
        assert 14 in {each.index for each in page.items}


def renamed(lines):
    found = frames.parse(lines[14].rstrip(b"\n"))
    lines[14], _ = frames.frame(14, found.entry.replace(b'"SIM-2"', b'"SIM-1"'))
    return lines


class ReadOnly(MemorySecrets):
    """A keyring that takes nothing while it is ``shut``."""

    shut = False

    async def put(self, instance, name, value):
        if self.shut:
            raise RetryLater("The keyring is away.", code="vault_unreachable")
        await super().put(instance, name, value)


async def test_a_hub_whose_keyring_takes_nothing_takes_no_records_until_it_does(tmp_path):
    """The keyring says still that a hub had ended: what came after that would not be the hub's."""
    secrets = ReadOnly()
    async with audit_log(tmp_path, secrets=secrets) as log:
        await log.record(entry(0))
    secrets.shut = True
    async with audit_log(tmp_path, secrets=secrets) as log:
        with pytest.raises(RetryLater, match="audit"):
            await log.record(entry(1))
        log.note(entry(2))
        assert log.health.reason == "The keyring takes nothing: The keyring is away."
        assert log.size == 1
        secrets.shut = False
        await until(lambda: log.health.healthy)
        await log.record(entry(3))
        kept = [each.entry.event for each in (await log.read(None, None, 10)).items]
        shutil.copytree(tmp_path, tmp_path / "killed")
    assert len(kept) == 4, "with what was noted meanwhile, and that it is back"
    async with audit_log(tmp_path / "killed", secrets=secrets) as log:
        assert (log.health.healthy, log.size) == (True, 4)


async def test_what_is_newer_than_the_keyring_and_signed_is_the_hubs(stopped, secrets):
    """A keyring that was put back to what it was, with the log as it is."""
    old = dict(secrets.kept)
    async with audit_log(stopped, secrets=secrets) as log:
        await log.record(entry(30))
    secrets.kept = dict(old)
    async with audit_log(stopped, secrets=secrets) as log:
        assert (log.health.healthy, log.size) == (True, 31)


async def test_a_key_that_somebody_else_put_there_makes_nothing_the_hubs(stopped, secrets):
    put_behind(stopped)
    other = Signer(KEY.name, bytes(32))
    tree = Range()
    for found in frames.frames_from(stopped / "audit", 0):
        tree.add(found.leaf)
    text = str(Checkpoint(KEY.name, 31, tree.root()))
    for copy in COPIES:
        with (stopped / copy / "keys").open("a") as file:
            file.write(f"{other.verifier}\n")
        with frames.segment(stopped / copy, 0, frames.SIGNED).open("ab") as file:
            file.write(bytes(Note(text, (other.sign(text),))) + b"\n")
    async with audit_log(stopped, secrets=secrets) as log:
        assert "from record 30 on" in log.health.reason


async def test_what_a_hub_wrote_that_was_killed_is_gone_on_with(stopped, secrets):
    async with audit_log(stopped, secrets=secrets) as log:
        await until(lambda: log.health.healthy)
        at_work = dict(secrets.kept)
        await log.record(entry(31))
    secrets.kept = at_work
    async with audit_log(stopped, secrets=secrets) as log:
        assert (log.health.healthy, log.size) == (True, 31)


async def test_checkpoints_that_were_taken_away_are_made_anew(stopped, secrets):
    """The records are those that were signed: nothing is lost by it."""
    spoil(stopped, list)
    async with audit_log(stopped, secrets=secrets) as log:
        assert log.health.healthy
        await until(lambda: log.checkpoint is not None)
    assert verify(stopped / "audit", [KEY]).holds


async def test_it_goes_on_by_itself_when_the_files_are_back(stopped, secrets):
    shutil.copytree(stopped / "audit", stopped / "kept")
    spoil(stopped, edited)
    async with audit_log(stopped, secrets=secrets, pace=PACE) as log:
        assert log.health.diverged
        async with until_back(log):
            for copy in COPIES:
                shutil.rmtree(stopped / copy / "records")
                shutil.copytree(stopped / "kept" / "records", stopped / copy / "records")
        await log.record(entry(30))
        assert not log.health.diverged
    assert verify(stopped / "audit", [KEY]).holds


async def test_a_person_can_have_the_log_taken_as_it_lies_and_that_is_recorded(stopped, secrets):
    spoil(stopped, cut)
    assert (await LastHead(secrets).let_go("robin")).size == 30
    async with audit_log(stopped, secrets=secrets) as log:
        assert log.health.healthy
    [said] = [each for each in contents(stopped / "audit") if each.event == "audit.accepted"]
    assert (said.count, said.more) == (14, {"signed": 30})
    assert (said.operator.id, said.operator.handle) == ("local|robin", "robin")
    async with audit_log(stopped, secrets=secrets) as log:
        page = await log.read(Where(event=AuditEvent.AUDIT_ACCEPTED))
        assert len(page.items) == 1, "once"


async def test_whoever_looks_after_the_log_is_told_for_a_week_also_after_a_restart(
    stopped, secrets
):
    spoil(stopped, cut)
    await LastHead(secrets).let_go("robin")
    clock = Ticking(NOW)
    for _ in range(2):
        async with audit_log(stopped, secrets=secrets, clock=clock) as log:
            keeping = custody(log, clock)
            await until(keeping.troubles)
            [told] = keeping.troubles()
            assert told.code == "audit_accepted"
            assert all(each in told.detail for each in ("30", "14", "robin"))
    clock.advance(7 * 24 * 3600)
    async with audit_log(stopped, secrets=secrets, clock=clock) as log:
        await until(lambda: log.accepted)
        assert custody(log, clock).troubles() == []


async def test_the_newest_that_was_accepted_is_the_one_that_is_told(stopped, secrets):
    """A harmless one first, and the bad one a month later, on a disk that takes its time."""
    clock = Ticking(NOW)
    await LastHead(secrets).let_go("robin")
    async with audit_log(stopped, secrets=secrets, clock=clock) as log:
        await until(lambda: log.accepted)
    clock.advance(30 * 24 * 3600)
    await LastHead(secrets).let_go("casey")
    slow = [Slow(stopped / copy) for copy in COPIES]
    async with audit_log(stopped, secrets=secrets, clock=clock, sinks=slow) as log:
        await until(lambda: log.accepted and log.accepted.operator.handle == "casey")
        assert [each.code for each in custody(log, clock).troubles()] == ["audit_accepted"]


async def test_how_many_were_found_is_known_when_the_copies_are_there(stopped, secrets):
    shutil.rmtree(stopped / "audit-index")
    (stopped / "audit-copy").rename(stopped / "away")
    (stopped / "audit-copy").write_text("no folder")
    await LastHead(secrets).let_go("robin")
    async with audit_log(stopped, secrets=secrets, pace=PACE) as log:
        log.note(entry(77))
        assert not log.health.healthy
        async with until_back(log):
            (stopped / "audit-copy").unlink()
            (stopped / "away").rename(stopped / "audit-copy")
    said = contents(stopped / "audit")[30]
    assert (said.event, said.count, said.more) == ("audit.accepted", 30, {"signed": 30})


class Slow(FileSink):
    """A disk that takes its time."""

    def append(self, first, content):
        time.sleep(0.3)
        super().append(first, content)


async def test_the_head_before_is_known_until_the_record_of_that_stands(tmp_path, secrets):
    """Killed in between, the next start says so; also of a log that has a head of its own."""
    stopped, steady = tmp_path, Pace(sign_every=10, batch=1)
    async with audit_log(stopped, secrets=secrets, pace=steady) as log:
        for number in range(30):
            await log.record(entry(number))
    spoil(stopped, cut, checkpoints=True)
    for copy in COPIES:
        path = frames.segment(stopped / copy, 0, frames.SIGNED)
        path.write_bytes(bytes(frames.checkpoints(stopped / copy, 0)[0]) + b"\n")
    await LastHead(secrets).let_go("robin")
    kept = []
    put = secrets.put

    async def noticed(instance, name, value):
        kept.append([each.event for each in contents(stopped / "audit")])
        await put(instance, name, value)

    secrets.put = noticed
    slow = [Slow(stopped / copy) for copy in COPIES]
    async with audit_log(stopped, secrets=secrets, sinks=slow) as log:
        await until(lambda: kept)
        assert log.health.healthy
    assert all("audit.accepted" in each for each in kept)


async def test_whether_a_log_carries_on_from_a_head_is_told_without_a_hub(stopped, secrets):
    head, _ = await LastHead(secrets).read()
    assert carries_on(stopped / "audit", head)
    spoil(stopped, cut)
    assert not carries_on(stopped / "audit", head)
    shutil.rmtree(stopped / "audit")
    assert not carries_on(stopped / "audit", head)


async def test_without_a_head_there_is_nothing_to_let_go():
    assert await LastHead(MemorySecrets()).let_go("robin") is None


def custody(log, clock):
    witness = Witness(None, None, [], clock, log.note)
    return Custody(
        log, witness, Cosigners(log, [], None, clock), Inspector(log, None, clock), clock
    )


class Away(MemorySecrets):
    async def put(self, instance, name, value):
        raise AskAPerson("The keyring is away.", code="vault_unreachable")


async def test_a_keyring_that_is_away_stops_nobody(tmp_path, caplog):
    async with audit_log(tmp_path, secrets=Away()) as log:
        await log.record(entry(0))
    assert verify(tmp_path / "audit", [KEY]).holds
    assert "is not kept" in caplog.text


# --- While the hub runs ------------------------------------------------------------------------


async def test_a_record_that_cannot_be_read_in_one_copy_is_read_from_the_other(tmp_path):
    async with audit_log(tmp_path) as log:
        for number in range(30):
            await log.record(entry(number))
        await log.read()
        path = frames.segment(tmp_path / "audit", 0)
        path.write_bytes(b"".join(emptied(path.read_bytes().splitlines(keepends=True))))
        page = await log.read(limit=30)
        assert [each.entry.count for each in page.items] == [*range(29, -1, -1)]


async def test_a_record_that_cannot_be_read_at_all_stops_look_ups(tmp_path):
    """An early one, which settling the last files alone would not look at."""
    pace = replace(PACE, segment=2000)
    async with audit_log(tmp_path, pace=pace) as log:
        for number in range(60):
            await log.record(entry(number))
        await log.read()
        kept = {}
        for copy in COPIES:
            path = frames.segment(tmp_path / copy, 0)
            kept[path] = path.read_bytes()
            lines = kept[path].splitlines(keepends=True)
            lines[1] = frames.withheld(1, frames.parse(lines[1].rstrip(b"\n")).leaf)
            path.write_bytes(b"".join(lines))
        with pytest.raises(AskAPerson):
            await log.read(limit=60)
        await until(lambda: "from record 1 on" in log.health.reason)
        assert log.health.diverged
        await refused(log)
        log.note(entry(100))
        async with until_back(log):
            for path, content in kept.items():
                path.write_bytes(content)
        page = await log.read()
        assert 100 in {each.entry.count for each in page.items}, "alerts are recorded later"


async def test_which_record_it_is_is_said_at_once(tmp_path):
    """Who reads by where a record lay meets the next one first."""
    async with audit_log(tmp_path, pace=replace(PACE, diverged_s=3600)) as log:
        for number in range(30):
            await log.record(entry(number))
        await log.read()
        spoil(tmp_path, emptied, checkpoints=True, tree=True)
        with pytest.raises(AskAPerson):
            await log.read()
        await until(lambda: "from record 14 on" in log.health.reason)


async def test_a_record_that_is_sound_after_all_is_gone_on_with(tmp_path):
    """A disk that gave something else once."""
    async with audit_log(tmp_path, pace=replace(PACE, diverged_s=3600)) as log:
        for number in range(30):
            await log.record(entry(number))
        log._writer.mistrust(frames.diverged(tmp_path / "audit", 14))
        await until(lambda: log.health.down_since is not None)
        await log.record(entry(30))


async def test_a_record_that_cannot_be_found_is_no_disk_that_is_away(tmp_path, stopped):
    """Nobody should wait for it to come back by itself."""
    spoil(stopped, emptied)
    reader = Reader(SqliteIndex(tmp_path / "found.sqlite"), [stopped / copy for copy in COPIES])
    await reader.open()
    try:
        with pytest.raises(frames.Diverged) as caught:
            await reader.catch_up(30)
        assert "from record 14 on" in caught.value.detail
    finally:
        await reader.close()


async def test_what_was_acknowledged_and_not_signed_yet_must_be_there_after_an_outage(tmp_path):
    async with audit_log(tmp_path, pace=replace(PACE, sign_s=3600)) as log:
        for number in range(3):
            await log.record(entry(number))
        for copy in COPIES:
            (tmp_path / copy / "records").rename(tmp_path / f"{copy}-away")
        with pytest.raises(RetryLater):
            await log.record(entry(3))
        await until(lambda: log.health.diverged)


async def test_what_a_crash_left_unsigned_is_signed_at_once(tmp_path):
    """Else a hub that starts an hour later had an end that is an hour old."""
    await written(tmp_path, 4, 3)
    for copy in COPIES:
        path = frames.segment(tmp_path / copy, 0, frames.SIGNED)
        path.write_bytes(bytes(frames.checkpoints(tmp_path / copy, 0)[0]) + b"\n")
    async with audit_log(tmp_path, pace=replace(PACE, sign_s=3600)) as log:
        await until(lambda: frames.last_checkpoint(tmp_path / "audit").text.split("\n")[1] == "4")
        assert log.health.healthy
