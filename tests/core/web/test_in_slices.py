"""What searches showed counts with what is asked next, by whatever line it was shown; and a pattern
hides nobody."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from hub import api_of, hub_here, session_of
from made_up import HERE, call, push_source, read
from policies import adopt
from staff import noted, open_request, signed_in, somebody

from watchfloor.adapters.cedar import read_rules
from watchfloor.identity import Role
from watchfloor.oversight import Oversight
from watchfloor.policy import load
from watchfloor.search import Reach, service
from watchfloor.transparency import Complaints
from watchfloor.web.handed import HOUR, SEARCHED, SUBJECTS, HandedOut, Shown
from watchfloor.web.handlers.reach import _matched

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = """
[limits]
broad_records = 30
broad_plates = 12
broad_cameras = 9
broad_hour = 1
"""
OFTEN, SELDOM = "ZZWBB15", "ZZA5563"
MINUTE = timedelta(minutes=1)
NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)


def sighting(number, plate, minutes, reader="gate-1"):
    event = read(number, time=(NOW - minutes * MINUTE).isoformat())
    return {**event, "data": {"plate": plate, "reader": reader, "place": {"point": list(HERE)}}}


def between(first, last):
    since, until = (NOW - each * MINUTE for each in (last + 0.5, first - 0.5))
    return f"since:{since:%Y-%m-%dT%H:%M:%SZ} until:{until:%Y-%m-%dT%H:%M:%SZ}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    """A plate 22 times, one a minute; twenty plates once; one more; plates enough for a pattern."""
    folder = tmp_path_factory.mktemp("slices") / "hub"
    adopt(folder, SETTINGS)
    async with hub_here(folder) as running:
        async with api_of(running.url, session_of(running)) as api:
            await push_source(api)
            events = [sighting(n, OFTEN, n) for n in range(22)]
            events += [sighting(100 + n, f"ZZSL{n:02}", 100 + n) for n in range(20)]
            events += [sighting(200, SELDOM, 200), sighting(201, "ZZA5564", 201)]
            events += [sighting(300 + n, f"ZZM{n:03}", 300 + n) for n in range(7)]
            await api.push("push-1", [*events, *(call(n) for n in range(1, 4))])
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def ana(hub):
    hub.hub.handed_out = HandedOut()
    async with signed_in(hub, somebody("ana", Role.ANALYST)) as api:
        await open_request(api)
        yield api


async def asked(api, *lines, ask="false", **more):
    return [await api.call("GET", "/search", q=line, ask=ask, **more) for line in lines]


async def statuses(api, *lines):
    return [each.status for each in await asked(api, *lines)]


SLICES = [f"kind:read {between(100 + n, 101 + n)}" for n in range(0, 20, 2)]


async def test_slices_of_time_are_refused_like_the_whole(ana):
    [whole] = await asked(ana, f"kind:read {between(100, 119)}")
    hub_says = await asked(ana, *SLICES)
    assert [each.status for each in hub_says] == [200] * 6 + [403] * 4
    assert hub_says[-1].json["error"] == whole.json["error"]
    assert (whole.code, await statuses(ana, SLICES[0])) == ("supervisor_needed", [200])
    assert await statuses(ana, f"plate:{SELDOM}", "kind:call") == [200, 200], "other work goes on"


async def test_the_work_of_an_hour_is_more_than_one_search(hub, ana):
    """One incident after the other: up to so many times the limit of one search."""
    engine, before = hub.hub.engine, hub.hub.engine.policy
    wider = SETTINGS.replace("broad_hour = 1", "broad_hour = 2").replace("= 12", "= 6")
    engine.use(load({"settings.toml": wider}, hub.hub.settings.agency, read_rules))
    try:
        assert await statuses(ana, f"kind:read {between(100, 106)}") == [403], "more than six"
        assert await statuses(ana, *SLICES) == [200] * 6 + [403] * 4
        reach = await ana.get("/search/reach", q=SLICES[5])
        assert (reach["plates"], reach["before"], reach["needs_supervisor"]) == (2, 0, False)
    finally:
        engine.use(before)


async def test_slices_that_are_asked_for_at_once_count_with_one_another(hub, ana, monkeypatch):
    reach, all_there = hub.hub.search.reach, asyncio.Barrier(len(SLICES))

    async def at_once(*of):
        found = await reach(*of)
        await all_there.wait()
        return found

    monkeypatch.setattr(hub.hub.search, "reach", at_once)
    answers = await asyncio.gather(*(statuses(ana, line) for line in SLICES))
    assert sorted(status for [status] in answers) == [200] * 6 + [403] * 4


async def test_a_supervisor_agrees_to_a_slice_and_it_counts_with_nothing(hub, ana):
    await statuses(ana, *SLICES[:6])
    [refused] = await asked(ana, SLICES[6], ask="true")
    id = refused.json["error"]["approval"]
    async with signed_in(hub, somebody("sam", Role.SUPERVISOR)) as sam:
        assert "in the hour before" in (await sam.get(f"/approvals/{id}"))["what"]
        await sam.send("POST", f"/approvals/{id}/answer", {"granted": True})
    assert await statuses(ana, SLICES[6], SLICES[5], SLICES[7]) == [200, 200, 403]


async def test_the_same_line_again_and_its_pages_count_once(ana):
    line = f"kind:read {between(100, 109)}"
    assert await statuses(ana, *[line] * 5) == [200] * 5
    [*_, end] = await ana.lines("/search", q=line, limit=4)
    assert await asked(ana, line, limit=4, cursor=end["done"]["next"])
    reach = await ana.get("/search/reach", q=line)
    assert (reach["records"], reach["plates"], reach["before"]) == (10, 10, 0)
    reach = await ana.get("/search/reach", q=f"kind:read {between(108, 112)}")
    assert (reach["records"], reach["plates"], reach["before"]) == (13, 13, 8)


async def test_pages_after_the_first_count_when_they_leave(hub, ana, monkeypatch):
    monkeypatch.setattr(service, "FIRST", 4)
    assert await statuses(ana, f"kind:read {between(0, 20)}") == [200]
    shown = hub.hub.handed_out.within_an_hour(somebody("ana").id, hub.hub.clock.now())
    assert len(shown) == 21


@pytest.mark.parametrize(
    "line", ["plate:ZZWBB1?", f"plate:{OFTEN} call:NOPE-1", f"plate:{OFTEN} asset:none"]
)
async def test_a_plate_is_followed_by_no_line_in_pieces(ana, line):
    pieces = [f"{line} {between(first, first + 6)}" for first in (0, 7, 14)]
    answers = await asked(ana, *pieces)
    assert [each.status for each in answers] == [200, 200, 403]
    assert answers[-1].code == "history_needs_case"


async def test_what_lines_of_time_showed_of_a_plate_counts_with_a_question_about_it(ana):
    slices = [f"kind:read {between(first, first + 6)}" for first in (0, 7)]
    whole = f"plate:{OFTEN} {between(14, 20)}"
    assert await statuses(ana, *slices, whole) == [200, 200, 403]


async def test_a_pattern_that_matches_few_is_a_question_about_each(hub, ana):
    await asked(ana, "plate:ZZA556?")
    matched, question = await noted(hub, "plate.matched"), (await noted(hub, "search.asked"))[0]
    assert question.subject.kind == "plate_pattern"
    joining = hub.hub.door.sealer.joining
    assert {each.subject.key for each in matched[:2]} == {
        await joining("plate", SELDOM), await joining("plate", "ZZA5564"),
    }  # fmt: skip
    assert {each.decision.id for each in matched[:2]} == {question.decision.id}
    await asked(ana, "plate:ZZM*")
    assert len(await noted(hub, "plate.matched")) == len(matched), "of many, none"


async def test_a_plate_among_words_is_a_question_about_it(hub, ana):
    """Where calls name it; however the line is written, its words are recorded alike."""
    named = call(4)
    named["data"] |= {"plates": ["ZZT1234"], "incident_type": {"text": "Theft ZZT1234"}}
    async with api_of(hub.url, session_of(hub)) as api:
        await api.push("push-1", [named])
    await asked(ana, 'text:"ZZT1234"', '"zzt1234"', "text:ZZT12*")
    matched, questions = await noted(hub, "plate.matched"), await noted(hub, "search.asked")
    key = await hub.hub.door.sealer.joining("plate", "ZZT1234")
    assert {each.subject.key for each in matched[:3]} == {key}
    assert {each.subject.kind for each in questions[:3]} == {"search"}
    assert questions[1].subject.key == questions[2].subject.key


async def test_one_that_was_refused_is_one_too(hub, ana):
    await asked(ana, "plate:ZZWBB1?")
    [matched, *_] = await noted(hub, "plate.matched")
    assert (matched.outcome, matched.subject.key) == (
        "denied", await hub.hub.door.sealer.joining("plate", OFTEN),
    )  # fmt: skip


async def swept(hub):
    oversight = Oversight(
        hub.hub.store.reviews, hub.hub.audit, hub.hub.door.sealer, hub.hub.clock,
        hub.hub.settings.zone(), hub.hub.settings.oversight,
    )  # fmt: skip
    return oversight, await oversight.sweep()


async def test_among_many_words_the_plates_are_found(hub):
    """Each word once, whole ones and parts."""
    plates = dict.fromkeys((f"ZZ{n:05}" for n in range(5000)), 1)
    many = " ".join(f"ZY{n}*" for n in range(300)) + " stolen" * 300
    query = hub.hub.search.understand(f'"{many} zz00007 zz0008* ?"')
    assert len(_matched(query, Reach(0, plates=plates))) == 0, "of many, none"
    plates = {plate: 1 for plate in plates if not plate.startswith("ZZ0008") or plate == "ZZ00081"}
    query = hub.hub.search.understand(f'"{many} zz00007 zz0008* ?"')
    assert _matched(query, Reach(0, plates=plates)) == [("plate", "ZZ00007"), ("plate", "ZZ00081")]


async def test_who_asks_by_a_pattern_is_found(hub):
    """About themselves, and about one plate again and again, once; a broad pattern, too."""
    person = somebody("pat", Role.ANALYST)
    await swept(hub)
    async with signed_in(hub, person) as pat:
        for plate in (SELDOM, "ZZM003"):
            mine = {"kind": "plate", "value": plate, "relation": "self"}
            await pat.send("POST", "/oversight/registrations", mine)
        await open_request(pat)
        await asked(pat, *["plate:ZZA556*"] * 3, *["plate:ZZM*"] * 3)
    _, found = await swept(hub)
    theirs = sorted((each.why, each.words) for each in found if each.handle == "pat")
    again = "Looked up the same {} 3 times without an open case or call."
    assert theirs[:3] == [
        ("repeated_target", again.format("plate")),
        ("repeated_target", again.format("plate pattern")),
        ("self_lookup", "Looked up their own plate, 3 times."),
    ]
    assert [why for why, _ in theirs].count("self_lookup") == 2, "by a part that fits many, too"


async def test_words_beside_a_plate_that_fit_it_make_no_second_look(hub):
    async with signed_in(hub, somebody("quinn", Role.ANALYST)) as quinn:
        await open_request(quinn)
        await asked(quinn, *[f"{SELDOM} text:{SELDOM}"] * 3)
    _, found = await swept(hub)
    said = {each.words for each in found if each.handle == "quinn"}
    assert "Looked up the same plate 3 times without an open case or call." in said


async def test_a_complaint_finds_what_was_asked_by_a_pattern(hub, ana):
    sealer = hub.hub.door.sealer
    complaints = Complaints(
        hub.hub.store.ledger, hub.hub.audit, sealer, hub.hub.clock, hub.hub.settings.zone()
    )
    before = await complaints._traces(await sealer.seal("plate", SELDOM))
    await asked(ana, "plate:?ZA5563")
    found = await complaints._traces(await sealer.seal("plate", SELDOM))
    assert (found.total, found.by_pattern) == (before.total + 1, before.by_pattern)


@pytest.mark.parametrize(
    ("line", "subjects"),
    [
        ('address:* "jane doe"', [("search", "jane doe"), ("address_pattern", "*")]),
        ("text:ZZA3732 plate:?*", [("search", "ZZA3732"), ("plate_pattern", "?*")]),
        ('"jane doe" 120 Main St', [("address", "120 MAIN ST"), ("search", "jane doe")]),
        ("plate:ZZ0001", [("plate", "ZZ0001")]),
    ],
)
@pytest.mark.parametrize("path", ["/search", "/search/reach"])
async def test_words_are_on_record_whatever_stands_beside_them(hub, ana, path, line, subjects):
    await ana.call("GET", path, q=line)
    event = "search.asked" if path == "/search" else "search.previewed"
    question, sealer = (await noted(hub, event))[0], hub.hub.door.sealer
    named = await noted(hub, "search.named")
    here = [question, *(each for each in named if each.decision.id == question.decision.id)]
    said = [(each.subject.kind, await sealer.open(each.subject)) for each in here]
    assert said == subjects


async def test_words_beside_a_key_are_found_by_a_complaint_and_by_the_sweep(hub):
    """Whoever has them registered, and whoever asks for the same ones again and again."""
    sealer = hub.hub.door.sealer
    complaints = Complaints(
        hub.hub.store.ledger, hub.hub.audit, sealer, hub.hub.clock, hub.hub.settings.zone()
    )
    about = await sealer.seal("name", "Dóe Example")
    await swept(hub)
    before = await complaints._traces(about)
    async with signed_in(hub, somebody("pam", Role.ANALYST)) as pam:
        mine = {"kind": "person", "value": "Dóe Example", "relation": "relative"}
        await pam.send("POST", "/oversight/registrations", mine)
        await open_request(pam)
        words = '"doe example"'
        await asked(pam, f"address:* {words}", f"{words} 120 Main St", f"{words} ZZ0001")
        await asked(pam, 'address:* "example_doe robbery"')
    found = await complaints._traces(about)
    assert (found.total - before.total, found.by_pattern - before.by_pattern) == (3, 1)
    _, findings = await swept(hub)
    theirs = {
        (each.why, each.words, len(each.records)) for each in findings if each.handle == "pam"
    }
    again = "Looked up the same search line 3 times without an open case or call."
    assert ("repeated_target", again, 3) in theirs
    relative = "Looked up a person that they registered as a relative's, 4 times."
    assert ("relative_lookup", relative, 4) in theirs


async def test_what_searches_showed_is_remembered_for_an_hour_and_within_bounds():
    shown = HandedOut()
    shown.searched("ana", {1: Shown(0, "ZZ1", "a")}, now=0)
    shown.searched("ana", {2: Shown(1, "ZZ1", "a")}, now=1)
    assert list(shown.within_an_hour("ana", HOUR)) == [2]
    assert shown.followed("ana", ("plate", "ZZ1"), HOUR) == {1, 2}
    many = {n: Shown(2, f"ZZ{n}", "a") for n in range(SEARCHED + 5)}
    shown.searched("ana", many, now=2)
    assert len(shown.within_an_hour("ana", 3)) == SEARCHED
    assert len(shown._of["ana"].moved) == SUBJECTS
