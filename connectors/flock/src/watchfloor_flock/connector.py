"""Hot-list alerts by webhook, devices, plate look-up, entries of custom hot lists; Flock's own
audit log and sharing settings, and people who sign in there as themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
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
    SharingSetting,
    UserSignInState,
    VendorLog,
)

from . import exports, mapping
from .client import Client
from .hot_lists import ADD, HotLists
from .lookup import found
from .settings import Settings
from .users import AsUser, Users
from .wire import Device

if TYPE_CHECKING:
    from watchfloor_sdk import Context


SEARCHED_IN = timedelta(days=30)
"""How far back it is looked who searched the agency's devices."""


class Flock(Connector[Settings]):
    """One organisation at Flock."""

    settings = Settings
    watched = ("reason", "region", "confidence", "place", "media")

    def __init__(self) -> None:
        self._client: Client | None = None
        self._signed_in: Users | None = None

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
        client = self._opened(ctx)
        if ctx.settings.look_ups_as == "user":
            client = client.signed_in(AsUser(self._users(ctx), request.purpose.requester))
        async for result in found(ctx, client, request):
            yield result

    async def begin_sign_in(self, ctx: Context[Settings], person: str, return_to: str) -> str:
        """Flock's own page, for one person."""
        return await self._users(ctx).begin(person, return_to)

    async def end_sign_in(
        self, ctx: Context[Settings], person: str, answer: Mapping[str, str]
    ) -> None:
        """They are back from there."""
        await self._users(ctx).end(person, answer)

    async def sign_in_state(self, ctx: Context[Settings], person: str) -> UserSignInState:
        """Whether Flock is asked as who asks, and until when they are signed in."""
        left_s = self._users(ctx).left_s(person)
        return UserSignInState(
            needed=ctx.settings.look_ups_as == "user",
            until=None if left_s is None else ctx.now() + timedelta(seconds=left_s),
        )

    async def sign_out(self, ctx: Context[Settings], person: str) -> None:
        """Their tokens are forgotten."""
        self._users(ctx).forget(person)

    async def audit_log(self, ctx: Context[Settings], since: datetime) -> VendorLog:
        """Out of the exports: v3 has no operation for it."""
        return await exports.audit_log(ctx, since)

    async def sharing(self, ctx: Context[Settings]) -> Sequence[SharingSetting]:
        """What v3 shows (the subscriptions to alerts), what the newest export of settings says, and
        which other organisations the audit log has: whoever searched the agency's devices can."""
        settings = [
            setting
            for subscription in await self._opened(ctx).subscriptions()
            for setting in mapping.to_settings(subscription)
        ]
        if ctx.settings.exports is not None:
            settings += await exports.sharing(ctx)
            log = await exports.audit_log(ctx, ctx.now() - SEARCHED_IN)
            settings += exports.searchers(log.rows)
        return settings

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

    def _users(self, ctx: Context[Settings]) -> Users:
        if self._signed_in is None:
            self._signed_in = Users(ctx)
        return self._signed_in

    def _opened(self, ctx: Context[Settings]) -> Client:
        if self._client is None:
            self._client = Client(ctx)
        return self._client
