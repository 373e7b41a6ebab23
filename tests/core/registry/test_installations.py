"""What is installed is compared with its record at every load, and read only where it must be."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from pathlib import Path

import pytest
from toy_index import manifest

from watchfloor.contracts import NotFound, Refused
from watchfloor.contracts.registry import Release
from watchfloor.registry import installations
from watchfloor.registry.installations import Installations

MANIFEST = json.dumps(manifest("toy", "1.0.0")).encode()
RELEASE = Release(
    version="1.0.0",
    min_hub="0.1.0",
    manifest=json.loads(MANIFEST),
    manifest_sha256=hashlib.sha256(MANIFEST).hexdigest(),
)


class Wheelless:
    """An index and environments in one: what is fetched is nothing, what is made is a toy."""

    async def fetch(self, release, folder):
        return []

    async def make(self, folder, wheels, release):
        info, package = folder / "toy-1.dist-info", folder / "toy"
        for each in (folder / "bin", info, package):
            each.mkdir(parents=True)
        (folder / "bin" / "python").symlink_to("/usr/bin/python3")
        (info / "entry_points.txt").write_text("[watchfloor.connectors]\ntoy = toy\n")
        (package / "__init__.py").write_text("A = 1\n")
        (package / "connector.json").write_bytes(MANIFEST)

    def python(self, folder):
        return folder / "bin" / "python"

    def packages(self, folder):
        return folder


@pytest.fixture
async def installed(tmp_path):
    made = Installations(tmp_path, Wheelless(), b"a key")
    await made.add(Wheelless(), "toy", RELEASE, "Alex", 1, lambda part, what: None)
    return made


@pytest.fixture
def env(installed, tmp_path):
    return tmp_path / "toy" / "1.0.0" / "env"


@pytest.fixture
def readings(monkeypatch):
    """How often the files were read."""
    seen = []
    contents = installations.contents
    monkeypatch.setattr(installations, "contents", lambda at: seen.append(at) or contents(at))
    return seen


@pytest.fixture
async def settled(installed, monkeypatch):
    """What was installed a moment ago counts as old. (The kernel's own ticks are 10 ms at most.)"""
    monkeypatch.setattr(installations, "TICK_NS", 0)
    await asyncio.sleep(0.02)


async def test_sources_of_one_connector_that_start_together_have_it_read_once(
    installed, settled, readings
):
    await asyncio.gather(*(installed.verified("toy", "1.0.0") for _ in range(5)))
    await installed.verified("toy", "1.0.0")
    assert len(readings) == 1


async def test_another_hub_reads_it_anew(installed, settled, readings, tmp_path):
    """What is remembered ends with the hub."""
    for _ in range(2):
        await Installations(tmp_path, Wheelless(), b"a key").verified("toy", "1.0.0")
    assert len(readings) == 2


async def test_what_was_changed_a_moment_ago_is_read_again(installed, readings):
    """A second change could bear the same time as the first."""
    for _ in range(2):
        await installed.verified("toy", "1.0.0")
    assert len(readings) == 2


def unnoticeably(path: Path) -> None:
    """Other bytes, as many as before and with the times of before."""
    before = path.stat()
    path.write_text("A = 2\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def by_another_file(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_text("A = 2\n")
    other.replace(path)


def by_a_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/null")


def by_a_pipe(path: Path) -> None:
    """Python reads a ``.pth`` of any kind at its start."""
    os.mkfifo(path.with_suffix(".pth"))


@pytest.mark.parametrize(
    "change", [unnoticeably, by_another_file, by_a_link, by_a_pipe, Path.unlink]
)
async def test_a_file_that_changes_between_two_starts_is_noticed(installed, settled, env, change):
    await installed.verified("toy", "1.0.0")
    change(env / "toy" / "__init__.py")
    for _ in range(2):
        with pytest.raises(Refused, match="__init__") as refused:
            await installed.verified("toy", "1.0.0")
        assert refused.value.code == "tampered"


async def test_what_is_put_back_may_run_again(installed, settled, env):
    file = env / "toy" / "__init__.py"
    await installed.verified("toy", "1.0.0")
    file.write_text("A = 2\n")
    with pytest.raises(Refused):
        await installed.verified("toy", "1.0.0")
    file.write_text("A = 1\n")
    assert await installed.verified("toy", "1.0.0") == env / "bin" / "python"


async def test_a_record_that_was_sealed_by_another_is_noticed(installed, settled, tmp_path):
    await installed.verified("toy", "1.0.0")
    record = tmp_path / "toy" / "1.0.0" / "installed.json"
    record.write_text(record.read_text().replace("Alex", "Alec"))
    with pytest.raises(Refused, match=r"installed\.json differs"):
        await installed.verified("toy", "1.0.0")


async def test_what_cannot_be_read_is_refused(installed, env, monkeypatch):
    file = env / "toy" / "__init__.py"

    def unreadable(at):
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr(installations, "contents", unreadable)
    with pytest.raises(Refused, match=r"__init__\.py cannot be read \(Permission denied\)"):
        await installed.verified("toy", "1.0.0")


async def test_what_is_not_there_is_not_found(installed):
    with pytest.raises(NotFound):
        await installed.verified("toy", "2.0.0")
