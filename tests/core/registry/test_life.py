"""The life of a connector on a running hub: installed, approved, on, upgraded, revoked, removed."""

import shutil
import sys
from importlib.metadata import distributions

import pytest
from hub import until
from toy_index import flip


async def test_a_connector_is_found_installed_approved_and_delivers(index, agency):
    """In an environment of its own; the hub's stays as it was."""
    before = {each.metadata["Name"] for each in distributions()}
    index.add("counter", "1.0.0")
    [offer] = (await agency.api.get("/registry", q="toy"))["items"]
    assert (offer["id"], offer["version"], offer["installed"]) == ("counter", "1.0.0", None)
    assert (await agency.api.get("/registry", q="drone"))["items"] == []

    await agency.install("counter")
    await agency.run("c1", "counter")
    await until(lambda: agency.api.events(source="c1"))
    assert {each.metadata["Name"] for each in distributions()} == before
    [installed] = (await agency.api.get("/connectors"))["items"]
    assert (installed["verified"], installed["version"]) == (True, "1.0.0")
    assert installed["sources"] == ["c1"]
    assert sys.prefix not in str(agency.file("counter", "1.0.0", "env/bin/python"))


async def test_two_connectors_pin_two_versions_of_one_library_at_once(index, agency):
    index.add("one", "1.0.0", lib="1.0.0")
    index.add("two", "1.0.0", lib="2.0.0")
    for each in ("one", "two"):
        await agency.install(each)
        await agency.run(each, each)

    async def used():
        raws = {}
        for source in ("one", "two"):
            for event in await agency.api.events(source=source):
                whole = await agency.api.get(f"/events/{event['seq']}")
                raws[source] = str(whole)
        return raws if len(raws) == 2 else None

    said = await until(used)
    assert "1.0.0" in said["one"]
    assert "2.0.0" in said["two"]


async def test_what_nobody_approved_is_not_switched_on(index, agency):
    index.add("counter", "1.0.0")
    await agency.install("counter")
    await agency.configure("c1", "counter")
    refused = await agency.api.call("POST", "/sources/c1/enable")
    assert (refused.status, refused.code) == (403, "impact_not_approved")
    wanted = {"connector": "counter", "name": "c1", "config": {}, "enabled": True}
    refused = await agency.api.call("PUT", "/sources/c1", wanted)
    assert refused.code == "impact_not_approved"
    view = await agency.approve("c1")
    assert view["approved"]["by"] == "Casey Analyst"
    assert view["approved"]["impact"]["data"] == "Made-up reads."
    await agency.api.send("POST", "/sources/c1/enable")


async def test_a_setting_that_reaches_further_needs_approval_again(index, agency):
    index.add("counter", "1.0.0")
    await agency.install("counter")
    await agency.run("c1", "counter", url="https://one.example.org")
    further = {"connector": "counter", "name": "c1", "config": {"url": "https://two.example.org"}}
    refused = await agency.api.call("PUT", "/sources/c1", further)
    assert refused.code == "permissions_grew"
    assert "two.example.org:443" in refused.json["error"]["detail"]
    await agency.api.send("PUT", "/sources/c1", {**further, "enabled": False})
    view = await agency.api.get("/sources/c1/impact")
    assert view["beyond"]["hosts"] == ["two.example.org:443"]
    await agency.approve("c1")
    await agency.api.send("POST", "/sources/c1/enable")


async def test_an_approval_outlives_the_hub(index, opened):
    index.add("counter", "1.0.0")
    async with opened() as agency:
        await agency.install("counter")
        await agency.run("c1", "counter")
    async with opened() as agency:
        await agency.state("c1", "running")
        assert (await agency.api.get("/sources/c1/impact"))["approved"]["by"] == "Casey Analyst"


async def test_a_source_that_is_made_anew_inherits_no_approval(index, agency):
    index.add("counter", "1.0.0")
    await agency.install("counter")
    await agency.run("c1", "counter")
    await agency.api.send("DELETE", "/sources/c1")
    await agency.configure("c1", "counter")
    assert (await agency.api.get("/sources/c1/impact"))["approved"] is None
    refused = await agency.api.call("POST", "/sources/c1/enable")
    assert refused.code == "impact_not_approved"


@pytest.mark.parametrize(
    "pattern", ["env/lib/*/*/tinylib.py", "env/lib/*/*/*/*.pyc", "env/bin/activate", "env/*.cfg"]
)
async def test_one_flipped_byte_keeps_a_worker_from_starting(index, opened, pattern):
    """At every load, also after the hub started anew, with the file that differs."""
    index.add("counter", "1.0.0")
    async with opened() as agency:
        await agency.install("counter")
        await agency.run("c1", "counter")
        file = agency.file("counter", "1.0.0", pattern)
    flip(file, len(file.read_bytes()) // 2)
    async with opened() as agency:
        view = await agency.state("c1", "needs_attention")
        assert file.name in view["reason"]
        [installed] = (await agency.api.get("/connectors"))["items"]
        assert installed["verified"] is False
        assert file.name in installed["problem"]


async def test_what_is_installed_is_shown_with_what_is_newer_and_without_an_index(index, agency):
    """Agency IT can set up a source while the index is away; what is not installed is not there."""
    index.add("counter", "1.0.0")
    await agency.install("counter")
    index.add("counter", "1.1.0")
    assert (await agency.api.get("/connectors/counter"))["installed"]["newer"] == "1.1.0"
    index.folder.rename(index.folder.with_name("away"))
    shutil.rmtree(agency.running.hub.basemap_path.parent / "connector-index")
    page = await agency.api.get("/connectors/counter")
    assert (page["offer"], page["installed"]["verified"]) == (None, True)
    refused = await agency.api.call("GET", "/connectors/other")
    assert refused.code == "index_unreachable"


async def test_a_file_that_came_later_keeps_a_worker_from_starting(index, agency):
    """A ``.pth`` file would run code in each interpreter of that environment."""
    index.add("counter", "1.0.0")
    await agency.install("counter")
    await agency.run("c1", "counter")
    packages = agency.file("counter", "1.0.0", "env/lib/*/site-packages")
    (packages / "later.pth").write_text("import os")
    await agency.api.send("POST", "/sources/c1/restart")
    view = await agency.state("c1", "needs_attention")
    assert "later.pth" in view["reason"]


async def test_what_was_changed_is_installed_again_and_runs(index, agency):
    index.add("counter", "1.0.0")
    await agency.install("counter")
    await agency.run("c1", "counter")
    index.add("counter", "1.1.0")
    packages = agency.file("counter", "1.0.0", "env/lib/*/site-packages")
    (packages / "later.pth").write_text("import os")
    await agency.api.send("POST", "/sources/c1/restart")
    await agency.state("c1", "needs_attention")
    assert (await agency.install("counter"))["result"] == {"version": "1.0.0"}
    await agency.state("c1", "running")
    assert not (packages / "later.pth").exists()
    [installed] = (await agency.api.get("/connectors"))["items"]
    assert (installed["verified"], installed["problem"]) == (True, "")


async def test_a_record_that_was_written_anew_is_noticed(index, agency):
    """Whoever changes a file and its hash lacks the hub's key."""
    index.add("counter", "1.0.0")
    await agency.install("counter")
    await agency.run("c1", "counter")
    record = agency.file("counter", "1.0.0", "installed.json")
    record.write_text(record.read_text().replace('"by":"Casey', '"by":"Carey'))
    await agency.api.send("POST", "/sources/c1/restart")
    assert "installed.json" in (await agency.state("c1", "needs_attention"))["reason"]


async def test_an_upgrade_keeps_the_checkpoint_and_can_be_taken_back(index, agency):
    index.add("counter", "1.0.0")
    await agency.install("counter")
    await agency.run("c1", "counter", total=3)
    await until(lambda: _count(agency, 3))
    index.add("counter", "1.1.0", lib="2.0.0")
    await agency.hub.connectors.watch()
    [installed] = (await agency.api.get("/connectors"))["items"]
    assert installed["newer"] == "1.1.0"
    job = await agency.job("/connectors/counter/upgrade")
    assert (job["state"], job["result"]) == ("done", {"version": "1.1.0", "from": "1.0.0"})
    await agency.state("c1", "running")
    assert (await agency.api.source("c1"))["version"] == "1.1.0"
    further = {"connector": "counter", "name": "c1", "config": {"total": 5}}
    await agency.api.send("PUT", "/sources/c1", further)
    await until(lambda: _count(agency, 5))
    assert (await agency.api.source("c1"))["duplicates_total"] == 0
    job = await agency.job("/connectors/counter/rollback")
    assert job["result"] == {"version": "1.0.0", "from": "1.1.0"}
    await agency.state("c1", "running")
    assert (await agency.api.source("c1"))["version"] == "1.0.0"


async def _count(agency, wanted):
    return len(await agency.api.events(source="c1")) == wanted


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ok": False}, "check_failed"),
        ({"poll": "import os; os._exit(3)"}, "trial_failed"),
        ({"event_types": ["watchfloor.lpr.read.v1", "watchfloor.lpr.hit.v1"]}, "permissions_grew"),
        ({"hosts": ["{url}", "far.example.org"]}, "permissions_grew"),
        ({"categories": ["face_recognition"]}, "category_refused"),
        ({"min_hub": "99.0.0"}, "hub_too_old"),
    ],
)
async def test_an_upgrade_that_does_not_do_leaves_the_old_version(index, agency, change, code):
    index.add("counter", "1.0.0")
    await agency.install("counter")
    await agency.run("c1", "counter")
    pid = (await agency.api.source("c1"))["pid"]
    index.add("counter", "1.1.0", **change)
    job = await agency.job("/connectors/counter/upgrade")
    assert (job["state"], job["error"]["code"]) == ("failed", code)
    view = await agency.api.source("c1")
    assert (view["version"], view["state"], view["pid"]) == ("1.0.0", "running", pid)


async def test_more_permissions_are_shown_as_a_difference_and_approved_again(index, agency):
    index.add("counter", "1.0.0")
    await agency.install("counter")
    await agency.run("c1", "counter")
    index.add("counter", "1.1.0", hosts=["{url}", "far.example.org"])
    assert (await agency.job("/connectors/counter/upgrade"))["state"] == "failed"
    view = await agency.api.get("/sources/c1/impact", version="1.1.0")
    assert view["beyond"]["hosts"] == ["far.example.org:443"]
    await agency.approve("c1", version="1.1.0")
    assert (await agency.job("/connectors/counter/upgrade"))["state"] == "done"


async def test_a_version_that_fails_once_it_runs_is_put_back(index, agency):
    """Its check passes, in a trial that polls nothing; then it dies of the checkpoint."""
    index.add("counter", "1.0.0")
    await agency.install("counter")
    await agency.run("c1", "counter", total=3)
    await until(lambda: _count(agency, 3))
    index.add("counter", "1.1.0", poll="if checkpoint: import os; os._exit(3)")
    job = await agency.job("/connectors/counter/upgrade")
    assert job["error"]["code"] == "rolled_back"
    await agency.state("c1", "running")
    assert (await agency.api.source("c1"))["version"] == "1.0.0"


async def test_what_is_revoked_stops_at_the_next_look_and_says_why(index, opened):
    index.add("counter", "1.0.0")
    async with opened() as agency:
        await agency.install("counter")
        await agency.run("c1", "counter")
        index.revoke("counter", lowest_good="1.1.0")
        await agency.hub.connectors.watch()
        view = await agency.state("c1", "needs_attention")
        assert "It read too much." in view["reason"]
        assert "1.1.0" in view["remedy"]
    (index.folder / "metadata" / "timestamp.json").unlink()
    async with opened() as agency:  # offline, by the last signed copy
        assert "It read too much." in (await agency.state("c1", "needs_attention"))["reason"]


async def test_a_revoked_version_is_not_installed_and_an_upgrade_heals_it(index, agency):
    index.add("counter", "1.0.0")
    await agency.install("counter")
    await agency.run("c1", "counter")
    index.add("counter", "1.1.0")
    index.revoke("counter", lowest_good="1.1.0")
    await agency.hub.connectors.watch()
    await agency.state("c1", "needs_attention")
    assert (await agency.job("/connectors/counter/upgrade"))["state"] == "done"
    assert (await agency.state("c1", "running"))["version"] == "1.1.0"
    job = await agency.job("/connectors/counter/rollback")
    assert job["error"]["code"] == "revoked"


async def test_face_recognition_is_not_switched_on(index, agency):
    index.add("faces", "1.0.0", categories=["face_recognition"])
    await agency.install("faces")
    await agency.configure("f1", "faces")
    for method, path, body in (
        ("PUT", "/sources/f1/impact",
         {"data": "-", "legal_basis": "-", "retention_days": 1, "version": "1.0.0"}),
        ("POST", "/sources/f1/enable", None),
    ):  # fmt: skip
        refused = await agency.api.call(method, path, body)
        assert (refused.status, refused.code) == (403, "category_refused")


async def test_a_source_can_be_tested_before_it_is_switched_on(index, agency):
    index.add("counter", "1.0.0")
    await agency.install("counter")
    await agency.configure("c1", "counter")
    found = await agency.api.send("POST", "/sources/c1/check")
    assert found["findings"] == [{"ok": True, "what": "toy", "detail": "tinylib 1.0.0"}]
    assert await agency.api.events(source="c1") == []


async def test_a_connector_in_use_is_not_removed(index, agency):
    index.add("counter", "1.0.0")
    await agency.install("counter")
    await agency.configure("c1", "counter")
    assert (await agency.job("/connectors/counter/remove"))["error"]["code"] == "in_use"
    await agency.api.send("DELETE", "/sources/c1")
    assert (await agency.job("/connectors/counter/remove"))["state"] == "done"
    assert (await agency.api.get("/connectors"))["items"] == []


async def test_the_log_tells_what_became_of_a_source(index, agency):
    index.add("counter", "1.0.0")
    await agency.install("counter")
    await agency.run("c1", "counter")
    await agency.api.send("POST", "/sources/c1/disable")
    texts = [line["text"] for line in (await agency.api.get("/sources/c1/logs"))["items"]]
    assert any("running" in text for text in texts)
    assert "stopped" in texts[-1]
