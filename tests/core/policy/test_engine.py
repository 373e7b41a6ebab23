"""One decision a request: denied unless somebody allowed it, and with all that goes with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from asking import ANALYST, DAY, EVERYBODY, NOW, TWO_OWNERS, ask, engine, person, purpose
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.contracts import BY_NAME
from watchfloor.identity import Permission, Role
from watchfloor.policy import (
    DATA,
    GUARDED,
    NOTHING,
    WHATEVER_FOR,
    Facts,
    Obligation,
    Question,
    World,
)
from watchfloor.ports.store import Kept

READ, HIT = BY_NAME["read"].type, BY_NAME["hit"].type
STRICT = engine()


def test_a_search_with_a_purpose_is_permitted():
    decision = ask(STRICT, why=purpose(), subject="plate", lookback_days=3)
    assert (decision.permitted, decision.rules) == (True, ("look",))
    assert decision.obligations == (Obligation("log"),)


@pytest.mark.parametrize(
    ("subject", "clamped"), [("plate", True), ("unsaid", False), ("area", False)]
)
def test_a_live_list_that_is_narrowed_to_one_subject_goes_back_no_further(subject, clamped):
    scope = ask(STRICT, "data:live", why=purpose(), subject=subject).scope
    assert (scope.earliest[READ] == NOW - 7 * DAY) == clamped


def test_each_decision_has_an_id_of_its_own():
    assert ask(STRICT).id != ask(STRICT).id


@pytest.mark.parametrize("permission", sorted(GUARDED))
def test_guarded_data_needs_a_purpose(permission):
    trained = replace(ANALYST, certified={"28cfr23": NOW + DAY})
    denied = ask(engine(EVERYBODY), permission, trained)
    assert (denied.permitted, denied.reason) == (False, "purpose_missing")
    assert denied.scope == NOTHING


def test_a_denial_says_what_would_help_and_whom_to_ask():
    denied = ask(engine(settings='contact = "Lt. Example, 555-0107"'))
    assert "Open a request" in denied.remedy
    assert "Lt. Example, 555-0107" in denied.remedy


@pytest.mark.parametrize("permission", sorted(Permission))
def test_without_rules_everything_is_denied(permission):
    nobody = person(*Role)
    nothing = engine('@id("none") permit(principal, action, resource) when { false };')
    assert not ask(nothing, permission, nobody, purpose()).permitted


@pytest.mark.parametrize("permission", sorted(DATA))
@pytest.mark.parametrize(
    "role", ["agency_it", "auditor", "vendor_service", "partner_agency", "records_officer"]
)
def test_by_default_no_other_role_sees_data(role, permission):
    decision = ask(STRICT, permission, person(role), purpose())
    allowed = role == "records_officer" and permission == Permission.DISCLOSURE_MAKE
    assert decision.permitted == allowed


def test_everything_else_that_a_role_may_do_opens_no_row():
    for role in Role:
        for permission in person(role).permissions - DATA:
            decision = ask(STRICT, permission, person(role))
            assert decision.permitted, (role, permission)
            assert decision.scope == NOTHING


def test_data_is_hidden_from_whoever_holds_no_certificate():
    certified = ask(STRICT, why=purpose())
    lapsed = ask(STRICT, who=replace(ANALYST, certified={"ncic": NOW}), why=purpose())
    assert certified.scope.without_handling == frozenset()
    assert lapsed.scope.without_handling == {"cji"}
    assert (certified.closed, "Your NCIC training is not valid" in lapsed.closed) == ("", True)
    assert "None seen does not mean that there is none." in lapsed.closed


def test_what_opens_no_data_at_all_closes_none_of_it():
    assert ask(STRICT, "hub:read", replace(ANALYST, certified={})).closed == ""


@pytest.mark.parametrize("permission", ["intelligence:keep", "lookups:ask"])
def test_whoever_lacks_a_training_is_told_before_they_are_asked_what_for(permission):
    facts = {"domain": "criminal_intelligence"}
    denied = ask(STRICT, permission, replace(ANALYST, certified={}), **facts)
    assert denied.reason in WHATEVER_FOR
    assert "28 CFR Part 23" in denied.detail
    assert "28 CFR Part 23" in denied.remedy
    trained = replace(ANALYST, certified={"28cfr23": NOW + DAY})
    assert ask(STRICT, permission, trained, **facts).reason == "purpose_missing"


def test_what_is_open_for_another_purpose_says_for_which_and_no_access_is_asked_for():
    trained = replace(ANALYST, certified={"28cfr23": NOW + DAY})
    facts = {"domain": "criminal_intelligence"}
    denied = ask(STRICT, "intelligence:keep", trained, purpose("in_progress_call"), **facts)
    assert (denied.permitted, denied.reason) == (False, "no_rule_allows")
    assert "for “Call in progress”" in denied.detail
    assert "It is open for: Investigation." in denied.remedy
    assert "ask for access" not in denied.remedy


def test_kinds_that_a_rule_leaves_out_and_invented_data_alone_are_said():
    hiding = '@id("look") @hides("call gunshot") permit(principal, action, resource);'
    assert "not shown: calls, gunshots." in ask(engine(hiding), why=purpose()).closed
    training = ask(STRICT, why=purpose("training_synthetic_only"))
    assert training.closed.startswith("This purpose opens invented data alone.")


def test_a_look_back_ends_where_the_data_may_not_be_shown():
    world = World(earliest=lambda at: {READ: at - 2 * DAY, BY_NAME["call"].type: at - 90 * DAY})
    scope = ask(engine(world=world), why=purpose(), subject="area").scope
    assert scope.earliest == {
        READ: NOW - 2 * DAY, HIT: NOW - 30 * DAY, BY_NAME["call"].type: NOW - 90 * DAY
    }  # fmt: skip


def test_what_is_held_for_the_case_is_shown_however_old_with_a_second_person():
    held = (Kept(keys=frozenset({"plate:ZZT1234"})),)
    asked = engine(
        world=World(
            earliest=lambda at: {READ: at - 21 * DAY},
            held=lambda case, at: held if case == "SIM-C-1" else (),
        )
    )
    of_case = {"why": purpose(case_number="SIM-C-1"), "subject": "call"}
    alone = ask(asked, **of_case, lookback_days=40)
    assert (alone.scope.held, alone.needs_supervisor) == (held, True)
    agreed = ask(asked, **of_case, lookback_days=40, approved_by="sam")
    assert (agreed.scope.held, agreed.needs_supervisor) == (held, False)
    for other in (
        ask(asked, **of_case, lookback_days=20),
        ask(asked, **of_case),
        ask(asked, why=purpose(case_number="SIM-C-2"), subject="call", lookback_days=40),
        ask(asked, "lookups:ask", **of_case, lookback_days=40),
    ):
        assert other.scope.held == ()
        assert not other.needs_supervisor


def test_a_cap_of_one_source_or_class_reaches_no_further_than_the_settings():
    apart = {(READ, "near", None): NOW - DAY, (READ, "far", "cji"): NOW - 900 * DAY}
    scope = ask(engine(world=World(apart=lambda at: apart)), why=purpose(), subject="area").scope
    assert scope.apart == {(READ, "near", None): NOW - DAY, (READ, "far", "cji"): NOW - 30 * DAY}
    one = ask(engine(world=World(apart=lambda at: apart)), why=purpose(), subject="plate").scope
    assert one.apart[READ, "far", "cji"] == NOW - 7 * DAY


def test_the_version_that_decided_is_named():
    assert ask(STRICT).policy == ask(STRICT, why=purpose()).policy == STRICT.policy.version


@pytest.mark.parametrize(
    "facts",
    [{"records": 1001}, {"plates": 51}, {"people": 21}, {"cameras": 51}, {"agencies": 1}],
    ids=str,
)
def test_a_broad_search_needs_a_supervisor(facts):
    assert ask(STRICT, why=purpose(), subject="area", **facts).needs_supervisor
    assert ask(STRICT, "data:live", why=purpose(), **facts).needs_supervisor, "one by one"


def test_an_emergency_asks_a_second_person_first_and_is_told_and_reviewed():
    decision = ask(STRICT, why=purpose("emergency_override"), records=9000)
    assert decision.permitted
    assert decision.needs_supervisor, "an override stands in once nobody answered for two minutes"
    assert Obligation("notify_owner", "ex-pd") in decision.obligations
    assert Obligation("review", "emergency") in decision.obligations


def test_training_sees_invented_sources_alone():
    world = World(synthetic_sources=lambda: frozenset({"sim-1"}))
    decision = ask(engine(world=world), why=purpose("training_synthetic_only"))
    assert decision.scope.only_sources == {"sim-1"}


@pytest.mark.parametrize("permission", ["lookups:ask", "actions:do"])
def test_training_reaches_no_real_system(permission):
    why = purpose("training_synthetic_only")
    assert ask(STRICT, permission, why=why).reason == "training_only_synthetic"
    assert ask(STRICT, permission, why=why, synthetic=True).permitted


def test_an_audit_review_looks_nothing_up():
    assert ask(STRICT, why=purpose("audit_review")).reason == "no_rule_allows"


def test_words_in_a_reason_go_to_review_and_decide_nothing():
    decision = ask(STRICT, why=purpose(reason="Seen near the PROTEST; abortion clinic"))
    assert decision.permitted
    assert Obligation("review", "first_amendment") in decision.obligations
    assert Obligation("review", "reproductive_care") in decision.obligations


def test_what_is_asked_is_read_as_the_reason_is():
    decision = ask(STRICT, why=purpose(asked="Had an abortion", reason="for ICE"))
    for topic in ("immigration", "reproductive_care"):
        assert Obligation("review", topic) in decision.obligations


def test_what_a_request_is_declared_to_be_about_is_told_with_each_question_in_it():
    about_it = purpose(about=frozenset({"reproductive_care"}))
    for permission in ("data:search", "data:live", "lookups:ask"):
        assert ask(STRICT, permission, why=about_it).reason == "topic_closed"
        assert ask(STRICT, permission, why=purpose()).permitted
    assert ask(STRICT, why=about_it, about=["immigration"]).reason == "topic_closed"


def test_a_paper_that_came_with_the_request_is_compared_afterwards():
    papers = purpose(on_behalf_of="north-so", warrant="W-1", declaration="D-1")
    owed = {Obligation("review", "warrant"), Obligation("review", "declaration")}
    shared = ask(engine(EVERYBODY, settings=TWO_OWNERS), why=papers)
    assert owed <= set(shared.obligations)
    ours = ask(STRICT, why=purpose(warrant="W-1", declaration="D-1"))
    assert not owed & set(ours.obligations), "it opened nothing"


def test_ice_on_the_road_is_no_agency():
    assert ask(STRICT, why=purpose(reason="Crash on ice")).obligations == (Obligation("log"),)


def test_what_rules_say_goes_with_the_permit():
    rule = (
        '@id("r") @obligation("redact data.callback, notify_owner north-so, expire 3600")'
        ' @hides("read hit") permit(principal, action, resource);'
    )
    decision = ask(engine(rule), why=purpose())
    assert decision.obligations[1:] == (
        Obligation("redact", "data.callback"), Obligation("notify_owner", "north-so"),
        Obligation("expire", "3600"),
    )  # fmt: skip
    assert decision.scope.without_types == {READ, HIT}


def test_a_forbid_speaks_for_itself():
    forbid = (
        '@id("f") @reason("night") @says("Not at night.") @remedy("Ask by day.")'
        " forbid(principal, action, resource) when { context.at > 0 };"
    )
    denied = ask(engine(EVERYBODY, forbid), why=purpose())
    assert (denied.reason, denied.detail, denied.rules) == ("night", "Not at night.", ("f",))
    assert denied.remedy.startswith("Ask by day. ")


def test_a_rule_that_cannot_be_evaluated_denies():
    """Cedar skips a ``forbid`` that errors: here one that overflows."""
    broken = (
        '@id("f") @reason("x") @says("x") forbid(principal, action, resource)'
        " when { context.records * 9223372036854775807 > 1 };"
    )
    both = engine(EVERYBODY, broken)
    assert ask(both, why=purpose(), records=1).reason == "x"
    assert ask(both, why=purpose(), records=2).reason == "policy_error"


@pytest.mark.parametrize(
    "facts",
    [
        {"hour": 3}, {"domain": "moon"}, {"lookback_days": "7"}, {"lookback_days": float("nan")},
        {"lookback_days": float("inf")}, {"lookback_days": -1}, {"records": -1},
        {"about": ["weather"]}, {"synthetic": "yes"},
    ],
    ids=str,
)  # fmt: skip
def test_a_fact_that_nobody_knows_denies(facts):
    denied = ask(engine(EVERYBODY), why=purpose(), **facts)
    assert (denied.permitted, denied.reason) == (False, "policy_error")


def test_an_error_inside_denies():
    def failing(_):
        raise RuntimeError("ZZT1234")

    decision = ask(engine(world=World(earliest=failing)), why=purpose())
    assert decision.reason == "policy_error"


_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20),
    st.binary(max_size=4), st.lists(st.text(max_size=5), max_size=2),
    st.sampled_from(["plate", "face_recognition"]),
)  # fmt: skip
_FACTS = st.dictionaries(
    st.one_of(st.sampled_from(Facts.__struct_fields__), st.text(max_size=8)), _VALUES, max_size=6
)
_PEOPLE = st.builds(
    lambda roles, agency, certified: replace(
        person(*roles, agency=agency), id=agency + "\n", certified=dict.fromkeys(certified, NOW)
    ),
    st.frozensets(st.sampled_from(Role), max_size=3), st.text(max_size=9), st.sets(st.text()),
)  # fmt: skip
_WHYS = st.one_of(
    st.none(),
    st.builds(
        purpose,
        st.sampled_from(["investigation", "court_order", "emergency_override"]),
        on_behalf_of=st.one_of(st.none(), st.text(min_size=1, max_size=9)),
        reason=st.one_of(st.none(), st.text(max_size=30)),
    ),
)


@given(_PEOPLE, st.sampled_from(Permission), _WHYS, _FACTS, st.integers(0, 2**62))
def test_no_question_makes_it_raise_and_no_denial_opens_a_row(who, permission, why, facts, at):
    decision = STRICT.decide(Question(who, permission, at, why, facts))
    if not decision.permitted:
        assert decision.reason
        assert decision.scope == NOTHING
    elif permission in GUARDED:
        assert why is not None
