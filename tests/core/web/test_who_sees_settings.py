"""Where connected systems are reached, and to whom things go there, is for who operates them."""

from __future__ import annotations

import asyncio
import contextlib
from importlib import import_module

import pytest
import pytest_asyncio
from hub import api_of, hub_here, session_of
from msgspec import structs
from staff import signed_in, somebody

from watchfloor.identity import Role

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOST = "127.0.0.1"
ADDRESS = f"http://{HOST}:9"
KIM = somebody("kim", Role.AGENCY_IT)
ANA = somebody("ana", Role.ANALYST)
GUEST = somebody("gail", Role.ANALYST, agency="north-so")
SUE = somebody("sue", Role.SUPERVISOR)
NOOR = somebody("noor", Role.AUDITOR)
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
        key = {"value": {"api_key": "zz-nobodys"}}
        await api.send("PUT", "/sources/gate/credentials/api_key", key)
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
    assert HOST.encode() not in text
    async with signed_in(hub, who) as api:
        for path in ("/sources", "/live"):
            answer = await api.call("GET", path)
            assert HOST.encode() not in answer.body, path
    async with signed_in(hub, KIM) as api:
        assert ADDRESS.encode() in (await api.call("GET", "/sources")).body


async def failing(api):
    """The source, once it is known that its vendor is not there."""
    async with asyncio.timeout(60):
        while HOST not in (found := await api.source("gate"))["reason"]:
            await asyncio.sleep(0.1)
        return found


@pytest.mark.parametrize("who", [ANA, GUEST, NOOR], ids=lambda who: who.handle)
async def test_who_watches_is_told_that_a_source_fails_since_when_and_what_that_means(hub, who):
    async with signed_in(hub, KIM) as kim, signed_in(hub, who) as api:
        whole = await failing(kim)
        seen = await api.source("gate")
        assert (seen["state"], seen["since"], seen["code"]) == (
            whole["state"], whole["since"], whole["code"],
        )  # fmt: skip
        assert seen["reason"] == "The vendor cannot be reached."
        assert "may come late" in seen["remedy"]
        assert (seen["pid"], seen["config"]) == (None, {})
        assert whole["pid"] is not None


async def test_what_is_to_be_repaired_names_its_host_to_who_operates_it_alone(hub, monkeypatch):
    monkeypatch.setattr(import_module("watchfloor.sources.repairs"), "PASSING_S", 0)
    async with signed_in(hub, KIM) as kim, signed_in(hub, ANA) as ana:
        await failing(kim)
        [whole] = (await kim.get("/repairs"))["items"]
        [seen] = (await ana.get("/repairs"))["items"]
        assert HOST in whole["detail"]
        assert HOST not in str(seen)
        told = ("source", "code", "fault", "since")
        assert [seen[name] for name in told] == [whole[name] for name in told]
        assert "may come late" in seen["detail"]


async def test_what_was_to_be_repaired_is_plain_though_it_is_mended_meanwhile(hub, monkeypatch):
    monkeypatch.setattr(import_module("watchfloor.sources.repairs"), "PASSING_S", 0)
    async with signed_in(hub, KIM) as kim, signed_in(hub, ANA) as ana:
        await failing(kim)
        sources, views = type(hub.hub.sources), await hub.hub.sources.views()
        mended = [structs.replace(each, state="running", code="", reason="") for each in views]
        read = set()

        async def views_now(_):
            """What else reads them meanwhile counts for itself."""
            found = mended if asyncio.current_task() in read else views
            read.add(asyncio.current_task())
            return found

        monkeypatch.setattr(sources, "views", views_now)
        answer = await ana.call("GET", "/repairs")
    [seen] = answer.json["items"]
    assert HOST not in str(seen)
    assert "may come late" in seen["detail"]


@pytest.mark.parametrize(
    ("who", "where"), [(KIM, True), (SUE, True), (ANA, False), (GUEST, False), (NOOR, False)],
    ids=lambda each: getattr(each, "handle", None),
)  # fmt: skip
async def test_who_has_no_part_in_an_impact_statement_reads_it_without_where_it_reaches(
    hub, who, where
):
    statement = {"version": (await _gate(hub))["version"], "data": "Faces", "legal_basis": "Law",
                 "retention_days": 3}  # fmt: skip
    async with signed_in(hub, SUE) as sue, api_of(hub.url, session_of(hub)) as developer:
        await developer.send("PUT", "/sources/gate/impact", statement)
        whole = await sue.get("/sources/gate/impact")
        async with signed_in(hub, who) as api:
            seen = await api.get("/sources/gate/impact")
    assert seen["draft"] == whole["draft"]
    if where:
        assert seen == whole
        assert HOST in str(seen["touches"]["hosts"])
        return
    assert HOST not in str(seen)
    for touches in (seen["touches"], seen["approved"]["touches"]):
        assert (touches["hosts"], touches["paths"]) == (None, [])
        assert touches["event_types"] == whole["touches"]["event_types"]
    assert seen["beyond"]["hosts"] == []


async def _gate(hub):
    async with signed_in(hub, KIM) as kim:
        return await kim.source("gate")


async def test_a_wall_is_told_what_is_missing_and_not_where_it_is(hub):
    async with signed_in(hub, KIM) as kim, signed_in(hub, ANA) as wall:
        await failing(kim)
        await wall.send("POST", "/session/wall")
        async with wall.client.get(f"{wall.url}/api/v1/stream") as stream, asyncio.timeout(30):
            assert HOST.encode() not in await _until(stream, b"event: sources")
