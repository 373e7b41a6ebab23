"""The life of connectors: installed, approved, switched on, upgraded, removed.

Command line, console and API go through here alike.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from watchfloor import __version__
from watchfloor.contracts import (
    AskAPerson,
    Impact,
    Manifest,
    NotFound,
    Refused,
    RetryLater,
)
from watchfloor.contracts import protocol as p
from watchfloor.contracts.registry import Release
from watchfloor.hosting import House, Journal, Line, Supervisor, try_out
from watchfloor.ports.registry import Bundles, Index, Step
from watchfloor.ports.store import Instance
from watchfloor.sources import PUSH, Sources, SourceView

from .admission import Admission
from .changeover import WELL, Changeover
from .impact import Approvals, ImpactView, refuse_category
from .installations import Installations
from .jobs import Job, Jobs
from .offers import Offers, chosen
from .versions import revoked, version_key

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Registrar:
    """What the registry works with."""

    index: Index
    bundles: Bundles
    installations: Installations
    admission: Admission
    approvals: Approvals
    jobs: Jobs
    journal: Journal


class Connectors:
    """All connectors of one hub. ``offers`` is what there is, ``jobs`` the long work."""

    def __init__(
        self, registrar: Registrar, house: House, supervisor: Supervisor, sources: Sources
    ) -> None:
        self.jobs = registrar.jobs
        self.offers = Offers(registrar.index, registrar.installations, house.catalogue, sources)
        self._index = registrar.index
        self._bundles = registrar.bundles
        self._installations = registrar.installations
        self._admission = registrar.admission
        self._approvals = registrar.approvals
        self._journal = registrar.journal
        self._house = house
        self._supervisor = supervisor
        self._sources = sources
        self._changeover = Changeover(
            self._installations, self._admission, self._approvals, house, supervisor, sources
        )

    def logs(self, source: str) -> Sequence[Line]:
        """The last lines of a source, oldest first. Raises ``NotFound``."""
        self._sources.get(source)
        return self._journal.lines(source)

    # --- installing --------------------------------------------------------------------------

    def install(self, connector: str, version: str | None, by: str) -> Job:
        """Fetch, verify and install a release: the newest, unless one is named; of a connector that
        is no longer as it was installed, the same again."""

        async def work(step: Step) -> dict[str, Any]:
            wanted = version or await self._spoilt(connector)
            release = chosen(await self._index.refresh(), connector, wanted)
            await self._add(self._index, connector, release, by, step)
            return {"version": release.version}

        return self.jobs.start("install", connector, by, work)

    def install_bundle(self, content: bytes, by: str) -> Job:
        """Install what a bundle holds, with the same checks and without the network."""

        async def work(step: Step) -> dict[str, Any]:
            with TemporaryDirectory() as folder:
                step(0.05, "unpacking")
                bundle = await self._bundles.open(content, Path(folder))
                registry = await bundle.index.refresh()
                release = chosen(registry, bundle.connector, bundle.version)
                async with self.jobs.turn(bundle.connector):
                    await self._add(bundle.index, bundle.connector, release, by, step)
            return {"connector": bundle.connector, "version": bundle.version}

        return self.jobs.start_unnamed("install-bundle", by, work)

    def upgrade(self, connector: str, version: str | None, by: str) -> Job:
        """Put another release into use, when its worker starts, its check passes for every source
        that is switched on, and nothing grew that is not approved; else the old one stays."""

        async def work(step: Step) -> dict[str, Any]:
            release = chosen(await self._index.refresh(), connector, version)
            before = self._installations.current(connector)
            if before is None:
                raise NotFound(f"{connector} is not installed.", code="not_installed")
            if release.version == before:
                raise Refused(f"{connector} {before} is in use already.", code="same_version")
            if not self._installations.has(connector, release.version):
                await self._prepare(self._index, connector, release, by, step)
            await self._changeover.rehearse(connector, release.version, step)
            await self._change(connector, before, release.version, by, step)
            return {"version": release.version, "from": before}

        return self.jobs.start("upgrade", connector, by, work)

    def rollback(self, connector: str, by: str) -> Job:
        """Put the version before into use again. Checkpoints stay as they are."""

        async def work(step: Step) -> dict[str, Any]:
            before, to = self._in_use(connector), self._installations.previous(connector)
            if to is None:
                raise NotFound(f"There is no version to go back to from {before}.",
                               code="no_previous")  # fmt: skip
            await self._admission.interpreter(connector, to)
            await self._change(connector, before, to, by, step)
            return {"version": to, "from": before}

        return self.jobs.start("rollback", connector, by, work)

    def remove(self, connector: str, by: str) -> Job:
        """Take a connector away that no source uses."""

        async def work(_step: Step) -> None:
            version = self._in_use(connector)
            if users := self._changeover.users(connector):
                raise Refused(
                    f"{connector} is used by {', '.join(each.id for each in users)}.",
                    code="in_use",
                    remedy="Remove these sources first.",
                )
            await self._installations.remove(connector)
            self._house.catalogue.reload()
            await self._note("connector_removed", by, connector, version)

        return self.jobs.start("remove", connector, by, work)

    # --- sources -----------------------------------------------------------------------------

    async def put(self, wanted: Instance, by: str) -> SourceView:
        """Add a source or change it. One that is switched on must be allowed to run."""
        if wanted.enabled:
            await self._demand(wanted)
        return await self._sources.put(wanted, by)

    async def enable(self, source: str, by: str) -> SourceView:
        """Switch a source on. Raises ``Refused`` with what it lacks."""
        return await self.put(replace(self._sources.get(source), enabled=True), by)

    async def disable(self, source: str, by: str) -> SourceView:
        """Switch a source off; its settings, credentials and checkpoint stay."""
        return await self.put(replace(self._sources.get(source), enabled=False), by)

    async def impact(self, source: str, version: str | None = None) -> ImpactView:
        """A source's impact statement, under the version in use or another that is installed."""
        instance = self._sources.get(source)
        return await self._approvals.view(instance, self._manifest(instance, version))

    async def approve(self, source: str, version: str, impact: Impact, by: str) -> ImpactView:
        """``by`` approves a source's impact statement for what one version touches."""
        instance = self._sources.get(source)
        manifest = self._manifest(instance, version)
        await self._approvals.approve(instance, manifest, impact, by)
        return await self._approvals.view(instance, manifest)

    async def check(self, source: str) -> p.CheckResult:
        """Try settings, credentials and hosts; by a trial where no worker runs."""
        instance = self._sources.get(source)
        if instance.connector == PUSH or self._supervisor.state(source).state in WELL:
            return await self._sources.check(source)
        manifest = self._manifest(instance, None)
        return await try_out(self._house, instance, manifest, await self._python(manifest))

    # --- chores ------------------------------------------------------------------------------

    async def watch(self) -> None:
        """Take the newest signed copy and stop what it revokes."""
        try:
            await self._index.refresh()
        except (RetryLater, AskAPerson) as error:
            log.warning("the index of connectors was not refreshed: %s", error.detail)
        registry = await self._index.last()
        for instance in self._sources.all():
            version = self._installations.current(instance.connector)
            if version and instance.enabled and revoked(registry, instance.connector, version):
                await self._stop_revoked(instance.id)

    # --- parts -------------------------------------------------------------------------------

    async def _stop_revoked(self, source: str) -> None:
        """Its worker ends; the admission refuses the next one with the reason."""
        if self._supervisor.state(source).code != "revoked":
            await self._supervisor.restart(source)

    async def _add(
        self, index: Index, connector: str, release: Release, by: str, step: Step
    ) -> None:
        current = self._installations.current(connector)
        if current is not None and release.version != await self._spoilt(connector):
            raise Refused(
                f"{connector} is installed already.",
                code="already_installed",
                remedy=f"Upgrade it: watchfloor connector upgrade {connector}",
            )
        await self._prepare(index, connector, release, by, step)
        await self._changeover.use(connector, release.version)
        await self._note("connector_installed", by, connector, release.version)

    async def _spoilt(self, connector: str) -> str | None:
        """The version in use, if it is not as it was installed."""
        version = self._installations.current(connector)
        if version is None:
            return None
        try:
            await self._installations.verified(connector, version)
        except (Refused, NotFound):
            return version
        return None

    async def _prepare(
        self, index: Index, connector: str, release: Release, by: str, step: Step
    ) -> None:
        await self._admission.refuse_revoked(connector, release.version)
        if version_key(release.min_hub) > version_key(__version__):
            raise Refused(
                f"{connector} {release.version} needs a hub of {release.min_hub} or newer.",
                code="hub_too_old",
                remedy="Upgrade the hub, or choose an older version of the connector.",
            )
        now = self._house.clock.now()
        await self._installations.add(index, connector, release, by, now, step)

    async def _change(self, connector: str, before: str, version: str, by: str, step: Step) -> None:
        await self._changeover.switch(connector, before, version, step)
        await self._note("connector_in_use", by, connector, version)
        await self._installations.tidy(connector)

    async def _demand(self, wanted: Instance) -> None:
        if wanted.connector == PUSH:
            return
        manifest = self._house.catalogue.manifest(wanted.connector)
        refuse_category(manifest)
        if self._house.catalogue.is_verified(manifest.id):
            await self._approvals.demand(wanted, manifest)

    def _manifest(self, source: Instance, version: str | None) -> Manifest:
        if source.connector == PUSH:
            raise Refused(f"{source.id} is a push source: it has no connector.", code="push_source")
        manifest = self._house.catalogue.manifest(source.connector)
        if version is None or version == manifest.version:
            return manifest
        return self._installations.manifest(source.connector, version)

    async def _python(self, manifest: Manifest) -> Path | None:
        if not self._house.catalogue.is_verified(manifest.id):
            return None
        return await self._admission.interpreter(manifest.id, manifest.version)

    def _in_use(self, connector: str) -> str:
        version = self._installations.current(connector)
        if version is None:
            raise NotFound(f"{connector} is not installed.", code="not_installed")
        return version

    async def _note(self, kind: str, by: str, connector: str, version: str) -> None:
        what = {"connector": connector, "version": version}
        await self._house.store.ledger.note(kind, by, what)
