"""Credentials as people handle them: set by their parts, and shown without them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from watchfloor.contracts import (
    CREDENTIAL_KINDS,
    CredentialDeclaration,
    CredentialKind,
    CredentialPart,
    NotFound,
    rfc3339,
)
from watchfloor.hosting import LEASE, RENEWAL
from watchfloor.ports.store import LeaseBook, Ledger
from watchfloor.ports.world import Secrets

SET = "credential_set"
"""Kind of note on the ledger: ``who`` is the source, ``what`` the name, and by whom."""

HUB = "hub"
"""Under this name the keyring has what is the hub's own; no source may be called so."""
PROXY = CredentialDeclaration(
    name="proxy",
    kind="basic",
    title="The agency's own proxy",
    help="User and password for the proxy in hub.toml, where it wants some.",
    required=False,
)

SIGN_ON = CredentialDeclaration(
    name="sign_on",
    kind="service_principal",
    title="This hub at the identity provider",
    help="The client's secret or private key, for the client_id in hub.toml.",
    required=False,
)
OWN = {declared.name: declared for declared in (PROXY, SIGN_ON)}


class CredentialView(Struct, kw_only=True):
    """A declared credential, and what may be known of it: never a value.

    ``parts`` are what a form asks for; each of ``ways`` names some that are enough. ``filled`` are
    those that are set now. ``set``, ``renewed`` (by the worker, at the vendor) and ``leased`` are
    when that was last, where it is known.
    """

    name: str
    kind: CredentialKind
    title: str
    help: str
    required: bool
    parts: list[CredentialPart]
    ways: list[list[str]]
    filled: list[str]
    set: str | None = None
    set_by: str | None = None
    renewed: str | None = None
    leased: str | None = None


class Credentials:
    """Those of all sources, and of the hub."""

    def __init__(self, secrets: Secrets, ledger: Ledger, book: LeaseBook | None = None) -> None:
        self._secrets = secrets
        self._ledger = ledger
        self._book = book

    async def set(
        self, owner: str, declared: CredentialDeclaration, value: Mapping[str, str], by: str
    ) -> None:
        """Seal a value. Raises ``AskAPerson`` for one that does not fit its kind."""
        await self._secrets.put(owner, declared.name, declared.fitting(value))
        await self._ledger.note(SET, owner, {"name": declared.name, "by": by})

    async def views(
        self, owner: str, declared: Sequence[CredentialDeclaration]
    ) -> list[CredentialView]:
        """Each as it is now. Raises ``AskAPerson`` when the keyring cannot be trusted."""
        known = await self._secrets.names(owner)
        return [await self._view(owner, each, each.name in known) for each in declared]

    async def forget(self, owner: str) -> None:
        """Take all of them away."""
        for name in await self._secrets.names(owner):
            await self._secrets.remove(owner, name)

    async def _view(
        self, owner: str, declared: CredentialDeclaration, is_set: bool
    ) -> CredentialView:
        shape, name = CREDENTIAL_KINDS[declared.kind], declared.name
        value = await self._secrets.get(owner, name) if is_set else {}
        last = {kind: await self._ledger.last(kind, owner, name) for kind in (SET, RENEWAL, LEASE)}
        set_, renewed, leased = last.values()
        return CredentialView(
            name=name,
            kind=declared.kind,
            title=declared.title,
            help=declared.help or "",
            required=declared.required,
            parts=list(shape.parts),
            ways=[list(way) for way in shape.ways],
            filled=[part.name for part in shape.parts if part.name in value],
            set=rfc3339(set_["at"]) if set_ and is_set else None,
            set_by=set_["what"]["by"] if set_ and is_set else None,
            renewed=rfc3339(renewed["at"]) if renewed and _since(renewed, set_) else None,
            leased=await self._leased(owner, name, leased),
        )

    async def _leased(self, owner: str, name: str, noted: Mapping[str, Any] | None) -> str | None:
        """When it was asked for last; the ledger's note is from when its process began with it."""
        at = await self._book.last_used(owner, name) if self._book else None
        last = at or (noted["at"] if noted else None)
        return rfc3339(last) if last else None


def _since(note: Mapping[str, Any], other: Mapping[str, Any] | None) -> bool:
    """Whether it is about the value that was set then."""
    return other is None or note["at"] >= other["at"]


class OwnCredentials:
    """The hub's own: what it needs itself, for no source. ``changed`` takes a new one into use."""

    def __init__(self, credentials: Credentials, changed: Callable[[], Awaitable[None]]) -> None:
        self._credentials = credentials
        self._changed = changed

    async def views(self) -> list[CredentialView]:
        """Each as it is now."""
        return await self._credentials.views(HUB, [*OWN.values()])

    async def set(self, name: str, value: Mapping[str, str], by: str) -> None:
        """Seal one and use it from now on. Raises ``NotFound`` and ``AskAPerson``."""
        if name not in OWN:
            raise NotFound(f"The hub has no credential {name[:64]}.", code="undeclared")
        await self._credentials.set(HUB, OWN[name], value, by)
        await self._changed()
