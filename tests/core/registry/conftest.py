"""A hub that installs from an index of toys."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from hub import PERSON, api_of, session_of, until
from toy_index import ToyIndex

from watchfloor.bootstrap import Options, running_hub

STATEMENT = {"data": "Made-up reads.", "legal_basis": "A test.", "retention_days": 7}


class Agency:
    """A hub as agency IT works with it, by its API."""

    def __init__(self, running, api):
        self.running, self.api, self.hub = running, api, running.hub

    async def job(self, path, body=None, **query):
        """Start long work; how it ended."""
        job = await self.api.send("POST", path, {} if body is None else body, **query)
        while job["state"] == "running":
            await asyncio.sleep(0.05)
            job = await self.api.get(f"/jobs/{job['id']}")
        return job

    async def install(self, connector, **body):
        job = await self.job(f"/connectors/{connector}/install", body)
        assert job["state"] == "done", job
        return job

    async def configure(self, source, connector, **config):
        body = {"connector": connector, "name": source, "config": config, "enabled": False}
        await self.api.send("PUT", f"/sources/{source}", body)

    async def approve(self, source, version=None):
        view = await self.api.get(f"/sources/{source}/impact", version=version)
        body = {**STATEMENT, "version": view["version"]}
        return await self.api.send("PUT", f"/sources/{source}/impact", body)

    async def run(self, source, connector, **config):
        """Configured, approved, enabled and running."""
        await self.configure(source, connector, **config)
        await self.approve(source)
        await self.api.send("POST", f"/sources/{source}/enable")
        await self.state(source, "running")

    async def state(self, source, wanted):
        """Wait for a state; the source."""

        async def reached():
            view = await self.api.source(source)
            return view if view["state"] == wanted else None

        return await until(reached)

    def file(self, connector, version, pattern):
        folder = self.running.hub.basemap_path.parent / "connectors" / connector / version
        return next(folder.glob(pattern))


@pytest.fixture
def index(tmp_path):
    return ToyIndex(tmp_path)


@pytest.fixture
async def opened(tmp_path, index):
    """``async with opened() as agency``: the hub on the test's data directory."""
    data_dir = tmp_path / "hub"
    data_dir.mkdir()

    @asynccontextmanager
    async def open_hub(settings=None):
        (data_dir / "hub.toml").write_text(index.settings() if settings is None else settings)
        options = Options(data_dir, port=0, hooks_port=0, person=PERSON)
        async with running_hub(options) as running, api_of(running.url, session_of(running)) as api:
            yield Agency(running, api)

    return open_hub


@pytest.fixture
async def agency(opened):
    async with opened() as agency:
        yield agency
