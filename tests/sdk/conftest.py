"""A vendor on loopback, and the toy connectors that read from it."""

import asyncio
import sys
from pathlib import Path

import pytest
from aiohttp import web

from watchfloor_sdk.simulation import Setup
from watchfloor_sdk.testing import HttpSimulator, WebhookSender

TOYS = Path(__file__).parent / "toys"


class Counter(HttpSimulator):
    """Hands out the numbers it is fed: even ones when asked, odd ones by webhook, if it may."""

    connector = "toy-http"

    def __init__(self):
        super().__init__()
        self.numbers = []
        self.pushes = False
        self.sender = WebhookSender(lambda _: {"X-Signature": "x"}, twice_every=3)
        self.pushing = None

    def feed(self, happening):
        if self.pushes and happening % 2:
            self.handed_out[f"read-{happening}"] = happening
            self.sender.send(b'{"read": %d}' % happening)
        else:
            self.numbers.append(happening)

    def push_to(self, url):
        if self.pushes:
            self.pushing = asyncio.ensure_future(self.sender.start(url))

    async def stop(self):
        await self.sender.stop()
        await super().stop()

    def routes(self):
        return [web.get("/reads", self.reads), web.get("/big", self.big)]

    def setup(self, base_url):
        return Setup(self.connector, {"base_url": base_url}, {"secret": {"secret": "abc"}})

    async def reads(self, request):
        after = int(request.query.get("after", 0))
        rows = [number for number in self.numbers if number > after][:20]
        self.handed_out.update((f"read-{number}", number) for number in rows)
        return web.json_response({"reads": rows, "auth": request.headers.get("x-key")})

    async def big(self, request):
        return web.Response(body=b"x" * 2_000_000)


@pytest.fixture
def counter():
    return Counter()


@pytest.fixture
def toy_command():
    """How to start a worker that finds the toys: the real one is isolated from its directory."""
    return [sys.executable, str(TOYS / "run_worker.py")]


@pytest.fixture
def toys(monkeypatch):
    monkeypatch.syspath_prepend(str(TOYS))
