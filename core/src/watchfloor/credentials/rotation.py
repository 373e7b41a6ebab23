"""Rotation: a credential is replaced, and for a while the one before it is taken as well."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from msgspec import Struct

from watchfloor.contracts import (
    CREDENTIAL_KINDS,
    AskAPerson,
    CredentialDeclaration,
    Refused,
    WatchfloorError,
    rfc3339,
)
from watchfloor.ports.store import LeaseBook, Terms
from watchfloor.ports.world import Clock, Secrets
from watchfloor.sources import Sources

LONGEST_S = 30 * 24 * 3600
"""An overlap is no second credential for good."""
PREVIOUS = "previous"
MOST_LEASES = 1000
ENDED = "credential_overlap"
"""Who ends an overlap, on the ledger."""

log = logging.getLogger(__name__)


class RotationView(Struct, kw_only=True):
    """How far a rotation is. While the workers of ``old_processes`` still go by the value before,
    it must not be withdrawn at the vendor; ``in_use``: some worker has the new one."""

    source: str
    name: str
    overlap_until: str | None
    in_use: bool
    old_processes: list[int]


class Rotation:
    """Replaces credentials of sources. Neither a webhook nor a worker is refused meanwhile: the
    hub takes webhooks by both secrets until the overlap ends, and workers lease the new value by
    themselves, within a minute or when the vendor refuses the old one."""

    def __init__(
        self,
        sources: Sources,
        secrets: Secrets,
        terms: Terms,
        book: LeaseBook,
        fingerprint: Callable[[dict[str, str]], str],
        clock: Clock,
    ) -> None:
        self._sources = sources
        self._secrets = secrets
        self._terms = terms
        self._book = book
        self._fingerprint = fingerprint
        self._clock = clock

    async def rotate(
        self, source: str, name: str, value: Mapping[str, str], overlap_s: float, by: str
    ) -> RotationView:
        """Seal a new value; what it replaces is taken for ``overlap_s`` more seconds.

        Raises ``NotFound``, ``AskAPerson`` for a value that does not fit its kind, and ``Refused``
        for an overlap that is too long, or of a kind that the hub cannot take twice, and within
        another overlap: of three values the one that the vendor uses would be dropped.
        """
        declared = self._sources.declared(source, name)
        if not 0 <= overlap_s <= LONGEST_S:
            raise Refused(
                f"The overlap must be between 0 and {LONGEST_S} seconds (30 days).",
                code="overlap_too_long",
                remedy="Rotate when the vendor can, and let both serve for a day or two.",
            )
        before = await self._secrets.get(source, name)
        until = self._clock.now() + int(overlap_s * 1_000_000) if overlap_s else None
        new = {part: word for part, word in value.items() if part != PREVIOUS}
        if until and _takes_two(declared):
            if PREVIOUS in before:
                raise _two_are_taken()
            new[PREVIOUS] = _proof(declared, before, new)
        new = declared.fitting(new)
        term = replace(await self._terms.get(source, name), overlap_until=until)
        if until:  # first, so that no crash leaves an overlap without its end
            await self._terms.put(term)
        await self._sources.replace_credential(source, name, new, by)
        if not until:
            await self._terms.put(term)
        return await self.view(source, name)

    async def end_overlaps(self) -> None:
        """Those whose time is over: the value before is forgotten. Called every minute, and at a
        start. One that cannot be ended is tried again, and keeps no other from ending."""
        now = self._clock.now()
        for term in await self._terms.all():
            if term.overlap_until is not None and term.overlap_until <= now:
                try:
                    await self._end(term.owner, term.name)
                    await self._terms.put(replace(term, overlap_until=None))
                except WatchfloorError as error:
                    log.warning(
                        "%s: the overlap of %s cannot be ended: %s",
                        term.owner, term.name, error.code,
                    )  # fmt: skip

    async def view(self, source: str, name: str) -> RotationView:
        """How far it is. Raises ``NotFound``."""
        self._sources.declared(source, name)
        term = await self._terms.get(source, name)
        now = self._fingerprint(dict(await self._secrets.get(source, name)))
        held = await self._book.find(MOST_LEASES, source=source, still_open=True)
        leases = [lease for lease in held if lease.name == name]
        return RotationView(
            source=source,
            name=name,
            overlap_until=rfc3339(term.overlap_until) if term.overlap_until else None,
            in_use=any(lease.fingerprint == now for lease in leases),
            old_processes=[lease.process for lease in leases if lease.fingerprint != now],
        )

    async def _end(self, source: str, name: str) -> None:
        try:
            value = dict(await self._secrets.get(source, name))
        except AskAPerson as error:
            if error.code == "credential_missing":  # nothing is taken any more
                return
            raise
        if value.pop(PREVIOUS, None) is not None:
            await self._sources.replace_credential(source, name, value, ENDED)


def _proof(
    declared: CredentialDeclaration, before: Mapping[str, str], new: Mapping[str, str]
) -> str:
    """What a webhook was proven with before. Raises ``Refused``."""
    if declared.kind != "basic":
        return before[CREDENTIAL_KINDS[declared.kind].parts[0].name]
    if before.get("username") != new.get("username") or "password" not in before:
        raise Refused(
            "Two passwords can be taken for a while, two users cannot.",
            code="overlap_impossible",
            remedy="Keep the user's name, or rotate without an overlap.",
        )
    return before["password"]


def _two_are_taken() -> Refused:
    return Refused(
        "Two values are taken already: a third would put out the one that was there first.",
        code="overlap_under_way",
        remedy="Wait until its overlap ends. Where the newer one was mistyped, set the credential"
        " with the right one, and as “previous” the one that the vendor still uses; or rotate"
        " without an overlap, from when on the new one alone is taken.",
    )


def _takes_two(declared: CredentialDeclaration) -> bool:
    return any(part.name == PREVIOUS for part in CREDENTIAL_KINDS[declared.kind].parts)
