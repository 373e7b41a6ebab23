"""The connector: the registry's cameras as assets, what becomes of their status, and requests to
their owners."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from watchfloor_sdk import (
    ActionReceipt,
    ActionRequest,
    CameraStatus,
    Connector,
    Context,
    Event,
    Finding,
    GiveUp,
    Inventory,
    LookupRequest,
    LookupResult,
    Page,
    Place,
    Rejected,
    WatchfloorError,
)

from . import footage
from .document import Document, registry_now
from .mapping import Camera, CameraMapper
from .plan import CONTACT, MAPPINGS, MappingFile
from .records import Record, listing
from .settings import Settings

USUAL = "online"
"""The status that is not kept in the checkpoint: most cameras have it."""


@dataclass(frozen=True, slots=True)
class Registry:
    """What one document came to. ``left_out`` counts records that are no cameras for us, or have no
    place, by why; ``rejected`` are those of them that make no sense."""

    cameras: dict[str, Camera]
    complete: bool
    written: datetime
    left_out: Counter[str]
    rejected: list[Rejected]


class CameraRegistry(Connector[Settings]):
    """Cameras from a registry."""

    settings = Settings
    inventory_every_s = 0.0
    watched = ("place",)

    def __init__(self) -> None:
        self._document: Document | None = None
        self._left_out: Counter[str] = Counter()
        self._rejected: set[str | bytes] = set()

    async def inventory(self, ctx: Context[Settings]) -> Inventory:
        """All cameras. What is no longer listed is no longer there."""
        registry = await self._registry(ctx, MAPPINGS.load(ctx.settings.mapping))
        self._tell(ctx, registry)
        assets = [camera.asset for camera in registry.cameras.values()]
        return Inventory(assets=assets, complete=registry.complete)

    async def poll(self, ctx: Context[Settings], checkpoint: Any) -> AsyncIterator[Page]:
        """Statuses that changed since the checkpoint (``{camera: status}``, the unusual ones), and
        records that make no sense.

        The latter come here and not with the inventory, which would then remove nothing: one bad
        row of a registry must not keep cameras on the map whose owners have withdrawn.
        """
        mapping = MAPPINGS.load(ctx.settings.mapping)
        started, registry = ctx.now(), await self._registry(ctx, mapping)
        before = checkpoint or {}
        now = _unusual(registry, before)
        changed = [
            camera
            for name, camera in registry.cameras.items()
            if now.get(name, USUAL) != before.get(name, USUAL)
        ]
        events = [_event(ctx, camera, registry.written) for camera in changed]
        rejected = self._newly_rejected(registry)
        yield Page(events=events, checkpoint=now, assured_until=started, rejected=rejected)

    async def check(self, ctx: Context[Settings]) -> Sequence[Finding]:
        """Read the registry and count what is in it."""
        try:
            registry = await self._registry(ctx, MAPPINGS.load(ctx.settings.mapping))
        except WatchfloorError as error:
            return [Finding(ok=False, what=error.code, detail=error.detail, remedy=error.remedy)]
        findings = [Finding(ok=True, what="registry", detail=f"{len(registry.cameras)} cameras.")]
        findings += [
            Finding(ok=why == "interior", what=why, detail=f"{count} records.")
            for why, count in registry.left_out.items()
        ]
        return findings

    async def lookup(
        self, ctx: Context[Settings], request: LookupRequest
    ) -> AsyncIterator[LookupResult]:
        """What became of a case's requests for footage."""
        footage.needs_desk(ctx)
        async for result in footage.of_case(ctx, request):
            yield result

    async def act(self, ctx: Context[Settings], request: ActionRequest) -> ActionReceipt:
        """Ask an owner for footage, or take that back."""
        footage.needs_desk(ctx)
        if request.action == "request-footage":
            return await footage.ask_owner(ctx, request)
        return await footage.take_back(ctx, request)

    async def _registry(self, ctx: Context[Settings], mapping: MappingFile) -> Registry:
        self._document = document = await registry_now(ctx, self._document)
        mapper = CameraMapper(mapping, ctx.source, ctx.settings.bounds)
        return await asyncio.to_thread(_read, document, mapping, mapper)

    def _newly_rejected(self, registry: Registry) -> list[Rejected]:
        """Once for as long as they stay in the registry."""
        before, self._rejected = self._rejected, {one.raw for one in registry.rejected}
        return [one for one in registry.rejected if one.raw not in before]

    def _tell(self, ctx: Context[Settings], registry: Registry) -> None:
        """Say what was left out, once for as long as it stays the same."""
        if registry.left_out != self._left_out:
            self._left_out = registry.left_out
            for why, count in registry.left_out.items():
                ctx.log.warning(f"{count} records of the registry: {why}")


def _read(document: Document, mapping: MappingFile, mapper: CameraMapper) -> Registry:
    listed = listing(document.body, mapping)
    cameras: dict[str, Camera] = {}
    left_out: Counter[str] = Counter()
    rejected: list[Rejected] = []
    for record in listed.records:
        try:
            camera = mapper.camera(record, document.written)
        except GiveUp as error:
            left_out[error.code] += 1
            if error.code != "interior":
                rejected.append(_rejected(record, error))
            continue
        if camera.problem:
            left_out[camera.problem.code] += 1
            rejected.append(_rejected(record, camera.problem))
        if cameras.setdefault(camera.asset.id, camera) is not camera:
            left_out["listed_twice"] += 1
    return Registry(cameras, listed.complete, document.written.astimezone(UTC), left_out, rejected)


def _rejected(record: Record, why: GiveUp) -> Rejected:
    """The record as far as it is not about the person to ask: contacts stay in the registry."""
    return Rejected(json.dumps(_impersonal(record)), why.code, why.detail)


def _impersonal(value: Any) -> Any:
    if isinstance(value, list):
        return [_impersonal(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _impersonal(one) for name, one in value.items() if not CONTACT.search(name)}


def _unusual(registry: Registry, before: dict[str, str]) -> dict[str, str]:
    """The statuses that are not the usual one. ``unknown`` is no news: what was, stays."""
    statuses = {
        name: before.get(name, USUAL) if camera.asset.status == "unknown" else camera.asset.status
        for name, camera in registry.cameras.items()
    }
    return {name: status for name, status in statuses.items() if status != USUAL}


def _event(ctx: Context[Settings], camera: Camera, written: datetime) -> Event:
    """The change is as old as the registry says; where it does not, as its writing."""
    asset, since = camera.asset, camera.changed or written
    point = None if asset.geometry is None else tuple(asset.geometry["coordinates"])
    return ctx.event(
        CameraStatus(
            camera=asset.id,
            status=asset.status,
            place=Place(point=point, address=asset.address) if point or asset.address else None,
        ),
        id=f"{asset.id}#{asset.status}@{since:%Y%m%dT%H%M%S.%fZ}",
        time=since,
        subject=f"camera/{asset.id}",
    )
