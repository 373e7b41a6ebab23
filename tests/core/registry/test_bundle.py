"""Air-gapped: a bundle installs with the same checks and no index in reach."""

from __future__ import annotations

import io
import stat
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from hub import until
from toy_index import ToyIndex, toy, wheel

from watchfloor.adapters.bundles import write_bundle
from watchfloor.adapters.tuf_index import TufIndex
from watchfloor.adapters.tuf_signing import Keys, Publisher

OFFLINE = 'registry_root = "{root}"\n'


async def bundle_of(index, connector, tmp_path):
    """A bundle's bytes."""
    tmp_path.mkdir(exist_ok=True)
    client = TufIndex(str(index.folder), index.root.read_bytes(), tmp_path / "publisher-kept")
    registry = Publisher(index.folder, Keys(index.keys)).registry()
    release = next(each for each in registry.connectors if each.id == connector).releases[-1]
    await write_bundle(client, connector, release, tmp_path / "bundle.zip")
    return (tmp_path / "bundle.zip").read_bytes()


@pytest.fixture
async def offline(opened, index):
    """A hub that knows a root and no index."""
    async with opened(OFFLINE.format(root=index.root)) as agency:
        yield agency


async def install(agency, content):
    return await agency.job("/bundles", content)


async def test_a_bundle_installs_without_an_index(index, offline, tmp_path):
    index.add("counter", "1.0.0")
    job = await install(offline, await bundle_of(index, "counter", tmp_path / "b"))
    assert job["result"] == {"connector": "counter", "version": "1.0.0"}
    await offline.run("c1", "counter")
    await until(lambda: offline.api.events(source="c1"))


async def test_a_revocation_that_a_bundle_brings_holds(index, offline, tmp_path):
    index.add("counter", "1.0.0")
    await install(offline, await bundle_of(index, "counter", tmp_path / "b"))
    await offline.run("c1", "counter")
    old = await bundle_of(index, "counter", tmp_path / "b")
    index.add("other", "1.0.0")
    index.revoke("counter")
    await install(offline, await bundle_of(index, "other", tmp_path / "c"))
    await offline.hub.connectors.watch()
    assert "It read too much." in (await offline.state("c1", "needs_attention"))["reason"]
    await offline.api.send("DELETE", "/sources/c1")
    await offline.job("/connectors/counter/remove")
    assert (await install(offline, old))["error"]["code"] == "index_older"


async def test_a_bundle_of_another_publisher_is_refused(index, offline, tmp_path):
    (tmp_path / "foreign").mkdir()
    foreign = ToyIndex(tmp_path / "foreign")
    foreign.add("counter", "1.0.0")
    job = await install(offline, await bundle_of(foreign, "counter", tmp_path / "b"))
    assert job["error"]["code"] == "index_tampered"


def changed(content, change):
    """The same archive with ``change(name, bytes)`` applied to each entry."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as before, ZipFile(out, "w") as after:
        for name in before.namelist():
            after.writestr(name, change(name, before.read(name)))
    return out.getvalue()


async def test_one_changed_byte_in_a_bundle_is_refused(index, offline, tmp_path):
    index.add("counter", "1.0.0")
    content = await bundle_of(index, "counter", tmp_path / "b")

    def spoil(name, inside):
        return inside[:-1] + b"x" if "tinylib" in name else inside

    job = await install(offline, changed(content, spoil))
    assert job["error"]["code"] == "index_tampered"


def with_entry(name, mode=0o644):
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        entry = ZipInfo(name)
        entry.external_attr = mode << 16
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


def damaged(at, byte):
    """An archive that says of its one entry that it is packed, and one byte of it is another:
    counted from where the entry begins in the archive's directory where ``at`` is negative."""
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("bundle.json", '{"connector": "counter", "version": "1.0.0"}')
    content = bytearray(out.getvalue())
    directory = content.index(b"PK\x01\x02")
    content[directory - at if at < 0 else len("PK..") + 26 + len("bundle.json") + at] = byte
    return bytes(content)


ENCRYPTED, METHOD = -8, -10
"""Where an entry of the directory has its flags and how it is packed (APPNOTE 4.3.12)."""


@pytest.mark.parametrize(
    "content",
    [
        damaged(ENCRYPTED, 1),
        damaged(METHOD, 99),
        damaged(METHOD, 14),
        damaged(0, 0xFF),
        with_entry("../../outside.txt"),
        with_entry("/etc/outside.txt"),
        with_entry("a\\..\\outside.txt"),
        with_entry("metadata/link", stat.S_IFLNK | 0o777),
        with_entry("harmless.txt"),
        b"no archive",
    ],
    ids=[
        "encrypted",
        "unknown packing",
        "other packing",
        "spoiled",
        "dots",
        "absolute",
        "backslashes",
        "link",
        "no label",
        "no archive",
    ],
)
async def test_an_archive_with_tricks_is_refused(offline, content):
    job = await install(offline, content)
    assert job["error"]["code"] == "bad_archive"
    assert (await offline.api.get("/connectors"))["items"] == []


async def test_a_wheel_with_tricks_is_refused(index, agency):
    """Signed or not: whoever signs may be deceived."""
    tricky = wheel(index.work, "tinylib", "1.0.0", {"../../outside.py": "", "tinylib.py": ""})
    index.publish(toy(index.work, "counter", "1.0.0"), tricky)
    job = await agency.job("/connectors/counter/install")
    assert job["error"]["code"] == "bad_archive"
    assert (await agency.api.get("/connectors"))["items"] == []
