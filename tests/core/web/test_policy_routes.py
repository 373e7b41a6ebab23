"""The agency's policy by the API: what runs in full, and what a second person says to a change."""

from __future__ import annotations

import asyncio
import threading

import pytest
import pytest_asyncio
from hub import api_of, hub_here, session_of, until
from made_up import call, hit, push_source
from policies import adopt
from staff import noted, signed_in, somebody

from watchfloor.audit import AuditEvent, Entry, Outcome
from watchfloor.identity import Role
from watchfloor.policy.folder import packaged

pytestmark = pytest.mark.asyncio(loop_scope="module")

GATE = """
[gates.owner_only]
confirmed_by = "C. Counsel"
confirmed_on = 2025-11-03
"""
CASE = """
[[case]]
name = "nobody without a role"
person = { roles = ["analyst"], certified = ["ncic"] }
permission = "people:manage"
expect = { permitted = false }
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("policy") / "hub"
    adopt(folder)
    async with hub_here(folder) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def owner(hub):
    async with signed_in(hub, somebody("kim", Role.AGENCY_IT)) as api:
        yield api


@pytest_asyncio.fixture(loop_scope="module")
async def proposed(hub, owner):
    folder = hub.hub.policies.folder
    (folder / "settings.toml").write_text(GATE, "utf-8")
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests" / "own.toml").write_text(CASE, "utf-8")
    return (await owner.send("POST", "/policy/proposals"))["version"]


async def test_what_runs_is_told_with_every_template_and_its_citation(owner):
    policy = await owner.get("/policy")
    kinds = [each["kind"] for each in policy["templates"]]
    assert {"gate", "preset"} == set(kinds)
    assert all(each["citation"] and each["words"] for each in policy["templates"])
    assert all(each["confirmed_by"] is None for each in policy["templates"])
    assert "counsel must confirm" in policy["confirm"]
    assert policy["rules"] > 0
    assert [each["step"] for each in policy["steps"][-2:]] == ["approved", "proposed"]


async def test_a_second_person_reads_the_difference_and_turns_it_down(hub, owner, proposed):
    async with signed_in(hub, somebody("sam", Role.SUPERVISOR)) as sam:
        shown = await sam.get(f"/policy/proposals/{proposed}")
        assert [each["direction"] for each in shown["changes"]] != []
        assert "+[gates.owner_only]" in shown["text"]
        assert shown["tests"] == [
            {"file": "tests/own.toml", "name": "nobody without a role", "differs": ""}
        ]
        declined = await sam.send("POST", f"/policy/proposals/{proposed}/decline")
        assert (declined["step"], declined["by"]) == ("declined", "sam")
        assert (await sam.get("/policy"))["proposed"] == []
    newest = (await noted(hub, "approval.given"))[0]
    assert (newest.object.id, newest.more["granted"]) == (proposed, False)


async def test_a_step_is_taken_beside_the_loop(hub, owner, proposed, monkeypatch):
    """Rules are compiled, tests run and files synced for it: alerts do not wait for that."""
    threads, book = [], hub.hub.policies
    for step in ("propose", "proposer", "approve", "decline"):
        done = getattr(type(book), step)

        def noted(*args, done=done):
            threads.append(threading.current_thread())
            return done(*args)

        monkeypatch.setattr(type(book), step, noted)
    await owner.call("POST", "/policy/proposals")
    await owner.call("POST", f"/policy/proposals/{proposed}/approve")
    await owner.send("POST", f"/policy/proposals/{proposed}/decline")
    assert len(threads) >= 3
    assert threading.main_thread() not in threads


async def test_what_a_second_person_adopts_runs_at_once(hub, owner, proposed):
    own = await owner.call("POST", f"/policy/proposals/{proposed}/approve")
    assert own.code == "policy_same_person"
    async with signed_in(hub, somebody("sam", Role.SUPERVISOR)) as sam:
        await sam.send("POST", f"/policy/proposals/{proposed}/approve")
        policy = await sam.get("/policy")
    assert policy["version"] == proposed
    assert policy["adopted"]["by"] == "sam"
    [on] = [each for each in policy["templates"] if each["confirmed_by"]]
    assert (on["id"], on["confirmed_by"], on["confirmed_on"]) == (
        "owner_only", "C. Counsel", "2025-11-03",
    )  # fmt: skip
    await hub.hub.audit.record(Entry(event=AuditEvent.AUDIT_READ, outcome=Outcome.DONE))
    assert [e.object.id for e in await noted(hub, "policy.changed")] == [proposed]
    [switched] = await noted(hub, "gate.changed")
    assert (switched.object.id, switched.operator.handle) == ("owner_only", "sam")


async def test_what_is_live_holds_to_the_policy_and_a_stricter_one_counts_at_once(hub, owner):
    async with api_of(hub.url, session_of(hub)) as api:
        await push_source(api)
        await api.push("push-1", [hit(1), call(1)])
        await until(lambda: _alerted(api))
    sam, ana = somebody("sam", Role.SUPERVISOR), somebody("ana", Role.ANALYST)
    async with signed_in(hub, sam) as sam, signed_in(hub, ana) as ana:
        assert await _kinds(ana) == {"hit", "call"}
        async with ana.client.get(f"{ana.url}/api/v1/stream") as stream:
            await stream.content.readline()
            (hub.hub.policies.folder / "default.cedar").write_text(_hiding_hits(), "utf-8")
            proposed = (await owner.send("POST", "/policy/proposals"))["version"]
            await sam.send("POST", f"/policy/proposals/{proposed}/approve")
            async with asyncio.timeout(20):
                await stream.content.read()
        assert await _kinds(ana) == {"call"}
        assert b"BOLO" not in await _told(ana, b"call-1")
        assert (await ana.get("/live"))["alerts"]["new"] == 1
        assert [each["kind"] for each in (await ana.get("/alerts"))["items"]] == ["call"]
        [of_hit] = [each.id for each in await hub.hub.alerts.list() if each.kind == "hit"]
        assert (await ana.call("GET", f"/alerts/{of_hit}")).status == 404


def _hiding_hits():
    [text] = packaged().values()
    return text.replace('@id("watch")', '@id("watch")\n@hides("hit")')


async def _alerted(api):
    return len((await api.get("/alerts"))["items"]) == 2


async def _told(api, upto):
    """What a console that was away is told, until it is told of ``upto``."""
    async with api.client.get(f"{api.url}/api/v1/stream", headers={"Last-Event-ID": "0"}) as stream:
        text = b""
        async with asyncio.timeout(10):
            while upto not in text:
                text += await stream.content.readany()
    return text


async def _kinds(api):
    return {event["kind"] for event in (await api.get("/live"))["recent"]}
