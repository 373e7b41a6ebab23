"""A replica is read in the order of its key, and can be written in no way."""

import asyncio
import datetime as dt
import json
import os
import shutil
import socket
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytds
import pytest

from watchfloor_sdk import AskAPerson, Refused, RetryLater
from watchfloor_sdk.transports import engines, sql

COLUMNS = ["id", "place"]
KEY = ["changed", "id"]


@pytest.fixture
def replica(tmp_path):
    path = tmp_path / "cad replica.db"
    with closing(sqlite3.connect(path)) as far, far:
        far.execute('CREATE TABLE calls (id INTEGER, changed TEXT, place TEXT, "from" TEXT)')
        rows = [(n, f"2026-05-02T21:{n // 3:02}", f"{n} Example Ave", "x") for n in range(10)]
        far.executemany("INSERT INTO calls VALUES (?, ?, ?, ?)", rows)
    return SimpleNamespace(path=path, url=f"sqlite://{str(path).replace(' ', '%20')}")


def write(replica, statement):
    with closing(sqlite3.connect(replica.path)) as far, far:
        far.execute(statement)


async def ids(ctx, url, after=None, limit=3, **options):
    async with sql.opened(ctx, url, **options) as far:
        pages = [
            page async for page in far.pages("calls", COLUMNS, key=KEY, after=after, limit=limit)
        ]
    last = json.loads(json.dumps(pages[-1].after)) if pages else after
    return [row["id"] for page in pages for row in page.rows], last


async def test_rows_come_in_the_order_of_the_key_also_where_a_page_ends_among_equals(
    replica, reaching
):
    told, after = await ids(reaching(), replica.url, limit=2)
    assert told == list(range(10))
    assert after == ["2026-05-02T21:03", 9]
    assert (await ids(reaching(), replica.url, after))[0] == []
    write(replica, "UPDATE calls SET changed = '2026-05-02T22:00' WHERE id IN (2, 5)")
    assert (await ids(reaching(), replica.url, after))[0] == [2, 5]


async def test_only_the_columns_that_were_asked_for_are_read(replica, reaching):
    async with sql.opened(reaching(), replica.url) as far:
        (page,) = [page async for page in far.pages("calls", ["from"], key=["id"])]
    assert page.columns == ["from", "id"]


async def test_a_value_is_never_part_of_the_statement(replica, reaching):
    async with sql.opened(reaching(), replica.url) as far:
        values = {"place": "x' OR '1'='1"}
        found = await far.select("SELECT id FROM calls WHERE place = :place", values)
        assert found.rows == []
        found = await far.select("SELECT ':no' AS a, id FROM calls ORDER BY id", limit=2)
        assert found.rows == [{"a": ":no", "id": 0}, {"a": ":no", "id": 1}]


WRITES = [
    "DELETE FROM calls",
    "SELECT 1; DELETE FROM calls",
    "SELECT * INTO other FROM calls",
    "SELECT 1 -- and more",
    "PRAGMA query_only = OFF",
    "ATTACH '/tmp/x' AS x",
    "WITH a AS (SELECT 1) DELETE FROM calls",
    "SELECT load_extension('x')",
]


@pytest.mark.parametrize("statement", WRITES)
async def test_nothing_but_reading_gets_through(replica, reaching, statement):
    async with sql.opened(reaching(), replica.url) as far:
        with pytest.raises(AskAPerson) as caught:
            await far.select(statement)
    assert caught.value.code in ("not_a_select", "bad_statement")
    assert (await ids(reaching(), replica.url))[0] == list(range(10))


@pytest.mark.parametrize("statement", ["DELETE FROM calls", "PRAGMA query_only = OFF",
                                       "ATTACH 'x' AS x", "CREATE TABLE x (y)"])  # fmt: skip
async def test_the_session_refuses_even_what_the_words_let_pass(replica, reaching, statement):
    async with sql.opened(reaching(), replica.url) as far:
        with pytest.raises(AskAPerson):
            await far._run(statement, {})


@pytest.mark.parametrize("table", ['calls" WHERE 1=1 --', "calls; x", "a'b", "", "x..y"])
async def test_a_name_that_is_none_is_refused(replica, reaching, table):
    async with sql.opened(reaching(), replica.url) as far:
        with pytest.raises(Refused) as caught:
            await anext(far.pages(table, COLUMNS, key=KEY))
    assert caught.value.code == "bad_column"


async def test_a_column_that_is_not_there_is_said_without_the_statement(replica, reaching):
    async with sql.opened(reaching(), replica.url) as far:
        with pytest.raises(AskAPerson) as caught:
            await far.select("SELECT id FROM calls WHERE plate = 'ZZT1234'")
    assert caught.value.code == "bad_statement"
    assert "ZZT1234" not in caught.value.detail


SLOW = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"


async def test_a_statement_ends_at_its_deadline(replica, reaching):
    async with sql.opened(reaching(), replica.url, deadline_s=0.2) as far:
        with pytest.raises(RetryLater) as caught:
            await far.select(SLOW)
    assert caught.value.code == "statement_timeout"


async def test_a_statement_that_is_given_up_ends_with_it(replica, reaching):
    async def ask():
        async with sql.opened(reaching(), replica.url) as far:
            await far.select(SLOW)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ask(), 0.2)


@pytest.mark.parametrize(
    "url",
    ["", "oracle://h/db", "postgresql://u:p@h/db", "mssql://h", "sqlite://", "sqlite:///x?mode=rw"],
)
async def test_an_address_that_cannot_be_is_refused(url, reaching):
    with pytest.raises(Refused) as caught:
        async with sql.opened(reaching(), url):
            pass
    assert caught.value.code == "bad_url"


async def test_a_file_that_is_not_there_is_not_made(tmp_path, reaching):
    with pytest.raises(RetryLater) as caught:
        async with sql.opened(reaching(), f"sqlite://{tmp_path}/no.db"):
            pass
    assert caught.value.code == "no_replica"
    assert not (tmp_path / "no.db").exists()


async def test_a_file_that_is_no_database_passes(tmp_path, reaching):
    (tmp_path / "x.db").write_bytes(b"half of something" * 100)
    with pytest.raises(RetryLater) as caught:
        await ids(reaching(), f"sqlite://{tmp_path}/x.db")
    assert caught.value.code == "half_answer"


async def test_a_server_that_is_down_passes(reaching):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(RetryLater) as caught:
        await ids(reaching(port, replica={}), f"postgresql://127.0.0.1:{port}/cad")
    assert caught.value.code == "vendor_unreachable"


@pytest.mark.parametrize("scheme", ["postgresql", "mssql"])
async def test_a_server_that_hangs_up_or_talks_nonsense_passes(scheme, reaching):
    async def hang_up(reader, writer):
        await reader.read(10)
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(RetryLater) as caught:
            await ids(
                reaching(port, replica={"username": "u", "password": "p"}),
                f"{scheme}://127.0.0.1:{port}/cad",
            )
    assert caught.value.code in ("half_answer", "vendor_unavailable")


# --- PostgreSQL, where one is installed ---------------------------------------------------------


def run(*command):
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*user, *command], check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def postgres():
    if not shutil.which("initdb") or not shutil.which("pg_ctl"):
        pytest.skip("no PostgreSQL here")
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
    from pg8000 import native

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
    monkeypatch.setattr(engines, "_is_far", lambda host: True)
    with pytest.raises(RetryLater):
        await ids(reaching(postgres.port, replica=CREDENTIAL), postgres.url)


@pytest.mark.parametrize(
    ("host", "far"),
    [("127.0.0.1", False), ("::1", False), ("localhost", False), ("10.1.2.3", True),
     ("replica.example.org", True)],
)  # fmt: skip
def test_only_this_machine_is_asked_without_tls(host, far):
    assert engines._is_far(host) is far


# --- SQL Server: what is sent, since none can be had here ----------------------------------------


class Cursor:
    def __init__(self, sent):
        self.sent = sent
        self.description = [("id",), ("place",), ("version",)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def execute(self, statement, values):
        self.sent.append((statement, values))

    def fetchall(self):
        return [(1, "a", b"\0\1"), (2, "b", b"\0\2")] if len(self.sent) < 2 else []


@pytest.fixture
async def sql_server(monkeypatch, reaching):
    sent, options = [], {}

    def connect(host, **given):
        options.update(given, host=host)
        return SimpleNamespace(cursor=lambda: Cursor(sent), close=lambda: None)

    monkeypatch.setattr(pytds, "connect", connect)
    async with await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        ctx = reaching(port, replica={"username": "u", "password": "p"})
        yield SimpleNamespace(ctx=ctx, url=f"mssql://127.0.0.1:{port}/cad", sent=sent,
                              options=options)  # fmt: skip


async def test_sql_server_is_asked_in_its_own_words(sql_server):
    async with sql.opened(sql_server.ctx, sql_server.url) as far:
        pages = far.pages("dbo.Calls", ["id", "place"], key=["version"], limit=2)
        (page,) = [page async for page in pages]
        await far.select("SELECT [a:b] FROM x WHERE n LIKE '5%' AND i = :i", {"i": 7}, limit=9)
    assert page.after == [{"hex": "0002"}]
    assert sql_server.sent == [
        ("SELECT TOP (2) [id], [place], [version] FROM [dbo].[Calls] ORDER BY [version]", None),
        ("SELECT TOP (2) [id], [place], [version] FROM [dbo].[Calls]"
         " WHERE ([version] > %(k0)s) ORDER BY [version]", {"k0": b"\0\2"}),
        ("SET ROWCOUNT 9; SELECT [a:b] FROM x WHERE n LIKE '5%%' AND i = %(i)s", {"i": 7}),
    ]  # fmt: skip
    assert sql_server.options["readonly"] is True
    assert sql_server.options["disable_connect_retry"] is True
    assert sql_server.options["sock"] is not None
    assert sql_server.options["timeout"] == sql.DEADLINE_S


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (pytds.LoginError("no"), "vendor_refused"),
        (pytds.tds_base.ClosedConnectionError(), "half_answer"),
        (pytds.OperationalError("x"), "vendor_unavailable"),
    ],
)
def test_sql_servers_errors_are_sorted_without_their_texts(error, code):
    ours = engines.SqlServer().judged(error)
    assert ours.code == code


def test_a_time_as_key_keeps_what_the_column_can_hold():
    at = dt.datetime(2026, 5, 2, 21, 0, 0, 997_000)
    assert sql._json(at) == "2026-05-02T21:00:00.997"
    assert sql._json(at.replace(microsecond=123_456)) == "2026-05-02T21:00:00.123456"
