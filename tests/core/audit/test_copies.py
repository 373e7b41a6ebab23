"""Copies after a crash: what was torn is cut, what is behind is brought up, the rest is told."""

import pytest
from audit_logs import audit_log, entry, sinks_in, written

from watchfloor.audit import encode, frames
from watchfloor.audit.copies import bring_up, opened
from watchfloor.contracts import AskAPerson
from watchfloor.ports.audit import End


def segment(tmp_path, copy, first=0, suffix=frames.LOG):
    return frames.segment(tmp_path / copy, first, suffix)


def settled(tmp_path):
    sinks = sinks_in(tmp_path)
    try:
        end, longest = opened(sinks)
        bring_up(sinks, longest)
        return end
    finally:
        for sink in sinks:
            sink.close()


def same(tmp_path):
    copies = [
        {path.name: path.read_bytes() for path in (tmp_path / copy / "records").iterdir()}
        for copy in ("audit", "audit-copy")
    ]
    return copies[0] == copies[1]


async def test_wherever_the_last_line_was_torn_it_is_the_log_of_before(tmp_path):
    """Torn in both copies: it was acknowledged to nobody."""
    await written(tmp_path, 4)
    whole = segment(tmp_path, "audit").read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1
    for torn in range(start, len(whole), 7):
        for copy in ("audit", "audit-copy"):
            segment(tmp_path, copy).write_bytes(whole[:torn])
            segment(tmp_path, copy, 0, frames.SIGNED).write_bytes(b"")
        assert settled(tmp_path) == End(3, 0, start)
        assert segment(tmp_path, "audit").read_bytes() == whole[:start]
        assert same(tmp_path)


async def test_a_tail_of_zeroes_is_torn_too(tmp_path):
    """A file system that had noted the length and not yet the content."""
    await written(tmp_path, 4)
    path = segment(tmp_path, "audit")
    whole = path.read_bytes()
    path.write_bytes(whole + bytes(500))
    assert settled(tmp_path).count == 4
    assert path.read_bytes() == whole


@pytest.mark.parametrize("behind", ["audit", "audit-copy"])
@pytest.mark.parametrize("left", [0, 0.1, 0.5, 0.9])
async def test_a_copy_that_is_behind_is_brought_up(tmp_path, behind, left):
    await written(tmp_path, 30, segment=1500)
    firsts = frames.segments(tmp_path / "audit")
    assert len(firsts) > 3
    keep = round(len(firsts) * left)
    for number, first in enumerate(firsts):
        path = segment(tmp_path, behind, first)
        if number > keep:
            path.unlink()
            segment(tmp_path, behind, first, frames.SIGNED).unlink(missing_ok=True)
        elif number == keep:
            path.write_bytes(path.read_bytes()[: int(path.stat().st_size * left)])
            segment(tmp_path, behind, first, frames.SIGNED).unlink(missing_ok=True)
    assert settled(tmp_path).count == 30
    assert same(tmp_path)


async def test_a_copy_on_a_new_disk_is_filled(tmp_path):
    await written(tmp_path, 20, segment=1500)
    (tmp_path / "audit-copy").rename(tmp_path / "lost")
    assert settled(tmp_path).count == 20
    assert same(tmp_path)


def told(tmp_path):
    with pytest.raises(AskAPerson) as caught:
        settled(tmp_path)
    assert caught.value.code == "audit_diverged"
    return caught.value.detail


async def test_copies_that_differ_stop_the_hub_and_it_says_where(tmp_path):
    await written(tmp_path, 10)
    path = segment(tmp_path, "audit-copy")
    lines = path.read_bytes().split(b"\n")
    lines[6], _ = frames.frame(6, b'{"v":1,"id":"x","event":"search.asked","outcome":"done"}')
    lines[6] = lines[6][:-1]
    path.write_bytes(b"\n".join(lines))
    assert "from record 6 on" in told(tmp_path)


async def test_a_line_that_was_changed_in_the_middle_is_no_torn_end(tmp_path):
    await written(tmp_path, 10)
    for copy in ("audit", "audit-copy"):
        path = segment(tmp_path, copy)
        path.write_bytes(path.read_bytes().replace(b'"count":4', b'"count":5', 1))
    assert "from record 4 on" in told(tmp_path)


async def test_a_file_that_is_missing_in_the_middle(tmp_path):
    await written(tmp_path, 30, segment=1500)
    first = frames.segments(tmp_path / "audit")[1]
    segment(tmp_path, "audit-copy", first).unlink()
    assert f"from record {first} on" in told(tmp_path)


async def test_an_end_that_was_cut_off_both_copies_is_told_by_the_checkpoint(tmp_path):
    await written(tmp_path, 10)
    for copy in ("audit", "audit-copy"):
        path = segment(tmp_path, copy)
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:8]))
    async with audit_log(tmp_path) as log:
        assert log.health.diverged
        assert "from record 8 on" in log.health.reason


async def test_a_log_that_was_written_anew_without_the_key_is_told(tmp_path):
    await written(tmp_path, 30)
    for copy in ("audit", "audit-copy"):
        path = segment(tmp_path, copy)
        lines = [
            frames.frame(n, frames.parse(line).entry.replace(b'"count":14', b'"count":99'))[0]
            for n, line in enumerate(path.read_bytes().splitlines())
        ]
        path.write_bytes(b"".join(lines))
    async with audit_log(tmp_path) as log:
        assert log.health.diverged
        assert "from record 14 on" in log.health.reason, "the tree's own file has its hash"
    (tmp_path / "audit-index" / "tree").unlink()
    async with audit_log(tmp_path) as log:
        assert "from record 10 on" in log.health.reason, "the last checkpoint that still fits"


async def test_checkpoints_that_one_copy_lacks_are_put_there(tmp_path):
    await written(tmp_path, 30)
    segment(tmp_path, "audit", 0, frames.SIGNED).write_bytes(b"")
    assert settled(tmp_path).count == 30
    assert same(tmp_path)
    assert len(frames.checkpoints(tmp_path / "audit", 0)) == 3


async def test_a_record_of_one_copy_only_becomes_one_of_both(tmp_path):
    """The machine stopped between two syncs: nobody was told, but it was asked."""
    await written(tmp_path, 5)
    line, _ = frames.frame(5, encode(entry(5, at="2026-11-23T02:00:09.000Z")))
    with segment(tmp_path, "audit").open("ab") as file:
        file.write(line)
    async with audit_log(tmp_path) as log:
        assert log.size == 6
        await log.record(entry(6))
    assert line in segment(tmp_path, "audit-copy").read_bytes()
    assert same(tmp_path)
