"""Verkada's Command API: token exchange, pages, and its rate limit.

300 requests a minute are allowed for a whole organisation, counted in steps of 5 s; beyond it
comes a 429 without ``Retry-After`` and a cool-down of 5 s (documented). So requests are spaced.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from watchfloor_sdk import AskAPerson, RetryLater

from .settings import Settings
from .wire import Cameras, Detections, Notifications

if TYPE_CHECKING:
    from watchfloor_sdk import Context
    from watchfloor_sdk.http import Answer

PAGE_SIZE = 200
SPACING_S = 0.25
"""Four a second leave a fifth of the limit to the organisation's other programs."""
COOL_DOWN_S = 5.0
TOKEN_LIFE_S = 28 * 60
"""The vendor's tokens live 30 minutes and cannot be refreshed (documented)."""
_TRIES = 3

_Page = Cameras | Detections | Notifications


class Client:
    """One per worker: it holds the short-lived token and keeps the pace."""

    def __init__(self, ctx: Context[Settings]) -> None:
        self._ctx = ctx
        self._token: str | None = None
        self._token_until = 0.0
        self._next_turn = 0.0

    def cameras(self) -> AsyncIterator[tuple[Cameras, bytes]]:
        """The camera list, page by page, decoded and as it came."""
        return self._pages("/cameras/v1/devices", Cameras, {})

    def plates(
        self, camera: str, since: int, until: int
    ) -> AsyncIterator[tuple[Detections, bytes]]:
        """Plates that one camera saw between two times (epoch seconds)."""
        window = {"camera_id": camera, "start_time": since, "end_time": until}
        return self._pages("/cameras/v1/analytics/lpr/images", Detections, window)

    def camera_states(self, since: int, until: int) -> AsyncIterator[tuple[Notifications, bytes]]:
        """Cameras that went or came back between two times (epoch seconds)."""
        window = {
            "start_time": since,
            "end_time": until,
            "notification_type": "camera_offline,camera_online",
        }
        return self._pages("/cameras/v1/alerts", Notifications, window)

    async def _pages(
        self, path: str, shape: type[Any], params: Mapping[str, Any]
    ) -> AsyncIterator[tuple[Any, bytes]]:
        token: str | int | None = None
        while True:
            query = {**params, "page_size": PAGE_SIZE, "page_token": token}
            body = (await self._get(path, query)).body
            page = _decoded(body, shape)
            yield page, body
            if not page.next_page_token:
                return
            if page.next_page_token == token:
                raise RetryLater("The vendor's page token does not move.", code="stuck_cursor")
            token = page.next_page_token

    async def _get(self, path: str, params: Mapping[str, Any]) -> Answer:
        for _ in range(_TRIES - 1):
            try:
                return await self._try(path, params)
            except RetryLater as busy:
                if busy.code != "rate_limited":
                    raise
                await asyncio.sleep(COOL_DOWN_S)
            except AskAPerson as refused:
                if refused.code != "vendor_refused" or self._token is None:
                    raise
                self._token = None  # it may have run out early (error id 0e2d): ask for a new one
        return await self._try(path, params)

    async def _try(self, path: str, params: Mapping[str, Any]) -> Answer:
        token = await self._fresh_token()
        await self._turn()
        return await self._ctx.http.get(
            self._url(path), params=params, headers={"x-verkada-auth": token}
        )

    async def _fresh_token(self) -> str:
        now = asyncio.get_running_loop().time()
        if self._token is None or now >= self._token_until:
            key = await self._ctx.credential("api_key")
            await self._turn()
            answer = await self._ctx.http.post(
                self._url("/token"), headers={"x-api-key": key["api_key"]}
            )
            self._token = _token(answer.json())
            self._token_until = now + TOKEN_LIFE_S
        return self._token

    async def _turn(self) -> None:
        now = asyncio.get_running_loop().time()
        self._next_turn = max(self._next_turn + SPACING_S, now)
        await asyncio.sleep(self._next_turn - now)

    def _url(self, path: str) -> str:
        return self._ctx.settings.base_url.rstrip("/") + path


def _token(answer: Any) -> str:
    token = answer.get("token") if isinstance(answer, dict) else None
    if not isinstance(token, str) or not token:
        raise RetryLater("The vendor's token answer holds no token.", code="unreadable_answer")
    return token


def _decoded(body: bytes, shape: type[Any]) -> Any:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise RetryLater(
            f"The vendor's answer is not as documented ({type(wrong).__name__}).",
            code="unreadable_answer",
            remedy="If it stays so, check the base address: a proxy or log-in page may answer.",
        ) from None
