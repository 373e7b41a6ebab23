"""Alarms and custom events: sent once, told wrongly they are not sent at all."""

from __future__ import annotations

from typing import Any

import pytest

from watchfloor_genetec.connector import Genetec
from watchfloor_genetec.settings import Settings
from watchfloor_genetec_simulator import GenetecSimulator
from watchfloor_genetec_simulator.simulator import ALARM
from watchfloor_sdk import ActionRequest, AskAPerson, Refused, RetryLater
from watchfloor_sdk.testing import Fault, run_actions, simulated

CAMERA = "LogicalID(Camera,12)"


def trigger(**changes: Any) -> ActionRequest:
    told = {"alarm": ALARM, "source": CAMERA, **changes}
    return ActionRequest("SIM-1", "trigger-alarm", "analyst-1", told)


def event(**changes: Any) -> ActionRequest:
    told = {"event": 7, "entity": CAMERA, "message": "Look at gate 2: #1?", **changes}
    return ActionRequest("SIM-2", "raise-custom-event", "analyst-1", told)


async def test_contract():
    """Security Center knows no keys: whoever asks twice, as the kit does, is served twice."""
    vendor = GenetecSimulator()
    receipts = await run_actions("genetec", vendor, [trigger(), event()])
    assert [receipt.outcome for receipt in receipts] == ["done", "done"]
    once = [f"TriggerAlarm({ALARM},{CAMERA})", f"7/{CAMERA}/Look at gate 2: #1?"]
    assert vendor.done == once * 2


@pytest.mark.parametrize(
    "fault",
    [Fault.status(503), Fault.half_body(), Fault.dropped(), Fault.html()],
    ids=lambda fault: fault.name,
)
async def test_a_get_that_does_something_goes_out_once_and_the_receipt_says_what_is_not_known(
    fault: Fault,
):
    """The usual GET would be tried three times."""
    vendor = GenetecSimulator()
    vendor.faults.add(fault, path="/WebSdk/alarm")
    async with simulated(vendor, Settings) as ctx:
        ctx.http._tries = 3
        receipt = await Genetec().act(ctx, trigger())
    assert receipt.outcome == "failed"
    assert "not known" in (receipt.detail or "")
    assert vendor.requests["/WebSdk/alarm"] == 1


async def test_where_nothing_was_done_the_hub_may_ask_again():
    vendor = GenetecSimulator()
    vendor.faults.add(Fault.status(429), path="/WebSdk/alarm")
    async with simulated(vendor, Settings) as ctx:
        with pytest.raises(RetryLater):
            await Genetec().act(ctx, trigger())
    assert not vendor.done


async def test_what_security_center_refuses_is_refused_in_its_words_without_what_was_asked():
    nobody = "00000001-0000-babe-0000-000000000000"
    async with simulated(GenetecSimulator(), Settings) as ctx:
        receipt = await Genetec().act(ctx, trigger(alarm=nobody))
    assert (receipt.outcome, receipt.detail) == (
        "refused",
        "Security Center failed: EntityNotFound.",
    )


@pytest.mark.parametrize(
    "order",
    [
        trigger(alarm="Alarm 7"),
        trigger(alarm=f"{ALARM}),TriggerAlarm({ALARM}"),
        trigger(source="LogicalID(Camera,99999999)"),
        trigger(source=f"{ALARM}\n"),
        event(event="7"),
        event(message="up/../down"),
        event(message=""),
        event(entity="*"),
    ],
)
async def test_what_is_told_wrongly_never_becomes_an_address(order: ActionRequest):
    """A query is a program: nothing but ids and numbers may get into it."""
    vendor = GenetecSimulator()
    async with simulated(vendor, Settings) as ctx:
        with pytest.raises(Refused):
            await Genetec().act(ctx, order)
    assert not vendor.requests


async def test_a_wrong_password_asks_a_person():
    vendor = GenetecSimulator()
    async with simulated(vendor, Settings) as ctx:
        vendor.rotate()
        with pytest.raises(AskAPerson):
            await Genetec().act(ctx, trigger())
