"""Hot-list alerts by webhook, devices, plate look-up, and entries of custom hot lists."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from watchfloor_sdk import (
    ActionReceipt,
    ActionRequest,
    AskAPerson,
    Asset,
    Connector,
    Delivery,
    Event,
    Finding,
    GiveUp,
    Inventory,
    LookupRequest,
    LookupResult,
    MediaAnswer,
    Rejected,
)

from . import mapping
from .client import Client
from .hot_lists import ADD, HotLists
from .lookup import found
from .settings import Settings
from .wire import Device

if TYPE_CHECKING:
    from watchfloor_sdk import Context


class Flock(Connector[Settings]):
    """One organisation at Flock."""

    settings = Settings
    watched = ("reason", "region", "confidence", "place", "media")

    def __init__(self) -> None:
        self._client: Client | None = None

    def webhook(self, ctx: Context[Settings], delivery: Delivery) -> Sequence[Event]:
        """A hot-list alert: a hit for each list, unverified until a person has looked."""
        content_type = delivery.headers.get("content-type", "")
        return mapping.to_hits(ctx, mapping.to_alert(delivery.body, content_type))

    async def inventory(self, ctx: Context[Settings]) -> Inventory:
        """All devices of the organisation."""
        assets: dict[str, Asset] = {}
        rejected: list[Rejected] = []
        async for page in self._opened(ctx).devices():
            for raw in page.results:
                try:
                    device = mapping.read(raw, Device)
                    assets[device.id] = mapping.to_asset(ctx, device, ctx.now())
                except GiveUp as wrong:
                    rejected.append(Rejected(bytes(raw), wrong.code, wrong.detail))
        return Inventory(list(assets.values()), complete=True, rejected=rejected)

    async def lookup(
        self, ctx: Context[Settings], request: LookupRequest
    ) -> AsyncIterator[LookupResult]:
        """``plate-reads``."""
        async for result in found(ctx, self._opened(ctx), request):
            yield result

    async def act(self, ctx: Context[Settings], request: ActionRequest) -> ActionReceipt:
        """Put an entry on a custom hot list, or take one off.

        Either may be done again after any error: it looks first what is there.
        """
        hot_lists = HotLists(self._opened(ctx))
        if request.action == ADD:
            return await hot_lists.add(ctx, request)
        return await hot_lists.remove(ctx, request)

    async def check(self, ctx: Context[Settings]) -> Sequence[Finding]:
        """Fetch a token, list devices and hot lists. No look-up: each is audited at Flock."""
        listed = len((await self.inventory(ctx)).assets)
        return [
            Finding(ok=True, what="devices", detail=f"Flock lists {listed} devices."),
            await self._hot_lists(ctx),
        ]

    async def media(self, ctx: Context[Settings], handle: str) -> MediaAnswer:
        """A picture, while its signed address is valid."""
        return await ctx.http.media(handle)

    async def _hot_lists(self, ctx: Context[Settings]) -> Finding:
        try:
            lists = await self._opened(ctx).hot_lists()
        except AskAPerson as error:
            return Finding(
                ok=False,
                what="hot lists",
                detail=f"Custom hot lists cannot be read: {error.detail}",
                remedy="Have Flock give the client the scopes custom-hotlists:read and :write, if "
                "plates shall be put on hot lists.",
            )
        return Finding(
            ok=True, what="hot lists", detail=f"Flock has {len(lists)} custom hot lists."
        )

    def _opened(self, ctx: Context[Settings]) -> Client:
        if self._client is None:
            self._client = Client(ctx)
        return self._client
