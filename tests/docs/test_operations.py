"""docs/operations.md: settings, states, stages and exit codes are those of the code; blocks run."""

from __future__ import annotations

import json
import re
import tomllib
import typing
from pathlib import Path
from urllib.request import Request, urlopen

import msgspec
import pytest

from watchfloor import settings
from watchfloor.cli import output
from watchfloor.hosting.states import StateName
from watchfloor.ports.store import DeadStage
from watchfloor.settings_listening import ListeningSettings

TABLES = {"listening", "vault", "sign_on", "oversight"}
"""Settings with a page or a section of their own."""


@pytest.fixture(scope="module")
def page(pages):
    return pages["docs/operations.md"]


def _first(page, header: str) -> list[str]:
    return [row[0].strip("`") for row in page.table(header)]


def test_every_setting_is_there_with_what_it_is_when_left_out(page):
    rows = page.table("setting")
    fields = {field.name: field for field in msgspec.structs.fields(settings.HubSettings)}
    assert [row[0].strip("`") for row in rows] == list(fields)
    for name, _, left_out in rows:
        value = settings.HubSettings()
        default = getattr(value, name.strip("`"))
        is_table = isinstance(default, msgspec.Struct)
        assert left_out == (f"`{default}`" if default and not is_table else "none")


def test_every_setting_of_listening_is_there(page):
    named = re.findall(r"`(\w+)`", " ".join(row[0] for row in page.table("listening")))
    assert named == [field.name for field in msgspec.structs.fields(ListeningSettings)]


def test_the_example_of_hub_toml_can_be_loaded(page, tmp_path: Path):
    [block] = page.blocks("toml")
    (tmp_path / settings.FILE).write_text(block.text)
    loaded = settings.load(tmp_path)
    assert {*loaded.__struct_fields__} - TABLES == {*tomllib.loads(block.text)} - TABLES
    assert loaded.zone().key == "America/Chicago"


def test_every_state_of_a_source_is_there_in_the_console_s_words(page, root: Path):
    rows = {row[0].strip("`"): row[1] for row in page.table("state")}
    assert set(rows) == set(typing.get_args(StateName))
    words = (root / "ui/app/src/lib/words.ts").read_text("utf-8")
    for state, word in rows.items():
        assert re.search(rf'^  {state}: \["{word}"', words, re.MULTILINE), state


def test_every_stage_of_a_dead_letter_is_there(page):
    assert set(_first(page, "stage")) == set(typing.get_args(DeadStage))


def test_every_exit_code_is_there(page):
    codes = [
        output.DONE, output.PARTLY, output.USAGE, output.LATER, output.ATTENTION,
        output.UNREACHABLE,
    ]  # fmt: skip
    assert _first(page, "exit code") == [str(code) for code in codes]


def test_files_of_the_data_directory_are_named(page, running_hub):
    """Everything that a running hub keeps in its directory is in the table."""
    named = set(re.findall(r"`([\w.-]+)/?`", " ".join(_first_cells(page, "in it"))))
    assert {path.name for path in running_hub.data_dir.iterdir()} <= named
    assert (running_hub.data_dir.stat().st_mode & 0o777) == 0o700
    assert (running_hub.data_dir / "run.json").stat().st_mode & 0o777 == 0o600
    key = running_hub.data_dir / "secrets" / "credentials.key"
    assert key.stat().st_mode & 0o777 == 0o400


def _first_cells(page, header: str) -> list[str]:
    return [row[0] for row in page.table(header)]


@pytest.mark.slow
def test_the_examples_run(pages, page, running_hub):
    """Signed in as docs/api.md says, on a hub that has one dead letter."""
    sign_in = [block.text for block in pages["docs/api.md"].blocks("sh") if block.info == "run"][:2]
    _hand_over_something_bad(running_hub)
    said = running_hub.run(
        [*sign_in, *(block.text for block in page.blocks("sh") if block.info == "run")]
    )
    assert '"id":"lpr-rest"' in said, "connectors are listed"
    assert '"what":"credential token","detail":"It is set."' in said, "the check says so"
    assert "unknown_type" in said, "the dead letter is listed"
    redriven = (
        "0 accepted, 1 failed, 0 handed to the worker again, 0 must come from the vendor again"
    )
    assert f"{redriven}\nsome still fail" in said
    assert "1 dropped" in said
    assert re.search(r"ok +Hub: running at", said), "doctor sees the hub"
    assert "Whole and sound: " in said
    assert "Restored: " in said
    assert re.search(r"ok +Backup: the last that was verified", said), "upgrade check sees it"


def _hand_over_something_bad(running_hub) -> None:
    run = json.loads((running_hub.data_dir / "run.json").read_text())
    headers = {"Cookie": f"watchfloor_session={run['session']}", "Watchfloor-Request": "1"}
    source = json.dumps({"connector": "push", "name": "Drill desk"}).encode()
    for method, path, body in (
        ("PUT", "/sources/drill", source),
        ("POST", "/events?source=drill", b'[{"type": "watchfloor.weather.v1"}]'),
    ):
        request = Request(f"{run['url']}/api/v1{path}", body, headers, method=method)
        with urlopen(request, timeout=10) as answer:
            assert answer.status == 200
