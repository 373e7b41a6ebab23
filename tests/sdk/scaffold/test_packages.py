"""Every kind passes, as it is written, its own tests, its linter and its strict types."""

import subprocess
import sys

import pytest
from scaffolded import PLANS

from watchfloor_sdk.scaffold import Plan, write

SHORT, LONG = "ab", "a-name-that-is-as-long-as-it"


def linted(folder):
    for words in (["check", "--no-cache", "."], ["format", "--no-cache", "--diff", "."]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *words], cwd=folder, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("name", [SHORT, LONG])
def test_the_linter_finds_nothing_however_long_the_name(tmp_path, plan, name):
    like = PLANS[plan]
    write(Plan(name, like.kind, like.owner, like.declarative), tmp_path / name)
    linted(tmp_path / name)


@pytest.mark.slow
@pytest.mark.parametrize("plan", PLANS)
def test_strict_types(outside, plan):
    done = outside.run(plan, "-m", "mypy", "--cache-dir", str(outside.folder / "types"))
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("plan", PLANS)
def test_its_own_tests(outside, plan):
    """With a worker that is really killed."""
    done = outside.run(plan, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
