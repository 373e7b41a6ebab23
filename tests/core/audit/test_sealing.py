"""What is about a person is sealed, can be joined, and goes with its month."""

import msgspec
import pytest
from memory_store import MemorySecrets

from watchfloor.adapters.clock import SettableClock
from watchfloor.audit import Sealer
from watchfloor.contracts import AskAPerson, GiveUp, NotFound, micros

PLATE = "ZZT-1234"


@pytest.fixture
def clock():
    return SettableClock(micros("2026-11-23T02:00:00Z"))


@pytest.fixture
def secrets():
    return MemorySecrets()


async def test_the_value_is_not_in_what_is_recorded_and_opens_again(secrets, clock):
    sealed = await Sealer(secrets, clock).seal("plate", PLATE)
    assert sealed.month == "2026-11"
    assert b"1234" not in msgspec.json.encode(sealed)
    assert await Sealer(secrets, clock).open(sealed) == PLATE


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("plate", "ZZT-1234", "zzt 1234"),
        ("phone", "+1 555 010 0199", "(555) 010-0199"),
        ("address", "Main Street & 5th Avenue", "5th ave / main st"),
        ("person", "Sam  Example", "sam example"),
    ],
)
async def test_the_same_value_meets_however_it_was_typed(secrets, clock, kind, one, other):
    sealer = Sealer(secrets, clock)
    first = await sealer.seal(kind, one)
    clock.set(micros("2027-01-02T00:00:00Z"))
    second = await sealer.seal(kind, other)
    assert first.key == second.key == await sealer.joining(kind, other)
    assert first.box != second.box
    assert first.key != await sealer.joining("device", one)


async def test_hashes_of_two_hubs_do_not_meet(clock):
    hashes = {await Sealer(MemorySecrets(), clock).joining("plate", PLATE) for _ in range(2)}
    assert len(hashes) == 2


async def test_a_month_goes_and_the_others_stay(secrets, clock):
    sealer = Sealer(secrets, clock)
    november = await sealer.seal("plate", PLATE)
    clock.set(micros("2026-12-01T00:00:00Z"))
    december = await sealer.seal("plate", PLATE)
    assert await sealer.months() == ["2026-11", "2026-12"]
    await sealer.forget("2026-11")
    with pytest.raises(NotFound) as caught:
        await sealer.open(november)
    assert caught.value.code == "seal_expired"
    assert await sealer.open(december) == PLATE
    assert await sealer.joining("plate", PLATE) == november.key
    with pytest.raises(AskAPerson) as refused:
        await sealer.forget("2026-12")
    assert refused.value.code == "month_in_use"


@pytest.mark.parametrize("change", [{"kind": "person"}, {"box": "AAAA"}, {"box": "?"}])
async def test_a_changed_box_does_not_open(secrets, clock, change):
    sealer = Sealer(secrets, clock)
    sealed = await sealer.seal("plate", PLATE)
    with pytest.raises(GiveUp) as caught:
        await sealer.open(msgspec.structs.replace(sealed, **change))
    assert caught.value.code == "seal_broken"
