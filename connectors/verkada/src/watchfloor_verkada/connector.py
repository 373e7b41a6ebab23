"""Plate reads, motion and camera state by webhook; from the history what no webhook brought."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Raw

from watchfloor_sdk import (
    Connector,
    Delivery,
    Event,
    Finding,
    GiveUp,
    Inventory,
    LookupRequest,
    LookupResult,
    MediaAnswer,
    Page,
    Rejected,
)

from . import mapping
from .cameras import CameraList
from .client import Client
from .settings import Settings
from .sweep import Sweep, lacks_feature
from .wire import Notification, SeenPlate

if TYPE_CHECKING:
    from watchfloor_sdk import Context


class Verkada(Connector[Settings]):
    """One Verkada organisation."""

    settings = Settings
    watched = ("confidence", "region", "media")

    def __init__(self) -> None:
        self._cameras: CameraList | None = None
        self._no_plates: set[str] = set()

    async def webhook(self, ctx: Context[Settings], delivery: Delivery) -> Sequence[Event]:
        """Plate reads, motion and camera state; every other kind is passed over."""
        said = mapping.opened(delivery.body)
        if said is None:
            return []
        cameras = self._opened(ctx)
        await cameras.look_for(said.camera_id)
        event = mapping.to_event(ctx, said, cameras.places)
        return [event] if event else []

    async def inventory(self, ctx: Context[Settings]) -> Inventory:
        """All cameras; one whose position cannot be is listed without it, and logged."""
        return await self._opened(ctx).fetched()

    async def poll(self, ctx: Context[Settings], checkpoint: Any) -> AsyncIterator[Page]:
        """Sweep the history since the last sweep: the hub or the vendor may have missed some.

        Webhooks are tried twice and then gone (documented). Ids are the webhooks', so what did
        arrive is known again. The checkpoint is the time up to which all is fetched.
        """
        until = int(ctx.now().timestamp())
        sweep = Sweep(checkpoint, until, until - int(ctx.settings.backfill_hours * 3600))
        cameras = self._opened(ctx)
        if not cameras.ids:
            await cameras.fetched()
        async for notices, body in cameras.client.notices(sweep.since, until):
            make = lambda note: mapping.from_notification(ctx, note, cameras.places)  # noqa: E731
            yield _page(
                body, notices.notifications, "notifications", Notification, make, checkpoint
            )
        for camera in ctx.settings.lpr_cameras or cameras.ids:
            try:
                async for page in self._plates(ctx, camera, sweep, checkpoint):
                    yield page
            except GiveUp as error:
                sweep.leave_behind(camera, error)
        problem = sweep.problem()
        assured = None if problem else mapping.to_time(until)
        yield Page(checkpoint=sweep.checkpoint(), assured_until=assured)
        if problem:
            raise problem

    async def check(self, ctx: Context[Settings]) -> Sequence[Finding]:
        """Exchange the key and list the cameras, those of the settings among them: read only."""
        listed = {asset.id for asset in (await self.inventory(ctx)).assets}
        found = [Finding(ok=True, what="cameras", detail=f"Verkada lists {len(listed)} cameras.")]
        for camera in ctx.settings.lpr_cameras:
            if camera not in listed:
                found.append(_unlisted(camera))
        return found

    async def media(self, ctx: Context[Settings], handle: str) -> MediaAnswer:
        """A picture, while its address is valid; the vendor does not say for how long."""
        return await ctx.http.media(handle)

    async def lookup(
        self, ctx: Context[Settings], request: LookupRequest
    ) -> AsyncIterator[LookupResult]:
        """The link at which Command shows a camera's video: whoever opens it signs in there."""
        at = mapping.asked_for(request.filters.get("at"), ctx.now())
        camera = request.subject
        url = await self._opened(ctx).client.footage_link(camera, int(at.timestamp()))
        yield ctx.result(
            f"Video from {at:%Y-%m-%d %H:%M:%S} UTC on, in Verkada Command.",
            {"camera": camera, "at": at.isoformat(), "url": url},
            id=f"{camera}:{int(at.timestamp())}",
        )

    async def _plates(
        self, ctx: Context[Settings], camera: str, sweep: Sweep, checkpoint: Any
    ) -> AsyncIterator[Page]:
        if camera in self._no_plates:
            return
        cameras = self._opened(ctx)
        make = lambda seen: mapping.from_history(ctx, camera, seen, cameras.places)  # noqa: E731
        try:
            start = sweep.start(camera)
            async for page, body in cameras.client.plates(camera, start, sweep.until):
                yield _page(body, page.detections, "detections", SeenPlate, make, checkpoint)
        except GiveUp as refused:
            if camera in ctx.settings.lpr_cameras or not lacks_feature(refused):
                raise
            ctx.log.info(f"Camera {camera} reads no plates; it is asked again after a restart.")
            self._no_plates.add(camera)

    def _opened(self, ctx: Context[Settings]) -> CameraList:
        if self._cameras is None:
            self._cameras = CameraList(ctx, Client(ctx))
        return self._cameras


def _unlisted(camera: str) -> Finding:
    return Finding(
        ok=False,
        what="lpr_cameras",
        detail=f"Verkada lists no camera {camera}.",
        remedy="Correct its id or take it out of lpr_cameras; or look for it in Command.",
    )


def _page(
    body: bytes,
    rows: Sequence[Raw],
    field: str,
    shape: type[Any],
    make: Callable[[Any], Event | None],
    checkpoint: Any,
) -> Page:
    """Rows of the history as a page; a row that cannot be mapped does not hold up the others."""
    events, pointers, rejected = [], [], []
    for index, raw in enumerate(rows):
        try:
            event = make(mapping.read(raw, shape))
        except GiveUp as wrong:
            rejected.append(Rejected(bytes(raw), wrong.code, wrong.detail))
            continue
        if event is not None:
            events.append(event)
            pointers.append(f"/{field}/{index}")
    return Page(events, checkpoint=checkpoint, raw=body, pointers=pointers, rejected=rejected)
