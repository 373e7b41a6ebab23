"""Files in a folder: each read once, none while it is being written."""

import asyncio
import gzip
import io
import json
import os
import tarfile
import zipfile

import pytest

from watchfloor_sdk import AskAPerson, GiveUp, NotFound, RetryLater
from watchfloor_sdk.transports import drop
from watchfloor_sdk.transports.drop import Drop, Entry, LocalFolder, plain


async def look(folder, checkpoint=None, **options):
    """The files told, and the checkpoint as the hub would keep it."""
    options = {"settle_s": 0.01, **options}
    watched = Drop(LocalFolder(str(folder), "*.xml"), checkpoint, **options)
    files = [file async for file in watched.new_files()]
    return files, json.loads(json.dumps(watched.checkpoint))


async def bodies(folder, checkpoint=None):
    files, checkpoint = await look(folder, checkpoint)
    return [file.body for file in files], checkpoint


async def test_each_file_is_told_once_oldest_first(tmp_path):
    (tmp_path / "a.xml").write_bytes(b"second")
    (tmp_path / "b.xml").write_bytes(b"first")
    os.utime(tmp_path / "b.xml", (1, 1))
    (tmp_path / "c.txt").write_bytes(b"other")
    told, checkpoint = await bodies(tmp_path)
    assert told == [b"first", b"second"]
    assert (await bodies(tmp_path, checkpoint))[0] == []


async def test_a_changed_file_is_told_even_when_its_length_is_the_same(tmp_path):
    file = tmp_path / "a.xml"
    file.write_bytes(b"one")
    _, checkpoint = await bodies(tmp_path)
    file.write_bytes(b"two")
    os.utime(file, (9, 9))
    assert (await bodies(tmp_path, checkpoint))[0] == [b"two"]


async def test_a_renamed_or_touched_file_is_not_told_again(tmp_path):
    file = tmp_path / "a.xml"
    file.write_bytes(b"one")
    _, checkpoint = await bodies(tmp_path)
    os.utime(file, (9, 9))
    told, checkpoint = await bodies(tmp_path, checkpoint)
    assert told == []
    file.rename(tmp_path / "b.xml")
    told, checkpoint = await bodies(tmp_path, checkpoint)
    assert told == []
    assert list(checkpoint) == ["b.xml"]


async def test_a_growing_file_waits(tmp_path):
    file = tmp_path / "a.xml"
    file.write_bytes(b"<half")
    looking = asyncio.create_task(look(tmp_path, settle_s=0.1))
    await asyncio.sleep(0.05)
    file.write_bytes(b"<half/>")
    files, checkpoint = await looking
    assert files == []
    assert (await bodies(tmp_path, checkpoint))[0] == [b"<half/>"]


async def test_a_file_that_grows_while_it_is_read_waits():
    class Growing:
        async def entries(self):
            return [Entry("a.xml", 4, 1)]

        async def read(self, name, limit):
            return b"<a/><b"

    watched = Drop(Growing(), None, settle_s=0)
    assert [file async for file in watched.new_files()] == []
    assert watched.checkpoint == {}


@pytest.mark.parametrize("name", [".a.xml", "a.xml.tmp", "a.xml.filepart", "a.xml.PART", "a.xml~"])
async def test_a_name_that_says_unfinished_waits_for_its_renaming(tmp_path, name):
    (tmp_path / name).write_bytes(b"<a/>")
    watched = Drop(LocalFolder(str(tmp_path)), None, settle_s=0)
    assert [file async for file in watched.new_files()] == []
    (tmp_path / name).rename(tmp_path / "a.xml")
    assert [file.body async for file in watched.new_files()] == [b"<a/>"]


async def test_a_link_is_left_alone(tmp_path):
    (tmp_path / "secret").write_bytes(b"<a/>")
    (tmp_path / "a.xml").symlink_to(tmp_path / "secret")
    assert (await bodies(tmp_path))[0] == []
    with pytest.raises(NotFound):
        await LocalFolder(str(tmp_path)).read("a.xml", 10)


async def test_a_file_that_goes_while_it_is_looked_at_is_simply_not_there():
    class Going:
        async def entries(self):
            return [Entry("a.xml", 4, 1)]

        async def read(self, name, limit):
            raise NotFound("Gone.")

    assert [file async for file in Drop(Going(), None, settle_s=0).new_files()] == []


async def test_what_cannot_be_taken_is_rejected_by_name_and_the_rest_flows(tmp_path):
    (tmp_path / "a.xml").write_bytes(b"PK\3\4...")
    (tmp_path / "b.xml").write_bytes(b"<a/>")
    os.utime(tmp_path / "a.xml", (1, 1))
    files, checkpoint = await look(tmp_path)
    assert [(r.raw, r.code) for file in files for r in file.rejected] == [
        ("a.xml", "archive_refused")
    ]
    assert [file.body for file in files] == [b"", b"<a/>"]
    assert (await look(tmp_path, checkpoint))[0] == []


async def test_a_file_that_is_too_large_is_rejected_and_not_kept(tmp_path):
    (tmp_path / "a.xml").write_bytes(b"x" * 101)
    (file,), checkpoint = await look(tmp_path, max_bytes=100)
    assert [r.code for r in file.rejected] == ["too_large"]
    assert (await look(tmp_path, checkpoint, max_bytes=100))[0] == []


async def test_a_folder_that_is_not_there_or_overflows_is_said(tmp_path, monkeypatch):
    with pytest.raises(RetryLater) as caught:
        await look(tmp_path / "no")
    assert caught.value.code == "no_folder"
    monkeypatch.setattr(drop, "MAX_FILES", 1)
    for name in ("a.xml", "b.xml"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(AskAPerson) as asked:
        await look(tmp_path)
    assert asked.value.code == "too_many_files"


def zipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.xml", "<a/>")
    return out.getvalue()


def tarred():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("../../etc/cron.d/x"))
    return out.getvalue()


REFUSED = {
    "zip": zipped(),
    "tar": tarred(),
    "tar.gz": gzip.compress(tarred()),
    "gzip in gzip": gzip.compress(gzip.compress(b"a,b\n")),
    "7z": b"7z\xbc\xaf\x27\x1c" + b"\0" * 40,
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_an_archive_is_refused(body):
    with pytest.raises(GiveUp) as caught:
        plain(body)
    assert caught.value.code == "archive_refused"


def test_gzip_is_read_in_one_member_or_several():
    assert plain(gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n") + b"\0\0") == b"a,b\n1,2\n"


def test_a_decompression_bomb_is_never_unpacked_beyond_the_limit():
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 60_000
    with pytest.raises(GiveUp) as caught:
        plain(bomb * 3, 1_000_000)
    assert caught.value.code == "too_large"


@pytest.mark.parametrize(
    "body", [gzip.compress(b"a,b\n")[:-6], b"\x1f\x8bnothing of it"], ids=["cut", "made up"]
)
def test_a_broken_gzip_is_said(body):
    with pytest.raises(GiveUp) as caught:
        plain(body)
    assert caught.value.code == "broken_gzip"
