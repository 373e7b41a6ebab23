"""Polls plate reads; while one page is being filed, the next is already on its way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from watchfloor_sdk import (
    Connector,
    Finding,
    Inventory,
    MediaAnswer,
    NotFound,
    Page,
    RetryLater,
)

from .client import Client
from .mapping import to_inventory, to_page
from .settings import Settings

if TYPE_CHECKING:
    from watchfloor_sdk import Context


class LprRest(Connector[Settings]):
    """Plate reads, plate readers and pictures of plates from one REST interface."""

    settings = Settings
    watched = ("region", "confidence", "heading_deg", "place", "vehicle", "media")

    async def poll(self, ctx: Context[Settings], checkpoint: Any) -> AsyncIterator[Page]:
        """Pages after the cursor until the vendor has no more."""
        client = Client(ctx)
        fetch = asyncio.ensure_future(client.reads(checkpoint))
        try:
            while True:
                cursor = checkpoint
                page, answer = to_page(ctx.source, ctx.settings.owner, await fetch)
                checkpoint = answer.next
                if not answer.more:
                    break
                _must_move(cursor, checkpoint)
                fetch = asyncio.ensure_future(client.reads(checkpoint))
                yield page
            yield page
        finally:
            await _cancelled(fetch)

    async def inventory(self, ctx: Context[Settings]) -> Inventory:
        """All readers that the vendor lists."""
        body = await Client(ctx).readers()
        return to_inventory(ctx.source, body, ctx.now())

    async def check(self, ctx: Context[Settings]) -> Sequence[Finding]:
        """Ask for the readers: it needs the address and the token, and changes nothing."""
        readers = (await self.inventory(ctx)).assets
        return [
            Finding(ok=True, what="readers", detail=f"The vendor lists {len(readers)} readers.")
        ]

    async def media(self, ctx: Context[Settings], handle: str) -> MediaAnswer:
        """The picture of a plate, while the vendor keeps it."""
        try:
            answer = await Client(ctx).picture(handle)
        except NotFound as gone:
            return MediaAnswer(None, state="expired" if gone.code == "vendor_gone" else "missing")
        return MediaAnswer(answer.body, answer.content_type)


def _must_move(cursor: Any, following: str) -> None:
    if following == cursor:
        raise RetryLater(
            "The vendor says there is more, but its cursor stays.", code="stuck_cursor"
        )


async def _cancelled(fetch: asyncio.Future[bytes]) -> None:
    fetch.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await fetch
