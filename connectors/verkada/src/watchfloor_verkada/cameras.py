"""The organisation's cameras: webhooks and history name them, their list says where they stand."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec import Raw

from watchfloor_sdk import GiveUp, Inventory, Place, Rejected, WatchfloorError

from . import mapping
from .client import Client
from .wire import Camera

if TYPE_CHECKING:
    from watchfloor_sdk import Asset, Context

    from .settings import Settings

PATIENCE_S = 5.0
"""How long a read waits for the list that may say where its camera stands."""
AGAIN_S = 60.0
"""A camera that is not on the list makes it be fetched again, at most once in this time."""


class CameraList:
    """The list as last fetched: ``ids`` are on it. ``places`` has all that ever were, with ``None``
    for those whose place is not known.
    """

    def __init__(self, ctx: Context[Settings], client: Client) -> None:
        self.ids: list[str] = []
        self.places: dict[str, Place | None] = {}
        self._ctx = ctx
        self.client = client
        self._fetching: asyncio.Task[Inventory] | None = None
        self._wait_until = self._again_at = 0.0

    async def fetched(self) -> Inventory:
        """The list now; whoever asks while it is being fetched gets the same one."""
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch())
            self._fetching.add_done_callback(_heeded)
        return await asyncio.shield(self._fetching)

    async def look_for(self, camera: str) -> None:
        """Fetch the list if the camera is not on it; it may be new, or nothing is known yet.

        Never fails, and seldom waits: a read without its place is worth more than none.
        """
        now = asyncio.get_running_loop().time()
        if camera in self.places:
            return
        if now >= self._again_at:
            self._wait_until, self._again_at = now + PATIENCE_S, now + AGAIN_S
        if now >= self._wait_until:
            return
        try:
            async with asyncio.timeout_at(self._wait_until):
                await self.fetched()
        except (WatchfloorError, TimeoutError) as error:
            why = error.code if isinstance(error, WatchfloorError) else "it takes too long"
            self._ctx.log.warning(f"Reads go without a place: there is no camera list ({why}).")
        self._wait_until = now

    async def _fetch(self) -> Inventory:
        assets: list[Asset] = []
        rejected: list[Rejected] = []
        async for page, _ in self.client.cameras():
            for raw in page.cameras:
                try:
                    camera = self._camera(raw)
                    assets.append(mapping.to_asset(self._ctx, camera, self._ctx.now()))
                except GiveUp as wrong:
                    rejected.append(Rejected(bytes(raw), wrong.code, wrong.detail))
        self.ids = [asset.id for asset in assets]
        return Inventory(assets, complete=True, rejected=rejected)

    def _camera(self, raw: Raw) -> Camera:
        camera = mapping.read(raw, Camera)
        try:
            place = mapping.to_place(camera)
        except GiveUp as wrong:
            self._ctx.log.warning(
                f"Camera {camera.camera_id} has no usable position. {wrong.detail}"
            )
            camera.location_lat = camera.location_lon = None
            place = mapping.to_place(camera)
        self.places[camera.camera_id] = place
        return camera


def _heeded(fetching: asyncio.Task[Inventory]) -> None:
    """A list that failed after everybody had given up waiting for it is nobody's error."""
    if not fetching.cancelled():
        fetching.exception()
