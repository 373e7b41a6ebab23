"""Slack's Web API on loopback, as far as a message needs it: ``chat.postMessage``.

Documented: the request, HTTP 200 with ``ok`` and ``error``, the error strings, 429 with
``Retry-After``, about one message a second and channel. Ours: the order in which a request is
looked at (token, channel, text), and how ``ts`` is counted.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from watchfloor_sdk import ActionRequest
from watchfloor_sdk.simulation import HttpSimulator, Setup, made_up_alert

CHANNEL = "C0SIM00001"
BURST = 5
"""Messages that may come at once: "short bursts allowed" (ours: the number is not public)."""
BURST_S = 5.0


class SlackSimulator(HttpSimulator):
    """One workspace with one channel. The ledger has each message by its ``ts``.

    ``limited``: 429 beyond a burst. ``errors`` are answered, one a request, with HTTP 200 and
    ``ok`` false.
    """

    connector = "slack"
    records_path = "/api/chat.postMessage"

    def __init__(self, *, limited: bool = True) -> None:
        super().__init__()
        self.errors: deque[str] = deque()
        self._limited = limited
        self._token = _token()
        self._times: deque[float] = deque(maxlen=BURST)
        self._numbers = itertools.count(1)

    @classmethod
    def rehearsing(cls) -> SlackSimulator:
        """Without the limit."""
        return cls(limited=False)

    def feed(self, happening: Any) -> None:
        """Nothing that happens in the city is Slack's to know."""

    def rehearse(self, number: int, at: datetime) -> int:  # noqa: ARG002
        """Nothing happens here but what is posted."""
        return number

    def demo_requests(self) -> Iterable[ActionRequest]:
        """One alert after the other."""
        return (made_up_alert(number) for number in itertools.count(1))

    def rotate(self) -> Mapping[str, Mapping[str, str]]:
        """Another token."""
        self._token = _token()
        return {"token": {"token": self._token}}

    def setup(self, base_url: str) -> Setup:
        """As agency IT would write it."""
        config = {"base_url": f"{base_url}/api", "channel": CHANNEL}
        return Setup(self.connector, config, {"token": {"token": self._token}})

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """The one method."""
        return [web.post(self.records_path, self._post_message)]

    async def _post_message(self, request: web.Request) -> web.Response:
        if self._limited and self._too_fast():
            return web.json_response(_no("ratelimited"), status=429, headers={"Retry-After": "1"})
        body = await request.json()
        error = self.errors.popleft() if self.errors else self._wrong(request, body)
        if error:
            return web.json_response(_no(error))
        ts = f"{int(datetime.now(UTC).timestamp())}.{next(self._numbers):06d}"
        self.handed_out[ts] = body
        message = {"type": "message", "text": body["text"], "ts": ts}
        return web.json_response({"ok": True, "channel": CHANNEL, "ts": ts, "message": message})

    def _wrong(self, request: web.Request, body: Mapping[str, Any]) -> str:
        if "Authorization" not in request.headers:
            return "not_authed"
        if request.headers["Authorization"] != f"Bearer {self._token}":
            return "invalid_auth"
        if body.get("channel") != CHANNEL:
            return "channel_not_found"
        text = body.get("text", "")
        return "msg_too_long" if len(text) > 40_000 else "" if text else "no_text"

    def _too_fast(self) -> bool:
        now = asyncio.get_running_loop().time()
        if len(self._times) == BURST and now - self._times[0] < BURST_S:
            return True
        self._times.append(now)
        return False


def _no(error: str) -> dict[str, Any]:
    return {"ok": False, "error": error}


def _token() -> str:
    return f"xoxb-sim-{secrets.token_hex(12)}"
