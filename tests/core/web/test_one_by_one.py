"""Plate reads opened by their numbers reach as far as a search for them, and count as one."""

from __future__ import annotations

import pytest
import pytest_asyncio
from hub import api_of, hub_here, session_of, until
from made_up import HERE, hot_list, push_source, read
from policies import adopt
from staff import noted, open_request, signed_in, somebody

from watchfloor.contracts import rfc3339
from watchfloor.identity import Role
from watchfloor.web.handed import DAY, MOST, HandedOut, Recent

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = """
[limits]
broad_plates = 8

[agencies.north-so]
level = "local"
sources = ["north-lpr"]
"""
OFTEN, WANTED = "ZZOFTEN", "ZZWANT1"
PLATES = [f"ZZONE{n}" for n in range(12)]


def seen(number, plate, source="push-1"):
    event = read(number, source)
    return {**event, "data": {**event["data"], "plate": plate}}


def shot():
    data = {"incident": "G-1", "state": "created", "classification": "gunshot",
            "place": {"point": list(HERE)}}  # fmt: skip
    event = {**read(400), "type": "watchfloor.gunshot.detection.v1", "subject": "incident/G-1"}
    return {**event, "data": data}


def past_call(number):
    data = {"call": f"E-{number}", "state": "ended", "callback": f"555-01{number:02}"}
    return {**read(500 + number), "type": "watchfloor.e911.call.v1", "data": data,
            "time": f"2026-04-02T21:14:{number:02}Z", "subject": f"911/E-{number}"}  # fmt: skip


async def _both(alerts):
    return len(await alerts.list()) == 2


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    """Twelve plates once, one plate 22 times, one that a list is looking for, one of another
    agency's reader; and a shot."""
    folder = tmp_path_factory.mktemp("one-by-one") / "hub"
    adopt(folder, SETTINGS)
    async with hub_here(folder) as running:
        async with api_of(running.url, session_of(running)) as api:
            await push_source(api)
            await push_source(api, "north-lpr")
            await hot_list(api, WANTED)
            events = [seen(n, plate) for n, plate in enumerate(PLATES)]
            events += [seen(100 + n, OFTEN) for n in range(22)]
            await api.push("push-1", [*events, seen(200, WANTED), shot()])
            await api.push("north-lpr", [seen(300, "ZZNRTH1", "north-lpr")])
            await api.push("push-1", [past_call(n) for n in range(22)])
            await until(lambda: _both(running.hub.alerts))
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def ana(hub):
    """Somebody to whom nothing was shown yet, in each test."""
    hub.hub.handed_out = HandedOut()
    hub.hub.handed_out = HandedOut()
    async with signed_in(hub, somebody("ana", Role.ANALYST)) as api:
        await open_request(api)
        yield api


async def numbers(hub, *plates):
    """Where reads of these stand in the log."""
    rows = await hub.hub.store.log.read(0, 100)
    return [row.seq for row in rows if dict(row.keys).get("plate") in plates]


async def search(api, q):
    return [hit for line in await api.lines("/search", q=q) for hit in line.get("hits", ())]


async def newest(hub, event="event.viewed"):
    [entry, *_] = await noted(hub, event)
    return entry


async def test_opening_what_a_search_showed_is_no_look_and_names_the_plate(hub, ana):
    for hit in await search(ana, "plate:ZZONE1"):
        await ana.get(f"/events/{hit['seq']}")
    entry = await newest(hub)
    assert "records" not in entry.more
    assert entry.subject.key == await hub.hub.door.sealer.joining("plate", "ZZONE1")


async def test_what_nothing_had_shown_is_counted_the_first_time(hub, ana):
    first, second = await numbers(hub, *PLATES[:2])
    await ana.get(f"/events/{first}")
    assert (await newest(hub)).more == {
        "records": 1, "plates": 1, "cameras": 1, "agencies": 0, "sightings": 1,
    }  # fmt: skip
    for path in (f"/events/{first}", f"/events/{first}/cameras"):
        await ana.get(path)
        assert "records" not in (await newest(hub)).more, path
    await ana.get(f"/events/{second}")
    assert (await newest(hub)).more["records"] == 2


@pytest.mark.parametrize(
    ("path", "event"),
    [("/events/{}/raw", "event.raw_viewed"), ("/events/{}/cameras", "event.viewed"),
     ("/media/{}/0", "media.viewed")],
)  # fmt: skip
async def test_every_way_to_a_record_counts(hub, ana, path, event):
    for already, seq in enumerate(await numbers(hub, *PLATES[:2])):
        await ana.call("GET", path.format(seq))
        counted = [each for each in await noted(hub, event) if "records" in each.more]
        assert counted[0].more["records"] == already + 1


async def test_many_plates_one_by_one_take_what_a_broad_search_takes(hub, ana):
    """And a search for one of them opens it."""
    walked = await numbers(hub, *PLATES[:9])
    for seq in walked[:8]:
        await ana.get(f"/events/{seq}")
    refused = await ana.call("GET", f"/events/{walked[8]}")
    assert (refused.status, refused.code) == (403, "supervisor_needed")
    assert refused.json["error"]["remedy"].startswith("Search for it")
    entry = await newest(hub)
    assert (entry.outcome, entry.more["plates"]) == ("denied", 9)
    assert entry.subject.key == await hub.hub.door.sealer.joining("plate", PLATES[8])
    for seq in walked[:8]:
        await ana.get(f"/events/{seq}")
    [hit] = await search(ana, f"plate:{PLATES[8]}")
    assert hit["seq"] == walked[8]
    await ana.get(f"/events/{walked[8]}")


async def test_past_callers_are_added_up_one_by_one_like_plates(hub, ana):
    """Twenty telephone numbers are as many as one search tells one person."""
    rows = await hub.hub.store.log.read(0, 100)
    calls = [row.seq for row in rows if row.type == "watchfloor.e911.call.v1"]
    for seq in calls[:20]:
        await ana.get(f"/events/{seq}")
    entry = await newest(hub)
    assert (entry.more["records"], entry.more["people"], entry.more["plates"]) == (20, 20, 0)
    refused = await ana.call("GET", f"/events/{calls[20]}")
    assert (refused.status, refused.code) == (403, "supervisor_needed")
    await ana.get(f"/events/{calls[0]}")
    [hit] = await search(ana, "kind:911 since:2026-04-02T21:14:20Z until:2026-04-02T21:14:21Z")
    refused = await ana.call("GET", f"/events/{hit['seq']}")
    assert refused.status == 403, "a search by time tells no number, and counts none"
    [hit] = await search(ana, "incident:E-20 since:2026-04-01")
    await ana.get(f"/events/{hit['seq']}")


async def test_what_a_colleague_was_shown_is_not_what_one_was_shown_oneself(hub, ana):
    [seq] = await numbers(hub, PLATES[0])
    async with signed_in(hub, somebody("ben", Role.ANALYST)) as ben:
        await open_request(ben)
        assert await search(ben, f"plate:{PLATES[0]}")
    await ana.get(f"/events/{seq}")
    assert (await newest(hub)).more["records"] == 1


async def test_more_than_twenty_sightings_one_by_one_are_a_movement_history(hub, ana):
    walked = await numbers(hub, OFTEN)
    for seq in walked[:20]:
        await ana.get(f"/events/{seq}")
    refused = await ana.call("GET", f"/events/{walked[20]}")
    assert (refused.status, refused.code) == (403, "history_needs_case")


async def test_another_agencys_read_takes_a_supervisor_as_a_search_for_it_does(hub, ana):
    [seq] = await numbers(hub, "ZZNRTH1")
    assert (await ana.call("GET", f"/events/{seq}")).code == "supervisor_needed"


async def test_an_alert_shows_what_it_is_about(hub, ana):
    """An open one to whoever sees alerts, a closed one to whoever read it."""
    [seq] = await numbers(hub, WANTED)
    await ana.get(f"/events/{seq}")
    assert "records" not in (await newest(hub)).more
    [alert] = [each for each in (await ana.get("/alerts"))["items"] if each["kind"] == "read"]
    await ana.send("POST", f"/alerts/{alert['id']}/close", {})
    for handed_out, counted in (([], True), ([f"/alerts/{alert['id']}"], False)):
        hub.hub.handed_out = HandedOut()
        for path in handed_out:
            await ana.get(path)
        await ana.get(f"/events/{seq}")
        assert ("records" in (await newest(hub)).more) == counted


async def test_what_was_near_an_alert_is_searched_for_as_anything_else(hub, ana):
    """Without a request nobody sees it, and it is as broad as any search of as much."""
    [alert] = [each for each in (await ana.get("/alerts"))["items"] if each["kind"] == "gunshot"]
    path = f"/alerts/{alert['id']}/context"
    async with signed_in(hub, somebody("cy", Role.ANALYST)) as cy:
        near = await cy.get(path)
        assert "ZZ" not in str(near)
        refused = await cy.call("GET", "/search", q=near["search"])
        assert (refused.status, refused.code) == (403, "purpose_needed")
    refused = await ana.call("GET", "/search", q=near["search"], ask="false")
    assert (refused.status, refused.code) == (403, "supervisor_needed")
    entry = await newest(hub, "search.asked")
    assert (entry.outcome, entry.more["records"]) == ("denied", 36)


async def test_the_line_of_an_alert_means_what_was_near_it(hub, ana):
    [alert] = [each for each in (await ana.get("/alerts"))["items"] if each["kind"] == "gunshot"]
    near = await ana.get(f"/alerts/{alert['id']}/context")
    query = hub.hub.search.understand(near["search"])
    assert query.warnings == []
    assert [rfc3339(query.since), rfc3339(query.until)] == [near["since"], near["until"]]
    assert query.shape.radius_m == near["radius_m"]
    assert query.shape.centre == pytest.approx(near["center"])


async def test_without_a_purpose_nothing_is_opened_and_no_plate_is_named(hub):
    [seq] = await numbers(hub, PLATES[0])
    async with signed_in(hub, somebody("cy", Role.ANALYST)) as cy:
        assert (await cy.call("GET", f"/events/{seq}")).code == "purpose_needed"
    assert all(
        (each.subject, each.more.get("records")) == (None, None)
        for each in await noted(hub, "event.viewed")
        if each.operator.handle == "cy"
    )


async def test_who_walks_the_numbers_is_found_and_who_searches_is_not(hub):
    """With tries that were refused; what a search showed is nobody's finding, however much."""
    people = [somebody(name, Role.ANALYST) for name in ("walker", "searcher")]
    walked = await numbers(hub, *PLATES)
    for person in people:
        async with signed_in(hub, person) as api:
            await open_request(api, purpose="missing_endangered")
            if person.handle == "searcher":
                for plate in PLATES:
                    await search(api, f"plate:{plate}")
            for seq in walked:
                await api.call("GET", f"/events/{seq}")
    words = {
        each.handle: each.words
        for each in await hub.hub.oversight.sweep()
        if each.why == "one_by_one"
    }
    assert words["walker"].startswith("12 records opened by number on ")
    assert "searcher" not in words


async def test_it_is_counted_for_a_day_and_remembered_within_bounds(hub):
    shown = HandedOut()
    [row, other] = [await hub.hub.store.log.get(n) for n in await numbers(hub, *PLATES[:2])]
    assert shown.opens("ana", row, None, now=0)["records"] == 1
    assert shown.opens("ana", other, "north-so", now=DAY - 1) == {
        "records": 2, "plates": 2, "cameras": 1, "agencies": 1, "sightings": 1,
    }  # fmt: skip
    assert shown.opens("ana", other, None, now=DAY)["records"] == 1
    shown.note("ana", range(MOST))
    shown.note("ana", [0, MOST])
    assert [shown.has("ana", seq) for seq in (0, 1, MOST)] == [True, False, True]


async def test_what_was_followed_is_forgotten_after_a_day():
    shown, plate, step = HandedOut(), ("plate", OFTEN), 1_000
    for day in range(100):
        shown.follow("ana", plate, range(day * step, day * step + 19), day * DAY)
    assert shown.followed("ana", plate, 99 * DAY) == frozenset(range(99 * step, 99 * step + 19))
    assert len(shown._of["ana"].moved[plate]) == 19


async def test_of_what_is_remembered_the_oldest_is_forgotten_first():
    told = Recent(2)
    assert [told.add(each) for each in "abacab"] == [True, True, False, True, False, True]
    assert [each in told for each in "abc"] == [True, True, False]
