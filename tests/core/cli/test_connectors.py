"""``watchfloor connector``: from publishing to removing, as people type it."""

from __future__ import annotations

import json

import pytest
from hub import PERSON, until
from staff import signed_in, somebody
from toy_index import ROOT, ToyIndex

from watchfloor.bootstrap import Options, running_hub
from watchfloor.identity import Role


@pytest.fixture
def index(tmp_path):
    index = ToyIndex(tmp_path)
    index.add("counter", "1.0.0")
    return index


@pytest.fixture
async def hub(data_dir, index):
    data_dir.mkdir()
    (data_dir / "hub.toml").write_text(index.settings())
    async with running_hub(Options(data_dir, port=0, hooks_port=0, person=PERSON)) as running:
        yield running


async def test_the_whole_life_by_the_command(run, hub, index):
    found = await run("connector", "search", "toy", "--json")
    assert [offer["id"] for offer in found.lines] == ["counter"]
    assert "counter" in (await run("connector", "search")).out

    page = await run("connector", "show", "counter")
    assert "watchfloor.lpr.read.v1" in page.out

    assert "Installed counter 1.0.0" in (await run("connector", "install", "counter")).out
    again = await run("connector", "install", "counter", "--json")
    assert (again.code, again.error["code"]) == (4, "already_installed")

    made = await run("connector", "configure", "c1", "--connector", "counter", "--set", "total=2")
    assert (made.code, made.out.strip()) == (0, "c1: configured, stopped.")

    refused = await run("connector", "enable", "c1")
    assert refused.code == 4
    assert "watchfloor connector approve c1" in refused.err

    checked = await run("connector", "check", "c1")
    assert (checked.code, "tinylib 1.0.0" in checked.out) == (0, True)

    asked = await run("connector", "approve", "c1", "--yes", "--retention-days", "30")
    assert (asked.code, "second_person_needed" in asked.err) == (4, True)
    await agree(hub)
    approved = await run("connector", "approve", "c1", "--yes", "--retention-days", "30")
    assert f"Approved by {PERSON}" in approved.out
    assert "legal basis" in approved.out
    assert (await run("connector", "enable", "c1")).code == 0
    await until(lambda: _events(hub))

    index.add("counter", "1.1.0")
    upgraded = await run("connector", "upgrade", "counter", "--json")
    assert upgraded.lines[-1]["result"] == {"version": "1.1.0", "from": "1.0.0"}
    assert "1.1.0" in (await run("connector", "list")).out
    assert "counter 1.0.0" in (await run("connector", "rollback", "counter")).out
    assert "running" in (await run("connector", "logs", "c1")).out
    await run("connector", "disable", "c1")
    await agree(hub)
    assert (await run("connector", "disable", "c1")).out.strip() == "c1: stopped."
    assert (await run("connector", "remove", "counter", "--json")).error["code"] == "in_use"


async def agree(hub):
    """A supervisor, somewhere else, says yes to what waits."""
    async with signed_in(hub, somebody("sokafor", Role.SUPERVISOR)) as api:
        [waiting] = (await api.get("/approvals"))["items"]
        await api.send("POST", f"/approvals/{waiting['id']}/answer", {"granted": True})


async def _events(hub):
    return await hub.hub.store.log.head() > 0


async def test_a_credential_is_read_from_a_file_and_not_from_the_command_line(run, hub, tmp_path):
    wrong = await run("connector", "configure", "c1", "--connector", "counter",
                      "--secret", "token.token=abc", "--json")  # fmt: skip
    assert (wrong.code, wrong.error["code"]) == (2, "usage")


async def test_a_connector_or_a_bundle_must_be_named(run, hub):
    assert (await run("connector", "install", "--json")).error["code"] == "usage"
    missing = await run("connector", "install", "nobody", "--json")
    assert missing.error["code"] == "no_such_connector"


async def test_a_bundle_is_written_and_installed(run, hub, index, tmp_path):
    file = tmp_path / "counter.zip"
    wrote = await run("connector", "bundle", "counter", "--index", str(index.folder),
                      "--root", str(index.root), "-o", str(file))  # fmt: skip
    assert wrote.code == 0, wrote.err
    assert (
        "Installed counter 1.0.0" in (await run("connector", "install", "--bundle", str(file))).out
    )


async def test_the_root_is_rotated_and_the_hub_goes_on(run, hub, index, tmp_path):
    new = tmp_path / "keys-2"
    said = await run("connector", "rotate-root", "--index", str(index.folder),
                     "--keys", str(index.keys), "--new-keys", str(new))  # fmt: skip
    assert said.code == 0, said.err
    assert "2.root.json" in said.out
    old, index.keys = index.keys, new
    index.add("counter", "1.2.0")
    found = await run("connector", "search", "counter", "--json")
    assert [offer["version"] for offer in found.lines] == ["1.2.0"]
    refused = await run(
        "connector", "rotate-root", "--index", str(index.folder), "--keys", str(old)
    )
    assert "other keys" in refused.err


async def test_a_revocation_is_published(run, hub, index):
    said = await run("connector", "revoke", "counter", "--index", str(index.folder),
                     "--keys", str(index.keys), "--reason", "It read too much.")  # fmt: skip
    assert said.code == 0, said.err
    assert "revoked" in (await run("connector", "search")).out
    refused = await run("connector", "install", "counter", "--json")
    assert refused.error["code"] == "no_such_connector"
    refused = await run("connector", "install", "counter", "--version", "1.0.0", "--json")
    assert refused.error["code"] == "revoked"


async def test_the_catalogue_is_printed_from_manifests(run):
    said = await run("connector", "catalogue", str(ROOT / "connectors" / "lpr-rest"))
    document = json.loads(said.out)
    [listed] = document["connectors"]
    assert listed["package"] == "watchfloor-connector-lpr-rest"
    assert listed["releases"][0]["manifest"]["hosts"] == ["{base_url}"]


@pytest.mark.slow
async def test_a_connector_of_this_repository_is_published_and_installed(run, tmp_path, data_dir):
    """Wheels are built, what they need is fetched by the machine's own package index."""
    index, keys = tmp_path / "index", tmp_path / "keys"
    said = await run("connector", "publish", str(ROOT / "core"), str(ROOT / "sdk"),
                     str(ROOT / "connectors" / "lpr-rest"), "--index", str(index),
                     "--keys", str(keys))  # fmt: skip
    assert said.code == 0, said.err
    data_dir.mkdir()
    lines = [line for line in said.out.splitlines() if line.startswith("registry_")]
    (data_dir / "hub.toml").write_text("\n".join(lines))
    async with running_hub(Options(data_dir, port=0, hooks_port=0, person=PERSON)):
        assert "Installed lpr-rest" in (await run("connector", "install", "lpr-rest")).out
