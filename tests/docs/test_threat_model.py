"""docs/threat-model.md: every test that it names exists, and every attack has one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

_TEST = re.compile(r"`(test_\w+)`")


@pytest.fixture
def rows(pages) -> list[str]:
    lines = pages["docs/threat-model.md"].text.splitlines()
    return [line for line in lines if line.startswith("| ") and line.count("|") == 4]


def test_every_test_that_it_names_exists(rows, root: Path):
    code = "".join(file.read_text("utf-8") for file in (root / "tests").rglob("test_*.py"))
    there = set(re.findall(r"def (test_\w+)\(", code))
    named = {name for row in rows for name in _TEST.findall(row)}
    assert len(named) > 50
    assert sorted(named - there) == []


def test_every_attack_names_its_test(rows):
    attacks = [row for row in rows if not row.startswith("| attack |")]
    assert [row for row in attacks if not _TEST.search(row)] == []


def test_every_attack_test_of_the_api_is_on_the_page(pages, root: Path):
    code = (root / "tests/core/web/test_attacks.py").read_text("utf-8")
    subjects = {name.split("_")[1] for name in re.findall(r"def (test_\w+)\(", code)}
    named = " ".join(_TEST.findall(pages["docs/threat-model.md"].text))
    assert [subject for subject in sorted(subjects) if f"test_{subject}_" not in named] == []
