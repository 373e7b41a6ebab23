"""The new version is asked before it is put into use, and says what is to be done first."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest
from certificates import certificate_in

from watchfloor.adapters.sqlite import migrate as migrations

SOUND = {"Settings", "Disk", "Database", "Connectors", "Backup"}


@pytest.fixture
def check(run):
    async def checked():
        ran = await run("upgrade", "check", "--json")
        return ran.code, {line["what"]: line for line in ran.lines}

    return checked


@pytest.fixture
def old(data_dir):
    """A hub's directory as an older version has left it."""
    data_dir.mkdir()
    (data_dir / "hub.toml").write_text('name = "Example"\n')
    _at(data_dir / "hub.sqlite", migrations.known_revisions()[0])
    return data_dir


def _at(path, revision):
    """A database at a revision, made by its own migrations."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    engine = create_engine(
        "sqlite://", creator=lambda: migrations.connect_writer(path), poolclass=NullPool
    )
    config = Config()
    config.set_main_option("script_location", str(migrations.MIGRATIONS))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def _sql(data_dir, statement, *values):
    with closing(sqlite3.connect(data_dir / "hub.sqlite")) as connection:
        found = connection.execute(statement, values).fetchall()
        connection.commit()
    return found


async def test_an_old_hub_with_a_proven_backup_may_be_upgraded(old, run, check, tmp_path):
    (tmp_path / "backups").mkdir()
    ran = await run(
        "backup", "--to", str(tmp_path / "backups"), "--escrow", str(tmp_path / "escrow"), "--json"
    )
    code, found = await check()
    assert (code, found["Backup"]["ok"]) == (4, False), "a backup that nobody has read is none"
    await run("verify", ran.lines[1]["file"])
    code, found = await check()
    assert (code, set(found)) == (0, SOUND), found
    newest = migrations.known_revisions()[-1]
    assert f"schema 0001 to {newest} on a copy" in found["Database"]["detail"]


async def test_nothing_is_changed_by_asking(old, check):
    await check()
    assert _sql(old, "SELECT version_num FROM alembic_version") == [("0001",)]
    assert {path.name for path in old.iterdir()} <= {
        "hub.toml", "hub.sqlite", "hub.sqlite-wal", "hub.sqlite-shm", "backup",
    }  # fmt: skip


async def test_a_database_of_a_newer_version_is_named(old, check):
    _sql(old, "UPDATE alembic_version SET version_num = '9999'")
    code, found = await check()
    assert code == 4
    assert "9999" in found["Database and sources"]["detail"]


async def test_a_migration_that_fails_is_found_on_the_copy(old, check, monkeypatch):
    def fails(_path):
        raise migrations.translate(sqlite3.OperationalError("synthetic"))

    monkeypatch.setattr("watchfloor.adapters.sqlite.store.migrate", fails)
    code, found = await check()
    assert (code, found["Database and sources"]["ok"]) == (4, False)


@pytest.mark.parametrize("text", ['nom = "Example"\n', 'timezone = "Mars/Olympus"\n'])
async def test_settings_that_no_longer_fit_are_named(old, check, text):
    (old / "hub.toml").write_text(text)
    code, found = await check()
    assert (code, found["Settings"]["ok"]) == (4, False)


async def test_a_certificate_that_cannot_be_used_is_named(old, check, tmp_path):
    files = certificate_in(tmp_path / "tls")
    lines = f'[listening]\ntls_certificate = "{files.certificate}"\ntls_key = "{files.key}"\n'
    (old / "hub.toml").write_text(lines)
    assert (await check())[1]["Settings"]["ok"]
    files.key.unlink()
    assert not (await check())[1]["Settings"]["ok"]


async def test_a_connector_that_needs_a_newer_hub_is_named(old, check, example_manifest):
    place = old / "connectors" / example_manifest["id"] / "1.0.0"
    place.mkdir(parents=True)
    (place.parent / "current").symlink_to("1.0.0")
    (place / "connector.json").write_text(json.dumps(example_manifest))
    assert (await check())[1]["Connectors"]["ok"]
    (place / "connector.json").write_text(json.dumps(example_manifest | {"min_hub": "99.0.0"}))
    code, found = await check()
    assert code == 4
    assert "99.0.0" in found["Connectors"]["detail"]


async def test_a_source_that_does_not_fit_its_connector_is_named(old, check):
    _sql(
        old,
        "INSERT INTO instance VALUES ('plates', 'gone-vendor', 'Plates', '{}', 1, 0, 0, 'SIM')",
    )
    code, found = await check()
    assert code == 4
    assert "plates" in found["Sources"]["detail"]


async def test_a_source_that_pushes_takes_no_connector(old, check):
    _sql(old, "INSERT INTO instance VALUES ('drill', 'push', 'Drill', '{}', 1, 0, 0, 'SIM')")
    _, found = await check()
    assert found["Database"]["ok"], found
    assert "1 sources fit" in found["Database"]["detail"]


async def test_too_little_disk_is_named(old, check, monkeypatch):
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage(1, 1, 2**20))
    code, found = await check()
    assert (code, found["Disk"]["ok"]) == (4, False)


@pytest.fixture
def example_manifest():
    from importlib.resources import files

    examples = files("watchfloor.contracts") / "examples" / "manifest"
    return json.loads((examples / "good-minimal.json").read_text())
