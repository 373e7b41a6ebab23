"""Flock's simulator as a running source of a hub, and people who sign in there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from hub import Api, until

from watchfloor_flock_simulator import FlockSimulator

SOURCE = "plates"
AUDIENCE = "alerts_audience:33333333-4444-4555-8666-777777777777"
"""A setting that is open there from the start."""


@asynccontextmanager
async def flock(api: Api, **config: Any) -> AsyncIterator[FlockSimulator]:
    """``config`` goes over the simulator's own settings."""
    simulator = FlockSimulator.rehearsing()
    setup = await simulator.start()
    try:
        await api.send("PUT", f"/sources/{SOURCE}", {
            "connector": "flock", "name": "Plates", "config": {**setup.config, **config},
        })  # fmt: skip
        for name, value in setup.credentials.items():
            await api.send("PUT", f"/sources/{SOURCE}/credentials/{name}", {"value": value})
        await until(lambda: _runs(api), 30)
        yield simulator
    finally:
        await simulator.stop()


async def _runs(api: Api) -> bool:
    offers = (await api.get("/lookups"))["items"]
    return any(one["source"] == SOURCE and one["available"] for one in offers)


async def sign_in(api: Api, vendor: FlockSimulator, user: str = "flock-user-1") -> str:
    """As a browser does: to Flock, back to the hub's own page, and on from there to the page of the
    console that is answered."""
    url = (await api.send("POST", f"/vendor-sign-in/{SOURCE}"))["url"]
    answer = vendor.accounts.approve(dict(parse_qsl(urlsplit(url).query)), user)
    page = await api.call("GET", f"/vendor-sign-in/{SOURCE}/returned", **answer)
    assert f"/vendor-sign-in/{SOURCE}/finish?" in page.body.decode()
    return await finished(api, **answer)


async def finished(api: Api, **answer: str) -> str:
    """Where the browser goes with what the vendor sent along."""
    url = f"{api.url}/api/v1/vendor-sign-in/{SOURCE}/finish"
    async with api.client.get(url, params=answer, allow_redirects=False) as response:
        assert response.status == 303, await response.read()
        return response.headers["Location"]
