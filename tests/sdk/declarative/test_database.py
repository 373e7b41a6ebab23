"""A table of a database's replica, read by a mapping file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from watchfloor_sdk import AskAPerson, Page
from watchfloor_sdk.testing import context

SETTINGS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "replica": {"type": "string"},
        "table": {"type": "string"},
        "key": {},
    },
}
NOW = datetime(2026, 5, 2, 21, tzinfo=UTC)
CALL = {
    "event": "call", "id": "{No}#{@hash}", "time": "Received",
    "fields": {"call_number": "No", "status": "=Active", "incident_type.text": "Nature",
               "priority": "Priority", "self_initiated": "Proactive"},
}  # fmt: skip
UNIT = {"asset": "vehicle", "id": "Unit", "fields": {"name": "Unit"}}


class Reader:
    """One connector with its checkpoint, as a worker drives it."""

    def __init__(self, connector: Any, **settings: Any) -> None:
        self.made = connector()
        self.ctx = context(connector.settings(**settings), source="test", now=NOW)
        self.checkpoint: Any = None
        self.pages: list[Page] = []

    async def poll(self) -> list[str]:
        self.pages = []
        async for page in self.made.poll(self.ctx, self.checkpoint):
            self.checkpoint = page.checkpoint
            self.pages.append(page)
        return [event.data.call_number for page in self.pages for event in page.events]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "cad.db"
    with closing(sqlite3.connect(path)) as far, far:
        far.execute(
            'CREATE TABLE calls ("No" TEXT, Received TEXT, Nature TEXT, Priority INTEGER,'
            " Proactive BOOLEAN, Caller TEXT, changed INTEGER, Unit TEXT)"
        )
    return path


def add(path: Path, number: int, received: str | None = "2026-05-02T20:00:00Z") -> None:
    row = (f"Z-{number}", received, "alarm", 2, 1, "not for us", number, "3A12")
    with closing(sqlite3.connect(path)) as far, far:
        far.execute(f"INSERT INTO calls VALUES ({', '.join('?' * len(row))})", row)


@pytest.fixture
def reader(package: Callable[..., Any], database: Path) -> Callable[..., Reader]:
    def made(output: Any = CALL, **source: Any) -> Reader:
        one = {"name": "calls", "file": {}, "layout": {"format": "csv"}, "outputs": [output]}
        mapping = {"name": "test", "sources": [{**one, **source}]}
        where = {"replica": f"sqlite://{database}", "table": "calls", "key": ["changed"]}
        return Reader(package(mapping, config_schema=SETTINGS), **where)

    return made


async def test_rows_beyond_the_key_are_told(reader: Any, database: Path):
    add(database, 1)
    add(database, 2)
    one = reader()
    assert await one.poll() == ["Z-1", "Z-2"]
    assert one.checkpoint == {"calls": {"after": [2]}}
    assert one.pages[0].events[0].data.priority == 2
    assert one.pages[0].events[0].data.self_initiated is True
    assert await one.poll() == []
    add(database, 3)
    assert await one.poll() == ["Z-3"]


async def test_only_what_the_mapping_names_is_read(reader: Any, database: Path):
    add(database, 1)
    add(database, 2)
    one = reader()
    await one.poll()
    rows = json.loads(one.pages[0].raw)
    assert one.pages[0].pointers == ["/0", "/1"]
    assert rows[1]["No"] == "Z-2"
    assert "Caller" not in rows[1]


async def test_a_bad_row_goes_to_the_dead_letters(reader: Any, database: Path):
    add(database, 1, received=None)
    add(database, 2)
    one = reader()
    assert await one.poll() == ["Z-2"]
    assert [bad.code for bad in one.pages[0].rejected] == ["incomplete"]


async def test_what_holds_nothing_back_is_assured_when_it_was_read(reader: Any):
    one = reader(assured="@now")
    assert await one.poll() == []
    assert one.pages[-1].assured_until == NOW
    silent = reader()
    await silent.poll()
    assert all(page.assured_until is None for page in silent.pages)


async def test_assets_may_be_kept_in_a_table(reader: Any, database: Path):
    add(database, 1)
    one = reader(UNIT)
    inventory = await one.made.inventory(one.ctx)
    assert [asset.id for asset in inventory.assets] == ["3A12"]


async def test_the_check_reads_the_first_rows(reader: Any, database: Path):
    one = reader()
    assert [found.ok for found in await one.made.check(one.ctx)] == [True, True]
    add(database, 1)
    found = (await one.made.check(one.ctx))[1]
    assert found.detail.startswith("1 records")


async def test_one_column_may_be_the_key(reader: Any, database: Path):
    add(database, 1)
    one = reader()
    one.ctx.settings.key = "changed"
    assert await one.poll() == ["Z-1"]


@pytest.mark.parametrize("lacking", ["table", "key"])
async def test_a_replica_goes_with_table_and_key(reader: Any, lacking: str):
    one = reader()
    setattr(one.ctx.settings, lacking, None)
    with pytest.raises(AskAPerson, match="table and key") as caught:
        await one.poll()
    assert caught.value.code == "bad_settings"
