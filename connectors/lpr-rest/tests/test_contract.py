"""A real worker process against the simulator, killed on the way: nothing lost, nothing made up."""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path

from watchfloor_city import Asset, Look, PlatePassed
from watchfloor_lpr_rest.connector import LprRest
from watchfloor_lpr_rest_simulator import LprRestSimulator
from watchfloor_sdk.cassettes.simulator import CassetteSimulator
from watchfloor_sdk.testing import Fault, HubDouble, check_manifest, run_contract, worker_process

READERS = [
    Asset(id=f"lpr-{n}", kind="plate_reader", name=f"Reader {n}", point=(-90.07, 29.95))
    for n in range(4)
]
CASSETTE = Path(__file__).parent / "cassettes/evening.json"
START = datetime(2026, 5, 2, 21, 0, tzinfo=UTC)


def traffic(count: int) -> list[PlatePassed]:
    return [
        PlatePassed(
            at=START + timedelta(milliseconds=40 * n),
            reader=f"lpr-{n % 4}",
            plate=f"ZZT{n % 900:04}",
            region="US-LA",
            confidence=0.9,
            heading_deg=90.0,
            point=(-90.07, 29.95),
            vehicle=Look("Ford", "F-150", "white", "pickup"),
        )
        for n in range(count)
    ]


async def test_contract():
    hub = await run_contract("lpr-rest", LprRestSimulator(READERS), traffic(3_500))
    assert len(hub.events) == 3_500
    assert set(hub.assets) == {reader.id for reader in READERS}


async def test_contract_with_what_was_recorded():
    hub = await run_contract("lpr-rest", CassetteSimulator(CASSETTE), [])
    assert len(hub.events) == 12


async def test_contract_with_a_vendor_that_has_a_bad_day():
    vendor = LprRestSimulator(READERS)
    vendor.faults.queue(
        [Fault.html(), Fault.half_body(), Fault.status(429, retry_after=1)], path="/reads"
    )
    vendor.faults.add(Fault.duplicate(), path="/reads", after=2)
    hub = await run_contract("lpr-rest", vendor, traffic(1_500))
    assert len(hub.events) == 1_500


async def test_a_byte_that_is_not_utf_8_reaches_the_dead_letters_as_it_was():
    """Through the worker's real line: the good reads are durable, the bad one is in base64."""
    vendor, hub = LprRestSimulator(READERS), HubDouble()
    setup = await vendor.start()
    hub.credentials |= setup.credentials
    vendor.faults.add(Fault.not_utf8(after=b'"plate":"ZZT'), path="/reads")
    for happening in traffic(30):
        vendor.feed(happening)
    try:
        async with worker_process("lpr-rest", hub) as worker:
            await worker.initialize("lpr-rest", {**setup.config, "every_s": 0.2})
            await hub.until(lambda: len(hub.events) == 29 and bool(hub.rejected))
            await worker.stop()
    finally:
        await vendor.stop()
    (bad,) = hub.rejected
    assert (bad.code, bad.encoding) == ("unmapped_read", "base64")
    assert b'"plate":"ZZT\xff000"' in b64decode(bad.raw)


async def test_a_bad_reader_reaches_the_dead_letters_and_the_others_are_on_file():
    vendor, hub = LprRestSimulator(READERS), HubDouble()
    setup = await vendor.start()
    hub.credentials |= setup.credentials
    vendor.faults.always(Fault.not_utf8(after=b'"name": "R'), path="/readers")
    try:
        async with worker_process("lpr-rest", hub) as worker:
            await worker.initialize("lpr-rest", {**setup.config, "every_s": 0.2})
            await hub.until(lambda: bool(hub.assets) and bool(hub.rejected))
            await worker.stop()
    finally:
        await vendor.stop()
    (bad,) = hub.rejected
    assert (bad.code, bad.encoding) == ("unmapped_reader", "base64")
    assert set(hub.assets) == {reader.id for reader in READERS[1:]}


def test_the_manifest_fits_its_schema_and_the_settings():
    check_manifest(LprRest)
