"""Backup, verify and restore as somebody types them, beside a hub that runs."""

from __future__ import annotations

import asyncio
import json

import pytest
from hub import api_of, hub_here, session_of
from made_up import push_source, read
from staff import signed_in, somebody
from typer.testing import CliRunner

from watchfloor.adapters.clock import SettableClock, SystemClock
from watchfloor.cli.app import app
from watchfloor.identity import Role, break_glass
from watchfloor.retention import DAY
from watchfloor.web import COOKIE


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "backups"
    made.mkdir()
    return made


async def test_a_running_hub_is_backed_up_verified_and_restored(hub, api, run, folder, tmp_path):
    """And the restored hub has every event, its sources and its hot lists."""
    await push_source(api, "drill")
    events = [read(number, "drill") for number in range(300)]
    await api.push("drill", events)
    first = await run("backup", "--to", str(folder), "--escrow", str(tmp_path / "escrow"), "--json")
    code, taken = first.lines
    assert taken["file"].startswith(str(folder))
    await api.push("drill", [read(number, "drill") for number in range(300, 310)])

    verified = await run("verify", "--json")
    assert verified.lines[0]["counts"]["events"] == 300
    assert verified.lines[0]["counts"]["head"] == 300

    new = tmp_path / "new"
    typed = await asyncio.to_thread(
        CliRunner().invoke,
        app,
        ["restore", taken["file"], "--data-dir", str(new), "--escrow", str(tmp_path / "escrow")],
        input=code["recovery_code"] + "\n",
    )
    assert typed.exit_code == 0, typed.output
    assert "Restored" in typed.output
    async with hub_here(new) as restored, api_of(restored.url, session_of(restored)) as other:
        assert len(await other.events()) == 300
        assert (await other.source("drill"))["connector"] == "push"


async def test_a_restored_hub_brings_back_nobodys_way_in(
    hub, api, run, folder, tmp_path, monkeypatch
):
    """Who was cut off after the backup, and what was revoked, is not known to it any more."""
    monkeypatch.setattr(break_glass, "ROUNDS", 600)
    sign_in = {"account": "night", "password": "Marmalade tugboat 7 lanterns"}
    account = {"id": "night", "password": sign_in["password"], "name": "Night", "role": "agency_it"}
    await push_source(api)
    async with (
        signed_in(hub, somebody("sam", Role.SUPERVISOR)) as sam,
        signed_in(hub, somebody("kim", Role.AGENCY_IT)) as kim,
    ):
        await kim.send("POST", "/break-glass", account)
        await sam.send("POST", "/break-glass/night/enable")
        made = await kim.send("POST", "/tokens", {"holder": "Example Co", "source": "push-1"})
        taken = await run("backup", "--to", str(folder), "--escrow", str(tmp_path / "e"), "--json")
    new, old = tmp_path / "new", tmp_path / "hub"
    file = taken.lines[1]["file"]
    typed = await asyncio.to_thread(
        CliRunner().invoke, app, ["restore", file, "--data-dir", str(new), "--old", str(old)]
    )
    assert typed.exit_code == 0, typed.output
    assert "Everybody signs in anew" in typed.output
    bearer = {"Authorization": f"Bearer {made['secret']}"}
    async with hub_here(new) as restored, api_of(restored.url) as nobody:
        handed = await nobody.call("POST", "/events", [read(1)], headers=bearer, source="push-1")
        assert handed.status == 401
        assert (await nobody.call("POST", "/session/break-glass", sign_in)).status == 401
        nobody.client.cookie_jar.update_cookies({COOKIE: sam.session})
        assert (await nobody.call("GET", "/session")).status == 401


async def test_what_the_second_copy_has_beyond_the_backup_of_a_hub_that_had_ended_is_gone_on_with(
    run, folder, tmp_path
):
    elsewhere, old, new = (tmp_path / name for name in ("other-disk", "old", "new"))
    old.mkdir()
    (old / "hub.toml").write_text(f'audit_copy = "{elsewhere}"\n')
    async with hub_here(old):
        pass
    command = ["--data-dir", str(old), "--to", str(folder), "--escrow", str(tmp_path / "escrow")]
    await asyncio.to_thread(CliRunner().invoke, app, ["backup", *command])
    async with hub_here(old) as later:
        size = later.hub.audit.size
    [file] = folder.glob("*.backup")
    command = ["restore", str(file), "--data-dir", str(new), "--old", str(old)]
    typed = await asyncio.to_thread(CliRunner().invoke, app, command)
    assert "audit accept" not in typed.output
    async with hub_here(new) as restored:
        assert restored.hub.audit.size > size


async def test_a_restore_says_where_the_second_copy_of_the_audit_log_belongs(run, folder, tmp_path):
    elsewhere = tmp_path / "other-disk"
    old = tmp_path / "old"
    old.mkdir()
    (old / "hub.toml").write_text(f'audit_copy = "{elsewhere}"\n')
    async with hub_here(old):
        pass
    escrow = str(tmp_path / "escrow")
    first = await asyncio.to_thread(
        CliRunner().invoke,
        app,
        ["backup", "--data-dir", str(old), "--to", str(folder), "--escrow", escrow],
    )
    assert first.exit_code == 0, first.output
    [file] = folder.glob("*.backup")
    new = tmp_path / "new"
    typed = await asyncio.to_thread(
        CliRunner().invoke, app, ["restore", str(file), "--data-dir", str(new), "--old", str(old)]
    )
    assert typed.exit_code == 0, typed.output
    said = " ".join(typed.output.split())
    assert "The second copy of the audit log is not in the backup" in said
    assert "other-disk" in said.replace(" ", "")
    assert not (new / "audit-copy").exists()
    async with hub_here(new):
        assert (elsewhere / "records").is_dir()


async def test_the_first_backup_asks_for_an_escrow(hub, run, folder):
    asked = await run("backup", "--to", str(folder), "--json")
    assert (asked.code, asked.error["code"]) == (4, "no_escrow")
    assert "--escrow" in asked.error["remedy"]
    assert not list(folder.iterdir())


async def test_expired_backups_are_named_and_cannot_be_read(
    hub, run, folder, tmp_path, monkeypatch
):
    await run("backup", "--to", str(folder), "--escrow", str(tmp_path / "escrow"))
    [file] = folder.iterdir()
    later = SettableClock(SystemClock().now() + 8 * DAY)
    monkeypatch.setattr("watchfloor.cli.backup.SystemClock", lambda: later)
    assert (await run("backup", "expire", "--json")).lines == [{"destroyed": []}]
    rule = {"id": "week", "kind": "backup", "reason": "Counsel asked for it", "cap": "7 days"}
    retention = hub.hub.retention
    version = await retention.propose(json.dumps({"presets": [], "rules": [rule]}), "Pat Owner")
    await retention.approve(version, "Chris Second")
    gone = (await run("backup", "expire", "--days", "30", "--json")).lines[0]["destroyed"]
    assert len(gone) == 1, "the schedule's week, whatever is typed"
    refused = await run("verify", str(file), "--json")
    assert (refused.code, refused.error["code"]) == (4, "backup_key_missing")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["backup"], "usage"), (["restore", "x.backup"], "usage"), (["verify"], "no_backup")],
)
async def test_what_is_not_said_is_asked_for(run, arguments, code):
    assert (await run(*arguments, "--json")).error["code"] == code
