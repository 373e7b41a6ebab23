"""The door: nothing is done that was not decided, and nothing is read that was not recorded."""

import asyncio
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import msgspec
import pytest

from watchfloor.access import About, Asking, Door, Weighed, purpose_needed
from watchfloor.audit import AuditEvent, Entry, Outcome, Sealer, encode
from watchfloor.contracts import (
    KINDS,
    AskAPerson,
    GiveUp,
    NotFound,
    PurposeOfUse,
    Refused,
    RetryLater,
)
from watchfloor.identity import Origin, Permission, Role, person_here
from watchfloor.policy import Decision, Obligation
from watchfloor.ports.store import Scope

ANA = replace(person_here("aruiz", "ex-pd", frozenset({Role.ANALYST})), ori="ZZ0000000")
PLATE = "ZZT1234"
READS = next(kind.type for kind in KINDS if kind.personal)
YES = Decision("d-1", True, "permitted", rules=("look",))
NO = Decision("d-2", False, "no_rule_allows", "No rule allows this.", "Ask Sam.")


class Clock:
    def now(self):
        return 1_800_000_000_000_000


@dataclass
class Log:
    """What was recorded and what was noted; ``down`` as when a disk is away."""

    recorded: list[Entry] = field(default_factory=list)
    noted: list[Entry] = field(default_factory=list)
    down: bool = False

    def begin(self, entry):
        return asyncio.ensure_future(self._record(entry))

    async def _record(self, entry):
        await asyncio.sleep(0)
        if self.down:
            raise RetryLater("The audit log takes no records.", code="audit_unavailable")
        self.recorded.append(entry)

    def note(self, entry):
        self.noted.append(entry)


class Keyring:
    def __init__(self):
        self.kept = {}

    async def get(self, instance, name):
        return self.kept[instance, name]

    async def put(self, instance, name, value):
        self.kept[instance, name] = value

    async def names(self, instance):
        return [name for _, name in self.kept]


@dataclass
class Policy:
    decision: Decision = YES
    asked: list = field(default_factory=list)

    def decide(self, question):
        self.asked.append(question)
        return self.decision


class Desk:
    async def purpose(self, id, person):
        if id != "R-26-000001":
            raise NotFound("There is no such request.", code="no_such_request")
        return PurposeOfUse(
            code="investigation", request=id, case_number="26-004711", requester="Det. Example",
            on_behalf_of="mid-county-so", reason="A robbery on Example St", checked="rms",
            asked="The car of Zed Example", about=frozenset({"first_amendment"}), warrant="W-1",
        )  # fmt: skip


@pytest.fixture
def log():
    return Log()


@pytest.fixture
def policy():
    return Policy()


@dataclass
class Supervisors:
    """Who is asked; ``agreed`` are the digests to which somebody said yes."""

    asked: dict = field(default_factory=dict)
    shown: dict = field(default_factory=dict)
    subjects: list = field(default_factory=list)
    agreed: set = field(default_factory=set)

    async def opens(self, person, digest):
        agreed = SimpleNamespace(id="A-0123456789ab", answered_by="sokafor")
        return agreed if digest in self.agreed else None

    async def ask(self, person, subject, digest, what, why, request=None, shown=""):
        self.asked[digest] = (person.handle, what, why, request)
        self.shown[digest] = shown
        self.subjects.append(subject)
        return SimpleNamespace(id="A-0123456789ab")


@pytest.fixture
def supervisors():
    return Supervisors()


@pytest.fixture
def door(log, policy, supervisors):
    return Door(policy, log, Sealer(Keyring(), Clock()), Desk(), supervisors, Clock())


def asking(**more):
    return Asking(
        **{
            "person": ANA,
            "permission": Permission.DATA_SEARCH,
            "event": AuditEvent.SEARCH_ASKED,
            "origin": Origin("192.0.2.7", "desk-1"),
            "session": "s-1",
            "purpose": "needed",
            "request": "R-26-000001",
            "about": About(facts={"subject": "plate"}, subject=("plate", PLATE)),
            **more,
        }
    )


async def test_a_permit_is_recorded_before_it_is_handed_out(door, log, policy):
    grant = await door.admit(asking())
    [entry] = log.recorded
    assert (entry.id, entry.outcome) == (grant.entry, Outcome.DONE)
    assert entry.operator.handle == "aruiz"
    assert entry.operator.ori == "ZZ0000000"
    assert entry.requester == "Det. Example"
    assert entry.on_behalf_of.agency == "mid-county-so"
    assert entry.purpose.case == "26-004711"
    assert (entry.purpose.about, entry.purpose.warrant) == (["first_amendment"], "W-1")
    assert entry.decision.rules == ["look"]
    assert (entry.origin.address, entry.session) == ("192.0.2.7", "s-1")
    assert policy.asked[0].purpose.code == "investigation"


async def test_what_it_is_about_stands_sealed_in_the_record(door, log):
    await door.admit(asking())
    line = encode(log.recorded[0]).decode()
    assert PLATE not in line
    assert "Example St" not in line
    assert "Zed Example" not in line
    assert await door.sealer.open(log.recorded[0].purpose.asked) == "The car of Zed Example"
    assert log.recorded[0].subject.kind == "plate"


async def test_the_same_subject_can_be_counted_without_being_opened(door, log):
    for plate in (PLATE, "zzt-1234", "ZZT9999"):
        await door.admit(asking(about=About(subject=("plate", plate))))
    keys = [entry.subject.key for entry in log.recorded]
    assert keys[0] == keys[1] != keys[2]


async def test_a_denial_is_recorded_as_a_permit_is(door, log, policy):
    policy.decision = NO
    with pytest.raises(Refused) as refused:
        await door.admit(asking())
    assert (refused.value.code, refused.value.remedy) == ("no_rule_allows", "Ask Sam.")
    [entry] = log.recorded
    assert (entry.outcome, entry.decision.reason) == (Outcome.DENIED, "no_rule_allows")


@pytest.mark.parametrize("says", [YES, NO])
async def test_without_a_purpose_nothing_is_opened(door, log, policy, says):
    policy.decision = says
    with pytest.raises(Refused) as refused:
        await door.admit(asking(request=None))
    assert refused.value.code == purpose_needed().code
    assert log.recorded[0].outcome == Outcome.DENIED


async def test_what_no_purpose_opens_is_refused_before_one_is_asked_for(door, log, policy):
    lapsed = Decision("d-3", False, "certification_lapsed", "It lapsed.", "Renew it.")
    policy.decision = lapsed
    with pytest.raises(Refused) as refused:
        await door.admit(asking(request=None))
    assert (refused.value.code, refused.value.remedy) == (lapsed.reason, lapsed.remedy)
    assert log.recorded[0].decision.reason == lapsed.reason


async def test_somebody_elses_request_is_as_absent_and_recorded(door, log):
    with pytest.raises(NotFound):
        await door.admit(asking(request="R-26-000002"))
    assert log.recorded[0].decision.reason == "no_such_request"


async def test_nothing_is_read_that_cannot_be_recorded(door, log):
    log.down = True
    with pytest.raises(RetryLater) as down:
        await door.admit(asking())
    assert down.value.code == "audit_unavailable"


async def test_alerts_go_on_while_the_record_waits(door, log):
    log.down = True
    alert = asking(
        permission=Permission.ALERTS_ACT, event=AuditEvent.ALERT_ACTED, purpose="none",
        recording="soon", about=About(object=("alerts", "7")),
    )  # fmt: skip
    await door.admit(alert)
    assert log.noted[0].object.id == "7"


async def test_what_only_reads_goes_on_while_its_record_is_written(door, log):
    grant = await door.admit(asking(recording="meanwhile"))
    assert log.recorded == []
    await grant.on_record()
    assert [each.id for each in log.recorded] == [grant.entry]


async def test_whoever_shows_it_hears_that_it_could_not_be_recorded(door, log):
    log.down = True
    grant = await door.admit(asking(recording="meanwhile"))
    with pytest.raises(RetryLater):
        await grant.on_record()


async def test_a_refusal_waits_for_its_record(door, log, policy):
    policy.decision = NO
    with pytest.raises(Refused):
        await door.admit(asking(recording="meanwhile"))
    assert [each.outcome for each in log.recorded] == ["denied"]
    log.down = True
    with pytest.raises(RetryLater):
        await door.admit(asking(recording="meanwhile"))


async def test_an_open_purpose_shows_personal_data_and_none_hides_it(door, policy):
    policy.decision = replace(YES, scope=Scope(without_types=frozenset({"other.v1"})))
    guarded = asking(permission=Permission.DATA_LIVE, purpose="guarded")
    with_one = await door.admit(guarded)
    without = await door.admit(replace(guarded, request=None))
    assert with_one.scope.without_types == {"other.v1"}
    assert without.scope.without_types == {"other.v1", READS}


async def test_what_came_of_it_is_noted_beside_it(door, log):
    grant = await door.admit(asking())
    door.answered(grant, count=41, sha256="ab" * 32, took_ms=3.2, bytes_out=900)
    [noted] = log.noted
    assert (noted.event, noted.count, noted.object.id) == (
        AuditEvent.ANSWER_GIVEN, 41, grant.entry,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Refused("no", code="no"), Outcome.DENIED),
        (NotFound("gone", code="no"), Outcome.DENIED),
        (GiveUp("what?", code="no"), Outcome.DENIED),
        (AskAPerson("broken", code="no"), Outcome.FAILED),
        (RetryLater("slow", code="no"), Outcome.FAILED),
        (ZeroDivisionError(), Outcome.FAILED),
    ],
)
async def test_what_came_to_nothing_is_recorded_after_what_it_was_begun_by(
    door, log, error, outcome
):
    grant = await door.admit(asking())
    await door.came_to_nothing(grant, error)
    begun, ended = log.recorded
    reason = getattr(error, "code", "internal")
    assert (ended.event, ended.outcome, ended.decision.reason) == (begun.event, outcome, reason)
    assert (ended.attempt, begun.attempt) == (begun.id, None)
    assert (ended.subject, ended.purpose) == (begun.subject, begun.purpose)
    assert ended.id != begun.id


async def test_what_goes_on_unrecorded_notes_how_it_ended(door, log):
    grant = await door.admit(asking(recording="soon"))
    log.down = True
    await door.came_to_nothing(grant, NotFound("gone"))
    begun, ended = log.noted
    assert ended.attempt == begun.id


async def test_where_there_is_no_record_nothing_came_to_nothing(door, log):
    grant = await door.admit(asking())
    await door.came_to_nothing(grant, RetryLater("away", code="audit_unavailable"))
    assert len(log.recorded) == 1


BROAD = replace(YES, obligations=(Obligation("ask_supervisor"),))


@dataclass
class AsksSupervisor(Policy):
    def decide(self, question):
        super().decide(question)
        return YES if question.facts.get("approved_by") else BROAD


async def test_what_reaches_far_waits_for_a_second_person(log, supervisors):
    policy = AsksSupervisor()
    door = Door(policy, log, Sealer(Keyring(), Clock()), Desk(), supervisors, Clock())
    broad = asking(
        about=About(
            subject=("plate", "ZZ*"), words="A search of 4,812 records", shown="plate:ZZ*"
        )
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        await door.admit(broad)
    assert refused.value.code == "supervisor_needed"
    assert refused.value.approval == "A-0123456789ab"
    [(digest, asked)] = supervisors.asked.items()
    assert asked == ("aruiz", "A search of 4,812 records", "Investigation", "R-26-000001")
    assert log.recorded[0].outcome == Outcome.DENIED

    said = supervisors.shown[digest].splitlines()
    assert said == [
        "plate:ZZ*", "", "The request says", "Case: 26-004711", "Warrant: W-1",
        "Declared to be about: Speech, faith, press or assembly", "Who asks: Det. Example",
        "For the agency: mid-county-so", "What they want: The car of Zed Example",
        "Reason: A robbery on Example St",
    ]  # fmt: skip

    supervisors.agreed.add(digest)
    await door.admit(broad)
    assert policy.asked[-1].facts["approved_by"] == "sokafor"
    assert log.recorded[1].outcome == Outcome.DONE
    assert [each.more["approval"] for each in log.recorded] == ["A-0123456789ab"] * 2


async def test_what_counts_with_the_next_question_is_noted_where_it_is_decided(log, supervisors):
    decided = []

    async def weigh(scope):
        asyncio.get_running_loop().call_soon(decided.append, "next")
        return Weighed({"records": 1}, decided=decided.append)

    door = Door(Policy(YES), log, Sealer(Keyring(), Clock()), Desk(), supervisors, Clock())
    await door.admit(asking(about=About(weigh=weigh)))
    assert decided == [YES, "next"], "nothing comes between"
    decided.clear()
    door = Door(AsksSupervisor(), log, Sealer(Keyring(), Clock()), Desk(), supervisors, Clock())
    with pytest.raises(Refused):
        await door.admit(asking(about=About(weigh=weigh)))
    [refusal] = [each for each in decided if each != "next"]
    assert (refusal.permitted, refusal.reason) == (False, "supervisor_needed")


@pytest.mark.parametrize(
    "other",
    [
        {"about": About(subject=("plate", "ZZ?*"))},
        {"about": About(subject=("plate", "ZZ*"), facts={"lookback_days": 30})},
        {"about": About(subject=("plate", "ZZ*"), facts={"about": frozenset({"protest"})})},
        {"about": About(subject=("plate", "ZZ*"), object=("lookup", "switch/registration"))},
        {"in_full": lambda: asyncio.sleep(0, "another body")},
        {"permission": Permission.DATA_EXPORT},
    ],
)
async def test_what_was_agreed_to_opens_nothing_else(log, supervisors, other):
    door = Door(AsksSupervisor(), log, Sealer(Keyring(), Clock()), Desk(), supervisors, Clock())
    with pytest.raises(Refused):
        await door.admit(asking(about=About(subject=("plate", "ZZ*"))))
    supervisors.agreed.update(supervisors.asked)
    with pytest.raises(Refused) as refused:
        await door.admit(asking(**{"about": About(subject=("plate", "ZZ*")), **other}))
    assert refused.value.code == "supervisor_needed"


@pytest.mark.parametrize(
    "said",
    [
        {"asked": "Who was at the demonstration?"},
        {"code": "wanted_person"},
        {"case_number": "26-009999"},
        {"on_behalf_of": "north-so"},
        {"about": frozenset({"immigration"})},
    ],
)
async def test_a_yes_is_for_what_the_request_says_when_it_is_given(log, supervisors, said):
    """Otherwise anybody has a child sought, and then looks for whom they like."""
    desk = Desk()
    door = Door(AsksSupervisor(), log, Sealer(Keyring(), Clock()), desk, supervisors, Clock())
    with pytest.raises(Refused):
        await door.admit(asking())
    supervisors.agreed.update(supervisors.asked)
    await door.admit(asking())
    now = msgspec.structs.replace(await desk.purpose("R-26-000001", ANA), **said)
    desk.purpose = lambda *_: asyncio.sleep(0, now)
    with pytest.raises(Refused) as refused:
        await door.admit(asking())
    assert refused.value.code == "supervisor_needed"


async def test_a_yes_outlasts_that_the_number_is_found_anew(log, supervisors):
    desk = Desk()
    door = Door(AsksSupervisor(), log, Sealer(Keyring(), Clock()), desk, supervisors, Clock())
    with pytest.raises(Refused):
        await door.admit(asking())
    supervisors.agreed.update(supervisors.asked)
    now = msgspec.structs.replace(await desk.purpose("R-26-000001", ANA), checked="cad")
    desk.purpose = lambda *_: asyncio.sleep(0, now)
    await door.admit(asking())


async def test_a_case_that_is_named_besides_stands_in_the_record(door, log):
    desk = Desk()
    bare = msgspec.structs.replace(await desk.purpose("R-26-000001", ANA), case_number=None)
    door = replace(door, purposes=SimpleNamespace(purpose=lambda *_: asyncio.sleep(0, bare)))

    async def weigh(scope):
        return Weighed({}, case="26-004711")

    await door.admit(asking(about=About(weigh=weigh)))
    assert log.recorded[-1].purpose.case == "26-004711"


@pytest.mark.parametrize(
    ("permission", "subject"),
    [
        (Permission.DATA_SEARCH, "data"),
        (Permission.LOOKUPS_ASK, "data"),
        (Permission.DATA_HISTORY, "history"),
        (Permission.DATA_EXPORT, "export"),
        (Permission.ACTIONS_DO, "deed"),
    ],
)
async def test_a_second_person_is_told_what_can_wait_from_what_cannot(
    log, supervisors, permission, subject
):
    """By what it was decided as: of one plate a search may be a movement history. In an emergency
    nothing waits for their proof."""
    desk, emergency = Desk(), Desk()
    said = {"code": "emergency_override"}
    hurried = msgspec.structs.replace(await desk.purpose("R-26-000001", ANA), **said)
    emergency.purpose = lambda *_: asyncio.sleep(0, hurried)
    policy = Policy(replace(BROAD, permission=permission))
    for each in (desk, emergency):
        door = Door(policy, log, Sealer(Keyring(), Clock()), each, supervisors, Clock())
        with pytest.raises(Refused):
            await door.admit(asking())
    assert supervisors.subjects == [subject, "data"]
