"""A hub whose credentials lie in the agency's Vault, by its settings alone."""

from __future__ import annotations

import asyncio
import json

import pytest
from hub import api_of, hub_here, session_of, until
from typer.testing import CliRunner
from vault_simulator import Vault

from watchfloor.cli.app import app
from watchfloor.contracts import AskAPerson

pytest.importorskip("hvac")
HUSH = "hush-SIM-0009"
SETTINGS = """
[vault]
url = "{url}"
login_file = "{login}"
"""


@pytest.fixture
def vault(tmp_path):
    one = Vault()
    login = tmp_path / "login"
    login.touch(mode=0o600)
    login.write_text(f"{one.role_id}\n{one.secret_id}\n")
    data_dir = tmp_path / "hub"
    data_dir.mkdir()
    (data_dir / "hub.toml").write_text(SETTINGS.format(url=one.url, login=login))
    yield one
    one.close()


async def test_all_that_is_secret_lies_in_the_vault_over_restarts(vault, tmp_path):
    data_dir = tmp_path / "hub"
    value = {"username": "sim", "password": HUSH}
    async with hub_here(data_dir) as hub, api_of(hub.url, session_of(hub)) as api:
        await api.send("PUT", "/hub/credentials/proxy", {"value": value})
    assert vault.kept["watchfloor/hub/proxy"] == [value]
    own_keys = {path for path in vault.kept if "audit" in path}
    assert own_keys, "the hub's own keys, too"
    before = _standing(vault)
    async with hub_here(data_dir) as hub, api_of(hub.url, session_of(hub)) as api:
        [proxy] = [
            each for each in (await api.get("/hub/credentials"))["items"] if each["name"] == "proxy"
        ]
    assert proxy["filled"] == ["username", "password"]
    assert _standing(vault) == before
    assert not (data_dir / "secrets").exists()
    files = [file.read_bytes() for file in data_dir.rglob("*") if file.is_file()]
    assert not any(HUSH.encode() in content for content in files)


async def test_a_restored_hub_says_that_the_vault_knows_more(vault, tmp_path):
    """The keyring outlasts the log: what was recorded since the backup is missed, until it is said
    that it is known."""
    data_dir, folder, new = tmp_path / "hub", tmp_path / "backups", tmp_path / "new"
    folder.mkdir()
    async with hub_here(data_dir) as hub, api_of(hub.url, session_of(hub)):
        pass
    taken = await typed(
        "backup", "--to", folder, "--escrow", tmp_path / "e", "--data-dir", data_dir
    )
    assert taken.exit_code == 0, taken.output
    [file] = folder.iterdir()
    restore = ("restore", file, "--old", data_dir, "--data-dir")
    assert "audit accept" not in (await typed(*restore, tmp_path / "same")).output
    async with hub_here(data_dir) as hub, api_of(hub.url, session_of(hub)):
        pass
    restored = await typed(*restore, new)
    assert restored.exit_code == 0, restored.output
    assert "watchfloor audit accept" in restored.output
    said = json.loads((await typed(*restore, tmp_path / "json", "--json")).stdout)
    assert said["audit_carries_on"] is False

    with pytest.raises(AssertionError, match="audit_unavailable"):
        async with hub_here(new):
            """Nothing is looked up, no request begun."""
    accepted = await typed("audit", "accept", "--yes", "--data-dir", new)
    assert accepted.exit_code == 0, accepted.output
    async with hub_here(new) as hub:
        assert hub.hub.audit.health.healthy
        await until(lambda: hub.hub.audit.accepted)
        assert "audit_accepted" in {each.code for each in hub.hub.custody.troubles()}

    vault.sealed = True
    away = await typed(*restore, tmp_path / "away")
    assert away.exit_code == 0, away.output
    assert "cannot be asked" in away.output


async def typed(*words):
    return await asyncio.to_thread(CliRunner().invoke, app, [*map(str, words)])


def _standing(vault):
    """Each secret as it is now, but for the head of the log, which grows."""
    return {path: kept[-1] for path, kept in vault.kept.items() if path != "watchfloor/audit/head"}


@pytest.mark.parametrize("purpose", ["installations", "fingerprints"])
async def test_a_key_of_the_hubs_own_that_it_may_not_read_is_not_made_anew(
    vault, tmp_path, purpose
):
    """With another one no seal on what is installed would hold."""
    async with hub_here(tmp_path / "hub"):
        pass
    path = f"watchfloor/hub/{purpose}"
    before = list(vault.kept[path])
    vault.unreadable.add(path)
    with pytest.raises(AskAPerson) as refused:
        async with hub_here(tmp_path / "hub"):
            pass
    assert refused.value.code == "vault_refused"
    assert vault.kept[path] == before
