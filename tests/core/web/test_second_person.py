"""What a second person is shown and agrees to, who they are, for how long it counts, and what is on
record of it."""

from __future__ import annotations

import pytest
import pytest_asyncio
from at_flock import SOURCE, flock
from hub import api_of, hub_here, session_of
from policies import adopt
from staff import noted, open_request, signed_in, somebody

from watchfloor.identity import FRESH, Role
from watchfloor.ports.store import Instance
from watchfloor.web.handlers.sources import NewSource, differences

pytestmark = pytest.mark.asyncio(loop_scope="module")

TERMS = {"name": "State extract", "owner": "Example State Police", "reason": "Wanted"}
FOLLOWS = "id: vendors\ntitle: Vendor\nseverity: low\nkinds: [hit]\nwhen: data.plate == 'ZZT4321'\n"
EMERGENCY = {
    "purpose": "emergency_override",
    "asked": "Where is the white van?",
    "reason": "A child was taken from the park a minute ago.\nThere is no call number yet.",
    "provisional": False,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("second") / "hub"
    adopt(folder)
    async with hub_here(folder) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def sid(hub):
    async with signed_in(hub, somebody("sid", Role.SUPERVISOR)) as api:
        yield api


@pytest_asyncio.fixture(loop_scope="module")
async def sue(hub):
    async with signed_in(hub, somebody("sue", Role.SUPERVISOR)) as api:
        yield api


@pytest_asyncio.fixture(loop_scope="module")
async def kim(hub):
    async with signed_in(hub, somebody("kim", Role.AGENCY_IT)) as api:
        yield api


async def asked(api, method, path, body):
    """The question that it puts to a second person."""
    answer = await api.call(method, path, body)
    assert (answer.status, answer.code) == (403, "second_person_needed"), answer.body
    return answer.json["error"]["approval"]


async def agree(api, id, granted=True):
    return await api.call("POST", f"/approvals/{id}/answer", {"granted": granted})


async def waiting(api):
    return {each["id"]: each for each in (await api.get("/approvals"))["items"]}


# --- what follows plates ----------------------------------------------------------------------


@pytest.mark.parametrize("more", ["", "when: data.plate == 'ZZT4321'\n", "notify: [x]\n"])
async def test_no_rule_is_about_all_plate_reads(sid, more):
    """Reads without a list are shown one by one in a search with a purpose alone."""
    for kinds in ("read", "call, read", "lpr"):
        rule = f"id: all\ntitle: All\nseverity: low\nkinds: [{kinds}]\n{more}"
        answer = await sid.call("PUT", "/rules/all", {"document": rule})
        assert (answer.status, answer.code) == (422, "rule_invalid")
        assert "needs a 'hot_list'" in answer.json["error"]["detail"]
        assert "line 4, kinds" in answer.json["error"]["detail"]


@pytest.mark.parametrize(
    ("rule", "two"),
    [
        ("kinds: [hit]", True),
        ("kinds: [hit]\nwithin: {circle: {center: [-90.07, 29.95], radius_m: 9000}}", True),
        ("kinds: [read]\nhot_list: any\nwhen: data.plate == 'ZZT4321'", True),
        ("kinds: [read]\nhot_list: any", False),
        ("kinds: [call]\nwhen: data.priority == 1", False),
    ],
)
async def test_a_rule_that_follows_plates_takes_a_second_person(sid, rule, two):
    document = f"id: cars\ntitle: Cars\nseverity: low\n{rule}\n"
    off = await sid.call("PUT", "/rules/cars", {"document": document, "enabled": False})
    assert off.status == 200, "what is switched off follows nothing"
    answer = await sid.call("PUT", "/rules/cars", {"document": document})
    if not two:
        assert answer.status == 200
        return
    assert (answer.status, answer.code) == (403, "second_person_needed")


async def test_who_agrees_to_a_rule_on_plates_sees_data_and_the_whole_rule(sid, sue, kim):
    id = await asked(sid, "PUT", "/rules/vendors", {"document": FOLLOWS})
    question = (await waiting(sue))[id]
    assert question["what"] == "Put a rule that follows plates in force: vendors"
    assert question["shown"] == FOLLOWS
    assert question["subject"] == "following"
    assert id not in await waiting(kim)
    assert "ZZT4321" not in str(await waiting(kim))
    assert (await agree(kim, id)).code == "no_such_approval"
    assert (await agree(sue, id)).status == 200
    assert (await sid.send("PUT", "/rules/vendors", {"document": FOLLOWS}))["state"] == "active"


async def test_no_emergency_stands_in_for_who_agrees_to_follow_plates(sid):
    """An override opens a look; a rule would go on."""
    emergency = await open_request(sid, **EMERGENCY)
    id = await asked(sid, "PUT", "/rules/vendors", {"document": FOLLOWS + "description: More\n"})
    answer = await sid.call("POST", f"/approvals/{id}/override", {"request": emergency})
    assert (answer.status, answer.code) == (403, "no_override")


async def test_a_rule_stands_in_its_record_sealed(hub, sid):
    document = "id: calls\ntitle: C\nseverity: low\nkinds: [call]\nwhen: \"'ZZT1' in data.plates\""
    await sid.send("PUT", "/rules/calls", {"document": document})
    [entry, *_] = await noted(hub, "rule.changed")
    assert entry.object.id == "calls"
    assert entry.subject.kind == "rule"
    assert await hub.hub.door.sealer.open(entry.subject) == document
    assert "ZZT1" not in str(entry)


async def test_who_agrees_to_a_file_sees_its_list_and_its_first_lines(hub, sid, sue, kim):
    await sid.send("PUT", "/hot-lists/state", TERMS)
    lines = ["plate,region,reason", *(f"ZZS{number:04},US-LA,Wanted" for number in range(100))]
    body = "\n".join(lines).encode()
    id = await asked(sid, "PUT", "/hot-lists/state/entries", body)
    assert id not in await waiting(kim)
    question = (await waiting(sue))[id]
    assert question["what"] == "Replace a hot list by a file of 101 lines: state"
    head, _, shown = question["shown"].partition("\n\n")
    assert head == "State extract, of Example State Police: 0 entries now"
    assert shown.splitlines() == [*lines[:20], "and 81 lines more"]
    await agree(sue, id)
    await sid.send("PUT", "/hot-lists/state/entries", body)
    [entry, *_] = await noted(hub, "hot_list.changed")
    assert entry.more["lines"] == 101
    none = await sid.call("PUT", "/hot-lists/nowhere/entries", body)
    assert (none.status, none.code) == (404, "no_such_hot_list")
    mac = b"\rplate\r\nZZT1234\r"
    id = await asked(sid, "PUT", "/hot-lists/state/entries", mac)
    question = (await waiting(sue))[id]
    assert question["what"].endswith("of 3 lines: state")
    assert question["shown"].splitlines()[2:] == ["", "plate", "ZZT1234"]
    few = b"plate,region,reason\nZZT1234,US-LA," + b"x" * 500 + b"\n\xff"
    id = await asked(sid, "PUT", "/hot-lists/state/entries", few)
    head, _, shown = (await waiting(sue))[id]["shown"].partition("\n\n")
    assert head.endswith("100 entries now")
    assert "more" not in shown
    assert all(len(line) <= 201 for line in shown.splitlines())


# --- at a desk that was left open -------------------------------------------------------------


async def test_a_yes_is_given_by_nobody_at_a_desk_that_was_left_open(hub, kim, sid, sue):
    """Whoever asks could walk there and agree to it. A look at data cannot wait for a proof; what
    is done outside, and where one vehicle was for weeks, can."""
    off = await asked(kim, "POST", "/sources/drill/disable", None)
    rule = await asked(sid, "PUT", "/rules/vendors", {"document": FOLLOWS})
    ana = somebody("ana", Role.ANALYST)
    look, *others = [
        await hub.hub.approvals.ask(ana, subject, f"{subject:d<64}", "A question", "Because")
        for subject in ("data", "deed", "history", "export")
    ]
    session = hub.hub.sessions.find(sue.session)
    session.authenticated -= FRESH
    for id in (off, rule, *(each.id for each in others)):
        refused = await agree(sue, id)
        assert (refused.status, refused.code) == (403, "reauthenticate")
    assert (await agree(sue, look.id)).status == 200
    assert (await agree(sue, rule, granted=False)).status == 200, "a no harms nobody"
    session.authenticated += FRESH
    assert (await agree(sue, off)).status == 200


# --- where things go --------------------------------------------------------------------------

MAIL = {"server": "smtp://127.0.0.1:9", "sender": "alerts@example.org",
        "recipients": ["desk@example.org"]}  # fmt: skip
ELSEWHERE = MAIL | {"recipients": ["kim@elsewhere.example.net"]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mail(hub):
    """A source by which alerts leave, in their own words."""
    async with (
        signed_in(hub, somebody("kim", Role.AGENCY_IT)) as kim,
        signed_in(hub, somebody("sid", Role.SUPERVISOR)) as sid,
        signed_in(hub, somebody("sue", Role.SUPERVISOR)) as sue,
    ):
        await kim.send("PUT", "/sources/mail", _mail())
        channel = {"source": "mail", "include_details": True}
        question = await asked(sid, "PUT", "/channels/mail", channel)
        shown = (await waiting(sue))[question]["shown"]
        await agree(sue, question)
        await sid.send("PUT", "/channels/mail", channel)
    yield shown


def _mail(config=MAIL, **more):
    return {"connector": "email", "name": "Mail", "config": config, **more}


async def test_who_agrees_to_a_channel_by_a_source_sees_to_whom_it_goes(mail):
    assert "desk@example.org" in mail


async def test_nobody_alone_sends_elsewhere_what_leaves_by_a_source(hub, kim, sue, mail):
    question = await asked(kim, "PUT", "/sources/mail", _mail(ELSEWHERE))
    told = (await waiting(sue))[question]
    assert told["what"] == "Change where a source sends things: mail"
    assert told["shown"] == ('recipients: ["desk@example.org"] → ["kim@elsewhere.example.net"]')
    assert (await kim.source("mail"))["config"]["recipients"] == MAIL["recipients"]
    await kim.send("PUT", "/sources/mail", _mail() | {"name": "Mail of the desk"})
    off = await asked(kim, "PUT", "/sources/mail", _mail(ELSEWHERE, enabled=False))
    assert "elsewhere" in (await waiting(sue))[off]["shown"], "whatever else it changes"
    await agree(sue, question)
    await kim.send("PUT", "/sources/mail", _mail(ELSEWHERE))
    assert (await kim.source("mail"))["config"]["recipients"] == ELSEWHERE["recipients"]


async def test_a_yes_to_a_channel_is_to_its_source_as_it_was_shown(sid, sue, kim):
    """While no channel names it, and it is off, agency IT changes it alone."""
    channel = {"source": "post", "include_details": True}
    await kim.send("PUT", "/sources/post", _mail(enabled=False))
    first = await asked(sid, "PUT", "/channels/post", channel)
    assert "desk@example.org" in (await waiting(sue))[first]["shown"]
    await kim.send("PUT", "/sources/post", _mail(ELSEWHERE, enabled=False))
    await agree(sue, first)
    second = await asked(sid, "PUT", "/channels/post", channel)
    assert "kim@elsewhere.example.net" in (await waiting(sue))[second]["shown"]
    await agree(sue, second)
    await kim.send("PUT", "/sources/post", _mail(MAIL | {"sender": "x@example.org"}, enabled=False))
    assert await asked(sid, "PUT", "/channels/post", channel) not in (first, second)
    await kim.send("PUT", "/sources/post", _mail(enabled=False))
    await sid.send("PUT", "/channels/post", channel)
    await asked(kim, "PUT", "/sources/post", _mail(ELSEWHERE, enabled=False))


async def test_where_questions_are_asked_is_changed_by_two_once_they_are(hub, kim):
    async with api_of(hub.url, session_of(hub)) as api, flock(api):
        config = (await kim.source(SOURCE))["config"]
        wanted = {"connector": "flock", "name": "Plates", "config": config}
        await kim.send("PUT", f"/sources/{SOURCE}", wanted)
        moved = {**wanted, "config": {**config, "base_url": "http://127.0.0.1:9"}}
        await asked(kim, "PUT", f"/sources/{SOURCE}", moved)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ({"every_s": 5}, {"every_s": 60.0}, ""),
        ({"server": "a.example"}, {"server": "b.example"}, 'server: "a.example" → "b.example"'),
        ({"verify_tls": True}, {"verify_tls": False}, "verify_tls: true → false"),
        ({"port": 587}, {"port": 2525}, "port: 587 → 2525"),
        ({"every_s": 5}, {"every_s": "x"}, 'every_s: 5 → "x"'),
        ({}, {"every_s": 5}, "every_s: (none) → 5"),
    ],
)
async def test_what_a_second_person_sees_of_changed_settings_is_all_but_measures(
    before, after, shown
):
    known = Instance(id="mail", connector="email", name="Mail", config=before, enabled=True)
    assert differences(known, NewSource(connector="email", name="Mail", config=after)) == shown


async def test_what_only_brings_data_is_set_up_and_corrected_by_one(kim):
    for address in ("http://127.0.0.1:9", "http://127.0.0.1:10"):
        config = {"feed_url": address, "fleet": "Example"}
        wanted = {"connector": "gtfs-realtime", "name": "Units", "config": config}
        await kim.send("PUT", "/sources/units", wanted)


# --- where alerts go --------------------------------------------------------------------------

HOOK = "https://receiver.example.org/hook/secret-path"


async def test_a_new_place_and_an_alert_s_own_words_take_two(hub, sid, kim):
    path = "/channels/partner"
    plain = {"url": HOOK}
    id = await asked(sid, "PUT", path, plain)
    question = (await waiting(kim))[id]
    assert question["what"] == "Send alerts outside: partner"
    to, says = question["shown"].splitlines()
    assert (to, says) == (f"To {HOOK}", "Kind, severity, time, place and link; no plate, no name")
    await agree(kim, id)
    await sid.send("PUT", path, plain)
    [entry, *_] = await noted(hub, "channel.changed")
    assert (entry.more["to"], entry.more["details"]) == ("receiver.example.org", False)
    assert "secret-path" not in str(entry)

    again = await sid.call("PUT", path, plain | {"min_severity": "high"})
    other = await sid.call("PUT", "/channels/other", {"url": "https://receiver.example.org/b"})
    assert (again.status, other.status) == (200, 200), "alerts go there already"

    id = await asked(sid, "PUT", path, plain | {"include_details": True})
    shown = (await waiting(kim))[id]["shown"]
    assert shown.endswith("And its own words: title and reason, with plates")
    await agree(kim, id)
    await sid.send("PUT", path, plain | {"include_details": True})
    await sid.send("PUT", path, plain | {"include_details": True, "enabled": False})
    elsewhere = {"url": "https://receiver.example.org/b", "include_details": True}
    await asked(sid, "PUT", "/channels/other", elsewhere)
    await asked(sid, "PUT", "/channels/people", {"source": "chat"})
    for none in ({"url": "not an address"}, {"url": "https://[::1", "include_details": True}):
        assert (await sid.call("PUT", "/channels/none", none)).code == "bad_channel_url"


async def test_who_agrees_to_an_impact_statement_reads_it(kim, sue):
    said = {"version": "1.0.0", "data": "Plates", "legal_basis": "Order 7", "retention_days": 30}
    id = await asked(kim, "PUT", "/sources/push-1/impact", said)
    question = (await waiting(sue))[id]
    assert question["what"] == "Approve an impact statement: push-1"
    assert question["shown"].splitlines() == [
        "Version: 1.0.0", "Data: Plates", "Legal basis: Order 7", "Kept: 30 days",
    ]  # fmt: skip


async def test_what_an_impact_statement_says_passes_for_no_other_line_of_it(kim, sue):
    said = {"version": "1.0.0", "data": "Calls\nLegal basis: Order 8",
            "legal_basis": "None\r\nKept: 1", "retention_days": 30}  # fmt: skip
    id = await asked(kim, "PUT", "/sources/push-1/impact", said)
    assert (await waiting(sue))[id]["shown"].splitlines() == [
        "Version: 1.0.0", "Data: Calls", "  Legal basis: Order 8", "Legal basis: None", "  Kept: 1",
        "Kept: 30 days",
    ]  # fmt: skip


# --- one yes, one deed, on record -------------------------------------------------------------


async def test_one_yes_is_for_one_deed(hub, sid, sue):
    rule = {"document": FOLLOWS.replace("ZZT4321", "ZZT4322")}
    id = await asked(sid, "PUT", "/rules/vendors", rule)
    await agree(sue, id)
    await sid.send("PUT", "/rules/vendors", rule)
    await sid.send("DELETE", "/rules/vendors")
    assert await asked(sid, "PUT", "/rules/vendors", rule) != id


async def test_the_record_says_what_was_asked_and_answered_and_for_what_it_counted(hub, sid, sue):
    rule = {"document": FOLLOWS.replace("ZZT4321", "ZZT4323")}
    id = await asked(sid, "PUT", "/rules/vendors", rule)
    [question, *_] = await noted(hub, "approval.asked")
    assert question.object.id == id
    assert question.more["about"] == "following"
    assert question.more["what"] == "Put a rule that follows plates in force: vendors"
    assert len(question.more["digest"]) == 64
    assert "ZZT4323" not in str(question)
    [refused, *_] = await noted(hub, "rule.changed")
    assert (refused.outcome, refused.more["approval"]) == ("denied", id)

    await agree(sue, id, granted=False)
    [no, *_] = await noted(hub, "approval.given")
    assert (no.object.id, no.more["answer"]) == (id, "declined")

    again = await asked(sid, "PUT", "/rules/vendors", rule)
    [question, *_] = await noted(hub, "approval.asked")
    assert question.object.id == again
    await agree(sue, again)
    [yes, *_] = await noted(hub, "approval.given")
    assert (yes.object.id, yes.more["answer"]) == (again, "granted")
    await sid.send("PUT", "/rules/vendors", rule)
    [done, *_] = await noted(hub, "rule.changed")
    assert (done.outcome, done.more["approval"]) == ("done", again)


async def test_a_yes_to_a_look_opens_its_further_pages_and_is_named_by_each(hub, sue):
    async with signed_in(hub, somebody("ana", Role.ANALYST)) as ana:
        await open_request(ana, **EMERGENCY)
        line = {"q": "plate:ZZT1234 since:60d"}
        refused = await ana.call("GET", "/search", **line)
        assert refused.code == "supervisor_needed"
        id = refused.json["error"]["approval"]
        await agree(sue, id)
        for _ in range(2):
            await ana.lines("/search", **line)
        entries = (await noted(hub, "history.viewed"))[:2]
        assert [each.more["approval"] for each in entries] == [id, id]
