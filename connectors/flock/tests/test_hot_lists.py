"""Actions on custom hot lists, each asked for twice: nothing is done twice, and only what was done
is taken back."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from watchfloor_city import Asset
from watchfloor_flock.connector import Flock
from watchfloor_flock.hot_lists import Addition, to_entry
from watchfloor_flock.settings import Settings
from watchfloor_flock_simulator import FlockSimulator
from watchfloor_sdk import ActionRequest, Refused, RetryLater
from watchfloor_sdk.simulation.faults import Handler
from watchfloor_sdk.testing import Fault, run_actions, simulated

LIST = "sim custom list"
LIST_ID = "22222222-3333-4444-8555-666666666666"
THEIRS = {"plate": "ZZT0001", "caseNumber": "SIM-9999", "reason": "Somebody else's"}


def add(plate: str = "ZZT0001", key: str = "SIM-1", **changes: Any) -> ActionRequest:
    parameters = {
        "hot_list": LIST, "plate": plate, "case_number": "SIM-0001", "reason": "Exercise vehicle",
        **changes,
    }  # fmt: skip
    return ActionRequest(key, "add-hot-list-entry", "analyst-1", parameters)


def remove(key: str = "SIM-2", **parameters: Any) -> ActionRequest:
    return ActionRequest(key, "remove-hot-list-entry", "analyst-1", parameters)


def test_an_entry_as_flock_wants_it():
    parameters = add(state="US-NY", expires="2026-06-01T00:00:00Z").parameters
    wanted = Addition(**{**parameters, "plate": "zz o-12"})
    assert to_entry(wanted, add()) == {
        "plate": "ZZ012",
        "caseNumber": "SIM-0001",
        "reason": "Exercise vehicle",
        "note": {"message": "Watchfloor SIM-1, by analyst-1"},
        "state": "new_york",
        "expiry": "2026-06-01T00:00:00Z",
    }


async def test_contract(assets: list[Asset]):
    """An entry is added once although it is asked for twice, by name of the list and by its id;
    then it is taken off by its reference, twice as well."""
    vendor = FlockSimulator(assets)
    first, second = await run_actions(
        "flock", vendor, [add("ZZO-001"), add("ZZT0002", "SIM-2", hot_list=LIST_ID)]
    )
    assert (first.outcome, second.outcome) == ("done", "done")
    entries = vendor.organisation.entries
    assert [entry["plate"] for entry in entries.values()] == ["ZZ0001", "ZZT0002"]
    assert [f"{LIST_ID}/{id_}" for id_ in entries] == [first.reference, second.reference]
    [receipt] = await run_actions("flock", vendor, [remove(reference=first.reference)])
    assert (receipt.outcome, receipt.reference) == ("done", first.reference)
    assert [entry["plate"] for entry in entries.values()] == ["ZZT0002"]


async def test_an_answer_that_got_lost_after_the_entry_was_added_is_found_out(assets: list[Asset]):
    """The batch is taken, the answer is not JSON, half of it, or never comes: asked for again it
    is the same entry."""
    vendor = FlockSimulator(assets)
    vendor.faults.add(Fault.half_body(), path=f"/api/v3/hotlists/{LIST_ID}/entries/addBatch")
    async with simulated(vendor, Settings) as ctx:
        with pytest.raises(RetryLater):
            await Flock().act(ctx, add())
        receipt = await Flock().act(ctx, add())
    assert receipt.outcome == "done"
    assert receipt.reference == f"{LIST_ID}/{next(iter(vendor.organisation.entries))}"
    assert len(vendor.organisation.entries) == 1


async def test_what_somebody_else_put_there_is_left_alone(assets: list[Asset]):
    vendor = FlockSimulator(assets)
    vendor.organisation.add([THEIRS])
    [receipt] = await run_actions("flock", vendor, [add()])
    assert (receipt.outcome, receipt.reference) == ("refused", None)
    assert [entry["caseNumber"] for entry in vendor.organisation.entries.values()] == ["SIM-9999"]


async def _taken_and_refused(request: web.Request, handler: Handler) -> web.StreamResponse:
    await handler(request)
    return web.json_response({"error": "duplicate"}, status=400)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [(Fault("duplicate", _taken_and_refused), "done"), (Fault.status(400), "failed")],
    ids=["the entry is there", "it is not"],
)
async def test_after_a_400_it_counts_what_is_on_the_list(
    assets: list[Asset], fault: Fault, outcome: str
):
    """Documented for duplicates are both: that they are ignored, and that they give 400."""
    vendor = FlockSimulator(assets)
    vendor.faults.add(fault, path=f"/api/v3/hotlists/{LIST_ID}/entries/addBatch")
    async with simulated(vendor, Settings) as ctx:
        receipt = await Flock().act(ctx, add())
    assert receipt.outcome == outcome
    assert len(vendor.organisation.entries) == (outcome == "done")


@pytest.mark.parametrize(
    ("order", "most"),
    [(add(hot_list="nobody's list"), 10), (add(), 0), (remove(hot_list="nobody's", plate="Z1"), 9)],
    ids=["no such list", "organisation's limit", "no such list to take off"],
)
async def test_what_cannot_be_done_is_refused_in_words(
    assets: list[Asset], order: ActionRequest, most: int
):
    vendor = FlockSimulator(assets, most_entries=most)
    async with simulated(vendor, Settings) as ctx:
        receipt = await Flock().act(ctx, order)
    assert (receipt.outcome, receipt.reference) == ("refused", None)
    assert receipt.detail
    assert "ZZ" not in receipt.detail


async def test_all_entries_of_a_plate_are_taken_off_by_list_and_plate(assets: list[Asset]):
    vendor = FlockSimulator(assets)
    vendor.organisation.add([{**THEIRS, "plate": "ZZO001"}, {**THEIRS, "plate": "ZZT0002"}])
    async with simulated(vendor, Settings) as ctx:
        receipt = await Flock().act(ctx, remove(hot_list=LIST, plate="zzo-001"))
    assert receipt.outcome == "done"
    assert [entry["plate"] for entry in vendor.organisation.entries.values()] == ["ZZT0002"]


async def test_taking_off_what_is_not_there_is_done(assets: list[Asset]):
    gone = remove(reference="11111111-0000-4000-8000-000000000000/SIM-entry")
    [receipt] = await run_actions("flock", FlockSimulator(assets), [gone])
    assert receipt.outcome == "done"


@pytest.mark.parametrize(
    "order",
    [remove(), remove(hot_list=LIST), add(plate="ZZ*"), add(state="CA-ON"), add(reason=7)],
    ids=["nothing", "no plate", "wild card", "no such state", "not as declared"],
)
async def test_what_is_told_wrongly_is_refused_before_flock_is_asked(
    assets: list[Asset], order: ActionRequest
):
    vendor = FlockSimulator(assets)
    async with simulated(vendor, Settings) as ctx:
        with pytest.raises(Refused) as caught:
            await Flock().act(ctx, order)
    assert not vendor.requests
    assert "ZZ" not in caught.value.detail


async def test_the_list_is_read_to_its_last_page(assets: list[Asset]):
    """An entry behind the first 3,000 is found as well."""
    vendor = FlockSimulator(assets)
    vendor.organisation.add([{**THEIRS, "plate": f"ZZT{number:04}"} for number in range(3_100)])
    async with simulated(vendor, Settings) as ctx:
        receipt = await Flock().act(ctx, remove(hot_list=LIST, plate="ZZT3099"))
    assert receipt.outcome == "done"
    assert len(vendor.organisation.entries) == 3_099
