"""One hub for a whole module: these tests ask it much and change little."""

from __future__ import annotations

import contextlib

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hub import Answer, api_of, hub_here, session_of

from watchfloor.web.forwarded import Proxies
from watchfloor.web.headers import secure
from watchfloor.web.server import in_shape


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    async with hub_here(tmp_path_factory.mktemp("web") / "hub") as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(hub):
    async with api_of(hub.url, session_of(hub)) as api:
        yield api


@pytest_asyncio.fixture(loop_scope="module")
async def nobody(hub):
    async with api_of(hub.url) as api:
        yield api


@pytest.fixture
def guarded():
    """``async with guarded(middleware, ..., trusted=[...]) as ask``: a server that answers
    everything with an empty 200 behind these guards."""

    @contextlib.asynccontextmanager
    async def serving(*guards, trusted=()):
        app = web.Application(middlewares=[in_shape, Proxies(trusted).middleware, *guards])
        app.router.add_route("*", "/{path:.*}", _empty)
        app.on_response_prepare.append(secure)
        async with TestClient(TestServer(app)) as client:

            async def ask(method, path, headers=None):
                async with client.request(method, path, headers=headers) as response:
                    return Answer(response.status, response.headers, await response.read())

            yield ask

    return serving


async def _empty(_request):
    return web.Response()
