"""What is written of a check: the level, the file for the registry, the page of rules."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from watchfloor.contracts import AskAPerson
from watchfloor_sdk.check import RULES, Level, Outcome, Report, open_subject, page, run, write
from watchfloor_sdk.check.runner import judged
from watchfloor_sdk.cli.app import app

HERE = Path(__file__).parent
RULES_PAGE = HERE.parents[2] / "sdk/docs/rules.md"


def report(**states):
    outcomes = [Outcome(code, states.get(code, "passed"), "As seen.") for code in RULES]
    return Report("toy-check", "1.0.0", outcomes)


@pytest.mark.parametrize(
    ("failed", "level"),
    [
        ("WF101", Level.none),
        ("WF201", Level.bronze),
        ("WF302", Level.silver),
        ("WF404", Level.gold),
        (None, Level.platinum),
    ],
)
def test_the_level_is_the_highest_below_which_nothing_failed(failed, level):
    assert report(**({failed: "failed"} if failed else {})).level == level


def test_exempt_and_inapplicable_rules_hold_no_level_back():
    assert report(WF207="inapplicable", WF210="exempt").level == Level.platinum


def test_a_rule_that_was_not_run_counts_as_failed():
    whole = report()
    whole.outcomes = [one for one in whole.outcomes if one.code != "WF201"]
    assert whole.level == Level.bronze


def test_what_the_registry_reads(tmp_path):
    document = json.loads(write(report(WF210="exempt"), tmp_path).read_text())
    assert document["level"] == "platinum"
    assert document["rules"]["WF210"] == {"state": "exempt", "reason": "As seen."}
    assert set(document) == {"connector", "version", "level", "checked", "sdk", "rules"}


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"WF999": {"exempt": "There is no such thing."}}, "no such rule"),
        ({"WF107": {"exempt": "We like to log plates."}}, "nobody is exempt"),
        ({"WF210": {"exempt": " "}}, "needs its reason"),
    ],
)
async def test_an_exemption_that_is_none_is_refused(tmp_path, rules, words):
    (tmp_path / "connector.json").write_bytes((HERE / "toy/connector.json").read_bytes())
    (tmp_path / "quality.json").write_text(json.dumps({"rules": rules}))
    with pytest.raises(AskAPerson, match=words):
        await run(open_subject(tmp_path))


async def test_a_worker_that_does_not_answer_is_told_from_a_rule_without_end(monkeypatch):
    async def unanswered(_):
        raise TimeoutError

    async def endless(_):
        await asyncio.Event().wait()

    subject = open_subject(HERE / "toy")
    monkeypatch.setattr("watchfloor_sdk.check.runner.RULE_S", 0.01)
    judgements = [
        await judged(replace(RULES["WF110"], run=each), subject) for each in (unanswered, endless)
    ]
    assert [(one.state, one.detail) for one in judgements] == [
        ("failed", "The worker did not answer in time."),
        ("failed", "It did not come to an end within 0.01 s."),
    ]


def test_the_page_lists_every_rule_as_it_is():
    assert RULES_PAGE.read_text().endswith(page())


def test_every_rule_says_what_why_and_how_to_mend():
    for code, rule in RULES.items():
        assert code.startswith("WF")
        assert rule.what.endswith(".")
        assert rule.why.endswith(".")
        assert rule.mend.endswith(".")


def test_the_command_answers_with_json_and_an_exit_status(tmp_path):
    document = json.loads((HERE / "toy/connector.json").read_text())
    (tmp_path / "connector.json").write_text(json.dumps({**document, "licence": " "}))
    wrong = CliRunner().invoke(app, ["check", str(tmp_path), "--rule", "WF101", "--json"])
    assert wrong.exit_code == 1
    told = json.loads(wrong.stdout)
    assert told["level"] == "none"
    assert told["rules"]["WF101"]["state"] == "failed"
    assert told["rules"]["WF101"]["mend"]
    (tmp_path / "connector.json").write_text(json.dumps(document))
    right = CliRunner().invoke(app, ["check", str(tmp_path), "--rule", "WF101"])
    assert right.exit_code == 0


def test_a_folder_without_a_connector_says_what_to_do(tmp_path):
    told = CliRunner().invoke(app, ["check", str(tmp_path)])
    assert told.exit_code == 4
    assert "connector.json" in told.stderr
