"""Credentials are sealed: nothing readable on disk, nothing changed unseen or half written."""

import asyncio
import os
import stat
import subprocess
import sys
import textwrap

import keyring
import pytest
from keyring.backend import get_all_keyring
from keyring.errors import PasswordDeleteError

from watchfloor.adapters.keyring_file import SealedKeyring, SealedSecrets
from watchfloor.contracts import AskAPerson


@pytest.fixture(autouse=True)
def _no_systemd(monkeypatch):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "credentials"


@pytest.fixture
def sealed(path):
    backend = SealedKeyring(path)
    backend.set_password("watchfloor/lpr-1", "token", "hush")
    return backend


def caught(call):
    with pytest.raises(AskAPerson) as info:
        call()
    assert "hush" not in str(info.value)
    return info.value.code


def test_what_is_put_is_got_by_another_process_of_the_same_key(sealed, path):
    assert SealedKeyring(path).get_password("watchfloor/lpr-1", "token") == "hush"
    assert SealedKeyring(path).get_password("watchfloor/lpr-1", "other") is None


def test_nothing_is_readable_on_disk_and_files_are_closed_to_others(sealed, path):
    for file in path.parent.iterdir():
        content = file.read_bytes()
        assert b"hush" not in content
        assert b"lpr-1" not in content
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE((path.parent / "credentials.key").stat().st_mode) == 0o400


@pytest.mark.parametrize("place", [0, 25, 40, -1])
def test_a_changed_byte_anywhere_is_noticed(sealed, path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert caught(lambda: sealed.get_password("watchfloor/lpr-1", "token")) == "keyring_tampered"
    assert caught(lambda: sealed.set_password("a", "b", "c")) == "keyring_tampered"


def test_a_cut_off_file_is_noticed(sealed, path):
    path.write_bytes(path.read_bytes()[:30])
    assert caught(lambda: sealed.get_password("watchfloor/lpr-1", "token")) == "keyring_tampered"


def test_each_write_is_sealed_anew(sealed, path):
    before = path.read_bytes()
    sealed.set_password("watchfloor/lpr-1", "token", "hush")
    assert path.read_bytes()[:60] != before[:60], "the nonce is never used twice"


@pytest.mark.parametrize(("name", "mode"), [("credentials", 0o644), ("credentials.key", 0o440),
                                            ("credentials.key", 0o600)])  # fmt: skip
def test_permissions_that_are_too_open_are_refused(sealed, path, name, mode):
    (path.parent / name).chmod(mode)
    assert caught(lambda: sealed.get_password("watchfloor/lpr-1", "token")) == "keyring_permissions"


def test_a_link_in_place_of_the_key_is_refused(sealed, path):
    key = path.parent / "credentials.key"
    key.rename(path.parent / "elsewhere")
    key.symlink_to(path.parent / "elsewhere")
    assert caught(lambda: sealed.get_password("watchfloor/lpr-1", "token")) == "keyring_permissions"


def test_a_lost_key_is_never_replaced_by_a_new_one(sealed, path):
    (path.parent / "credentials.key").unlink()
    assert caught(lambda: sealed.set_password("a", "b", "c")) == "keyring_key_missing"


def test_the_key_of_another_hub_does_not_open_it(sealed, path):
    key = path.parent / "credentials.key"
    key.chmod(0o600)
    key.write_bytes(b"x" * 32)
    key.chmod(0o400)
    assert caught(lambda: sealed.get_password("watchfloor/lpr-1", "token")) == "keyring_tampered"


def test_a_systemd_credential_is_the_key_when_there_is_one(tmp_path, path, monkeypatch):
    (tmp_path / "watchfloor-key").write_bytes(b"k" * 32)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    backend = SealedKeyring(path)
    backend.set_password("s", "u", "hush")
    assert backend.get_password("s", "u") == "hush"
    assert not (tmp_path / "credentials.key").exists()
    (tmp_path / "watchfloor-key").write_bytes(b"short")
    assert caught(lambda: backend.get_password("s", "u")) == "keyring_key_short"


def test_deleting_what_is_not_there_says_so(sealed):
    sealed.delete_password("watchfloor/lpr-1", "token")
    with pytest.raises(PasswordDeleteError):
        sealed.delete_password("watchfloor/lpr-1", "token")


def test_a_crash_in_the_middle_of_a_write_leaves_the_old_file(sealed, path, monkeypatch):
    def crash(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(OSError, match="no space"):
        sealed.set_password("watchfloor/lpr-1", "token", "new")
    monkeypatch.undo()
    assert SealedKeyring(path).get_password("watchfloor/lpr-1", "token") == "hush"


def test_two_processes_that_write_at_once_lose_nothing(path):
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from watchfloor.adapters.keyring_file import SealedKeyring
        backend = SealedKeyring(Path(sys.argv[1]))
        for number in range(20):
            backend.set_password(sys.argv[2], str(number), "hush")
    """)
    SealedKeyring(path).set_password("first", "0", "hush")
    command = [sys.executable, "-c", script, str(path)]
    writers = [subprocess.Popen([*command, name]) for name in ("a", "b")]
    assert [writer.wait() for writer in writers] == [0, 0]
    backend = SealedKeyring(path)
    found = [backend.get_password(name, str(n)) for name in ("a", "b") for n in range(20)]
    assert found == ["hush"] * 40


def test_keyring_never_picks_it_by_itself(sealed):
    assert not any(isinstance(found, SealedKeyring) for found in get_all_keyring())


async def test_the_port_keeps_values_by_instance_and_name(tmp_path):
    secrets = SealedSecrets(tmp_path / "secrets")
    assert isinstance(keyring.get_keyring(), SealedKeyring)
    assert await secrets.names("lpr-1") == []
    await secrets.put("lpr-1", "token", {"token": "hush"})
    await secrets.put("lpr-1", "basic", {"user": "u", "password": "p"})
    assert await secrets.get("lpr-1", "basic") == {"user": "u", "password": "p"}
    assert await secrets.names("lpr-1") == ["basic", "token"]
    await secrets.remove("lpr-1", "token")
    await secrets.remove("lpr-1", "token")
    assert await secrets.names("lpr-1") == ["basic"]
    with pytest.raises(AskAPerson) as info:
        await secrets.get("lpr-1", "token")
    assert info.value.code == "credential_missing"


async def test_a_value_takes_the_place_of_another_or_of_none(tmp_path):
    secrets = SealedSecrets(tmp_path / "secrets")
    old, new, other = {"token": "1"}, {"token": "2"}, {"token": "3"}
    await secrets.put("lpr-1", "token", old)
    assert not await secrets.swap("lpr-1", "token", other, new)
    assert await secrets.swap("lpr-1", "token", old, new)
    assert await secrets.swap("lpr-1", "token", old, new), "it is there already"
    assert not await secrets.swap("lpr-1", "absent", old, new)
    assert await SealedSecrets(tmp_path / "secrets").get("lpr-1", "token") == new
    assert await secrets.names("lpr-1") == ["token"]


async def test_many_at_once_through_the_port_lose_nothing(tmp_path):
    secrets = SealedSecrets(tmp_path / "secrets")
    await asyncio.gather(*(secrets.put("i", f"n{n}", {"v": str(n)}) for n in range(12)))
    assert len(await secrets.names("i")) == 12
