"""The workspace says the same thing everywhere: folders, linter contracts, registry."""

import json
import tomllib
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).parents[2]
CONNECTORS = sorted(path.parent for path in ROOT.glob("connectors/*/pyproject.toml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def module(folder: Path) -> str:
    return "watchfloor_" + folder.name.replace("-", "_")


def test_every_connector_is_held_by_the_import_contracts():
    named = {
        name
        for contract in PROJECT["tool"]["importlinter"]["contracts"]
        if contract["name"] == "connectors see the sdk only"
        for name in contract["source_modules"]
    }
    assert named == {module(folder) for folder in CONNECTORS}
    assert named <= set(PROJECT["tool"]["importlinter"]["root_packages"])


def test_every_connector_is_type_checked():
    files = PROJECT["tool"]["mypy"]["files"]
    for folder in CONNECTORS:
        assert f"connectors/{folder.name}/src" in files
        assert f"connectors/{folder.name}/simulator" in files


@pytest.mark.parametrize("folder", CONNECTORS, ids=lambda folder: folder.name)
def test_a_connector_carries_what_its_users_need(folder):
    """Agency IT reads the README; the hub reads the manifest; tests run against the simulator."""
    assert (folder / "README.md").stat().st_size > 500
    assert (folder / "src" / module(folder) / "connector.json").is_file()
    assert list(folder.glob("simulator/*/__init__.py"))
    assert (folder / "tests" / "test_contract.py").is_file()


def test_the_registry_is_written_from_the_manifests():
    """To write it anew:
    ``watchfloor connector catalogue connectors/* > connector-registry.json``."""
    from watchfloor.cli.publishing import catalogue_of
    from watchfloor.contracts import schemas

    written = json.loads((ROOT / "connector-registry.json").read_text())
    assert written == msgspec.to_builtins(catalogue_of(CONNECTORS))
    assert schemas.explain("registry", written) == []
    assert len(written["connectors"]) == len(CONNECTORS)


def test_no_committed_file_names_a_package_index():
    """Pins carry names, versions and hashes; where packages come from is the machine's affair."""
    hosts = ["py" + "pi.org", "python" + "hosted", "npm" + "js.org", "npm" + "js.com"]
    files = [*ROOT.glob("requirements/*"), ROOT / "ui/package-lock.json", ROOT / "Makefile"]
    for path in files:
        text = path.read_text()
        assert not [host for host in hosts if host in text], path
    assert not (ROOT / "uv.lock").exists()
