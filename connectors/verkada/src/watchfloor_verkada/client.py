"""Verkada's Command API: its key, its limit and its pages.

300 requests a minute are allowed for a whole organisation, counted in steps of 5 s; beyond it
comes a 429 without ``Retry-After`` and a cool-down of 5 s (documented).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from watchfloor_sdk.auth import ExchangedKey
from watchfloor_sdk.pace import Limit, Pace
from watchfloor_sdk.paging import by_cursor

from .settings import Settings
from .wire import Cameras, Detections, FootageLink, Notifications

if TYPE_CHECKING:
    from watchfloor_sdk import Context

PAGE_SIZE = 200
LIMIT = Limit(240, per_s=60)
"""Four a second leave a fifth of the limit to the organisation's other programs."""
COOL_DOWN_S = 5.0
TOKEN_LIFE_S = 30 * 60
"""The vendor's tokens cannot be refreshed (documented)."""


class Client:
    """One per worker: it holds the short-lived token."""

    def __init__(self, ctx: Context[Settings]) -> None:
        token = ExchangedKey(
            ctx,
            "api_key",
            "/token",
            key_header="x-api-key",
            lives_s=TOKEN_LIFE_S,
            header="x-verkada-auth",
            prefix="",
        )
        self._http = ctx.http.vendor(auth=token, pace=Pace(LIMIT, cool_down_s=COOL_DOWN_S))

    def cameras(self) -> AsyncIterator[tuple[Cameras, bytes]]:
        """The camera list, page by page, decoded and as it came."""
        return self._pages("/cameras/v1/devices", Cameras, {})

    def plates(
        self, camera: str, since: int, until: int
    ) -> AsyncIterator[tuple[Detections, bytes]]:
        """Plates that one camera saw between two times (epoch seconds)."""
        window = {"camera_id": camera, "start_time": since, "end_time": until}
        return self._pages("/cameras/v1/analytics/lpr/images", Detections, window)

    def notices(self, since: int, until: int) -> AsyncIterator[tuple[Notifications, bytes]]:
        """Cameras that went, came back or saw something move, between two times (epoch seconds)."""
        window = {
            "start_time": since,
            "end_time": until,
            "notification_type": "camera_offline,camera_online,motion",
        }
        return self._pages("/cameras/v1/alerts", Notifications, window)

    async def footage_link(self, camera: str, at: int) -> str:
        """The address at which Command shows a camera's video from a time on (epoch seconds)."""
        params = {"camera_id": camera, "timestamp": at}
        answer = await self._http.get("/cameras/v1/footage/link", params=params)
        return answer.read(FootageLink).url

    async def _pages(
        self, path: str, shape: type[Any], params: Mapping[str, Any]
    ) -> AsyncIterator[tuple[Any, bytes]]:
        async def get(token: str | int | None) -> tuple[Any, bytes]:
            query = {**params, "page_size": PAGE_SIZE, "page_token": token}
            answer = await self._http.get(path, params=query)
            return answer.read(shape), answer.body

        async for page in by_cursor(get, lambda page: page[0].next_page_token or None):
            yield page
