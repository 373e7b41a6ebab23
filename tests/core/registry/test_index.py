"""The signed index is believed for what its root says, and for nothing else."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from toy_index import ToyIndex, flip, toy, wheel

from watchfloor.adapters import tuf_signing
from watchfloor.adapters.bundles import ZipBundles, write_bundle
from watchfloor.adapters.tuf_index import TufIndex
from watchfloor.adapters.tuf_signing import Keys, Publisher
from watchfloor.contracts import AskAPerson, Refused, RetryLater


@pytest.fixture
def client(index, tmp_path):
    """A hub's view of the index."""
    return TufIndex(str(index.folder), index.root.read_bytes(), tmp_path / "kept")


@pytest.fixture
def released(index):
    index.add("counter", "1.0.0")
    return Publisher(index.folder, Keys(index.keys)).registry().connectors[0].releases[0]


async def test_the_registry_and_its_wheels_are_had(client, released, tmp_path):
    registry = await client.refresh()
    assert registry.connectors[0].releases == [released]
    folder = tmp_path / "wheels"
    folder.mkdir()
    paths = await client.fetch(released, folder)
    assert paths[0].name.startswith("watchfloor_toy_counter-1.0.0")
    assert await client.last() == registry


async def test_another_build_of_a_library_takes_nothing_from_earlier_releases(
    index, client, released, tmp_path
):
    """Two releases pin the same version of a library, and each gets the build that it pins."""
    again = wheel(index.work, "tinylib", "1.0.0", {"tinylib.py": "VERSION = 'built anew'\n"})
    index.publish(toy(index.work, "second", "1.0.0"), again)
    registry = await client.refresh()
    builds = set()
    for connector in registry.connectors:
        folder = tmp_path / connector.id
        folder.mkdir()
        paths = await client.fetch(connector.releases[0], folder)
        builds |= {path.read_bytes() for path in paths if path.name.startswith("tinylib")}
    assert len(builds) == 2


@pytest.mark.parametrize("name", ["targets.json", "snapshot.json", "timestamp.json"])
async def test_changed_metadata_is_refused(index, client, released, name):
    path = max(index.folder.glob(f"metadata/*{name}"))
    document = json.loads(path.read_text())
    document["signed"]["version"] += 1
    path.write_text(json.dumps(document))
    with pytest.raises(Refused) as refused:
        await client.refresh()
    assert refused.value.code in ("index_tampered", "index_older")


async def test_one_flipped_byte_in_the_registry_is_refused(index, client, released):
    flip(index.target("registry.json"), 100)
    with pytest.raises(Refused, match="signature") as refused:
        await client.refresh()
    assert refused.value.code == "index_tampered"
    assert await client.last() is None


async def test_one_flipped_byte_in_a_wheel_is_refused(index, client, released, tmp_path):
    flip(index.target("watchfloor_toy_counter-1.0.0-py3-none-any.whl"), 200)
    await client.refresh()
    with pytest.raises(Refused) as refused:
        await client.fetch(released, tmp_path)
    assert refused.value.code == "index_tampered"


async def test_another_publisher_is_not_believed(released, client, tmp_path):
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    other = ToyIndex(foreign)
    other.add("counter", "9.0.0")
    hub = TufIndex(str(other.folder), client._root, tmp_path / "kept-2")
    with pytest.raises(Refused):
        await hub.refresh()


async def test_an_older_copy_is_refused(index, client, released, tmp_path):
    """Else a revocation could be undone by showing yesterday's index."""
    shutil.copytree(index.folder, tmp_path / "yesterday")
    index.revoke("counter")
    await client.refresh()
    old = TufIndex(str(tmp_path / "yesterday"), client._root, client.kept)
    with pytest.raises(Refused) as refused:
        await old.refresh()
    assert refused.value.code == "index_older"


async def test_an_expired_copy_is_refused_and_what_it_revoked_stays(
    index, client, released, monkeypatch
):
    index.revoke("counter")
    await client.refresh()
    past = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    monkeypatch.setattr(tuf_signing, "_in", lambda _days: past)
    index.revoke("counter", lowest_good="2.0.0")
    with pytest.raises(Refused) as refused:
        await client.refresh()
    assert refused.value.code == "index_expired"
    assert [each.connector for each in (await client.last()).revoked] == ["counter"]


async def test_a_changed_last_copy_is_noticed(client, released):
    await client.refresh()
    path = client.kept / "signed-copy.json"
    path.write_text(path.read_text().replace("Nobody", "Anybody"))
    with pytest.raises(Refused) as refused:
        await client.last()
    assert refused.value.code == "index_tampered"


async def test_no_network_is_no_tampering(index, client, released):
    await client.refresh()
    index.folder.rename(index.folder.with_name("gone"))
    with pytest.raises(RetryLater) as failed:
        await client.refresh()
    assert failed.value.code == "index_unreachable"
    assert await client.last() is not None


async def test_without_an_index_it_says_what_to_set(tmp_path, index):
    hub = TufIndex("", index.root.read_bytes(), tmp_path / "kept")
    with pytest.raises(AskAPerson, match="no index"):
        await hub.refresh()
    assert await hub.last() is None


async def test_a_bundle_holds_one_release_and_verifies_like_the_index(
    index, client, released, tmp_path
):
    file = tmp_path / "counter.zip"
    await write_bundle(client, "counter", released, file)
    bundles = ZipBundles(client._root, tmp_path / "kept-2")
    folder = tmp_path / "unpacked"
    folder.mkdir()
    bundle = await bundles.open(file.read_bytes(), folder)
    assert (bundle.connector, bundle.version) == ("counter", "1.0.0")
    registry = await bundle.index.refresh()
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    found = await bundle.index.fetch(registry.connectors[0].releases[0], wheels)
    assert len(found) == len(released.requirements)


def test_keys_are_made_once_for_their_owner_alone(tmp_path):
    keys = Keys(tmp_path / "keys")
    assert (tmp_path / "keys" / "root.pem").stat().st_mode & 0o777 == 0o600
    again = Keys(tmp_path / "keys")
    assert again.root.public_key == keys.root.public_key
    (tmp_path / "keys" / "root.pem").chmod(0o644)
    with pytest.raises(AskAPerson, match="owner alone"):
        Keys(tmp_path / "keys")


def test_an_index_of_others_is_not_signed(index, tmp_path):
    with pytest.raises(AskAPerson) as refused:
        Publisher(index.folder, Keys(tmp_path / "other-keys"))
    assert refused.value.code == "other_keys"
