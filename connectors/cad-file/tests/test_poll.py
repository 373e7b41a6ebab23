"""What is told of an export that is appended to, rewritten, cut off, rotated."""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from watchfloor_sdk import AskAPerson, RetryLater

TWO = ["Z0000001", "Z0000002"]


async def test_each_call_is_told_once(poller):
    assert await poller.poll() == TWO
    assert await poller.poll() == []
    poller.restart()
    assert await poller.poll() == []


async def test_what_is_appended_is_told(poller, export, lines):
    await poller.poll()
    with export.open("a") as file:
        file.write(lines.row(3))
    assert await poller.poll() == ["Z0000003"]


async def test_what_is_appended_while_the_worker_was_down_is_told(poller, export, lines):
    await poller.poll()
    with export.open("a") as file:
        file.write(lines.row(3))
    poller.restart()
    assert await poller.poll() == ["Z0000003"]


async def test_half_a_line_waits_for_its_other_half(poller, export, lines):
    await poller.poll()
    text = lines.row(3)
    with export.open("a") as file:
        file.write(text[:40])
    assert await poller.poll() == []
    with export.open("a") as file:
        file.write(text[40:])
    assert await poller.poll() == ["Z0000003"]
    assert poller.rejected == []


async def test_a_last_line_without_an_end_is_told_once_the_file_rests(poller, export, lines):
    export.write_text(export.read_text() + lines.row(3).rstrip("\n"))
    assert await poller.poll() == TWO
    assert await poller.poll() == ["Z0000003"]
    assert await poller.poll() == []


async def test_a_changed_row_of_a_rewritten_file_is_told_and_no_other(poller, export, lines):
    await poller.poll()
    export.write_text(
        lines.header + lines.row(1) + lines.row(2, TimeDispatch="5/2/2022 16:20") + lines.row(3)
    )
    assert await poller.poll() == ["Z0000002", "Z0000003"]
    assert poller.events[0].data.status == "ResourcesAssigned"


async def test_a_change_that_keeps_the_length_is_seen(poller, export, lines):
    await poller.poll()
    export.write_text(lines.header + lines.row(1, Priority="1D") + lines.row(2))
    assert await poller.poll() == ["Z0000001"]


async def test_a_file_replaced_by_another_is_told_whole(poller, export, tmp_path, lines):
    await poller.poll()
    (tmp_path / "new").write_text(lines.header + lines.row(3))
    (tmp_path / "new").replace(export)
    assert await poller.poll() == ["Z0000003"]


async def test_a_file_that_was_cut_off_starts_anew(poller, export, lines):
    await poller.poll()
    export.write_text(lines.header)
    assert await poller.poll() == []
    export.write_text(lines.header + lines.row(3))
    assert await poller.poll() == ["Z0000003"]


async def test_a_file_that_is_empty_for_a_moment_loses_nothing(poller, export, lines):
    await poller.poll()
    export.write_text("")
    assert await poller.poll() == []
    export.write_text("item_num")
    assert await poller.poll() == []
    export.write_text(lines.header + lines.row(1) + lines.row(3))
    assert await poller.poll() == ["Z0000003"]


async def test_the_end_of_a_rotated_file_is_read(poller, export, tmp_path, lines):
    await poller.poll()
    with export.open("a") as file:
        file.write(lines.row(3))
    export.rename(tmp_path / "cfs.csv.1")
    export.write_text(lines.header + lines.row(4))
    assert await poller.poll() == ["Z0000003", "Z0000004"]
    assert await poller.poll() == []


async def test_a_rotated_file_that_was_never_read_is_not_ours(poller, tmp_path, lines):
    (tmp_path / "cfs-notes.csv").write_text(lines.header + lines.row(9))
    assert await poller.poll() == TWO


async def test_a_folder_is_read_oldest_first(export, tmp_path, lines, polling):
    later = tmp_path / "a.csv"
    later.write_text(lines.header + lines.row(3))
    os.utime(export, (1_650_000_000, 1_650_000_000))
    poller = polling({"mapping": "new-orleans", "path": str(tmp_path)})
    assert await poller.poll() == [*TWO, "Z0000003"]
    with export.open("a") as file:
        file.write(lines.row(4))
    assert await poller.poll() == ["Z0000004"]


async def test_one_odd_file_does_not_hold_up_the_others(export, tmp_path, polling):
    (tmp_path / "a.csv").write_text("other,columns\n1,2\n")
    poller = polling({"mapping": "new-orleans", "path": str(tmp_path)})
    with pytest.raises(AskAPerson, match="has no column"):
        await poller.poll()
    assert [event.data.call_number for event in poller.events] == TWO


async def test_bad_rows_are_rejected_with_their_reason_and_the_rest_flows(poller, export, lines):
    export.write_text(
        lines.header
        + "too,short\n"
        + lines.row(1)
        + lines.row(2, TimeCreate="?")
        + 'a,"b"c\n'
        + "\n"
        + lines.row(3)
    )
    assert await poller.poll() == ["Z0000001", "Z0000003"]
    assert sorted(poller.rejected) == ["bad_csv", "bad_time", "bad_width"]
    assert b"too,short\n" in [one.raw for one in poller.pages[0].rejected]
    export.write_text(export.read_text().replace("Z0000003", "Z0000004"))
    assert await poller.poll() == ["Z0000004"]
    assert poller.rejected == []


async def test_a_row_that_is_not_utf_8_is_shown_byte_for_byte(poller, export, lines):
    odd = lines.row(1, BLOCK_ADDRESS="030XX Caf? Ave").encode().replace(b"?", b"\xe9")
    export.write_bytes(lines.header.encode() + odd + lines.row(2).encode())
    assert await poller.poll() == ["Z0000002"]
    assert poller.pages[0].rejected[0].raw == odd


async def test_a_call_with_exchanged_coordinates_is_told_and_the_row_shown(export, lines, polling):
    export.write_text(lines.header + lines.row(1, Location="POINT (29.987 -90.034)"))
    bounds = [-90.2, 29.8, -89.6, 30.2]
    poller = polling({"mapping": "new-orleans", "path": str(export), "bounds": bounds})
    assert await poller.poll() == ["Z0000001"]
    assert poller.rejected == ["swapped_point"]
    assert poller.events[0].data.place.point is None


async def test_a_byte_order_mark_is_no_part_of_the_first_column(poller, export):
    export.write_text(export.read_text(), encoding="utf-8-sig")
    assert await poller.poll() == TWO


async def test_every_event_points_at_its_row(poller):
    await poller.poll()
    page = poller.pages[0]
    assert (page.content_type, page.pointers) == ("text/csv", ["row=2", "row=3"])
    assert page.raw.decode().splitlines()[2].startswith("Z0000002,")


async def test_portions_commit_with_their_own_checkpoint(poller, export, lines):
    export.write_text(lines.header + "".join(lines.row(n) for n in range(1, 1201)))
    await poller.poll()
    first = poller.pages[0]
    assert len(first.events) == 500
    assert len(json.dumps(first.checkpoint)) < 300
    poller.restart()
    poller.checkpoint = first.checkpoint
    assert (await poller.poll())[0] == "Z0000501"
    assert len(poller.events) == 700


async def test_a_replay_gives_the_same_ids(poller):
    await poller.poll()
    ids = [event.id for event in poller.events]
    poller.restart()
    poller.checkpoint = None
    await poller.poll()
    assert [event.id for event in poller.events] == ids
    assert len(set(ids)) == 2


async def test_a_finished_poll_says_until_when_nothing_is_missing(poller):
    poller.now = datetime(2022, 5, 2, 22, tzinfo=UTC)
    await poller.poll()
    assert poller.pages[-1].assured_until == poller.now


async def test_an_export_that_nobody_writes_is_not_a_quiet_night(export, polling):
    written = datetime.fromtimestamp(export.stat().st_mtime, UTC)
    settings = {"mapping": "new-orleans", "path": str(export), "stalled_after_s": 600}
    poller = polling(settings, now=written + timedelta(seconds=601))
    with pytest.raises(RetryLater) as caught:
        await poller.poll()
    assert caught.value.code == "export_stalled"
    assert len(poller.events) == 2


async def test_a_missing_export_is_said(poller, export):
    export.unlink()
    with pytest.raises(RetryLater) as caught:
        await poller.poll()
    assert caught.value.code == "no_export"
