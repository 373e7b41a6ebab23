"""Pushes what was heard, what review made of it, and heartbeats; serves recordings."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from aiohttp import web

from watchfloor_city import SYNTHETIC, ShotsDetected
from watchfloor_sdk.simulation import HttpSimulator, Setup, WebhookSender

from . import documents
from .audio import record

RETRIES = 30
"""That the vendor tries again, and when, is a setting there (reported); the number is ours."""


class SoundthinkingStyleSimulator(HttpSimulator):
    """The synthetic city reviews its detections itself. Real data holds only what was published,
    so those are pushed unreviewed and, ``review_s`` (least, most) seconds later, as reviewed.

    Heartbeats go out every ``heartbeat_s`` seconds. A push that is not taken is repeated after
    ``retry_s`` seconds.
    """

    connector = "soundthinking-style"

    def __init__(
        self,
        *,
        review_s: tuple[float, float] = (15.0, 60.0),
        heartbeat_s: float = 60.0,
        retry_s: float = 2.0,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self._review_s = review_s
        self._heartbeat_s = heartbeat_s
        self._random = Random(seed)
        self._token = secrets.token_urlsafe(24)
        self._sender = WebhookSender(self._sign, retries=(retry_s,) * RETRIES, at_once=1)
        self._base_url = ""
        self._revisions: Counter[str] = Counter()
        self._rounds: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> Setup:
        """Listen, and send heartbeats from now on."""
        setup = await super().start(host, port)
        self._begin(self._heartbeats())
        return setup

    async def stop(self) -> None:
        """End pushes and reviews, then the listener."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._sender.stop()
        await super().stop()

    def push_to(self, url: str) -> None:
        """Where the agency takes the documents; what waits goes first."""
        self._begin(self._sender.start(url))

    def feed(self, happening: Any) -> None:
        """Detections; all else the service does not hear."""
        if not isinstance(happening, ShotsDetected):
            return
        self._tell(happening)
        if happening.origin != SYNTHETIC and happening.state == "created":
            self._begin(self._review(happening))

    def rehearse(self, number: int, at: datetime) -> ShotsDetected:
        """A detection, reviewed."""
        return ShotsDetected(
            at=at, incident=f"{900_000 + number}", state="created",
            classification="MULTIPLE GUNSHOTS", occurred=at, rounds=number % 5 + 1, reviewed=True,
            point=(-90.07, 29.95), error_m=25.0, address=f"{number:03}XX Example Ave",
        )  # fmt: skip

    def setup(self, base_url: str) -> Setup:
        """As agency IT would write it."""
        self._base_url = base_url
        config = {"owner": "Example Police Department", "audio_url": base_url}
        return Setup(self.connector, config, {"push_token": {"token": self._token}})

    def routes(self) -> Iterable[web.RouteDef]:
        """Recordings."""
        return [web.get("/audio/{incident}.wav", self._get_audio)]

    def _tell(self, happening: ShotsDetected) -> None:
        incident = happening.incident
        self._revisions[incident] += 1
        self._rounds[incident] = happening.rounds or 1
        audio_url = f"{self._base_url}/audio/{incident}.wav"
        elements = documents.alert(happening, self._revisions[incident], audio_url)
        self.handed_out[f"{incident}:{self._revisions[incident]}"] = elements
        self._sender.send(documents.encode("IALRT05", elements))

    async def _review(self, happening: ShotsDetected) -> None:
        wait_s = self._random.uniform(*self._review_s)
        await asyncio.sleep(wait_s)
        at = happening.at + timedelta(seconds=wait_s)
        self._tell(replace(happening, at=at, state="updated", reviewed=True))

    async def _heartbeats(self) -> None:
        while True:
            await asyncio.sleep(self._heartbeat_s)
            self._sender.send(documents.heartbeat(datetime.now(UTC)))

    async def _get_audio(self, request: web.Request) -> web.Response:
        rounds = self._rounds.get(request.match_info["incident"])
        if rounds is None:
            raise web.HTTPNotFound
        return web.Response(body=record(rounds), content_type="audio/wav")

    def _sign(self, _: bytes) -> Mapping[str, str]:
        return {"X-Push-Token": self._token, "Content-Type": "application/xml"}

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
