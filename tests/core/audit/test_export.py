"""An export holds for somebody who has nothing but it and the public key."""

import shutil

import pytest
from audit_logs import KEY, NOW, audit_log, entry, written

from watchfloor.adapters.clock import SettableClock
from watchfloor.audit import Pace, Proof, Signer, decode, frames
from watchfloor.audit.export import export, last_records, proof
from watchfloor.audit.scanning import Wrong
from watchfloor.audit.verify import verify
from watchfloor.contracts import AskAPerson, GiveUp, NotFound, rfc3339

MINUTE = 60_000_000


def minute(number):
    return rfc3339(NOW + number * MINUTE)


@pytest.fixture
async def log(tmp_path):
    """A record a minute for 45 minutes, a checkpoint after every ten; in several files."""
    clock = SettableClock(NOW)
    pace = Pace(sign_every=10, batch=1, sign_s=3600, segment=3000)
    async with audit_log(tmp_path, clock=clock, pace=pace) as log:
        for number in range(45):
            await log.record(entry(number))
            clock.advance(60)
        yield tmp_path / "audit"


def counts(folder):
    return [
        decode(found.entry).count if found.entry else None
        for first in frames.segments(folder)
        for found in frames.frames(frames.segment(folder, first).read_bytes(), first)
    ]


@pytest.mark.parametrize(
    ("since", "until", "given", "end"),
    [(0, 10, (0, 10), 20), (3, 7, (3, 7), 10), (13, 37, (13, 37), 40), (0, 100, (0, 40), 40),
     (35, 45, (35, 40), 40), (9, 11, (9, 11), 20)],
)  # fmt: skip
def test_it_holds_and_has_what_was_asked_for(log, tmp_path, since, until, given, end):
    to = tmp_path / "out"
    """And the one before and the one after, which show that nothing of it is missing."""
    done = export(log, to, minute(since), minute(until))
    assert (done.first, done.next, done.checkpoint) == (*given, end)
    begin, last = max(0, given[0] - 1), min(given[1] + 1, end)
    assert counts(to) == [*range(begin, last), *[None] * (end - last)]
    report = verify(to, [KEY])
    assert report.holds
    assert report.excerpt
    assert (report.first, report.head.size, report.unsigned) == (begin, end, 0)
    assert report.withheld == end - last
    assert report.times == (minute(begin), minute(last - 1))
    assert done.unsigned == max(0, min(until, 45) - end)


def test_what_is_changed_in_it_is_found(log, tmp_path):
    to = tmp_path / "out"
    export(log, to, minute(13), minute(37))
    path = frames.segment(to, frames.segments(to)[0])
    whole = path.read_bytes()
    path.write_bytes(
        whole.replace(b'"count":15,', b'"count":99,').replace(b'"count":15}', b'"count":99}')
    )
    assert [(each.wrong, each.first) for each in verify(to, [KEY]).findings] == [(Wrong.EDITED, 15)]
    path.write_bytes(whole)
    before = (to / "before").read_bytes()
    (to / "before").write_bytes(before.replace(before[:4], b"AAAA", 1))
    [found] = verify(to, [KEY]).findings
    assert (found.wrong, found.first) == (Wrong.REWRITTEN, 12)


def emptied(line):
    found = frames.parse(line.rstrip(b"\n"))
    return frames.withheld(found.index, found.leaf)


@pytest.mark.parametrize("at", [12, 20, 36])
def test_a_record_in_it_that_was_emptied_to_its_hash(log, tmp_path, at):
    """Only what comes after all that is told may be there by its hash."""
    to = tmp_path / "out"
    export(log, to, minute(13), minute(37))
    for first in frames.segments(to):
        path = frames.segment(to, first)
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(
            emptied(line) if line.startswith(b"%d\t" % at) else line for line in lines
        ))  # fmt: skip
    assert [(each.wrong, each.first, each.last) for each in verify(to, [KEY]).findings] == [
        (Wrong.WITHHELD, at, at)
    ]


def test_an_end_of_it_that_no_checkpoint_covers(log, tmp_path):
    """However short it is: an excerpt ends where a checkpoint does."""
    to = tmp_path / "out"
    export(log, to, minute(3), minute(7))
    signed = frames.segment(to, frames.segments(to)[-1], frames.SIGNED)
    signed.write_bytes(b"")
    later = [n for first in frames.segments(log) for n in frames.checkpoints(log, first)][1:]
    for seen in ([], later):
        [found] = verify(to, [KEY], seen).findings
        assert (found.wrong, found.first, found.last) == (Wrong.UNSIGNED, 2, 9)


def test_it_was_not_cut_out_of_another_log(log, tmp_path):
    to = tmp_path / "out"
    export(log, to, minute(13), minute(37))
    stranger = Signer(KEY.name, bytes(32)).verifier
    assert not verify(to, [stranger]).holds


async def test_checkpoints_outside_of_it_are_no_fault_of_it(log, tmp_path):
    to = tmp_path / "out"
    export(log, to, minute(13), minute(17))
    notes = [n for first in frames.segments(log) for n in frames.checkpoints(log, first)]
    report = verify(to, [KEY], notes)
    assert report.holds
    assert report.not_covered == [10, 30, 40]


@pytest.mark.parametrize(("since", "until"), [(60, 70), (43, 45), (7, 7)])
def test_a_time_without_signed_records(log, tmp_path, since, until):
    with pytest.raises(NotFound):
        export(log, tmp_path / "out", minute(since), minute(until))
    assert not (tmp_path / "out").exists()


def test_what_is_there_is_not_written_over(log, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(AskAPerson) as caught:
        export(log, tmp_path / "out", minute(0), minute(9))
    assert caught.value.code == "not_written"


async def test_a_proof_from_the_folder_alone(tmp_path):
    folder = await written(tmp_path, 23, segment=2000)
    for index in (0, 8, 22):
        found = Proof.parse(bytes(proof(folder, index)))
        assert found.check([KEY]).size == 23
        assert decode(found.entry).count == index
    with pytest.raises(NotFound):
        proof(folder, 23)


async def test_a_proof_that_was_changed_does_not_hold(tmp_path):
    found = proof(await written(tmp_path, 23), 5)
    content = bytes(found)
    for spoilt in (
        content.replace(b"index 5", b"index 6"),
        bytes(Proof(found.entry.replace(b"SIM-2", b"SIM-1"), 5, found.hashes, found.note)),
        bytes(Proof(found.entry, 5, found.hashes[:-1], found.note)),
        bytes(Proof(found.entry, 5, found.hashes[::-1], found.note)),
        content.replace(b"\n23\n", b"\n24\n"),
    ):
        assert spoilt != content
        with pytest.raises(GiveUp) as caught:
            Proof.parse(spoilt).check([KEY])
        assert caught.value.code in ("bad_proof", "bad_note_signature")
    with pytest.raises(GiveUp):
        found.check([Signer("somebody.example.org", bytes(32)).verifier])


@pytest.mark.parametrize("content", [
    b"", b"c2sp.org/tlog-proof@v1\n", b"c2sp.org/tlog-proof@v2\nextra AA==\nindex 0\n\nx\n1\n",
    b"c2sp.org/tlog-proof@v1\nindex 0\n\nx\n",
    b"c2sp.org/tlog-proof@v1\nextra AA==\nindex 00\n\nx\n",
    b"\xff\n\n",
])  # fmt: skip
def test_what_is_no_proof(content):
    with pytest.raises(GiveUp):
        Proof.parse(content)


async def test_the_newest_records(tmp_path):
    folder = await written(tmp_path, 23, segment=2000)
    assert [found.index for found in last_records(folder, 5)] == [18, 19, 20, 21, 22]
    assert [found.index for found in last_records(folder, 12)] == [*range(11, 23)]
    assert len(last_records(folder, 100)) == 23
    shutil.rmtree(folder / "records")
    assert last_records(folder, 5) == []
