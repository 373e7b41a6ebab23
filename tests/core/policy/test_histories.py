"""Where somebody was, over days: who may see it, on whose word, and what counts as it."""

from __future__ import annotations

import pytest
from asking import ANALYST, DAY, EVERYBODY, NOW, ask, engine, purpose

from watchfloor.contracts import BY_NAME
from watchfloor.identity import ROLE_PERMISSIONS, Permission, Role

READ, HIT = BY_NAME["read"].type, BY_NAME["hit"].type
STRICT = engine()


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
