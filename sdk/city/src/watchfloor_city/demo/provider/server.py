"""The provider over HTTP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from . import pages
from .browser import Browser, tell
from .desk import Client, Desk, Faults
from .endpoints import ASKED_BY_HUB, Endpoints
from .people import Person


@dataclass(frozen=True, slots=True)
class Running:
    """A provider that runs. ``faults`` may be changed at any time."""

    issuer: str
    faults: Faults
    desk: Desk

    def rotate_keys(self) -> None:
        """From now on it signs with a new key."""
        self.desk.keys.rotate()

    async def sign_out(self, subject: str) -> None:
        """End all that somebody has open here, and tell the hubs (back-channel logout)."""
        for login in [*self.desk.logins.values()]:
            if login.person.id == subject:
                await tell(self.desk.ended(login))


@asynccontextmanager
async def start_provider(
    host: str, port: int, clients: Sequence[Client], people: Sequence[Person]
) -> AsyncIterator[Running]:
    """A provider on loopback while the context lasts; ``port`` 0 takes a free one."""
    listener = socket.create_server((host, port))
    desk = Desk(f"http://{host}:{listener.getsockname()[1]}", clients, people)
    runner = web.AppRunner(_app(desk), shutdown_timeout=0.5)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield Running(desk.issuer, desk.faults, desk)
    finally:
        await runner.cleanup()


def _app(desk: Desk) -> web.Application:
    app = web.Application(middlewares=[_faulty(desk.faults), _refusing])
    app.add_routes([*Browser(desk).routes(), *Endpoints(desk).routes()])
    return app


def _faulty(faults: Faults) -> Middleware:
    """As slow, and as broken, as the test asks for."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in ASKED_BY_HUB:
            await asyncio.sleep(faults.delay_s)
            if faults.status is not None:
                return web.json_response({"error": "server_error"}, status=faults.status)
        return await handler(request)

    return middleware


@web.middleware
async def _refusing(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What can't be is said on a page, and nobody is sent anywhere."""
    try:
        return await handler(request)
    except LookupError as error:
        return pages.response(pages.problem(str(error.args[0])), status=400)
