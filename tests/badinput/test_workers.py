"""A worker that breaks the protocol, beside sources that must not notice.

What becomes of the worker itself is tested in ``tests/core/hosting``.
"""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hub import api_of, hub_here, session_of, until
from made_up import call, connect, ids, passed, push_source

from watchfloor.adapters.processes import Processes
from watchfloor_lpr_rest_simulator import LprRestSimulator

TESTS = Path(__file__).parents[1]
TOYS = TESTS / "sdk" / "toys"
NASTY = TESTS / "core" / "hosting" / "workers" / "nasty.py"

WAYS = [
    "floods", "floods_messages", "garbage", "garbage_first", "huge_line", "not_text", "nests",
    "dies_mid_batch",
]  # fmt: skip


class NastyToys:
    """Starts workers as the hub does, but those of the toy connector behave as named."""

    def __init__(self, how):
        self._nasty = Processes([sys.executable, str(NASTY), how])
        self._others = Processes()

    async def start(self, connector, instance, memory_mb, python=None, paths=()):
        which = self._nasty if connector == "toy" else self._others
        return await which.start(connector, instance, memory_mb, python, paths)


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """``async with beside(how) as (api, vendor)``: a hub with a toy that behaves as named and a
    plate reader that behaves."""

    @asynccontextmanager
    async def running(how):
        monkeypatch.syspath_prepend(str(TOYS))
        monkeypatch.setattr("watchfloor.bootstrap.connectors.Processes", lambda **_: NastyToys(how))
        vendor = LprRestSimulator()
        setup = await vendor.start()
        try:
            async with hub_here(tmp_path / "hub") as hub, api_of(hub.url, session_of(hub)) as api:
                await api.send("PUT", "/sources/toy-1", {"connector": "toy", "name": "Toy"})
                await connect(api, "lpr", setup, every_s=0.1)
                yield api, vendor
        finally:
            await vendor.stop()

    return running


@pytest.mark.parametrize("how", WAYS)
async def test_the_others_do_not_notice(beside, how):
    async with beside(how) as (api, vendor):
        await push_source(api)
        for number in range(1000):
            vendor.feed(passed(number))
            if number % 100 == 0:
                counted = await api.push("push-1", [call(number)])
                assert counted["accepted"] == 1
        await until(lambda: ended(api), deadline_s=20)
        await until(lambda: complete(api, vendor), deadline_s=20, every_s=0.2)
        assert (await api.source("lpr"))["state"] == "running"
        assert len(await api.events(source="push-1")) == 10


async def straying(api):
    """The host that was refused is named."""
    return (await api.source("toy-1"))["state"] == "needs_attention"


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("strays", "tried to reach collector.example.org:443"),
        ("breaks_out", "It got nothing."),
        ("grabs_memory", "MemoryError"),
    ],
)
async def test_one_that_wants_out_is_contained_with_a_reason(beside, how, words):
    async with beside(how) as (api, vendor):
        await until(lambda: straying(api) if how == "strays" else ended(api), deadline_s=20)
        assert words in (await api.source("toy-1"))["reason"]
        for number in range(1000):
            vendor.feed(passed(number))
        await until(lambda: complete(api, vendor), deadline_s=10, every_s=0.2)
        good = await api.source("lpr")
        assert good["state"] == "running"
        assert "limits" in good["confinement"]


async def ended(api):
    """The toy's state says what was wrong."""
    source = await api.source("toy-1")
    return source["state"] in ("backing_off", "crash_loop") and source["reason"]


async def complete(api, vendor):
    return ids(await api.events(source="lpr")) == sorted(vendor.ledger) and vendor.ledger
