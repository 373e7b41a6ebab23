"""What was put in comes out, or nobody is told that it is well."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import audit_logs
import pytest
from backed_up import NOON, written

from watchfloor.adapters import backup as backups
from watchfloor.adapters.audit import FileSink
from watchfloor.adapters.keyring_file import KEYRING, SealedKeyring
from watchfloor.audit import Pace
from watchfloor.contracts import AskAPerson, Refused, RetryLater

pytestmark = pytest.mark.usefixtures("code")

DAY = 24 * 3600 * 1_000_000


@pytest.fixture
def taken(place, folder, code):
    written(place, [b"one", b"two"])
    return Path(backups.take(place, folder, NOON).file)


def contents(folder):
    """Every file, but for the backups' own and what is only there while it runs."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] != "backup"
    }


def elsewhere(place, name="new"):
    return backups.Place(place.data_dir.with_name(name), place.database, place.connectors)


def test_what_the_keyring_knows_of_the_log_is_never_more_than_the_backup_has(place):
    """The hub goes on: it writes records, signs them, and then keeps the head."""
    first, *others = place.files()
    assert first == place.data_dir / KEYRING / "credentials"
    order = [path.suffix for path in others if path.suffix in (".log", ".signed")]
    assert order == [".signed", ".signed", ".log", ".log"]


def test_records_that_came_after_their_checkpoints_are_no_damage(place, folder, keys):
    """Of a log that grew for minutes while it was copied."""
    for folder in place.audit_logs():
        for path in (folder / "records").glob("*.signed"):
            path.write_bytes(b"")
    taken = backups.take(place, folder, NOON)
    assert backups.checked(place, Path(taken.file), keys.all(), NOON).parts


def test_a_restored_hub_has_all_that_the_hub_had(place, keys, taken, tmp_path):
    new = elsewhere(place)
    manifest = backups.restore(new, taken, keys.all(), NOON)
    before, after = contents(place.data_dir), contents(new.data_dir)
    assert set(after) == {
        name for name in before
        if not name.startswith(("connectors/", "work/", "run.json", "hub.sqlite-"))
    }  # fmt: skip
    for name in after.keys() - {"hub.sqlite", "audit-index/found.sqlite"}:
        assert after[name] == before[name], name
    with closing(sqlite3.connect(new.data_dir / "hub.sqlite")) as restored:
        rows = restored.execute("SELECT raw FROM dead_letter ORDER BY id").fetchall()
    assert rows == [(b"one",), (b"two",)]
    assert manifest.counts.dead_letters == 2
    assert [(one.connector, one.version) for one in manifest.connectors] == [("lpr-rest", "0.2.0")]
    kept = SealedKeyring(new.data_dir / "secrets" / "credentials").get_password("a", "b")
    assert kept == "synthetic-secret"
    assert (new.data_dir.stat().st_mode & 0o777) == 0o700


def test_nothing_of_it_can_be_read_without_the_key(taken):
    """Neither names nor content."""
    text = taken.read_bytes()
    for word in (b"hub.toml", b"ex-pd", b"SQLite", b"synthetic", b"lpr-rest"):
        assert word not in text
    assert taken.stat().st_mode & 0o777 == 0o600


def test_it_is_taken_while_others_write_and_is_one_moment(place, keys, folder):
    """A writer commits pairs all the time: of none is the half in the backup."""
    written(place, [bytes(4000)] * 2000)  # some room, so that copying takes longer than a commit
    stop, commits = threading.Event(), []

    def write():
        while not stop.is_set():
            written(place, [b"first", b"second"])
            commits.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(commits) < 3:
            pass
        before = len(commits)
        file = Path(backups.take(place, folder, NOON).file)
        after = len(commits)
    finally:
        stop.set()
        writer.join()
    assert after > before, "nobody was stopped by it"
    manifest = backups.restore(elsewhere(place), file, keys.all(), NOON)
    with closing(sqlite3.connect(place.data_dir.with_name("new") / "hub.sqlite")) as restored:
        counted = dict(restored.execute("SELECT raw, count(*) FROM dead_letter GROUP BY raw"))
    assert counted[b"first"] == counted[b"second"]
    assert before <= counted[b"first"] <= after + 1
    assert manifest.counts.dead_letters == 2000 + 2 * counted[b"first"]


def test_no_copy_in_clear_is_left(place, folder, taken):
    assert {path.name for path in place.own.iterdir()} == {
        "keys", "keys.key", "keys.lock", "lock", "register.json",
    }  # fmt: skip
    assert [path.name for path in folder.iterdir()] == [taken.name]


def test_a_verified_backup_is_noted_as_such(place, keys, taken):
    assert [one.verified for one in backups.Register(place.own).all()] == [None]
    manifest = backups.checked(place, taken, keys.all(), NOON + DAY)
    assert manifest.counts.dead_letters == 2
    [noted] = backups.Register(place.own).all()
    assert (noted.file, noted.verified) == (str(taken), "2026-05-03T12:00:00.000Z")
    assert not (place.own / "work").exists(), "no drill is left lying about"


def test_one_changed_bit_is_noticed_wherever_it_is(place, keys, taken):
    whole = taken.read_bytes()
    for where in (0, 0.002, 0.3, 0.6, 0.999):
        content = bytearray(whole)
        content[int(len(content) * where)] ^= 1
        taken.write_bytes(content)
        with pytest.raises(AskAPerson) as refused:
            backups.checked(place, taken, keys.all(), NOON)
        assert refused.value.code in ("backup_damaged", "backup_key_missing")
    assert [one.verified for one in backups.Register(place.own).all()] == [None]


@pytest.mark.parametrize("change", ["cut", "cut at a piece", "more", "pieces exchanged", "empty"])
def test_pieces_that_are_missing_moved_or_added_are_noticed(place, keys, folder, change):
    piece = 1024 * 1024 + 16
    media = place.data_dir / "media" / "noise"
    media.write_bytes(__import__("os").urandom(3 * piece))
    file = Path(backups.take(place, folder, NOON).file)
    content = file.read_bytes()
    start = content.index(b"\n", content.index(b"\n") + 1) + 1
    file.write_bytes({
        "cut": content[:-1],
        "cut at a piece": content[: start + piece],
        "more": content + content[start : start + piece],
        "pieces exchanged": content[:start] + content[start + piece : start + 2 * piece]
        + content[start : start + piece] + content[start + 2 * piece :],
        "empty": b"",
    }[change])  # fmt: skip
    with pytest.raises(AskAPerson) as refused:
        backups.checked(place, file, keys.all(), NOON)
    assert refused.value.code == "backup_damaged"


def test_a_database_that_is_not_sound_is_no_backup(place, keys, folder):
    """What was broken before it was put in is found by the drill, not in the need."""
    written(place, [bytes(4000)] * 200)
    path = place.data_dir / "hub.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[4096 * 60 : 4096 * 61] = bytes(4096)
    path.write_bytes(content)
    file = Path(backups.take(place, folder, NOON).file)
    with pytest.raises(AskAPerson) as refused:
        backups.checked(place, file, keys.all(), NOON)
    assert refused.value.code in ("backup_damaged", "store_damaged")


def test_an_audit_log_that_was_changed_is_found_by_the_drill(place, keys, folder):
    [log] = (place.data_dir / "audit-copy" / "records").glob("*.log")
    log.write_bytes(log.read_bytes().replace(b"SIM-1", b"SIM-2", 1))
    file = Path(backups.take(place, folder, NOON).file)
    with pytest.raises(AskAPerson, match="audit-copy") as refused:
        backups.checked(place, file, keys.all(), NOON)
    assert refused.value.code == "backup_damaged"


async def test_the_audit_log_is_whole_though_records_are_written_meanwhile(place, keys, folder):
    """No half of a record, and no checkpoint of records that are not there."""
    stop = asyncio.Event()

    async def write():
        pace = Pace(sign_every=3, batch=1, sign_s=3600)
        async with audit_logs.audit_log(place.data_dir, pace=pace) as log:
            while not stop.is_set():
                await log.record(audit_logs.entry())

    writing = asyncio.create_task(write())
    try:
        for number in range(2):
            taken = await asyncio.to_thread(backups.take, place, folder, NOON + number * 1_000_000)
            await asyncio.to_thread(backups.checked, place, Path(taken.file), keys.all(), NOON)
    finally:
        stop.set()
        await writing


@pytest.mark.parametrize("lost", [True, False])
async def test_the_second_copy_on_another_disk_is_whole_when_the_restored_hub_starts(
    place, keys, folder, tmp_path, lost
):
    """It is in no backup. Where its disk was lost, it is made anew; where it was not, it gives back
    what was recorded since the backup."""
    other_disk = tmp_path / "other-disk"
    (place.data_dir / "audit-copy").rename(other_disk)
    taken = Path(backups.take(place, folder, NOON).file)
    async with audit_logs.audit_log(place.data_dir, sinks=_copies(place, other_disk)) as log:
        await log.record(audit_logs.entry(7))
    if lost:
        shutil.rmtree(other_disk)
    new = elsewhere(place)
    backups.restore(new, taken, keys.all(), NOON)
    assert not (new.data_dir / "audit-copy").exists()
    async with audit_logs.audit_log(new.data_dir, sinks=_copies(new, other_disk)) as log:
        counts = [each.entry.count for each in (await log.read(limit=100)).items]
    assert (7 in counts) is not lost
    assert set(range(6)) <= set(counts)
    assert contents(new.data_dir / "audit") == contents(other_disk)


def _copies(place, other_disk):
    return [FileSink(place.data_dir / "audit"), FileSink(other_disk)]


def test_half_a_record_at_the_end_is_left_out(place, keys, folder):
    [log] = (place.data_dir / "audit" / "records").glob("*.log")
    whole = log.read_bytes()
    log.write_bytes(whole + b'6\tAAAA\t{"half": "' + b"x" * 200_000)
    backups.restore(
        elsewhere(place), Path(backups.take(place, folder, NOON).file), keys.all(), NOON
    )
    assert (elsewhere(place).data_dir / log.relative_to(place.data_dir)).read_bytes() == whole


def test_a_destroyed_key_takes_along_every_copy_of_its_day(place, keys, folder, taken, tmp_path):
    """The file, a copy of it, the escrow, and what a later backup holds: none opens it again."""
    copy = tmp_path / "copy.backup"
    copy.write_bytes(taken.read_bytes())
    later = Path(backups.take(place, folder, NOON + 31 * DAY).file)
    backups.checked(place, copy, keys.all(), NOON)
    assert backups.expire(keys, NOON + 31 * DAY, 30) == ["2026-05-02"]
    escrowed = backups.opened(tmp_path / "elsewhere.escrow", keys.note("recovery code"))
    new = elsewhere(place)
    backups.restore(new, later, keys.all(), NOON)
    for held in (keys.all(), escrowed, backups.DayKeys(new.own).all()):
        assert list(held) == ["2026-06-02"]
        with pytest.raises(AskAPerson) as refused:
            backups.checked(place, copy, held, NOON)
        assert refused.value.code == "backup_key_missing"
    day_key = keys.all()["2026-06-02"]
    assert day_key.encode() not in b"".join(contents(new.data_dir).values())


def test_the_key_of_a_day_stays_as_long_as_it_was_said(place, keys, taken):
    assert backups.expire(keys, NOON + 30 * DAY, 30) == []
    backups.checked(place, taken, keys.all(), NOON)
    assert backups.expire(keys, NOON + 31 * DAY, 30) == ["2026-05-02"]


def test_the_keys_themselves_are_in_no_backup(place, keys, taken):
    new = elsewhere(place)
    manifest = backups.restore(new, taken, {**keys.all()}, NOON)
    assert not [part for part in manifest.parts if part.path.startswith("backup/")]


def test_with_the_escrow_a_lost_machine_is_no_lost_hub(place, taken, code, tmp_path):
    held = backups.opened(tmp_path / "elsewhere.escrow", code.lower().replace("-", " "))
    manifest = backups.restore(elsewhere(place), taken, held, NOON)
    assert manifest.counts.dead_letters == 2


def test_another_code_opens_nothing(place, taken, code, tmp_path):
    for wrong in ("", "AAAAAA", "not a code", "A" * 48, code[:-1]):
        with pytest.raises(AskAPerson) as refused:
            backups.opened(tmp_path / "elsewhere.escrow", wrong)
        assert refused.value.code == "bad_escrow"


def test_no_backup_without_an_escrow_that_can_be_written(place, keys, folder, tmp_path):
    keys.keep("escrow", str(tmp_path / "no such folder" / "escrow"))
    with pytest.raises(AskAPerson) as refused:
        backups.take(place, folder, NOON)
    assert refused.value.code == "escrow_not_written"
    assert not list(folder.iterdir())


def test_only_an_empty_directory_is_filled(place, keys, taken):
    with pytest.raises(Refused) as refused:
        backups.restore(place, taken, keys.all(), NOON)
    assert refused.value.code == "not_empty"
    new = elsewhere(place)
    new.data_dir.mkdir()
    backups.restore(new, taken, keys.all(), NOON)
    assert (new.data_dir / "hub.toml").exists()


def test_a_damaged_backup_leaves_no_directory(place, keys, taken):
    content = bytearray(taken.read_bytes())
    content[-1] ^= 1
    taken.write_bytes(content)
    new = elsewhere(place)
    with pytest.raises(AskAPerson):
        backups.restore(new, taken, keys.all(), NOON)
    assert not new.data_dir.exists()
    assert not list(new.data_dir.parent.glob(".new*"))


def test_one_at_a_time(place, folder, keys):
    with place.working(), pytest.raises(RetryLater) as refused:
        backups.take(place, folder, NOON)
    assert refused.value.code == "backup_under_way"


def test_progress_is_told_to_its_end(place, folder, keys):
    steps = []
    backups.take(place, folder, NOON, lambda done, total: steps.append((done, total)))
    assert steps == sorted(steps, key=lambda step: step[0])
    assert steps[-1][0] == steps[-1][1] > 0
