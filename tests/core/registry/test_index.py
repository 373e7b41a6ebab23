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


# --- A root that is followed by another -----------------------------------------------------


@pytest.fixture
def rotated(index, released, tmp_path):
    """``rotated()``: the index's new keys sign from now on; their folder."""

    def rotate(name="keys-2"):
        new = tmp_path / name
        Publisher(index.folder, Keys(index.keys)).rotate(Keys(new))
        index.keys = new
        return new

    return rotate


async def test_a_hub_with_the_old_root_follows_the_new_one(index, client, rotated, tmp_path):
    await client.refresh()
    rotated()
    index.add("counter", "1.1.0")
    registry = await client.refresh()
    assert registry.connectors[0].releases[0].version in ("1.0.0", "1.1.0")
    assert len(registry.connectors[0].releases) == 2
    assert await client.last() == registry
    rotated("keys-3")
    late = TufIndex(str(index.folder), client._root, tmp_path / "late")
    assert await late.refresh() == registry, "two roots at once, and never seen before"
    newest = (index.folder / "metadata" / "3.root.json").read_bytes()
    assert await TufIndex(str(index.folder), newest, tmp_path / "new").refresh() == registry


async def test_what_the_old_keys_sign_is_not_believed_any_more(index, client, rotated, tmp_path):
    shutil.copytree(index.folder, tmp_path / "thiefs")
    old = index.keys
    rotated()
    await client.refresh()
    registry = Publisher(tmp_path / "thiefs", Keys(old)).registry()
    for _ in range(3):
        Publisher(tmp_path / "thiefs", Keys(old)).publish(registry, [])
    thief = TufIndex(str(tmp_path / "thiefs"), client._root, client.kept)
    with pytest.raises(Refused) as refused:
        await thief.refresh()
    assert refused.value.code == "index_tampered"
    with pytest.raises(AskAPerson) as refused:
        Publisher(index.folder, Keys(old))
    assert refused.value.code == "other_keys"


async def test_a_root_that_the_old_key_has_not_signed_is_not_followed(
    index, client, released, tmp_path
):
    await client.refresh()
    thief = tmp_path / "thief"
    Publisher(thief, Keys(tmp_path / "own")).rotate(Keys(tmp_path / "own-2"))
    shutil.copy(thief / "metadata" / "2.root.json", index.folder / "metadata")
    with pytest.raises(Refused) as refused:
        await client.refresh()
    assert refused.value.code == "index_tampered"


async def test_a_root_is_made_by_who_has_the_old_root_key_alone(index, released, tmp_path):
    stolen = tmp_path / "stolen"
    stolen.mkdir()
    shutil.copy(index.keys / "online.pem", stolen)
    with pytest.raises(AskAPerson) as refused:
        Publisher(index.folder, Keys(stolen)).rotate(Keys(tmp_path / "next"))
    assert refused.value.code == "other_keys"
    assert not (index.folder / "metadata" / "2.root.json").exists()


async def test_at_no_moment_of_a_rotation_is_the_index_bad(
    index, client, released, tmp_path, monkeypatch
):
    """Whatever file was written last when somebody looks, or when the power fails."""
    looks = []
    write = tuf_signing._write

    def looked(path, *what):
        write(path, *what)
        if not path.name.endswith(("targets.json", "snapshot.json")):  # they wait for a timestamp
            shutil.copytree(index.folder, tmp_path / f"look-{len(looks)}")
            looks.append(path.name)

    monkeypatch.setattr(tuf_signing, "_write", looked)
    Publisher(index.folder, Keys(index.keys)).rotate(Keys(tmp_path / "keys-2"))
    assert looks == ["timestamp.json", "2.root.json"]
    for number in range(2):
        address = str(tmp_path / f"look-{number}")
        await TufIndex(address, client._root, tmp_path / f"kept-{number}").refresh()
    again = Publisher(tmp_path / "look-0", Keys(index.keys))
    again.rotate(Keys(tmp_path / "keys-2"))
    assert again.root_path.name == "2.root.json"


async def test_the_last_copy_holds_while_only_the_new_root_was_had(index, client, rotated):
    registry = await client.refresh()
    rotated()
    (index.folder / "metadata" / "timestamp.json").unlink()
    with pytest.raises((Refused, RetryLater)):
        await client.refresh()
    assert (client.kept / "root_history" / "2.root.json").exists()
    assert await client.last() == registry


async def test_a_bundle_takes_a_hub_with_the_old_root_along(
    index, client, rotated, released, tmp_path
):
    rotated()
    file = tmp_path / "counter.zip"
    await write_bundle(client, "counter", released, file)
    bundles = ZipBundles(client._root, tmp_path / "kept-2")
    (tmp_path / "unpacked").mkdir()
    bundle = await bundles.open(file.read_bytes(), tmp_path / "unpacked")
    assert (await bundle.index.refresh()).connectors[0].id == "counter"


def test_the_same_keys_may_sign_for_another_five_years(index, released):
    publisher = Publisher(index.folder, Keys(index.keys))
    publisher.rotate(Keys(index.keys))
    publisher.publish(publisher.registry(), [])
    assert publisher.root_path.name == "2.root.json"


@pytest.mark.parametrize("name", ["root", "online"])
def test_keys_are_made_once_for_their_owner_alone(tmp_path, name):
    key, path = getattr(Keys(tmp_path / "keys"), name), tmp_path / "keys" / f"{name}.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    assert getattr(Keys(tmp_path / "keys"), name).public_key == key.public_key
    path.chmod(0o644)
    with pytest.raises(AskAPerson, match="owner alone"):
        getattr(Keys(tmp_path / "keys"), name)


def test_what_is_published_later_needs_no_root_key(index, released):
    (index.keys / "root.pem").unlink()
    index.add("counter", "1.1.0")
    assert not (index.keys / "root.pem").exists()


def test_an_index_of_others_is_not_signed(index, tmp_path):
    with pytest.raises(AskAPerson) as refused:
        Publisher(index.folder, Keys(tmp_path / "other-keys"))
    assert refused.value.code == "other_keys"
