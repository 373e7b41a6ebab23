"""What an attacker tries at the API. Those on signing in stand in test_sign_on.py and beside the
adapters; docs/threat-model.md names all."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import pytest_asyncio
from aiohttp import ClientSession
from hub import api_of, hub_here, session_of, until
from made_up import call, push_source, read
from policies import adopt
from staff import noted, open_request, signed_in, somebody

from watchfloor.adapters.sqlite.database import Database
from watchfloor.audit import decode
from watchfloor.identity import Role
from watchfloor.ports.store import NewOutgoing
from watchfloor.web import COOKIE, ROUTES
from watchfloor.web.csrf import HEADER

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANA = somebody("ana", Role.ANALYST)
BEN = somebody("ben", Role.ANALYST)
SAM = somebody("sam", Role.SUPERVISOR)
KIM = somebody("kim", Role.AGENCY_IT)
NOOR = somebody("noor", Role.AUDITOR)
GUEST = somebody("gus", Role.PARTNER_AGENCY, agency="mid-county-so")
OTHER = somebody("ola", Role.PARTNER_AGENCY, agency="far-county-so")

CLOSED = "ZZ-00077"
"""A call that is criminal justice information: nobody here is certified for it."""
OLD = "ZZT0002"
"""A plate that was read longer ago than anybody here may look back."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attacks") / "hub"
    adopt(folder, 'contact = "Sam Okafor, 555-0120"\n')
    async with hub_here(folder) as running:
        async with api_of(running.url, session_of(running)) as api:
            await push_source(api)
            long_ago = (datetime.now(UTC) - timedelta(days=300)).isoformat()
            closed = call(77, dataclassification="cji")
            await api.push("push-1", [call(1), read(1), read(2, time=long_ago), closed])
        yield running


@pytest.fixture
def person(hub):
    return lambda who: signed_in(hub, who)


@pytest_asyncio.fixture(loop_scope="module")
async def ana(hub):
    """An analyst with a request open."""
    async with signed_in(hub, ANA) as api:
        await open_request(api)
        yield api


# --- pages of other sites ---------------------------------------------------------------------

EVIL = "https://evil.example.org"


@pytest.mark.parametrize("headers", [
    {"Origin": EVIL, HEADER: "1"},
    {"Sec-Fetch-Site": "cross-site", HEADER: "1"},
    {"Sec-Fetch-Site": "same-site", HEADER: "1"},
    {"Origin": "null", HEADER: "1"},
])  # fmt: skip
@pytest.mark.parametrize(("method", "path", "body"), [
    ("PUT", "/banner", {"text": "Evacuate now", "tone": "warning"}),
    ("DELETE", "/session", None),
    ("POST", "/requests", {"purpose": "missing_endangered", "asked": "x", "provisional": True}),
])  # fmt: skip
async def test_csrf_another_site_does_nothing_with_a_persons_cookie(
    person, method, path, body, headers
):
    async with person(SAM) as sam:
        answer = await sam.call(method, path, body, headers=headers)
        assert (answer.status, answer.code) == (403, "cross_origin")
        assert (await sam.get("/hub"))["banner"] is None
        assert (await sam.get("/session"))["state"] == "open"


@pytest.mark.parametrize("path", ["/session", "/session/break-glass", "/session/terminal"])
@pytest.mark.parametrize("headers", [{"Origin": EVIL, HEADER: "1"}, {}])
async def test_csrf_no_page_signs_its_visitor_in_as_somebody_else(person, path, headers):
    """Without a cookie: another site's post brings none that is kept to its own (``SameSite``)."""
    async with person(SAM) as sam, ClientSession() as nobody:
        url = f"{sam.url}/api/v1{path}"
        async with nobody.post(url, json={"token": "x"}, headers=headers) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (403, "cross_origin")
            assert not answer.cookies


async def test_csrf_a_form_does_nothing(person):
    """A form cannot set the header; the fetch metadata may be missing in an old browser."""
    async with person(SAM) as sam:
        url = f"{sam.url}/api/v1/requests"
        async with sam.client.post(url, data={"purpose": "court_order"}) as answer:
            assert answer.status == 403


# --- somebody else's things -------------------------------------------------------------------


async def test_idor_a_request_of_another_agency_is_as_one_that_is_not_there(person):
    async with person(GUEST) as guest, person(OTHER) as other:
        theirs = await open_request(guest)
        absent = "R-26-999999"
        for method, path, body in (
            ("GET", "/requests/{}", None),
            ("POST", "/requests/{}/cancel", {"note": "Not needed any more"}),
            ("POST", "/requests/{}/note", {"note": "I was here, too"}),
            ("PUT", "/requests/{}", {"purpose": "missing_endangered", "asked": "Something else",
                                     "provisional": True}),
        ):  # fmt: skip
            hidden = await other.call(method, path.format(theirs), body)
            gone = await other.call(method, path.format(absent), body)
            assert hidden.status == gone.status == 404, path
            assert hidden.body == gone.body, path
        stolen = await other.call("PUT", "/session/request", {"request": theirs})
        assert stolen.status == 404
        assert (await guest.get(f"/requests/{theirs}"))["state"] == "open"
        listed = (await other.get("/requests"))["items"]
        assert theirs not in [each["id"] for each in listed]


async def test_idor_an_id_lends_no_purpose(person, ana):
    async with person(GUEST) as guest:
        theirs = await open_request(guest)
        for path in ("/events", "/search"):
            asked = await guest.call("GET", path, request=theirs, q="ZZT0001")
            assert asked.status in (403, 422), path
    closed = await ana.send("POST", "/requests", _ASKED)
    await ana.send("POST", f"/requests/{closed['id']}/cancel", {"note": "Found in the meantime"})
    answer = await ana.call("GET", "/search", q="ZZT0001", request=closed["id"])
    assert (answer.status, answer.code) == (403, "request_not_open")


async def test_who_looks_something_up_for_a_colleagues_request_is_named_in_it(person, ana):
    """Colleagues at one desk work on one request; that somebody did is seen on it."""
    theirs = (await ana.send("POST", "/requests", _ASKED))["id"]
    async with person(BEN) as ben, person(SAM) as sam:
        for _ in range(2):
            answer = await ben.call("GET", "/search", q="ZZT0001", request=theirs)
            assert answer.status == 200
        history = (await sam.get(f"/requests/{theirs}"))["history"]
    assert [(each["by"], each["did"]) for each in history] == [("ana", "opened"), ("ben", "joined")]


_ASKED = {"purpose": "missing_endangered", "asked": "A test asks", "provisional": True}


async def test_idor_a_session_is_ended_by_nobody_who_may_not(hub, person):
    async with person(ANA) as ana, person(BEN) as ben:
        theirs = hub.hub.sessions.find(ben.session).id
        assert (await ana.call("DELETE", f"/sessions/{theirs}")).status == 403
        assert (await ana.call("GET", "/sessions")).status == 403
        cut = await ana.call("POST", "/people/ben/cut-off", {"reason": "because I can"})
        assert cut.status == 403
        assert (await ben.get("/session"))["person"] == "ben"


async def test_idor_a_question_is_seen_by_who_asked_and_who_may_answer(hub, person):
    question = await hub.hub.approvals.ask(ANA, "data", "d" * 64, "A broad search", "Robbery")
    async with person(BEN) as ben, person(KIM) as kim, person(ANA) as ana, person(SAM) as sam:
        for stranger in (ben, kim):
            hidden = await stranger.call("GET", f"/approvals/{question.id}")
            gone = await stranger.call("GET", "/approvals/A-000000000000")
            assert (hidden.status, hidden.body) == (gone.status, gone.body) == (404, gone.body)
        answer = f"/approvals/{question.id}/answer"
        assert (await kim.call("POST", answer, {"granted": True})).status == 404
        assert (await ana.call("POST", answer, {"granted": True})).status == 403
        assert (await sam.get(f"/approvals/{question.id}"))["answer"] is None


# --- fields that nobody offered ---------------------------------------------------------------

BODIES = [
    route for route in ROUTES
    if isinstance(route.body, type) and issubclass(route.body, msgspec.Struct)
]  # fmt: skip


def _structs(kind, seen):
    """Every struct within a type."""
    if isinstance(kind, msgspec.inspect.StructType) and kind.cls not in seen:
        seen.add(kind.cls)
        for each in kind.fields:
            _structs(each.type, seen)
    for name in ("item_type", "value_type"):
        if (inner := getattr(kind, name, None)) is not None:
            _structs(inner, seen)
    for name in ("types", "item_types"):
        for inner in getattr(kind, name, ()):
            _structs(inner, seen)
    return seen


@pytest.mark.parametrize("route", BODIES, ids=lambda route: f"{route.method} {route.path}")
async def test_mass_assignment_no_body_takes_a_field_that_it_does_not_name(route):
    for struct in _structs(msgspec.inspect.type_info(route.body), set()):
        assert struct.__struct_config__.forbid_unknown_fields, struct


@pytest.mark.parametrize("extra", ["id", "opened_by", "state", "reviews", "agency_id", "worker"])
async def test_mass_assignment_a_request_is_not_opened_as_somebody_else(ana, extra):
    answer = await ana.call("POST", "/requests", {**_ASKED, extra: "x"})
    assert (answer.status, answer.code) == (422, "bad_body")


# --- questions that were crafted --------------------------------------------------------------

CRAFTED = [
    f"call:{CLOSED}", f"plate:{OLD}", CLOSED, OLD, "*", "??-00077", "plate:ZZT*", "plate:*",
    f"call:{CLOSED} OR kind:call", f"call:{CLOSED}) OR (1=1", "call:%", "' OR 1=1 --",
    f"plate:{OLD},{CLOSED}", f"source:push-1 {CLOSED}", "source:push-1", "kind:call", "kind:read",
    f"plate:{OLD} kind:read source:push-1", f"-{CLOSED}", "NOT x", "since:1970-01-01",
    "near:29.95,-90.07,20km", "100 Main St", 'classification:cji', "handling:cji", "{}", "\x00",
    f"call:{CLOSED.lower()}", f"call: {CLOSED}", f"plate:{OLD}\u200b",
]  # fmt: skip


@pytest.mark.parametrize("line", CRAFTED, ids=repr)
async def test_filter_bypass_no_line_shows_what_is_closed(ana, line):
    answer = await ana.call("GET", "/search", q=line)
    assert answer.status in (200, 403, 422), answer.body
    if answer.status == 200:
        found = [json.loads(each) for each in answer.body.splitlines()]
        hits = [hit for each in found for hit in each.get("hits", ())]
        assert not [hit for hit in hits if hit["handling"] == "cji" or OLD in hit["headline"]]


@pytest.mark.parametrize("query", [
    {"kind": "call"}, {"kind": "read"}, {"call": CLOSED}, {"call": "*"}, {"call": "ZZ-*"},
    {"source": "push-1"}, {"source": "push-1,push-1"}, {"source": "*"},
    {"since": "1970-01-01T00:00:00Z"}, {"until": "9999-12-31T00:00:00Z"},
    {"cursor": "999999999999999999.999999999999999999"}, {"cursor": "-1.0"},
    {"kind": "read", "since": "1970-01-01T00:00:00Z", "limit": 1000},
])  # fmt: skip
async def test_filter_bypass_no_list_shows_what_is_closed(ana, query):
    answer = await ana.call("GET", "/events", **query)
    assert answer.status in (200, 403, 422), answer.body
    if answer.status == 200:
        items = answer.json["items"]
        assert not [each for each in items if each["handling"] == "cji" or OLD in str(each)]


async def test_filter_bypass_a_parameter_twice_or_of_another_name_is_no_way(ana):
    for query in ("source=push-1&source=push-1", "scope=all", "without_handling=", "purpose=none"):
        answer = await ana.call("GET", f"/events?{query}")
        assert answer.status in (200, 422)
        assert CLOSED.encode() not in answer.body


@pytest.mark.parametrize(
    "query", [{}, {"kind": "read"}, {"kind": "read,call"}, {"asset": "gate-1"}]
)
async def test_filter_bypass_a_list_shows_no_plate_reads_past_the_search(ana, query):
    """With a request open, too: a search counts how far it reaches, and is a look."""
    assert (await ana.lines("/search", q="kind:read"))[-1]["done"]["found"] > 0
    assert not [each for each in await ana.events(**query) if each["kind"] == "read"]


# --- what cannot be seen leaves by no way out -------------------------------------------------


async def _closed_seq(hub):
    rows = await hub.hub.store.log.read(0, 100)
    return next(row.seq for row in rows if CLOSED.encode() in row.body)


async def test_export_what_cannot_be_viewed_leaves_by_no_way_out(hub, ana):
    seq = await _closed_seq(hub)
    for path in ("/events/{}", "/events/{}/raw", "/events/{}/cameras", "/media/{}/0"):
        answer = await ana.call("GET", path.format(seq))
        assert answer.status == 404, path
        assert CLOSED.encode() not in answer.body, path
    for path in ("/live", "/events", "/alerts", "/assets", "/requests", "/sources"):
        answer = await ana.call("GET", path)
        assert answer.status == 200, path
        assert CLOSED.encode() not in answer.body, path


ABSENT = 999_999


async def test_timing_what_is_denied_and_what_is_absent_look_alike(hub, ana, monkeypatch):
    """The same answer for the same work: as many steps of the store, and the same ones."""
    seq, (alert, delivery) = await _closed_seq(hub), await _closed_alert(hub)
    asked: list[str] = []
    real = Database.read

    async def read(self, work):
        if asyncio.current_task().get_coro().__qualname__ == "RequestHandler._handle_request":
            asked.append(getattr(work, "func", work).__qualname__)
        return await real(self, work)

    monkeypatch.setattr(Database, "read", read)
    for method, path, id, body in (
        ("GET", "/events/{}", seq, None),
        ("GET", "/events/{}/raw", seq, None),
        ("GET", "/events/{}/cameras", seq, None),
        ("GET", "/media/{}/0", seq, None),
        ("GET", "/alerts/{}", alert, None),
        ("GET", "/alerts/{}/context", alert, None),
        ("POST", "/alerts/{}/acknowledge", alert, {}),
        ("GET", "/deliveries?alert={}", alert, None),
        ("POST", "/deliveries/{}/again", delivery, {}),
        ("POST", "/deeds", alert, {"source": "push-1", "action": "send"}),
    ):
        seen = []
        for number in (id, ABSENT):
            said = {**body, "alert": number} if path == "/deeds" else body
            asked.clear()
            answer = await ana.call(method, path.format(number), said)
            seen.append((answer.status, answer.body.replace(str(number).encode(), b"N"), [*asked]))
        assert seen[0] == seen[1], path
        assert asked, path


async def _closed_alert(hub):
    """An alert about the closed call, and a delivery of it."""
    book = hub.hub.store.alerts

    async def closed():
        return next((a for a in await book.alerts([], None, 10) if a.handling == "cji"), None)

    alert = await until(closed)
    await book.change_alert(alert, [NewOutgoing("gone", b"{}")])
    return alert.id, (await book.deliveries(alert.id, 1))[0].id


# --- people who have no business with the data -------------------------------------------------

DATA = [route for route in ROUTES if route.access and route.access.purpose != "none"]


@pytest.mark.parametrize("who", [KIM, NOOR, GUEST], ids=lambda who: who.handle)
async def test_it_the_auditor_and_guests_reach_no_data_at_all(person, who):
    async with person(who) as api:
        for route in DATA:
            path = re.sub(r"\{\w+\}", "1", route.path)
            required = {p.name: "x" for p in route.params if p.required and p.where == "query"}
            answer = await api.call(route.method, path, {} if route.body else None, **required)
            assert answer.status in (403, 422), (route.method, path, answer.status)
        if who is KIM:
            for path in ("/events", "/search?q=ZZT0001", "/live"):
                assert (await api.call("GET", path)).status == 403, path


async def test_an_administrator_without_a_purpose_reads_nothing_and_it_is_recorded(hub, person):
    """Nor with one: who runs the machine has no say in its data, whatever else they are."""
    boss = somebody("boss", Role.SUPERVISOR, Role.AGENCY_IT)
    async with person(boss) as api, person(SAM) as sam:
        await open_request(api)
        answer = await api.call("GET", "/search", q="ZZT0001")
        assert (answer.status, answer.code) == (403, "it_reads_no_data")
        answer = await sam.call("GET", "/search", q="ZZT0001")
        assert (answer.status, answer.code) == (403, "purpose_needed")
        assert (await sam.get("/events", kind="read"))["items"] == []
    entry = (await noted(hub, "search.asked"))[0]
    assert (entry.operator.handle, entry.outcome) == ("sam", "denied")
    assert entry.decision.reason == "purpose_needed"


async def test_direct_api_the_console_guards_nothing_that_the_hub_does_not(hub, person):
    """A program with a person's own cookie is decided on as their console is."""
    async with person(ANA) as api:
        url = f"{hub.url}/api/v1/search?q=ZZT0001"
        async with api.client.get(url, headers={"User-Agent": "curl/8"}) as answer:
            assert answer.status == 403
        async with api.client.get(f"{url}&purpose=investigation") as answer:
            assert answer.status == 422


# --- the log, the clock, the cookie -----------------------------------------------------------

FORGED = 'left\n{"event":"session.ended","operator":"noor"}\r\n\u2028\x1b[2K'


async def test_log_injection_no_word_of_theirs_makes_a_line(hub, person):
    async with person(KIM) as kim, person(ANA) as ana:
        await ana.send("POST", "/requests", {**_ASKED, "asked": FORGED, "reason": FORGED})
        await kim.call("POST", "/people/nobody/cut-off", {"reason": FORGED})
        await kim.call("DELETE", "/sessions/x%0d%0aforged%1b%5b2K")
        await kim.call("GET", "/hub", headers={"User-Agent": "x\tforged"})
        ended = await noted(hub, "session.revoked")
        assert ended[0].object.id is not None
    folder = hub.hub.basemap_path.parent
    lines = [
        line
        for file in (folder / "audit").rglob("*.log")
        for line in file.read_bytes().splitlines()
        if line
    ]
    assert len(lines) > 10
    for line in lines:
        number, hash_, record = line.split(b"\t")
        assert number.isdigit()
        assert decode(record).event != "session.ended"
        assert all(byte >= 0x20 for byte in record + hash_)


async def test_clock_set_back_lengthens_no_session(hub, person, monkeypatch):
    async with person(ANA) as ana:
        session = hub.hub.sessions.find(ana.session)

        class Yesterday:
            def now(self):
                return session.begun - 86_400_000_000

        with monkeypatch.context() as patch:
            patch.setattr(hub.hub, "clock", Yesterday())
            answer = await ana.call("GET", "/hub")
            assert (answer.status, answer.code) == (401, "session_locked")
        assert (await ana.call("GET", "/hub")).status == 200


async def test_session_fixation_a_cookie_from_before_is_not_taken_over(hub):
    async with api_of(hub.url) as browser:
        planted = "planted-by-somebody-else-planted-by-somebody-else"
        browser.client.cookie_jar.update_cookies({COOKIE: planted})
        token = hub.hub.invitations.invite(ANA)
        await browser.send("POST", "/session", {"token": token})
        held = {each.value for each in browser.client.cookie_jar if each.key == COOKIE}
        assert any(hub.hub.sessions.find(each) for each in held - {planted})
        assert hub.hub.sessions.find(planted) is None
