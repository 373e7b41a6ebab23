"""Where connected systems are reached, and to whom things go there, is for who operates them."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
import pytest_asyncio
from hub import api_of, hub_here, session_of
from staff import signed_in, somebody

from watchfloor.identity import Role

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADDRESS = "http://127.0.0.1:9"
KIM = somebody("kim", Role.AGENCY_IT)
ANA = somebody("ana", Role.ANALYST)
GUEST = somebody("gail", Role.ANALYST, agency="north-so")
PARTNER = somebody("pat", Role.PARTNER_AGENCY, agency="north-so")
RECORDS = somebody("ray", Role.RECORDS_OFFICER)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    config = {"base_url": ADDRESS, "owner": "Example", "lpr_cameras": ["none"]}
    async with (
        hub_here(tmp_path_factory.mktemp("settings") / "hub") as running,
        api_of(running.url, session_of(running)) as api,
    ):
        wanted = {"connector": "verkada", "name": "Gate", "config": config}
        await api.send("PUT", "/sources/gate", wanted)
        yield running


async def told(hub, who):
    """What their stream tells from one time that all hear how sources fare to when it is over."""
    async with contextlib.AsyncExitStack() as stack:
        streams = []
        for person in (KIM, who):
            api = await stack.enter_async_context(signed_in(hub, person))
            url = f"{api.url}/api/v1/stream"
            stream = await stack.enter_async_context(api.client.get(url))
            assert (await stream.content.readline()) == b"retry: 2000\n"
            streams.append(stream)
        operator, other = streams
        async with asyncio.timeout(30):
            heard = await _until(operator, b"event: sources")
            assert ADDRESS.encode() in heard
            hub.hub.feed.tell("notice", {"what": "over"})
            return await _until(other, b'"over"')


async def _until(stream, mark):
    text = b""
    while mark not in text or not text.endswith(b"\n\n"):
        text += await stream.content.readany()
    return text


async def test_who_may_not_list_sources_is_told_nothing_of_them(hub):
    for who in (PARTNER, RECORDS):
        assert b"event: source" not in await told(hub, who)


@pytest.mark.parametrize("who", [ANA, GUEST], ids=lambda who: who.handle)
async def test_who_watches_is_told_how_they_fare_and_not_where_they_are(hub, who):
    text = await told(hub, who)
    assert b'"id":"gate"' in text
    assert ADDRESS.encode() not in text
    async with signed_in(hub, who) as api:
        for path in ("/sources", "/live"):
            answer = await api.call("GET", path)
            assert ADDRESS.encode() not in answer.body, path
    async with signed_in(hub, KIM) as api:
        assert ADDRESS.encode() in (await api.call("GET", "/sources")).body


async def test_a_wall_is_told_what_is_missing_and_not_where_it_is(hub):
    async with signed_in(hub, ANA) as wall:
        await wall.send("POST", "/session/wall")
        async with wall.client.get(f"{wall.url}/api/v1/stream") as stream, asyncio.timeout(30):
            assert ADDRESS.encode() not in await _until(stream, b"event: sources")
