"""Data of another agency: its owner is told by name, and where policy does not open it, it is as
absent."""

from __future__ import annotations

import asyncio
import json

import pytest
import pytest_asyncio
from at_flock import SOURCE, flock
from hub import api_of, hub_here, session_of
from made_up import call, push_source, read
from policies import adopt
from staff import known_case, noted, open_request, signed_in, somebody

from watchfloor.adapters.cedar import read_rules
from watchfloor.identity import Role
from watchfloor.policy import load

pytestmark = pytest.mark.asyncio(loop_scope="module")

NORTH = "North County Sheriff"
SETTINGS = f"""
[agencies.north-so]
name = "{NORTH}"
level = "local"
sources = ["{SOURCE}", "north-feed"]
"""
GATE = """
[gates.owner_only]
confirmed_by = "A. Counsel"
confirmed_on = 2025-11-03
"""
PLATE = "ZZT0001"
QUESTION = {
    "source": SOURCE, "offer": "plate-reads", "subject_kind": "plate", "subject": PLATE,
    "purpose": {"case_number": "SIM-26-000123", "reason": "Burglary, Example St"},
    "deadline_s": 20,
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    """One read and one call of the hub's own and of the neighbour's, whose system is asked, too."""
    folder = tmp_path_factory.mktemp("owners") / "hub"
    adopt(folder, SETTINGS)
    async with hub_here(folder) as running, api_of(running.url, session_of(running)) as api:
        await known_case(running, "SIM-26-000123")
        await push_source(api)
        await push_source(api, "north-feed")
        await api.push("push-1", [read(1), call(1)])
        theirs = [read(1, "north-feed"), call(2, "north-feed")]
        await api.push("north-feed", theirs)
        async with flock(api):
            yield running


@pytest_asyncio.fixture(loop_scope="module")
async def ana(hub):
    async with signed_in(hub, somebody("ana", Role.ANALYST)) as api:
        await open_request(api, purpose="missing_endangered")
        yield api


@pytest.fixture
def closed(hub):
    """The same hub under a policy by which data is for the agency that it belongs to."""
    engine, before = hub.hub.engine, hub.hub.engine.policy
    engine.use(load({"settings.toml": SETTINGS + GATE}, hub.hub.settings.agency, read_rules))
    yield
    engine.use(before)


async def asked_there(api):
    answer = await api.call("POST", "/lookups", QUESTION)
    return answer if answer.status != 200 else [json.loads(x) for x in answer.body.splitlines()]


async def sources_found(api, q):
    lines = await api.lines("/search", q=q)
    return sorted(hit["source"] for line in lines for hit in line.get("hits", ()))


async def numbers(hub, source):
    return [row.seq for row in await hub.hub.store.log.read(0, 100) if row.source == source]


async def told(hub, do):
    """Notices that supervisors get of what is done, by owner."""
    async with (
        signed_in(hub, somebody("sam", Role.SUPERVISOR)) as sam,
        sam.client.get(f"{sam.url}/api/v1/stream") as stream,
    ):
        text = await stream.content.readany()
        await do()
        hub.hub.feed.tell("notice", {"what": "end"}, "oversight")
        async with asyncio.timeout(20):
            while b'"end"' not in text:
                text += await stream.content.readany()
    lines = [line[6:] for line in text.splitlines() if line.startswith(b"data: ")]
    notices = [each for each in map(json.loads, lines) if "what" in each]
    return [each["owner"] for each in notices if each["what"] == "owner_told"]


async def test_a_look_up_in_another_agencys_system_tells_it_by_name(hub, ana):
    answers = []

    async def ask():
        answers.extend(await asked_there(ana))

    assert await told(hub, ask) == [NORTH]
    assert answers[-1]["answer"]["status"] == "ok"
    [entry, *_] = await noted(hub, "lookup.asked")
    assert entry.more["notify_owner"] == "north-so"


async def test_an_override_tells_the_owner_of_what_it_opens(hub):
    """X4. What is the hub's own is its own agency's."""
    reason = "A child was taken from the park a minute ago.\nThere is no call number yet."
    async with signed_in(hub, somebody("eve", Role.ANALYST)) as eve:
        await open_request(eve, purpose="emergency_override", reason=reason, provisional=False)
        own = hub.hub.settings.agency
        assert await told(hub, lambda: sources_found(eve, "call:ZZ-00001")) == [own]
        assert await told(hub, lambda: sources_found(eve, "call:ZZ-00002")) == [NORTH]
    [entry, *_] = await noted(hub, "search.asked")
    assert entry.more["notify_owner"] == f"{own}, north-so"


@pytest.mark.parametrize(
    ("line", "owners"),
    [("call:ZZ-00001", None), ("call:ZZ-00002", "north-so"), (f"plate:{PLATE}", "north-so"),
     ("call:ZZ-00002 source:north-feed", "north-so"), ("call:ZZ-00002 source:push-1", None)],
)  # fmt: skip
async def test_a_search_tells_each_agency_whose_data_it_touches(hub, ana, line, owners):
    await sources_found(ana, line)
    [entry, *_] = await noted(hub, "search.asked")
    assert entry.more.get("notify_owner") == owners


async def test_an_event_has_the_owner_of_its_source(hub, ana):
    for source, owner in (("push-1", None), ("north-feed", "north-so")):
        await sources_found(ana, f"plate:{PLATE}")
        for seq in await numbers(hub, source):
            await ana.get(f"/events/{seq}")
            [entry, *_] = await noted(hub, "event.viewed")
            assert entry.more.get("notify_owner") == owner


async def test_what_belongs_to_another_agency_is_refused_to_this_one(hub, ana, closed):
    refused = await asked_there(ana)
    assert (refused.status, refused.code) == (403, "owner_only")
    [entry, *_] = await noted(hub, "lookup.asked")
    assert (entry.outcome, entry.decision.reason) == ("denied", "owner_only")
    named = {"/search": {"q": "source:north-feed"}, "/events": {"source": "north-feed"}}
    for path, asked in named.items():
        answer = await ana.call("GET", path, **asked)
        assert (answer.status, answer.code) == (403, "owner_only"), path


async def test_what_belongs_to_another_agency_is_as_absent(hub, ana, closed):
    assert await sources_found(ana, f"plate:{PLATE}") == ["push-1"]
    assert (await ana.get("/search/reach", q="kind:read"))["records"] == 1
    assert {each["source"] for each in await ana.events()} == {"push-1", "rms"}
    assert b"ZZ-00002" not in (await ana.call("GET", "/live")).body
    for seq in await numbers(hub, "north-feed"):
        for path in (f"/events/{seq}", f"/events/{seq}/raw", f"/events/{seq}/cameras"):
            assert (await ana.call("GET", path)).status == 404, path


async def test_what_is_open_shows_both(hub, ana):
    assert await sources_found(ana, f"plate:{PLATE}") == ["north-feed", "push-1"]
    assert b"ZZ-00002" in (await ana.call("GET", "/live")).body
