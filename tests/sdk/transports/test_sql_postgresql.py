"""PostgreSQL as a replica: a real one, on a folder and a port of its own."""

import os
import shutil
import socket
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest
from pg8000 import native
from programs import located
from replica import ids

from watchfloor_sdk import AskAPerson, Refused, RetryLater
from watchfloor_sdk.transports import sql
from watchfloor_sdk.transports.engines import postgresql


def run(*command):
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    program, *words = command
    subprocess.run([*user, located(program), *words], check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def postgres():
    if not located("initdb"):
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    # Not one of pytest's own folders: those are root's alone, and PostgreSQL refuses to be root.
    with TemporaryDirectory(prefix="watchfloor-pg-") as folder:
        yield from served(Path(folder))


def served(folder):
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (folder / "pw").write_text("not-a-secret")
    (folder / "pw").chmod(0o644)
    run("initdb", "-D", f"{folder}/d", "-A", "scram-sha-256", "-U", "hub", "-E", "UTF8",
        "--no-locale", "--pwfile", f"{folder}/pw")  # fmt: skip
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    run("pg_ctl", "-D", f"{folder}/d", "-o", options, "-l", f"{folder}/log", "-w", "start")
    yield SimpleNamespace(port=port, url=f"postgresql://127.0.0.1:{port}/postgres")
    run("pg_ctl", "-D", f"{folder}/d", "-m", "immediate", "stop")


@pytest.fixture
def calls(postgres):
    far = native.Connection("hub", host="127.0.0.1", port=postgres.port, password="not-a-secret",
                            database="postgres")  # fmt: skip
    far.run("DROP TABLE IF EXISTS calls")
    far.run("CREATE TABLE calls (id int, changed timestamptz, place text)")
    far.run("INSERT INTO calls SELECT n, '2026-05-02T21:00:00.123456Z'::timestamptz"
            " + (n / 3) * interval '1 microsecond', n || ' Example Ave'"
            " FROM generate_series(0, 9) n")  # fmt: skip
    yield far
    far.close()


CREDENTIAL = {"username": "hub", "password": "not-a-secret"}


async def test_postgresql_is_read_page_by_page(postgres, calls, reaching):
    ctx = reaching(postgres.port, replica=CREDENTIAL)
    told, after = await ids(ctx, postgres.url, limit=2)
    assert told == list(range(10))
    assert (await ids(ctx, postgres.url, after))[0] == []
    calls.run("UPDATE calls SET changed = now() WHERE id = 4")
    assert (await ids(ctx, postgres.url, after))[0] == [4]


async def test_postgresql_cannot_be_written(postgres, calls, reaching):
    async with sql.opened(reaching(postgres.port, replica=CREDENTIAL), postgres.url) as far:
        for statement in ("DELETE FROM calls", "SELECT id FROM calls FOR UPDATE"):
            with pytest.raises(Refused) as caught:
                await far._run(statement, {})
            assert caught.value.code == "not_a_select"
        found = await far.select("SELECT id::text FROM calls WHERE id = :id", {"id": 3})
        assert found.rows == [{"id": "3"}]


@pytest.mark.parametrize(
    ("credential", "code"),
    [({"username": "hub", "password": "no"}, "vendor_refused"), ({}, "vendor_refused")],
)
async def test_postgresql_says_who_may_not_come_in(postgres, reaching, credential, code):
    with pytest.raises(AskAPerson) as caught:
        await ids(reaching(postgres.port, replica=credential), postgres.url)
    assert caught.value.code == code


async def test_postgresql_ends_a_statement_at_its_deadline(postgres, calls, reaching):
    ctx = reaching(postgres.port, replica=CREDENTIAL)
    async with sql.opened(ctx, postgres.url, deadline_s=0.3) as far:
        with pytest.raises(RetryLater) as caught:
            await far.select("SELECT pg_sleep(30)")
        assert caught.value.code == "statement_timeout"
        with pytest.raises(AskAPerson) as asked:
            await far.select("SELECT id FROM nothing")
        assert asked.value.code == "bad_statement"


async def test_postgresql_over_the_network_is_asked_for_tls(postgres, calls, reaching, monkeypatch):
    monkeypatch.setattr(postgresql, "is_far", lambda host: True)
    with pytest.raises(RetryLater):
        await ids(reaching(postgres.port, replica=CREDENTIAL), postgres.url)
