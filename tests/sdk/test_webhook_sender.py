"""The simulators' webhooks: a receiver that is down for long costs the oldest, not the memory."""

import asyncio

import pytest
from aiohttp import web

from watchfloor_sdk.simulation import WebhookSender, webhooks


@pytest.fixture
async def receiver():
    """(its address, what it took). Under ``/slow`` it answers nobody."""
    taken = []

    async def take(request):
        taken.append(await request.read())
        return web.Response(status=202)

    async def hang(_request):
        await asyncio.Event().wait()

    app = web.Application()
    app.router.add_post("/", take)
    app.router.add_post("/slow", hang)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/", taken
    await runner.cleanup()


@pytest.fixture
def sender(monkeypatch):
    monkeypatch.setattr(webhooks, "WAITING", 3)
    return WebhookSender(lambda _: {}, retries=(), at_once=1)


async def test_what_waits_beyond_the_bound_is_given_up_oldest_first(sender, receiver):
    address, taken = receiver
    for number in range(5):
        sender.send(b"%d" % number)
    await sender.start(address)
    async with asyncio.timeout(5):
        await sender.idle()
    await sender.stop()
    assert taken == [b"2", b"3", b"4"]
    assert (sender.delivered, sender.given_up) == (3, 2)


async def test_what_was_under_way_when_it_stopped_waits_again(sender, receiver):
    address, taken = receiver
    await sender.start(f"{address}slow")
    sender.send(b"0")
    while not sender._queue.empty():
        await asyncio.sleep(0)
    for number in range(1, 4):
        sender.send(b"%d" % number)
    await sender.start(address)
    async with asyncio.timeout(5):
        await sender.idle()
    await sender.stop()
    assert len(taken) == 3
    assert b"0" in taken
    assert sender.given_up == 1
