"""Files that somebody else writes, read by a mapping file: where they are, and what is new."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from declaring import MANIFEST, plan

from watchfloor_sdk import AskAPerson, Page, RetryLater
from watchfloor_sdk.exports import Where
from watchfloor_sdk.network import host_port
from watchfloor_sdk.simulation.sftp import SftpServer
from watchfloor_sdk.testing import context

WAYS = ("path", "url", "sftp", "host_key", "pattern")
ANYWHERE: dict[str, Any] = {
    **{way: f"{{settings.{way}}}" for way in WAYS},
    "stalled_after_s": "{settings.stalled_after_s}",
}
SETTINGS: dict[str, Any] = {
    "type": "object",
    "properties": {
        **{way: {"type": "string"} for way in WAYS},
        "stalled_after_s": {"type": "number"},
    },
}
OUTPUT = {
    "event": "call", "id": "{id}#{@hash}", "time": "at",
    "fields": {"call_number": "id", "status": "=Active", "incident_type.text": "what"},
}  # fmt: skip
HEADER = "id,at,what\n"


def row(number: int, what: str = "alarm") -> str:
    return f"Z-{number},2026-05-02T20:00:00Z,{what}\n"


class Reader:
    """One connector with its checkpoint, as a worker drives it."""

    def __init__(self, connector: Any, **options: Any) -> None:
        self.made = connector()
        self.settings = connector.settings
        self.options = options
        self.checkpoint: Any = None
        self.pages: list[Page] = []

    async def poll(self, **settings: Any) -> list[str]:
        ctx = context(self.settings(**settings), source="test", **self.options)
        self.pages = []
        try:
            async for page in self.made.poll(ctx, self.checkpoint):
                self.checkpoint = page.checkpoint
                self.pages.append(page)
        finally:
            await ctx.aclose()
        return [event.data.call_number for page in self.pages for event in page.events]


@pytest.fixture
def reader(package: Any) -> Callable[..., Reader]:
    """A reader of a mapping file whose source is read from ``file``."""

    def made(file: Any = ANYWHERE, layout: Any = None, **options: Any) -> Reader:
        source = {"name": "calls", "file": file, "outputs": [OUTPUT],
                  "layout": layout or {"format": "csv"}}  # fmt: skip
        credential = {"name": "sftp", "kind": "ssh_key", "title": "User", "required": False}
        credentials = [*MANIFEST["credentials"], credential]
        mapping = {"name": "test", "sources": [source]}
        connector = package(mapping, config_schema=SETTINGS, credentials=credentials)
        return Reader(connector, **options)

    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "out" / "calls.csv"
    path.parent.mkdir()
    path.write_text(HEADER + row(1) + row(2))
    return path


async def test_a_folder_is_read_oldest_first_and_on(reader: Any, file: Path):
    file.with_name("more.csv").write_text(HEADER + row(3))
    file.with_name("notes.txt").write_text("not for us")
    os.utime(file, (1_650_000_000, 1_650_000_000))
    one, where = reader(), {"path": str(file.parent), "pattern": "*.csv"}
    assert await one.poll(**where) == ["Z-1", "Z-2", "Z-3"]
    assert await one.poll(**where) == []
    with file.open("a") as growing:
        growing.write(row(4) + row(5)[:9])
    assert await one.poll(**where) == ["Z-4"]
    assert list(one.checkpoint) == ["calls"]


async def test_the_end_of_a_rotated_file_is_read(reader: Any, file: Path):
    one = reader("{settings.path}")
    await one.poll(path=str(file))
    with file.open("a") as growing:
        growing.write(row(3))
    file.rename(file.with_name("calls.csv.1"))
    file.write_text(HEADER + row(4))
    assert await one.poll(path=str(file)) == ["Z-3", "Z-4"]


async def test_an_address_that_has_not_changed_is_not_sent_again(reader: Any, file: Path):
    asked: list[str | None] = []

    async def get(request: web.Request) -> web.Response:
        asked.append(request.headers.get("if-none-match"))
        if asked[-1]:
            return web.Response(status=304)
        return web.Response(body=file.read_bytes(), headers={"etag": '"v1"'})

    app = web.Application()
    app.router.add_get("/calls.csv", get)
    async with TestServer(app) as server:
        url = str(server.make_url("/calls.csv"))
        one = reader(hosts=[host_port(url)])
        assert await one.poll(url=url) == ["Z-1", "Z-2"]
        assert await one.poll(url=url) == []
    assert asked == [None, '"v1"']


async def test_a_folder_on_a_server_is_read_and_on(reader: Any, file: Path):
    async with SftpServer(file.parent.parent) as server:
        where = {"sftp": f"sftp://127.0.0.1:{server.port}/out", "host_key": server.host_key}
        one = reader(hosts=[f"127.0.0.1:{server.port}"], credentials={"sftp": server.credential})
        assert await one.poll(**where) == ["Z-1", "Z-2"]
        with file.open("a") as growing:
            growing.write(row(3))
        assert await one.poll(**where) == ["Z-3"]


async def test_a_document_is_told_again_only_when_it_has_changed(reader: Any, file: Path):
    def write(*numbers: int) -> None:
        calls = [dict(zip(("id", "at", "what"), row(n)[:-1].split(","), strict=True))
                 for n in numbers]  # fmt: skip
        file.write_text(json.dumps({"calls": calls}))

    one = reader(layout={"records": "calls"})
    write(1)
    assert await one.poll(path=str(file)) == ["Z-1"]
    write(1)  # as it was, at another time
    os.utime(file, (1_650_000_000, 1_650_000_000))
    assert await one.poll(path=str(file)) == []
    write(1, 2)
    assert await one.poll(path=str(file)) == ["Z-1", "Z-2"]


async def test_documents_line_by_line_are_read_row_by_row(reader: Any, file: Path):
    def line(*numbers: int) -> str:
        calls = [dict(zip(("id", "at", "what"), row(n)[:-1].split(","), strict=True))
                 for n in numbers]  # fmt: skip
        return json.dumps({"at": {"calls": calls}})

    one = reader(layout={"format": "jsonl", "records": "at.calls"})
    file.write_text(f"{line(1, 2)}\n\n{line()}\n{{none}}\n{line(3)}")
    assert await one.poll(path=str(file)) == ["Z-1", "Z-2"]
    (page,) = one.pages
    assert [bad.code for bad in page.rejected] == ["not_json"]
    assert (page.content_type, page.pointers) == ("application/json", ["/0", "/1"])
    assert [call["id"] for call in json.loads(page.raw)] == ["Z-1", "Z-2"]
    assert await one.poll(path=str(file)) == ["Z-3"]  # it waits no longer for the end of its line
    assert await one.poll(path=str(file)) == []
    with file.open("a") as growing:
        growing.write(f"\n{line(1, 4)}\n")
    assert await one.poll(path=str(file)) == ["Z-4"]


async def test_a_line_may_be_a_row_or_a_list_of_them(reader: Any, file: Path):
    rows = [{"id": f"Z-{n}", "at": "2026-05-02T20:00:00Z", "what": "alarm"} for n in range(3)]
    file.write_text(f"{json.dumps(rows[0])}\n{json.dumps(rows[1:])}\n7\n")
    one = reader(layout={"format": "jsonl"})
    assert await one.poll(path=str(file)) == ["Z-0", "Z-1", "Z-2"]
    assert [bad.code for bad in one.pages[0].rejected] == ["bad_shape"]


async def test_what_a_file_read_whole_may_be_is_bounded(reader: Any, file: Path):
    with file.open("r+b") as large:
        large.truncate(64 * 1024 * 1024 + 1)
    with pytest.raises(AskAPerson) as caught:
        await reader(layout={"records": "calls"}).poll(path=str(file))
    assert caught.value.code == "export_too_large"


async def test_rows_in_another_encoding_are_read_by_the_fallback(reader: Any, file: Path):
    file.write_bytes((HEADER + row(1)).encode() + row(2, "caf\xe9").encode("latin-1"))
    one = reader(layout={"format": "csv", "fallback": "cp1252"})
    assert await one.poll(path=str(file)) == ["Z-1", "Z-2"]
    assert one.pages[0].events[1].data.incident_type.text == "caf\xe9"
    strict = reader()
    assert await strict.poll(path=str(file)) == ["Z-1"]
    assert [bad.code for bad in strict.pages[0].rejected] == ["bad_csv"]


async def test_events_point_at_their_rows(reader: Any, file: Path):
    file.write_text(HEADER + row(1) + "Z-2,too short\n" + row(3))
    one = reader()
    await one.poll(path=str(file))
    (page,) = one.pages
    assert page.pointers == ["row=2", "row=4"]
    assert page.raw.decode().splitlines()[3] == row(3).strip()
    assert [bad.raw for bad in page.rejected] == [b"Z-2,too short\n"]


async def test_an_odd_file_does_not_hold_up_the_others(reader: Any, file: Path):
    file.with_name("odd.csv").write_text("other,columns\n1,2\n")
    one = reader()
    with pytest.raises(AskAPerson) as caught:
        await one.poll(path=str(file.parent))
    assert caught.value.code == "missing_columns"
    assert [event.data.call_number for event in one.pages[0].events] == ["Z-1", "Z-2"]


async def test_files_that_nobody_writes_are_no_quiet_night(reader: Any, file: Path):
    later = datetime.fromtimestamp(file.stat().st_mtime, UTC) + timedelta(seconds=601)
    one = reader(now=later)
    with pytest.raises(RetryLater) as caught:
        await one.poll(path=str(file), stalled_after_s=600)
    assert caught.value.code == "export_stalled"
    assert len(one.pages[0].events) == 2
    assert await reader(now=later).poll(path=str(file)) == ["Z-1", "Z-2"]


async def test_a_checkpoint_of_an_earlier_version_is_read_from_the_start(reader: Any, file: Path):
    one = reader()
    one.checkpoint = {"calls": {"stamp": "1:2", "size": 5, "digest": "x"}}
    assert await one.poll(path=str(file)) == ["Z-1", "Z-2"]


@pytest.mark.parametrize("settings", [{}, {"path": "/a", "url": "https://x.example.org/a"}])
async def test_settings_name_one_place(reader: Any, settings: dict[str, str]):
    with pytest.raises(AskAPerson) as caught:
        await reader().poll(**settings)
    assert caught.value.code == "bad_settings"


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"sftp": "sftp://x.example.org/out"}, "host_key"),
        ({"path": "{settings.folder}"}, "nothing stands for"),
        ({"path": "a", "stalled_after_s": "{settings.late}"}, "nothing stands for"),
    ],
)
async def test_a_mapping_that_cannot_be_meant_is_refused(reader: Any, part: Any, words: str):
    with pytest.raises(AskAPerson, match=words):
        await reader(part).poll()


def test_what_is_left_out_is_the_setting_of_its_name():
    one = {"name": "calls", "file": {"pattern": "*.csv"}, "outputs": [OUTPUT]}
    mapping = {"name": "test", "sources": [one]}
    with pytest.raises(AskAPerson, match="it names none of path, replica, sftp, url"):
        plan(mapping)
    made = plan(mapping, path="/out", pattern="*.txt")
    assert made.where(made.file.sources[0]) == Where("/out", pattern="*.csv")


async def test_what_may_not_be_read_needs_a_person(reader: Any, file: Path):
    below = file / "below.csv"  # a file is no folder
    with pytest.raises(AskAPerson) as caught:
        await reader().poll(path=str(below))
    assert caught.value.code == "export_forbidden"


async def test_a_file_that_is_not_there_passes(reader: Any, file: Path):
    with pytest.raises(RetryLater) as caught:
        await reader().poll(path=str(file.with_name("none.csv")))
    assert caught.value.code == "no_export"


async def test_the_check_reads_the_beginning(reader: Any, file: Path):
    one = reader()
    ctx = context(one.settings(path=str(file)), source="test")
    findings = await one.made.check(ctx)
    assert [(found.ok, found.what) for found in findings] == [(True, "mapping"), (True, "calls")]
    assert findings[1].detail.startswith("2 records")
    other = reader()
    none = context(other.settings(path=str(file.with_name("none.csv"))), source="test")
    assert [found.ok for found in await other.made.check(none)] == [True, False]
