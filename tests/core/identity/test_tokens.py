"""Tokens of services: for one thing, one source, a time; known by hash alone."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from watchfloor.adapters.clock import SettableClock
from watchfloor.contracts import NotFound
from watchfloor.identity import BACK, Permission, Tokens

DAY_S = 86_400


@dataclass
class Book:
    rows: dict = field(default_factory=dict)

    async def all(self):
        return list(self.rows.values())

    async def put(self, token):
        self.rows[token.id] = token


@pytest.fixture
def clock():
    return SettableClock(1_800_000_000_000_000)


@pytest.fixture
def tokens(clock):
    return Tokens(Book(), clock, "ex-pd")


@pytest.fixture
async def made(tokens):
    return await tokens.make("Example Readers", Permission.DATA_BRING, "readers", 30, "klarsen")


async def test_it_opens_one_thing_for_one_source(tokens, made):
    session = tokens.session(made[0], "192.0.2.9")
    assert session.person.permissions == {Permission.DATA_BRING}
    assert session.source == "readers"
    assert session.person.handle == "Example Readers"


async def test_it_never_counts_as_a_fresh_proof_of_anybody(tokens, made, clock):
    assert not tokens.session(made[0], "192.0.2.9").is_fresh(clock.now())


async def test_it_is_kept_as_a_hash_alone(tokens, made):
    assert made[0] not in repr(tokens)
    assert tokens.session(made[1].digest, "192.0.2.9") is None
    assert tokens.session(made[1].id, "192.0.2.9") is None


async def test_it_ends_when_its_time_is_up(tokens, made, clock):
    clock.advance(30 * DAY_S - 1)
    assert tokens.session(made[0], "") is not None
    clock.advance(1)
    assert tokens.session(made[0], "") is None


async def test_a_clock_set_back_brings_none_to_life(tokens, made, clock):
    clock.advance(-BACK / 1_000_000 - 1)
    assert tokens.session(made[0], "") is None


async def test_a_revoked_one_opens_nothing_now_nor_after_a_restart(tokens, made, clock):
    revoked = await tokens.revoke(made[1].id, "sokafor")
    assert revoked.revoked_by == "sokafor"
    assert tokens.session(made[0], "") is None
    after = Tokens(tokens.book, clock, "ex-pd")
    await after.open()
    assert after.session(made[0], "") is None
    with pytest.raises(NotFound):
        await after.revoke(made[1].id, "sokafor")


async def test_those_that_somebody_made_end_with_them(tokens, made):
    other, _ = await tokens.make("Other", Permission.DATA_BRING, "calls", 30, "sokafor")
    assert await tokens.revoke_all({"klarsen", "kdale"}, "sokafor") == 1
    assert tokens.session(made[0], "") is None
    assert tokens.session(other, "") is not None
