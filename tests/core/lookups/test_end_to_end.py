"""The hub as it runs, its egress and a worker in its confinement, asked through the public API.

Two systems that cannot be copied: a state's message switch and a commercial record service.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from at_flock import SOURCE, flock
from hub import PERSON, Api, api_of, hub_here, session_of, until
from people import session_as
from staff import known_case, noted, open_request

from watchfloor.bootstrap import Running
from watchfloor.contracts import micros
from watchfloor.identity import DEVELOPING
from watchfloor.policy import MOVEMENTS, read_zones
from watchfloor.web.handed import HandedOut
from watchfloor_nlets_style_simulator import Manner, NletsStyleSimulator
from watchfloor_osint_style_simulator import OsintStyleSimulator
from watchfloor_sdk.simulation import HttpSimulator

pytestmark = pytest.mark.asyncio(loop_scope="module")

CASE = "SIM-26-000123"
PLATE = "ZZT0003"
OTHER = "ZZT0001"
"""Of the deed, whose parameters the hub keeps."""
DAY = 86_400_000_000
PURPOSE = {"code": "1", "case_number": CASE, "reason": "Burglary, Example St"}


@asynccontextmanager
async def vendor(api: Api, source: str, simulator: HttpSimulator) -> AsyncIterator[HttpSimulator]:
    """The simulator as a running source of the hub."""
    setup = await simulator.start()
    for happening in simulator.demo():
        simulator.feed(happening)
    wanted = {"connector": setup.connector, "name": source, "config": setup.config}
    await api.send("PUT", f"/sources/{source}", wanted)
    for name, value in setup.credentials.items():
        await api.send("PUT", f"/sources/{source}/credentials/{name}", {"value": value})
    try:
        await until(lambda: _available(api, source))
        yield simulator
    finally:
        await api.send("DELETE", f"/sources/{source}")
        await simulator.stop()


async def _available(api: Api, source: str) -> bool:
    offers = (await api.get("/lookups"))["items"]
    return any(one["source"] == source and one["available"] for one in offers)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory):
    """One hub for all of these: its folder, its API, and the two systems."""
    folder = tmp_path_factory.mktemp("lookups") / "hub"
    async with hub_here(folder) as hub, api_of(hub.url, certified(hub)) as api:
        await known_case(hub, CASE)
        switch, records = NletsStyleSimulator(), OsintStyleSimulator()
        async with vendor(api, "switch", switch), vendor(api, "records", records):
            yield folder, api, switch, records, hub


@pytest.fixture
def api(running):
    return running[1]


@pytest.fixture
def switch(running):
    """The switch, with well-mannered states and no messages."""
    running[2].manners.clear()
    running[2].handed_out.clear()
    return running[2]


@pytest.fixture
def records(running):
    """The service, with no bills."""
    running[3].billed = 0
    return running[3]


def certified(hub: Running) -> str:
    """A session of somebody whom a state's switch may be asked by."""
    return session_as(hub, PERSON, *DEVELOPING, certified=("ncic",))


async def ask(api: Api, source: str, offer: str, subject: str, **more: Any) -> Any:
    """The results and the answer."""
    question = {"source": source, "offer": offer, "subject": subject, "deadline_s": 10, **more}
    answer = await api.call("POST", "/lookups", question)
    assert answer.status == 200, answer.body
    *results, last = [json.loads(line) for line in answer.body.splitlines()]
    return [one["result"] for one in results], last["answer"]


async def ask_plate(api: Api, subject: str = PLATE, **more: Any) -> Any:
    filters = {"states": ["KS", "MO"], "reason_code": "F"}
    asked = {"subject_kind": "plate", "purpose": PURPOSE, "filters": filters, **more}
    return await ask(api, "switch", "registration", subject, **asked)


async def ask_person(api: Api, subject: str, **filters: str) -> Any:
    return await ask(
        api, "records", "person", subject, subject_kind="person",
        purpose={**PURPOSE, "code": "witness"}, filters={"dppa": "1", "glba": "5", **filters},
    )  # fmt: skip


async def test_what_can_be_asked_is_told_with_its_law_and_its_price(api, switch, records):
    offers = {one["declaration"]["name"]: one for one in (await api.get("/lookups"))["items"]}
    assert {"registration", "hot-list-check", "person", "phone"} <= set(offers)
    assert "18 U.S.C. 2721" in offers["registration"]["declaration"]["legal_basis"]
    assert "billed" in offers["person"]["declaration"]["cost"]
    assert not any(one["declaration"].get("automatic") for one in offers.values())


async def test_a_search_does_not_count_those_it_never_asked_as_having_answered(api, switch):
    """Push sources can hold events, systems that are asked one by one do not."""
    await api.send("PUT", "/sources/feed", {"connector": "push", "name": "Feed", "config": {}})
    answer = await api.call("GET", f"/search?q={PLATE}")
    lines = [json.loads(line) for line in answer.body.splitlines()]
    answered = [line["status"]["source"] for line in lines if "status" in line]
    await api.send("DELETE", "/sources/feed")
    assert answered == ["feed"]


async def test_states_answer_one_by_one_and_who_did_not_is_said(api, switch):
    switch.manners["MO"] = Manner("silent")
    results, answer = await ask_plate(api, deadline_s=6)
    assert {one["data"]["state"]: one["data"]["outcome"] for one in results} == {
        "KS": "record", "MO": "timeout",
    }  # fmt: skip
    assert {(one["source"], one["handling"]) for one in results} == {("switch", "cji")}
    assert answer["status"] == "partial"
    assert "MO: timeout" in answer["detail"]


async def test_purpose_case_and_who_is_signed_in_reach_the_switch(api, switch):
    await ask_plate(api)
    [message] = switch.ledger.values()
    assert message["purpose"]["requester"] == PERSON
    assert message["purpose"]["case_number"] == CASE
    assert message["purpose"]["agency"]
    assert message["purpose"]["request"].startswith("R-")
    assert len(message["purpose"]["record"]) == 32
    assert message["text"].startswith("RQ.KSSIM0000.KS,MO.*")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"purpose": {"code": "1", "reason": "Why not"}}, "purpose_incomplete"),
        ({"purpose": {"code": "1", "case_number": CASE}}, "purpose_incomplete"),
        ({"purpose": {**PURPOSE, "code": "12"}}, "purpose_not_taken"),
        ({"filters": {"states": ["KS"]}}, "bad_filters"),
        ({"subject_kind": "person"}, "subject_not_taken"),
    ],
)
async def test_what_must_not_be_asked_never_leaves_the_hub(api, switch, more, code):
    question = {
        "source": "switch", "offer": "registration", "subject_kind": "plate", "subject": PLATE,
        "purpose": PURPOSE, "filters": {"reason_code": "F"}, **more,
    }  # fmt: skip
    answer = await api.call("POST", "/lookups", question)
    assert (answer.status, answer.code) == (403, code)
    assert PLATE not in answer.body.decode()
    assert switch.ledger == {}


async def test_no_system_is_told_otherwise_than_the_request_says(running, switch):
    """What a request leaves out may be said with the question, a case where a connected system
    knows it; the record has it, sealed."""
    hub = running[4]
    async with api_of(hub.url, certified(hub)) as api:
        await open_request(api, reason="A runaway, seen last at Example St")
        question = {
            "source": "switch", "offer": "registration", "subject_kind": "plate",
            "subject": PLATE, "purpose": PURPOSE, "filters": {"reason_code": "F"},
        }  # fmt: skip
        answer = await api.call("POST", "/lookups", question)
        assert (answer.status, answer.code) == (403, "purpose_differs")
        assert switch.ledger == {}
        question["purpose"] = {"code": "1", "case_number": "SIM-MADE-UP"}
        answer = await api.call("POST", "/lookups", question)
        assert (answer.status, answer.code) == (403, "unknown_case")
        assert switch.ledger == {}
        of_it = (await noted(hub, "lookup.asked"))[:2]
        assert [each.outcome for each in of_it] == ["denied", "done"]
        assert "MADE-UP" not in str(of_it), "whatever was typed there may name somebody"
        question["purpose"] = {"code": "1", "case_number": CASE}
        await ask(api, **question)
    [newest, *_] = await noted(hub, "lookup.asked")
    said = await hub.hub.door.sealer.open(newest.purpose.reason)
    assert said == f"A runaway, seen last at Example St. {CASE}"
    assert newest.more["system_purpose"] == "1"


async def test_an_emergency_is_asked_although_the_budget_is_spent(running, records):
    hub = running[4]
    asked = {"purpose": {**PURPOSE, "code": "witness"}, "subject_kind": "person",
             "filters": {"dppa": "1", "glba": "5"}, "offer": "person", "source": "records",
             "subject": "Example, Sam"}  # fmt: skip
    async with api_of(hub.url, certified(hub)) as api:
        await api.send(
            "PUT", "/budgets/records", {"cents": 50, "currency": "USD", "each_cents": 100}
        )
        try:
            assert (await api.call("POST", "/lookups", asked)).code == "budget_spent"
            await open_request(
                api,
                purpose="emergency_override",
                reason="A child was taken.\nSeen last at Example St, in a blue van.",
            )
            del asked["purpose"]["reason"]
            _, answer = await ask(api, **asked)
        finally:
            await api.send("DELETE", "/budgets/records")
    assert answer["status"] == "ok"


async def test_nobody_asks_without_a_session(api):
    async with api_of(api.url) as nobody:
        assert (await nobody.call("POST", "/lookups", {})).status == 401


async def test_a_person_is_looked_up_for_a_case_and_not_for_views(api, records):
    results, answer = await ask_person(api, "Example, Sam")
    assert answer["status"] == "ok"
    assert {one["data"]["record_type"] for one in results} == {"name", "address", "phone"}
    assert {one["data"]["fcra_use"] for one in results} == {False}
    purpose = {"code": "witness", "case_number": CASE, "reason": "His political views"}
    results, answer = await ask(
        api, "records", "person", "Example, Sam", subject_kind="person", purpose=purpose,
        filters={"dppa": "1", "glba": "5"},
    )  # fmt: skip
    assert (results, answer["status"]) == ([], "denied")
    assert "28 CFR 23.20(b)" in answer["detail"]
    assert records.billed == 1


async def test_nothing_found_and_too_many_are_told_apart(api, records):
    [nothing], answer = await ask_person(api, "Nobody, Nick")
    assert (nothing["data"]["outcome"], answer["status"]) == ("no_record", "ok")
    results, answer = await ask_person(api, "Common, Kim")
    assert (results, answer["status"]) == ([], "denied")


async def test_the_hub_keeps_that_it_was_asked_and_nothing_of_whom_or_what_came(
    running, api, switch, records
):
    await ask_plate(api)
    await ask_person(api, "Example, Sam")
    kept = b"".join(path.read_bytes() for path in running[0].rglob("*") if path.is_file())
    assert CASE.encode() in kept
    for canary in (PLATE, "SIMVIN00000000003", "EXAMPLE,SAM", "Example, Sam", "1 Example St",
                   "5555550100"):  # fmt: skip
        assert canary.encode() not in kept, canary


async def test_confirmation_is_asked_for_once_and_read_by_its_reference(running, api, switch):
    deed = {
        "source": "switch", "action": "confirm-hit", "idempotency_key": "hit-1",
        "parameters": {
            "priority": "U", "ori": "MOSIM0001", "nic": "V000000001", "plate": OTHER,
            "case_number": CASE, "reason": "Traffic stop",
        },
    }  # fmt: skip
    done = [await api.send("POST", "/deeds", deed) for _ in range(2)]
    references = {one["reference"] for one in done}
    assert len(references) == 1
    assert list(switch.ledger) == list(references)
    [listed] = (await api.get("/deeds", source="switch"))["items"]
    assert listed["parameters"]["plate"] == OTHER
    assert (await noted(running[4], "action.viewed"))[0].purpose
    [found], answer = await ask(
        api, "switch", "hit-confirmation", OTHER, subject_kind="plate",
        purpose={**PURPOSE, "code": "criminal-justice"},
        filters={"reference": references.pop()},
    )  # fmt: skip
    assert answer["status"] == "ok"
    assert found["data"]["text"].endswith("THE RECORD IS ACTIVE AND CONFIRMED")


async def test_the_switch_is_asked_by_the_certified_and_about_no_closed_topic(running, switch):
    hub = running[4]
    asked = {
        "source": "switch", "offer": "registration", "subject_kind": "plate", "subject": PLATE,
        "purpose": PURPOSE, "filters": {"states": ["KS"], "reason_code": "F"},
    }  # fmt: skip
    async with (
        api_of(hub.url, session_of(hub)) as untrained,
        api_of(hub.url, certified(hub)) as trained,
    ):
        refused = [
            await untrained.call("POST", "/lookups", asked),
            await trained.call("POST", "/lookups", {**asked, "about": ["immigration"]}),
        ]
        offers = [(await each.get("/lookups"))["items"] for each in (untrained, trained)]
    closed = [{one["source"] for one in each if "NCIC" in one["closed"]} for each in offers]
    assert closed == [{"switch"}, set()]
    assert [each.code for each in refused] == ["certification_lapsed", "topic_closed"]
    assert not switch.handed_out


async def test_how_far_back_another_system_is_asked_is_decided_and_recorded(running, api):
    """A plate's reads there are its movements as those here are."""
    hub = running[4].hub
    before, days = hub.engine.world, [datetime.now(UTC) - timedelta(days=n) for n in range(30)]
    asked = {"subject_kind": "plate", "purpose": {"case_number": CASE, "reason": "A theft"}}
    far = {"source": SOURCE, "offer": "plate-reads", "subject": OTHER, **asked}
    far["filters"] = {"start": days[29].isoformat()}
    async with flock(api) as plates:
        plates.feed(plates.rehearse(1, days[6]))
        answer = await api.call("POST", "/lookups", far)
        assert (answer.status, answer.code) == (403, "history_needs_case")
        seen, said = await ask(api, SOURCE, "plate-reads", OTHER, **asked)
        assert (len(seen), said.get("detail")) == (1, None)
        [newest, refused] = (await noted(running[4], "lookup.asked"))[:2]
        back = [micros(each.at) - micros(each.lookback.since) for each in (newest, refused)]
        assert [round(each / DAY) for each in back] == [7, 29]
        hub.engine.world = replace(
            before, earliest=lambda at: dict.fromkeys(MOVEMENTS, at - 5 * DAY)
        )
        try:
            seen, said = await ask(api, SOURCE, "plate-reads", OTHER, **asked)
            assert not seen
            assert "Nothing from before" in said["detail"]
            ends = {"start": (days[6] - timedelta(hours=9)).isoformat(), "end": days[6].isoformat()}
            old = {**far, "filters": ends}
            gone = await api.call("POST", "/lookups", old)
        finally:
            hub.engine.world = before
            await api.send("DELETE", f"/sources/{SOURCE}")
    assert (gone.status, gone.code) == (403, "older_than_kept")


async def test_what_another_system_read_counts_with_what_was_shown_here(running, api):
    """More than twenty sightings are a movement history, wherever they are kept."""
    hub = running[4].hub
    hub.handed_out = HandedOut()
    asked = {"subject_kind": "plate", "purpose": {"case_number": CASE, "reason": "A theft"}}
    again = {"source": SOURCE, "offer": "plate-reads", "subject": OTHER, **asked}
    async with flock(api) as plates:
        for minute in range(1, 24):
            plates.feed(plates.rehearse(1, datetime.now(UTC) - timedelta(minutes=minute)))
        try:
            seen, said = await ask(api, SOURCE, "plate-reads", OTHER, **asked)
            refused = await api.call("POST", "/lookups", again)
        finally:
            await api.send("DELETE", f"/sources/{SOURCE}")
            hub.handed_out = HandedOut()
    assert (len(seen), said["status"]) == (20, "partial")
    assert "second person" in said["detail"]
    assert (refused.status, refused.code) == (403, "history_needs_case")


async def test_a_look_up_is_disclosed_with_the_case_that_its_system_was_told(running, api, switch):
    await open_request(api)
    purpose = {**PURPOSE, "case_number": CASE.lower()}
    await ask_plate(api, PLATE, purpose=purpose)
    [asked, *_] = await noted(running[4], "lookup.asked")
    assert (asked.purpose.case, asked.purpose.checked) == (CASE, None), "as its system writes it"


async def test_what_another_system_read_in_a_sensitive_zone_is_left_out(running, api):
    """Flock's readers stand in the zone of the second policy; the town of the first has none."""
    hub = running[4].hub
    engine, before = hub.engine, hub.engine.policy
    corners = [[-100.1, 39.9], [-99.9, 39.9], [-99.9, 40.1], [-100.1, 40.1], [-100.1, 39.9]]
    zone = {
        "type": "Feature", "properties": {"name": "Clinic"},
        "geometry": {"type": "Polygon", "coordinates": [corners]},
    }  # fmt: skip
    zones = read_zones(json.dumps({"type": "FeatureCollection", "features": [zone]}))
    asked = {"subject_kind": "plate", "purpose": {"case_number": CASE, "reason": "A theft"}}
    async with flock(api) as plates:
        plates.feed(plates.rehearse(1, datetime.now(UTC) - timedelta(minutes=1)))
        seen, _ = await ask(api, SOURCE, "plate-reads", OTHER, **asked)
        engine.use(replace(before, zones=zones))
        try:
            left, answer = await ask(api, SOURCE, "plate-reads", OTHER, **asked)
        finally:
            engine.use(before)
            await api.send("DELETE", f"/sources/{SOURCE}")
    assert [one["data"]["point"] for one in seen] == [[-100.0, 40.0]]
    assert (left, answer["status"], answer.get("detail")) == ([], "ok", None)
    assert hub.ingest.totals[SOURCE]["dropped"] == 1
