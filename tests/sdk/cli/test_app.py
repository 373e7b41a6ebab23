"""The command as a whole: every sub-command is there, and says what is wrong in words."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from watchfloor_sdk.cli.app import COMMANDS, app

RUN = CliRunner()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_loaded_and_has_help(name):
    done = RUN.invoke(app, [name, "--help"])
    assert done.exit_code == 0, done.output
    assert "Usage:" in done.output


def test_the_list_of_commands_names_each():
    listed = RUN.invoke(app, ["--help"]).output
    assert [name for name in COMMANDS if name not in listed] == []


def test_an_unknown_command_is_an_error():
    assert RUN.invoke(app, ["nwe"]).exit_code == 2


def test_without_the_test_kit_it_says_what_to_install():
    """As in an environment that has the SDK alone."""
    code = "import sys; sys.modules['typer'] = None\nfrom watchfloor_sdk.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "pip install 'watchfloor-sdk[testing]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_new_says_what_to_do_next(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = RUN.invoke(app, ["new", "north-light", "--kind", "poll"])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "north-light/src/watchfloor_north_light/connector.json").is_file()
    for step in ("cd north-light", "pip install -e '.[dev]'", "./check.sh", "watchfloor-sdk run"):
        assert step in done.output


def test_new_refuses_a_folder_that_is_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "north-light").mkdir()
    done = RUN.invoke(app, ["new", "north-light", "--kind", "poll"])
    assert done.exit_code == 4
    assert "code: folder_exists" in done.stderr
