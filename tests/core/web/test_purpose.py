"""What a question is asked for: carried by a request, decided by policy, told to whoever asks."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from hub import DEVELOPING, PERSON, api_of, hub_here, session_of
from made_up import push_source, read
from people import session_as
from policies import adopt
from staff import noted

from watchfloor.contracts import BY_NAME
from watchfloor.identity import ROLE_PERMISSIONS, Permission, Role

pytestmark = pytest.mark.asyncio(loop_scope="module")

DAY = 86_400_000_000
READ, CALL = BY_NAME["read"].type, BY_NAME["call"].type


def days_ago(days):
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def sighting(days):
    event = read(days, time=days_ago(days))
    return {**event, "data": {**event["data"], "plate": "ZZT1234"}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    """A hub with the packaged policy, and reads of one plate over three months."""
    folder = tmp_path_factory.mktemp("purpose") / "hub"
    adopt(folder, 'contact = "Sam Okafor, 555-0120"\n')
    async with hub_here(folder) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(hub):
    async with api_of(hub.url, session_as(hub, PERSON, *DEVELOPING, certified=("ncic",))) as api:
        await push_source(api)
        await api.push("push-1", [sighting(days) for days in (1, 6, 20, 80)])
        yield api


@contextlib.asynccontextmanager
async def somebody(hub):
    """A session in which nothing is open yet."""
    async with api_of(hub.url) as api:
        api.client.cookie_jar.update_cookies({"watchfloor_session": session_of(hub)})
        yield api


async def found(api, line, **query):
    lines = await api.lines("/search", q=line, **query)
    return lines[0]["understood"], [hit for each in lines for hit in each.get("hits", ())]


async def test_without_a_request_nothing_personal_is_seen(hub, api):
    async with somebody(hub) as nobody_in_particular:
        refused = await nobody_in_particular.call("GET", "/search", q="ZZT1234")
        assert (refused.status, refused.code) == (403, "purpose_needed")
        assert await nobody_in_particular.events(kind="read") == []
        seq = (await api.events(kind="read"))[0]["seq"]
        for path in (f"/events/{seq}", f"/events/{seq}/raw", f"/media/{seq}/0", "/deeds"):
            answer = await nobody_in_particular.call("GET", path)
            assert (answer.status, answer.code) == (403, "purpose_needed"), path


async def test_a_plate_is_shown_as_far_back_as_one_persons_purpose_reaches(api):
    understood, hits = await found(api, "plate:ZZT1234")
    assert len(hits) == 2, "of twenty and eighty days ago nothing is shown"
    [warning] = understood["warnings"]
    history, limit = warning.split("; ")
    assert history.startswith("Hits and reads are shown from ")
    assert history.endswith(": further back takes a case and a second person")
    assert limit == "they are shown for no more than 30 days."


async def test_what_nothing_opens_is_not_said_to_take_a_second_person(hub, api):
    understood, _ = await found(api, "kind:read since:60d")
    assert understood["warnings"] == ["Reads are shown for no more than 30 days."]
    engine, before = hub.hub.engine, hub.hub.engine.world
    engine.world = replace(before, earliest=lambda at: {READ: at - 5 * DAY, CALL: at - 9 * DAY})
    try:
        lines = {q: (await found(api, q))[0]["warnings"] for q in ("since:60d", "kind:read,call")}
    finally:
        engine.world = before
    assert lines["since:60d"] == [
        "Calls are deleted after 9 days. Hits are shown for no more than 30 days."
        " Reads are deleted after 5 days."
    ]
    assert lines["kind:read,call"] == [
        "Calls are deleted after 9 days. Reads are deleted after 5 days."
    ]


async def test_what_is_within_reach_is_shown_without_a_word(api):
    understood, _ = await found(api, "plate:ZZT1234 since:3d")
    assert understood["warnings"] == []


async def test_reads_at_a_place_are_shown_for_thirty_days(api):
    assert len(await api.events(kind="read")) == 3


async def test_to_ask_further_back_takes_a_case(api):
    answer = await api.call("GET", "/search", q="plate:ZZT1234 since:60d")
    assert (answer.status, answer.code) == (403, "history_needs_case")
    assert "Sam Okafor" in answer.json["error"]["remedy"]


async def test_an_order_that_no_case_stands_behind_is_a_number_that_was_typed(api):
    asked = {"purpose": "wanted_person", "asked": "By order", "provisional": True, "order": "X1"}
    request = (await api.send("POST", "/requests", asked))["id"]
    answer = await api.call("GET", "/search", q="plate:ZZT1234 since:60d", request=request)
    assert (answer.status, answer.code) == (403, "history_needs_case")


async def test_each_answer_says_who_will_see_that_it_was_asked(api):
    understood, _ = await found(api, "plate:ZZT1234")
    told = understood["accountability"]
    assert told["purpose"] == "Missing or endangered person"
    assert told["request"].startswith("R-")
    assert (told["rules"], told["agreed_by"]) == (["look"], None)
    assert told["allowed_by"] == ["Looking for something, with a purpose that fits"]
    assert told["seen_by"] == ["the auditor", "the records officer"], "who reads the audit"
    readers = [role for role, may in ROLE_PERMISSIONS.items() if Permission.AUDIT_READ in may]
    assert set(readers) == {Role.AUDITOR, Role.RECORDS_OFFICER}


@pytest.mark.parametrize(
    "part",
    ["since:9999999d", "9999-12-31", "until:9999-12-31T23:59:59-12:00", "in:1e999,0;1,1;2,2",
     "in:nan,nan;nan,0;0,nan", "near:-90,30 99999999999999999km"],
)  # fmt: skip
async def test_what_no_clock_and_no_map_has_is_said_and_recorded(hub, api, part):
    plain, _ = await found(api, "kind:call near:-90,30,20000000")  # half the Earth
    before = len(await noted(hub, "search.asked"))
    understood, _ = await found(api, f"kind:call {part}")
    assert len(understood["warnings"]) == len(plain["warnings"]) + 1
    assert len(await noted(hub, "search.asked")) == before + 1


async def test_what_policy_has_reviewed_is_seen_by_who_reviews_it(api):
    asked = {
        "purpose": "missing_endangered", "asked": "Missing since the protest", "provisional": True,
        "reason": "Missing since the protest",
    }  # fmt: skip
    request = (await api.send("POST", "/requests", asked))["id"]
    understood, _ = await found(api, "plate:ZZT1234", request=request)
    assert understood["accountability"]["seen_by"][-1] == "whoever reviews it"


async def test_a_request_that_is_not_there_lends_no_purpose(api):
    answer = await api.call("GET", "/search", q="ZZT1234", request="R-20-999999")
    assert answer.status == 404


async def test_what_was_asked_and_answered_is_in_the_audit_and_names_no_plate(hub, api):
    _, hits = await found(api, "plate:ZZT1234")
    page = await hub.hub.audit.read(limit=50)
    entries = [each.entry for each in page.items]
    [answered] = [e for e in entries if e.event == "answer.given"][:1]
    [asked] = [e for e in entries if e.id == answered.object.id]
    assert (asked.event, asked.outcome) == ("search.asked", "done")
    assert answered.count == len(hits)
    assert asked.subject.kind == "plate"
    folder = hub.hub.basemap_path.parent
    for copy in ("audit", "audit-copy"):
        for file in (folder / copy).rglob("*"):
            assert not file.is_file() or b"ZZT1234" not in file.read_bytes(), file
