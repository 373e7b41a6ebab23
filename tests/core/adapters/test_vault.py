"""Credentials in a Vault: what the sealed file does, at somebody else's."""

from __future__ import annotations

import asyncio
import socket

import pytest
from vault_simulator import Vault

from watchfloor.adapters import vault as adapter
from watchfloor.adapters.vault import VaultSecrets, login_from
from watchfloor.contracts import AskAPerson, RetryLater
from watchfloor.settings_vault import VaultSettings

pytest.importorskip("hvac")
VALUE = {"token": "sim-value"}


@pytest.fixture
def vault():
    one = Vault()
    yield one
    one.close()


@pytest.fixture
def secrets(vault):
    return opened(vault)


def settings(url):
    return VaultSettings(url=url, login_file="/nowhere")


def opened(vault, **login):
    role = {"username": vault.role_id, "password": vault.secret_id}
    return VaultSecrets(settings(vault.url), login or role)


async def code(asking):
    with pytest.raises((AskAPerson, RetryLater)) as info:
        await asking
    return info.value.code


async def test_what_is_put_is_got_and_lies_below_the_prefix(secrets, vault):
    await secrets.put("gate", "token", VALUE)
    assert await secrets.get("gate", "token") == VALUE
    assert vault.kept == {"watchfloor/gate/token": [VALUE]}
    assert vault.logins == 1


async def test_names_are_those_of_one_owner(secrets):
    assert await secrets.names("gate") == []
    for owner, name in (("gate", "token"), ("gate", "hook"), ("gate-2", "other")):
        await secrets.put(owner, name, VALUE)
    assert await secrets.names("gate") == ["hook", "token"]


async def test_what_is_removed_is_not_set(secrets):
    await secrets.put("gate", "token", VALUE)
    for _ in range(2):
        await secrets.remove("gate", "token")
    assert await code(secrets.get("gate", "token")) == "credential_missing"


async def test_a_swap_replaces_what_was_leased_and_nothing_newer(secrets):
    new, newer = {"token": "new"}, {"token": "newer"}
    assert not await secrets.swap("gate", "token", VALUE, new)
    await secrets.put("gate", "token", VALUE)
    assert await secrets.swap("gate", "token", VALUE, new)
    assert await secrets.swap("gate", "token", VALUE, new), "sent twice"
    assert not await secrets.swap("gate", "token", VALUE, newer)
    assert await secrets.get("gate", "token") == new


async def test_who_writes_between_a_swaps_two_steps_wins(secrets, vault):
    await secrets.put("gate", "token", VALUE)
    vault.between = lambda: vault.kept["watchfloor/gate/token"].append({"token": "a person's"})
    assert not await secrets.swap("gate", "token", VALUE, {"token": "renewed"})
    vault.between = None
    assert await secrets.get("gate", "token") == {"token": "a person's"}


async def test_it_signs_in_again_when_its_token_has_run_out(secrets, vault):
    await secrets.put("gate", "token", VALUE)
    vault.withdraw()
    assert await secrets.get("gate", "token") == VALUE
    assert vault.logins == 2


async def test_a_token_serves_as_it_is(vault):
    secrets = opened(vault, token=vault.root)
    await secrets.put("gate", "token", VALUE)
    assert vault.logins == 0
    assert await code(opened(vault, token="hvs.wrong").get("gate", "token")) == "vault_refused"


async def test_a_wrong_role_is_refused_and_nothing_of_it_is_said(vault):
    secrets = opened(vault, username="sim-role", password="sim-wrong")
    with pytest.raises(AskAPerson) as info:
        await secrets.get("gate", "token")
    assert info.value.code == "vault_refused"
    assert "sim-" not in str(info.value)
    assert info.value.__suppress_context__


async def test_sealed_or_gone_is_tried_again(secrets, vault, monkeypatch):
    vault.sealed = True
    assert await code(secrets.get("gate", "token")) == "vault_sealed"
    nowhere = VaultSecrets(settings("http://127.0.0.1:9"), {"token": "x"})
    assert await code(nowhere.names("gate")) == "vault_unreachable"


async def test_one_that_does_not_answer_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(adapter, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        secrets = VaultSecrets(settings(url), {"token": "x"})
        async with asyncio.timeout(20):
            assert await code(secrets.get("gate", "token")) == "vault_unreachable"


async def test_the_environments_vault_is_not_asked(vault, monkeypatch):
    """``VAULT_ADDR``, ``VAULT_TOKEN`` and a proxy are an administrator's, not the hub's."""
    monkeypatch.setenv("VAULT_TOKEN", vault.root)
    monkeypatch.setenv("VAULT_ADDR", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    await opened(vault).put("gate", "token", VALUE)
    assert vault.logins == 1


@pytest.mark.parametrize(
    ("text", "login"),
    [("hvs.1\n", {"token": "hvs.1"}), ("role\nid\n", {"username": "role", "password": "id"})],
)
def test_a_file_of_its_own_signs_it_in(tmp_path, text, login):
    file = tmp_path / "login"
    file.write_text(text)
    file.chmod(0o400)
    assert login_from(file) == login


@pytest.mark.parametrize(("text", "mode"), [("hvs.1", 0o440), ("", 0o400), ("a b c", 0o400)])
def test_a_file_that_is_none_or_open_is_refused(tmp_path, text, mode):
    file = tmp_path / "login"
    file.write_text(text)
    file.chmod(mode)
    with pytest.raises(AskAPerson) as info:
        login_from(file)
    assert info.value.code == "vault_login"
