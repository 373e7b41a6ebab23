"""The gate before every start of a worker: the ``Workers`` port with the registry's checks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from watchfloor.contracts import Refused
from watchfloor.hosting import Catalogue
from watchfloor.ports.registry import Index
from watchfloor.ports.store import Instances
from watchfloor.ports.world import WorkerProcess, Workers

from .impact import Approvals, refuse_category
from .installations import Installations
from .versions import revoked


class Admission:
    """Starts a worker when its connector is as it was installed, not revoked, approved, and of a
    category that may run. One of the hub's own environment (development) passes unverified."""

    def __init__(
        self,
        workers: Workers,
        catalogue: Catalogue,
        installations: Installations,
        index: Index,
        instances: Instances,
        approvals: Approvals,
    ) -> None:
        self._workers = workers
        self._catalogue = catalogue
        self._installations = installations
        self._index = index
        self._instances = instances
        self._approvals = approvals

    async def start(
        self,
        connector: str,
        instance: str,
        memory_mb: int,
        python: Path | None = None,
        paths: Sequence[str] = (),
    ) -> WorkerProcess:
        """Start the worker of one instance. Raises ``Refused`` with why it may not run."""
        manifest = self._catalogue.manifest(connector)
        refuse_category(manifest)
        if python is None and self._catalogue.is_verified(connector):
            await self._approvals.demand(await self._instances.get(instance), manifest)
            python = await self.interpreter(connector, manifest.version)
        return await self._workers.start(connector, instance, memory_mb, python, paths)

    async def interpreter(self, connector: str, version: str) -> Path:
        """Of a version that may run. Raises ``Refused`` (``revoked``, ``tampered``)."""
        await self.refuse_revoked(connector, version)
        return await self._installations.verified(connector, version)

    async def refuse_revoked(self, connector: str, version: str) -> None:
        """Raises ``Refused`` (code ``revoked``) by the last signed copy of the index."""
        withdrawn = revoked(await self._index.last(), connector, version)
        if withdrawn is None:
            return
        good = withdrawn.lowest_good
        raise Refused(
            f"{connector} {version} is revoked since {withdrawn.since}: {withdrawn.reason}",
            code="revoked",
            remedy=f"Upgrade it to {good} or newer." if good else "Remove it; no version may run.",
        )
