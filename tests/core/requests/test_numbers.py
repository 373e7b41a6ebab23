"""A purpose rests on a call or a case that a connected system knows."""

from datetime import UTC, datetime

import pytest
from store_contract import NOON

from watchfloor.contracts import Offence, Refused
from watchfloor.ports.store import Instance
from watchfloor.requests import NewRequest

pytestmark = pytest.mark.usefixtures("live_call", "open_case")
HOUR = 3600.0


def asked(purpose, **said):
    return NewRequest(purpose=purpose, asked="Which way did it go?", **said)


@pytest.mark.parametrize("spelling", ["ZZ-00412", "zz-00412", " ZZ-00412 "])
async def test_a_call_is_found_however_it_is_typed_and_who_knew_it_is_said(desk, casey, spelling):
    request = await desk.open(asked("in_progress_call", number=spelling), casey)
    assert request.call_number == "ZZ-00412"
    assert (request.known.source, request.known.at) == ("cad", NOON)
    purpose = await desk.purpose_of(request, casey)
    assert (purpose.call_number, purpose.checked, purpose.provisional) == ("ZZ-00412", "cad", False)


async def test_dashes_that_the_other_system_does_not_write_are_no_hindrance(desk, casey, told):
    await told("call", "B0610222")
    request = await desk.open(asked("officer_safety", number="b-06102-22"), casey)
    assert request.call_number == "B0610222"


async def test_an_investigation_takes_its_offence_from_the_case(desk, casey):
    """Three fields: purpose, number, what is asked."""
    request = await desk.open(asked("investigation", number="26-004711"), casey)
    assert (request.case_number, request.known.source) == ("26-004711", "rms")
    assert request.offence == Offence(code="120")


async def test_an_offence_that_was_said_stands(desk, casey):
    said = Offence(code="14-67", system="la-rs")
    request = await desk.open(asked("investigation", number="26-004711", offence=said), casey)
    assert request.offence == said


@pytest.mark.parametrize("offence", [{"text": "Theft"}, {"common": "14-67"}])
async def test_an_offence_that_nobody_knows_has_to_be_said(desk, casey, told, offence):
    await told("report", "26-7", offence=offence)
    with pytest.raises(Refused) as refused:
        await desk.open(asked("investigation", number="26-7"), casey)
    assert refused.value.code == "request_incomplete"
    assert "the offence" in refused.value.detail


@pytest.mark.parametrize(("number", "field"), [("ZZ-00412", "call"), ("26-004711", "case")])
async def test_either_number_serves_where_either_is_needed(desk, casey, number, field):
    request = await desk.open(asked("missing_endangered", number=number), casey)
    assert getattr(request, f"{field}_number") == number


@pytest.mark.parametrize(
    ("purpose", "number", "code"),
    [
        ("in_progress_call", "ZZ-99999", "unknown_call"),
        ("in_progress_call", "26-004711", "unknown_call"),
        ("evidence_retrieval", "ZZ-00412", "unknown_case"),
        ("wanted_person", "1", "unknown_case"),
        ("in_progress_call", "ZZ-*", "bad_reference"),
        ("in_progress_call", "ZZ-0041?", "bad_reference"),
        ("in_progress_call", " ", "bad_reference"),
    ],
)
async def test_a_number_that_no_system_knows_is_refused(desk, casey, purpose, number, code):
    with pytest.raises(Refused) as refused:
        await desk.open(asked(purpose, number=number), casey)
    assert refused.value.code == code
    assert refused.value.remedy
    assert (await desk.page(casey, None, 10)).items == []


@pytest.mark.parametrize("purpose", ["in_progress_call", "investigation", "court_order"])
async def test_no_number_at_all_is_refused(desk, casey, purpose):
    with pytest.raises(Refused) as refused:
        await desk.open(asked(purpose, offence=Offence(code="120")), casey)
    assert refused.value.code == "request_incomplete"


async def test_on_a_hub_with_real_sources_a_training_sources_call_counts_for_nothing(
    desk, store, casey, told
):
    """Whoever runs a training source could make up any number."""
    await store.instances.put(Instance("sim", "cad-file", "Training", {}, synthetic=True))
    await told("call", "SIM-1", source="sim")
    with pytest.raises(Refused) as refused:
        await desk.open(asked("in_progress_call", number="SIM-1"), casey)
    assert refused.value.code == "unknown_call"


async def test_on_a_hub_of_training_sources_alone_they_count(desk, store, casey):
    for id in ("cad", "rms"):
        await store.instances.put(Instance(id, f"{id}-file", id, {}, synthetic=True))
    assert await desk.open(asked("in_progress_call", number="ZZ-00412"), casey)


@pytest.mark.parametrize("purpose", ["training_synthetic_only", "system_test_synthetic_only"])
@pytest.mark.parametrize("number", ["", "MADE-UP-1"])
async def test_training_needs_no_number_and_nobody_checks_one(desk, casey, purpose, number):
    request = await desk.open(asked(purpose, number=number), casey)
    assert request.known is None
    assert (await desk.purpose_of(request, casey)).kind.synthetic_only


async def test_a_closed_case_goes_on_and_is_for_the_weekly_review(desk, casey, told, clock):
    await told("report", "25-1", status="closed")
    request = await desk.open(asked("evidence_retrieval", number="25-1"), casey)
    assert [each.why for each in request.reviews] == ["case_closed"]
    clock.advance(30 * 24 * HOUR)
    assert await desk.purpose_of(request, casey)
    assert [each.id for each in (await desk.reviews.waiting(10)).items] == [request.id]


@pytest.mark.parametrize(("hours", "found"), [(23, []), (25, ["call_over"])])
async def test_a_call_that_ended_long_ago_is_for_review(desk, casey, told, clock, hours, found):
    closed = datetime.fromtimestamp(NOON / 1_000_000, UTC).isoformat()
    await told("call", "ZZ-7", status="Closed", closed=closed)
    clock.advance(hours * HOUR)
    request = await desk.open(asked("in_progress_call", number="ZZ-7"), casey)
    assert [each.why for each in request.reviews] == found


async def test_work_that_outlasts_its_call_is_found_while_it_goes_on(desk, casey, clock, live_call):
    request = await desk.open(asked("in_progress_call", number=live_call), casey)
    clock.advance(23 * HOUR)
    await desk.purpose_of(request, casey)
    assert (await desk.get(request.id, casey)).reviews == ()
    clock.advance(2 * HOUR)
    await desk.purpose_of(await desk.get(request.id, casey), casey)
    assert [each.why for each in (await desk.get(request.id, casey)).reviews] == ["call_over"]


async def test_a_call_that_is_still_spoken_of_is_not_over(desk, casey, told, clock, live_call):
    request = await desk.open(asked("in_progress_call", number=live_call), casey)
    clock.advance(30 * HOUR)
    await told("call", live_call, status="ResourcesOnscene")
    await desk.purpose_of(request, casey)
    kept = await desk.get(request.id, casey)
    assert (kept.reviews, kept.known.at) == ((), clock.now())
