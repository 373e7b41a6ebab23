"""Rules as written: what is accepted, and that what is wrong is named by line and field."""

import pytest

from watchfloor.alerts import RuleInvalid
from watchfloor.alerts.engine import compile_rule
from watchfloor.alerts.rulebook import default_rules
from watchfloor.alerts.rules import read_rule
from watchfloor.contracts import schemas

GOOD = """\
id: shots
title: Shots
severity: danger
kinds: [gunshot, call]
when: data.rounds > 3
"""


def problems(document):
    with pytest.raises(RuleInvalid) as raised:
        compile_rule(read_rule(document))
    return [(p.line, p.field, p.message) for p in raised.value.problems]


def test_a_good_rule_compiles():
    rule = compile_rule(read_rule(GOOD)).rule
    assert (rule.id, rule.severity, rule.kinds) == ("shots", "danger", ("gunshot", "call"))


def test_the_default_rules_and_the_schemas_examples_compile():
    documents = default_rules()
    assert {read_rule(document).rule.id for document in documents} == {
        "hot-list-hit", "vendor-hit", "gunshot", "weapon-call",
    }  # fmt: skip
    for document in documents:
        compile_rule(read_rule(document))
    for example in schemas.schema("rule")["examples"]:
        assert schemas.validator("rule").is_valid(example)


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "says"),
    [
        ("danger", "urgent", 3, "severity", "'urgent' is not one of"),
        ("severity: danger\n", "", 1, "", "'severity' is required"),
        ("title: Shots\n", "", 1, "", "'title' is a required property"),
        ("severity:", "severty:", 3, "severty", "is not a field"),
        ("[gunshot, call]", "[gunshot, shooting]", 4, "kinds.1", "no kind is called 'shooting'"),
        ("rounds > 3", "rounds >", 5, "when", "Syntax error"),
        ("data.rounds > 3", "rounds > 3", 5, "when", "unknown: rounds"),
        ("data.rounds > 3", "shout(data)", 5, "when", "unknown: shout"),
        ("data.rounds > 3", "source.matches('(')", 5, "when", "not a valid regex"),
        ("when: data.rounds > 3", "within: {polygon: [[0, 0], [1, 1]]}", 5, "within.polygon", ""),
        ("when: data.rounds > 3", "within:\n  circle:\n    center: [0, 91]\n    radius_m: 5", 7,
         "within.circle.center.1", "91 is greater than"),
        ("when: data.rounds > 3", "hot_list: some", 5, "hot_list", "on one of these lists"),
        ("when: data.rounds > 3", "dedupe: {by: [plate]}", 5, "dedupe.by.0", "does not match"),
        ("title: Shots", "title: Shots\ntitle: Other", 3, "title", "given twice"),
        ("title: Shots", "title: &a Shots\ndescription: *a", 3, "description", "aliases"),
        ("title: Shots", "title: [", 4, "", "not YAML"),
        ("title: Shots", "title: !!python/name:os.system", 2, "", "not YAML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_line_and_field(old, new, line, field, says):
    assert old in GOOD
    found = problems(GOOD.replace(old, new))
    assert any((at, where) == (line, field) and says in message for at, where, message in found), (
        found
    )


@pytest.mark.parametrize("document", ["", "# none", "words", "[1, 2]", "a: " + "x" * 70_000])
def test_what_is_no_rule_at_all_is_refused(document):
    assert problems(document)


def test_everything_that_is_wrong_is_named_at_once():
    found = problems(GOOD.replace("danger", "urgent").replace("id: shots", "id: SHOTS"))
    assert [line for line, *_ in found] == [1, 3]


async def test_a_rule_is_active_only_when_the_engine_runs_it(hub):
    await hub.open()
    await hub.rule("{id: listed, title: L, kinds: [read], hot_list: [gone]}")
    await hub.alerts.rules.put("shots", GOOD, "Casey Admin", enabled=False)
    states = {status.rule.id: (status.state, status.reason) for status in hub.alerts.rules.all()}
    assert states["hot-list-hit"] == ("active", "")
    assert states["listed"] == ("broken", "There is no hot list called gone.")
    assert states["shots"] == ("disabled", "")
    await hub.hot_list("gone")
    await hub.alerts._watch.use_rules()
    assert hub.alerts.rules.get("listed").state == "active"


async def test_a_stored_rule_that_no_longer_compiles_is_shown_broken_and_the_others_run(hub):
    from watchfloor.ports.store import Rule

    await hub.store.alerts.put_rule(Rule("old", "id: old\nkinds: [steam]", True, 0, "Casey Admin"))
    await hub.open()
    status = hub.alerts.rules.get("old")
    assert status.state == "broken"
    assert "title" in status.reason
    assert hub.alerts.rules.get("gunshot").state == "active"


async def test_default_rules_come_once_and_what_is_removed_stays_removed(hub):
    await hub.open()
    await hub.alerts.rules.remove("weapon-call")
    hub.restart()
    await hub.open()
    assert [status.rule.id for status in hub.alerts.rules.all()] == [
        "gunshot", "hot-list-hit", "vendor-hit",
    ]  # fmt: skip
