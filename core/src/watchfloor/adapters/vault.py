"""The ``Secrets`` port on HashiCorp Vault or OpenBao: KV secrets engine, version 2.

One secret a credential, at ``<prefix>/<instance>/<name>``. The hub signs in with a token or an
AppRole, read from a file, and again when that sign-in has run out. hvac is imported when a hub is
configured for it: the extra ``vault``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from watchfloor.contracts import AskAPerson, RetryLater
from watchfloor.settings_vault import VaultSettings

T = TypeVar("T")

TIMEOUT_S = 10.0
"""Of one request; a worker's lease waits three times as long."""


class VaultSecrets:
    """``login`` is ``{"token": …}``, or ``{"username": role id, "password": secret id}``."""

    def __init__(self, settings: VaultSettings, login: Mapping[str, str]) -> None:
        try:
            import hvac
            import requests
        except ImportError:
            raise AskAPerson(
                "The library for Vault is not installed.",
                code="vault_not_installed",
                remedy="Install the hub with its extra: watchfloor[vault].",
            ) from None
        self._settings = settings
        self._login = login
        self._errors = hvac.exceptions
        self._no_answer = requests.exceptions.RequestException
        session = requests.Session()
        session.trust_env = False  # no proxy or .netrc of the environment gets to see this
        session.verify = settings.certificates or True
        self._client = hvac.Client(
            url=settings.url,
            session=session,
            timeout=TIMEOUT_S,
            namespace=settings.namespace or None,
            allow_redirects=False,
        )
        self._client.token = login.get("token", "")  # else hvac takes the environment's
        self._one_at_a_time = asyncio.Lock()

    async def get(self, instance: str, name: str) -> Mapping[str, str]:
        """Raises ``AskAPerson`` (code ``credential_missing``)."""
        found = await self._do(lambda: self._read(instance, name))
        if found is None:
            raise AskAPerson(
                f"The credential {name} of {instance} is not set.",
                code="credential_missing",
                remedy="Set it on the sources page.",
            )
        return found[0]

    async def put(self, instance: str, name: str, value: Mapping[str, str]) -> None:
        """A new version of it."""
        await self._do(lambda: self._write(instance, name, value))

    async def swap(
        self, instance: str, name: str, before: Mapping[str, str], after: Mapping[str, str]
    ) -> bool:
        """Check-and-set on the version that was read."""
        return await self._do(lambda: self._swap(instance, name, before, after))

    async def remove(self, instance: str, name: str) -> None:
        """All versions of it; removing what is not there is no error."""
        await self._do(
            lambda: self._kv.delete_metadata_and_all_versions(
                path=self._path(instance, name), mount_point=self._settings.mount
            )
        )

    async def names(self, instance: str) -> Sequence[str]:
        """The credentials that are set, sorted."""
        return await self._do(lambda: self._list(instance))

    @property
    def _kv(self) -> Any:
        return self._client.secrets.kv.v2

    def _path(self, instance: str, name: str = "") -> str:
        return "/".join(filter(None, (self._settings.prefix, instance, name)))

    def _read(self, instance: str, name: str) -> tuple[dict[str, str], int] | None:
        try:
            answer = self._kv.read_secret_version(
                path=self._path(instance, name),
                mount_point=self._settings.mount,
                raise_on_deleted_version=True,
            )
        except self._errors.InvalidPath:
            return None
        return dict(answer["data"]["data"]), int(answer["data"]["metadata"]["version"])

    def _write(
        self, instance: str, name: str, value: Mapping[str, str], version: int | None = None
    ) -> None:
        self._kv.create_or_update_secret(
            path=self._path(instance, name),
            secret=dict(value),
            cas=version,
            mount_point=self._settings.mount,
        )

    def _swap(
        self, instance: str, name: str, before: Mapping[str, str], after: Mapping[str, str]
    ) -> bool:
        found = self._read(instance, name)
        if found is None or found[0] not in (dict(before), dict(after)):
            return False
        if found[0] != dict(after):
            try:
                self._write(instance, name, after, found[1])
            except self._errors.InvalidRequest:  # somebody wrote between the two
                return False
        return True

    def _list(self, instance: str) -> list[str]:
        try:
            answer = self._kv.list_secrets(
                path=self._path(instance), mount_point=self._settings.mount
            )
        except self._errors.InvalidPath:
            return []
        return sorted(key for key in answer["data"]["keys"] if not key.endswith("/"))

    async def _do(self, work: Callable[[], T]) -> T:
        """Off the event loop, signed in. Raises ``RetryLater`` and ``AskAPerson``."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._attempt, work)

    def _attempt(self, work: Callable[[], T]) -> T:
        try:
            if not self._client.token:
                self._sign_in()
            try:
                return work()
            except self._errors.Forbidden:
                if "token" in self._login:
                    raise
                self._sign_in()  # its token has run out, or was withdrawn
                return work()
        except self._no_answer:
            raise _later("does not answer", "vault_unreachable") from None
        except self._errors.VaultDown:
            raise _later("is sealed or in maintenance", "vault_sealed") from None
        except (self._errors.Forbidden, self._errors.Unauthorized, self._errors.InvalidRequest):
            raise AskAPerson(
                "Vault refuses the hub.",
                code="vault_refused",
                remedy="Check the hub's token or AppRole there, and that its policy lets it "
                "create, read, update, delete and list what is below the prefix.",
            ) from None
        except self._errors.VaultError:
            raise _later("answers with an error", "vault_unreachable") from None

    def _sign_in(self) -> None:
        """Raises hvac's errors."""
        self._client.token = ""
        self._client.auth.approle.login(
            role_id=self._login["username"], secret_id=self._login["password"]
        )


def login_from(path: Path) -> Mapping[str, str]:
    """What the hub signs in with, of a file: a token alone, or role id and secret id in two lines.

    Raises ``AskAPerson`` (code ``vault_login``) when it is neither, or open to others.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise _no_login("Others may read it.")
        words = path.read_text("ascii").split()
    except (OSError, UnicodeDecodeError):
        raise _no_login("It cannot be read.") from None
    if len(words) == 1:
        return {"token": words[0]}
    if len(words) == 2:
        return {"username": words[0], "password": words[1]}
    raise _no_login("It holds neither a token nor a role id and a secret id.")


def _no_login(why: str) -> AskAPerson:
    return AskAPerson(
        f"The file that the hub signs in to Vault with cannot be used. {why}",
        code="vault_login",
        remedy="Write a token, or a role id and a secret id in two lines, and chmod 0400 it.",
    )


def _later(what: str, code: str) -> RetryLater:
    return RetryLater(f"Vault {what}.", code=code, remedy="Nothing: it is tried again.")
