"""A hub with long hot lists answers at once, says that it reads them, and misses nothing."""

from __future__ import annotations

import asyncio

import pytest
from hub import api_of, hub_here, session_of, until
from made_up import hot_list, push_source, read

from watchfloor.alerts.plates import WantedPlates


async def _states(api, path):
    return {item["state"] for item in (await api.get(path))["items"]}


@pytest.fixture
async def data_dir(tmp_path):
    """Of a hub with a hot list; it was ended."""
    async with (
        hub_here(tmp_path / "hub") as running,
        api_of(running.url, session_of(running)) as api,
    ):
        await push_source(api)
        await hot_list(api, "ZZT0007")
        assert await _states(api, "/hot-lists") == {"in_force"}
    return tmp_path / "hub"


@pytest.fixture
def gate(monkeypatch):
    """Hot lists are read no sooner than this is set."""
    gate, fill = asyncio.Event(), WantedPlates.fill

    async def slow(plates, book):
        await gate.wait()
        await fill(plates, book)

    monkeypatch.setattr(WantedPlates, "fill", slow)
    return gate


async def test_it_answers_before_its_hot_lists_are_read_and_alerts_after(data_dir, gate):
    async with hub_here(data_dir) as running, api_of(running.url, session_of(running)) as api:
        assert await _states(api, "/hot-lists") == {"loading"}
        assert await _states(api, "/rules") == {"waiting"}
        await api.push("push-1", [read(7), read(8)])
        assert (await api.get("/alerts"))["items"] == []
        gate.set()
        [alert] = await until(lambda: _alerts(api))
        assert (alert["hot_list"], alert["events"]) == ("stolen", [1])
        assert await _states(api, "/hot-lists") == {"in_force"}
        assert await _states(api, "/rules") == {"active"}


async def test_it_ends_at_once_while_it_reads_them(data_dir, gate):
    async with asyncio.timeout(5):
        async with hub_here(data_dir):
            pass


async def _alerts(api):
    return (await api.get("/alerts"))["items"]
