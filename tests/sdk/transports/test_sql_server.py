"""SQL Server as a replica: what is sent, since none can be had here."""

import asyncio
from types import SimpleNamespace

import pytds
import pytest

from watchfloor_sdk.transports import sql
from watchfloor_sdk.transports.engines.sql_server import SqlServer


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
    ours = SqlServer().judged(error)
    assert ours.code == code
