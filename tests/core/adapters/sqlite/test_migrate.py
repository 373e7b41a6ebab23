"""The schema: one way to get there, told apart from newer ones, light to start with."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from alert_hub import NOON, batch_of, read

from watchfloor.adapters.clock import SettableClock, SystemClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.adapters.sqlite.migrate import SCHEMA, known_revisions, migrate, upgrade
from watchfloor.adapters.sqlite.snapshot import snapshot
from watchfloor.contracts import AskAPerson
from watchfloor.ports.store import Alert


def schema(path):
    with sqlite3.connect(path) as connection:
        return connection.execute(
            "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"
        ).fetchall()


def test_a_new_file_gets_what_all_migrations_arrive_at(tmp_path):
    migrate(tmp_path / "new.sqlite")
    upgrade(tmp_path / "upgraded.sqlite")
    assert schema(tmp_path / "new.sqlite") == schema(tmp_path / "upgraded.sqlite")


def test_the_snapshot_is_of_the_migrations():
    """After a new migration: python -m watchfloor.adapters.sqlite.snapshot"""
    assert SCHEMA.read_text() == snapshot()


def test_the_files_at_head_are_left_alone(tmp_path):
    path = tmp_path / "store.sqlite"
    migrate(path)
    before = schema(path)
    migrate(path)
    assert schema(path) == before


def test_the_tables_that_people_edit_are_what_their_models_say(tmp_path):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import create_engine

    from watchfloor.adapters.sqlite.tables import metadata

    migrate(tmp_path / "store.sqlite")
    ours = set(metadata.tables)
    engine = create_engine(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, type_, _: type_ != "table" or name in ours,
            },
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


async def test_alerts_of_before_get_class_and_sources_of_their_events(tmp_path):
    path, clock = tmp_path / "store.sqlite", SettableClock(NOON)
    store = SqliteStore(path, clock)
    await store.open()
    await store.log.commit(
        [
            batch_of(read(id="1", source="north") | {"dataclassification": "cji"}),
            batch_of(read(id="2")),
            batch_of(read(id="3")),
        ]
    )
    made_of = [
        ("hit", [1, 2, 3]),
        ("hit", [2]),
        ("hit", [2, 99]),
        ("read", [99]),
        ("gunshot", [98]),
    ]
    alerts = [
        Alert(0, "r", kind, "high", "t", "", NOON, NOON, None, events, "public", [])
        for kind, events in made_of
    ]
    await store.alerts.raise_alerts("alerts", 1, alerts, [[]] * len(alerts))
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "ALTER TABLE lease ADD COLUMN person VARCHAR;"
            "CREATE INDEX lease_person ON lease (person);"
            "ALTER TABLE vendor_log DROP COLUMN visited;"
            "ALTER TABLE local_account DROP COLUMN maker;"
            "DROP TABLE known_handle;"
            "ALTER TABLE alert DROP COLUMN sources;"
            "ALTER TABLE alert DROP COLUMN handling;"
            "ALTER TABLE approval DROP COLUMN shown;"
            "ALTER TABLE approval DROP COLUMN used;"
            "ALTER TABLE local_account DROP COLUMN used;"
            "ALTER TABLE deed DROP COLUMN person;"
            "UPDATE alembic_version SET version_num = '0011';"
        )
    store = SqliteStore(path, clock)
    await store.open()
    found = list(reversed(await store.alerts.alerts([], None, 10)))
    assert [each.handling for each in found] == ["cji", "le-sensitive", "cji", "cji", "cji"]
    sources = [set(each.sources) for each in found]
    assert sources == [{"north", "src"}, {"src"}, {"src", ""}, {""}, {""}]
    await store.close()


DAY = 24 * 3600 * 1_000_000


async def test_what_was_there_before_tells_who_used_and_did_what_and_until_when(tmp_path):
    path = tmp_path / "store.sqlite"
    migrate(path)
    accounts = [("used", NOON + 3 * DAY), ("unused", NOON + 90 * DAY), ("waits", None)]
    sessions = [("s-1", "break-glass|used", None), ("s-2", "break-glass|gone", None),
                ("s-3", "idp#ana", None), ("s-4", "break-glass|used", 7)]  # fmt: skip
    with closing(sqlite3.connect(path)) as connection, connection:
        for id, until in accounts:
            connection.execute(
                "INSERT INTO local_account(id, name, role, salt, hash, rounds, made, made_by,"
                " enabled, until, failures)"
                " VALUES (?, 'N', 'analyst', '', '', 1, 0, 'kim', ?, ?, 0)",
                (id, until and NOON, until),
            )
        for id, person, until in sessions:
            body = json.dumps({"person": {"id": person}, **({"until": until} if until else {})})
            connection.execute("INSERT INTO session VALUES (?, ?, '', ?)", (id, id, body))
        connection.execute("INSERT INTO known_handle VALUES ('ana', 'Ana', 'idp#ana', 1)")
        for id, by in (("d-1", "Ana"), ("d-2", "ana"), ("d-3", "somebody")):
            connection.execute(
                "INSERT INTO deed(id, source, action, parameters, requested_by, asked)"
                " VALUES (?, 'cad', 'note', '{}', ?, 1)",
                (id, by),
            )
        connection.executescript(
            "ALTER TABLE local_account DROP COLUMN used;"
            "ALTER TABLE deed DROP COLUMN person;"
            "UPDATE alembic_version SET version_num = '0018';"
        )
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        used = dict(connection.execute("SELECT id, used FROM local_account"))
        untils = dict(connection.execute("SELECT id, json_extract(body, '$.until') FROM session"))
        people = dict(connection.execute("SELECT id, person FROM deed"))
    assert used == {"used": NOON, "unused": None, "waits": None}
    assert untils == {"s-1": NOON + 3 * DAY, "s-3": None, "s-4": 7}, "of one that is gone, none"
    assert people == {"d-1": "idp#ana", "d-2": "idp#ana", "d-3": ""}


def test_known_revisions_are_alembics(tmp_path):
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(SCHEMA.parent))
    script = ScriptDirectory.from_config(config)
    assert known_revisions() == sorted(revision.revision for revision in script.walk_revisions())
    assert known_revisions()[-1] == script.get_current_head()


async def test_a_newer_database_is_refused_with_a_remedy(tmp_path):
    path = tmp_path / "store.sqlite"
    migrate(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(AskAPerson) as refused:
        await SqliteStore(path, SystemClock()).open()
    assert refused.value.code == "store_newer"
    assert "9999" in refused.value.detail
    assert refused.value.remedy


@pytest.mark.parametrize("content", [b"not a database, but text\n" * 100])
async def test_a_file_that_is_no_database_is_refused(tmp_path, content):
    path = tmp_path / "store.sqlite"
    path.write_bytes(content)
    with pytest.raises(AskAPerson) as refused:
        await SqliteStore(path, SystemClock()).open()
    assert refused.value.code == "store_damaged"
    assert path.read_bytes() == content


async def test_a_directory_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(AskAPerson) as refused:
        await SqliteStore(tmp_path / "file" / "store.sqlite", SystemClock()).open()
    assert refused.value.code == "disk_error"


def test_starting_imports_neither_alembic_nor_sqlalchemy(tmp_path):
    """They cost seconds and tens of megabytes, and have nothing to do at most starts."""
    program = f"""
import asyncio, sys
from pathlib import Path
from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import SqliteStore
async def main():
    store = SqliteStore(Path({str(tmp_path / "s.sqlite")!r}), SystemClock())
    await store.open()
    await store.instances.all()
    await store.close()
asyncio.run(main())
print(sorted({{"alembic", "sqlalchemy", "sqlmodel", "pydantic"}} & set(sys.modules)))
"""
    for _ in ("a new file", "one at head"):
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "[]"
