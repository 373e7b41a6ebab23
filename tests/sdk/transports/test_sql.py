"""A replica is read in the order of its key, and can be written in no way."""

import asyncio
import datetime as dt
import socket
import sqlite3
from contextlib import closing
from types import SimpleNamespace

import pytest
from replica import COLUMNS, KEY, ids

from watchfloor_sdk import AskAPerson, Refused, RetryLater
from watchfloor_sdk.transports import sql
from watchfloor_sdk.transports.engines.server import is_far


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


@pytest.mark.parametrize(
    ("host", "far"),
    [("127.0.0.1", False), ("::1", False), ("localhost", False), ("10.1.2.3", True),
     ("replica.example.org", True)],
)  # fmt: skip
def test_only_this_machine_is_asked_without_tls(host, far):
    assert is_far(host) is far


def test_a_time_as_key_keeps_what_the_column_can_hold():
    at = dt.datetime(2026, 5, 2, 21, 0, 0, 997_000)
    assert sql._json(at) == "2026-05-02T21:00:00.997"
    assert sql._json(at.replace(microsecond=123_456)) == "2026-05-02T21:00:00.123456"
