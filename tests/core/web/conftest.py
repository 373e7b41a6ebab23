"""One hub for a whole module: these tests ask it much and change little."""

from __future__ import annotations

import pytest_asyncio
from hub import api_of, hub_here, session_of


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
