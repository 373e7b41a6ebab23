"""Ways in that outlast the hub's process: sessions, tokens of services, break-glass accounts; and
whose a handle is. Of every secret its hash alone is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .log import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSession:
    """A session at rest. ``digest`` is its secret's SHA-256; ``under`` the rules of signing in
    under which it was begun; ``body`` the session, as whoever keeps it writes it."""

    id: str
    digest: str
    under: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceToken:
    """What a service shows instead of signing in. ``digest`` is the secret's SHA-256.
    ``permission`` is all that it opens, ``source`` the one source for which it does."""

    id: str
    digest: str
    holder: str
    permission: str
    source: str | None
    made: Micros
    made_by: str
    until: Micros
    revoked: Micros | None = None
    revoked_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalAccount:
    """A break-glass account: ``id`` is the name to sign in with, ``hash`` what is left of the
    password. ``made_by`` and ``enabled_by`` are persons' ids, and never the same; ``maker`` is what
    histories call the first (empty of accounts made before it was kept). It closes at
    ``until``, which is 72 hours after its first use (``used``) at the latest."""

    id: str
    name: str
    role: str
    salt: str
    hash: str
    rounds: int
    made: Micros
    made_by: str
    maker: str = ""
    enabled: Micros | None = None
    enabled_by: str | None = None
    until: Micros | None = None
    used: Micros | None = None
    failures: int = 0
    removed: Micros | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHandle:
    """Under which ``handle`` a person (the provider's id of them) signed in, and when last. ``id``
    is the handle without what nobody sees a difference by."""

    id: str
    handle: str
    person: str
    seen: Micros


class SessionBook(Protocol):
    """Sessions, written in one step."""

    async def all(self) -> Sequence[KeptSession]:
        """Every one."""

    async def write(self, kept: Sequence[KeptSession], ended: Sequence[str]) -> None:
        """These as they are now, those (ids) no more; durable when it returns."""


class TokenBook(Protocol):
    """Tokens of services, revoked ones too."""

    async def all(self) -> Sequence[ServiceToken]:
        """Every one, newest first."""

    async def put(self, token: ServiceToken) -> None:
        """A new one, or what became of it; durable when it returns."""


class HandleBook(Protocol):
    """Handles, one row each."""

    async def all(self) -> Sequence[KnownHandle]:
        """Every one."""

    async def put(self, handle: KnownHandle) -> None:
        """A new one, or whose it is now; durable when it returns."""


class LocalAccounts(Protocol):
    """Break-glass accounts, removed ones too."""

    async def all(self) -> Sequence[LocalAccount]:
        """Every one, newest first."""

    async def put(self, account: LocalAccount) -> None:
        """A new one, or what became of it; durable when it returns."""
