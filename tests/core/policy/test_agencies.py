"""Several agencies: who asks for another one, and whose data a question is about."""

from __future__ import annotations

import pytest
from asking import EVERYBODY, TWO_OWNERS, ask, engine, person, purpose

from watchfloor.policy import Obligation, World

STRICT = engine()


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


NORTH_NEVER = """
@id("f") @reason("not_north") @says("Not of theirs.")
forbid(principal, action, resource) when { context.owner == "north-so" };
"""
NORTH_REDACTED = """
@id("n") @obligation("redact data.callback")
permit(principal, action, resource) when { context.owner == "north-so" };
"""
ONLY_OURS = '[gates.owner_only]\nconfirmed_by = "A. Counsel"\nconfirmed_on = 2025-11-03\n'


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


NORTH_TOLD = """
@id("n") @obligation("notify_owner")
permit(principal, action, resource) when { context.owner == "north-so" };
"""
NORTH_BY_TWO = NORTH_TOLD.replace("notify_owner", "ask_supervisor")


@pytest.mark.parametrize(
    ("rules", "gate", "apart"),
    [
        ([EVERYBODY, NORTH_TOLD], "", set()),
        ([EVERYBODY, NORTH_REDACTED], "", {"north-lpr", "north-cad"}),
        ([EVERYBODY, NORTH_NEVER], "", {"north-lpr", "north-cad"}),
        ([EVERYBODY, NORTH_BY_TWO], "", {"north-lpr", "north-cad"}),
        ([], ONLY_OURS, {"north-lpr", "north-cad", "west-lpr"}),
    ],
    ids=["a permit that hides nothing", "one that hides a field", "a forbid", "two", "a gate"],
)
def test_a_rule_for_anothers_data_that_hides_nothing_hides_none_of_its_alerts(rules, gate, apart):
    asked = engine(*rules, settings=TWO_OWNERS + gate)
    for permission in ("alerts:read", "alerts:act"):
        assert ask(asked, permission).scope.without_sources == apart


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
