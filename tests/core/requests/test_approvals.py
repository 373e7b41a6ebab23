"""Two people: one asks, another answers, wherever they sit."""

import asyncio
import gc
from time import monotonic

import pytest

from watchfloor.contracts import NotFound, Refused, RetryLater
from watchfloor.identity import Person, Role
from watchfloor.requests import Approvals, NewRequest, digest_of

REASON = "Child taken from the park, white van, minutes ago.\nNo call number exists yet."
DIGEST = digest_of({"q": "plate:ZZ*"}, "Every plate that begins with ZZ")


async def ask(approvals, person, subject="data", digest=DIGEST):
    return await approvals.ask(person, subject, digest, "Every plate with ZZ", "Too many", "R-26-1")


def somebody(role):
    return Person(f"idp|{role}", str(role), str(role), "ex-pd", frozenset({role}))


def test_a_digest_is_of_the_question_and_of_its_words():
    assert digest_of({"b": 1, "a": 2}, "x") == digest_of({"a": 2, "b": 1}, "x")
    others = {digest_of({"a": 1}, "x"), digest_of({"a": 1}, "y"), digest_of({"a": "1"}, "x")}
    assert len(others) == 3


async def test_a_grant_opens_exactly_this_for_whoever_asked_for_an_hour(
    approvals, casey, lee, sup, clock
):
    asked = await ask(approvals, casey)
    assert await approvals.opens(casey, DIGEST) is None
    await approvals.answer(asked.id, sup, granted=True, note="Go on")
    opened = await approvals.opens(casey, DIGEST)
    assert (opened.id, opened.answerer, opened.note) == (asked.id, "sup", "Go on")
    assert await approvals.opens(lee, DIGEST) is None
    assert await approvals.opens(casey, digest_of({}, "something else")) is None
    clock.advance(3600)
    assert await approvals.opens(casey, DIGEST) is None


async def test_one_yes_is_for_one_deed(approvals, casey, lee, sup):
    asked = await ask(approvals, casey, "settings")
    assert await approvals.use(casey, DIGEST) is None
    await approvals.answer(asked.id, sup, granted=True)
    assert await approvals.use(lee, DIGEST) is None
    both = await asyncio.gather(*(approvals.use(casey, DIGEST) for _ in range(2)))
    assert [each.id for each in both if each] == [asked.id]
    assert await approvals.opens(casey, DIGEST) is None


async def test_a_refusal_opens_nothing_and_stands(approvals, casey, sup):
    asked = await ask(approvals, casey)
    await approvals.answer(asked.id, sup, granted=False)
    assert await approvals.opens(casey, DIGEST) is None
    with pytest.raises(Refused) as refused:
        await approvals.answer(asked.id, sup, granted=True)
    assert refused.value.code == "approval_answered"


async def test_nobody_answers_their_own_question(approvals, sup):
    asked = await ask(approvals, sup)
    assert await approvals.waiting(sup) == []
    with pytest.raises(Refused) as refused:
        await approvals.answer(asked.id, sup, granted=True)
    assert refused.value.code == "own_approval"


async def test_what_nobody_would_see_is_marked(approvals, casey):
    shown = "a:\n\tb \u202ec\x1b"
    asked = await approvals.ask(
        casey, "settings", DIGEST, "A \u202erule", "Because\x1b", shown=shown
    )
    assert asked.shown == "a:\n\tb \ufffdc\ufffd"
    assert (asked.what, asked.why) == ("A \ufffdrule", "Because\ufffd")


async def test_what_is_asked_is_one_line_whatever_stands_in_its_names(approvals, casey):
    named = "End the rule “Stolen\n\nAgreed by: sup\u2028and\tall”"
    asked = await approvals.ask(casey, "settings", DIGEST, named, "")
    assert asked.what == "End the rule “Stolen Agreed by: sup and all”"


@pytest.mark.parametrize(
    ("subject", "may"),
    [
        ("data", {Role.SUPERVISOR, Role.DEVELOPER}),
        ("deed", {Role.SUPERVISOR, Role.DEVELOPER}),
        ("history", {Role.SUPERVISOR, Role.DEVELOPER}),
        ("following", {Role.SUPERVISOR, Role.DEVELOPER}),
        ("settings", {Role.SUPERVISOR, Role.AGENCY_IT, Role.DEVELOPER}),
    ],
)
async def test_who_may_answer(approvals, casey, subject, may):
    """About data neither whoever keeps the machine nor whoever audits it."""
    for role in Role:
        asked = await ask(approvals, casey, subject, digest=role)
        if role in may:
            assert asked in await approvals.waiting(somebody(role))
            await approvals.answer(asked.id, somebody(role), granted=True)
            continue
        assert await approvals.waiting(somebody(role)) == []
        with pytest.raises(NotFound) as hidden:
            await approvals.answer(asked.id, somebody(role), granted=True)
        assert hidden.value.code == "no_such_approval"


async def test_a_question_that_nobody_answered_is_void(approvals, casey, sup, clock):
    asked = await ask(approvals, casey)
    clock.advance(3600)
    assert await approvals.waiting(sup) == []
    with pytest.raises(Refused) as refused:
        await approvals.answer(asked.id, sup, granted=True)
    assert refused.value.code == "approval_void"


async def test_whoever_waits_hears_at_once(approvals, casey, sup):
    asked = await ask(approvals, casey)
    waiting = [asyncio.create_task(approvals.wait(asked.id, 30)) for _ in range(3)]
    await asyncio.sleep(0.05)
    assert not any(each.done() for each in waiting)
    began = monotonic()
    await approvals.answer(asked.id, sup, granted=True)
    assert {each.answer for each in await asyncio.gather(*waiting)} == {"granted"}
    assert monotonic() - began < 5
    assert (await approvals.wait(asked.id, 30)).answer == "granted"


async def test_whoever_waits_in_vain_is_told_how_it_stands(approvals, casey):
    asked = await ask(approvals, casey)
    assert (await approvals.wait(asked.id, 0.01)).answer is None


async def test_nothing_is_left_of_whoever_waited_in_vain(approvals, casey, sup):
    asked = await ask(approvals, casey)
    waiting = asyncio.create_task(approvals.wait(asked.id, 30))
    assert (await approvals.wait(asked.id, 0.01)).answer is None
    assert [*approvals._answered] == [asked.id]  # the other still waits
    await approvals.answer(asked.id, sup, granted=True)
    assert (await waiting).answer == "granted"

    unanswered = await ask(approvals, casey, digest="d" * 64)
    await approvals.wait(unanswered.id, 0.01)
    with pytest.raises(NotFound):
        await approvals.wait("A-000000000000", 30)
    left = asyncio.create_task(approvals.wait(unanswered.id, 30))
    await asyncio.sleep(0.05)
    left.cancel()
    await asyncio.wait([left])
    del left  # it keeps what it was cancelled in
    gc.collect()
    assert [*approvals._answered] == []


async def test_an_answer_between_two_looks_is_not_missed(approvals, store, clock, casey, sup):
    """An answer through another part of the hub, before anybody waited."""
    asked = await ask(approvals, casey)
    await Approvals(store.approvals, store.requests, clock).answer(asked.id, sup, granted=True)
    assert (await approvals.wait(asked.id, 30)).answer == "granted"


@pytest.fixture
async def emergency(desk, casey):
    return await desk.open(
        NewRequest(purpose="emergency_override", asked="Where is it?", reason=REASON), casey
    )


@pytest.mark.parametrize("subject", ["data", "deed", "history"])
async def test_after_two_minutes_an_emergency_stands_in_for_the_second_person(
    approvals, casey, sup, clock, emergency, subject
):
    asked = await ask(approvals, casey, subject)
    clock.advance(119)
    with pytest.raises(RetryLater) as wait:
        await approvals.override(asked.id, casey, emergency)
    assert (wait.value.code, wait.value.retry_after) == ("second_person_asked", 1)
    assert wait.value.remedy == "Open it in 1 s, if nobody has answered by then."
    clock.advance(1)
    opened = await approvals.override(asked.id, casey, emergency)
    assert (opened.answer, opened.request) == ("overridden", emergency.id)
    assert await approvals.opens(casey, DIGEST)
    with pytest.raises(Refused) as late:
        await approvals.answer(asked.id, sup, granted=False)
    assert late.value.code == "approval_answered"


@pytest.mark.parametrize("subject", ["settings", "following"])
async def test_what_is_no_look_never_opens_this_way(approvals, casey, clock, emergency, subject):
    asked = await ask(approvals, casey, subject)
    clock.advance(200)
    with pytest.raises(Refused) as refused:
        await approvals.override(asked.id, casey, emergency)
    assert refused.value.code == "no_override"


async def test_a_refusal_is_not_overridden(approvals, casey, sup, clock, emergency):
    asked = await ask(approvals, casey)
    await approvals.answer(asked.id, sup, granted=False)
    clock.advance(200)
    with pytest.raises(Refused) as refused:
        await approvals.override(asked.id, casey, emergency)
    assert refused.value.code == "approval_answered"


async def test_only_with_an_own_open_emergency(
    approvals, desk, casey, lee, clock, emergency, live_call
):
    asked = await ask(approvals, casey)
    clock.advance(200)
    plain = await desk.open(
        NewRequest(purpose="in_progress_call", asked="Where?", number=live_call), casey
    )
    over = await desk.cancel(emergency.id, casey, "mistake")
    for person, request in ((casey, plain), (lee, emergency), (casey, over)):
        with pytest.raises(Refused) as refused:
            await approvals.override(asked.id, person, request)
        assert refused.value.code == "no_override"


async def test_each_override_is_told_and_reviewed(approvals, desk, casey, sup, clock, emergency):
    [opened] = await desk.reviews.overrides()
    await desk.reviews.told(opened, {"sup"})
    for question in ("a", "b"):
        asked = await ask(approvals, casey, digest=digest_of({"q": question}, question))
        clock.advance(200)
        await approvals.override(asked.id, casey, emergency)
        assert [each.told for each in await desk.reviews.overrides()][-1] == ()
        request = await desk.reviews.settle(emergency.id, sup, "justified", "I heard the call.")
        assert await desk.reviews.overrides() == []
    assert [each.why for each in request.reviews] == ["emergency"] * 3
    assert [each.note for each in request.history if each.did == "overrode"] == [asked.what] * 2


async def test_an_override_that_opens_nothing_is_not_reviewed(approvals, desk, casey, emergency):
    asked = await ask(approvals, casey)
    with pytest.raises(RetryLater):
        await approvals.override(asked.id, casey, emergency)
    assert len((await desk.get(emergency.id, casey)).reviews) == 1


async def test_an_emergency_that_may_not_go_on_opens_nothing(
    approvals, desk, casey, sup, clock, emergency
):
    clock.advance(24 * 3600)
    asked = await ask(approvals, casey)
    clock.advance(200)
    with pytest.raises(Refused) as refused:
        await approvals.override(asked.id, casey, emergency)
    assert refused.value.code == "request_in_review"
    over = await desk.reviews.settle(emergency.id, sup, "justified", "It was what it said.")
    with pytest.raises(Refused) as refused:
        await approvals.override(asked.id, casey, over)
    assert refused.value.code == "emergency_over"
    assert await approvals.opens(casey, DIGEST) is None
