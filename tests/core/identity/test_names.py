"""What people are called, by their handles."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from watchfloor.identity import Names, Person, Role

ANA = Person("https://login.example.org#1", "aruiz", "Ana Ruiz", "ex-pd", frozenset({Role.ANALYST}))


@dataclass
class Ledger:
    written: list = field(default_factory=list)

    async def note(self, kind, who, what):
        self.written.insert(0, {"kind": kind, "who": who, "what": what})

    async def notes(self, kind, limit):
        return [each for each in self.written if each["kind"] == kind][:limit]


@pytest.fixture
def ledger():
    return Ledger()


async def test_the_newest_name_outlasts_the_hubs_process(ledger):
    names = Names(ledger)
    await names.learn(ANA)
    await names.learn(replace(ANA, name="Ana Ruiz Example"))
    after = Names(ledger)
    await after.open()
    assert after.of("ARuiz") == "Ana Ruiz Example"


async def test_a_name_is_written_down_once(ledger):
    names = Names(ledger)
    for _ in range(3):
        await names.learn(ANA)
    assert len(ledger.written) == 1


async def test_who_gets_a_handle_gives_no_name_to_what_another_did_under_it(ledger):
    names = Names(ledger)
    await names.learn(ANA)
    await names.learn(replace(ANA, id="https://login.example.org#2", name="Alex Ruiz"))
    after = Names(ledger)
    await after.open()
    assert names.of("aruiz") == after.of("aruiz") == "aruiz"


async def test_a_name_from_before_it_was_kept_whose_it_is_stays_theirs(ledger):
    await ledger.note("person_named", "aruiz", {"name": "Ana"})
    names = Names(ledger)
    await names.open()
    await names.learn(ANA)
    assert names.of("aruiz") == "Ana Ruiz"


async def test_who_is_not_known_is_called_by_their_handle(ledger):
    assert Names(ledger).of("root") == "root"
