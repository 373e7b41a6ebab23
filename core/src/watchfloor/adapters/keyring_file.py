"""Credentials on a headless server: a keyring backend in one sealed file.

AES-256-GCM over the whole file, so that a changed byte is noticed. The key comes from a systemd
credential (``watchfloor-key`` under ``$CREDENTIALS_DIRECTORY``), else from a key file that only
the owner may read (mode 0400), made at the first use. What is missing or too open is refused,
never mended: it may be somebody's doing.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import keyring
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from keyring.backend import KeyringBackend
from keyring.compat import properties
from keyring.errors import PasswordDeleteError

from watchfloor.contracts import AskAPerson

from . import disk

T = TypeVar("T")
Entries = dict[str, dict[str, str]]
"""Service → user name → password, in keyring's words."""

KEYRING = "secrets"
"""The folder of the data directory in which a hub's sealed file lies."""

_MAGIC = b"watchfloor-keyring-1\n"
_NONCE = 12  # NIST SP 800-38D, section 5.2.1.1: 96 bits, drawn anew for each write
_KEY_BYTES = 32


class SealedKeyring(KeyringBackend):
    """The backend. ``path`` is the sealed file; the key file lies beside it as ``<name>.key``."""

    def __init__(self, path: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._path = path
        self._key_path = path.with_name(path.name + ".key")

    @properties.classproperty
    def priority(cls) -> float:  # noqa: N805 - a property of the class
        """It is chosen in code (``keyring.set_keyring``); raising keeps keyring from finding it."""
        raise RuntimeError("SealedKeyring needs a path")

    def get_password(self, service: str, username: str) -> str | None:
        """Raises ``AskAPerson`` when the file cannot be trusted."""
        return self._load().get(service, {}).get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        """Written and synced when it returns."""
        with self._changing() as entries:
            entries.setdefault(service, {})[username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Raises ``PasswordDeleteError`` when there is none."""
        with self._changing() as entries:
            if username not in entries.get(service, {}):
                raise PasswordDeleteError("There is no such credential.")
            del entries[service][username]

    def swap_password(self, service: str, username: str, before: str, after: str) -> bool:
        """Put ``after`` in the place of ``before``; whether it is there now. Written and synced
        when it returns."""
        with self._changing() as entries:
            kept = entries.get(service, {}).get(username)
            if kept not in (before, after):
                return False
            entries[service][username] = after
        return True

    def names(self, service: str) -> Sequence[str]:
        """User names that a service has, sorted; keyring's own API has no way to ask."""
        return sorted(self._load().get(service, {}))

    def _load(self) -> Entries:
        if not self._path.exists():
            return {}
        _refuse_open(self._path, 0o077)
        sealed = self._path.read_bytes()
        start = len(_MAGIC) + _NONCE
        nonce, body = sealed[len(_MAGIC) : start], sealed[start:]
        try:
            if not sealed.startswith(_MAGIC):
                raise InvalidTag
            text = self._cipher().decrypt(nonce, body, _MAGIC)
        except (InvalidTag, ValueError):
            raise AskAPerson(
                f"{self._path.name} does not fit its key, or was changed.",
                code="keyring_tampered",
                remedy="Restore the file and its key from a backup, or set the credentials anew.",
            ) from None
        entries: Entries = json.loads(text)
        return entries

    def _save(self, entries: Entries) -> None:
        nonce = os.urandom(_NONCE)
        body = self._cipher().encrypt(nonce, json.dumps(entries).encode(), _MAGIC)
        new = self._path.with_name(self._path.name + ".new")
        _write(new, _MAGIC + nonce + body, os.O_TRUNC, 0o600)
        new.replace(self._path)
        _sync(self._path.parent)

    @contextlib.contextmanager
    def _changing(self) -> Iterator[Entries]:
        """Read, change, write; one process at a time."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock_path = self._path.with_name(self._path.name + ".lock")
        lock = os.open(lock_path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            entries = self._load()
            yield entries
            self._save(entries)
        finally:
            os.close(lock)

    def _cipher(self) -> AESGCM:
        return AESGCM(_derive(self._root_key(), "seal"))

    def _root_key(self) -> bytes:
        directory = os.environ.get("CREDENTIALS_DIRECTORY")
        given = Path(directory) / "watchfloor-key" if directory else None
        if given is not None and given.exists():
            return _long_enough(given)
        if not self._key_path.exists():
            self._make_key()
        _refuse_open(self._key_path, 0o377)
        return _long_enough(self._key_path)

    def _make_key(self) -> None:
        if self._path.exists():
            raise AskAPerson(
                f"The key of {self._path.name} is missing.",
                code="keyring_key_missing",
                remedy=f"Restore {self._key_path.name}, or pass it as a systemd credential.",
            )
        self._key_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(self._key_path, os.urandom(_KEY_BYTES), os.O_EXCL, 0o400)
        _sync(self._key_path.parent)


class SealedSecrets:
    """The ``Secrets`` port, by keyring's API, over a sealed file in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._backend = SealedKeyring(folder / "credentials")
        keyring.set_keyring(self._backend)

    async def get(self, instance: str, name: str) -> Mapping[str, str]:
        """Raises ``AskAPerson`` (code ``credential_missing``)."""
        text = await _off_loop(lambda: keyring.get_password(_service(instance), name))
        if text is None:
            raise AskAPerson(
                f"The credential {name} of {instance} is not set.",
                code="credential_missing",
                remedy="Set it on the sources page.",
            )
        value: dict[str, str] = json.loads(text)
        return value

    async def put(self, instance: str, name: str, value: Mapping[str, str]) -> None:
        """Synced to disk when it returns."""
        text = _as_text(value)
        await _off_loop(lambda: keyring.set_password(_service(instance), name, text))

    async def swap(
        self, instance: str, name: str, before: Mapping[str, str], after: Mapping[str, str]
    ) -> bool:
        """Synced to disk when it returns ``True``."""
        old, new = _as_text(before), _as_text(after)
        service = _service(instance)
        return await _off_loop(lambda: self._backend.swap_password(service, name, old, new))

    async def remove(self, instance: str, name: str) -> None:
        """Removing what is not there is no error."""
        with contextlib.suppress(PasswordDeleteError):
            await _off_loop(lambda: keyring.delete_password(_service(instance), name))

    async def names(self, instance: str) -> Sequence[str]:
        """The credentials that are set, sorted."""
        return await _off_loop(lambda: self._backend.names(_service(instance)))


def _as_text(value: Mapping[str, str]) -> str:
    return json.dumps(dict(value))


def _service(instance: str) -> str:
    return f"watchfloor/{instance}"


async def _off_loop(work: Callable[[], T]) -> T:
    """Off the event loop. Raises ``AskAPerson`` (``disk_full``, ``disk_error``)."""
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        raise disk.trouble(error, "the credentials") from error


def _derive(root: bytes, purpose: str) -> bytes:
    """RFC 5869, with SHA-256; one independent key per purpose."""
    info = f"watchfloor/{purpose}/1".encode()
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=info).derive(root)


def _long_enough(path: Path) -> bytes:
    root = path.read_bytes()
    if len(root) < _KEY_BYTES:
        raise AskAPerson(
            f"The key in {path.name} is shorter than {_KEY_BYTES} bytes.",
            code="keyring_key_short",
            remedy=f"Make one with: head -c {_KEY_BYTES} /dev/urandom",
        )
    return root


def _refuse_open(path: Path, forbidden: int) -> None:
    found = path.lstat()
    mode = stat.S_IMODE(found.st_mode)
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or mode & forbidden:
        raise AskAPerson(
            f"{path.name} must be a plain file of the hub's own user, closed to others "
            f"(it has mode {mode:04o}).",
            code="keyring_permissions",
            remedy=f"Find out who changed that; then: chmod {0o600 & ~forbidden:04o} {path.name}",
        )


def _write(path: Path, content: bytes, flags: int, mode: int) -> None:
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW | flags, mode)
    with os.fdopen(handle, "wb") as file:  # it insists where a full disk takes only a part
        os.fchmod(handle, mode)
        file.write(content)
        file.flush()
        os.fsync(handle)


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
