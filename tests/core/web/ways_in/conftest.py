"""A hub with two sources and few sightings, and whoever signs in at it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from hub import api_of, hub_here, session_of
from made_up import push_source, read
from policies import adopt
from staff import signed_in
from ways import PLATE


def sighting(number, days):
    time = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    event = read(number, time=time)
    return {**event, "data": {**event["data"], "plate": PLATE}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ways") / "hub"
    adopt(folder, 'contact = "Sam Okafor, 555-0120"\n')
    async with hub_here(folder) as running:
        async with api_of(running.url, session_of(running)) as api:
            for source in ("push-1", "push-2"):
                await push_source(api, source)
            await api.push("push-1", [sighting(n, days) for n, days in enumerate((1, 20))])
        yield running


@pytest.fixture
def person(hub):
    return lambda who: signed_in(hub, who)


@pytest_asyncio.fixture(loop_scope="module")
async def nobody_here(hub):
    async with api_of(hub.url) as api:
        yield api
