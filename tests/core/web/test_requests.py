"""The request desk over the API, with people of several roles and agencies."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import get_args

import pytest
from hub import Api, api_of
from made_up import call, push_source
from staff import noted

from watchfloor.contracts import Topic
from watchfloor.identity import Origin, Person, Role, break_glass

pytestmark = pytest.mark.asyncio(loop_scope="module")

TRAINING = {"purpose": "training_synthetic_only", "asked": "A rehearsal"}
EMERGENCY = {
    "purpose": "emergency_override",
    "asked": "Where is the white van?",
    "reason": "A child was taken from the park a minute ago.\nThere is no call number yet.",
}


@pytest.fixture
def signed_in(hub):
    """``async with signed_in("lee", Role.ANALYST) as api``."""

    @contextlib.asynccontextmanager
    async def sign_in(handle, role, agency="example"):
        person = Person(f"idp|{handle}", handle, handle.title(), agency, frozenset({role}))
        secret, _ = hub.hub.sessions.begin(person, Origin("127.0.0.1", handle))
        async with api_of(hub.url) as nobody:
            nobody.client.cookie_jar.update_cookies({"watchfloor_session": secret})
            yield Api(hub.url, nobody.client, secret)

    return sign_in


async def test_what_a_request_may_be_for_is_told_to_the_form(api):
    told = await api.get("/purposes")
    assert told["items"][0] == {
        "code": "in_progress_call", "title": "Call in progress", "needs": ["call"],
        "synthetic_only": False, "emergency": False,
    }  # fmt: skip
    assert [each["code"] for each in told["topics"]] == list(get_args(Topic))


async def test_a_due_that_utc_cannot_say_takes_no_list_down(hub, signed_in):
    far = "9999-12-31T23:59:59-05:00"
    async with (
        signed_in("guest", Role.PARTNER_AGENCY, "north-so") as guest,
        signed_in("lee", Role.ANALYST) as lee,
    ):
        refused = await guest.call("POST", "/requests", {**TRAINING, "due": far})
        assert (refused.status, refused.code) == (422, "bad_moment")
        opened = (await guest.send("POST", "/requests", {**TRAINING, "due": far[:19] + "Z"}))["id"]
        kept = await hub.hub.store.requests.change(  # as it was taken once
            opened, lambda request: replace(request, due=request.due + 5 * 3_600_000_000)
        )
        shown = await lee.get(f"/requests/{kept.id}")
        assert shown["due"] == "9999-12-31T23:59:59.999Z"
        assert opened in [each["id"] for each in (await lee.get("/requests"))["items"]]


async def test_what_a_request_is_declared_to_be_about_closes_all_that_is_asked_in_it(
    hub, signed_in
):
    asked = {"purpose": "missing_endangered", "asked": "Seen at the protest", "provisional": True}
    async with signed_in("lee", Role.ANALYST) as lee:
        request = await lee.send("POST", "/requests", {**asked, "about": ["first_amendment"]})
        assert request["about"] == ["first_amendment"]
        query = {"q": "plate:ZZT1234", "request": request["id"]}
        for path in ("/search/reach", "/search"):
            answer = await lee.call("GET", path, **query)
            assert (answer.status, answer.code) == (403, "topic_closed")
        [denied] = (await noted(hub, "search.asked"))[:1]
        assert denied.purpose.about == ["first_amendment"]
        assert await hub.hub.door.sealer.open(denied.purpose.asked) == asked["asked"]
        async with signed_in("noor", Role.AUDITOR) as noor:
            [record] = (await noor.get("/audit", event="search.asked", limit=1))["items"]
            why = {"reason": "A test reads what was asked"}
            opened = await noor.send("POST", f"/audit/{record['index']}/unseal", why)
        assert opened == {"subject": "ZZT1234", "asked": asked["asked"], "reason": None}
        changed = await lee.send("PUT", f"/requests/{request['id']}", {**asked, "about": []})
        assert (changed["about"], changed["history"][-1]["note"]) == ([], "about")
        assert (await lee.call("GET", "/search", **query)).status == 200


async def test_a_call_is_told_of_in_its_request_as_far_as_who_opens_it_sees_it(api, signed_in):
    """Not to another agency's people, who see no calls: numbers come one after another."""
    await push_source(api, "told-cad")
    await api.push("told-cad", [call(43, "told-cad")])
    async with (
        signed_in("lee", Role.ANALYST) as lee,
        signed_in("gail", Role.ANALYST, "north-so") as guest,
    ):
        opened = [
            await each.send("POST", "/requests/for-call", {"call": "ZZ-00043"})
            for each in (lee, guest)
        ]
    assert [each["asked"] for each in opened] == [
        "Armed robbery at 100 Main St", "Call in progress",
    ]  # fmt: skip


async def test_from_a_live_call_to_an_outcome(api, signed_in):
    await push_source(api, "desk-cad")
    await api.push("desk-cad", [call(41, "desk-cad")])
    async with signed_in("lee", Role.ANALYST) as lee:
        opened = await lee.send("POST", "/requests/for-call", {"call": "zz-00041"})
        assert opened["number"] == "ZZ-00041"
        assert (opened["checked"], opened["worker"]) == ("desk-cad", "lee")
        again = await lee.send("POST", "/requests/for-call", {"call": "ZZ-00041"})
        assert again["id"] == opened["id"]
        await lee.send("PUT", "/session/request", {"request": opened["id"]})
        assert (await lee.get("/session"))["request"] == opened["id"]
        path = f"/requests/{opened['id']}"
        await lee.send("POST", f"{path}/attach", {"lookup": "l-1"})
        done = await lee.send("POST", f"{path}/answer", {"outcome": "found", "answer": "North"})
        assert (done["state"], done["outcome"], done["findings"]) == (
            "done", "found", [{"event": None, "lookup": "l-1"}],
        )  # fmt: skip
        refused = await lee.call("PUT", "/session/request", {"request": opened["id"]})
        assert refused.code == "request_not_open"
        await lee.send("POST", f"{path}/reopen", {})
        await lee.send("POST", f"{path}/take", {"worker": "kim"})
        cancelled = await lee.send("POST", f"{path}/cancel", {"note": "Not wanted"})
        assert [entry["did"] for entry in cancelled["history"]] == [
            "opened", "attached", "answered", "reopened", "handed over", "cancelled",
        ]  # fmt: skip


async def test_a_number_is_tied_later(api):
    await push_source(api, "desk-cad")
    await api.push("desk-cad", [call(42, "desk-cad")])
    asked = {"purpose": "officer_safety", "asked": "Who lives there?", "provisional": True}
    opened = await api.send("POST", "/requests", asked)
    assert opened["number"] == opened["stand_in"] == opened["id"].replace("R-", "P-")
    path = f"/requests/{opened['id']}"
    unknown = await api.call("POST", f"{path}/tie", {"number": "ZZ-99999"})
    assert (unknown.status, unknown.code) == (403, "unknown_call")
    tied = await api.send("POST", f"{path}/tie", {"number": "ZZ-00042"})
    assert (tied["call_number"], tied["stand_in"]) == ("ZZ-00042", None)
    changed = await api.send("PUT", path, {**asked, "provisional": False, "number": "ZZ-00042",
                                           "priority": "urgent"})  # fmt: skip
    assert changed["priority"] == "urgent"
    assert changed["history"][-1]["note"] == "priority"


async def test_lists_are_paged_counted_and_found_by_number(api):
    ids = [(await api.send("POST", "/requests", TRAINING))["id"] for _ in range(3)]
    page = await api.get("/requests", show="open", limit=2)
    assert [item["id"] for item in page["items"]] == ids[:0:-1]
    assert page["counts"]["open"] >= 3
    rest = await api.get("/requests", show="open", limit=2, before=page["next"])
    assert rest["items"][0]["id"] == ids[0]
    found = await api.get("/requests", number=ids[1])
    assert [item["id"] for item in found["items"]] == [ids[1]]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**TRAINING, "asked": " "},
        {**TRAINING, "purpose": "curiosity"},
        {**TRAINING, "state": "done"},
        {**TRAINING, "opened_by": "idp|somebody-else"},
        {**TRAINING, "reviews": []},
        {**TRAINING, "channel": "rumour"},
    ],
)
async def test_what_is_no_form_is_refused(api, body):
    """Mass assignment included: nobody opens a request that is reviewed, done, or another's."""
    assert (await api.call("POST", "/requests", body)).code == "bad_body"


async def test_an_emergency_is_reviewed_by_somebody_else(signed_in):
    async with (
        signed_in("lee", Role.ANALYST) as lee,
        signed_in("sup", Role.SUPERVISOR) as sup,
        signed_in("aud", Role.AUDITOR) as aud,
    ):
        opened = await lee.send("POST", "/requests", EMERGENCY)
        [review] = opened["reviews"]
        assert (review["why"], review["verdict"]) == ("emergency", None)
        assert (await lee.call("GET", "/requests/in-review")).status == 403
        path = f"/requests/{opened['id']}/review"
        verdict = {"verdict": "justified", "note": "It was what it said."}
        assert (await lee.call("POST", path, verdict)).status == 403
        waiting = (await aud.get("/requests/in-review"))["items"]
        assert opened["id"] in [item["id"] for item in waiting]
        reviewed = await sup.send("POST", path, verdict)
        assert reviewed["reviews"][0]["by"] == "sup"
        assert (await aud.call("POST", path, verdict)).code == "nothing_to_review"


async def test_who_oversees_reads_every_request_and_changes_none(signed_in):
    async with signed_in("lee", Role.ANALYST) as lee, signed_in("aud", Role.AUDITOR) as aud:
        opened = await lee.send("POST", "/requests", TRAINING)
        assert (await aud.get(f"/requests/{opened['id']}"))["asked"] == opened["asked"]
        assert opened["id"] in [item["id"] for item in (await aud.get("/requests"))["items"]]
        for verb in ("note", "cancel"):
            answer = await aud.call("POST", f"/requests/{opened['id']}/{verb}", {"note": "x"})
            assert (answer.status, answer.code) == (403, "not_your_role"), verb


async def test_a_guest_agency_asks_and_sees_its_own_alone(api, signed_in):
    agency = {"name": "Next City PD", "kind": "local", "ori": "ZZ0000000", "state": "US-LA"}
    assert await api.send("PUT", "/agencies/next-pd", agency) == {"id": "next-pd", **agency}
    ours = (await api.send("POST", "/requests", TRAINING))["id"]
    async with signed_in("gast", Role.PARTNER_AGENCY, "next-pd") as guest:
        own = await guest.send("POST", "/requests", TRAINING)
        assert own["agency"] == "next-pd"
        assert [item["id"] for item in (await guest.get("/requests"))["items"]] == [own["id"]]
        for method, path, body in (
            ("GET", f"/requests/{ours}", None),
            ("PUT", f"/requests/{ours}", TRAINING),
            ("POST", f"/requests/{ours}/note", {"note": "x"}),
            ("POST", f"/requests/{ours}/cancel", {"note": "x"}),
        ):
            answer = await guest.call(method, path, body)
            assert (answer.status, answer.code) == (404, "no_such_request")
        missing = await guest.call("GET", "/requests/R-26-999999")
        hidden = await guest.call("GET", f"/requests/{ours}")
        assert missing.body == hidden.body, "hidden and absent are one"
        assert (await guest.call("PUT", "/agencies/next-pd", agency)).status == 403
    assert [item["id"] for item in (await api.get("/agencies"))["items"]] == ["next-pd"]


async def test_imported_outcomes_are_counted_once(api):
    rows = [
        ["2022-01-01T07:07:00Z", "found", None, "next-pd", "call"],
        ["2022-02-01T07:07:00Z", "not_found", None, None, None],
    ]
    for _ in range(2):
        assert await api.send("PUT", "/requests/past/2022", {"rows": rows}) == {"rows": 2}
    window = {"since": "2022-01-01T00:00:00Z", "until": "2023-01-01T00:00:00Z"}
    figures = await api.get("/requests/figures", **window)
    assert (figures["total"], figures["imported"]) == (2, 2)
    assert figures["outcomes"] == {"found": 1, "not_found": 1}
    assert figures["months"] == {"2022-01": {"found": 1}, "2022-02": {"not_found": 1}}
    wrong = await api.call(
        "PUT", "/requests/past/2022", {"rows": [["today", None, None, None, None]]}
    )
    assert wrong.code == "bad_moment"
    assert (await api.call("GET", "/requests/figures", since="today")).code == "bad_parameter"


async def test_a_second_person_answers_and_whoever_waits_hears_it(hub, signed_in):
    async with (
        signed_in("lee", Role.ANALYST) as lee,
        signed_in("sup", Role.SUPERVISOR) as sup,
        signed_in("desk-it", Role.AGENCY_IT) as it,
    ):
        asker = hub.hub.sessions.find(lee.session).person
        asked = await hub.hub.approvals.ask(asker, "data", "d" * 64, "All of it", "broad", None)
        path = f"/approvals/{asked.id}"
        assert (await it.get("/approvals"))["items"] == []
        assert (await it.call("POST", f"{path}/answer", {"granted": True})).status == 404
        assert (await lee.call("POST", f"{path}/answer", {"granted": True})).status == 403
        [waiting] = (await sup.get("/approvals"))["items"]
        assert (waiting["what"], waiting["asker"]) == ("All of it", "lee")
        hearing = asyncio.create_task(lee.get(path, wait=20))
        await asyncio.sleep(0.05)
        await sup.send("POST", f"{path}/answer", {"granted": True, "note": "Go on"})
        async with asyncio.timeout(10):
            heard = await hearing
        assert (heard["answer"], heard["answerer"]) == ("granted", "sup")
        late = await sup.call("POST", f"{path}/answer", {"granted": False})
        assert late.code == "approval_answered"


NIGHT = {"id": "night", "name": "Night Desk", "role": "agency_it",
         "password": "Marmalade tugboat 7 lanterns"}  # fmt: skip


async def test_who_made_a_break_glass_account_is_no_second_person_for_it(
    hub, signed_in, monkeypatch
):
    """They know its password: neither answers what the other asked."""
    monkeypatch.setattr(break_glass, "ROUNDS", 600)
    asks = hub.hub.approvals.ask
    async with (
        signed_in("kim", Role.AGENCY_IT) as kim,
        signed_in("leo", Role.AGENCY_IT) as leo,
        signed_in("tom", Role.AGENCY_IT) as night,
    ):
        await kim.send("POST", "/break-glass", NIGHT)
        await leo.send("POST", "/break-glass/night/enable")
        sign_in = {"account": NIGHT["id"], "password": NIGHT["password"]}
        wrong = sign_in | {"password": "not the one"}
        await night.call("POST", "/session/break-glass", wrong)
        [refused, *_] = await noted(hub, "session.begun")
        assert refused.more["account"] == NIGHT["id"]
        who = await night.send("POST", "/session/break-glass", sign_in)
        assert who["person"] == "break-glass:night"

        people = {each.person.handle: each.person for each in hub.hub.sessions.all()}
        granted = {"granted": True}
        for asker, other in (("kim", night), ("break-glass:night", kim)):
            asked = await asks(people[asker], "settings", asker * 9, "A setting", "", None)
            own = await other.call("POST", f"/approvals/{asked.id}/answer", granted)
            assert (own.status, own.code) == (403, "own_approval"), asker
            await leo.send("POST", f"/approvals/{asked.id}/answer", granted)

        document = {"document": {"rules": []}}
        proposed = await kim.send("POST", "/retention/proposals", document)
        path = f"/retention/proposals/{proposed['version']}/approve"
        assert (await night.call("POST", path)).code == "own_approval"

        await kim.send("POST", "/break-glass", {**NIGHT, "id": "dusk"})
        assert (await night.call("POST", "/break-glass/dusk/enable")).code == "own_approval"
        for id in ("night", "dusk"):
            await leo.send("DELETE", f"/break-glass/{id}")
