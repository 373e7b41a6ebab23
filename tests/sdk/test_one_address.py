"""A simulator of a vendor with one address for all its calls: faults meet the call they are for."""

from __future__ import annotations

import pytest
from aiohttp import web
from msgspec import Struct

from watchfloor_sdk import RetryLater
from watchfloor_sdk.simulation import Fault, HttpSimulator, Setup
from watchfloor_sdk.testing import simulated


class Settings(Struct):
    base_url: str


class Rpc(HttpSimulator):
    def routes(self):
        return [web.post("/rpc", self._call)]

    def setup(self, base_url):
        return Setup("rpc", {"base_url": base_url})

    def feed(self, happening):
        pass

    async def called(self, request):
        return f"{request.path}/{(await request.json())['method']}"

    async def _call(self, request):
        return web.json_response({"did": (await request.json())["method"]})


async def test_a_fault_of_one_call_leaves_the_others_alone():
    vendor = Rpc()
    vendor.faults.add(Fault.status(503), path="/rpc/Read")
    async with simulated(vendor, Settings) as ctx:
        answer = await ctx.http.post("/rpc", json={"method": "LogIn"})
        assert answer.json() == {"did": "LogIn"}
        with pytest.raises(RetryLater):
            await ctx.http.post("/rpc", json={"method": "Read"})
    assert vendor.requests == {"/rpc/LogIn": 1, "/rpc/Read": 1}


async def test_a_duplicate_is_of_the_same_call():
    vendor = Rpc()
    async with simulated(vendor, Settings) as ctx:
        await ctx.http.post("/rpc", json={"method": "Read"})
        await ctx.http.post("/rpc", json={"method": "LogIn"})
        vendor.faults.add(Fault.duplicate(), path="/rpc/Read")
        answer = await ctx.http.post("/rpc", json={"method": "Read"})
    assert answer.json() == {"did": "Read"}
