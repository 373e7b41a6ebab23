"""Gunshot incidents as they are pushed: found, reviewed, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from watchfloor_sdk import (
    Connector,
    Delivery,
    Event,
    Finding,
    MediaAnswer,
)

from .mapping import to_events
from .settings import Settings

if TYPE_CHECKING:
    from watchfloor_sdk import Context


class SoundthinkingStyle(Connector[Settings]):
    """One push of gunshot documents."""

    settings = Settings

    def webhook(self, ctx: Context[Settings], delivery: Delivery) -> Sequence[Event]:
        """An alert document is one event; a heartbeat is a sign of life and no event."""
        return to_events(ctx, delivery.body)

    async def check(self, ctx: Context[Settings]) -> Sequence[Finding]:
        """There is nobody to ask: the vendor pushes. Say whether recordings can be fetched."""
        if ctx.settings.audio_url:
            return [Finding(ok=True, what="recordings", detail="Recordings are fetched on demand.")]
        return [
            Finding(
                ok=True,
                what="recordings",
                detail="No host for recordings is set: none will be fetched.",
                remedy="Set the host of recordings if they shall be heard here.",
            )
        ]

    async def media(self, ctx: Context[Settings], handle: str) -> MediaAnswer:
        """A recording, while its address is valid."""
        return await ctx.http.media(handle)
