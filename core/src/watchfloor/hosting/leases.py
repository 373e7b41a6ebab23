"""Credential leases: a worker gets what its manifest declares, and each lease is on the ledger."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping

from watchfloor.contracts import Manifest, Refused
from watchfloor.ports.store import Ledger
from watchfloor.ports.world import Secrets


class Leases:
    """Hands credentials out. ``key`` makes the fingerprints: without it they tell nothing."""

    def __init__(self, secrets: Secrets, ledger: Ledger, key: bytes) -> None:
        self._secrets = secrets
        self._ledger = ledger
        self._key = key

    async def lease(self, source: str, manifest: Manifest, name: str) -> Mapping[str, str]:
        """A declared credential's value. Raises ``Refused`` or ``AskAPerson``."""
        if name not in {declared.name for declared in manifest.credentials}:
            raise Refused(
                f"{manifest.id} asks for a credential that it does not declare.",
                code="credential_not_declared",
                remedy="Tell the connector's maintainer.",
            )
        value = await self._secrets.get(source, name)
        what = {"name": name, "connector": manifest.id, "fingerprint": self.fingerprint(value)}
        await self._ledger.note("credential_lease", source, what)
        return value

    def fingerprint(self, value: Mapping[str, str]) -> str:
        """Tells whether two leases were of the same value, and nothing else."""
        text = json.dumps(dict(value), sort_keys=True).encode()
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:16]
