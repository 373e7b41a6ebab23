"""The web application: API and the console's files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from aiohttp import web

from watchfloor.ports.signon import LOGGED_OUT

from .forwarded import Proxies
from .headers import Names, secure
from .hub import HUB, Hub
from .limits import Limits
from .routes import Route
from .server import API, add_routes, in_shape, recorded_first

SIGN_IN = (
    f"{API}/session", f"{API}/session/break-glass", f"{API}/session/terminal", LOGGED_OUT,
)  # fmt: skip


def make_app(hub: Hub, routes: Sequence[Route], console: Path | None) -> web.Application:
    """Everything that is served. ``console`` is the folder of the built UI, when installed."""
    listening = hub.settings.listening
    guards = [
        Proxies(listening.trusted_proxies).middleware,
        Names([listening.public_url] if listening.public_url else []).middleware,
        Limits(SIGN_IN).middleware,
    ]
    app = web.Application(middlewares=[in_shape, *guards], client_max_size=32 * 1024 * 1024)
    app[HUB] = hub
    add_routes(app, routes)
    if console is not None:
        _add_console(app, console)
    app.on_response_prepare.extend([recorded_first, secure])
    return app


def _add_console(app: web.Application, console: Path) -> None:
    index = console / "index.html"

    async def page(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(index, headers={"Cache-Control": "no-cache"})

    for folder in sorted(path for path in console.iterdir() if path.is_dir()):
        app.router.add_static(f"/{folder.name}", folder)
        app.on_response_prepare.append(_kept(f"/{folder.name}/"))
    for file in sorted(path for path in console.iterdir() if path.is_file() and path != index):
        app.router.add_get(f"/{file.name}", _file(file))
    app.router.add_get(f"/{{tail:(?!{API.strip('/')}).*}}", page)


def _kept(folder: str) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Names in the console's folders carry a hash of the content: nobody need ask twice."""

    async def keep(request: web.Request, response: web.StreamResponse) -> None:
        if request.path.startswith(folder) and response.status == 200:
            response.headers["Cache-Control"] = "private, max-age=31536000, immutable"

    return keep


def _file(path: Path) -> Callable[[web.Request], Awaitable[web.FileResponse]]:
    async def serve(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(path)

    return serve
