"""A real worker writes into the simulated dispatch system, each deed once."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from watchfloor_cad_write.connector import CadWrite
from watchfloor_cad_write.settings import Settings
from watchfloor_cad_write_simulator import AGENCY, CadWriteSimulator
from watchfloor_sdk import ActionRequest, AskAPerson, GiveUp, NotFound, RetryLater
from watchfloor_sdk.testing import Fault, check_manifest, run_actions, simulated

CONNECTOR = "cad-write"
CALL = f"urn:emergency:uid:incidentid:SIM-2026-000001:{AGENCY}"


def asked(action: str, key: str = "k-1", **parameters: Any) -> ActionRequest:
    return ActionRequest(
        idempotency_key=key, action=action, requested_by="Casey Analyst", parameters=parameters
    )


def notes(vendor: CadWriteSimulator, id_: str = CALL) -> list[str]:
    return [one["notesActionComments"] for one in vendor.ledger[id_]["notesComponent"]]


async def test_contract() -> None:
    """Each is asked for twice, the second time of another worker, and done once."""
    vendor = CadWriteSimulator()
    orders = list(islice(vendor.demo_requests(), 4))
    receipts = await run_actions(CONNECTOR, vendor, orders, happenings=vendor.demo())
    assert [receipt.outcome for receipt in receipts] == ["done"] * 4
    assert vendor.writes == 4
    assert vendor.keys == ["a-create", "a-update", "a-1", "a-2"]
    assert receipts[0].reference in vendor.ledger
    assert notes(vendor) == ["Caller hears <b>two</b> shots.", "Note 1.", "Note 2."]


async def test_what_was_done_can_be_taken_back() -> None:
    vendor = CadWriteSimulator()
    vendor.feed("SIM-2026-000001")
    async with simulated(vendor, Settings) as ctx:
        cad = CadWrite()
        note = await cad.act(ctx, asked("add-note", call="SIM-2026-000001", text="Wrong."))
        made = await cad.act(ctx, asked("create-call", "k-2", type="SUSP", text="Wrong."))
        for action, receipt in (("remove-note", note), ("cancel-call", made)):
            undone = await cad.act(ctx, asked(action, "undo", reference=receipt.reference))
            assert (undone.outcome, undone.reference) == ("done", receipt.reference)
    assert notes(vendor) == ["Caller hears <b>two</b> shots."]
    status = vendor.ledger[str(made.reference)]["incidentComponent"]
    assert status["incidentStatusCommonRegistryText"] == ["Cancelled"]


async def test_a_call_is_updated_and_what_is_not_named_stays() -> None:
    vendor = CadWriteSimulator()
    vendor.feed("SIM-2026-000001")
    async with simulated(vendor, Settings) as ctx:
        receipt = await CadWrite().act(ctx, asked("update-call", call=CALL, priority=2, beat="B1"))
    incident = vendor.ledger[CALL]["incidentComponent"]
    assert receipt.reference == CALL
    assert (incident["incidentCommonPriorityNumber"], incident["internalIncidentId"]) == (
        2,
        "SIM-2026-000001",
    )
    assert vendor.ledger[CALL]["linkComponent"] == []


async def test_whoever_was_faster_is_not_overwritten() -> None:
    vendor = CadWriteSimulator()
    vendor.feed("SIM-2026-000001")
    vendor.overtaken = 2
    async with simulated(vendor, Settings) as ctx:
        await CadWrite().act(ctx, asked("add-note", call=CALL, text="Mine."))
        assert vendor.writes == 1
        vendor.overtaken = 99
        with pytest.raises(RetryLater) as caught:
            await CadWrite().act(ctx, asked("add-note", "k-2", call=CALL, text="Mine, too."))
    assert caught.value.code == "cad_contended"
    assert notes(vendor)[1:] == ["Mine."]


DEEDS = pytest.mark.parametrize(
    "order",
    [
        asked("add-note", call=CALL, text="Once."),
        asked("create-call", type="SUSP", text="Once."),
        asked("update-call", call=CALL, priority=2),
    ],
    ids=lambda order: order.action,
)


def with_a_call() -> CadWriteSimulator:
    vendor = CadWriteSimulator()
    vendor.feed("SIM-2026-000001")
    return vendor


def reads_before(order: ActionRequest) -> int:
    """Requests before the one that writes."""
    return 0 if order.action == "create-call" else 1


@DEEDS
async def test_a_deed_whose_answer_was_lost_is_looked_for_and_done_once(
    order: ActionRequest,
) -> None:
    vendor = with_a_call()
    vendor.lost = 1
    async with simulated(vendor, Settings) as ctx:
        first = await CadWrite().act(ctx, order)
        again = await CadWrite().act(ctx, order)
    assert (first.outcome, first.reference) == ("done", again.reference)
    assert vendor.writes == 1


@DEEDS
async def test_what_was_not_done_may_be_tried_again(order: ActionRequest) -> None:
    vendor = with_a_call()
    vendor.faults.add(Fault.status(503), after=reads_before(order))
    async with simulated(vendor, Settings) as ctx:
        with pytest.raises(RetryLater):
            await CadWrite().act(ctx, order)
        assert vendor.writes == 0
        assert (await CadWrite().act(ctx, order)).outcome == "done"


@DEEDS
async def test_what_may_have_been_done_is_not_called_undone(order: ActionRequest) -> None:
    """The write is done, its answer lost, and then the system is silent."""
    vendor = with_a_call()
    vendor.lost = 1
    vendor.faults.add(Fault.status(503), after=reads_before(order) + 1)
    async with simulated(vendor, Settings) as ctx:
        with pytest.raises(GiveUp) as caught:
            await CadWrite().act(ctx, order)
    assert caught.value.code == "cad_doubtful"
    assert vendor.writes == 1


async def test_a_call_that_is_not_there_is_a_failure_that_is_said() -> None:
    vendor = CadWriteSimulator()
    [receipt] = await run_actions(CONNECTOR, vendor, [asked("add-note", call="none", text="x")])
    assert (receipt.outcome, receipt.reference) == ("failed", None)
    assert receipt.detail == "The dispatch system has no such call."


@pytest.mark.parametrize("body", [b"[]", b'{"$id": "another"}'])
async def test_what_is_no_eido_is_not_written_over(body: bytes) -> None:
    vendor = CadWriteSimulator()
    vendor.feed("SIM-2026-000001")
    vendor.faults.add(Fault.instead(body))
    async with simulated(vendor, Settings) as ctx:
        with pytest.raises(GiveUp) as caught:
            await CadWrite().act(ctx, asked("add-note", call=CALL, text="x"))
    assert caught.value.code == "bad_eido"
    assert vendor.writes == 0


async def test_check_tells_address_credential_and_host_apart_and_writes_nothing() -> None:
    vendor = CadWriteSimulator()
    async with simulated(vendor, Settings) as ctx:
        [good] = await CadWrite().check(ctx)
        assert good.ok
        vendor.faults.add(Fault.status(404))
        with pytest.raises(NotFound):
            await CadWrite().check(ctx)
        vendor.rotate()
        with pytest.raises(AskAPerson) as refused:
            await CadWrite().check(ctx)
        await vendor.cut()
        with pytest.raises(RetryLater) as unreachable:
            await CadWrite().check(ctx)
    assert (refused.value.code, unreachable.value.code) == ("vendor_refused", "vendor_unreachable")
    assert vendor.writes == 0


async def test_what_was_not_declared_is_not_done() -> None:
    async with simulated(CadWriteSimulator(), Settings) as ctx:
        with pytest.raises(GiveUp) as caught:
            await CadWrite().act(ctx, asked("drop-table"))
    assert caught.value.code == "unknown_action"


def test_the_manifest_fits_its_schema_and_the_settings() -> None:
    check_manifest(CadWrite)
