"""Credential leases: a worker gets what its manifest declares, and each lease is on the ledger."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping

from watchfloor.audit import AuditEvent, Entry, Object, Outcome
from watchfloor.contracts import (
    CREDENTIAL_KINDS,
    AskAPerson,
    CredentialDeclaration,
    Manifest,
    Refused,
    WatchfloorError,
)
from watchfloor.contracts.protocol import CredentialRenewed
from watchfloor.ports.store import Lease, LeaseBook, Ledger
from watchfloor.ports.world import Secrets, WorkerProcess

log = logging.getLogger(__name__)

LEASE, RENEWAL = "credential_lease", "credential_renewal"
"""Kinds of note on the ledger. ``who`` is the source; ``what`` never has a value."""

WORKER_ENDED, HUB_ENDED, CUT_OFF = "worker_ended", "hub_ended", "cut_off"
"""Why a lease is no more, besides ``replaced``."""
MOST_HOLDERS = 10_000


def _nobody(_: Entry) -> None:
    """No audit log to tell."""


class Leases:
    """Hands credentials out. ``key`` makes the fingerprints: without it they tell nothing.
    ``book`` keeps who has what in hand, and until when; ``told`` hears of each for the audit
    log."""

    def __init__(
        self,
        secrets: Secrets,
        ledger: Ledger,
        key: bytes,
        book: LeaseBook | None = None,
        told: Callable[[Entry], None] = _nobody,
    ) -> None:
        self._secrets = secrets
        self._ledger = ledger
        self._key = key
        self._book = book
        self._told = told
        self._holders: dict[int, Callable[[], None]] = {}

    async def open(self) -> None:
        """Nobody has anything in hand yet: what the last run left open is ended."""
        if self._book is not None:
            await self._book.end(HUB_ENDED)

    async def lease(
        self, source: str, manifest: Manifest, name: str, process: int = 0
    ) -> Mapping[str, str]:
        """A declared credential's value, for a process. Raises ``Refused`` or ``AskAPerson``.

        Nothing is handed out that could not be written down. The ledger has each value that a
        process was handed once, the book also how often.
        """
        _declared(manifest, name)
        value = await self._secrets.get(source, name)
        lease = Lease(0, source, name, manifest.id, self.fingerprint(value), process)
        if self._book is None or await self._book.lend(lease):
            await self._note(LEASE, source, manifest, name, value)
            self._told(_leased(lease))
        return value

    async def secrets_of(self, source: str, manifest: Manifest) -> Mapping[str, Mapping[str, str]]:
        """All that a source has, by name, leased or not: what its vendor may echo. Raises
        ``AskAPerson`` when the keyring cannot be trusted."""
        found: dict[str, Mapping[str, str]] = {}
        for declared in manifest.credentials:
            try:
                found[declared.name] = await self._secrets.get(source, declared.name)
            except AskAPerson as error:
                if error.code != "credential_missing":
                    raise
        return found

    @contextlib.asynccontextmanager
    async def held_by(self, source: str, process: WorkerProcess) -> AsyncIterator[None]:
        """While a worker may have leases in hand; afterwards they are ended."""
        self._holders[process.pid] = process.kill
        try:
            yield
        finally:
            del self._holders[process.pid]
            await self._returned(source, process.pid)

    async def _returned(self, source: str, process: int) -> None:
        if self._book is None:
            return
        try:
            await self._book.end(WORKER_ENDED, source=source, process=process)
        except WatchfloorError as error:  # the next start ends them
            log.warning("%s: its leases' end could not be noted: %s", source, error.detail)

    async def end_all(self, source: str) -> int:
        """Take back what a source's workers have in hand: those processes are killed. How many
        leases that ended."""
        if self._book is None:
            return 0
        held = await self._book.find(MOST_HOLDERS, source=source, still_open=True)
        ended = await self._book.end(CUT_OFF, source=source)
        for process in {lease.process for lease in held} & self._holders.keys():
            self._holders[process]()
        return ended

    async def renew(
        self,
        source: str,
        manifest: Manifest,
        renewed: CredentialRenewed,
        leased: Mapping[str, str] | None,
    ) -> Mapping[str, str]:
        """Keep the fields that a vendor replaced; answers the value that is kept now.

        ``leased`` is what the worker was handed. It may replace that and nothing newer: what a
        person has set meanwhile stands. Durable when it returns. Raises ``Refused``, and
        ``AskAPerson`` when it cannot be kept.
        """
        declared = _declared(manifest, renewed.name)
        _check_fields(declared, renewed.fields)
        if leased is None:
            raise Refused(
                f"{manifest.id} renews a credential that it has not leased.",
                code="credential_not_leased",
                remedy="Tell the connector's maintainer.",
            )
        value = {**leased, **renewed.fields}
        if not await self._secrets.swap(source, renewed.name, leased, value):
            raise Refused(
                f"The credential {renewed.name} was changed since it was leased.",
                code="credential_changed",
                remedy="Nothing: the worker goes on with the one that was set.",
            )
        await self._note(RENEWAL, source, manifest, renewed.name, value)
        return value

    async def _note(
        self, kind: str, source: str, manifest: Manifest, name: str, value: Mapping[str, str]
    ) -> None:
        what = {"name": name, "connector": manifest.id, "fingerprint": self.fingerprint(value)}
        await self._ledger.note(kind, source, what)

    def fingerprint(self, value: Mapping[str, str]) -> str:
        """Tells whether two leases were of the same value, and nothing else. What else is taken
        while it is being changed does not count."""
        serving = {part: word for part, word in value.items() if part != "previous"}
        text = json.dumps(serving, sort_keys=True).encode()
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:16]


def _leased(lease: Lease) -> Entry:
    return Entry(
        event=AuditEvent.CREDENTIAL_LEASED,
        outcome=Outcome.DONE,
        object=Object(kind="credentials", id=f"{lease.source}/{lease.name}"),
        more={"connector": lease.connector, "fingerprint": lease.fingerprint},
    )


def open_parts(manifest: Manifest, name: str) -> frozenset[str]:
    """The parts of a declared credential that are no secrets."""
    kinds = (each.kind for each in manifest.credentials if each.name == name)
    return frozenset(
        part.name for kind in kinds for part in CREDENTIAL_KINDS[kind].parts if not part.secret
    )


def _declared(manifest: Manifest, name: str) -> CredentialDeclaration:
    for declared in manifest.credentials:
        if declared.name == name:
            return declared
    raise Refused(
        f"{manifest.id} asks for a credential that it does not declare.",
        code="credential_not_declared",
        remedy="Tell the connector's maintainer.",
    )


def _check_fields(declared: CredentialDeclaration, fields: Mapping[str, str]) -> None:
    """Raises ``Refused`` unless they are what a vendor replaces, and something."""
    renewable = CREDENTIAL_KINDS[declared.kind].renewable
    if not fields or not renewable >= fields.keys() or not all(fields.values()):
        raise Refused(
            f"Of a credential of the kind {declared.kind} a worker renews "
            f"{', '.join(renewable) or 'nothing'}.",
            code="credential_not_renewable",
            remedy="Tell the connector's maintainer.",
        )
