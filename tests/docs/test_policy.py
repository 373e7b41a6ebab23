"""docs/policy.md: its reference is the code's, its rules, settings and cases do what it says."""

from __future__ import annotations

import ast
import re
import runpy
from pathlib import Path

import pytest
from asking import AGENCY

from watchfloor.adapters.cedar import read_rules
from watchfloor.policy import CONFIRM, GATES, PRESETS, load, packaged, run_cases
from watchfloor.policy.rules import ANNOTATIONS


@pytest.fixture(scope="module")
def page(pages):
    return pages["docs/policy.md"]


@pytest.fixture(scope="module")
def policy(page):
    """The page's rules, settings and cases, as one policy."""
    [rules] = page.blocks("cedar")
    [cases, settings] = page.blocks("toml")
    files = {"a.cedar": rules.text, "settings.toml": settings.text, "tests/a.toml": cases.text}
    return files, load(files, AGENCY, read_rules)


def test_the_reference_is_as_the_code_says(page, root: Path):
    """If not: python tests/docs/policy_reference.py --write"""
    written = runpy.run_path(str(root / "tests/docs/policy_reference.py"))["page"]()
    assert page.text == written


def test_the_examples_work_together(policy):
    files, loaded = policy
    outcomes = run_cases(files, loaded)
    assert [each.differs for each in outcomes] == [""]
    assert loaded.rules.rules["cameras-for-cases"].hides


def test_every_reason_is_there_and_none_is_stale(page, root: Path):
    listed = {row[0].strip("`") for row in page.table("reason")}
    packed = {rule.reason for rule in load(packaged(), AGENCY, read_rules).rules.rules.values()}
    preset_parts = {gate.id for preset in PRESETS.values() for gate in preset.gates}
    assert listed == (_in_code(root) | packed) - {"", *GATES, *preset_parts}


def _in_code(root: Path) -> set[str]:
    found = set()
    for file in (root / "core/src/watchfloor/policy").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Denial":
                first = node.args[0]
                found |= {first.value} if isinstance(first, ast.Constant) else set()
    return found


def test_every_annotation_is_there(page):
    listed = {row[0].strip("`@") for row in page.table("annotation")}
    assert listed == frozenset().union(*ANNOTATIONS.values())


def test_counsel_is_asked_where_presets_are_shown(page):
    for part in ("In short", "## Reference"):
        after = " ".join(page.text.split(part)[1][:1500].split())
        assert "counsel must confirm each" in after
    assert re.search("counsel must confirm", CONFIRM)
