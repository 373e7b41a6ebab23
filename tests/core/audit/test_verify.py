"""The stand-alone check: whatever was done to the log is found, and located."""

import asyncio
import shutil
from pathlib import Path

import pytest
from audit_logs import KEY, NOW, ORIGIN, SIGNER, Ticking, audit_log, entry, written
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.audit import Checkpoint, Note, Signer, decode, frames
from watchfloor.audit import verify as verifying
from watchfloor.audit.notes import COSIGNATURE
from watchfloor.audit.scanning import Wrong
from watchfloor.audit.tree import Range
from watchfloor.audit.verify import verify
from watchfloor.contracts import GiveUp

COUNT, EVERY = 40, 10


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    """40 records in three files, a checkpoint after every ten."""
    folder = asyncio.run(written(tmp_path_factory.mktemp("sound"), COUNT, EVERY, segment=4000))
    assert len(frames.segments(folder)) == 3
    return folder


@pytest.fixture
def log(sound, tmp_path) -> Path:
    """A copy to be spoilt."""
    return Path(shutil.copytree(sound, tmp_path / "log"))


def lines_of(folder):
    return {
        path: path.read_bytes().splitlines(keepends=True)
        for path in sorted((folder / "records").glob("*.log"))
    }


def change(folder, spoil):
    """``spoil`` gets the lines of the whole log in a list and changes it. Where their number stays
    the same they go back to where they were, else each into the file that its number belongs to."""
    files = lines_of(folder)
    lines = [line for each in files.values() for line in each]
    places = [path for path, each in files.items() for _ in each]
    spoil(lines)
    if len(lines) != len(places):
        firsts = {int(path.stem): path for path in files}
        numbers = [int(line.split(b"\t")[0]) for line in lines]
        places = [firsts[max(first for first in firsts if first <= n)] for n in numbers]
    for path in files:
        here = (line for line, place in zip(lines, places, strict=True) if place == path)
        path.write_bytes(b"".join(here))


def edited(line, old=b'"count":', new=b'"count":9'):
    assert old in line
    return line.replace(old, new, 1)


def rehashed(line, index=None, **change):
    """Changed by somebody who knows the format: the hash fits the new content."""
    found = frames.parse(line.rstrip(b"\n"))
    entry_ = edited(found.entry, **change) if change or index is None else found.entry
    return frames.frame(found.index if index is None else index, entry_)[0]


def said(folder, **more):
    report = verify(folder, [KEY], **more)
    assert not report.holds
    return [(each.wrong, each.first, each.last) for each in report.findings]


def test_a_sound_log_holds(sound):
    report = verify(sound, [KEY])
    assert report.holds
    assert (report.origin, report.first, report.next) == (ORIGIN, 0, COUNT)
    assert (report.checkpoints, report.head.size, report.unsigned) == (4, COUNT, 0)
    records = [decode(found.entry).at for found in frames.frames_from(sound, 0)]
    assert report.times == (records[0], records[-1])
    assert not report.own_key
    assert verify(sound).own_key


@pytest.mark.parametrize("index", [0, 17, 39])
def test_an_edit(log, index):
    change(log, lambda lines: lines.__setitem__(index, edited(lines[index])))
    assert said(log) == [(Wrong.EDITED, index, index)]


@pytest.mark.parametrize(("index", "between"), [(0, (0, 9)), (17, (10, 19)), (39, (30, 39))])
def test_an_edit_by_somebody_who_makes_the_hash_fit(log, index, between):
    change(log, lambda lines: lines.__setitem__(index, rehashed(lines[index])))
    assert said(log) == [(Wrong.REWRITTEN, *between)]


@pytest.mark.parametrize(("first", "last"), [(0, 0), (17, 17), (12, 15), (5, 25)])
def test_a_deletion(log, first, last):
    change(log, lambda lines: lines.__delitem__(slice(first, last + 1)))
    found = said(log)
    assert all(wrong is Wrong.MISSING for wrong, _, _ in found)
    gone = {index for _, start, end in found for index in range(start, end + 1)}
    assert gone == set(range(first, last + 1))


def test_a_deletion_by_somebody_who_numbers_the_rest_anew(log):
    def spoil(lines):
        del lines[17]
        lines[17:] = [rehashed(line, n) for n, line in enumerate(lines[17:], 17)]

    change(log, spoil)
    found = said(log)
    assert (Wrong.REWRITTEN, 10, 19) in found
    assert (Wrong.TRUNCATED, 39, 39) in found


def test_a_whole_file_is_gone(log):
    _, second, third = frames.segments(log)
    frames.segment(log, second).unlink()
    assert said(log) == [(Wrong.MISSING, second, third - 1)]


@pytest.mark.parametrize("index", [3, 20, 30])
def test_two_that_changed_places(log, index):
    def spoil(lines):
        lines[index], lines[index + 1] = lines[index + 1], lines[index]

    change(log, spoil)
    found = said(log)
    assert (Wrong.OUT_OF_ORDER, index, index) in found
    assert {wrong for wrong, _, _ in found} == {Wrong.OUT_OF_ORDER, Wrong.TIME_GOES_BACK}


def test_two_that_changed_places_and_numbers(log):
    def spoil(lines):
        lines[23], lines[24] = rehashed(lines[24], 23), rehashed(lines[23], 24)

    change(log, spoil)
    found = said(log)
    assert (Wrong.REWRITTEN, 20, 29) in found
    assert (Wrong.TIME_GOES_BACK, 24, 24) in found


def test_one_that_is_there_twice(log):
    change(log, lambda lines: lines.insert(8, lines[7]))
    assert (Wrong.OUT_OF_ORDER, 7, 7) in said(log)


def test_a_file_beside_the_last_one(log):
    """Behind the last checkpoint: no root tells."""
    last = frames.segments(log)[-1]
    *_, line = frames.segment(log, last).read_bytes().splitlines()
    entry = frames.parse(line).entry.replace(b"done", b"denied")
    frames.segment(log, 39).write_bytes(frames.frame(39, entry)[0])
    assert said(log) == [(Wrong.OUT_OF_ORDER, 39, 39)]


def _short(log):
    (log / "records" / "41.log").touch()


def _folder(log):
    (log / "records" / "000000000041.log").mkdir()


def _binary(log):
    (log / "before").write_bytes(b"\xff\xfe")


@pytest.mark.parametrize("spoil", [_short, _folder, _binary])
def test_what_cannot_be_read_is_no_log(log, spoil):
    spoil(log)
    with pytest.raises(GiveUp) as caught:
        verify(log, [KEY])
    assert caught.value.code == "not_a_log"


def test_one_that_was_put_in(log):
    """With a number of its own and a hash that fits."""

    def spoil(lines):
        lines[15:] = [
            rehashed(lines[15], 15),
            *(rehashed(line, n) for n, line in enumerate(lines[15:], 16)),
        ]

    change(log, spoil)
    assert (Wrong.REWRITTEN, 10, 19) in said(log)


@pytest.mark.parametrize("left", [39, 31, 10, 1])
def test_an_end_that_was_cut_off(log, left):
    kept = 0
    for path, lines in lines_of(log).items():
        path.write_bytes(b"".join(lines[: max(0, left - kept)]))
        kept += len(lines)
    found = said(log)
    assert (Wrong.TRUNCATED, left, 39) in found or (Wrong.MISSING, left, 39) in merged(found)


def merged(found):
    """Neighbouring gaps are one."""
    gone = sorted(
        {n for w, a, b in found if w in (Wrong.MISSING, Wrong.TRUNCATED) for n in range(a, b + 1)}
    )
    assert gone == list(range(gone[0], gone[-1] + 1))
    return [(Wrong.MISSING, gone[0], gone[-1])]


def head_of(folder, number=-1):
    return [n for first in frames.segments(folder) for n in frames.checkpoints(folder, first)][
        number
    ]


def test_an_end_that_was_cut_off_with_its_checkpoints_is_found_by_one_that_was_kept(log, tmp_path):
    kept = head_of(log)
    cut = tmp_path / "cut"
    (cut / "records").mkdir(parents=True)
    shutil.copy(log / "keys", cut)
    first = frames.segments(log)[0]
    lines = frames.segment(log, first).read_bytes().splitlines(keepends=True)
    frames.segment(cut, 0).write_bytes(b"".join(lines[:10]))
    note = head_of(log, 0)
    frames.segment(cut, 0, frames.SIGNED).write_bytes(bytes(note) + b"\n")
    assert verify(cut, [KEY]).holds, "no log can say this by itself"
    assert said(cut, seen=[kept]) == [(Wrong.TRUNCATED, 10, 39)]


async def test_another_history_under_the_same_key_is_a_fork(sound, tmp_path):
    """Its keeper has the key and wrote the log anew; a neighbour has a checkpoint of the old."""
    async with audit_log(tmp_path, clock=Ticking(NOW)) as log:
        for number in range(COUNT):
            await log.record(entry(number if number != 5 else 6))
    forged = tmp_path / "audit"
    assert verify(forged, [KEY]).holds
    seen = [head_of(sound, n) for n in (0, 2)]
    assert said(forged, seen=seen) == [(Wrong.FORKED, 0, 9)]


async def test_a_fork_is_located_between_two_checkpoints_that_were_kept(tmp_path):
    shared = await written(tmp_path, 20, EVERY)
    other = tmp_path / "other"
    shutil.copytree(tmp_path / "audit", other / "audit")
    for folder, base in ((tmp_path, 100), (other, 200)):
        async with audit_log(folder, clock=Ticking(NOW + 10**9)) as log:
            for number in range(10):
                await log.record(entry(base + number))
    seen = [head_of(other / "audit", n) for n in (0, 1, 2)]
    assert said(shared, seen=seen) == [(Wrong.FORKED, 20, 29)]


def test_a_time_that_goes_back(log):
    change(log, lambda lines: lines.__setitem__(5, edited(lines[5], b'"at":"2026', b'"at":"2027')))
    assert (Wrong.TIME_GOES_BACK, 6, 6) in said(log)


def test_lines_that_are_no_records(log):
    change(log, lambda lines: lines.__setitem__(5, b"5\tnonsense\n"))
    assert (Wrong.NOT_A_RECORD, 5, 5) in said(log)


def test_a_record_that_is_of_another_schema(log):
    """Well hashed; but not an entry."""
    change(log, lambda lines: lines.__setitem__(5, frames.frame(5, b'{"by":"me"}')[0]))
    assert (Wrong.NOT_A_RECORD, 5, 5) in said(log)


def test_a_checkpoint_by_another_key(log):
    other = Signer(ORIGIN, bytes(32))
    text = str(Checkpoint(ORIGIN, 5, bytes(32)))
    path = frames.segment(log, 0, frames.SIGNED)
    path.write_bytes(bytes(Note(text, (other.sign(text),))) + b"\n" + path.read_bytes())
    assert said(log) == [(Wrong.BAD_SIGNATURE, 5, 5)]


def test_a_checkpoint_that_was_changed(log):
    path = frames.segment(log, 0, frames.SIGNED)
    path.write_bytes(path.read_bytes().replace(b"\n10\n", b"\n11\n", 1))
    assert [wrong for wrong, _, _ in said(log)] == [Wrong.BAD_SIGNATURE]


def test_a_log_that_was_signed_anew_with_another_key_does_not_hold_for_the_published_one(log):
    other = Signer(ORIGIN, bytes(32))
    for first in frames.segments(log):
        notes = frames.checkpoints(log, first)
        again = [Note(note.text, (other.sign(note.text),)) for note in notes]
        path = frames.segment(log, first, frames.SIGNED)
        path.write_bytes(b"".join(bytes(note) + b"\n" for note in again))
    (log / "keys").write_text(f"{other.verifier}\n")
    assert verify(log).holds
    assert verify(log).own_key, "and it says that nothing but its own word was believed"
    assert {wrong for wrong, _, _ in said(log)} == {Wrong.BAD_SIGNATURE, Wrong.UNSIGNED}


def test_a_witness_is_named_with_what_it_has_seen(log):
    witness = Signer("witness.example.org", bytes(32), COSIGNATURE)
    note = head_of(log, 2)
    both = Note(note.text, (*note.signatures, witness.cosign(note.text, 1_795_400_000)))
    report = verify(log, [KEY, witness.verifier], [both])
    assert report.holds
    assert report.witnessed == {"witness.example.org": 30}


def test_records_that_no_checkpoint_covers_yet_are_no_fault(log):
    path = frames.segment(log, frames.segments(log)[-1], frames.SIGNED)
    path.write_bytes(b"")
    report = verify(log, [KEY])
    assert report.holds
    assert report.unsigned > 0


def unsign(folder, keep=0):
    """Take all checkpoints away but the first ``keep``."""
    for first in frames.segments(folder):
        path = frames.segment(folder, first, frames.SIGNED)
        notes = frames.checkpoints(folder, first)
        path.write_bytes(b"".join(bytes(note) + b"\n" for note in notes[:keep]))
        keep = max(0, keep - len(notes))


def test_a_log_whose_checkpoints_are_all_gone_is_nobodys(log):
    """Whoever could write its files and had no key: the hashes fit, and nothing is signed."""
    change(log, lambda lines: lines.__setitem__(17, rehashed(lines[17])))
    unsign(log)
    assert said(log) == [(Wrong.UNSIGNED, 0, 39)]


def made(folder, times, signed):
    """A log of records at these times (RFC 3339), with a checkpoint over the first ``signed``."""
    tree = Range()
    (folder / "records").mkdir(parents=True)
    (folder / "keys").write_text(f"{KEY}\n")
    lines, note = [], b""
    for number, at in enumerate(times):
        line, leaf = frames.frame(number, LINE_ENTRY.replace(b"02:00:00.000", at.encode()))
        lines.append(line)
        tree.add(leaf)
        if number + 1 == signed:
            text = str(Checkpoint(ORIGIN, signed, tree.root()))
            note = bytes(Note(text, (SIGNER.sign(text),))) + b"\n"
    frames.segment(folder, 0).write_bytes(b"".join(lines))
    frames.segment(folder, 0, frames.SIGNED).write_bytes(note)
    return folder


def test_an_end_that_a_hub_would_have_signed_by_its_time(tmp_path):
    honest = ["02:00:00.000", "02:00:10.000", "02:00:20.000"]
    assert verify(made(tmp_path / "honest", honest, 1), [KEY]).holds
    late = [*honest, "02:01:11.000"]
    assert said(made(tmp_path / "late", late, 1)) == [(Wrong.UNSIGNED, 1, 3)]


def test_an_end_that_a_hub_would_have_signed_by_its_length(tmp_path):
    same = ["02:00:00.000"] * 2002
    assert verify(made(tmp_path / "honest", same[:-1], 1), [KEY]).holds
    assert said(made(tmp_path / "long", same, 1)) == [(Wrong.UNSIGNED, 1, 2001)]


def test_what_was_signed_while_the_records_were_read_counts(tmp_path, monkeypatch):
    """A hub that runs, and a check that takes longer than a minute."""
    times = ["02:00:00.000", "02:00:30.000", "02:02:00.000"]
    log = made(tmp_path / "log", times, 1)
    early = frames.segment(log, 0, frames.SIGNED).read_bytes()
    later = frames.segment(made(tmp_path / "later", times, 3), 0, frames.SIGNED).read_bytes()
    scan = verifying.scan

    def read_and_signed(*given):
        frames.segment(log, 0, frames.SIGNED).write_bytes(early + later)
        return scan(*given)

    monkeypatch.setattr(verifying, "scan", read_and_signed)
    report = verify(log, [KEY])
    assert (report.findings, report.checkpoints, report.head.size) == ([], 2, 3)


@pytest.mark.parametrize("at", [0, 17, 39])
def test_a_record_that_was_emptied_to_its_hash(log, at):
    """The hash keeps its place in the tree, and hides what stood there."""
    leaf = frames.parse(lines_of_all(log)[at].rstrip(b"\n")).leaf
    change(log, lambda lines: lines.__setitem__(at, frames.withheld(at, leaf)))
    assert said(log) == [(Wrong.WITHHELD, at, at)]


def test_records_that_were_emptied_side_by_side_are_one_finding(log):
    def spoil(lines):
        for at in (4, 5, 6):
            lines[at] = frames.withheld(at, frames.parse(lines[at].rstrip(b"\n")).leaf)

    change(log, spoil)
    assert said(log) == [(Wrong.WITHHELD, 4, 6)]


def lines_of_all(folder):
    return [line for each in lines_of(folder).values() for line in each]


@pytest.mark.parametrize("rest", [b"40\tAAAA", b"4", b"40\tAA" + bytes(30), bytes(500)])
def test_a_line_that_is_being_written_is_no_fault_and_is_named(log, rest):
    """Or that was, when the machine stopped: the hub takes it away when it starts."""
    path = frames.segment(log, frames.segments(log)[-1])
    path.write_bytes(path.read_bytes() + rest)
    report = verify(log, [KEY])
    assert report.holds
    assert report.torn == len(rest)


@pytest.mark.parametrize("rest", [b"\xff\xfe junk", b"7\tAAAA", b"{}"])
def test_what_stands_at_the_end_and_is_no_record(log, rest):
    path = frames.segment(log, frames.segments(log)[-1])
    path.write_bytes(path.read_bytes() + rest)
    assert said(log) == [(Wrong.NOT_A_RECORD, 40, 40)]


def test_half_a_line_in_the_midst_of_a_log(log):
    path = frames.segment(log, frames.segments(log)[0])
    after = frames.segments(log)[1]
    path.write_bytes(path.read_bytes() + b"%d\tAA" % after)
    assert said(log) == [(Wrong.NOT_A_RECORD, after, after)]


@pytest.mark.parametrize("broken", ["keys", "records"])
def test_where_there_is_no_log_it_says_so(log, broken):
    (log / broken).rename(log / "away")
    with pytest.raises(GiveUp) as caught:
        verify(log)
    assert caught.value.code == "not_a_log"


def test_many_files_are_read_by_several_processes_with_the_same_result(tmp_path):
    tree, folder = Range(), tmp_path / "log"
    (folder / "records").mkdir(parents=True)
    (folder / "keys").write_text(f"{KEY}\n")
    for number in range(60):
        line, leaf = frames.frame(number, frames.parse(LINE).entry)
        tree.add(leaf)
        with frames.segment(folder, number // 10 * 10).open("ab") as file:
            file.write(line)
    text = str(Checkpoint(ORIGIN, 60, tree.root()))
    signed = bytes(Note(text, (SIGNER.sign(text),))) + b"\n"
    frames.segment(folder, 50, frames.SIGNED).write_bytes(signed)
    assert verify(folder, [KEY]).holds
    path = frames.segment(folder, 20)
    path.write_bytes(path.read_bytes().replace(b"SIM-1", b"SIM-2", 1))
    assert said(folder) == [(Wrong.EDITED, 20, 20)]


LINE_ENTRY = (
    b'{"v":1,"at":"2026-11-23T02:00:00.000Z","id":"x","event":"search.asked","outcome":"done",'
    b'"operator":{"id":"SIM-1"}}'
)
LINE = frames.frame(0, LINE_ENTRY)[0][:-1]


# --- Any tampering, anywhere ------------------------------------------------------------------


SPOIL = st.sampled_from(["edit", "rehash", "delete", "swap", "swap_numbers", "truncate", "insert"])


def spoilt(lines, how, at):
    """Change the list; the records that are no longer as they were."""
    match how:
        case "edit":
            lines[at] = edited(lines[at])
        case "rehash":
            lines[at] = rehashed(lines[at])
        case "delete":
            del lines[at]
        case "swap":
            lines[at], lines[at - 1] = lines[at - 1], lines[at]
        case "swap_numbers":
            lines[at], lines[at - 1] = rehashed(lines[at - 1], at), rehashed(lines[at], at - 1)
        case "truncate":
            del lines[at:]
            return range(at, COUNT)
        case "insert":
            lines[at:] = [
                rehashed(lines[at], at, old=b'"id":"', new=b'"id":"0'),
                *(rehashed(line, n) for n, line in enumerate(lines[at:], at + 1)),
            ]
            return range(at, COUNT)
    return range(at - 1, at + 1)


@settings(max_examples=60, deadline=None)
@given(how=SPOIL, at=st.integers(1, COUNT - 1))
def test_any_tampering_is_found_where_it_is(sound, tmp_path_factory, how, at):
    """A finding covers the place; none is further from it than the next checkpoint."""
    folder = Path(shutil.copytree(sound, tmp_path_factory.mktemp("spoilt") / "log"))
    touched = range(0)

    def spoil(lines):
        nonlocal touched
        touched = spoilt(lines, how, at)

    change(folder, spoil)
    found = said(folder)
    assert any(first <= at <= last or first in touched for _, first, last in found)
    lowest, highest = min(touched) // EVERY * EVERY, (max(touched) // EVERY + 1) * EVERY
    assert all(lowest <= first and last < highest + EVERY for _, first, last in found)
