"""Whom an emergency override is told, and that its review names those whom it reached."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
import pytest_asyncio
from hub import hub_here, until
from policies import adopt
from staff import signed_in, somebody

from watchfloor.identity import Role
from watchfloor.web import tell_of_overrides

pytestmark = pytest.mark.asyncio(loop_scope="module")

EMERGENCY = {
    "purpose": "emergency_override",
    "asked": "Where is the white van?",
    "reason": "A child was taken from the park a minute ago.\nThere is no call number yet.",
}
SAM, TESS = somebody("sam", Role.SUPERVISOR), somebody("tess", Role.SUPERVISOR)
ANA, NOOR = somebody("ana", Role.ANALYST), somebody("noor", Role.AUDITOR)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("overrides") / "hub"
    adopt(folder, "")
    async with hub_here(folder) as running:
        yield running


@contextlib.asynccontextmanager
async def console(hub, person):
    """Their API, while their console listens, too; and what it is told."""

    def is_gone():
        return person.handle not in {each.reader() for each in hub.hub.feed._subscribers}

    async with (
        signed_in(hub, person) as api,
        api.client.get(f"{api.url}/api/v1/stream") as stream,
    ):
        assert await stream.content.readline() == b"retry: 2000\n"
        yield api, stream.content
    await until(is_gone)


async def opened(api):
    return (await api.send("POST", "/requests", EMERGENCY))["id"]


async def named(api, request):
    """Those whom its review names."""
    return (await api.get(f"/requests/{request}"))["reviews"][0]["told"]


async def test_where_nobody_listens_nobody_was_told(hub):
    async with signed_in(hub, ANA) as ana, signed_in(hub, SAM):
        request = await opened(ana)
        await tell_of_overrides(hub.hub)
        assert await named(ana, request) == []


async def test_whoever_oversees_is_told_and_named(hub):
    """Not the analyst who listens, nor who opened it and oversees themselves."""
    await hub.hub.names.learn(TESS)
    async with console(hub, ANA), console(hub, TESS) as (tess, _):
        request = await opened(tess)
        await tell_of_overrides(hub.hub)
        assert await named(tess, request) == []
        async with console(hub, SAM) as (_, notices):
            assert await until(lambda: named(tess, request)) == ["sam"]
            async with asyncio.timeout(20):
                while request.encode() not in (said := await notices.readline()):
                    pass
            assert b'"override_opened"' in said
            assert b'"by":"tess","name":"Tess"' in said


async def test_whoever_comes_later_is_told_then_and_once(hub):
    async with signed_in(hub, ANA) as ana:
        request = await opened(ana)
        async with console(hub, SAM):
            assert await until(lambda: named(ana, request)) == ["sam"]
        async with console(hub, SAM) as (_, notices):
            async with console(hub, NOOR):

                async def noor_is_named():
                    return "noor" in await named(ana, request)

                await until(noor_is_named)
            assert await named(ana, request) == ["sam", "noor"]
            hub.hub.feed.tell("notice", {"what": "end"}, "oversight")
            heard = b""
            async with asyncio.timeout(20):
                while b'"end"' not in heard:
                    heard += await notices.readany()
            assert request.encode() not in heard


async def test_who_left_a_locked_screen_was_not_told(hub):
    async with signed_in(hub, ANA) as ana, console(hub, SAM) as (sam, _):
        await sam.send("POST", "/session/lock")
        request = await opened(ana)
        await tell_of_overrides(hub.hub)
        assert await named(ana, request) == []
