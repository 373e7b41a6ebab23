"""Credential leases: a worker gets what its manifest declares, and each lease is on the ledger."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping

from watchfloor.contracts import CREDENTIAL_KINDS, CredentialDeclaration, Manifest, Refused
from watchfloor.contracts.protocol import CredentialRenewed
from watchfloor.ports.store import Ledger
from watchfloor.ports.world import Secrets

LEASE, RENEWAL = "credential_lease", "credential_renewal"
"""Kinds of note on the ledger. ``who`` is the source; ``what`` never has a value."""


class Leases:
    """Hands credentials out. ``key`` makes the fingerprints: without it they tell nothing."""

    def __init__(self, secrets: Secrets, ledger: Ledger, key: bytes) -> None:
        self._secrets = secrets
        self._ledger = ledger
        self._key = key

    async def lease(self, source: str, manifest: Manifest, name: str) -> Mapping[str, str]:
        """A declared credential's value. Raises ``Refused`` or ``AskAPerson``."""
        _declared(manifest, name)
        value = await self._secrets.get(source, name)
        await self._note(LEASE, source, manifest, name, value)
        return value

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
        """Tells whether two leases were of the same value, and nothing else."""
        text = json.dumps(dict(value), sort_keys=True).encode()
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:16]


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
