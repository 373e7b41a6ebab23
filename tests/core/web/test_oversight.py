"""Oversight by the API, with people of several roles."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile

import pytest
import pytest_asyncio
from hub import hub_here
from policies import adopt
from staff import noted, open_request, signed_in, somebody

from watchfloor.adapters.clock import SystemClock
from watchfloor.audit import Verifier
from watchfloor.audit.verify import verify
from watchfloor.contracts import rfc3339
from watchfloor.identity import Role
from watchfloor.oversight import DAY
from watchfloor.oversight.looks import is_look
from watchfloor.web import admission
from watchfloor.web.handed import HandedOut

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("oversight") / "hub"
    adopt(folder)
    async with hub_here(folder) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def auditor(hub):
    async with signed_in(hub, somebody("aud", Role.AUDITOR)) as api:
        yield api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def found(hub, auditor):
    """What was found about somebody who searched one plate three times without a number."""
    async with signed_in(hub, somebody("ana", Role.ANALYST)) as ana:
        await open_request(ana)
        for _ in range(3):
            await ana.lines("/search", q="plate:ZZT1234")
    assert (await auditor.send("POST", "/oversight/sweep"))["new"] >= 1
    listed = (await auditor.get("/oversight/reviews"))["items"]
    [item] = [each for each in listed if each["why"] == "repeated_target"]
    return item


async def test_a_finding_stands_with_its_records_and_names_no_plate(auditor, found):
    assert (found["person"], found["name"], found["overdue"]) == ("ana", "ana", False)
    shown = await auditor.call("GET", f"/oversight/reviews/{found['id']}")
    assert b"ZZT1234" not in shown.body
    assert [each["index"] for each in shown.json["records"]] == found["records"]
    assert {each["entry"]["event"] for each in shown.json["records"]} == {"search.asked"}


async def test_a_line_that_names_nothing_is_nobodys_name(hub, auditor):
    """Whoever looks through the day's reports stalks nobody."""
    async with signed_in(hub, somebody("rae", Role.ANALYST)) as rae:
        await open_request(rae)
        for _ in range(4):
            await rae.lines("/search", q="kind:report")
        await rae.lines("/search", q="kind:report jane doe")
    named, *others = (await noted(hub, "search.asked"))[:5]
    assert named.subject.kind == "search"
    assert {each.subject.kind for each in others} == {"line"}
    await auditor.send("POST", "/oversight/sweep")
    listed = (await auditor.get("/oversight/reviews"))["items"]
    assert not [each for each in listed if each["person"] == "rae"]


@pytest.mark.parametrize(
    ("role", "code"),
    [
        (Role.SUPERVISOR, "same_chain"),
        (Role.ANALYST, "not_your_role"),
        (Role.AGENCY_IT, "not_your_role"),
    ],
)
async def test_who_may_not_review_it(hub, found, role, code):
    async with signed_in(hub, somebody("sam", role)) as api:
        for method, path, body in (
            ("GET", f"/oversight/reviews/{found['id']}", None),
            ("POST", f"/oversight/reviews/{found['id']}/sign",
             {"verdict": "in_order", "note": "All fine."}),
        ):  # fmt: skip
            answer = await api.call(method, path, body)
            assert (answer.status, answer.code) == (403, code), path


async def test_everybody_who_reads_reports_sees_how_many_are_overdue(hub, found):
    async with signed_in(hub, somebody("lou", Role.ANALYST)) as api:
        standing = await api.get("/oversight/standing")
    assert standing["waiting"] >= 1
    assert standing["overdue"] == 0
    assert standing["oldest_due"] <= found["due"]


async def test_staff_register_a_plate_and_nobody_reads_it_again(hub, auditor):
    async with signed_in(hub, somebody("kim", Role.ANALYST)) as kim:
        mine = {"kind": "plate", "value": "ZZT777", "relation": "self"}
        kept = await kim.send("POST", "/oversight/registrations", mine)
        assert "ZZT777" not in str(kept)
        assert (await kim.get("/oversight/registrations"))["items"] == [kept]
        assert (await auditor.get("/oversight/registrations"))["items"] == []
        stranger = await auditor.call("DELETE", f"/oversight/registrations/{kept['id']}")
        assert (stranger.status, stranger.code) == (404, "no_such_staff_subject")
        await kim.send("DELETE", f"/oversight/registrations/{kept['id']}")
    assert not any(
        b"ZZT777" in file.read_bytes()
        for file in hub.hub.basemap_path.parent.rglob("*")
        if file.is_file()
    )


async def test_public_events_are_registered_and_forgotten(auditor):
    march = {
        "west": -90.1, "south": 29.9, "east": -90.0, "north": 30.0,
        "since": "2026-11-21T19:00:00Z", "until": "2026-11-21T23:00:00Z",
    }  # fmt: skip
    await auditor.send("PUT", "/oversight/public-events/march", march)
    [kept] = (await auditor.get("/oversight/public-events"))["items"]
    assert (kept["id"], kept["west"]) == ("march", -90.1)
    for since in ("soon", "9999-12-31T23:59:59-05:00"):
        wrong = await auditor.call("PUT", "/oversight/public-events/x", march | {"since": since})
        assert wrong.code == "bad_parameter"
    await auditor.send("DELETE", "/oversight/public-events/march")
    again = await auditor.call("DELETE", "/oversight/public-events/march")
    assert again.code == "no_such_gathering"


async def test_a_sign_off_stands_and_is_recorded(hub, auditor, found):
    path = f"/oversight/reviews/{found['id']}/sign"
    signed = await auditor.send("POST", path, {"verdict": "unclear", "note": "Asked for the file."})
    assert (signed["reviewer"], signed["verdict"]) == ("aud", "unclear")
    again = await auditor.call("POST", path, {"verdict": "in_order", "note": "Never mind."})
    assert again.code == "review_signed"
    newest = await noted(hub, "review.signed")
    assert [entry.outcome for entry in newest[:2]] == ["denied", "done"]
    assert newest[1].more["verdict"] == "unclear"


async def test_an_export_is_checked_with_the_public_key_alone(hub, auditor, found, tmp_path):
    """Up to the newest record: it is signed before it is handed out."""
    span = {"since": "2026-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    exported = await auditor.call("GET", "/audit/export", **span)
    assert exported.headers["Content-Type"] == "application/zip"
    zipfile.ZipFile(io.BytesIO(exported.body)).extractall(tmp_path)
    key = Verifier.parse((await auditor.get("/audit/state"))["key"])
    report = verify(tmp_path / "audit", [key])
    assert report.holds
    assert report.next > max(found["records"])
    [asked, *_] = await noted(hub, "audit.exported")
    assert asked.more["until"].startswith("2100-01-01")
    none = await auditor.call("GET", "/audit/export", **span | {"until": span["since"]})
    assert none.status == 404
    async with signed_in(hub, somebody("kim", Role.AGENCY_IT)) as kim:
        assert (await kim.call("GET", "/audit/export", **span)).code == "not_your_role"


TERMS = {"name": "Ours", "owner": "Example PD", "reason": "Wanted"}
WANTED = "ZZT4321"


def in_days(number):
    return rfc3339(SystemClock().now() + number * DAY)


def rows(*plates, reason="Seen at the robbery", expires=None):
    lines = [f"{plate},{reason},{expires or in_days(30)}" for plate in plates]
    return "\n".join(["plate,reason,expires", *lines]).encode()


@pytest_asyncio.fixture(loop_scope="module")
async def keeper(hub):
    """A supervisor who keeps a list by hand, without an open request."""
    async with signed_in(hub, somebody("sid", Role.SUPERVISOR)) as api:
        await api.send("PUT", "/hot-lists/ours", TERMS)
        yield api


async def import_(api, body, list_="ours"):
    return await api.call("PUT", f"/hot-lists/{list_}/entries", body)


async def how_many(api):
    [listed] = [each for each in (await api.get("/hot-lists"))["items"] if each["id"] == "ours"]
    return listed["entries"]


async def test_a_plate_that_is_put_on_a_list_is_a_look_at_it(hub, keeper, auditor):
    """A hot list follows a plate as a search does, ahead instead of back (acceptance test)."""
    await open_request(keeper)
    for _ in range(2):
        await keeper.lines("/search", q=f"plate:{WANTED}")
    assert (await import_(keeper, rows(WANTED))).status == 200
    [entry] = await noted(hub, "plate.listed")
    assert entry.object.id == "ours"
    assert entry.purpose.code == "missing_endangered"
    assert (await hub.hub.door.sealer.open(entry.subject)) == WANTED
    assert "Seen at the robbery" in await hub.hub.door.sealer.open(entry.purpose.reason)
    assert (await auditor.send("POST", "/oversight/sweep"))["new"] >= 1
    found = [each for each in (await auditor.get("/oversight/reviews"))["items"]
             if (each["why"], each["person"]) == ("repeated_target", "sid")]  # fmt: skip
    assert len(found) == 1


async def test_what_stands_on_the_list_already_is_no_look_and_what_is_prolonged_is(hub, keeper):
    await open_request(keeper)
    until, later = in_days(30), in_days(60)
    await import_(keeper, rows("ZZT4001", expires=until))
    before = len(await noted(hub, "plate.listed"))
    both = rows("ZZT4001", expires=until) + f"\nZZT4002,Seen,{until}".encode()
    assert (await import_(keeper, both)).status == 200
    assert len(await noted(hub, "plate.listed")) == before + 1
    await import_(keeper, rows("ZZT4001", expires=later))
    assert len(await noted(hub, "plate.listed")) == before + 2


async def test_a_plate_is_wanted_for_a_reason_and_not_for_ever(hub, keeper):
    await open_request(keeper)
    await import_(keeper, rows("ZZT4003"))
    before = len(await noted(hub, "plate.listed"))
    for body in (
        b"plate\nZZT4004",
        rows("ZZT4004", reason=" "),
        rows("ZZT4004", reason="."),
        b"plate,reason\nZZT4004,Seen",
        rows("ZZT4004", expires=in_days(100)),
    ):
        answer = await import_(keeper, body)
        assert (answer.status, answer.code) == (403, "entry_incomplete")
        assert "ZZT4004" not in answer.body.decode()
    assert len(await noted(hub, "plate.listed")) == before
    assert await how_many(keeper) == 1


async def test_more_plates_than_one_person_looks_through_take_two(hub, keeper):
    await open_request(keeper)
    most = hub.hub.engine.policy.settings.limits.broad_plates
    answer = await import_(keeper, rows(*(f"ZZM{number:04}" for number in range(most + 1))))
    assert (answer.status, answer.code) == (403, "many_entries")


async def test_files_of_a_day_are_added_up(hub, keeper):
    """Fifty plates and fifty more are a hundred that one person follows."""
    await open_request(keeper)
    hub.hub.handed_out = HandedOut()
    most = hub.hub.engine.policy.settings.limits.broad_plates
    first = rows(*(f"ZZN{number:04}" for number in range(most)))
    assert (await import_(keeper, first)).status == 200
    await keeper.send("PUT", "/hot-lists/other", TERMS)
    answer = await import_(keeper, rows("ZZN9999"), "other")
    assert (answer.status, answer.code) == (403, "many_entries")
    assert (await import_(keeper, rows("ZZN0001"), "other")).status == 200, "the same plate"
    hub.hub.handed_out = HandedOut()


async def test_training_puts_nobody_on_a_list(keeper):
    await open_request(keeper, purpose="training_synthetic_only")
    answer = await import_(keeper, rows("ZZT4005"))
    assert (answer.status, answer.code) == (403, "training_only_synthetic")


async def test_without_a_request_a_file_is_another_system_s_and_takes_two_people(hub, keeper):
    """As it came: its reasons and terms are that system's."""
    body = b"plate\n" + b"\n".join(b"ZZS%04d" % number for number in range(200))
    refused = await import_(keeper, body)
    assert (refused.status, refused.code) == (403, "second_person_needed")
    async with signed_in(hub, somebody("sue", Role.SUPERVISOR)) as second:
        waiting = (await second.get("/approvals"))["items"]
        [asked] = [each for each in waiting if each["what"].endswith("of 201 lines: ours")]
        await second.send("POST", f"/approvals/{asked['id']}/answer", {"granted": True})
    assert (await import_(keeper, body)).status == 200
    assert await how_many(keeper) == 200
    listed = (await noted(hub, "plate.listed", 1000))[:200]
    assert {each.more["approval"] for each in listed} == {asked["id"]}, "who agreed to it"
    assert not any(is_look(each) for each in listed)
    other = await import_(keeper, body + b"\nZZT4006")
    assert other.code == "second_person_needed"


async def test_of_a_file_its_hash_is_agreed_to_and_made_beside_the_loop(hub, keeper, monkeypatch):
    body, made, said, sha256 = b"plate\nZZT4007", [], [], hashlib.sha256

    def watched(*content):
        if content == (body,):
            made.append(threading.current_thread())
        return sha256(*content)

    monkeypatch.setattr(admission.hashlib, "sha256", watched)
    monkeypatch.setattr(admission, "digest_of", lambda deed, _: said.append(deed) or "0" * 64)
    assert (await import_(keeper, body)).code == "second_person_needed"
    assert [deed["body"] for deed in said] == [sha256(body).hexdigest()]
    [thread] = made
    assert thread is not threading.main_thread()


def rule(kind, when=None):
    condition = [] if when is None else [f"when: {when}"]
    lines = ["id: cars", "title: Cars", "severity: low", f"kinds: [{kind}]", *condition]
    return {"document": "\n".join(lines)}


async def test_a_rule_that_could_follow_one_plate_takes_two_people(keeper):
    answer = await keeper.call("PUT", "/rules/cars", rule("hit", f"data.plate == '{WANTED}'"))
    assert (answer.status, answer.code) == (403, "second_person_needed")
    broken = await keeper.call("PUT", "/rules/cars", rule("hit", "1 +"))
    assert (broken.status, broken.code) == (422, "rule_invalid")
