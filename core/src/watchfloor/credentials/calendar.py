"""The calendar of credentials: what runs out, and when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from msgspec import Struct

from watchfloor.contracts import AskAPerson, CredentialDeclaration, NotFound, rfc3339
from watchfloor.ports.store import Ledger, Micros, Terms
from watchfloor.ports.world import Clock, Secrets
from watchfloor.sources.credentials import SET

from .expiry import expiry

DAY = 24 * 3600 * 1_000_000
AHEAD = (30, 14, 7, 1)
"""Days before its end on which a credential is spoken of anew."""

Declared = Callable[[], Sequence[tuple[str, Sequence[CredentialDeclaration]]]]
"""Every owner (a source, or ``hub``) with what it declares."""


class Due(Struct, kw_only=True):
    """A credential that runs out. ``days`` are those left, negative when it is over; ``stage`` is
    the nearest of 30, 14, 7 and 1 that they are within, 0 when it is over, and ``None`` before.
    ``known``: it says so itself (``certificate``, ``token``), or a ``person`` does."""

    owner: str
    name: str
    title: str
    expires: str
    days: int
    stage: int | None
    known: str
    said_by: str | None = None


class Calendar:
    """Of one hub. What a value says itself is read anew each time, so that a renewed one is known
    at once; what a person said counts until the credential is set anew."""

    def __init__(
        self, declared: Declared, secrets: Secrets, terms: Terms, ledger: Ledger, clock: Clock
    ) -> None:
        self._declared = declared
        self._secrets = secrets
        self._terms = terms
        self._ledger = ledger
        self._clock = clock

    async def due(self, within_days: int | None = None) -> list[Due]:
        """What runs out within so many days, or whatever has an end; the next first. Raises
        ``AskAPerson`` when the keyring cannot be trusted."""
        found = [
            each
            for owner, credentials in self._declared()
            for declared in credentials
            if (each := await self._of(owner, declared)) is not None
            and (within_days is None or each.days < within_days)
        ]
        return sorted(found, key=lambda each: each.expires)

    async def say(self, owner: str, name: str, expires: Micros | None, by: str) -> None:
        """A person knows the day, from the vendor's page or contract; ``None`` takes it back.
        Raises ``NotFound`` for a credential that is not declared."""
        declared = dict(self._declared()).get(owner, ())
        if not any(each.name == name for each in declared):
            raise NotFound(f"{owner} declares no credential {name[:64]}.", code="undeclared")
        term = await self._terms.get(owner, name)
        await self._terms.put(
            replace(term, expires=expires, said=self._clock.now(), said_by=by)
        )  # fmt: skip

    async def _of(self, owner: str, declared: CredentialDeclaration) -> Due | None:
        try:
            value = await self._secrets.get(owner, declared.name)
        except AskAPerson as error:
            if error.code == "credential_missing":
                return None
            raise
        said_by = None
        known = expiry(value)
        if known is None:
            known, said_by = await self._said(owner, declared.name)
        return self._due(owner, declared, *known, said_by) if known else None

    async def _said(self, owner: str, name: str) -> tuple[tuple[Micros, str] | None, str | None]:
        term = await self._terms.get(owner, name)
        if term.expires is None or term.said is None:
            return None, None
        set_ = await self._ledger.last(SET, owner, name)
        if set_ is not None and set_["at"] > term.said:  # that was about the value before
            return None, None
        return (term.expires, "person"), term.said_by

    def _due(
        self,
        owner: str,
        declared: CredentialDeclaration,
        expires: Micros,
        known: str,
        said_by: str | None,
    ) -> Due:
        left = (expires - self._clock.now()) / DAY
        return Due(
            owner=owner,
            name=declared.name,
            title=declared.title,
            expires=rfc3339(expires),
            days=int(left // 1),
            stage=0 if left <= 0 else min((s for s in AHEAD if left <= s), default=None),
            known=known,
            said_by=said_by,
        )
