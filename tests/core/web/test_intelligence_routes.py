"""Criminal intelligence over the API: who may, for what, and what part 23 asks for."""

from __future__ import annotations

import contextlib

import pytest
import pytest_asyncio
from hub import api_of
from people import session_as
from staff import noted

from watchfloor.identity import Role
from watchfloor.transparency import figures_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASKED = {
    "purpose": "investigation", "asked": "What a test asks", "provisional": True,
    "offence": {"system": "nibrs", "code": "280"},
}  # fmt: skip


def record(**more):
    return {
        "subject": "SIM-9 Example", "activity": "Sells stolen parts.",
        "suspicion": "Seen on three days.", "offence": "280", "submitter": "Det. Sim",
        "agency": "ZZ0000000", "control_official": "Lt. Sim", "sensitivity": "sensitive",
        "confidence": "reliable", "lawfully_obtained": True, "about_conduct": True, **more,
    }  # fmt: skip


RECIPIENT = {
    "name": "Det. Other", "agency": "ZZ0000001", "address": "intel@example.org",
    "need": "Same parts in their case.", "right": "Sworn, 28 CFR 23 certified.",
    "follows_part_23": True,
}  # fmt: skip


@contextlib.asynccontextmanager
async def analyst(hub, *, certified=("28cfr23",), asked=ASKED):
    async with api_of(hub.url) as api:
        session = session_as(hub, "Ina", Role.ANALYST, certified=certified)
        api.client.cookie_jar.update_cookies({"watchfloor_session": session})
        if asked is not None:
            request = await api.send("POST", "/requests", asked)
            await api.send("PUT", "/session/request", {"request": request["id"]})
        yield api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(hub):
    async with analyst(hub) as api:
        yield api


async def enter(desk):
    return await desk.send("POST", "/intelligence", {"record": record()})


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"certified": ()}, "certification_lapsed"),
        ({"asked": None}, "purpose_needed"),
        ({"asked": {**ASKED, "purpose": "missing_endangered", "offence": None}}, "no_rule_allows"),
    ],
)
async def test_without_training_purpose_or_an_investigation_nobody_reads_or_enters(hub, how, code):
    async with analyst(hub, **how) as api:
        for method, said in (("GET", None), ("POST", {"record": record()})):
            answer = await api.call(method, "/intelligence", said)
            assert (answer.status, answer.code) == (403, code)


async def test_nobody_is_entered_without_a_basis(desk):
    before = await desk.get("/intelligence")
    for more, code in (({"suspicion": " "}, "no_basis"), ({"about_conduct": False}, "not_lawful")):
        answer = await desk.call("POST", "/intelligence", {"record": record(**more)})
        assert (answer.status, answer.code) == (403, code)
    assert await desk.get("/intelligence") == before


async def test_a_record_is_reviewed_within_five_years(desk):
    late = {"record": record(), "review_by": "2099-01-01T00:00:00Z"}
    answer = await desk.call("POST", "/intelligence", late)
    assert (answer.status, answer.code) == (403, "review_too_late")


async def test_whoever_got_a_record_is_owed_a_notice_of_what_was_wrong(desk):
    entered = await enter(desk)
    path = f"/intelligence/{entered['id']}"
    release = await desk.send("POST", f"{path}/release", RECIPIENT)
    assert (release["recipient"], release["released_by"]) == ("Det. Other", "Ina")
    correction = {"record": record(activity="Buys parts."), "words": "Buys, does not sell."}
    assert await desk.send("PUT", path, correction) == {"notices": 1}
    review = await desk.send("POST", f"{path}/review", {"reason": "Still active."})
    page = await desk.get(path)
    assert (page["record"]["version"], page["record"]["activity"]) == (2, "Buys parts.")
    assert (page["reviews"], page["releases"]) == ([review], [release])
    [notice] = (await desk.get("/intelligence/notices"))["items"]
    assert (notice["record"], notice["to"]) == (entered["id"], "intel@example.org")
    assert "SIM-9" not in str(notice)
    await desk.send("POST", f"/intelligence/notices/{notice['id']}/sent")
    assert (await desk.get("/intelligence/notices"))["items"] == []
    assert await desk.send("POST", f"{path}/purge", {"words": "Cleared."}) == {"notices": 1}
    gone = await desk.call("GET", path)
    assert (gone.status, gone.code) == (404, "no_such_intel")
    assert (await desk.get(f"{path}/releases"))["items"] == [release], "it outlives the record"


async def test_a_record_goes_to_nobody_without_a_need_and_a_right_to_know(desk):
    entered = await enter(desk)
    for more in ({"need": " "}, {"follows_part_23": False}):
        path = f"/intelligence/{entered['id']}/release"
        answer = await desk.call("POST", path, {**RECIPIENT, **more})
        assert (answer.status, answer.code) == (403, "no_need_to_know")
    assert (await desk.get(f"/intelligence/{entered['id']}"))["releases"] == []


async def test_who_got_a_record_is_in_the_figures_and_who_was_refused_is_not(hub, desk):
    path = f"/intelligence/{(await enter(desk))['id']}/release"
    refused = {**RECIPIENT, "agency": "ZZ0000008", "need": " "}
    assert (await desk.call("POST", path, refused)).code == "no_need_to_know"
    await desk.send("POST", path, {**RECIPIENT, "agency": "ZZ0000009"})
    told = await noted(hub, "release.recorded")
    [told] = [entry for entry in told if entry.object.id in path]
    assert (told.secondary_recipient, told.operator.handle) == ("ZZ0000009", "Ina")
    folder = hub.hub.basemap_path.parent / "audit"
    figures = figures_of(folder, "2026-01-01T00:00:00.000Z", "2100-01-01T00:00:00.000Z")
    assert "ZZ0000009" in figures.partners
    assert "ZZ0000008" not in figures.partners


async def test_who_looked_and_why_is_in_the_audit_and_whom_is_sealed(hub, desk):
    entered = await enter(desk)
    await desk.get(f"/intelligence/{entered['id']}")
    page = await hub.hub.audit.read(limit=50)
    entries = [each.entry for each in page.items]
    viewed = next(e for e in entries if e.event == "intelligence.viewed" and e.object.id)
    assert (viewed.object.id, viewed.purpose.code) == (entered["id"], "investigation")
    changed = next(e for e in entries if e.event == "intelligence.changed")
    assert changed.subject.kind == "person"
    folder = hub.hub.basemap_path.parent
    for copy in ("audit", "audit-copy"):
        for file in (folder / copy).rglob("*"):
            assert not file.is_file() or b"SIM-9" not in file.read_bytes(), file
