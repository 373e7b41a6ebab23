"""Runs a connector here and listens: to all that it asks its vendor, and to webhooks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from watchfloor_sdk.answer import Answer
from watchfloor_sdk.auth.base import Outgoing
from watchfloor_sdk.client import Client
from watchfloor_sdk.finding import Found
from watchfloor_sdk.testing import HubDouble, Worker, worker_here
from watchfloor_sdk.testing.contract import door

from .recorder import Heard, Recorder
from .simulator import CassetteSimulator

_LOOK_S = 0.1
_CALM_LOOKS = 10
_REPLAY_EVERY_S = 0.2


class _Hub(HubDouble):
    """The hub in memory, whose webhooks are heard too."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder.credentials)
        self._recorder = recorder

    def deliver(self, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        named = {name.lower(): value for name, value in (headers or {}).items()}
        self._recorder.hear(Heard(body, named))
        super().deliver(body, headers)


async def record(
    found: Found, recorder: Recorder, *, seconds: float, every_s: float, port: int | None = None
) -> HubDouble:
    """Let the connector work for so long against its real vendor; ``port`` is where webhooks come
    in, on loopback. Answers what the hub would have got. Raises the connector's errors at start.
    """
    hub = _Hub(recorder)
    async with _door(hub, port):
        with observed(recorder):
            await _work(found, hub, {**recorder.config, "every_s": every_s}, seconds, lambda: False)
    return hub


async def replay(found: Found, path: Path, *, seconds: float = 30.0) -> HubDouble:
    """Let the connector work against a cassette until all of it was given and nothing more comes,
    or for so long."""
    simulator = CassetteSimulator(path)
    setup = await simulator.start()
    hub = HubDouble(setup.credentials)
    settings = {**setup.config, "every_s": _REPLAY_EVERY_S}
    try:
        async with door(hub, simulator):
            await _work(found, hub, settings, seconds, lambda: simulator.is_through)
    finally:
        await simulator.stop()
    return hub


async def _work(
    found: Found,
    hub: HubDouble,
    settings: Mapping[str, Any],
    seconds: float,
    through: Callable[[], bool],
) -> None:
    async with worker_here(found.connector, found.manifest, hub) as worker:
        ready = await worker.initialize(found.manifest.id, settings, _fixed(found.manifest.hosts))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await _until_calm(hub, worker, "webhook" in ready.capabilities, through)
        await worker.stop()


async def _until_calm(
    hub: HubDouble, worker: Worker, pushed: bool, through: Callable[[], bool]
) -> None:
    calm = before = 0
    while calm < _CALM_LOOKS:
        if pushed:
            await hub.hand_over(worker.peer)
        await asyncio.sleep(_LOOK_S)
        same = len(hub.events) == before and not hub.inbox
        calm, before = calm + 1 if same and through() else 0, len(hub.events)


@contextlib.contextmanager
def observed(recorder: Recorder) -> Iterator[None]:
    """Every HTTP call of this process is heard by ``recorder``."""

    def hear(asked: Outgoing, answer: Answer) -> None:
        names = {name.lower(): value for name, value in asked.headers.items()}
        recorder.hear(
            Heard(
                answer.body,
                answer.headers,
                status=answer.status,
                method=asked.method,
                url=asked.url,
                sent=asked.body,
                sent_type=names.get("content-type", ""),
            )
        )

    Client.observer = hear
    try:
        yield
    finally:
        Client.observer = None


@asynccontextmanager
async def _door(hub: HubDouble, port: int | None) -> AsyncIterator[None]:
    if port is None:
        yield
        return
    runner = web.AppRunner(hub.door(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
    finally:
        await runner.cleanup()


def _fixed(hosts: Any) -> list[str]:
    """The manifest's hosts that need no setting."""
    return [host if ":" in host else f"{host}:443" for host in hosts if "{" not in host]
