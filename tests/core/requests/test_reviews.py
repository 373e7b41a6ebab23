"""What somebody else looks at, by when, and what stops until they have."""

from dataclasses import replace

import pytest
from store_contract import NOON

from watchfloor.contracts import Refused
from watchfloor.identity import Names, plain_handle
from watchfloor.requests import NewRequest, request_view

HOUR = 3600.0
NOBODY_KNOWN = Names(ledger=None)
REASON = "Child taken from the park, white van, minutes ago.\nNo call number exists yet."


def asked(purpose="in_progress_call", **said):
    return NewRequest(purpose=purpose, asked="Which way did it go?", **said)


async def shown(desk, clock, request, person):
    return request_view(await desk.get(request.id, person), clock.now(), NOBODY_KNOWN)


async def test_without_a_number_there_is_a_day(desk, casey, clock, live_call):
    request = await desk.open(asked(provisional=True), casey)
    assert request.stand_in == "P-26-000001"
    purpose = await desk.purpose_of(request, casey)
    assert (purpose.provisional, purpose.checked, purpose.call_number) == (True, None, None)
    clock.advance(24 * HOUR - 1)
    assert await desk.purpose_of(request, casey)
    assert (await desk.reviews.waiting(10)).items == []
    clock.advance(1)
    with pytest.raises(Refused) as refused:
        await desk.purpose_of(request, casey)
    assert refused.value.code == "request_in_review"
    assert [each.id for each in (await desk.reviews.waiting(10)).items] == [request.id]
    view = await shown(desk, clock, request, casey)
    assert (view.state, view.number) == ("in_review", "P-26-000001")


async def test_tying_it_ends_that(desk, casey, clock, live_call):
    request = await desk.open(asked(provisional=True), casey)
    clock.advance(30 * HOUR)
    with pytest.raises(Refused):
        await desk.tie(request.id, "ZZ-99", casey)
    tied = await desk.tie(request.id, live_call, casey)
    assert (tied.call_number, tied.stand_in, tied.tie_by) == (live_call, None, None)
    purpose = await desk.purpose_of(tied, casey)
    assert (purpose.provisional, purpose.checked) == (False, "cad")
    assert (await shown(desk, clock, tied, casey)).state != "in_review"


async def test_describing_it_anew_gives_no_second_day(desk, casey, clock):
    request = await desk.open(asked(provisional=True), casey)
    clock.advance(20 * HOUR)
    request = await desk.edit(request.id, asked("officer_safety", provisional=True), casey)
    request = await desk.edit(request.id, asked("training_synthetic_only"), casey)
    request = await desk.edit(request.id, asked(provisional=True), casey)
    clock.advance(4 * HOUR)
    with pytest.raises(Refused):
        await desk.purpose_of(request, casey)


@pytest.mark.parametrize("hours", [1, 25], ids=["in time", "late"])
@pytest.mark.parametrize(
    "said",
    [{"purpose": "training_synthetic_only"}, {"purpose": "audit_review", "reason": "x"},
     {"purpose": "emergency_override", "reason": REASON},
     {"purpose": "training_synthetic_only", "number": "ZZ-INVENTED"}],
    ids=["training", "audit", "emergency", "training with a number"],
)  # fmt: skip
async def test_no_other_purpose_takes_its_review_away(desk, casey, clock, said, hours):
    request = await desk.open(asked(provisional=True), casey)
    clock.advance(hours * HOUR)
    changed = await desk.edit(request.id, asked(**said), casey)
    assert (changed.stand_in, changed.tie_by) == (request.stand_in, request.tie_by)
    for purpose in (said, {"purpose": "audit_review", "reason": "x"}):
        await desk.edit(request.id, asked(**purpose), casey)
    clock.advance((25 - hours) * HOUR)
    with pytest.raises(Refused) as refused:
        await desk.purpose(request.id, casey)
    assert refused.value.code == "request_in_review"
    assert [each.id for each in (await desk.reviews.waiting(10)).items] == [request.id]


async def test_an_emergency_works_at_once_whatever_waits(desk, casey, clock):
    request = await desk.open(asked(provisional=True), casey)
    clock.advance(25 * HOUR)
    await desk.edit(request.id, asked("emergency_override", reason=REASON), casey)
    assert await desk.purpose(request.id, casey)
    assert [each.id for each in (await desk.reviews.waiting(10)).items] == [request.id]
    clock.advance(24 * HOUR)
    with pytest.raises(Refused):
        await desk.purpose(request.id, casey)


async def test_described_for_another_purpose_it_can_still_be_tied(desk, casey, clock, live_call):
    request = await desk.open(asked(provisional=True), casey)
    await desk.edit(request.id, asked("audit_review", reason="x"), casey)
    clock.advance(25 * HOUR)
    tied = await desk.tie(request.id, live_call, casey)
    assert (tied.call_number, tied.stand_in, tied.tie_by) == (live_call, None, None)
    assert await desk.purpose(request.id, casey)


async def test_what_is_tied_while_somebody_describes_it_stays_tied(
    desk, casey, lee, live_call, monkeypatch
):
    request = await desk.open(asked(provisional=True), casey)
    anew = desk._drafting.anew

    async def meanwhile(*said):
        described = await anew(*said)
        await desk.tie(request.id, live_call, lee)
        return described

    monkeypatch.setattr(desk._drafting, "anew", meanwhile)
    changed = await desk.edit(request.id, asked(provisional=True, priority="urgent"), casey)
    assert (changed.call_number, changed.stand_in, changed.tie_by) == (live_call, None, None)
    assert (changed.priority, changed.history[-1].note) == ("urgent", "priority")


async def test_what_is_cancelled_meanwhile_is_not_tied(desk, casey, lee, live_call, monkeypatch):
    request = await desk.open(asked(provisional=True), casey)
    tied = desk._checking.tied

    async def meanwhile(*said):
        found = await tied(*said)
        await desk.cancel(request.id, lee, "Nobody asks any more")
        return found

    monkeypatch.setattr(desk._checking, "tied", meanwhile)
    with pytest.raises(Refused) as refused:
        await desk.tie(request.id, live_call, casey)
    assert refused.value.code == "request_not_open"
    kept = await desk.get(request.id, casey)
    assert (kept.state, kept.call_number, kept.history[-1].did) == ("cancelled", None, "cancelled")


async def test_answering_it_does_not_keep_it_from_review(desk, casey, sup, clock):
    request = await desk.open(asked(provisional=True), casey)
    await desk.answer(request.id, casey, "Gone", "not_found")
    clock.advance(24 * HOUR)
    assert [each.id for each in (await desk.reviews.waiting(10)).items] == [request.id]
    reviewed = await desk.reviews.settle(request.id, sup, "justified", "The call came late.")
    assert reviewed.state == "done"
    assert (await desk.reviews.waiting(10)).items == []


async def test_a_justified_one_goes_on(desk, casey, sup, clock):
    request = await desk.open(asked(provisional=True), casey)
    clock.advance(25 * HOUR)
    reviewed = await desk.reviews.settle(request.id, sup, "justified", "CAD was down.")
    assert (await desk.purpose_of(reviewed, casey)).provisional
    [review] = reviewed.reviews
    assert (review.verdict, review.by, review.at) == ("justified", "sup", clock.now())
    assert (reviewed.history[-1].by, reviewed.history[-1].did) == ("sup", "justified")


async def test_one_that_was_not_ends_and_lends_its_purpose_no_more(desk, casey, sup, clock):
    request = await desk.open(asked(provisional=True), casey)
    clock.advance(25 * HOUR)
    reviewed = await desk.reviews.settle(request.id, sup, "not_justified", "No call, no case.")
    assert reviewed.state == "cancelled"
    reopened = await desk.reopen(request.id, casey)
    with pytest.raises(Refused) as refused:
        await desk.purpose_of(reopened, casey)
    assert refused.value.code == "request_in_review"


async def test_nobody_reviews_what_they_had_a_part_in(desk, casey, sup, clock):
    own = await desk.open(asked(provisional=True), sup)
    joined = await desk.open(asked(provisional=True), casey)
    await desk.note(joined.id, sup, "I helped.")
    clock.advance(25 * HOUR)
    for request in (own, joined):
        with pytest.raises(Refused) as refused:
            await desk.reviews.settle(request.id, sup, "justified", "x")
        assert refused.value.code == "own_review"


async def test_another_name_makes_nobody_a_second_person(desk, casey, sup, clock):
    request = await desk.open(asked(provisional=True), casey)
    await desk.note(request.id, sup, "Looked at the cameras")
    clock.advance(25 * HOUR)
    renamed = replace(sup, handle="renamed", formerly=frozenset({plain_handle(sup.handle)}))
    with pytest.raises(Refused) as refused:
        await desk.reviews.settle(request.id, renamed, "kept", "")
    assert refused.value.code == "own_review"


async def test_what_does_not_wait_is_not_reviewed(desk, casey, sup, live_call):
    request = await desk.open(asked(number=live_call), casey)
    with pytest.raises(Refused) as refused:
        await desk.reviews.settle(request.id, sup, "justified", "x")
    assert refused.value.code == "nothing_to_review"


@pytest.mark.parametrize(
    "reason",
    ["", "Now!", "x" * 60, "A child was taken from the park a minute ago.\n", "a\nb", "1\n" * 40,
     "A child was taken\n12345678901234567890123456"],
    ids=["none", "word", "one line", "one line and its end", "short", "no words", "one of words"],
)  # fmt: skip
async def test_an_emergency_is_reasoned_in_two_lines(desk, casey, reason):
    with pytest.raises(Refused) as refused:
        await desk.open(asked("emergency_override", reason=reason), casey)
    assert refused.value.code == ("reason_too_short" if reason.strip() else "request_incomplete")


async def test_an_emergency_opens_at_once_and_is_reviewed_within_a_day(desk, casey, sup, clock):
    request = await desk.open(asked("emergency_override", reason=REASON), casey)
    assert (await desk.purpose_of(request, casey)).kind.emergency
    [review] = request.reviews
    assert (review.why, review.due) == ("emergency", NOON + 24 * 3600 * 1_000_000)
    view = await shown(desk, clock, request, casey)
    assert (view.state, view.reviews[0].overdue) == ("open", False)
    clock.advance(24 * HOUR + 1)
    with pytest.raises(Refused) as refused:
        await desk.purpose_of(request, casey)
    assert refused.value.code == "request_in_review"
    assert (await shown(desk, clock, request, casey)).reviews[0].overdue
    await desk.reviews.settle(request.id, sup, "justified", "It was what it said.")
    view = await shown(desk, clock, request, casey)
    assert (view.state, view.reviews[0].overdue) == ("open", False)


async def test_an_emergency_lasts_a_day_also_when_it_was_justified(
    desk, casey, sup, clock, live_call
):
    request = await desk.open(asked("emergency_override", reason=REASON), casey)
    await desk.reviews.settle(request.id, sup, "justified", "It was what it said.")
    clock.advance(24 * HOUR - 1)
    assert (await desk.purpose(request.id, casey)).kind.emergency
    clock.advance(1)
    with pytest.raises(Refused) as refused:
        await desk.purpose(request.id, casey)
    assert refused.value.code == "emergency_over"
    await desk.edit(request.id, asked(number=live_call), casey)
    assert not (await desk.purpose(request.id, casey)).kind.emergency


async def test_a_number_that_is_not_known_yet_does_not_hold_an_emergency_up(desk, casey):
    request = await desk.open(
        asked("emergency_override", reason=REASON, number="ZZ-5"), casey
    )  # fmt: skip
    assert (request.call_number, request.known) == ("ZZ-5", None)


async def test_another_purpose_later_does_not_undo_the_review(desk, casey, live_call):
    request = await desk.open(asked("emergency_override", reason=REASON), casey)
    changed = await desk.edit(request.id, asked(number=live_call), casey)
    assert [each.why for each in changed.reviews] == ["emergency"]


async def test_an_override_names_each_who_was_told_until_it_is_reviewed(
    desk, casey, sup, clock, live_call
):
    await desk.open(asked(number=live_call), casey)
    request = await desk.open(asked("emergency_override", reason=REASON), casey)
    [override] = await desk.reviews.overrides()
    assert (override.request, override.opener) == (request.id, "casey")
    assert (override.since, override.told) == (clock.now(), ())
    for people in ({"sup"}, {"sup"}, {"sup", "noor"}):
        await desk.reviews.told(override, people)
    view = await shown(desk, clock, request, casey)
    assert view.reviews[0].told == ["sup", "noor"]
    assert [each.told for each in await desk.reviews.overrides()] == [("sup", "noor")]
    await desk.reviews.settle(request.id, sup, "justified", "I heard the call.")
    assert await desk.reviews.overrides() == []


async def test_an_override_of_which_nobody_heard_is_not_taken_for_the_one_before(
    approvals, desk, casey, clock
):
    request = await desk.open(asked("emergency_override", reason=REASON), casey)
    [before] = await desk.reviews.overrides()
    question = await approvals.ask(casey, "data", "d" * 64, "All of it", "", None)
    clock.advance(200)
    await approvals.override(question.id, casey, request)
    await desk.reviews.told(before, {"sup"})
    heard, unheard = (await desk.get(request.id, casey)).reviews
    assert (heard.told, unheard.told) == (("sup",), ())
