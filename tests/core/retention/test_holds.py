"""Holds: complete, narrow enough, said two weeks before they end, extended or let go."""

import asyncio

import msgspec
import pytest
from store_contract import CALL, NOON, READ

from watchfloor.contracts import AskAPerson, Refused
from watchfloor.ports.store import Stream
from watchfloor.retention import DAY, Covered, Held, HoldDesk, covered


@pytest.fixture
def desk(store, clock):
    return HoldDesk(store.holds, clock)


PLATE = Covered(keys=[("plate", "ZZT1234")])


async def place(desk, what=PLATE, **more):
    said = {"case_number": "26-000123", "reason": "Homicide", "approver": "chief"}
    return await desk.place(what, **{**said, "expires": NOON + 30 * DAY, **more})


async def test_a_hold_names_case_reason_approver_and_end(desk):
    hold = await place(desk)
    [shown] = await desk.documents()
    assert shown["id"] == hold.id
    assert (shown["case_number"], shown["approver"]) == ("26-000123", "chief")
    assert shown["what"] == {"keys": [["plate", "ZZT1234"]]}
    assert shown["state"] == "in_force"
    assert shown["expires"] == "2026-06-01T12:00:00.000Z"


@pytest.mark.parametrize(
    "wrong", [{"case_number": " "}, {"reason": "."}, {"approver": "\u200b"}, {"expires": NOON}]
)
async def test_one_that_lacks_something_is_refused(desk, wrong):
    with pytest.raises(AskAPerson) as refused:
        await place(desk, **wrong)
    assert refused.value.code == "hold_incomplete"


@pytest.mark.parametrize(
    "wide",
    [Covered(), Covered(sources=["lpr"]), Covered(since=1, until=2), Covered(kinds=["lpr"])],
)
async def test_one_on_everything_is_refused(desk, wide):
    with pytest.raises(AskAPerson) as refused:
        await place(desk, wide)
    assert refused.value.code == "hold_too_broad"


@pytest.mark.parametrize(
    "wide",
    [
        Covered(sources=["lpr"], since=NOON - 31 * DAY - 1, until=NOON),
        Covered(sources=["lpr"], since=NOON, until=NOON),
        Covered(keys=[("asset", "R-1")]),
        Covered(keys=[("plate", "ZZT1234"), ("unit", "U-1")], since=NOON - 32 * DAY, until=NOON),
    ],
)
async def test_one_on_all_that_something_sent_is_for_a_month_at_most(desk, wide):
    with pytest.raises(AskAPerson) as refused:
        await place(desk, wide)
    assert refused.value.code == "hold_too_broad"
    await place(desk, msgspec.structs.replace(wide, since=NOON - 31 * DAY, until=NOON))


async def test_what_was_placed_before_that_was_asked_still_holds(desk, store):
    hold = await place(desk)
    hold.what = {"sources": ["lpr"], "since": 1, "until": NOON}
    await store.holds.put(hold)
    await desk.open()
    assert desk.of_case(hold.case_number, NOON)


async def test_none_ends_in_more_than_a_year(desk):
    longest = NOON + 366 * DAY
    hold = await place(desk, expires=longest)
    for late in (
        place(desk, expires=longest + 1),
        desk.extend(hold.id, "Trial", "chief", longest + 1, "ray"),
    ):
        with pytest.raises(AskAPerson) as refused:
            await late
        assert refused.value.code == "hold_too_long"


async def test_its_end_is_said_two_weeks_before_and_two_weeks_after(desk, clock):
    hold = await place(desk)
    clock.set(hold.expires - 14 * DAY - 1)
    assert await desk.ending() == []
    clock.set(hold.expires - 14 * DAY)
    assert [each.id for each in await desk.ending()] == [hold.id]
    assert (await desk.documents())[0]["state"] == "ending"
    clock.set(hold.expires)
    assert [each.id for each in await desk.ending()] == [hold.id]
    assert (await desk.documents())[0]["state"] == "expired"
    clock.set(hold.expires + 14 * DAY + 1)
    assert await desk.ending() == []


async def test_an_extended_one_holds_for_longer_and_says_who_why_and_until_when(desk, clock):
    hold = await place(desk)
    clock.set(hold.expires - DAY)
    until = hold.expires + 90 * DAY
    extended = await desk.extend(hold.id, "Trial in July", "D. Attorney", until, "ray")
    assert (extended.expires, extended.approver) == (until, "D. Attorney")
    assert await desk.ending() == []
    [shown] = await desk.documents()
    assert (shown["state"], shown["reason"]) == ("in_force", "Homicide")
    assert shown["extensions"] == [
        {
            "at": "2026-05-31T12:00:00.000Z", "by": "ray", "approver": "D. Attorney",
            "reason": "Trial in July", "until": "2026-08-30T12:00:00.000Z",
        }
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", [{"reason": " "}, {"approver": ""}, {"expires": NOON + 30 * DAY}])
async def test_an_extension_has_a_reason_an_approver_and_a_later_end(desk, wrong):
    hold = await place(desk)
    said = {"reason": "Trial", "approver": "chief", "expires": NOON + 60 * DAY, "by": "ray"}
    with pytest.raises(AskAPerson) as refused:
        await desk.extend(hold.id, **{**said, **wrong})
    assert refused.value.code == "hold_incomplete"
    assert (await desk.documents())[0]["extensions"] == []


async def test_one_that_is_over_is_not_extended(desk, clock):
    hold = await place(desk)
    clock.set(hold.expires)
    with pytest.raises(Refused) as refused:
        await desk.extend(hold.id, "Trial", "chief", hold.expires + DAY, "ray")
    assert refused.value.code == "hold_is_over"


async def test_one_that_is_let_go_is_said_no_more_and_holds_until_its_end(desk, clock):
    hold = await place(desk)
    with pytest.raises(Refused) as refused:
        await desk.let_go(hold.id, "ray")
    assert refused.value.code == "hold_not_ending"
    clock.set(hold.expires - DAY)
    await desk.let_go(hold.id, "ray")
    assert await desk.ending() == []
    [shown] = await desk.documents()
    assert (shown["state"], shown["let_go_by"]) == ("ending", "ray")


async def test_one_that_was_let_go_and_extended_is_said_again_at_its_new_end(desk, clock):
    hold = await place(desk)
    clock.set(hold.expires - DAY)
    await desk.let_go(hold.id, "ray")
    extended = await desk.extend(hold.id, "Trial", "chief", hold.expires + 30 * DAY, "ray")
    clock.set(extended.expires - DAY)
    assert [each.id for each in await desk.ending()] == [hold.id]


async def test_a_released_one_is_over_once(desk):
    hold = await place(desk)
    await desk.release(hold.id, "ana")
    [shown] = await desk.documents()
    assert (shown["state"], shown["released_by"]) == ("released", "ana")
    with pytest.raises(Refused) as refused:
        await desk.release(hold.id, "ana")
    assert refused.value.code == "hold_is_over"


async def test_of_changes_at_one_time_none_is_lost(desk):
    hold = await place(desk)
    ends = [hold.expires + days * DAY for days in range(1, 11)]
    await asyncio.gather(
        *(desk.extend(hold.id, "Trial", "chief", end, "ray") for end in ends),
        desk.release(hold.id, "ana"),
    )
    [shown] = await desk.documents()
    assert len(shown["extensions"]) == len(ends)
    assert shown["state"] == "released"


async def test_those_that_end_next_come_first(desk):
    late = await place(desk)
    soon = await place(desk, expires=NOON + DAY)
    gone = await place(desk, expires=NOON + 2 * DAY)
    await desk.release(gone.id, "ana")
    assert [each["id"] for each in await desk.documents()] == [soon.id, late.id, gone.id]


LPR, CAD = Stream("lpr", READ), Stream("cad", CALL)


@pytest.mark.parametrize(
    ("what", "stream", "time", "keys", "held"),
    [
        (PLATE, LPR, 0, ["plate:ZZT1234", "asset:x"], True),
        (PLATE, LPR, 0, ["plate:ZZT1235"], False),
        (PLATE, LPR, 0, [], False),
        (Covered(keys=[("plate", "A"), ("call", "B")]), CAD, 0, ["call:B"], True),
        (Covered(keys=[("plate", "A")], kinds=["lpr"]), LPR, 0, ["plate:A"], True),
        (Covered(keys=[("plate", "A")], kinds=["cad"]), LPR, 0, ["plate:A"], False),
        (Covered(keys=[("plate", "A")], until=5), LPR, 5, ["plate:A"], False),
        (Covered(keys=[("plate", "A")], since=5), LPR, 5, ["plate:A"], True),
        (Covered(sources=["lpr"], since=1, until=9), LPR, 8, [], True),
        (Covered(sources=["lpr"], since=1, until=9), LPR, 9, [], False),
        (Covered(sources=["lpr"], since=1, until=9), CAD, 8, [], False),
    ],
)
def test_what_is_held(what, stream, time, keys, held):
    assert Held([what]).holds(stream, time, keys) is held


def test_what_it_covers_is_read_strictly():
    assert covered({"keys": [["plate", "ZZT1234"]]}) == PLATE
    for wrong in ({"keys": ["plate"]}, {"plates": []}, {}):
        with pytest.raises(AskAPerson):
            covered(wrong)


async def test_what_is_kept_for_a_case_is_known_as_long_as_the_hold_is_in_force(store, clock, desk):
    first, other = await place(desk), await place(desk, case_number="26-000124")
    again = HoldDesk(store.holds, clock)
    assert again.of_case("26-000123", NOON) == ()
    await again.open()
    for known in (desk, again):
        [kept] = known.of_case("26 000123", NOON)
        assert kept.keys == {"plate:ZZT1234"}
        assert known.of_case("26-000125", NOON) == ()
        assert known.of_case("26-000123", NOON + 31 * DAY) == ()
    await desk.release(first.id, "Robin")
    assert desk.of_case("26-000123", NOON) == ()
    assert len(desk.of_case(other.case_number, NOON)) == 1
