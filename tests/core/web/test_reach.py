"""What a search reaches is counted before it is answered, and decides who has to agree."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from hub import api_of, hub_here, session_of
from made_up import HERE, call, push_source, read
from policies import adopt
from staff import noted, open_request, signed_in, somebody

from watchfloor.contracts import RetryLater, micros
from watchfloor.identity import Role
from watchfloor.policy import packaged
from watchfloor.search import Reach, service
from watchfloor.web.handed import HandedOut, Shown

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANA = somebody("ana", Role.ANALYST)
SAM = somebody("sam", Role.SUPERVISOR)
SETTINGS = """
[limits]
broad_records = 12
broad_plates = 8
broad_cameras = 4

[agencies.north-so]
level = "local"
sources = ["north-lpr"]
"""
OWED = """
@id("wanted-persons-are-watched-over")
@obligation("review sampled, notify_owner, expire 120")
permit(principal, action == Action::"data:search", resource)
when { context.purpose.code == "wanted_person" };
"""
OFTEN, NOW_AND_THEN, ELSEWHERE = "ZZOFTEN", "ZZRARE1", "ZZELSE1"
HOUR = timedelta(hours=1)
FIRST_PAGE = 3


def sighting(number, plate, reader="gate-1", place=HERE):
    event = read(number, time=(datetime.now(UTC) - number * HOUR / 10).isoformat())
    data = {"plate": plate, "reader": reader, "place": {"point": list(place)}}
    return {**event, "data": data}


EAST = (HERE[0] + 0.02, HERE[1])
BRIDGE = (HERE[0], HERE[1] + 0.05)
CORNER = (EAST[0] + 0.0028, EAST[1] + 0.0024)
"""380 m from there, and in the box around a circle of 300 m."""


def sightings():
    """22 of one plate at a gate; 5 of another; at the corner shop seven plates, one outside the
    circle around it; on the bridge ten plates at five readers."""
    yield from (sighting(n, OFTEN) for n in range(22))
    yield from (sighting(30 + n, NOW_AND_THEN) for n in range(5))
    yield from (sighting(40 + n, f"ZZSHOP{n}", "shop", EAST) for n in range(6))
    yield sighting(46, "ZZSHOP6", "shop", CORNER)
    yield from (sighting(50 + n, f"ZZBRDG{n}", f"bridge-{n % 5}", BRIDGE) for n in range(10))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reach") / "hub"
    rules = folder / "policy" / "rules.cedar"
    rules.parent.mkdir(parents=True)
    rules.write_text(packaged()["default.cedar"] + OWED)
    adopt(folder, SETTINGS)
    async with hub_here(folder) as running:
        async with api_of(running.url, session_of(running)) as api:
            await push_source(api)
            await api.push("push-1", [*sightings(), *(call(n) for n in range(1, 14))])
            await push_source(api, "north-lpr")
            theirs = [sighting(60 + n, f"ZZNRTH{n}") | {"source": "north-lpr"} for n in range(2)]
            theirs += [sighting(1000 + n, ELSEWHERE) | {"source": "north-lpr"} for n in range(30)]
            await api.push("north-lpr", theirs)
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def ana(hub):
    """Somebody to whom nothing was shown yet, in each test."""
    hub.hub.handed_out = HandedOut()
    async with signed_in(hub, ANA) as api:
        await open_request(api)
        yield api


@pytest_asyncio.fixture(loop_scope="module")
async def sam(hub):
    async with signed_in(hub, SAM) as api:
        yield api


async def refused(api, q, **query):
    answer = await api.call("GET", "/search", q=q, **query)
    assert answer.status == 403, answer.body
    return answer.code, answer.json["error"]


async def found(api, q):
    return [hit for line in await api.lines("/search", q=q) for hit in line.get("hits", ())]


def in_pieces(count):
    """The time in which the plate was seen 22 times, cut into pieces of six times each."""
    start = datetime.now(UTC) - 22 * HOUR / 10
    for step in range(0, 6 * count, 6):
        window = [start + each * HOUR / 10 for each in (step - 0.5, step + 5.5)]
        since, until = (each.strftime("%Y-%m-%dT%H:%M:%SZ") for each in window)
        yield f"since:{since} until:{until}"


async def asked_of(sam):
    return [each["what"] for each in (await sam.get("/approvals"))["items"]]


async def test_a_preview_counts_what_would_be_found_and_shows_none_of_it(hub, ana, sam):
    near = f"near:{EAST[0]},{EAST[1]} 300m kind:read"
    reach = await ana.get("/search/reach", q=near)
    assert {name: reach[name] for name in ("records", "plates", "people", "cameras")} == {
        "records": 6, "plates": 6, "people": 0, "cameras": 1,
    }  # fmt: skip
    assert len(await found(ana, near)) == reach["records"]
    assert (reach["needs_supervisor"], reach["more"], reach["history"]) == (False, False, False)
    assert reach["limits"] == {
        "records": 12, "plates": 8, "people": 20, "cameras": 4, "agencies": 0, "sightings": 20,
    }  # fmt: skip
    assert await asked_of(sam) == []
    assert (await noted(hub, "search.previewed"))[0].more["records"] == 6


async def test_another_agencys_data_are_counted_as_its_and_wait_for_a_supervisor(ana):
    own = await ana.get("/search/reach", q="plate:ZZSHOP*")
    assert (own["agencies"], own["needs_supervisor"]) == (0, False)
    theirs = await ana.get("/search/reach", q="plate:ZZNRTH*")
    assert (theirs["records"], theirs["agencies"], theirs["needs_supervisor"]) == (2, 1, True)
    code, _ = await refused(ana, "plate:ZZNRTH*", ask="false")
    assert code == "supervisor_needed"


async def test_a_preview_says_what_it_takes_and_asks_nobody(ana, sam):
    reach = await ana.get("/search/reach", q="plate:ZZBRDG*")
    assert (reach["plates"], reach["cameras"], reach["needs_supervisor"]) == (10, 5, True)
    code, error = await refused(ana, "plate:ZZBRDG*", ask="false")
    assert (code, error["remedy"]) == ("supervisor_needed", "Ask a supervisor, or ask for less.")
    assert "approval" not in error, "nobody was asked"
    assert await asked_of(sam) == []


@pytest.mark.parametrize(
    ("line", "limit"),
    [("kind:read", "records"), ("plate:ZZBRDG*", "plates"), ("plate:ZZBRDG* since:31h", "cameras")],
)
async def test_what_is_broad_waits_for_a_supervisor(hub, ana, sam, line, limit):
    code, error = await refused(ana, line)
    assert code == "supervisor_needed"
    id = error["approval"]
    question = await sam.get(f"/approvals/{id}")
    assert question["what"].startswith("A search that touches ")
    assert "ZZ" not in question["what"], "whom it is about is nobody's business yet"
    await sam.send("POST", f"/approvals/{id}/answer", {"granted": True})
    [first, *_] = await ana.lines("/search", q=line)
    card = first["understood"]["accountability"]
    assert (card["agreed_by"], card["rules"][0]) == (SAM.handle, "look")
    [denied] = [e for e in await noted(hub, "search.asked") if e.outcome == "denied"][:1]
    assert denied.more[limit] > 4, "what it reached stands in the record"


async def test_a_line_that_names_many_things_whole_is_counted_as_any_other(ana):
    calls = [f"call:ZZ-{number:05}" for number in range(1, 14)]
    assert len(await found(ana, " ".join(calls[:12]))) == 12
    assert (await refused(ana, " ".join(calls), ask="false"))[0] == "supervisor_needed"


async def test_a_yes_to_a_narrow_question_opens_no_wider_one(ana, sam):
    line = f"plate:ZZB* near:{BRIDGE[0]},{BRIDGE[1]}"
    _, error = await refused(ana, line)
    id = error["approval"]
    [asked] = [each for each in (await sam.get("/approvals"))["items"] if each["id"] == id]
    assert asked["shown"].splitlines()[0] == line, "not only how far it reaches"
    await sam.send("POST", f"/approvals/{id}/answer", {"granted": True})
    assert (await refused(ana, "plate:ZZB*"))[0] == "supervisor_needed"


async def test_no_line_passes_for_what_the_request_says(ana, sam):
    place = f"near:{BRIDGE[0]},{BRIDGE[1]}"
    _, error = await refused(ana, f"plate:ZZB*\r\n\n\u2028{place}\n")
    shown = (await sam.get(f"/approvals/{error['approval']}"))["shown"].splitlines()
    assert shown[:3] == [f"plate:ZZB* {place}", "", "The request says"]


async def test_more_than_twenty_sightings_of_one_plate_are_a_movement_history(hub, ana, sam):
    assert len(await found(ana, f"plate:{NOW_AND_THEN}")) == 5
    for line in (f"plate:{OFTEN}", "plate:ZZOFTE?", f"plate:{OFTEN} since:2d"):
        assert (await refused(ana, line))[0] == "history_needs_case", line
    assert len(await found(ana, f"plate:{OFTEN} since:1h")) == 10, "of a stretch with fewer"


async def test_a_history_for_a_case_waits_for_a_supervisor(hub, sam):
    reason = "A child was taken from the park a minute ago.\nThere is no call number yet."
    async with signed_in(hub, ANA) as ana:
        await open_request(ana, purpose="emergency_override", reason=reason, provisional=False)
        reach = await ana.get("/search/reach", q=f"plate:{OFTEN}")
        assert (reach["sightings"], reach["history"], reach["needs_supervisor"]) == (21, True, True)
        code, error = await refused(ana, f"plate:{OFTEN}")
        assert code == "supervisor_needed"
        id = error["approval"]
        await sam.send("POST", f"/approvals/{id}/answer", {"granted": True})
        assert len(await found(ana, f"plate:{OFTEN}")) == 22


async def test_a_closed_topic_that_is_declared_closes_the_search(hub, ana):
    answer = await ana.call("GET", "/search", q=NOW_AND_THEN, about="immigration")
    assert (answer.status, answer.code) == (403, "topic_closed")
    [asked] = (await noted(hub, "search.asked"))[:1]
    assert (asked.outcome, asked.more["about"]) == ("denied", "immigration")


@pytest.mark.parametrize(
    ("line", "subject"),
    [
        ("call:F-00412-26 plate:ZZRARE1", ("plate", "ZZRARE1")),
        ("unit:5B12 ZZRARE1 plate:zz-rare1", ("plate", "ZZRARE1")),
        ("F-00412-26", ("plate", "F0041226")),
        ("call:F-00412-26", ("call", "F-00412-26")),
        ('unit:5B12 "Zed Example"', ("search", "Zed Example")),
    ],
)
async def test_a_search_is_recorded_under_what_tells_most(hub, ana, line, subject):
    await found(ana, line)
    [asked] = (await noted(hub, "search.asked"))[:1]
    assert asked.subject.kind == subject[0]
    assert asked.subject.key == await hub.hub.door.sealer.joining(*subject)


async def test_what_was_shown_before_counts_with_what_is_asked_for(hub):
    """Nobody follows a plate in small steps of time."""
    async with signed_in(hub, somebody("stepping", Role.ANALYST)) as api:
        await open_request(api)
        answers = [
            await api.call("GET", "/search", q=f"plate:{OFTEN} {span}", ask="false")
            for span in in_pieces(4)
        ]
        assert [each.status for each in answers] == [200, 200, 200, 403]
        again = await api.call("GET", "/search", q=f"plate:{OFTEN} since:1h", ask="false")
        assert again.status == 403, "what is seen of it now is still a part of its movements"
        assert (await api.call("GET", "/search", q=f"plate:{NOW_AND_THEN}")).status == 200


async def test_pieces_that_are_asked_for_at_once_count_with_one_another(hub, monkeypatch):
    """Each has found what it would show before any is counted."""
    pieces = [f"plate:{OFTEN} {span}" for span in in_pieces(4)]
    sightings, all_there = hub.hub.search.sightings, asyncio.Barrier(len(pieces))

    async def at_once(*asked):
        found = await sightings(*asked)
        await all_there.wait()
        return found

    monkeypatch.setattr(hub.hub.search, "sightings", at_once)
    async with signed_in(hub, somebody("hasty", Role.ANALYST)) as api:
        await open_request(api)
        asked = (api.call("GET", "/search", q=line, ask="false") for line in pieces)
        answers = await asyncio.gather(*asked)
    assert sorted(each.status for each in answers) == [200, 200, 200, 403]


async def test_the_pages_of_one_line_are_counted_once(hub):
    async with signed_in(hub, somebody("leafing", Role.ANALYST)) as api:
        await open_request(api)
        line, cursor, shown = f"plate:{OFTEN} since:105min", None, 0
        for _ in range(3):
            [*_, end] = await api.lines("/search", q=line, limit=7, cursor=cursor)
            cursor, shown = end["done"]["next"], shown + end["done"]["found"]
        assert shown > 14, "page by page"


async def test_what_was_refused_counts_as_one_sighting_whatever_it_has(hub):
    async with signed_in(hub, somebody("asking-much", Role.ANALYST)) as api:
        await open_request(api)
        assert (await refused(api, f"plate:{OFTEN}", ask="false"))[0] == "history_needs_case"
        assert await found(api, f"plate:{OFTEN} since:1h")


@pytest.mark.parametrize("line", [f"plate:{OFTEN}", "plate:ZZOFTE?", f"plate:{OFTEN} call:NONE-1"])
async def test_previews_tell_of_a_plate_s_movements_no_more_than_searches_do(hub, line):
    """A count of a minute, or of a street, says when and where it was."""
    async with signed_in(hub, somebody(f"counting-{len(line)}", Role.ANALYST)) as api:
        await open_request(api)
        asked = [
            await api.call("GET", "/search/reach", q=f"{line} {span}") for span in in_pieces(4)
        ]
        assert [each.status for each in asked] == [200, 200, 200, 403]
        assert {each.json["records"] for each in asked[:3]} <= {5, 6, 7}
        answer = await api.call("GET", "/search", q=f"{line} since:1h", ask="false")
        assert (answer.status, answer.code) == (403, "history_needs_case")


async def test_with_a_case_a_further_piece_takes_a_supervisor_and_the_whole_is_counted(hub):
    reason = "A child was taken from the park a minute ago.\nThere is no call number yet."
    async with signed_in(hub, somebody("counting-on", Role.ANALYST)) as api:
        await open_request(api, purpose="emergency_override", reason=reason, provisional=False)
        asked = [
            await api.call("GET", "/search/reach", q=f"plate:{OFTEN} {span}")
            for span in in_pieces(4)
        ]
        assert [each.json["needs_supervisor"] for each in asked] == [False, False, False, True]
        last = asked[-1].json
        assert (last["records"], last["sightings"], last["cameras"]) == (21, 21, 0), "of all pieces"
        whole = await api.get("/search/reach", q=f"plate:{OFTEN}")
        assert (whole["sightings"], whole["records"], whole["more"]) == (21, 21, True)


def stretch(first, last):
    """Of so many minutes ago."""
    now = datetime.now(UTC)
    since, until = (now - timedelta(minutes=each) for each in (last, first))
    return f"since:{since:%Y-%m-%dT%H:%M:%SZ} until:{until:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("line", [f"plate:{OFTEN}", "plate:ZZOFTE?", f"plate:{OFTEN} asset:gate-1"])
@pytest.mark.parametrize("path", ["/search", "/search/reach"])
async def test_a_piece_with_nothing_is_answered_as_one_with_something_once_it_was_enough(
    hub, line, path
):
    """Of each minute of a week, a yes or a no would say where a car was."""
    async with signed_in(hub, somebody(f"sieving-{len(line)}{len(path)}", Role.ANALYST)) as api:
        await open_request(api)
        for span in (*in_pieces(3), "since:14min"):
            await api.lines("/search", q=f"{line} {span}")
        with_one, with_none = [(17, 19), (23, 25)], [(15, 16), (20, 22), (150, 152), (9000, 9060)]
        asked = [
            await api.call("GET", path, q=f"{line} {stretch(*each)}")
            for each in (*with_one, *with_none)
        ]
        assert {(each.code, str(each.json["error"])) for each in asked} == {
            ("history_needs_case", str(asked[0].json["error"]))
        }
        answer = await api.call("GET", path, q=f"{line} kind:call")
        assert answer.status == 200, "what is no movement is none of it"
        answer = await api.call("GET", path, q=f"{line} since:14min")
        assert answer.status == 200, "and what was shown is"


@pytest.mark.parametrize("line", [f"plate:{ELSEWHERE} unit:NONE-1", "plate:ZZELSE?"])
async def test_a_refusal_for_whose_data_it_is_tells_of_a_plate_no_more_than_others_do(hub, line):
    """Where another agency saw it waits for a supervisor: of piece after piece, that says when."""
    async with signed_in(hub, somebody(f"asking-{len(line)}", Role.ANALYST)) as api:
        await open_request(api)
        # One sighting every six minutes, as old as that: with it, and before it.
        pieces = [(6 * (1000 + n) + shift, 6 * (1000 + n) + shift + 2)
                  for n in range(30) for shift in (-1, 2)]  # fmt: skip
        asked = [
            await api.call("GET", "/search", q=f"{line} {stretch(*each)}", ask="false")
            for each in pieces
        ]
        assert {each.status for each in asked[1:39:2]} == {200}, "where it is known to have been"
        assert {each.code for each in asked[:40:2]} == {"supervisor_needed"}
        assert {each.code for each in asked[39:]} == {"history_needs_case"}


async def test_what_areas_showed_of_a_plate_closes_no_part_of_one_that_fits_it(hub):
    """A patrol car is seen wherever somebody looks."""
    handed_out, person = hub.hub.handed_out, somebody("patrolling", Role.ANALYST)
    async with signed_in(hub, person) as api:
        await open_request(api)
        now = hub.hub.clock.now()
        handed_out.searched(
            person.id, {-n: Shown(now, "ZZRARE2", "gate-1") for n in range(20)}, now
        )
        assert len(await found(api, "plate:ZZRARE?")) == 5
        assert await found(api, "plate:ZZR*2") == []


async def test_with_a_case_no_count_beyond_the_limit_moves_with_the_time(hub):
    reason = "A child was taken from the park a minute ago.\nThere is no call number yet."
    async with signed_in(hub, somebody("taking-away", Role.ANALYST)) as api:
        await open_request(api, purpose="emergency_override", reason=reason, provisional=False)
        told = []
        for minutes in range(0, 140, 5):
            until = datetime.now(UTC) - timedelta(minutes=minutes)
            line = f"plate:{OFTEN} since:1d until:{until:%Y-%m-%dT%H:%M:%SZ}"
            reach = await api.get("/search/reach", q=line)
            told.append((reach["records"], reach["sightings"], reach["cameras"]))
        assert told[0] == told[1] == (21, 21, 0)
        assert {told[0], *told} <= {(21, 21, 0), *((n, n, 1) for n in range(1, 21))}
        late = f"plate:{OFTEN} since:1h"
        assert (await api.get("/search/reach", q=late))["records"] == 21, "of two ends, one is told"


async def test_what_was_told_to_be_too_much_in_many_ways_was_told(hub):
    """Where a piece holds so many, by many pieces, says where it was."""
    async with signed_in(hub, somebody("weighing", Role.ANALYST)) as api:
        await open_request(api)
        for hours in range(3, 23):
            assert await refused(api, f"plate:{OFTEN} since:{hours}h", ask="false")
        assert (await refused(api, f"plate:{OFTEN} since:1h"))[0] == "history_needs_case"


async def test_whoever_sees_that_it_is_too_much_may_ask_for_less(hub):
    reason = "A child was taken from the park a minute ago.\nThere is no call number yet."
    async with signed_in(hub, somebody("narrowing", Role.ANALYST)) as api:
        await open_request(api, purpose="emergency_override", reason=reason, provisional=False)
        assert (await api.get("/search/reach", q=f"plate:{OFTEN}"))["needs_supervisor"]
        assert len(await found(api, f"plate:{OFTEN} since:1h")) == 10


async def test_what_is_beside_the_shape_is_no_sighting(hub):
    search = hub.hub.search
    query = search.understand(f"plate:ZZSHOP6 near:{EAST[0]},{EAST[1]} 300m")
    begun = await search.begin(query)
    assert begun.page.events, "it is in the box"
    assert await search.sightings(begun, 21) == []


@pytest.mark.parametrize(
    "line",
    ["plate:ZZRARE1 plate:ZZOFTEN", "ZZRARE1 phone:504-555-0142", "plate:ZZR* plate:ZZRARE1"],
)
async def test_a_line_asks_about_one_plate_telephone_or_address(hub, ana, line):
    """A record names one: nobody is looked up beside another."""
    for path in ("/search", "/search/reach"):
        answer = await ana.call("GET", path, q=line)
        assert (answer.status, answer.code) == (422, "several_subjects")
    assert "ZZ" not in answer.json["error"]["detail"]


async def test_what_the_first_page_shows_is_not_asked_for_once_more(hub, ana, monkeypatch):
    index, counted = hub.hub.store.index, []
    touched, find = index.touched, index.find

    async def watched(where, limit):
        counted.append(where)
        return await touched(where, limit)

    async def found_on(where, limit):
        if limit > 1:  # one says whether another agency's are touched
            counted.append(where)
        return await find(where, limit)

    monkeypatch.setattr(index, "touched", watched)
    monkeypatch.setattr(index, "find", found_on)
    near = f"near:{EAST[0]},{EAST[1]} 300m kind:read"
    await found(ana, f"plate:{NOW_AND_THEN}")
    await found(ana, "call:ZZ-00001")
    assert len(await found(ana, near)) == 6
    assert counted == []
    [*_, done] = await ana.lines("/search", q=near, limit=3)
    assert done["done"]["found"] == 3
    await refused(ana, "kind:read", limit=3, ask="false")
    assert counted == []
    [*_, done] = await ana.lines("/search", q=near, limit=3, cursor=done["done"]["next"])
    assert (done["done"]["found"], len(counted)) == (3, 1), "counted from the newest on"


async def test_no_answer_begins_before_the_question_is_on_record(hub, ana, monkeypatch):
    """It is looked for meanwhile."""
    fetched, stands = asyncio.Event(), asyncio.Event()
    survey, begin = hub.hub.store.index.survey, hub.hub.audit.begin

    async def watched(*asked):
        found = await survey(*asked)
        fetched.set()
        return found

    async def slowly(entry):
        await stands.wait()
        return await begin(entry)

    monkeypatch.setattr(hub.hub.store.index, "survey", watched)
    monkeypatch.setattr(hub.hub.audit, "begin", lambda entry: asyncio.ensure_future(slowly(entry)))
    url = f"{ana.url}/api/v1/search"
    asked = asyncio.create_task(ana.client.get(url, params={"q": f"plate:{NOW_AND_THEN}"}))
    await fetched.wait()
    await asyncio.wait([asked], timeout=0.5)
    assert not asked.done()
    stands.set()
    answer = await asked
    assert answer.status == 200
    assert NOW_AND_THEN in await answer.text()


async def test_nothing_is_shown_that_could_not_be_recorded(hub, ana, monkeypatch):
    async def down():
        await asyncio.sleep(0.1)
        raise RetryLater("The audit log takes no records.", code="audit_unavailable")

    monkeypatch.setattr(hub.hub.audit, "begin", lambda _: asyncio.ensure_future(down()))
    answer = await ana.call("GET", "/search", q=f"plate:{NOW_AND_THEN}")
    assert (answer.status, answer.code) == (503, "audit_unavailable")
    assert NOW_AND_THEN not in str(answer.body)


async def test_what_cannot_be_counted_in_time_is_as_broad_as_can_be(hub, ana, monkeypatch):
    async def slow(*_):
        raise TimeoutError

    monkeypatch.setattr(hub.hub.store.index, "survey", slow)
    code, _ = await refused(ana, "kind:read")
    assert code == "supervisor_needed"


async def test_what_cannot_be_counted_on_in_time_is_as_broad_as_can_be(hub):
    search = hub.hub.search
    reads, plate = (search.understand(line) for line in ("kind:read", f"plate:{OFTEN}"))
    assert await search.reach(await overdue(search, reads), 12) == Reach(12, more=True)
    assert await search.sightings(await overdue(search, plate), 20) is None


async def test_the_deadline_ends_the_answer_and_not_who_reads_it(hub):
    search, lines = hub.hub.search, []
    async for line in search.answer(await overdue(search, search.understand("kind:read"))):
        lines.append(line)
        await asyncio.sleep(0)  # a slow reader
    [_, hits, *statuses, done] = lines
    assert len(hits["hits"]) == FIRST_PAGE
    assert {each["status"]["state"] for each in statuses} == {"timed_out"}
    assert (done["done"]["at_least"], done["done"]["next"] is None) == (True, False)


async def overdue(search, query):
    """Begun so long ago that the first page is all there is time for."""
    begun = await search.begin(query, FIRST_PAGE)
    return replace(begun, limit=500, started=begun.started - service.DEADLINE_S)


async def test_what_goes_with_a_permit_is_done(hub, sam):
    """The owner is told, the weekly review looks at it, and the answer says until when it holds."""
    began = hub.hub.clock.now()
    async with signed_in(hub, ANA) as ana, sam.client.get(f"{sam.url}/api/v1/stream") as stream:
        request = await open_request(ana, purpose="wanted_person")
        for _ in range(2):
            [first, *_] = await ana.lines("/search", q=f"plate:{NOW_AND_THEN}")
        until = micros(first["understood"]["accountability"]["until"])
        assert 119 <= (until - began) / 1_000_000 <= 150
        told = b""
        async with asyncio.timeout(10):
            while b"owner_told" not in told:
                told += await stream.content.readany()
    [notice] = [line for line in told.split(b"\n") if b"owner_told" in line]
    assert request.encode() in notice
    [asked] = (await noted(hub, "search.asked"))[:1]
    assert asked.more["review"] == "sampled"
    found = [each for each in await hub.hub.oversight.sweep() if each.why == "owed"]
    assert [each.words for each in found] == [
        "Policy has somebody look at 2 look-ups afterwards: sampled."
    ]
