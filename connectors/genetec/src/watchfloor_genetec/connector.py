"""Hits by report, reads by exported files, entities as assets, alarms and custom events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from watchfloor_sdk import (
    ActionReceipt,
    ActionRequest,
    Asset,
    Connector,
    Event,
    Finding,
    GiveUp,
    Inventory,
    MediaAnswer,
    Page,
    Rejected,
)
from watchfloor_sdk.transports.drop import Drop, LocalFolder

from . import actions, autovu, mapping
from .client import Client
from .settings import Settings
from .wire import Hit

if TYPE_CHECKING:
    from watchfloor_sdk import Context

OVERLAP = timedelta(minutes=1)
"""Asked for again at the least: two clocks differ."""


class Genetec(Connector[Settings]):
    """One Security Center."""

    settings = Settings
    watched = ("region",)

    def __init__(self) -> None:
        self._client: Client | None = None
        self._rules: dict[str, str] = {}

    async def poll(self, ctx: Context[Settings], checkpoint: Any) -> AsyncIterator[Page]:
        """The hits since the last report, then new files.

        The checkpoint has the time up to which hits were asked for (``hits``) and the files that
        were read (``files``).
        """
        known = dict(checkpoint or {})
        until = ctx.now()
        async for rows in self._opened(ctx).hits(_start(ctx, known.get("hits"), until), until):
            yield await self._hits(ctx, rows)
        known["hits"] = until.isoformat()
        yield Page(checkpoint=known, assured_until=until)
        if ctx.settings.export_path is not None:
            async for page in _exported(ctx, ctx.settings.export_path, known):
                yield page

    async def inventory(self, ctx: Context[Settings]) -> Inventory:
        """Cameras, plate-reading units and patrol cars."""
        assets: list[Asset] = []
        for kind in mapping.KINDS:
            found = await self._opened(ctx).entities(kind)
            assets += [mapping.to_asset(ctx, entity, kind, ctx.now()) for entity in found]
        return Inventory(assets, complete=True)

    async def act(self, ctx: Context[Settings], request: ActionRequest) -> ActionReceipt:
        """``trigger-alarm`` or ``raise-custom-event``."""
        return await actions.act(ctx, self._opened(ctx), request)

    async def check(self, ctx: Context[Settings]) -> Sequence[Finding]:
        """List cameras, ask for the hits of a minute, look into the folder: read only."""
        listed = len(await self._opened(ctx).entities("Camera"))
        now = ctx.now()
        async for _ in self._opened(ctx).hits(now - OVERLAP, now):
            pass
        found = [Finding(ok=True, what="cameras", detail=f"It lists {listed} cameras.")]
        if ctx.settings.export_path is not None:
            files = len(await LocalFolder(ctx.settings.export_path, "*.xml").entries())
            found.append(Finding(ok=True, what="export", detail=f"The folder has {files} files."))
        return found

    async def media(self, ctx: Context[Settings], handle: str) -> MediaAnswer:
        """A picture out of an exported file."""
        return await autovu.picture(ctx, handle)

    async def _hits(self, ctx: Context[Settings], rows: Sequence[Any]) -> Page:
        """Rows of the report as a page; one that cannot be mapped does not hold up the others."""
        hits: list[tuple[Any, Hit]] = []
        events: list[Event] = []
        rejected: list[Rejected] = []
        for row in rows:
            try:
                hits.append((row, mapping.to_row(row)))
            except GiveUp as wrong:
                rejected.append(_rejected(row, wrong))
        await self._learn(ctx, {hit.lpr_rule_id for _, hit in hits})
        for row, hit in hits:
            try:
                event = mapping.to_hit(ctx, hit, self._rules)
            except GiveUp as wrong:
                rejected.append(_rejected(row, wrong))
            else:
                events += [event] if event else []
        return Page(events, rejected=rejected)

    async def _learn(self, ctx: Context[Settings], rules: set[str]) -> None:
        """Names of rules that are not known yet: the report has their ids alone."""
        unknown = sorted(rules - self._rules.keys())
        if unknown:
            named = await self._opened(ctx).named(unknown)
            self._rules |= dict.fromkeys(unknown, "") | {rule.guid: rule.name for rule in named}

    def _opened(self, ctx: Context[Settings]) -> Client:
        if self._client is None:
            self._client = Client(ctx)
        return self._client


async def _exported(
    ctx: Context[Settings], path: str, known: dict[str, Any]
) -> AsyncIterator[Page]:
    drop = Drop(LocalFolder(path, "*.xml"), known.get("files"))
    async for file in drop.new_files():
        events, rejected = [], list(file.rejected)
        if not rejected:
            try:
                events = [autovu.to_read(ctx, file)]
            except GiveUp as wrong:
                rejected = [Rejected(file.body, wrong.code, wrong.detail)]
        yield Page(events, checkpoint={**known, "files": drop.checkpoint}, rejected=rejected)
    yield Page(checkpoint={**known, "files": drop.checkpoint})


def _start(ctx: Context[Settings], asked_until: str | None, until: datetime) -> datetime:
    """From when on hits are asked for: as far back as some may have come late."""
    settings = ctx.settings
    if asked_until is None:
        return until - max(OVERLAP, timedelta(hours=settings.backfill_hours))
    late = max(OVERLAP, timedelta(hours=settings.late_hours))
    return datetime.fromisoformat(asked_until) - late


def _rejected(row: Any, wrong: GiveUp) -> Rejected:
    return Rejected(msgspec.json.encode(row), wrong.code, wrong.detail)
