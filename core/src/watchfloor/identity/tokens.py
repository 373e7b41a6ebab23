"""Tokens of services: what a vendor's system shows instead of signing in (``Authorization:
Bearer``, RFC 6750). Each opens one thing, for one source, until a day; it is shown once, and kept
as its SHA-256 alone: 256 random bits need no slower hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from watchfloor.contracts import NotFound
from watchfloor.ports.store import Micros, ServiceToken, TokenBook
from watchfloor.ports.world import Clock

from .permissions import Permission, Role
from .person import Person, plain_handle
from .sessions import BACK, FRESH, Origin, Session

DAY: Micros = 24 * 3600 * 1_000_000
PREFIX = "wft_"
"""So that a scanner finds one that was committed somewhere."""

HOLDER: dict[Permission, Role] = {Permission.DATA_BRING: Role.VENDOR_SERVICE}
"""What a token can open, and whom that makes of its holder."""


@dataclass(slots=True)
class Tokens:
    """Every token of this hub."""

    book: TokenBook
    clock: Clock
    agency: str
    _by_digest: dict[str, ServiceToken] = field(default_factory=dict)

    async def open(self) -> None:
        """Take up those from before."""
        self._by_digest = {each.digest: each for each in await self.book.all()}

    async def make(
        self, holder: str, permission: Permission, source: str, days: int, by: str
    ) -> tuple[str, ServiceToken]:
        """A new one, and its secret, which nobody can be shown again."""
        secret, now = PREFIX + secrets.token_urlsafe(32), self.clock.now()
        token = ServiceToken(
            id=f"T-{secrets.token_hex(6)}", digest=_digest(secret), holder=holder,
            permission=permission, source=source, made=now, made_by=by, until=now + days * DAY,
        )  # fmt: skip
        await self._keep(token)
        return secret, token

    async def revoke(self, id: str, by: str) -> ServiceToken:
        """It opens nothing from now on. Raises ``NotFound`` (code ``no_such_token``)."""
        token = next((each for each in self.all() if each.id == id and not each.revoked), None)
        if token is None:
            raise NotFound("There is no such token.", code="no_such_token")
        revoked = replace(token, revoked=self.clock.now(), revoked_by=by)
        await self._keep(revoked)
        return revoked

    async def revoke_all(self, made_by: Collection[str], by: str) -> int:
        """Those that somebody made, under any of these handles; how many."""
        makers = {plain_handle(each) for each in made_by}
        theirs = [
            each for each in self.all() if plain_handle(each.made_by) in makers and not each.revoked
        ]
        for each in theirs:
            await self.revoke(each.id, by)
        return len(theirs)

    def all(self) -> Sequence[ServiceToken]:
        """Newest first."""
        return sorted(self._by_digest.values(), key=lambda token: -token.made)

    def session(self, secret: str, address: str) -> Session | None:
        """What it opens now, if anything. A clock that was set back gives no token new life."""
        token, now = self._by_digest.get(_digest(secret)), self.clock.now()
        if token is None or token.revoked or not token.made - BACK <= now < token.until:
            return None
        permission = Permission(token.permission)
        person = Person(
            id=f"token|{token.id}", handle=token.holder, name=token.holder, agency=self.agency,
            roles=frozenset({HOLDER[permission]}), only=frozenset({permission}),
        )  # fmt: skip
        return Session(
            id=token.id, person=person, origin=Origin(address), begun=token.made, seen=now,
            authenticated=now - FRESH, acknowledged=True, source=token.source,
        )  # fmt: skip

    async def _keep(self, token: ServiceToken) -> None:
        """A revoked one is closed here before it is written, and stays closed if that fails."""
        self._by_digest[token.digest] = token
        await self.book.put(token)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
