"""What takes two people: settings, deeds, and what opens when nobody answers."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hub import hub_here, until
from policies import adopt
from staff import noted, open_request, signed_in, somebody
from ways import ANA, EMERGENCY, KIM, LEO, PLATE, SAM

from watchfloor.identity import Role
from watchfloor.policy import packaged
from watchfloor.requests import OVERRIDE_AFTER

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_source_is_silenced_by_two_people(hub, person):
    async with person(KIM) as kim, person(LEO) as leo:
        first = await kim.call("POST", "/sources/push-2/disable")
        assert (first.status, first.code) == (403, "second_person_needed")
        [question] = (await leo.get("/approvals"))["items"]
        assert question["what"] == "Switch a source off: push-2"
        answer = f"/approvals/{question['id']}/answer"
        own = await kim.call("POST", answer, {"granted": True})
        assert (own.status, own.code) == (403, "own_approval")
        await leo.send("POST", answer, {"granted": True})
        other = await kim.call("POST", "/sources/push-1/disable")
        assert (other.status, other.code) == (403, "second_person_needed"), "that and nothing else"
        await kim.send("POST", "/sources/push-2/disable")
        await kim.send("POST", "/sources/push-2/enable")
    outcomes = [e.outcome for e in await noted(hub, "source.changed")][:4]
    assert outcomes == ["done", "done", "denied", "denied"], "enabled, off, the other, alone"


async def test_new_settings_silence_no_source_alone(hub, person):
    async with person(KIM) as kim, person(LEO) as leo:
        settings = {"connector": "push", "name": "Reads"}
        await kim.send("PUT", "/sources/push-2", settings)
        off = {**settings, "enabled": False}
        alone = await kim.call("PUT", "/sources/push-2", off)
        assert (alone.status, alone.code) == (403, "second_person_needed")
        assert (await kim.source("push-2"))["enabled"]
        await leo.send("POST", f"/approvals/{_asked(alone)}/answer", {"granted": True})
        await kim.send("PUT", "/sources/push-2", off)
        await kim.send("PUT", "/sources/push-2", {**off, "name": "Still off"})
        assert not (await kim.source("push-2"))["enabled"]
        await kim.send("PUT", "/sources/push-2", settings)


async def test_nobody_alone_declares_real_data_made_up(hub, person):
    """Training reaches what is made up, without a case."""
    async with person(KIM) as kim:
        settings = {"connector": "push", "name": "Reads"}
        await kim.send("PUT", "/sources/push-2", settings)
        alone = await kim.call("PUT", "/sources/push-2", {**settings, "synthetic": True})
        assert (alone.status, alone.code) == (403, "second_person_needed")
        assert not (await kim.source("push-2"))["synthetic"]
        await kim.send("PUT", "/sources/push-3", {**settings, "synthetic": True})
        await kim.send("PUT", "/sources/push-3", {**settings, "synthetic": True, "name": "Same"})
        real = await kim.call("PUT", "/sources/push-3", settings)
        assert (real.status, real.code) == (403, "second_person_needed")


async def test_settings_open_in_no_emergency(hub, person):
    boss = somebody("boss", Role.SUPERVISOR, Role.AGENCY_IT)
    async with person(boss) as api:
        emergency = await open_request(api, **EMERGENCY)
        refused = await api.call("DELETE", "/sources/push-2")
        assert refused.code == "second_person_needed"
        id = _asked(refused)
        answer = await api.call("POST", f"/approvals/{id}/override", {"request": emergency})
        assert (answer.status, answer.code) == (403, "no_override")


def _asked(refused):
    return refused.json["error"]["approval"]


FAR = f"plate:{PLATE} since:60d"


async def test_an_override_opens_after_two_minutes_is_told_and_reviewed(hub, person, monkeypatch):
    async with (
        person(ANA) as ana,
        person(SAM) as sam,
        sam.client.get(f"{sam.url}/api/v1/stream"),
    ):
        emergency = await open_request(ana, **EMERGENCY)
        refused = await ana.call("GET", "/search", q=FAR)
        assert (refused.status, refused.code) == (403, "supervisor_needed")
        id = _asked(refused)
        assert id in [each["id"] for each in (await sam.get("/approvals"))["items"]]
        override = f"/approvals/{id}/override"
        early = await ana.call("POST", override, {"request": emergency})
        assert (early.status, early.code) == (503, "second_person_asked")
        stranger = await sam.call("POST", override, {"request": emergency})
        assert (stranger.status, stranger.code) == (403, "no_override")

        class Later:
            def now(self):
                return hub.hub.clock.now() + OVERRIDE_AFTER

        with monkeypatch.context() as patch:
            patch.setattr(hub.hub.approvals, "_clock", Later())
            opened = await ana.send("POST", override, {"request": emergency})
        assert opened["answer"] == "overridden"
        found = await ana.lines("/search", q=FAR)
        assert sum(len(line.get("hits", ())) for line in found) == 2

        reviews = (await sam.get("/requests/in-review"))["items"]
        [waiting] = [each for each in reviews if each["id"] == emergency]
        _, review = [each for each in waiting["reviews"] if each["why"] == "emergency"]
        told = await until(lambda: _told_of(sam, emergency))
        assert told == ["sam"]
        due = datetime.fromisoformat(review["due"]) - datetime.fromisoformat(review["since"])
        assert due == timedelta(hours=24)
    assert (await noted(hub, "override.opened"))[0].operator.handle == "ana"


async def _told_of(api, request):
    found = await api.get(f"/requests/{request}")
    return [each["told"] for each in found["reviews"] if each["why"] == "emergency"][-1]


async def test_a_refusal_is_no_silence(hub, person, monkeypatch):
    async with person(ANA) as ana, person(SAM) as sam:
        emergency = await open_request(ana, **EMERGENCY)
        id = _asked(await ana.call("GET", "/search", q=FAR + " Ford"))
        await sam.send("POST", f"/approvals/{id}/answer", {"granted": False})
        answer = await ana.call("POST", f"/approvals/{id}/override", {"request": emergency})
    assert (answer.status, answer.code) == (403, "approval_answered")


TWO_FOR_DEEDS = """
@id("deeds-are-agreed-on")
@obligation("ask_supervisor")
permit(principal, action == Action::"actions:do", resource);
"""


async def test_a_yes_to_one_deed_opens_no_other(tmp_path):
    rules = tmp_path / "hub" / "policy" / "rules.cedar"
    rules.parent.mkdir(parents=True)
    rules.write_text(packaged()["default.cedar"] + TWO_FOR_DEEDS)
    adopt(tmp_path / "hub")
    deed = {"source": "push-1", "action": "open_gate", "parameters": {"gate": 1}}
    others = ({"parameters": {"gate": 2}}, {"action": "close_gate"}, {"idempotency_key": "again"})
    async with (
        hub_here(tmp_path / "hub") as hub,
        signed_in(hub, ANA) as ana,
        signed_in(hub, SAM) as sam,
    ):
        await open_request(ana)
        id = _asked(await ana.call("POST", "/deeds", deed))
        [question] = (await sam.get("/approvals"))["items"]
        assert question["what"] == "push-1 is told to do: open_gate"
        await sam.send("POST", f"/approvals/{id}/answer", {"granted": True})
        for other in others:
            again = await ana.call("POST", "/deeds", deed | other)
            assert again.code == "supervisor_needed", other
        opened = await ana.call("POST", "/deeds", deed)
        assert (opened.status, opened.code) == (404, "no_such_action"), "past policy"
