"""One decision a request: denied unless somebody allowed it, and with all that goes with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from asking import ANALYST, DAY, EVERYBODY, NOW, ask, engine, person, purpose
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.contracts import BY_NAME
from watchfloor.identity import ROLE_PERMISSIONS, Permission, Role
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


def test_who_does_not_say_how_far_back_sees_no_movement_history():
    scope = ask(STRICT, why=purpose()).scope
    assert scope.earliest == {READ: NOW - 7 * DAY, HIT: NOW - 7 * DAY}


@pytest.mark.parametrize("facts", [{"lookback_days": 7.01}, {"sightings": 21}])
def test_a_long_or_dense_search_of_one_subject_is_a_movement_history(facts):
    decision = ask(STRICT, why=purpose(), subject="plate", **facts)
    assert decision.permission == Permission.DATA_HISTORY
    assert decision.needs_supervisor


@pytest.mark.parametrize("facts", [{"lookback_days": 7}, {"sightings": 20}])
def test_up_to_the_limit_it_is_none(facts):
    decision = ask(STRICT, why=purpose(), subject="plate", **facts)
    assert decision.permission == Permission.DATA_SEARCH
    assert not decision.needs_supervisor


@pytest.mark.parametrize("permission", ["data:export", "data:search", "data:history"])
def test_a_movement_history_takes_its_own_permission_besides_the_one_asked_for(permission):
    """A rule against exports is not got round by exporting more days."""
    forbid = (
        '@id("f") @reason("closed") @says("x")'
        f' forbid(principal, action == Action::"{permission}", resource);'
    )
    closed = engine(EVERYBODY, forbid)
    facts = {"subject": "plate", "lookback_days": 30}
    assert ask(closed, permission, why=purpose(), **facts).reason == "closed"
    assert ask(closed, "data:history", why=purpose()).permitted == (permission != "data:history")


def test_no_role_that_may_not_see_histories_gets_one_by_searching(monkeypatch):
    without = ROLE_PERMISSIONS[Role.ANALYST] - {Permission.DATA_HISTORY}
    monkeypatch.setitem(ROLE_PERMISSIONS, Role.ANALYST, without)
    denied = ask(STRICT, why=purpose(), subject="plate", lookback_days=8)
    assert denied.reason == "not_your_role"


def test_training_gets_no_history_from_a_real_system():
    why = purpose("training_synthetic_only")
    denied = ask(STRICT, "lookups:ask", why=why, subject="plate", lookback_days=30)
    assert denied.reason == "training_only_synthetic"


def test_the_version_that_decided_is_named():
    assert ask(STRICT).policy == ask(STRICT, why=purpose()).policy == STRICT.policy.version


def test_an_area_is_no_subject():
    decision = ask(STRICT, why=purpose(), subject="area", lookback_days=25)
    assert decision.permission == Permission.DATA_SEARCH


def test_a_movement_history_needs_a_case():
    call = purpose("in_progress_call", case_number=None)
    denied = ask(STRICT, why=call, subject="plate", lookback_days=20)
    assert denied.reason == "history_needs_case"
    assert "fewer days" in denied.remedy


def test_a_court_order_stands_for_the_supervisor():
    decision = ask(STRICT, why=purpose("court_order"), subject="plate", lookback_days=20)
    assert decision.permitted
    assert not decision.needs_supervisor
    assert decision.values("review") == ("court order",), "somebody compares it with the paper"


@pytest.mark.parametrize("numbers", [{"provisional": True}, {"call_number": "C-1"}])
def test_an_order_is_what_somebody_typed_until_its_case_or_call_is_known(numbers):
    parts = {"case_number": None, "call_number": None, "order": "X1", **numbers}
    typed, known = (purpose("wanted_person", **parts, checked=by) for by in (None, "cad"))
    facts = {"subject": "plate", "lookback_days": 20}
    assert ask(STRICT, why=typed, **facts).reason == "history_needs_case"
    assert ask(STRICT, why=known, **facts).permitted
    rule = '@id("o") permit(principal, action, resource) when { context.purpose.has_order };'
    by_rule = engine(rule)
    assert [ask(by_rule, why=why).permitted for why in (typed, known)] == [False, True]


def test_an_order_that_was_typed_spares_no_second_person():
    facts = {"subject": "plate", "lookback_days": 20}
    assert ask(STRICT, why=purpose(order="X1"), **facts).needs_supervisor
    assert ask(STRICT, why=purpose("emergency_override", order="X1"), **facts).needs_supervisor


def test_an_order_that_opened_nothing_of_its_own_is_not_looked_at():
    assert not ask(STRICT, why=purpose("court_order"), subject="plate").values("review")


def test_a_second_person_agreed_and_it_is_not_asked_again():
    facts = {"subject": "plate", "lookback_days": 20}
    assert not ask(STRICT, why=purpose(), **facts, approved_by="sup").needs_supervisor


def test_nobody_is_their_own_second_person():
    facts = {"subject": "plate", "lookback_days": 20}
    assert ask(STRICT, why=purpose(), **facts, approved_by=ANALYST.id).needs_supervisor


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


MID = """
state = "LA"
[agencies.mid-county-so]
name = "Mid County Sheriff"
level = "local"
state = "LA"
"""


def test_who_asks_for_another_agency_names_it():
    denied = ask(engine(settings=MID), why=purpose(), asking_agency="mid-county-so")
    assert denied.reason == "on_behalf_of_missing"


@pytest.mark.parametrize("name", ["mid-county-so", "Mid County  SHERIFF"])
def test_a_listed_agency_is_found_by_id_and_name(name):
    decision = ask(engine(settings=MID), why=purpose(on_behalf_of=name), asking_agency=name)
    assert decision.permitted


def test_an_agency_that_is_not_listed_gets_nothing():
    denied = ask(STRICT, why=purpose(on_behalf_of="Mid County Sheriff"))
    assert denied.reason == "agency_unknown"


@pytest.mark.parametrize(
    "changed",
    [
        ('"local"', '"federal"'), ('"local"', '"private"'), ('state = "LA"', 'state = "MS"'),
        ('\nstate = "LA"\n', "\n"),
    ],
    ids=str,
)  # fmt: skip
def test_by_default_only_public_agencies_of_the_own_state_get_anything(changed):
    other = engine(settings=MID.replace(*changed, 1))
    assert ask(other, why=purpose(on_behalf_of="mid-county-so")).reason == "outside_agency"


def test_two_agencies_at_once_get_nothing():
    visitor = person("analyst", agency="other-pd")
    denied = ask(engine(settings=MID), who=visitor, why=purpose(on_behalf_of="mid-county-so"))
    assert denied.reason == "asking_agencies_differ"


def test_naming_the_own_agency_does_not_make_a_visitor_ours():
    visitor = person("analyst", agency="other-pd")
    assert ask(STRICT, who=visitor, why=purpose(on_behalf_of="ex-pd")).reason == "agency_unknown"


def test_another_agency_sees_criminal_justice_information_by_agreement_alone():
    why = purpose(on_behalf_of="mid-county-so")
    without, signed = engine(settings=MID), engine(settings=MID + 'agreement = "A-1"')
    assert ask(without, why=why).scope.without_handling == {"cji"}
    assert "agreement with Mid County Sheriff is on file" in ask(without, why=why).closed
    assert ask(signed, why=why).scope.without_handling == frozenset()


def test_another_agencys_data_tells_its_owner():
    decision = ask(STRICT, why=purpose(), owner="north-so")
    assert Obligation("notify_owner", "north-so") in decision.obligations
    several = ask(STRICT, why=purpose(), owners=frozenset({"west-pd", "north-so"}))
    assert several.values("notify_owner") == ("north-so", "west-pd")


def test_a_rule_that_has_the_owner_told_means_whoever_it_is():
    rule = engine('@id("r") @obligation("notify_owner") permit(principal, action, resource);')
    assert ask(rule, why=purpose()).values("notify_owner") == ("ex-pd",)
    assert ask(rule, why=purpose(), owner="north-so").values("notify_owner") == ("north-so",)


TWO_OWNERS = """
[agencies.north-so]
level = "local"
sources = ["north-lpr", "north-cad"]

[agencies.west-pd]
level = "local"
sources = ["west-lpr"]
"""
NORTH_NEVER = """
@id("f") @reason("not_north") @says("Not of theirs.")
forbid(principal, action, resource) when { context.owner == "north-so" };
"""
NORTH_REDACTED = """
@id("n") @obligation("redact data.callback")
permit(principal, action, resource) when { context.owner == "north-so" };
"""
ONLY_OURS = '[gates.owner_only]\nconfirmed_by = "A. Counsel"\nconfirmed_on = 2026-11-02\n'


@pytest.mark.parametrize(
    ("rules", "gate", "apart"),
    [
        ([], "", set()),
        ([], ONLY_OURS, {"north-lpr", "north-cad", "west-lpr"}),
        ([EVERYBODY, NORTH_NEVER], "", {"north-lpr", "north-cad"}),
        ([EVERYBODY, NORTH_REDACTED], "", {"north-lpr", "north-cad"}),
    ],
    ids=["as any", "a gate", "a forbid", "a permit that says more"],
)
def test_a_question_about_many_sources_sees_what_is_decided_as_the_whole_is(rules, gate, apart):
    asked = engine(*rules, settings=TWO_OWNERS + gate)
    for permission in ("data:search", "data:live", "data:export"):
        decision = ask(asked, permission, why=purpose())
        assert decision.scope.without_sources == apart
        assert ("what these share: north-so" in decision.closed) == bool(apart)


def test_what_somebody_sees_of_many_sources_is_all_or_nothing_of_one_party():
    """By which alerts are told apart."""
    invented = World(synthetic_sources=lambda: frozenset({"drill", "west-lpr"}))
    asked = engine(settings=TWO_OWNERS + ONLY_OURS, world=invented)
    parties = asked.parties()
    sources = {"city", "city-cad", "drill", "north-lpr", "north-cad", "west-lpr"}
    for why in (purpose(), purpose("training_synthetic_only")):
        for rules in (asked, engine(settings=TWO_OWNERS, world=invented)):
            scope = ask(rules, why=why, synthetic=True).scope
            seen = {parties.get(each, "") for each in sources if scope.opens_source(each)}
            unseen = {parties.get(each, "") for each in sources if not scope.opens_source(each)}
            assert not seen & unseen
    by = [parties.get(each, "") for each in ("city", "city-cad", "north-lpr", "north-cad")]
    assert by == ["", "", "north-so", "north-so"]
    assert len({parties.get(each) for each in ("drill", "west-lpr", "north-lpr", "city")}) == 4


def test_a_question_about_one_owners_data_is_decided_by_what_it_is():
    named = {"why": purpose(), "owner": "north-so"}
    assert ask(engine(settings=TWO_OWNERS + ONLY_OURS), **named).reason == "owner_only"
    assert ask(engine(EVERYBODY, NORTH_NEVER, settings=TWO_OWNERS), **named).reason == "not_north"
    told = ask(engine(EVERYBODY, NORTH_REDACTED, settings=TWO_OWNERS), **named)
    assert (told.redacts, told.scope.without_sources) == (("data.callback",), frozenset())


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
