"""Killed at any moment, nothing is left that looks whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from backed_up import NOON

from watchfloor.adapters import backup as backups

LARGE = 16 * 1024 * 1024
WATCHFLOOR = (sys.executable, "-m", "watchfloor")


@pytest.fixture
def large(place, code):
    """Enough to be caught in the middle of."""
    (place.data_dir / "media" / "large").write_bytes(os.urandom(LARGE))
    return place


def _killed_when(there, *arguments):
    with subprocess.Popen(
        [*WATCHFLOOR, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + 20
        while not there() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        caught = process.poll() is None
        process.send_signal(signal.SIGKILL)
    assert caught, "it had ended before it could be killed"


def _bytes_below(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_a_killed_backup_leaves_no_backup_and_the_next_one_tidies_up(large, folder, keys):
    _killed_when(
        lambda: _bytes_below(folder) > 2**20,
        "backup", "--data-dir", str(large.data_dir), "--to", str(folder),
    )  # fmt: skip
    assert not list(folder.glob("*.backup"))
    taken = backups.take(large, folder, NOON)
    assert [path.name for path in folder.iterdir()] == [Path(taken.file).name]
    assert not (large.own / "work").exists()


def test_a_killed_restore_leaves_no_hub_and_the_next_one_succeeds(large, folder, keys, tmp_path):
    file = backups.take(large, folder, NOON).file
    new = tmp_path / "new"
    half = tmp_path / ".new.restoring"
    _killed_when(
        lambda: half.exists() and _bytes_below(half) > 2**20,
        "restore", file, "--data-dir", str(new), "--old", str(large.data_dir),
    )  # fmt: skip
    assert not new.exists()
    assert half.exists()
    backups.restore(backups.Place(new, "hub.sqlite", "connectors"), Path(file), keys.all(), NOON)
    assert (new / "media" / "large").stat().st_size == LARGE
    assert not half.exists()
