"""Vehicle positions from a GTFS-Realtime feed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

from google.transit import gtfs_realtime_pb2 as gtfs

from watchfloor_sdk import Connector, Finding, Page

from .mapping import CONTENT_TYPE, parse, skew_s, to_batch, to_page
from .settings import Settings

if TYPE_CHECKING:
    from watchfloor_sdk import Context


class GtfsRealtime(Connector[Settings]):
    """One feed. It remembers each vehicle's last time; after a restart the hub knows the rest."""

    settings = Settings

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    async def poll(self, ctx: Context[Settings], checkpoint: Any) -> AsyncIterator[Page]:  # noqa: ARG002
        """The positions that are new since the last poll. There is no past to catch up with."""
        feed = await self._feed(ctx)
        now = ctx.now()
        batch = to_batch(ctx, feed, self._known, now)
        yield to_page(feed, batch, now)
        self._known = batch.seen

    async def check(self, ctx: Context[Settings]) -> Sequence[Finding]:
        """Fetch the feed once and say how many vehicles are in it."""
        feed = await self._feed(ctx)
        skew_s(feed, ctx.now(), ctx.settings.stale_after_s)
        detail = f"The feed has {len(feed.entity)} vehicles."
        return [Finding(ok=True, what="feed", detail=detail)]

    async def _feed(self, ctx: Context[Settings]) -> gtfs.FeedMessage:
        headers = {"accept": CONTENT_TYPE}
        if ctx.settings.key_header:
            key = await ctx.credential("feed_key")
            headers[ctx.settings.key_header] = key["api_key"]
        http = ctx.http.vendor(base_url=ctx.settings.feed_url)  # its clock is compared with ours
        answer = await http.get(ctx.settings.feed_url, headers=headers)
        return parse(answer.body)
