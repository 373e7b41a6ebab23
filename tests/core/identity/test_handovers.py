"""Codes that hand a sign-in to a command line: once, for a minute, to whom it was meant for."""

from __future__ import annotations

import pytest

from watchfloor.adapters.clock import SettableClock
from watchfloor.contracts import Refused
from watchfloor.identity import (
    CODE_LIFE,
    Handovers,
    Role,
    Terminal,
    Vouched,
    challenge_of,
    person_here,
)

ANA = Vouched(person_here("aruiz", "ex-pd", frozenset({Role.ANALYST})), 0, None, "")
SAM = Vouched(person_here("sokafor", "ex-pd", frozenset({Role.SUPERVISOR})), 0, None, "")
SECRET = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
HERS = Terminal(51234, challenge_of(SECRET), "mark")


@pytest.fixture
def clock():
    return SettableClock(1_800_000_000_000_000)


@pytest.fixture
def handovers(clock):
    return Handovers(clock)


def test_the_challenge_is_that_of_the_standard():
    """RFC 7636, appendix B."""
    assert challenge_of(SECRET) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_code_serves_once(handovers):
    code = handovers.give(ANA, HERS)
    assert handovers.take(code, SECRET) is ANA
    with pytest.raises(Refused):
        handovers.take(code, SECRET)


def test_a_code_that_another_program_caught_is_spent(handovers):
    code = handovers.give(ANA, HERS)
    for secret in ("x" * 43, SECRET):
        with pytest.raises(Refused) as refused:
            handovers.take(code, secret)
        assert refused.value.code == "bad_token"


def test_a_forgotten_code_serves_nobody(handovers):
    hers, his = handovers.give(ANA, HERS), handovers.give(SAM, HERS)
    assert handovers.forget_where(lambda vouched: vouched.person.handle == "aruiz") == 1
    with pytest.raises(Refused) as refused:
        handovers.take(hers, SECRET)
    assert refused.value.code == "bad_token"
    assert handovers.take(his, SECRET) is SAM


def test_a_code_is_good_for_a_minute(handovers, clock):
    code = handovers.give(ANA, HERS)
    clock.set(clock.now() + CODE_LIFE + 1)
    with pytest.raises(Refused):
        handovers.take(code, SECRET)
