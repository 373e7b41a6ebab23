"""lpr-rest without code: against its simulator it tells what the hand-written one tells."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from made_up import passed

from watchfloor_city import Asset, PlatePassed
from watchfloor_lpr_rest.connector import LprRest
from watchfloor_lpr_rest_simulator import LprRestSimulator
from watchfloor_sdk import AskAPerson, Page, RetryLater
from watchfloor_sdk.testing import Fault, TestHub, check_manifest, simulated

READER = Asset(
    id="gate-1", kind="plate_reader", name="Reader 1", point=(-90.07, 29.95), heading_deg=90.0
)


@pytest.fixture
def simulator() -> LprRestSimulator:
    return LprRestSimulator([READER])


@pytest.fixture
def hub() -> TestHub:
    return TestHub()


@pytest.fixture
async def ctx(simulator: LprRestSimulator, hub: TestHub, plates: Any) -> AsyncIterator[Any]:
    async with simulated(simulator, plates.settings, source="lpr", hub=hub) as configured:
        yield configured


async def pages(connector: Any, ctx: Any, checkpoint: Any = None) -> list[Page]:
    return [page async for page in connector.poll(ctx, checkpoint)]


def as_json(events: list[Any]) -> list[Any]:
    read = [msgspec.to_builtins(event) for event in events]
    for event in read:
        event.pop("dataschema", None)  # the hand-written one leaves it out to be faster
    return read


async def test_it_tells_what_the_hand_written_one_tells(
    simulator: LprRestSimulator, plates: Any, ctx: Any
):
    for number in range(2500):
        simulator.feed(passed(number))
    told = [event for page in await pages(plates(), ctx) for event in page.events]
    hand = await pages(LprRest(), ctx)
    assert as_json(told) == as_json([event for page in hand for event in page.events])
    assert [event.id for event in told] == list(simulator.ledger)


async def test_pointers_lead_to_the_records_in_the_answer(
    simulator: LprRestSimulator, plates: Any, ctx: Any
):
    simulator.feed(passed(1))
    page, *_ = await pages(plates(), ctx)
    assert page.pointers == ["/reads/0"]
    assert json.loads(page.raw)["reads"][0]["id"] == page.events[0].id


async def test_polling_goes_on_where_the_checkpoint_says(
    simulator: LprRestSimulator, plates: Any, ctx: Any
):
    simulator.feed(passed(1))
    checkpoint = (await pages(plates(), ctx))[-1].checkpoint
    assert checkpoint == {"reads": "1"}
    simulator.feed(passed(2))
    later = await pages(plates(), ctx, checkpoint)
    assert [event.id for page in later for event in page.events] == ["r-1"]
    assert later[-1].assured_until is not None


async def test_a_cursor_that_is_no_longer_kept_starts_anew_and_says_so(plates: Any):
    vendor, hub = LprRestSimulator([READER], keep=10), TestHub()
    for number in range(25):
        vendor.feed(passed(number))
    async with simulated(vendor, plates.settings, hub=hub) as ctx:
        read = await pages(plates(), ctx, {"reads": "3"})
    assert [e.id for page in read for e in page.events] == [f"r-{n}" for n in range(10, 25)]
    assert [level for level, _ in hub.logged] == ["warning"]


async def test_a_poll_that_is_broken_off_leaves_no_request_behind(
    simulator: LprRestSimulator, plates: Any, ctx: Any
):
    for number in range(3000):
        simulator.feed(passed(number))
    before = asyncio.all_tasks()
    async with aclosing(plates().poll(ctx, None)) as open_pages:
        await anext(open_pages)
    left = [task for task in asyncio.all_tasks() - before if "_next" in repr(task.get_coro())]
    assert not left


async def test_one_byte_that_is_not_utf_8_costs_one_read(
    simulator: LprRestSimulator, plates: Any, ctx: Any
):
    for number in range(1500):
        simulator.feed(passed(number))
    simulator.faults.add(Fault.not_utf8(after=b'"plate":"ZZ'), path="/reads")
    read = await pages(plates(), ctx)
    assert [e.id for page in read for e in page.events] == list(simulator.ledger)[1:]
    (bad,) = [record for page in read for record in page.rejected]
    assert bad.raw == bytes(simulator._kept._rows[0]).replace(b"ZZ0", b"ZZ\xff", 1)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.html(), "html_answer"),
        (Fault.half_body(), "half_answer"),
        (Fault.status(429, retry_after=1), "rate_limited"),
    ],
    ids=lambda one: one.name if isinstance(one, Fault) else "",
)
async def test_trouble_that_passes_is_tried_again(
    simulator: LprRestSimulator, plates: Any, ctx: Any, fault: Fault, code: str
):
    simulator.faults.always(fault, path="/reads")
    ctx.http._tries = 1
    with pytest.raises(RetryLater) as caught:
        await pages(plates(), ctx)
    assert caught.value.code == code


async def test_readers_are_listed_whole(simulator: LprRestSimulator, plates: Any, ctx: Any):
    inventory = await plates().inventory(ctx)
    hand = await LprRest().inventory(ctx)
    observed = datetime.now(UTC)
    ours, theirs = (
        [msgspec.structs.replace(asset, observed=observed) for asset in one.assets]
        for one in (inventory, hand)
    )
    assert ours == theirs
    assert inventory.complete


async def test_a_picture_is_fetched_while_it_is_kept(
    simulator: LprRestSimulator, plates: Any, ctx: Any
):
    simulator.feed(passed(7))
    (event,) = (await pages(plates(), ctx))[0].events
    answer = await plates().media(ctx, event.data.media[0].handle)
    assert (answer.state, answer.content_type) == ("fetched", "image/svg+xml")
    gone = PlatePassed(**{**_fields(passed(8)), "at": datetime.now(UTC) - timedelta(days=2)})
    simulator.feed(gone)
    late = [event for page in await pages(plates(), ctx) for event in page.events][-1]
    assert (await plates().media(ctx, late.data.media[0].handle)).state == "expired"
    assert (await plates().media(ctx, "@other.example.org/x")).state == "missing"


def _fields(happening: PlatePassed) -> dict[str, Any]:
    return {name: getattr(happening, name) for name in happening.__dataclass_fields__}


async def test_check_says_what_each_source_gives(
    simulator: LprRestSimulator, plates: Any, ctx: Any
):
    simulator.feed(passed(1))
    findings = await plates().check(ctx)
    assert [(one.ok, one.what) for one in findings] == [
        (True, "mapping"), (True, "reads"), (True, "readers"),
    ]  # fmt: skip


async def test_a_wrong_token_needs_a_person(plates: Any, ctx: Any, hub: TestHub):
    hub.credentials = {"token": {"token": "wrong"}}
    with pytest.raises(AskAPerson):
        await pages(plates(), ctx)


def test_its_settings_are_those_of_the_manifest(plates: Any):
    check_manifest(plates)
