"""A small data directory with something of everything in it."""

from __future__ import annotations

import audit_logs
import pytest

from watchfloor.adapters.backup import DayKeys, Escrow, Place
from watchfloor.adapters.keyring_file import SealedKeyring
from watchfloor.adapters.sqlite.migrate import migrate


@pytest.fixture
async def place(tmp_path):
    data_dir = tmp_path / "hub"
    data_dir.mkdir(mode=0o700)
    migrate(data_dir / "hub.sqlite")
    (data_dir / "hub.toml").write_text('agency = "ex-pd"\n')
    shelf = data_dir / "media" / "ab"
    shelf.mkdir(parents=True)
    (shelf / ("ab" * 32)).write_bytes(bytes(range(256)) * 5_000)
    SealedKeyring(data_dir / "secrets" / "credentials").set_password("a", "b", "synthetic-secret")
    await audit_logs.written(data_dir, 6, every=3)
    version = data_dir / "connectors" / "lpr-rest" / "0.2.0"
    version.mkdir(parents=True)
    (version / "connector.json").write_text("{}")
    (version.parent / "current").symlink_to("0.2.0")
    (data_dir / "run.json").write_text("{}")
    (data_dir / "work").mkdir()
    (data_dir / "work" / "left").write_text("of a worker")
    passing = frozenset({"run.json", "work", "hub.lock", "egress"})
    return Place(data_dir, "hub.sqlite", "connectors", passing)


@pytest.fixture
def keys(place):
    return DayKeys(place.own)


@pytest.fixture
def code(place, keys, tmp_path):
    """The recovery code of an escrow that is arranged."""
    return Escrow(keys).arrange(tmp_path / "elsewhere.escrow")


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "backups"
    made.mkdir()
    return made
