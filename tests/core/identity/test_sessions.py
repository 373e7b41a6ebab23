"""Sessions: random, known by hash alone, locked after idling, ended when somebody says so."""

import asyncio
from dataclasses import dataclass, field, replace

import pytest

from watchfloor.contracts import AskAPerson, NotFound, Refused
from watchfloor.identity import (
    BACK,
    FRESH,
    IDLE,
    LIFE,
    TOKEN_LIFE,
    Invitations,
    Origin,
    Permission,
    Role,
    Sessions,
    Vouched,
    person_here,
)

ANA = person_here("aruiz", "ex-pd", frozenset({Role.ANALYST}))
BO = person_here("bo", "ex-pd", frozenset({Role.AUDITOR}))
DESK = Origin("192.0.2.7", "desk-1")


class Clock:
    time = 1_800_000_000_000_000

    def now(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@dataclass
class Book:
    """Where sessions are kept; ``down`` as when a disk is full."""

    rows: dict = field(default_factory=dict)
    writes: int = 0
    down: bool = False

    async def all(self):
        return list(self.rows.values())

    async def write(self, kept, ended):
        await asyncio.sleep(0)
        if self.down:
            raise AskAPerson("The disk is full.", code="disk_full", remedy="Make room.")
        self.writes += 1
        self.rows |= {each.id: each for each in kept}
        for id in ended:
            self.rows.pop(id, None)


@pytest.fixture
def book():
    return Book()


@pytest.fixture
def sessions(clock, book):
    return Sessions(clock, book)


async def again(clock, book, under="as it was"):
    """The hub is started once more."""
    sessions = Sessions(clock, book)
    await sessions.open(under)
    return sessions


def test_a_secret_opens_its_session_and_is_kept_nowhere(sessions):
    secret, session = sessions.begin(ANA, DESK)
    assert sessions.find(secret) is session
    assert secret not in repr(sessions)
    assert sessions.find(session.id) is None, "its public id opens nothing"
    assert sessions.find("x" * 43) is sessions.find(None) is None


def test_each_sign_in_has_a_new_secret(sessions):
    """A secret from before somebody signed in could be another's (session fixation)."""
    assert len({sessions.begin(ANA, DESK)[0] for _ in range(10)}) == 10


def test_it_locks_after_thirty_idle_minutes_and_a_touch_puts_that_off(sessions, clock):
    _, session = sessions.begin(ANA, DESK)
    clock.time += IDLE - 1
    assert session.state(clock.now()) == "open"
    sessions.touch(session)
    clock.time += IDLE - 1
    assert session.state(clock.now()) == "open"
    clock.time += 1
    assert session.state(clock.now()) == "locked"


def test_after_twelve_hours_a_fresh_sign_in_is_due_however_busy(sessions, clock):
    _, session = sessions.begin(ANA, DESK)
    for _ in range(12 * 4):
        clock.time += 15 * 60 * 1_000_000
        sessions.touch(session)
    assert session.state(clock.now()) == "locked"
    sessions.renew(session, Vouched(ANA, clock.now(), None, ""))
    assert session.state(clock.now()) == "open"
    assert session.is_fresh(clock.now())
    clock.time += FRESH
    assert not session.is_fresh(clock.now())


def test_who_signs_in_again_is_who_they_are_now(sessions, clock):
    supervisor = replace(ANA, roles=frozenset({Role.SUPERVISOR}))
    _, session = sessions.begin(supervisor, DESK, provider_session="p-1", ticket="t-1")
    told = []
    sessions.on_end(told.append)
    sessions.renew(session, Vouched(supervisor, clock.now(), "p-2", "t-2"))
    assert (session.provider_session, session.ticket) == ("p-2", "t-2")
    sessions.renew(session, Vouched(ANA, clock.now(), "p-2", "t-2"))
    assert session.person == ANA
    assert told == [session, session], "what the secret of before opened ends, whoever has it"


def test_signing_in_again_makes_a_new_secret_of_the_same_session(sessions, clock):
    """One that was carried off opens nothing once its owner is back."""
    carried_off, session = sessions.begin(ANA, DESK)
    other, another = sessions.begin(BO, DESK)
    secret = sessions.renew(session, Vouched(ANA, clock.now(), None, ""))
    assert sessions.find(carried_off) is None
    assert sessions.find(secret) is session
    assert sessions.find(other) is another


def test_a_proof_from_before_a_screen_locked_is_known_as_one(sessions, clock):
    _, session = sessions.begin(ANA, DESK)
    before = clock.now()

    def left_since(proven, whose=ANA):
        return sessions.left_since(proven, lambda each: each.person.id == whose.id)

    assert not left_since(before), "it is open"
    clock.time += 60
    sessions.lock(session)
    assert [left_since(before), left_since(clock.now()), left_since(clock.now() + 1)] == [
        True, True, False,
    ]  # fmt: skip
    assert not left_since(before, BO)
    sessions.renew(session, Vouched(ANA, clock.now(), None, ""))
    clock.time += IDLE
    assert left_since(clock.now()), "it locked by itself, just now"
    assert not left_since(clock.now() + 1)


def test_a_locked_screen_that_is_ended_is_no_way_past_its_lock(sessions, clock):
    _, session = sessions.begin(ANA, DESK)
    _, open_one = sessions.begin(BO, DESK)
    before = clock.now()
    clock.time += 60
    sessions.lock(session)
    sessions.end(session.id)
    sessions.end(open_one.id)
    clock.time += IDLE
    assert sessions.left_since(before, lambda each: each.person.id == ANA.id)
    assert not sessions.left_since(clock.now(), lambda each: each.person.id == ANA.id)
    assert not sessions.left_since(before, lambda each: each.person.id == BO.id), "it was open"


async def test_who_left_a_screen_long_ago_is_forgotten(sessions, clock):
    _, session = sessions.begin(ANA, DESK)
    sessions.lock(session)
    sessions.end(session.id)
    clock.time += 2 * LIFE
    await sessions.sweep()
    assert not sessions.left_since(0, lambda _: True)


def test_signing_in_again_makes_a_walls_screen_no_desk(sessions, clock):
    _, session = sessions.begin(ANA, DESK)
    sessions.make_wall(session, frozenset({Permission.DATA_LIVE}))
    sessions.renew(session, Vouched(ANA, clock.now(), None, ""))
    assert session.person.permissions == {Permission.DATA_LIVE}


def test_a_provider_that_is_ahead_of_its_time_gives_no_longer_session(sessions, clock):
    _, session = sessions.begin(ANA, DESK, authenticated=clock.now() + LIFE)
    assert session.ends == clock.now() + LIFE


def test_a_wall_does_not_lock_and_still_ends_its_day(sessions, clock):
    _, session = sessions.begin(ANA, DESK)
    session.wall = True
    clock.time += LIFE - 1
    assert session.state(clock.now()) == "open"
    clock.time += 1
    assert session.state(clock.now()) == "locked"


def test_one_that_nobody_came_back_to_is_forgotten(sessions, clock):
    secret, session = sessions.begin(ANA, DESK)
    clock.time += 2 * LIFE
    assert sessions.find(secret) is None
    with pytest.raises(NotFound):
        sessions.get(session.id)


def test_locked_at_once_when_its_person_leaves(sessions, clock):
    _, session = sessions.begin(ANA, DESK)
    sessions.lock(session)
    assert session.state(clock.now()) == "locked"
    assert session.seen == clock.now(), "when they were last there stays true"
    sessions.touch(session)
    assert session.state(clock.now()) == "locked"
    sessions.renew(session, Vouched(ANA, clock.now(), None, ""))
    assert session.state(clock.now()) == "open"


def test_one_by_an_account_that_closes_opens_nothing_from_then_on(sessions, clock):
    _, session = sessions.begin(ANA, DESK, until=clock.now() + 60)
    clock.time += 59
    assert session.state(clock.now()) == "open"
    clock.time += 1
    assert session.state(clock.now()) == "locked"
    sessions.renew(session, Vouched(ANA, clock.now(), None, ""))
    assert session.ends == clock.now() + LIFE, "by another way in"


async def test_that_it_is_locked_outlasts_the_hub_and_a_walls_screen_is_not(sessions, clock):
    _, session = sessions.begin(ANA, DESK)
    sessions.make_wall(session, frozenset())
    sessions.lock(session)
    assert session.state(clock.now()) == "open"


@pytest.mark.parametrize(
    ("fits", "left"),
    [
        (lambda session: session.person.id == ANA.id, {"bo"}),
        (lambda session: session.origin.device == "desk-1", {"aruiz"}),
        (lambda session: session.person.agency == "ex-pd", set()),
        (lambda session: session.provider_session == "idp-7", {"aruiz", "bo"}),
    ],
)
def test_all_of_a_person_device_agency_or_provider_session_end_at_once(sessions, fits, left):
    sessions.begin(ANA, DESK)
    sessions.begin(ANA, Origin("192.0.2.8", "desk-2"), provider_session="idp-7")
    sessions.begin(BO, DESK)
    told = []
    sessions.on_end(told.append)
    ended = sessions.end_where(fits)
    assert ended == told
    assert {session.person.handle for session in sessions.all()} == left


def test_who_stops_listening_is_not_told(sessions):
    told = []
    stop = sessions.on_end(told.append)
    stop()
    _, session = sessions.begin(ANA, DESK)
    sessions.end(session.id)
    assert told == []


def test_a_link_works_once_and_within_its_time(clock):
    invitations = Invitations(clock)
    late, used = invitations.invite(ANA), invitations.invite(BO)
    assert invitations.accept(used) is BO
    clock.time += TOKEN_LIFE + 1
    for token in (used, late, "made up"):
        with pytest.raises(Refused) as refused:
            invitations.accept(token)
        assert refused.value.code == "bad_token"


async def test_a_restart_signs_nobody_out_and_keeps_their_work(clock, book):
    before = await again(clock, book)
    secret, session = before.begin(
        replace(ANA, certified={"ncic": 7}, amr=("pwd", "otp")), DESK, provider_session="idp-7"
    )
    before.acknowledge(session)
    before.work_on(session, "R-26-000001")
    await before.settle()
    assert (await again(clock, book)).find(secret) == session


async def test_at_rest_there_is_no_secret_and_no_ticket_of_the_provider(sessions, book):
    secret, session = sessions.begin(ANA, DESK, ticket="an ID token")
    await sessions.settle()
    assert session.ticket == "an ID token"
    assert secret not in repr(book)
    assert "an ID token" not in repr(book)


async def test_an_end_is_durable_when_it_is_settled_and_not_said_to_be_before(
    sessions, book, clock
):
    secret, session = sessions.begin(ANA, DESK)
    await sessions.settle()
    sessions.end(session.id)
    book.down = True
    with pytest.raises(AskAPerson):
        await sessions.settle()
    assert sessions.find(secret) is None, "here it has ended all the same"
    book.down = False
    await sessions.settle()
    assert book.rows == {}


async def test_whoever_settles_waits_for_what_another_is_writing(sessions, book):
    sessions.begin(ANA, DESK)
    first = asyncio.create_task(sessions.settle())
    await asyncio.sleep(0)
    await sessions.settle()
    assert book.writes == 1
    await first


async def test_that_somebody_is_still_there_is_written_once_a_sweep(sessions, book, clock):
    secret, session = sessions.begin(ANA, DESK)
    await sessions.settle()
    for _ in range(50):
        clock.time += 1_000_000
        sessions.touch(session)
        await sessions.settle()
    assert book.writes == 1
    await sessions.sweep()
    assert book.writes == 2
    assert (await again(clock, book, "")).find(secret).seen == session.seen


async def test_under_other_rules_of_signing_in_everybody_signs_in_anew(clock, book):
    before = await again(clock, book)
    secret, _ = before.begin(ANA, DESK)
    await before.settle()
    assert (await again(clock, book, "analysts are another group now")).find(secret) is None
    assert book.rows == {}


async def test_a_passing_session_is_never_written(sessions, book):
    sessions.begin(ANA, DESK, passing=True)
    await sessions.settle()
    assert book.rows == {}


async def test_a_passing_session_lasts_while_the_hub_runs(sessions, clock):
    secret, session = sessions.begin(ANA, DESK, passing=True)
    clock.time += 40 * LIFE
    await sessions.sweep()
    assert sessions.find(secret) is session
    assert session.state(clock.time) == "open"


async def test_a_machine_vouches_only_where_nobody_else_can(sessions, clock):
    _, alone = sessions.begin(ANA, DESK, passing=True)
    _, beside_a_provider = sessions.begin(ANA, DESK, authenticated=0, passing=True)
    clock.time += LIFE
    assert alone.is_fresh(clock.time)
    assert not beside_a_provider.is_fresh(clock.time)


async def test_those_that_nobody_came_back_to_leave_no_row(sessions, book, clock):
    sessions.begin(ANA, DESK)
    await sessions.settle()
    clock.time += 2 * LIFE
    await sessions.sweep()
    assert book.rows == {}
    assert sessions.all() == []


async def test_a_wall_stays_one_over_a_restart(sessions, book, clock):
    secret, session = sessions.begin(ANA, DESK)
    sessions.make_wall(session, frozenset({Permission.DATA_LIVE}))
    await sessions.settle()
    found = (await again(clock, book, "")).find(secret)
    assert found.wall
    assert found.person.permissions == {Permission.DATA_LIVE}


def test_what_a_way_in_is_limited_to_never_adds_to_its_roles():
    limited = replace(BO, only=frozenset({Permission.AUDIT_READ, Permission.DATA_SEARCH}))
    assert limited.permissions == {Permission.AUDIT_READ}


def test_a_clock_that_is_set_back_locks_instead_of_lengthening(sessions, clock):
    _, session = sessions.begin(ANA, DESK)
    clock.time -= BACK
    assert session.state(clock.now()) == "open", "a clock that is being set right"
    clock.time -= 1
    assert session.state(clock.now()) == "locked"
    assert not session.is_fresh(clock.now())
