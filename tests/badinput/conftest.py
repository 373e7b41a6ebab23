"""One hub for a whole file, in the agency's world of the tests: what is bad disturbs nothing."""

from __future__ import annotations

import pytest_asyncio
from hub import api_of, hub_here, session_of

SETTINGS = 'timezone = "America/Chicago"\nbounds = [-90.2, 29.8, -89.6, 30.2]\n'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("badinput") / "hub"
    data_dir.mkdir()
    (data_dir / "hub.toml").write_text(SETTINGS)
    async with hub_here(data_dir) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(hub):
    async with api_of(hub.url, session_of(hub)) as api:
        yield api
