"""Where the command is called: what is wrong with the place is said, with the next step."""

import pytest

from watchfloor.contracts import AskAPerson
from watchfloor_sdk.cli.folder import here

DECLARES = '[project.entry-points."watchfloor.connectors"]\n{} = "{}"\n'


def refused(folder):
    with pytest.raises(AskAPerson) as caught:
        here(folder)
    assert caught.value.remedy
    return caught.value.code


@pytest.mark.parametrize("text", [None, "", "[project]", "not toml ["])
def test_not_a_connectors_folder(tmp_path, text):
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text)
    assert refused(tmp_path) == "no_connector_here"


def test_not_installed(tmp_path):
    (tmp_path / "pyproject.toml").write_text(DECLARES.format("nobody", "watchfloor_nobody.plugin"))
    assert refused(tmp_path) == "not_installed_here"


def test_installed_from_elsewhere(tmp_path):
    """The repository's own lpr-rest is installed; this folder has none of its code."""
    text = DECLARES.format("lpr-rest", "watchfloor_lpr_rest.plugin")
    (tmp_path / "pyproject.toml").write_text(text)
    assert refused(tmp_path) == "installed_elsewhere"
