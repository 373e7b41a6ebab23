"""The contract test itself: it passes a right connector and catches a wrong one."""

import pytest
from msgspec import Struct

from watchfloor_sdk.finding import manifest_text
from watchfloor_sdk.testing import Fault, check_manifest, run_contract


async def test_a_right_connector_passes_over_a_kill_by_poll_and_by_webhook(counter, toy_command):
    counter.pushes = True
    hub = await run_contract("toy-http", counter, range(1, 201), command=toy_command)
    assert len(hub.events) == 200
    assert hub.repeats > 0, "the sender sends every third webhook twice"


async def test_a_vendor_that_fails_now_and_then_loses_nothing(counter, toy_command):
    faults = [Fault.status(503), Fault.half_body(), Fault.html(), Fault.duplicate()]
    counter.faults.queue(faults, path="/reads")
    hub = await run_contract("toy-http", counter, range(1, 101), command=toy_command)
    assert len(hub.events) == 100
    assert set(counter.faults.played) == {fault.name for fault in faults}


async def test_a_connector_that_loses_records_is_caught(counter, toy_command):
    with pytest.raises(AssertionError, match="did not arrive"):
        await run_contract(
            "toy-http", counter, range(1, 101), config={"skip": 7}, command=toy_command,
            deadline_s=4,
        )  # fmt: skip


async def test_events_that_break_the_schema_are_caught(counter, toy_command, monkeypatch):
    from watchfloor.contracts import schemas

    monkeypatch.setattr(schemas, "explain", lambda name, _: [f"{name} is wrong"])
    with pytest.raises(AssertionError, match="event is wrong"):
        await run_contract("toy-http", counter, range(1, 11), command=toy_command)


def test_a_setting_that_the_manifest_does_not_name_is_caught(toys):
    from watchfloor_toy_http import ToyHttp

    class Settings(Struct):
        base_url: str
        forgotten: str

    class Longer(ToyHttp):
        settings = Settings

    Longer.__module__ = ToyHttp.__module__
    with pytest.raises(AssertionError, match="forgotten"):
        check_manifest(Longer)


def test_a_manifest_that_breaks_its_schema_is_caught(toys, monkeypatch):
    from watchfloor_toy_http import ToyHttp

    check_manifest(ToyHttp)
    text = manifest_text(ToyHttp).replace(b'"cadence"', b'"cadense"')
    monkeypatch.setattr("watchfloor_sdk.testing.contract.manifest_text", lambda _: text)
    with pytest.raises(AssertionError, match="cadence"):
        check_manifest(ToyHttp)
