"""A polled vendor's token is replaced while reads flow: each read is in the log, once."""

from __future__ import annotations

import secrets

import pytest
from hub import until
from made_up import connect, ids
from vendors import traffic

from watchfloor_lpr_rest_simulator import LprRestSimulator


class Vendor(LprRestSimulator):
    """Says what it will take before it takes it, and the old one no more."""

    def announce(self):
        return {"token": {"token": secrets.token_urlsafe(24)}}

    def change_over(self, to):
        self._token = to["token"]["token"]


@pytest.fixture
async def vendor():
    one = Vendor()
    one.started = await one.start()
    yield one
    await one.stop()


async def rotate(api, value):
    body = {"value": value["token"], "overlap_s": 0}
    return await api.send("POST", "/sources/lpr/credentials/token/rotate", body)


async def brought(api, more):
    before = (await api.source("lpr"))["events_total"]

    async def grown():
        return (await api.source("lpr"))["events_total"] >= before + more

    await until(grown, 60)


async def whole(api, vendor):
    found = ids(await api.events(source="lpr"))
    assert len(found) == len(set(found))
    return found == sorted(vendor.ledger)


async def test_no_read_is_lost_whoever_kills_the_old_token_first(api, vendor):
    """First the hub has the new one, and the vendor withdraws the old one between two polls; then
    the vendor withdraws it before anybody at the hub knows."""
    await connect(api, "lpr", vendor.started, every_s=0.2)
    async with traffic(vendor.feed, 100):
        await brought(api, 20)
        new = vendor.announce()
        await rotate(api, new)
        await brought(api, 20)
        vendor.change_over(new)
        await brought(api, 20)
        newest = vendor.rotate()
        await until(lambda: troubled(api), 30)
        view = await rotate(api, newest)
        assert view["overlap_until"] is None
        await brought(api, 20)
    await until(lambda: whole(api, vendor), 60, 0.2)
    assert await api.dead() == []


async def troubled(api):
    return (await api.source("lpr"))["state"] == "needs_attention"
