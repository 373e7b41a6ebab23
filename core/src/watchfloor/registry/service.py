"""The life of connectors: found, installed, approved, switched on, upgraded, removed.

Command line, console and API go through here alike.
"""

from __future__ import annotations

import asyncio
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
from watchfloor.contracts.registry import Registry, Release
from watchfloor.hosting import House, Journal, Line, Supervisor, try_out
from watchfloor.ports.registry import Bundles, Index, Step
from watchfloor.ports.store import Instance
from watchfloor.sources import PUSH, Sources, SourceView

from .admission import Admission
from .impact import Approvals, ImpactView, refuse_category
from .installations import Installations
from .jobs import Job, Jobs
from .versions import revoked, version_key
from .views import ConnectorInfo, ConnectorPage, Offer, best, fits, offer, release_named

log = logging.getLogger(__name__)

WELL = {"running", "degraded"}
TROUBLED = {"backing_off", "crash_loop", "needs_attention"}
STEADY_S = 3.0
"""A version runs when its sources have run so long: one may die of what it first reads."""
LOOK_S = 0.1


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
    """All connectors of one hub."""

    def __init__(
        self, registrar: Registrar, house: House, supervisor: Supervisor, sources: Sources
    ) -> None:
        self.jobs = registrar.jobs
        self._index = registrar.index
        self._bundles = registrar.bundles
        self._installations = registrar.installations
        self._admission = registrar.admission
        self._approvals = registrar.approvals
        self._journal = registrar.journal
        self._house = house
        self._supervisor = supervisor
        self._sources = sources

    # --- looking -----------------------------------------------------------------------------

    async def search(self, text: str = "") -> Sequence[Offer]:
        """What the index offers, by its last signed copy where it cannot be reached."""
        registry = await self._newest()
        current = self._installations.current
        offers = [offer(registry, each, current(each.id)) for each in registry.connectors]
        return [each for each in offers if fits(each, text)]

    async def all(self) -> Sequence[ConnectorInfo]:
        """What is installed."""
        registry = await self._index.last()
        return [self._info(each.id, registry) for each in self._house.catalogue.all()]

    async def show(self, connector: str) -> ConnectorPage:
        """One connector, offered or installed. Raises ``NotFound`` (``no_such_connector``)."""
        offered = await self._offered(connector)
        known = {each.id for each in self._house.catalogue.all()}
        installed = self._info(connector, await self._index.last()) if connector in known else None
        if offered is None and installed is None:
            raise _unknown(connector)
        return ConnectorPage(connector, offered, installed)

    def logs(self, source: str) -> Sequence[Line]:
        """The last lines of a source, oldest first. Raises ``NotFound``."""
        self._sources.get(source)
        return self._journal.lines(source)

    # --- installing --------------------------------------------------------------------------

    def install(self, connector: str, version: str | None, by: str) -> Job:
        """Fetch, verify and install a release: the newest, unless one is named."""

        async def work(step: Step) -> dict[str, Any]:
            release = _chosen(await self._index.refresh(), connector, version)
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
                release = _chosen(registry, bundle.connector, bundle.version)
                await self._add(bundle.index, bundle.connector, release, by, step)
            return {"connector": bundle.connector, "version": bundle.version}

        return self.jobs.start("install-bundle", "bundle", by, work)

    def upgrade(self, connector: str, version: str | None, by: str) -> Job:
        """Put another release into use, when its worker starts, its check passes for every source
        that is switched on, and nothing grew that is not approved; else the old one stays."""

        async def work(step: Step) -> dict[str, Any]:
            release = _chosen(await self._index.refresh(), connector, version)
            before = self._installations.current(connector)
            if before is None:
                raise NotFound(f"{connector} is not installed.", code="not_installed")
            if release.version == before:
                raise Refused(f"{connector} {before} is in use already.", code="same_version")
            if not self._installations.has(connector, release.version):
                await self._prepare(self._index, connector, release, by, step)
            await self._try(connector, release.version, step)
            await self._switch(connector, before, release.version, by, step)
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
            await self._switch(connector, before, to, by, step)
            return {"version": to, "from": before}

        return self.jobs.start("rollback", connector, by, work)

    def remove(self, connector: str, by: str) -> Job:
        """Take a connector away that no source uses."""

        async def work(_step: Step) -> None:
            version = self._in_use(connector)
            if users := self._users(connector):
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

    async def _newest(self) -> Registry:
        try:
            return await self._index.refresh()
        except (RetryLater, AskAPerson) as error:
            if error.code not in ("index_unreachable", "no_index"):
                raise
            if (last := await self._index.last()) is None:
                raise
            return last

    async def _offered(self, connector: str) -> Offer | None:
        try:
            offers = await self.search()
        except AskAPerson as error:
            if error.code != "no_index":
                raise
            return None
        return next((each for each in offers if each.id == connector), None)

    def _info(self, connector: str, registry: Registry | None) -> ConnectorInfo:
        installed = next(each for each in self._house.catalogue.all() if each.id == connector)
        version = installed.manifest.version if installed.manifest else None
        newest = best(registry, connector)
        withdrawn = revoked(registry, connector, version) if version else None
        newer = version and newest and version_key(newest.version) > version_key(version)
        return ConnectorInfo(
            id=connector,
            version=version,
            manifest=installed.manifest,
            problem=installed.problem,
            verified=installed.verified,
            previous=self._installations.previous(connector),
            newer=newest.version if newest and newer and installed.verified else None,
            revoked=withdrawn.reason if withdrawn and installed.verified else None,
            sources=[each.id for each in self._users(connector)],
        )

    async def _add(
        self, index: Index, connector: str, release: Release, by: str, step: Step
    ) -> None:
        if self._installations.current(connector) is not None:
            raise Refused(
                f"{connector} is installed already.",
                code="already_installed",
                remedy=f"Upgrade it: watchfloor connector upgrade {connector}",
            )
        await self._prepare(index, connector, release, by, step)
        self._installations.use(connector, release.version)
        self._house.catalogue.reload()
        await self._note("connector_installed", by, connector, release.version)

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

    async def _try(self, connector: str, version: str, step: Step) -> None:
        """Raises ``Refused`` when the version may not or does not do for a source that is on."""
        manifest = self._installations.manifest(connector, version)
        refuse_category(manifest)
        python = await self._admission.interpreter(connector, version)
        for source in self._users(connector):
            if source.enabled:
                step(0.85, f"checking it for {source.id}")
                await self._approvals.demand(source, manifest)
                result = await try_out(self._house, source, manifest, python)
                _demand_good(source.id, version, result)

    async def _switch(self, connector: str, before: str, version: str, by: str, step: Step) -> None:
        """Raises ``Refused`` (``rolled_back``) when a source that ran does not run any more."""
        running = [each.id for each in self._users(connector) if self._runs(each.id)]
        step(0.9, "switching over")
        await self._use(connector, version)
        if failed := await self._fail_to_settle(running):
            reason = self._supervisor.state(failed[0]).reason
            await self._use(connector, before)
            raise Refused(
                f"{connector} {version} does not run for {failed[0]}: {reason} "
                f"It was put back to {before}.",
                code="rolled_back",
                remedy="Read the source's log; tell the connector's maintainer.",
            )
        await self._note("connector_in_use", by, connector, version)
        await self._installations.tidy(connector)

    async def _use(self, connector: str, version: str) -> None:
        self._installations.use(connector, version)
        self._house.catalogue.reload()
        for source in self._users(connector):
            if source.enabled:
                await self._supervisor.restart(source.id)

    async def _fail_to_settle(self, sources: Sequence[str]) -> Sequence[str]:
        """Which of some sources do not run once they had the time to, and for a while."""
        loop = asyncio.get_running_loop()
        until, well_since = loop.time() + self._house.limits.handshake_s, loop.time()
        while loop.time() < until and loop.time() - well_since < STEADY_S:
            states = {self._supervisor.state(source).state for source in sources}
            if states & TROUBLED:
                break
            if not states <= WELL:
                well_since = loop.time()
            await asyncio.sleep(LOOK_S)
        return [source for source in sources if not self._runs(source)]

    def _runs(self, source: str) -> bool:
        return self._supervisor.state(source).state in WELL

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

    def _users(self, connector: str) -> Sequence[Instance]:
        return [each for each in self._sources.all() if each.connector == connector]

    async def _note(self, kind: str, by: str, connector: str, version: str) -> None:
        what = {"connector": connector, "version": version}
        await self._house.store.ledger.note(kind, by, what)


def _chosen(registry: Registry, connector: str, version: str | None) -> Release:
    """Raises ``NotFound`` (``no_such_connector``)."""
    if version is not None:
        release = release_named(registry, connector, version)
    else:
        release = best(registry, connector)
    if release is None:
        raise _unknown(connector, version)
    return release


def _unknown(connector: str, version: str | None = None) -> NotFound:
    which = f"{connector} {version}" if version else f"{connector} that may run"
    return NotFound(
        f"The index has no {which}.",
        code="no_such_connector",
        remedy="See what there is: watchfloor connector search",
    )


def _demand_good(source: str, version: str, result: p.CheckResult) -> None:
    bad = [finding for finding in result.findings if not finding.ok]
    if bad:
        raise Refused(
            f"The check of {version} fails for {source}: {bad[0].what}: {bad[0].detail}",
            code="check_failed",
            remedy=bad[0].remedy or "Nothing was changed: the version before stays in use.",
        )
