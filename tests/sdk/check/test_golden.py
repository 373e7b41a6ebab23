"""Golden pairs that need several requests, and what is said of one that does not hold."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from watchfloor_sdk.check.rule import RULES
from watchfloor_sdk.check.runner import judged
from watchfloor_sdk.check.subject import open_subject

TOY = Path(__file__).parent / "toy"


@pytest.fixture
def golden(tmp_path):
    """Changes the toy's pair, and answers what the rule says then."""

    async def judge(change, patience_s=20.0):
        folder = tmp_path / "toy"
        shutil.copytree(TOY, folder, ignore=shutil.ignore_patterns("worker"))
        path = folder / "tests/golden/read.json"
        path.write_text(json.dumps(change(json.loads(path.read_text()))))
        command = [sys.executable, str(TOY / "worker" / "worker.py"), "none"]
        subject = replace(open_subject(folder, command), patience_s=patience_s)
        return await judged(RULES["WF213"], subject)

    return judge


async def test_several_answers_by_path(golden):
    outcome = await golden(lambda pair: {
        "answers": {pair.pop("path"): pair.pop("answer"), "/readers": []}, **pair,
    })  # fmt: skip
    assert outcome.state == "passed", outcome.detail


async def test_a_pair_that_is_never_asked_for_says_what_was(golden):
    outcome = await golden(lambda pair: {**pair, "path": "/nowhere"}, patience_s=3.0)
    assert "read.json: 0 of" in outcome.detail
    assert "Asked for: " in outcome.detail
    assert "/reads" in outcome.detail
