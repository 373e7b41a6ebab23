"""sdk/docs: what the pages write is written, installed, and passes its tests; what they quote is
there; the reference is current.

What a fence says after its language:

* a path: the file, whole, in the package that the page makes with ``watchfloor-sdk new``;
* ``in`` and a path: an excerpt of that file;
* ``run``: a script; those of a page run one after the other in one process.

``diff`` and a path is a change to that file.
"""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
import textwrap
from pathlib import Path

import msgspec
import pytest
from scaffolded import Outside, environment

import watchfloor_sdk
from watchfloor.contracts import Manifest
from watchfloor.contracts.manifest import WebhookRecipe
from watchfloor_sdk import Connector, auth, paging
from watchfloor_sdk.cassettes.cassette import Cassette
from watchfloor_sdk.cassettes.cassette import write as write_cassette
from watchfloor_sdk.scaffold import Kind, Plan, write

NEW = re.compile(r"watchfloor-sdk new ([a-z-]+) --kind (\w+)( --declarative)?")
GUIDE = sorted(
    path.relative_to(Path(__file__).parents[2]).as_posix()
    for path in (Path(__file__).parents[2] / "sdk/docs").glob("*.md")
)

WORKED = ("sdk/docs/tutorial.md", "sdk/docs/from-openapi.md")
"""Pages whose package is changed on the page."""


def _plan(page) -> Plan | None:
    """The package that a page makes."""
    said = [
        NEW.search(block.text) for block in page.blocks("console") if NEW.search(block.text)
    ]  # fmt: skip
    if not said:
        return None
    name, kind, declarative = said[0].groups()
    return Plan(name, Kind(kind), f"{name} contributors", bool(declarative))


def _change(text: str, diff: str) -> str:
    """The text with a diff without line numbers laid over it; the place must be there, once."""
    lines = diff.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] in " -")
    new = "".join(line[1:] for line in lines if line[0] in " +")
    assert text.count(old) == 1, f"is {text.count(old)} times there:\n{old}"
    return text.replace(old, new)


def _write(page, plan: Plan, folder: Path) -> None:
    """The package as the page leaves it."""
    write(plan, folder)
    for block in page.blocks():
        path = folder / block.info
        if block.language == "diff":
            path.write_text(_change(path.read_text(), block.text))
        elif block.info and block.info != "run" and not block.info.startswith("in "):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)


@pytest.fixture(scope="module")
def plans(pages) -> dict[str, Plan]:
    """Page → the package that it makes."""
    return {name: plan for name in GUIDE if (plan := _plan(pages[name]))}


@pytest.fixture(scope="module")
def folder(pages, plans, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All packages of the guide."""
    folder = tmp_path_factory.mktemp("guide")
    for name, plan in plans.items():
        _write(pages[name], plan, folder / plan.name)
    return folder


@pytest.fixture(scope="module")
def outside(plans, folder: Path) -> Outside:
    """Those of them that are more than what ``new`` writes, installed."""
    return environment(folder, [plans[name].name for name in WORKED])


@pytest.mark.parametrize("name", GUIDE)
def test_every_snippet_says_what_it_is_so_that_it_can_be_tested(pages, name):
    for block in pages[name].blocks("python", "diff"):
        assert block.info, block.where


@pytest.mark.parametrize("name", GUIDE)
def test_excerpts_are_in_the_package(pages, plans, folder: Path, name):
    for block in pages[name].blocks():
        if block.info.startswith("in "):
            text = (folder / plans[name].name / block.info.removeprefix("in ")).read_text()
            assert block.text in text or textwrap.indent(block.text, "    ") in text, block.where


def test_every_kind_has_a_page_that_makes_one(plans):
    assert {plan.kind for plan in plans.values()} == set(Kind)
    assert any(plan.declarative for plan in plans.values())


@pytest.mark.parametrize("name", GUIDE)
def test_scripts_run(pages, name, tmp_path: Path):
    scripts = [block.text for block in pages[name].blocks("python") if block.info == "run"]
    if scripts:
        (tmp_path / "tests").mkdir()
        cassette = Cassette(connector="acme", recorded="2026-05-02T21:14:07Z")
        write_cassette(cassette, tmp_path / "tests" / "acme.cassette.json")
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", "\n".join(scripts)],
            cwd=tmp_path, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", GUIDE)
def test_the_linter_finds_nothing_in_what_a_page_makes(plans, folder: Path, name):
    if name in plans:
        for words in (["check", "--no-cache", "."], ["format", "--no-cache", "--check", "."]):
            done = subprocess.run(
                [sys.executable, "-m", "ruff", *words],
                cwd=folder / plans[name].name, capture_output=True, text=True,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout


def test_the_other_pages_show_what_new_writes(pages, plans):
    """What ``new`` writes passes its own tests in tests/sdk/scaffold."""
    changed = {
        name for name in plans for block in pages[name].blocks()
        if block.language == "diff" or (block.info and block.info.split()[0] not in ("run", "in"))
    }  # fmt: skip
    assert changed == set(WORKED)


@pytest.mark.slow
@pytest.mark.parametrize("name", WORKED)
def test_what_a_page_makes_passes_its_own_tests(plans, outside: Outside, name):
    """With a worker that is really killed."""
    done = outside.run(plans[name].name, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", WORKED)
def test_what_a_page_makes_shows_its_events(plans, outside: Outside, name):
    done = outside.command(plans[name].name, "run", "--count", "4")
    assert done.returncode == 0, done.stderr
    assert "events." in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", WORKED)
def test_the_rules_that_a_page_mends_hold(pages, plans, outside: Outside, name):
    rules = re.findall(r"^\*\*(WF\d+):", pages[name].text, re.MULTILINE)
    assert rules
    words = [word for rule in rules for word in ("--rule", rule)]
    done = outside.command(plans[name].name, "check", *words, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_tutorial_shows_the_tree_that_is_written(pages, plans, folder: Path):
    page = pages["sdk/docs/tutorial.md"]
    [tree] = [block.text for block in page.blocks("text") if "northlight/" in block.text]
    named = set(re.findall(r"[\w.]+\.(?:py|toml|json|md|sh)\b", tree))
    assert named <= {path.name for path in (folder / "northlight").rglob("*") if path.is_file()}


def test_every_error_that_a_connector_may_raise_is_in_the_tutorial(pages):
    errors = {
        name for name in watchfloor_sdk.__all__
        if isinstance(value := getattr(watchfloor_sdk, name), type)
        and issubclass(value, watchfloor_sdk.WatchfloorError)
    }  # fmt: skip
    table = {row[0].strip("`") for row in pages["sdk/docs/tutorial.md"].table("raise")}
    assert table == errors - {"WatchfloorError"} | {"anything else"}


def test_every_way_to_page_is_on_the_page_of_polls(pages):
    ways = {name for name in vars(paging) if name.startswith("by_")} | {"compared"}
    assert {row[1].strip("`") for row in pages["sdk/docs/poll.md"].table("the vendor")} == ways


def test_every_credential_flow_is_on_the_page_of_polls(pages):
    flows = {
        name for name in auth.__all__
        if isinstance(value := getattr(auth, name), type) and issubclass(value, auth.Auth)
    } - {"Auth", "Leased", "TokenAuth"}  # fmt: skip
    told = re.findall(r"`(\w+)`", " ".join(
        row[1] for row in pages["sdk/docs/poll.md"].table("it asks for")
    ))  # fmt: skip
    assert flows <= set(told)


def test_every_capability_s_method_is_told_of(pages):
    """In the reference all of them; on the pages of the kinds, those that they are about."""
    text = "".join(pages[name].text for name in GUIDE if name != "sdk/docs/reference.md")
    for name in vars(Connector):
        if not name.startswith("_"):
            assert f"`{name}`" in text or f"def {name}(" in text, name


def test_the_recipes_for_webhooks_are_recipes(pages):
    """Each row of the table, and the list of several."""
    page = pages["sdk/docs/webhooks.md"]
    rows = [row[1] for row in page.table("sender")]
    assert len(rows) > 5
    for row in rows:
        fields = ", ".join(re.findall(r"`([^`]*)`", row)[:1]).replace("\\|", "|")
        usual = '"algorithm": "hmac-sha256", ' if '"algorithm"' not in fields else ""
        msgspec.json.decode(f'{{{usual}{fields}, "credential": "secret"}}', type=WebhookRecipe)
    for block in page.blocks("json"):
        if '"webhook"' in block.text and not block.info:
            recipes = msgspec.json.decode(block.text, type=dict[str, list[WebhookRecipe]])
            assert recipes["webhook"]


def test_manifests_on_the_pages_are_manifests(plans, folder: Path):
    for plan in plans.values():
        text = (folder / plan.name / "src" / plan.package / "connector.json").read_bytes()
        assert msgspec.json.decode(text, type=Manifest).id == plan.name


def test_the_reference_is_as_the_docstrings_say(root: Path, pages):
    """If not: python tests/docs/sdk_reference.py --write"""
    written = runpy.run_path(str(root / "tests/docs/sdk_reference.py"))["reference"]()
    assert pages["sdk/docs/reference.md"].text == written
