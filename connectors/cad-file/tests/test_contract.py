"""The connector's real worker against its simulator, killed on the way; and what servers do."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from watchfloor_cad_file_simulator import CadFileSimulator
from watchfloor_city import CallChanged, Code
from watchfloor_sdk import RetryLater
from watchfloor_sdk.finding import find
from watchfloor_sdk.network import host_port
from watchfloor_sdk.testing import Fault, check_manifest, run_contract

START = datetime(2026, 5, 2, 21, 14, 7, tzinfo=UTC)
STATUSES = ("Active", "ResourcesAssigned", "ResourcesOnscene", "Closed")


def happening(number, stage):
    at = START + timedelta(seconds=number, minutes=stage)
    reached = [START + timedelta(seconds=number, minutes=n) for n in range(stage + 1)]
    times = dict(zip(("created", "dispatched", "arrived", "closed"), reached, strict=False))
    return CallChanged(
        at=at,
        call_number=f"Z{number:07}",
        status=STATUSES[stage],
        type=Code("94", "DISCHARGING FIREARM"),
        initial_type=Code("94", "DISCHARGING FIREARM"),
        priority=2,
        point=(-90.03, 29.98),
        address=f"{number:03}XX Example Ave",
        **times,
    )


def happenings(count=40):
    return [happening(number, stage) for stage in range(4) for number in range(count)]


@pytest.mark.parametrize("way", ["append", "torn"])
async def test_contract(way):
    hub = await run_contract("cad-file", CadFileSimulator(way=way), happenings())
    assert len(hub.events) == 160
    assert hub.rejected == []


async def test_contract_by_address():
    hub = await run_contract("cad-file", CadFileSimulator(by_address=True), happenings())
    assert len(hub.events) == 160


@pytest.mark.parametrize("way", ["rewrite", "replace"])
async def test_a_file_that_is_written_anew_ends_in_the_same_state(way, polling):
    simulator = CadFileSimulator(way=way)
    setup = await simulator.start()
    poller = polling(setup.config)
    states = {}
    try:
        for stage in range(4):
            for number in range(20):
                simulator.feed(happening(number, stage))
                await asyncio.sleep(0)
            await asyncio.sleep(0.12)
            await poller.poll()
            states |= {event.data.call_number: event.data.status for event in poller.events}
    finally:
        await simulator.stop()
    assert set(states.values()) == {"Closed"}
    assert len(states) == 20


async def test_a_real_row_keeps_its_words_and_takes_the_happenings_times(polling):
    real = CallChanged(
        at=START, call_number="Z0000122", status="Active", type=Code("x", "x"),
        initial_type=Code("x", "x"), created=START, point=None,
        row={"Type": "34S", "TypeText": "AGGRAVATED BATTERY BY SHOOTING", "Priority": "2C",
             "TimeCreate": "1/1/2022 1:07", "TimeClosed": "", "Zip": "70126"},
    )  # fmt: skip
    simulator = CadFileSimulator()
    setup = await simulator.start()
    poller = polling(setup.config)
    simulator.feed(real)
    await poller.poll()
    await simulator.stop()
    (event,) = poller.events
    assert event.id in simulator.ledger
    assert event.data.incident_type.common == "SHOOT"
    assert event.data.priority_text == "2C"
    assert event.data.created == event.time == START
    assert event.data.place is None


FAULTS = [
    (Fault.html(), "html_answer"),
    (Fault.status(429, retry_after=7), "rate_limited"),
    (Fault.status(503), "vendor_unavailable"),
    (Fault.half_body(), "half_answer"),
]


@pytest.mark.parametrize(("fault", "code"), FAULTS, ids=[fault.name for fault, _ in FAULTS])
async def test_what_servers_do_loses_nothing(fault, code, polling):
    simulator = CadFileSimulator(by_address=True)
    setup = await simulator.start()
    poller = polling(setup.config, hosts=[host_port(setup.config["url"])])
    try:
        simulator.feed(happening(1, 0))
        assert await poller.poll() == ["Z0000001"]
        simulator.feed(happening(2, 0))
        simulator.faults.add(fault)
        with pytest.raises(RetryLater) as caught:
            await poller.poll()
        assert caught.value.code == code
        assert caught.value.retry_after == (7 if code == "rate_limited" else None)
        assert await poller.poll() == ["Z0000002"]
    finally:
        await simulator.stop()


async def test_a_server_that_hangs_is_left_at_the_deadline(polling):
    simulator = CadFileSimulator(by_address=True)
    setup = await simulator.start()
    poller = polling(setup.config, hosts=[host_port(setup.config["url"])], deadline_s=0.2)
    try:
        simulator.faults.add(Fault.hang())
        with pytest.raises(RetryLater) as caught:
            await poller.poll()
        assert caught.value.code == "vendor_timeout"
    finally:
        await simulator.stop()


async def test_an_answer_that_has_not_changed_is_not_sent_again(polling):
    simulator = CadFileSimulator(by_address=True)
    setup = await simulator.start()
    poller = polling(setup.config, hosts=[host_port(setup.config["url"])])
    try:
        simulator.feed(happening(1, 0))
        await poller.poll()
        poller.restart()
        assert await poller.poll() == []
        assert poller.pages[-1].assured_until is not None
    finally:
        await simulator.stop()


def test_the_manifest_fits_its_schema_and_the_settings():
    check_manifest(find("cad-file").connector)
