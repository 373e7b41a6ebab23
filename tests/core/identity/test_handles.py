"""One handle is one person, also when the provider changes what it calls them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from watchfloor.adapters.clock import SettableClock
from watchfloor.contracts import Refused
from watchfloor.identity import HELD_FOR, Handles, Person, Role

HERE, ELSEWHERE = "https://login.example.org", "https://new.example.org"


@dataclass
class Book:
    rows: dict = field(default_factory=dict)

    async def all(self):
        return list(self.rows.values())

    async def put(self, handle):
        self.rows[handle.id] = handle


@pytest.fixture
def clock():
    return SettableClock(1_800_000_000_000_000)


@pytest.fixture
def book():
    return Book()


@pytest.fixture
def handles(book, clock):
    return Handles(book, clock)


def called(handle, subject, issuer=HERE):
    return Person(f"{issuer}#{subject}", handle, handle, "example", frozenset({Role.ANALYST}))


async def refusal(handles, person):
    with pytest.raises(Refused) as refused:
        await handles.take(person)
    return refused.value.code


async def test_it_stays_theirs_over_a_restart_until_they_are_long_gone(handles, book, clock):
    await handles.take(called("sam", "1"))
    after = Handles(book, clock)
    await after.open()
    assert await refusal(after, called("SAM ", "2")) == "handle_taken"
    assert after.people("Sam") == {f"{HERE}#1"}
    clock.advance(HELD_FOR / 1_000_000)
    await after.take(called("sam", "2"))
    assert after.people("sam") == {f"{HERE}#2"}


async def test_whoever_signs_in_keeps_it(handles, clock):
    for _ in range(3):
        await handles.take(called("sam", "1"))
        clock.advance(HELD_FOR / 2_000_000)
    assert await refusal(handles, called("sam", "2")) == "handle_taken"


async def test_another_provider_has_other_subjects_for_all(handles):
    await handles.take(called("sam", "1"))
    await handles.take(called("sam", "a", ELSEWHERE))
    assert handles.people("sam") == {f"{ELSEWHERE}#a"}


async def test_histories_under_an_older_name_are_theirs(handles):
    await handles.take(called("sam", "1"))
    person = await handles.take(called("samira", "1"))
    assert person.is_among(["ana", "Sam"])
    assert person.is_among(["samira"])
    assert not person.is_among(["ana"])
    assert handles.of([person.id]) == {"sam", "samira"}
