"""A trial: a worker that starts, answers ``check`` and ends, without filing anything.

It gets no credits, so it can hand nothing over, and no checkpoint; the worker that runs for the
same source goes on beside it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from watchfloor.contracts import Manifest, RetryLater, WatchfloorError
from watchfloor.contracts import protocol as p
from watchfloor.ingest import Origin
from watchfloor.ports.store import Instance

from .keeper import House
from .role import role_of
from .session import Session


async def try_out(
    house: House, instance: Instance, manifest: Manifest, python: Path | None
) -> p.CheckResult:
    """What a connector version finds with a source's settings and credentials.

    Raises ``RetryLater`` (code ``trial_failed``) when its worker does not get as far as that, and
    the connector's own errors.
    """
    trial = _Trial(house, instance, manifest)
    return await trial.run(python)


class _NoAssets:
    """Takes no inventory."""

    async def accept(self, _origin: Origin, _params: p.AssetsParams) -> int:
        raise RetryLater("This is a trial: nothing is filed.", code="trial")


class _Trial:
    def __init__(self, house: House, instance: Instance, manifest: Manifest) -> None:
        self._house = house
        self._role = role_of(instance, manifest, None)
        self._found: p.CheckResult | None = None
        self._failed: WatchfloorError | None = None

    async def run(self, python: Path | None) -> p.CheckResult:
        house, role = self._house, self._role
        services = replace(house.services, assets=_NoAssets())
        limits = replace(house.limits, credit_events=0, credit_bytes=0)
        process = await house.workers.start(
            role.manifest.id, role.origin.source, role.manifest.memory_mb, python, role.paths
        )
        self._session = Session(process, role, services, limits, lambda _: None)
        ended = await self._session.run([self._ask])
        if self._failed:
            raise self._failed
        if self._found is None:
            raise RetryLater(ended.in_full, code="trial_failed", remedy=ended.remedy or None)
        return self._found

    async def _ask(self) -> None:
        limit = self._house.limits.request_s
        try:
            self._found = await self._session.line.request("check", {}, p.CheckResult, limit)
        except WatchfloorError as error:
            if error.code != "worker_gone":  # else how it ended says more
                self._failed = error
