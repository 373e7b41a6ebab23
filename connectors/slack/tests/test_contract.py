"""A real worker posts to the simulator; what goes wrong there is said and sorted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice

import pytest

from watchfloor_sdk import AskAPerson, GiveUp, RetryLater
from watchfloor_sdk.finding import find
from watchfloor_sdk.simulation import made_up_alert
from watchfloor_sdk.testing import (
    Fault,
    HubDouble,
    Worker,
    check_manifest,
    simulated,
    worker_process,
)
from watchfloor_slack_simulator import CHANNEL, SlackSimulator

Slack = find("slack").connector
Settings = Slack.settings


@asynccontextmanager
async def at_work(vendor: SlackSimulator, **config: str) -> AsyncIterator[Worker]:
    """A worker process that is set up for the simulator."""
    setup = await vendor.start()
    try:
        async with worker_process(setup.connector, HubDouble(setup.credentials)) as worker:
            await worker.initialize(setup.connector, {**setup.config, **config})
            yield worker
            await worker.stop()
    finally:
        await vendor.stop()


async def test_alerts_are_posted_and_the_receipt_is_slacks_key() -> None:
    vendor = SlackSimulator()
    async with at_work(vendor) as worker:
        receipts = [await worker.act(one) for one in islice(vendor.demo_requests(), 3)]
    assert [one.outcome for one in receipts] == ["done"] * 3
    assert [one.reference for one in receipts] == list(vendor.ledger)
    assert [one["channel"] for one in vendor.ledger.values()] == [CHANNEL] * 3
    assert "alert 3)" in list(vendor.ledger.values())[2]["text"]


async def test_it_keeps_to_a_message_a_second() -> None:
    vendor = SlackSimulator()
    clock = asyncio.get_running_loop().time
    async with at_work(vendor) as worker:
        began = clock()
        for order in islice(vendor.demo_requests(), 3):
            await worker.act(order)
        assert clock() - began >= 2.0


async def test_after_429_it_waits_as_long_as_slack_says_and_posts_once() -> None:
    vendor = SlackSimulator()
    vendor.faults.add(Fault.status(429, retry_after=2))
    async with at_work(vendor) as worker:
        receipt = await worker.act(made_up_alert(1))
    (refused, _), (taken, _) = vendor.arrivals
    assert receipt.outcome == "done"
    assert taken - refused >= 2
    assert len(vendor.ledger) == 1


async def test_a_lost_answer_is_tried_again_by_the_hub_and_the_alert_may_stand_twice() -> None:
    """Slack has no idempotency key: this is what at least once means."""
    vendor = SlackSimulator()
    vendor.faults.add(Fault.half_body())
    async with at_work(vendor) as worker:
        with pytest.raises(RetryLater, match="broke off"):
            await worker.act(made_up_alert(1))
        assert len(vendor.ledger) == 1
        await asyncio.sleep(1.0)
        again = await worker.act(made_up_alert(1))
    assert again.reference == list(vendor.ledger)[1]


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        ("is_archived", AskAPerson, "slack_channel"),
        ("account_inactive", AskAPerson, "vendor_refused"),
        ("msg_too_long", GiveUp, "vendor_rejected"),
        ("rate_limited", RetryLater, "rate_limited"),
        ("fatal_error", RetryLater, "slack_error"),
    ],
)
async def test_a_failure_inside_http_200_is_a_failure(
    error: str, kind: type[Exception], code: str
) -> None:
    vendor = SlackSimulator.rehearsing()
    vendor.errors.append(error)
    async with simulated(vendor, Settings) as ctx:
        with pytest.raises(kind) as caught:
            await Slack().act(ctx, made_up_alert(1))
    assert caught.value.code == code  # type: ignore[attr-defined]
    assert not vendor.ledger


async def test_check_names_what_is_wrong_and_posts_nothing() -> None:
    vendor = SlackSimulator.rehearsing()
    told = set()
    async with simulated(vendor, Settings) as ctx:
        [_, good] = await Slack().check(ctx)
        assert good.ok
        old = vendor.rotate()
        [_, credential] = await Slack().check(ctx)
        told.add((credential.ok, credential.what, credential.remedy))
        assert old
    async with simulated(vendor, Settings, channel="C0SIM99999") as ctx:
        [_, setting] = await Slack().check(ctx)
        told.add((setting.ok, setting.what, setting.remedy))
        await vendor.cut()
        [_, unreachable] = await Slack().check(ctx)
        assert not unreachable.ok
        assert "vendor_unreachable" in unreachable.detail
    assert {(ok, what) for ok, what, _ in told} == {
        (False, "connection"),
        (False, "setting channel"),
    }
    assert len({remedy for _, _, remedy in told}) == 2
    assert vendor.requests[SlackSimulator.records_path] == 3
    assert not vendor.ledger


async def test_what_is_no_alert_is_not_posted() -> None:
    vendor = SlackSimulator.rehearsing()
    async with simulated(vendor, Settings) as ctx:
        order = made_up_alert(1)
        order.parameters["data"] = {"text": "hello"}
        with pytest.raises(GiveUp) as caught:
            await Slack().act(ctx, order)
    assert caught.value.code == "bad_parameters"
    assert not vendor.requests


def test_the_manifest_fits_its_schema_and_the_settings() -> None:
    check_manifest(Slack)
