"""The life of a request: opened, taken, answered, taken back; each act with a name."""

import asyncio
from dataclasses import replace

import pytest
from store_contract import NOON, Make

from watchfloor.contracts import GiveUp, NotFound, Offence, Refused
from watchfloor.policy import WHOLE
from watchfloor.ports.store import Finding
from watchfloor.requests import NewRequest

HOUR = 3600.0
pytestmark = pytest.mark.usefixtures("live_call", "next_pd")


def asked(**said):
    fields = {"purpose": "in_progress_call", "number": "ZZ-00412", "asked": "Which way?"}
    return NewRequest(**{**fields, **said})


@pytest.fixture
async def request_(desk, casey):
    return await desk.open(asked(), casey)


def did(request):
    return [(entry.by, entry.did) for entry in request.history]


async def test_the_year_of_a_number_is_the_agencys_own(desk, casey, clock):
    clock.set(1_798_778_000_000_000)  # 2027-01-01T04:33Z, 22:33 on New Year's Eve in Chicago
    request = await desk.open(asked(purpose="training_synthetic_only", number=""), casey)
    assert request.id == "R-26-000001"
    clock.advance(2 * HOUR)
    request = await desk.open(asked(purpose="training_synthetic_only", number=""), casey)
    assert request.id == "R-27-000001"


async def test_everything_that_a_form_says_is_in_the_purpose(desk, casey, open_case):
    request = await desk.open(
        asked(
            purpose="court_order", number=open_case, order="O-77", agency="next-pd",
            requester="Sgt Example, robbery", on_behalf_of_person="Det Example",
            channel="phone", reason="as discussed", warrant="W-1", declaration="D-1",
            about=frozenset({"immigration"}),
        ),
        casey,
    )  # fmt: skip
    purpose = await desk.purpose_of(await desk.get(request.id, casey), casey)
    assert (purpose.code, purpose.request, purpose.case_number, purpose.order) == (
        "court_order", request.id, open_case, "O-77",
    )  # fmt: skip
    assert (purpose.on_behalf_of, purpose.on_behalf_of_person) == ("next-pd", "Det Example")
    assert (purpose.requester, purpose.reason) == ("Sgt Example, robbery", "as discussed")
    assert (purpose.offence, purpose.checked) == (Offence(code="120"), "rms")
    assert (purpose.warrant, purpose.declaration) == ("W-1", "D-1")
    assert (purpose.asked, purpose.about) == (request.asked, {"immigration"})


async def test_from_opened_to_answered_and_back(desk, casey, lee, request_, clock):
    await desk.take(request_.id, lee)
    await desk.note(request_.id, lee, "Camera 4 is dark.")
    done = await desk.answer(request_.id, lee, "North on Main", "found", "Stopped by unit 12")
    assert (done.state, done.outcome, done.worker, done.closed) == ("done", "found", "lee", NOON)
    with pytest.raises(Refused) as refused:
        await desk.purpose_of(done, lee)
    assert refused.value.code == "request_not_open"
    again = await desk.reopen(request_.id, casey, "There is more.")
    assert (again.state, again.outcome, again.closed) == ("open", None, None)
    assert again.answer == "North on Main"
    assert await desk.purpose_of(again, lee)
    assert did(again) == [
        ("casey", "opened"), ("lee", "taken"), ("lee", "noted"), ("lee", "answered"),
        ("casey", "reopened"),
    ]  # fmt: skip


async def test_an_answer_names_who_gave_it_where_nobody_had_taken_it(desk, lee, request_):
    assert (await desk.answer(request_.id, lee, "Nothing", "not_found")).worker == "lee"


@pytest.mark.parametrize("act", ["answer", "cancel", "take", "edit", "tie"])
async def test_what_is_over_has_to_be_reopened_first(desk, casey, request_, act):
    await desk.cancel(request_.id, casey, "Not wanted any more")
    acts = {
        "answer": lambda: desk.answer(request_.id, casey, "", "found"),
        "cancel": lambda: desk.cancel(request_.id, casey, "again"),
        "take": lambda: desk.take(request_.id, casey),
        "edit": lambda: desk.edit(request_.id, asked(), casey),
        "tie": lambda: desk.tie(request_.id, "ZZ-00412", casey),
    }
    with pytest.raises(Refused) as refused:
        await acts[act]()
    assert refused.value.code == "request_not_open"
    assert refused.value.remedy


async def test_what_is_open_is_not_reopened(desk, casey, request_):
    with pytest.raises(Refused) as refused:
        await desk.reopen(request_.id, casey)
    assert refused.value.code == "request_is_open"


async def test_acts_at_one_time_are_all_there(desk, casey, lee, request_):
    await asyncio.gather(*(desk.note(request_.id, who, "x") for who in (casey, lee) * 10))
    assert len((await desk.get(request_.id, casey)).history) == 21


async def test_describing_it_anew_checks_anew_and_says_what_changed(desk, casey, request_, told):
    await told("call", "ZZ-2")
    changed = await desk.edit(request_.id, asked(number="ZZ-2", priority="urgent"), casey)
    assert (changed.call_number, changed.priority) == ("ZZ-2", "urgent")
    assert changed.history[-1].did == "changed"
    assert set(changed.history[-1].note.split(", ")) == {"call_number", "priority"}
    with pytest.raises(Refused) as refused:
        await desk.edit(request_.id, asked(number="ZZ-3"), casey)
    assert refused.value.code == "unknown_call"
    assert (await desk.get(request_.id, casey)).call_number == "ZZ-2"


async def test_whoever_looks_up_for_somebody_elses_request_is_named_in_it_once(
    desk, casey, lee, request_
):
    for _ in range(2):
        await desk.purpose_of(await desk.get(request_.id, lee), lee)
        await desk.purpose_of(await desk.get(request_.id, casey), casey)
    assert did(await desk.get(request_.id, casey)) == [("casey", "opened"), ("lee", "joined")]


async def test_opening_a_live_call_prefills_everything_once(desk, casey, lee):
    first = await desk.for_call("zz-00412", casey, WHOLE)
    assert (first.purpose, first.call_number, first.worker, first.channel) == (
        "in_progress_call", "ZZ-00412", "casey", "call",
    )  # fmt: skip
    assert first.asked == "Robbery"
    both = await asyncio.gather(
        desk.for_call("ZZ-00412", casey, WHOLE), desk.for_call("ZZ-00412", casey, WHOLE)
    )
    assert {each.id for each in both} == {first.id}
    assert (await desk.for_call("ZZ-00412", lee, WHOLE)).id != first.id
    with pytest.raises(Refused) as refused:
        await desk.for_call("ZZ-9", casey, WHOLE)
    assert refused.value.code == "unknown_call"


async def test_a_call_worked_on_for_another_agency_is_no_call_of_ours(desk, casey):
    """Else the purpose would be theirs, and what is ours would be asked for them."""
    theirs = await desk.open(asked(agency="next-pd"), casey)
    ours = await desk.for_call("ZZ-00412", casey, WHOLE)
    assert (ours.id != theirs.id, ours.agency) == (True, None)
    assert (await desk.for_call("ZZ-00412", casey, WHOLE)).id == ours.id


async def test_a_number_besides_a_purpose_is_that_of_a_call_or_a_case(
    desk, casey, request_, open_case
):
    purpose = await desk.purpose(request_.id, casey)
    for known in ("ZZ-00412", open_case):
        await desk.check_number(known, purpose)
    with pytest.raises(Refused) as refused:
        await desk.check_number("ZZ-MADE-UP", purpose)
    assert refused.value.code == "unknown_case"
    assert await desk.as_written("zz-00412") == "ZZ-00412"
    assert await desk.as_written("ZZ-MADE-UP") is await desk.as_written("no number?") is None


async def test_an_analyst_of_another_agency_works_on_that_agencys_requests_alone(
    desk, casey, request_
):
    north = replace(casey, id="idp|north", handle="north", agency="next-pd")
    for deed in (
        desk.get(request_.id, north),
        desk.take(request_.id, north),
        desk.answer(request_.id, north, "x", "found"),
        desk.purpose(request_.id, north),
    ):
        with pytest.raises(NotFound):
            await deed
    assert (await desk.page(north, None, 10)).items == []
    own = await desk.open(asked(), north)
    assert own.agency == "next-pd"
    assert [each.id for each in (await desk.page(north, None, 10)).items] == [own.id]
    assert (await desk.get(own.id, casey)).id == own.id


async def test_findings_are_attached_once_and_taken_away(desk, store, casey, request_):
    await store.log.commit([Make.batch([Make.read("a")])])
    event, lookup = Finding(event=await store.log.head()), Finding(lookup="l-1")
    for finding in (event, lookup, event):
        kept = await desk.attach(request_.id, casey, finding)
    assert kept.findings == (event, lookup)
    assert (await desk.detach(request_.id, casey, event)).findings == (lookup,)
    with pytest.raises(NotFound):
        await desk.attach(request_.id, casey, Finding(event=999))


async def test_late_is_what_is_open_after_it_was_due(desk, casey, clock):
    request = await desk.open(asked(due="2026-05-02T12:00:01Z"), casey)
    assert (await desk.page(casey, "late", 10)).items == []
    clock.advance(2)
    assert [each.id for each in (await desk.page(casey, "late", 10)).items] == [request.id]
    assert await desk.counts(casey) == {"open": 1, "late": 1, "mine": 1, "review": 0}
    with pytest.raises(GiveUp) as unacceptable:
        await desk.open(asked(due="tomorrow"), casey)
    assert unacceptable.value.code == "bad_moment"


async def test_an_agency_is_one_of_the_register(desk, casey):
    with pytest.raises(Refused) as refused:
        await desk.open(asked(agency="made-up"), casey)
    assert refused.value.code == "unknown_agency"


async def test_a_guest_asks_for_its_own_agency_and_sees_nothing_else(desk, casey, guest, request_):
    """Neither by listing, nor by number, nor by acting on what it guesses."""
    own = await desk.open(asked(), guest)
    assert own.agency == "next-pd"
    with pytest.raises(Refused) as refused:
        await desk.open(asked(agency="ex-pd"), guest)
    assert refused.value.code == "other_agency"
    assert [each.id for each in (await desk.page(guest, None, 10)).items] == [own.id]
    assert (await desk.page(guest, None, 10, number=request_.id)).items == []
    for attempt in (
        desk.get(request_.id, guest),
        desk.note(request_.id, guest, "x"),
        desk.edit(request_.id, asked(), guest),
        desk.purpose_of(request_, guest),
    ):
        with pytest.raises(NotFound) as hidden:
            await attempt
        assert hidden.value.code == "no_such_request"
    assert did(await desk.get(request_.id, casey)) == [("casey", "opened")]


@pytest.mark.parametrize(("said", "kept"), [("13a", "13A"), ("120", "120"), ("90Z", "90Z")])
async def test_an_offence_is_kept_as_the_list_writes_it(desk, casey, open_case, said, kept):
    form = asked(purpose="investigation", number=open_case, offence=Offence(code=said))
    assert (await desk.open(form, casey)).offence == Offence(code=kept)


async def test_an_offence_that_the_list_lacks_is_refused(desk, casey, open_case):
    form = asked(purpose="investigation", number=open_case, offence=Offence(code="zzz"))
    with pytest.raises(Refused) as refused:
        await desk.open(form, casey)
    assert refused.value.code == "unknown_offence"
