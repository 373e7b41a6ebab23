"""What ``watchfloor-sdk new`` writes, looked at without running it."""

import json
import re
import tomllib

import pytest
from scaffolded import PLANS

from watchfloor.contracts import AskAPerson, schemas
from watchfloor_sdk.scaffold import Kind, Plan, write

SECTIONS = ["What it reads", "What it needs from the vendor", "Set-up", "Limits", "Removal"]


def plan(name="sim-poll", owner="Example contributors"):
    return Plan(name, Kind.POLL, owner)


@pytest.mark.parametrize(
    "name", ["", "a", "North", "north_light", "-north", "north-", "a--b", "9north", "a" * 29, "é-à"]
)
def test_a_name_that_cannot_be_is_refused(name):
    with pytest.raises(AskAPerson) as caught:
        plan(name)
    assert caught.value.code == "bad_name"


def test_a_folder_that_exists_is_left_alone(tmp_path):
    kept = tmp_path / "kept.txt"
    kept.write_text("mine")
    with pytest.raises(AskAPerson) as caught:
        write(plan(), tmp_path)
    assert caught.value.code == "folder_exists"
    assert list(tmp_path.iterdir()) == [kept]


@pytest.mark.parametrize("kind", [Kind.STREAM, Kind.LOOKUP])
def test_what_a_mapping_file_cannot_say_takes_python(kind):
    with pytest.raises(AskAPerson) as caught:
        Plan("sim-file", kind, "Example contributors", declarative=True)
    assert caught.value.code == "not_declarative"


def test_a_declarative_package_has_no_code(packages):
    [package] = (packages / "file-webhook" / "src").iterdir()
    assert {path.name for path in package.iterdir()} == {
        "__init__.py", "py.typed", "connector.json", "source.json",
    }  # fmt: skip


def test_the_words_of_a_name():
    assert plan("north-light-2").words == {
        "id": "north-light-2",
        "plugin": "watchfloor_north_light_2.plugin",
        "package": "watchfloor_north_light_2",
        "Class": "NorthLight2",
        "title": "North light 2",
        "sdk": "watchfloor-sdk",
        "owner": "Example contributors",
    }


def test_an_owner_may_be_written_with_quotes(tmp_path):
    write(plan(owner='The "Example" \\ Company'), tmp_path / "new")
    manifest = json.loads((tmp_path / "new/src/watchfloor_sim_poll/connector.json").read_text())
    assert manifest["owner"] == 'The "Example" \\ Company'


@pytest.mark.parametrize("name", PLANS)
def test_nothing_is_left_to_fill_in(packages, name):
    for path in (packages / name).rglob("*"):
        assert "__package" not in str(path)
        if path.is_file():
            assert not re.search(r"\$\{\w+\}", path.read_text()), path


@pytest.mark.parametrize("name", PLANS)
def test_the_manifest_fits_its_schema_and_declares_the_kind(packages, name):
    [path] = (packages / name).glob("src/*/connector.json")
    manifest = json.loads(path.read_text())
    assert schemas.explain("manifest", manifest) == []
    assert manifest["capabilities"] == [PLANS[name].kind]
    assert manifest["id"] == name


@pytest.mark.parametrize("name", PLANS)
def test_the_entry_points_name_what_is_there(packages, name):
    folder = packages / name
    points = tomllib.loads((folder / "pyproject.toml").read_text())["project"]["entry-points"]
    plugin = folder / "src" / points["watchfloor.connectors"][name].replace(".", "/")
    assert plugin.with_suffix(".py").is_file() or (plugin / "source.json").is_file()
    module, _, simulator = points["watchfloor.simulators"][name].partition(":")
    assert f"class {simulator}(" in (folder / "simulator" / module / "__init__.py").read_text()


@pytest.mark.parametrize("name", PLANS)
def test_the_readme_says_what_agency_it_has_to_know(packages, name):
    readme = (packages / name / "README.md").read_text()
    headings = re.findall(r"^## (.+)$", readme, re.MULTILINE)
    assert headings[: len(SECTIONS)] == SECTIONS


def test_the_check_script_can_be_run(packages):
    assert (packages / "sim-poll" / "check.sh").stat().st_mode & 0o111
