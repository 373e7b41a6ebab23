"""Receivers of alerts are reached by what the settings say."""

import asyncio
import ssl
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from certificates import certificate_in
from hub import api_of, hub_here, session_of, until
from made_up import call, push_source

RULE = "{id: calls, title: Call, severity: low, kinds: [call], notify: [desk]}"


@pytest.fixture
def authority(tmp_path):
    return certificate_in(tmp_path / "agency")


@asynccontextmanager
async def receiver(files):
    """Its port, and what it was sent, by TLS."""
    got = asyncio.Queue()

    async def take(request):
        got.put_nowait(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    yield runner.addresses[0][1], got
    await runner.cleanup()


async def test_a_receiver_behind_the_agencys_own_authority_is_told(tmp_path, authority):
    data_dir = tmp_path / "hub"
    data_dir.mkdir()
    async with receiver(authority) as (port, got):
        (data_dir / "hub.toml").write_text(
            f'outgoing_hosts = ["127.0.0.1:{port}"]\ncertificates = "{authority.certificate}"\n'
        )
        async with hub_here(data_dir) as running, api_of(running.url, session_of(running)) as api:
            await push_source(api)
            await api.send("PUT", "/channels/desk", {"url": f"https://127.0.0.1:{port}/hook"})
            await api.send("PUT", "/rules/calls", {"document": RULE})
            await api.push("push-1", [call(1)])
            fare = await until(lambda: _tried(api))
            assert (fare["state"], fare["error"]) == ("delivered", None)
    assert (await got.get())["type"] == "watchfloor.alert.raised"


async def _tried(api):
    return next(
        (each for each in (await api.get("/deliveries"))["items"] if each["attempts"]), None
    )
