"""Another version of a connector comes into use, when it does for the sources that run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from watchfloor.contracts import Refused
from watchfloor.contracts import protocol as p
from watchfloor.hosting import House, Supervisor, try_out
from watchfloor.ports.registry import Step
from watchfloor.ports.store import Instance
from watchfloor.sources import Sources

from .admission import Admission
from .impact import Approvals, refuse_category
from .installations import Installations

WELL = {"running", "degraded"}
TROUBLED = {"backing_off", "crash_loop", "needs_attention"}
STEADY_S = 3.0
"""A version runs when its sources have run so long: one may die of what it first reads."""
LOOK_S = 0.1


class Changeover:
    """From one installed version to another, and back when it does not run."""

    def __init__(
        self,
        installations: Installations,
        admission: Admission,
        approvals: Approvals,
        house: House,
        supervisor: Supervisor,
        sources: Sources,
    ) -> None:
        self._installations = installations
        self._admission = admission
        self._approvals = approvals
        self._house = house
        self._supervisor = supervisor
        self._sources = sources

    def users(self, connector: str) -> Sequence[Instance]:
        """The sources that it serves."""
        return [each for each in self._sources.all() if each.connector == connector]

    async def rehearse(self, connector: str, version: str, step: Step) -> None:
        """Raises ``Refused`` when the version may not or does not do for a source that is on."""
        manifest = self._installations.manifest(connector, version)
        refuse_category(manifest)
        python = await self._admission.interpreter(connector, version)
        for source in self.users(connector):
            if source.enabled:
                step(0.85, f"checking it for {source.id}")
                await self._approvals.demand(source, manifest)
                result = await try_out(self._house, source, manifest, python)
                _demand_good(source.id, version, result)

    async def switch(self, connector: str, before: str, version: str, step: Step) -> None:
        """Raises ``Refused`` (``rolled_back``) when a source that ran does not run any more."""
        running = [each.id for each in self.users(connector) if self._runs(each.id)]
        step(0.9, "switching over")
        await self.use(connector, version)
        if running and (failed := await self._fail_to_settle(running)):
            reason = self._supervisor.state(failed[0]).reason
            await self.use(connector, before)
            raise Refused(
                f"{connector} {version} does not run for {failed[0]}: {reason} "
                f"It was put back to {before}.",
                code="rolled_back",
                remedy="Read the source's log; tell the connector's maintainer.",
            )

    async def use(self, connector: str, version: str) -> None:
        """Put a version into use; the sources that are on start with it."""
        self._installations.use(connector, version)
        self._house.catalogue.reload()
        for source in self.users(connector):
            if source.enabled:
                await self._sources.restart(source.id)

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


def _demand_good(source: str, version: str, result: p.CheckResult) -> None:
    bad = [finding for finding in result.findings if not finding.ok]
    if bad:
        raise Refused(
            f"The check of {version} fails for {source}: {bad[0].what}: {bad[0].detail}",
            code="check_failed",
            remedy=bad[0].remedy or "Nothing was changed: the version before stays in use.",
        )
