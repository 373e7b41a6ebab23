"""Break-glass accounts: made by two people, hard to guess, locked soon, over soon."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from watchfloor.adapters.clock import SettableClock
from watchfloor.contracts import GiveUp, NotFound, Refused
from watchfloor.identity import (
    SETTING_UP,
    BreakGlass,
    Person,
    Role,
    break_glass,
    check_password,
    person_here,
)  # fmt: skip

PASSWORD = "Marmalade tugboat 7 lanterns"
MAKER = Person("idp#maker", "maker", "Maker", "example", frozenset({Role.AGENCY_IT}))
SECOND = Person("idp#second", "second", "Second", "example", frozenset({Role.SUPERVISOR}))
DAY = 24 * 3600


@dataclass
class Accounts:
    rows: dict = field(default_factory=dict)
    writes: int = 0

    async def all(self):
        return list(self.rows.values())

    async def put(self, account):
        await asyncio.sleep(0)  # a write takes its time
        self.writes += 1
        self.rows[account.id] = account


@pytest.fixture
def clock():
    return SettableClock(1_800_000_000_000_000)


@pytest.fixture
def accounts():
    return Accounts()


@pytest.fixture
def rounds(monkeypatch):
    """What is asked of PBKDF2; here it is quick."""
    asked = []

    async def derived(password, salt, rounds):
        asked.append((len(salt), rounds))
        return (password.encode() + salt)[:32]

    monkeypatch.setattr(break_glass, "_derived", derived)
    return asked


@pytest.fixture
def glass(accounts, clock, rounds):
    return BreakGlass(accounts, clock, "ex-pd")


@pytest.fixture
async def enabled(glass):
    await glass.add("night", "Night Desk", Role.SUPERVISOR, PASSWORD, MAKER)
    return await glass.enable("night", SECOND)


async def refusal(glass, id, password):
    with pytest.raises(Refused) as refused:
        await glass.sign_in(id, password)
    return refused.value


async def test_one_person_alone_opens_nothing(glass):
    await glass.add("night", "Night Desk", Role.SUPERVISOR, PASSWORD, MAKER)
    assert (await refusal(glass, "night", PASSWORD)).code == "account_refused"
    with pytest.raises(Refused) as own:
        await glass.enable("night", MAKER)
    assert own.value.code == "own_approval"
    assert (await refusal(glass, "night", PASSWORD)).code == "account_refused"


async def test_two_people_make_one_that_signs_in(glass, enabled):
    person = await glass.sign_in("night", PASSWORD)
    assert (person.handle, person.roles) == ("break-glass:night", {Role.SUPERVISOR})


async def test_it_waits_for_its_night_and_is_over_72_hours_after_its_first_use(
    glass, enabled, clock
):
    clock.advance(60 * DAY)
    await glass.sign_in("night", PASSWORD)
    clock.advance(3 * DAY - 1)
    await glass.sign_in("night", PASSWORD)
    clock.advance(1)
    assert (await refusal(glass, "night", PASSWORD)).code == "account_refused"


@pytest.mark.parametrize("after", [DAY, 4 * DAY])
async def test_one_that_was_used_is_enabled_no_more(glass, enabled, clock, after):
    await glass.sign_in("night", PASSWORD)
    clock.advance(after)
    with pytest.raises(Refused) as refused:
        await glass.enable("night", SECOND)
    assert refused.value.code == "account_used"
    await glass.remove("night")
    await glass.add("night", "Night Desk", Role.SUPERVISOR, PASSWORD, MAKER)
    await glass.enable("night", SECOND)
    await glass.sign_in("night", PASSWORD)


async def test_one_that_was_used_in_its_last_three_days_is_enabled_no_more(glass, enabled, clock):
    """Its end was nearer than 72 hours by then, and stays where it was."""
    clock.advance(88 * DAY)
    await glass.sign_in("night", PASSWORD)
    clock.advance(2 * DAY)
    assert (await refusal(glass, "night", PASSWORD)).code == "account_refused"
    with pytest.raises(Refused) as refused:
        await glass.enable("night", SECOND)
    assert refused.value.code == "account_used"


async def test_one_that_nobody_uses_is_closed_after_90_days(glass, enabled, clock):
    clock.advance(90 * DAY)
    assert (await refusal(glass, "night", PASSWORD)).code == "account_refused"
    await glass.enable("night", SECOND)
    await glass.sign_in("night", PASSWORD)


@pytest.mark.parametrize("role", [Role.ANALYST, Role.SUPERVISOR])
async def test_two_who_keep_the_machine_open_no_way_to_the_data(glass, role):
    await glass.add("night", "Night Desk", role, PASSWORD, MAKER)
    other = Person("idp#other", "other", "Other", "example", frozenset({Role.AGENCY_IT}))
    with pytest.raises(Refused) as refused:
        await glass.enable("night", other)
    assert refused.value.code == "supervisor_enables"
    assert (await refusal(glass, "night", PASSWORD)).code == "account_refused"
    await glass.add("machine", "Machine", Role.AGENCY_IT, PASSWORD, MAKER)
    await glass.enable("machine", other)


async def test_the_machine_is_neither_of_the_two(glass):
    """It vouches for no person: whoever is at it may be the other one, too."""
    here = person_here("kim", "example", SETTING_UP)
    with pytest.raises(Refused) as made:
        await glass.add("night", "Night Desk", Role.AGENCY_IT, PASSWORD, here)
    await glass.add("night", "Night Desk", Role.AGENCY_IT, PASSWORD, MAKER)
    with pytest.raises(Refused) as enabled:
        await glass.enable("night", here)
    assert made.value.code == enabled.value.code == "nobody_vouched"


async def test_five_failures_lock_it_until_somebody_releases_it(glass, enabled, accounts, clock):
    for _ in range(5):
        await refusal(glass, "night", "wrong")
    assert (await refusal(glass, "night", PASSWORD)).code == "account_refused"
    after = BreakGlass(accounts, clock, "ex-pd")
    await after.open()
    assert (await refusal(after, "night", PASSWORD)).code == "account_refused", (
        "a restart is no way"
    )
    await after.release("night")
    await after.sign_in("night", PASSWORD)


async def test_four_failures_and_the_right_password_begin_anew(glass, enabled):
    for _ in range(2):
        for _ in range(4):
            await refusal(glass, "night", "wrong")
        await glass.sign_in("night", PASSWORD)


async def test_an_unknown_name_is_refused_the_same_and_after_the_same_work(
    glass, enabled, rounds, accounts
):
    told, cost = [], []
    for id in ("night", "nobody"):
        rounds.clear()
        before = accounts.writes
        refused = await refusal(glass, id, "wrong")
        told.append((refused.code, refused.detail, refused.remedy))
        cost.append((*rounds, accounts.writes - before))
    assert told[0] == told[1]
    assert cost == [((32, 600_000), 1)] * 2


async def test_nobody_is_never_listed_and_never_gets_in(glass, accounts, clock):
    await refusal(glass, "", "wrong")
    after = BreakGlass(accounts, clock, "ex-pd")
    await after.open()
    assert after.all() == []
    assert (await refusal(after, "", "")).code == "account_refused"


async def test_the_password_is_kept_nowhere(glass, enabled, accounts):
    assert PASSWORD not in repr(accounts)
    assert "Marmalade" not in repr(glass)


async def test_a_removed_one_is_gone(glass, enabled, accounts, clock):
    await glass.remove("night")
    assert (await refusal(glass, "night", PASSWORD)).code == "account_refused"
    after = BreakGlass(accounts, clock, "ex-pd")
    await after.open()
    with pytest.raises(NotFound):
        await after.enable("night", SECOND)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.DEVELOPER, Role.VENDOR_SERVICE])
async def test_some_roles_never_sign_in_here(glass, role):
    with pytest.raises(Refused) as refused:
        await glass.add("night", "Night Desk", role, PASSWORD, MAKER)
    assert refused.value.code == "role_not_local"


@pytest.mark.parametrize("password", [
    "short one 7", "passwordpassword", "Password123456!", "aaaaaaaaaaaaaaaaaaaa",
    "Night Desk 2026!", "watchfloorwatchfloor", "x" * 129, "P@ssw0rd-P4ssw0rd", "n1ght d3sk 2026!!",
    "Summer-2026-Police", "qwerty-123456-admin", "123456789012345", "1q2w3e4r5t6y7u8i",
    "abcdefghijklmnop", "correcthorsebatterystaple", "monkeydragonfootball",
])  # fmt: skip
def test_passwords_that_are_guessed_first_are_refused(password):
    with pytest.raises(GiveUp) as refused:
        check_password(password, "night", "Night Desk", "ex-pd")
    assert refused.value.code == "weak_password"
    assert password not in str(refused.value)


@pytest.mark.parametrize("password", [PASSWORD, "copper lantern seven mist", "kX9#vQ2mPz!tRw4"])
def test_what_nobody_would_guess_is_taken(password):
    check_password(password, "night", "Night Desk", "ex-pd")


async def test_the_real_derivation_is_pbkdf2_with_sha_256():
    """RFC 7914, section 11: the second vector of PBKDF2-HMAC-SHA-256, its first 32 bytes."""
    found = await break_glass._derived("Password", b"NaCl", 80_000)
    assert found.hex() == "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"


async def test_whoever_made_an_account_may_be_its_person(glass, accounts, clock, enabled):
    person = await glass.sign_in("night", PASSWORD)
    await glass.add("dusk", "Dusk", Role.AGENCY_IT, PASSWORD, person)
    await glass.remove("night")
    again = BreakGlass(accounts, clock, "ex-pd")
    await again.open()
    assert again.behind(break_glass.local_id("dusk")) == {
        break_glass.local_id("dusk"), person.id, MAKER.id,
    }  # fmt: skip
    assert again.behind(MAKER.id) == {MAKER.id}
    with pytest.raises(Refused) as own:
        await again.enable("dusk", MAKER)
    assert own.value.code == "own_approval"


class Held:
    """A derivation that goes on when it is let."""

    def __init__(self):
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, password, salt, rounds):
        self.begun.set()
        await self.go_on.wait()
        return (password.encode() + salt)[:32]

    async def meanwhile(self, attempt, act):
        """What came of the attempt, and of what was done while it was being derived."""
        attempting = asyncio.create_task(attempt)
        await self.begun.wait()
        async with asyncio.timeout(15):
            done = await act
        self.go_on.set()
        return (await asyncio.gather(attempting, return_exceptions=True))[0], done


@pytest.fixture
def held(glass, enabled, monkeypatch):
    held = Held()
    monkeypatch.setattr(break_glass, "_derived", held)
    return held


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
async def test_who_is_cut_off_while_signing_in_does_not_get_in_nor_the_account_back(
    glass, held, accounts, clock, password
):
    refused, gone = await held.meanwhile(
        glass.sign_in("night", password), glass.remove_all_of({MAKER.id})
    )
    assert gone == [break_glass.local_id("night")]
    assert isinstance(refused, Refused)
    assert refused.code == "account_refused"
    assert glass.all() == []
    assert accounts.rows["night"].removed
    after = BreakGlass(accounts, clock, "ex-pd")
    await after.open()
    assert (await refusal(after, "night", PASSWORD)).code == "account_refused"


async def test_a_password_opens_no_other_account_that_took_the_name_meanwhile(glass, held):
    async def another():
        await glass.remove("night")
        held.go_on.set()
        return await glass.add("night", "Night Desk", Role.AGENCY_IT, PASSWORD, SECOND)

    refused, made = await held.meanwhile(glass.sign_in("night", PASSWORD), another())
    assert isinstance(refused, Refused)
    assert [(each.made_by, each.failures) for each in glass.all()] == [(made.made_by, 1)]


async def test_a_release_beside_a_failure_is_not_lost(glass, held, accounts):
    held.go_on.set()
    for _ in range(4):
        await refusal(glass, "night", "wrong")
    held.go_on.clear()
    held.begun.clear()
    await held.meanwhile(glass.sign_in("night", "wrong"), glass.release("night"))
    assert accounts.rows["night"].failures == 1


async def test_of_two_who_make_one_of_one_name_at_once_one_does(glass, held):
    mine = asyncio.create_task(glass.add("dusk", "Dusk", Role.AGENCY_IT, PASSWORD, MAKER))
    other = asyncio.create_task(glass.add("dusk", "Dusk", Role.AGENCY_IT, PASSWORD, SECOND))
    await held.begun.wait()
    held.go_on.set()
    made, refused = await asyncio.gather(mine, other, return_exceptions=True)
    assert made.made_by == MAKER.id
    assert isinstance(refused, Refused)
    assert refused.code == "account_exists"


async def test_of_two_who_remove_one_at_once_one_does(glass, enabled):
    gone, missed = await asyncio.gather(
        glass.remove("night"), glass.remove("night"), return_exceptions=True
    )
    assert gone is None
    assert isinstance(missed, NotFound)
