"""The benchmarks measure what they say."""

from __future__ import annotations

import asyncio
import os
from importlib import import_module
from pathlib import Path

import pytest

from watchfloor_lpr_rest_simulator import LprRestSimulator
from watchfloor_sdk.testing.rehearsal import rehearsed


@pytest.fixture
def part(monkeypatch):
    """A module of the benchmarks by name."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    return import_module


def test_the_gate_and_the_egress_are_told_apart(part, tmp_path):
    with part("hub_process").hub_process(tmp_path) as hub:
        programs = hub.programs()
    assert set(programs) == {"gate", "egress"}
    assert hub.process.pid not in programs.values()


def test_private_memory_is_what_the_process_holds_alone(part):
    before = part("idle").private_mib(os.getpid())
    held = bytearray(os.urandom(32 * 1024 * 1024))
    assert 25 < part("idle").private_mib(os.getpid()) - before < 60
    del held


async def test_the_plain_loop_reads_every_page(part):
    vendor = LprRestSimulator.rehearsing()
    for happening in rehearsed(vendor, 2500):
        vendor.feed(happening)
    setup = await vendor.start()
    try:
        token = setup.credentials["token"]["token"]
        loop = part("plain_loop")
        assert await asyncio.to_thread(loop.records, setup.config["base_url"], token) == 2500
    finally:
        await vendor.stop()


def test_an_index_holds_what_its_connectors_need(part):
    needed = part("installed").needed("watchfloor-connector-eido-cad")
    assert {"httpx2", "lxml", "websockets"} <= set(needed)
    assert not {"msgspec", "aiohttp", "watchfloor-sdk"} & set(needed)
