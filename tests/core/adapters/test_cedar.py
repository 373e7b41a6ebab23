"""Cedar: what cannot be evaluated denies, what is wrong has a file and a line, and leaving rules
and words out beforehand changes no answer."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from asking import ANALYST, EVERYBODY, NOW, ask, engine, person, purpose
from cedarpy import PolicySet, is_authorized, validate_policies
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.adapters import cedar
from watchfloor.adapters.cedar import read_rules, schema
from watchfloor.contracts import AskAPerson
from watchfloor.identity import Permission
from watchfloor.policy import Agency, Asked, packaged
from watchfloor.policy.facts import Facts

SEARCH = Permission.DATA_SEARCH

WRONG = {
    "permt(principal, action, resource);": "permt",
    '@id("a") permit(principal, action, resource) when { context.moon == 1 };': "moon",
    '@id("a") permit(principal, action, resource) when { context.records == "1" };': "types",
    '@id("a") permit(principal, action == Action::"data:sniff", resource);': "data:sniff",
    '@id("a") permit(principal in Role::"king", action, resource);': "king",
    '@id("a") permit(principal, action, resource == Data::"moon");': "moon",
    '@id("a") permit(principal == ?principal, action, resource);': "templates",
    "permit(principal, action, resource);": "needs @id",
    '@id("A b") permit(principal, action, resource);': "small letters",
    '@id("a") forbid(principal, action, resource);': "needs @reason",
    '@id("a") @reason("b") forbid(principal, action, resource);': "needs @says",
    '@id("a") @reason("B c") @says("d") forbid(principal, action, resource);': "underscores",
    '@id("a") @says("b") permit(principal, action, resource);': "@says means nothing",
    '@id("a") @obligation("shout") permit(principal, action, resource);': "one of redact",
    '@id("a") @obligation("redact 1;2") permit(principal, action, resource);': "names a field",
    '@id("a") @obligation("expire soon") permit(principal, action, resource);': "seconds",
    '@id("a") @hides("moon") permit(principal, action, resource);': "none",
    '@id("fine") permit(principal, action, resource);': "already has",
    '@id("a") permit(principal, action, resource)': "unexpected end",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_has_a_file_and_a_line(wrong):
    fine = '@id("fine")\npermit(principal, action, resource);'
    text = f'// a comment; with "signs\n\n{EVERYBODY}\n{fine}\n\n// c\n{wrong}'
    with pytest.raises(AskAPerson, match=WRONG[wrong]) as caught:
        read_rules({"own.cedar": text})
    assert caught.value.code == "bad_policy"
    assert caught.value.detail.startswith("own.cedar, line 8: ")


def test_an_id_is_one_rule_s_alone_across_files():
    with pytest.raises(AskAPerson, match=r"a\.cedar already has"):
        read_rules({"a.cedar": EVERYBODY, "b.cedar": EVERYBODY})


def test_semicolons_in_strings_and_comments_end_no_rule():
    text = (
        '@id("a") @reason("r") @says("No; \\"never\\".") // not; here\n'
        'forbid(principal, action, resource) when { context.owner == "//;" };'
    )
    assert read_rules({"a.cedar": text}).rules["a"].says == 'No; "never".'


@pytest.mark.parametrize("level", ["identity_assurance", "authenticator_assurance"])
def test_rules_decide_by_levels_of_assurance(level):
    text = f'@id("a") permit(principal, action, resource) when {{ principal.{level} >= 2 }};'
    rules = read_rules({"a.cedar": text})
    permitted = [
        rules.judge(_asked(who=replace(ANALYST, **{level: said})), SEARCH).permitted
        for said in (0, 1, 2, 3)
    ]
    assert permitted == [False, False, True, True]


def test_no_rules_permit_nothing():
    assert not read_rules({"a.cedar": "// nothing yet"}).judge(_asked(), SEARCH).permitted


def test_the_packaged_rules_are_sound_as_a_whole():
    (text,) = packaged().values()
    assert validate_policies(text, schema()).validation_passed


def _asked(permission=SEARCH, who=ANALYST, why=None, **facts):
    ours = Agency(id="ex-pd", level="local", ours=True)
    return Asked(who, permission, NOW, why or purpose(), Facts(**facts), ours, ours)


RULES = {
    "rules.cedar": """
@id("p-all") permit(principal, action, resource) when { context.records < 100 };
@id("p-role") permit(principal in Role::"supervisor", action, resource);
@id("p-two") permit(principal is Person in Role::"auditor",
  action in [Action::"audit:read", Action::"data"], resource);
@id("f-data") @reason("r") @says("s") forbid(principal, action in Action::"guarded",
  resource == Data::"cameras") unless { principal.certified.contains("ncic") };
@id("f-words") @reason("r") @says("s") forbid(principal, action, resource)
  when { context.purpose has offence && context.purpose.offence == "720" };
@id("f-whole") @reason("r") @says("s") forbid(principal, action == Action::"data:live", resource)
  when { context.asker == {agency: "x", ours: true, known: true, level: "local", state: "",
         same_state: false, immigration: false, declaration: false, agreement: false} };
@id("f-one") @reason("r") @says("s") forbid(principal == Person::"somebody", action, resource);
"""
}
SLICED = read_rules(RULES)
WHOLE = PolicySet.from_str(RULES["rules.cedar"])


def _by_all_rules(asked):
    """The same question to all rules at once, with every word there is."""
    attributes = cedar._attributes(asked.person, asked.at)
    answer = is_authorized(
        {
            "principal": {"type": "Person", "id": asked.person.id},
            "action": {"type": "Action", "id": asked.permission.value},
            "resource": {"type": "Data", "id": asked.facts.domain},
            "context": asked.context,
        },
        WHOLE,
        cedar._entities(asked.person.id, asked.permission, asked.person.roles, attributes),
    )
    ids = answer.diagnostics.id_annotations_by_reason.values()
    decided = tuple(name for name in SLICED.rules if name in ids)
    return answer.allowed, decided, bool(answer.diagnostics.errors)


@pytest.mark.parametrize("permission", sorted(Permission))
def test_leaving_out_what_cannot_matter_changes_no_answer(permission):
    people = [person(role) for role in ("analyst", "supervisor", "auditor")]
    domains, trained, counts = ["any", "cameras"], [("ncic",), ()], [0, 100]
    for who, domain, held, records in product(people, domains, trained, counts):
        somebody = person(*who.roles, certified=held)
        asked = _asked(permission, somebody, domain=domain, records=records)
        verdict = SLICED.judge(asked, permission)
        found = (verdict.permitted, verdict.rules, verdict.failed)
        assert found == _by_all_rules(asked)


@given(st.text(max_size=30))
def test_any_id_is_a_principal(name):
    assert SLICED.judge(_asked(who=replace(ANALYST, id=name)), SEARCH).permitted


def test_a_training_that_lapses_is_gone_at_that_moment():
    rule = (
        '@id("a") permit(principal, action, resource)'
        ' when { principal.certified.contains("ncic") };'
    )
    both = engine(rule)
    assert ask(both, why=purpose()).permitted
    assert not ask(both, who=replace(ANALYST, certified={"ncic": NOW}), why=purpose()).permitted


def test_every_word_of_the_schema_is_always_there():
    """A rule may use any word without asking whether it is there."""
    words = [f"context.{name}" for name in _asked().context]
    text = "".join(
        f'@id("r{n}") permit(principal, action, resource) when {{ {word} == {word} }};'
        for n, word in enumerate(words)
    )
    verdict = read_rules({"a.cedar": text}).judge(_asked(why=None), SEARCH)
    assert len(verdict.rules) == len(words)
