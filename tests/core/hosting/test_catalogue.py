"""Connectors are found and read as data; a bad manifest says which field."""

import json
import sys

import pytest

from watchfloor.contracts import AskAPerson, NotFound
from watchfloor.hosting import Catalogue, check_config, read_manifest


@pytest.fixture
def manifest(toys):
    return Catalogue().manifest("toy")


@pytest.fixture
def install(tmp_path, monkeypatch, manifest):
    """``install(change)``: a package whose manifest is the toy's, changed; the catalogue's view."""

    def put(change, name="vendor", source="raise SystemExit('vendor code ran in the hub')"):
        package, info = tmp_path / "vendor_pkg", tmp_path / "vendor-1.0.dist-info"
        package.mkdir()
        info.mkdir()
        (package / "__init__.py").write_text(source)
        import msgspec

        document = {**msgspec.to_builtins(manifest), "id": "vendor"}
        change(document)
        (package / "connector.json").write_text(json.dumps(document))
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: vendor\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(
            f"[watchfloor.connectors]\n{name} = vendor_pkg.plugin\n"
        )
        monkeypatch.syspath_prepend(str(tmp_path))
        return next(found for found in Catalogue().all() if found.id == name)

    return put


def test_an_installed_connector_is_found_without_running_it(install):
    found = install(lambda document: None)
    assert found.manifest.name == "Toy"
    assert not found.problem
    assert "vendor_pkg" not in sys.modules


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.pop("cadence"), "cadence"),
        (lambda d: d.update(version="one"), "version"),
        (lambda d: d.update(memory_mb=1), "memory_mb"),
        (lambda d: d.update(surprise=1), "surprise"),
        (lambda d: d["cadence"].update(every_s="soon"), "cadence.every_s"),
        (lambda d: d.update(config_schema={"type": "nonsense"}), "config_schema"),
        (lambda d: d.update(webhook=None), "webhook"),
        (lambda d: d["webhook"].update(credential="other"), "webhook.credential"),
        (lambda d: d.update(id="another"), "id"),
    ],
)
def test_a_bad_manifest_is_listed_as_broken_with_its_field(install, change, words):
    found = install(change)
    assert found.manifest is None
    assert words in found.problem
    with pytest.raises(AskAPerson, match="broken"):
        Catalogue().manifest("vendor")


def test_a_manifest_that_is_not_json_or_not_there_is_broken(install, tmp_path):
    install(lambda document: None)
    (tmp_path / "vendor_pkg" / "connector.json").write_text("{")
    catalogue = Catalogue()
    assert "not JSON" in next(f for f in catalogue.all() if f.id == "vendor").problem
    (tmp_path / "vendor_pkg" / "connector.json").unlink()
    catalogue.reload()
    assert next(f for f in catalogue.all() if f.id == "vendor").problem


def test_what_is_not_installed_is_not_found(toys):
    with pytest.raises(NotFound):
        Catalogue().manifest("absent")


def test_settings_are_checked_against_the_manifests_schema(manifest):
    check_config(manifest, {"total": 5, "every_s": 2.5})
    with pytest.raises(AskAPerson, match="total"):
        check_config(manifest, {"total": "many"})


def test_a_schema_with_a_remote_reference_fetches_nothing(install):
    found = install(lambda d: d.update(config_schema={"$ref": "http://127.0.0.1:9/schema.json"}))
    assert found.manifest is None
    assert "127.0.0.1:9" in found.problem


def test_a_manifest_can_be_read_from_anywhere(manifest, tmp_path):
    import msgspec

    path = tmp_path / "connector.json"
    path.write_bytes(msgspec.json.encode(manifest))
    assert read_manifest(path) == manifest
