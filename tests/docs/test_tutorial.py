"""sdk/docs/tutorial.md: its connector is installed and its tests run; the reference is complete."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import msgspec
import pytest

import watchfloor_sdk
from watchfloor.contracts import Manifest, schemas
from watchfloor_sdk import Connector, Context, Page, mapping, testing
from watchfloor_sdk.connector import Hooks
from watchfloor_sdk.testing import Fault


@pytest.fixture(scope="module")
def page(pages):
    return pages["sdk/docs/tutorial.md"]


@pytest.fixture(scope="module")
def package(page, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the page: each block whose fence names one."""
    folder = tmp_path_factory.mktemp("northlight")
    for block in page.blocks():
        if block.info:
            path = folder / block.info
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)
    return folder


@pytest.fixture(scope="module")
def python(package: Path) -> Path:
    """An environment of its own that sees this one's packages, with the tutorial's installed."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=package, check=True
    )
    python = package / ".venv" / "bin" / "python"
    ours, theirs = sysconfig.get_path("purelib"), next(package.glob(".venv/lib/*/site-packages"))
    (theirs / "outer.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps",
         "--no-build-isolation", "-e", "."],
        cwd=package, check=True,
    )  # fmt: skip
    return python


def test_the_page_shows_every_file_that_it_lists(page, package: Path):
    [tree] = [block.text for block in page.blocks("text") if "northlight/" in block.text]
    named = set(re.findall(r"[\w.]+\.(?:py|toml|json)", tree))
    assert named <= {path.name for path in package.rglob("*") if path.is_file()}


def test_the_manifest_fits_its_schema_and_the_settings(package: Path):
    text = (package / "src/watchfloor_northlight/connector.json").read_text()
    assert schemas.explain("manifest", msgspec.json.decode(text)) == []
    assert msgspec.json.decode(text, type=Manifest).id == "northlight"


@pytest.mark.slow
def test_the_tutorial_s_own_tests_pass(package: Path, python: Path):
    """As the page says: installed, then pytest; with a worker that is really killed."""
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "tests"],
        cwd=package, capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout


def _column(page, header: str) -> set[str]:
    return {row[0].strip("`") for row in page.table(header)}


def _own(thing: type) -> set[str]:
    return {name for name in vars(thing) if not name.startswith("_")}


def test_every_hook_and_every_method_is_documented(page):
    assert _column(page, "hook") == _own(Hooks)
    said_in_text = {"settings", "inventory_every_s", "watched"}
    assert _column(page, "method") == _own(Connector) - said_in_text
    assert all(f"`{name}`" in page.text for name in said_in_text)


def test_everything_in_the_context_is_documented(page):
    attributes = re.findall(r"self\.([a-z]\w*) ?[=:]", inspect.getsource(Context.__init__))
    assert _column(page, "`ctx.`") == _own(Context) | set(attributes)


def test_every_field_of_a_page_is_documented(page):
    assert _column(page, "field of `Page`") == set(Page.__dataclass_fields__)


def test_every_helper_for_mappings_is_documented(page):
    functions = {
        name for name, value in vars(mapping).items()
        if inspect.isfunction(value) and value.__module__ == mapping.__name__
        and not name.startswith("_")
    }  # fmt: skip
    assert _column(page, "`mapping.`") == functions


def test_the_whole_test_kit_is_documented(page):
    assert _column(page, "`watchfloor_sdk.testing.`") == set(testing.__all__)
    faults = {name for name in _own(Fault) if isinstance(vars(Fault)[name], classmethod)}
    [row] = [row for row in page.table("`watchfloor_sdk.testing.`") if row[0] == "`Fault`"]
    assert set(re.findall(r"`(\w+)`", row[1])) == faults


def test_every_error_that_a_connector_may_raise_is_documented(page):
    errors = {
        name for name in watchfloor_sdk.__all__
        if inspect.isclass(value := getattr(watchfloor_sdk, name))
        and issubclass(value, watchfloor_sdk.WatchfloorError)
    }  # fmt: skip
    assert _column(page, "raise") == errors - {"WatchfloorError"} | {"anything else"}
