"""The book of requests, and the book of approvals."""

from dataclasses import replace

import pytest

from watchfloor.contracts import NotFound, Offence, Refused
from watchfloor.ports.store import (
    Agency,
    Approval,
    Finding,
    KnownBy,
    PastOutcome,
    Request,
    RequestEntry,
    RequestFilter,
    Review,
    Whose,
)


@pytest.fixture
def asked(clock):
    def make(**said):
        fields = {
            "opened": clock.now(), "opened_by": "idp|1", "opener": "casey",
            "purpose": "investigation", "asked": "Which way did it go?", "channel": "phone",
        }  # fmt: skip
        return Request(**{**fields, **said})

    return make


async def listed(store, clock, listing=None, **more):
    where = RequestFilter(now=clock.now(), listing=listing, **more)
    return [each.id for each in await store.requests.list(where, 100)]


async def test_numbers_run_without_gaps_in_each_year_and_over_starts(stores, asked):
    store = await stores()
    ids = [(await store.requests.add(asked(), year)).id for year in (2026, 2026, 2027)]
    assert ids == ["R-26-000001", "R-26-000002", "R-27-000001"]
    again = await stores()
    assert (await again.requests.add(asked(), 2026)).id == "R-26-000003"


async def test_a_request_comes_back_as_it_was_put(store, asked, clock):
    now = clock.now()
    whole = asked(
        requester="Sgt Example", on_behalf_of_person="Det Example", agency="next-pd",
        offence=Offence(code="120"), case_number="26-1", call_number="ZZ-1", provisional=True,
        tie_by=now, order="O-1", reason="two\nlines", known=KnownBy("cad", now),
        priority="urgent", due=now, worker="lee", state="done", closed=now, answer="North",
        outcome="found", outcome_note="served", findings=(Finding(event=4), Finding(lookup="l")),
        reviews=(Review("emergency", now, now + 1, ("supervisor",), "justified", "kim", now, "x"),),
        history=(RequestEntry(now, "casey", "opened"),),
    )  # fmt: skip
    put = await store.requests.add(whole, 2026)
    assert await store.requests.get(put.id) == put == replace(whole, id="R-26-000001")
    assert put.stand_in == "P-26-000001"


async def test_once_per_call_is_per_person_and_call_and_while_it_is_open(store, asked):
    first = await store.requests.add(asked(call_number="ZZ-1"), 2026, once_per_call=True)

    async def again(**said):
        request = asked(**{"call_number": "ZZ-1", **said})
        return (await store.requests.add(request, 2026, once_per_call=True)).id

    assert await again() == first.id
    assert await again(opened_by="idp|2") == "R-26-000002"
    assert await again(call_number="ZZ-2") == "R-26-000003"
    await store.requests.change(first.id, lambda kept: replace(kept, state="done"))
    assert await again() == "R-26-000004"


async def test_a_change_is_whole_or_not_at_all(store, asked):
    request = await store.requests.add(asked(), 2026)

    def refuse(kept):
        raise Refused("No.", code="request_not_open")

    with pytest.raises(Refused) as refused:
        await store.requests.change(request.id, refuse)
    assert refused.value.code == "request_not_open"
    changed = await store.requests.change(request.id, lambda kept: replace(kept, worker="lee"))
    assert await store.requests.get(request.id) == changed == replace(request, worker="lee")
    for unknown in (store.requests.get("R-26-9"), store.requests.change("R-26-9", refuse)):
        with pytest.raises(NotFound) as missing:
            await unknown
        assert missing.value.code == "no_such_request"


async def test_each_listing_has_what_its_name_says(store, asked, clock):
    now = clock.now()
    kinds = {
        "plain": asked(),
        "late": asked(due=now - 1, worker="lee"),
        "due": asked(due=now, opener="lee"),
        "done": asked(state="done", due=now - 1),
        "untied": asked(tie_by=now, provisional=True),
        "to tie": asked(tie_by=now + 1, provisional=True),
        "pending": asked(reviews=(Review("emergency", now, now + 9),), state="cancelled"),
        "settled": asked(reviews=(Review("emergency", now, now, (), "justified"),)),
    }
    names = {(await store.requests.add(each, 2026)).id: name for name, each in kinds.items()}

    async def found(listing, **more):
        return {names[id] for id in await listed(store, clock, listing, **more)}

    assert await found("open") == {"plain", "late", "due", "untied", "to tie", "settled"}
    assert await found("late") == {"late"}
    assert await found("done") == {"done", "pending"}
    assert await found("mine", mine="lee") == {"late", "due"}
    assert await found("review") == {"untied", "pending"}
    assert await store.requests.count(RequestFilter(now=now, listing="review")) == 2
    assert [names[each.id] for each in await store.requests.untold()] == ["pending"]


async def test_lists_are_newest_first_and_paged_by_id(store, asked, clock):
    for _ in range(5):
        await store.requests.add(asked(), 2026)
    where = RequestFilter(now=clock.now())
    newest = [each.id for each in await store.requests.list(where, 2)]
    assert newest == ["R-26-000005", "R-26-000004"]
    rest = await store.requests.list(replace(where, before=newest[-1]), 9)
    assert [each.id for each in rest] == ["R-26-000003", "R-26-000002", "R-26-000001"]


@pytest.mark.parametrize("number", ["zz-00412", "26-0047", "O-77", "000001", "p-26-000001"])
async def test_a_request_is_found_by_part_of_any_of_its_numbers(store, asked, clock, number):
    one = asked(call_number="ZZ-00412", case_number="26-0047", order="O-77", provisional=True)
    await store.requests.add(one, 2026)
    await store.requests.add(asked(), 2026)
    assert await listed(store, clock, number=number) == ["R-26-000001"]
    assert await listed(store, clock, number="%") == []


async def test_others_see_their_own_and_their_agencys(store, asked, clock):
    await store.requests.add(asked(), 2026)
    await store.requests.add(asked(opened_by="idp|2", agency="next-pd"), 2026)
    await store.requests.add(asked(opened_by="idp|3"), 2026)
    whose = Whose(person="idp|3", agency="next-pd")
    assert await listed(store, clock, whose=whose) == ["R-26-000003", "R-26-000002"]


async def test_what_is_counted_is_of_the_interval_and_of_the_time_before(store, asked, clock):
    now = clock.now()
    await store.requests.add(asked(state="done", outcome="found", agency="next-pd"), 2026)
    await store.requests.add(asked(opened=now + 10), 2026)
    past = [PastOutcome(now - 1, "found"), PastOutcome(now, "not_found", "wanted_person")]
    for _ in range(2):  # the same file again counts once
        await store.requests.put_past("2022", past)
    assert sorted(await store.requests.counted(now, now + 10)) == [
        (now, "done", "found", "investigation", "next-pd", "phone", False),
        (now, "done", "not_found", "wanted_person", None, None, True),
    ]


async def test_agencies_are_put_over_each_other_and_listed_by_name(store):
    await store.requests.put_agency(Agency("b", "Beta PD", "local"))
    await store.requests.put_agency(Agency("z", "Old name", "other"))
    await store.requests.put_agency(Agency("z", "Alpha SO", "county", "ZZ0000000", "US-LA"))
    assert [each.name for each in await store.requests.agencies()] == ["Alpha SO", "Beta PD"]
    assert (await store.requests.agency("z")).ori == "ZZ0000000"
    assert await store.requests.agency("nobody") is None


@pytest.fixture
def question(clock):
    def make(id="A-1", **said):
        fields = {
            "id": id, "subject": "data", "digest": "d", "what": "A search", "why": "broad",
            "asked": clock.now(), "asked_by": "idp|1", "asker": "casey",
            "expires": clock.now() + 100,
        }  # fmt: skip
        return Approval(**{**fields, **said})

    return make


async def test_a_question_that_waits_is_not_asked_twice(store, question, clock):
    now = clock.now()
    first = await store.approvals.add(question(), now)
    assert await store.approvals.add(question("A-2"), now) == first
    assert (await store.approvals.add(question("A-3", digest="e"), now)).id == "A-3"
    assert (await store.approvals.add(question("A-4", asked_by="idp|2"), now)).id == "A-4"
    assert [each.id for each in await store.approvals.waiting(now)] == ["A-1", "A-3", "A-4"]
    assert await store.approvals.waiting(first.expires) == []
    assert (await store.approvals.add(question("A-5"), first.expires)).id == "A-5"


async def test_only_what_was_granted_opens_and_only_while_it_holds(store, question, clock):
    now = clock.now()
    await store.approvals.add(question(), now)
    answers = {"granted": "A-1", "declined": None, None: None, "overridden": "A-1"}
    for answer, opens in answers.items():
        await store.approvals.change("A-1", lambda kept, a=answer: replace(kept, answer=a))
        found = await store.approvals.answered("idp|1", "d", now)
        assert (found and found.id) == opens
        assert await store.approvals.answered("idp|2", "d", now) is None
        assert await store.approvals.answered("idp|1", "other", now) is None
        assert await store.approvals.answered("idp|1", "d", now + 100) is None


async def test_what_is_used_opens_no_more(store, question, clock):
    now = clock.now()
    shown = await store.approvals.add(question(shown="a: rule", answer="granted"), now)
    used = await store.approvals.use("idp|1", "d", now + 5)
    assert used == replace(shown, used=now + 5) == await store.approvals.get("A-1")
    assert await store.approvals.use("idp|1", "d", now + 6) is None
    assert await store.approvals.answered("idp|1", "d", now + 6) is None


async def test_an_approval_that_is_not_there(store):
    with pytest.raises(NotFound) as missing:
        await store.approvals.get("A-9")
    assert missing.value.code == "no_such_approval"
