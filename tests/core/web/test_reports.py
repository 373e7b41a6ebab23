"""Reports by the API: what is open to all, and what the records officer alone may do."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import pytest
import pytest_asyncio
from hub import api_of, until
from made_up import call, hot_list, push_source, read
from people import session_as
from staff import open_request, signed_in, somebody

from watchfloor.identity import Role
from watchfloor.transparency import DISTRICTS, FOLDER, POPULATION

pytestmark = pytest.mark.asyncio(loop_scope="module")

SPAN = {"since": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"}


def officer(hub):
    return api_of(hub.url, session_as(hub, "Robin Records", Role.RECORDS_OFFICER))


async def test_the_public_page_is_open_and_may_run_nothing(hub, nobody):
    missing = await nobody.call("GET", "/transparency")
    assert (missing.status, missing.code) == (404, "not_published")
    folder = hub.hub.basemap_path.parent / FOLDER
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>Report</title>")
    answer = await nobody.call("GET", "/transparency")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


async def test_figures_inventory_and_the_annual_draft(api):
    figures = await api.get("/reports/figures", **SPAN)
    assert figures["records"] > 0
    assert {table["query"] for table in figures["tables"]} >= {"denied.by_reason"}
    assert (await api.get("/reports/inventory"))["items"] == []
    annual = await api.get("/reports/annual", **SPAN)
    assert "costs" in [each["part"] for each in annual["to_write"]]
    assert annual["outcomes"] == await api.get("/requests/figures", **SPAN)


async def test_devices_and_alerts_by_district_once_the_agency_says_who_lives_there(hub):
    folder = hub.hub.basemap_path.parent
    async with officer(hub) as records:
        missing = await records.call("GET", "/reports/distribution", **SPAN)
        assert (missing.status, missing.code) == (409, "no_districts")
        assert DISTRICTS in missing.json["error"]["remedy"]
        ring = [[-91, 29], [-89, 29], [-89, 31], [-91, 31], [-91, 29]]
        centre = {"type": "Feature", "properties": {"name": "Centre"},
                  "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip
        districts = {"type": "FeatureCollection", "features": [centre]}
        (folder / DISTRICTS).write_text(json.dumps(districts))
        (folder / POPULATION).write_text("name,population\nCentre,12000\n")
        await _camera(hub)
        found = await records.get("/reports/distribution", **SPAN)
        assert [(row["district"], row["devices"]["count"]) for row in found["items"]] == [
            ("Centre", 1)
        ]
        assert found["together"]["devices"]["per_10000"] == 0.83
        sheet = await records.call("GET", "/reports/distribution.csv", **SPAN)
        assert sheet.headers["Content-Type"].startswith("text/csv")
        assert sheet.body.decode().splitlines()[1].startswith("Centre,12000,1,0.83,1.0,0")


async def test_devices_of_training_sources_count_where_there_are_no_real_ones(hub, api):
    await _camera(hub, "drill")
    drill = {"connector": "push", "name": "Drill", "synthetic": True}
    async with officer(hub) as records:
        await api.send("PUT", "/sources/drill", drill)
        alone = await records.get("/reports/distribution", **SPAN)
        assert alone["together"]["devices"]["count"] == 2
        await push_source(api)
        beside = await records.get("/reports/distribution", **SPAN)
        assert beside["together"]["devices"]["count"] == 1


async def _camera(hub, source="cameras"):
    camera = {"id": "c-1", "source": source, "kind": "camera", "name": "Example Ave",
              "geometry": {"type": "Point", "coordinates": [-90, 30]}}  # fmt: skip
    await hub.hub.store.assets.put(source, [camera], True, None)


async def test_a_complaint_by_the_records_officer_alone(hub, api):
    complaint = {"kind": "plate", "value": "ZZT1234", "words": "Who looked for my car?"}
    assert (await api.call("POST", "/complaints", complaint)).status == 403
    async with officer(hub) as records:
        made = await records.send("POST", "/complaints", complaint)
        found = await records.send("POST", f"/complaints/{made['id']}/search")
        assert found["traces"]["total"] == 0
        answer = {"finding": "nothing_found", "words": "Nobody did."}
        done = await records.send("POST", f"/complaints/{made['id']}/answer", answer)
        assert [done] == (await records.get("/complaints"))["items"]


async def test_a_records_request_comes_with_its_proof(hub):
    span = {"since": "2020-01-01T00:00:00Z", "until": "2020-02-01T00:00:00Z"}
    async with officer(hub) as records:
        none = await records.call("POST", "/disclosures/records", {"profile": "public", **span})
        assert none.code == "nothing_to_disclose"
        asked = {"profile": "public", "since": span["since"], "until": await _now(records)}
        answer = await records.call("POST", "/disclosures/records", asked)
        assert answer.status == 200, answer.body
        names = zipfile.ZipFile(io.BytesIO(answer.body)).namelist()
        assert names == ["disclosure.zip", "proof.tlog-proof"]


async def _now(api):
    return (await api.get("/hub"))["now"]


async def test_a_case_in_which_nothing_was_done(hub):
    async with officer(hub) as records:
        answer = await records.call("POST", "/disclosures/case", {"case": "SIM-C-404"})
        assert (answer.status, answer.code) == (404, "nothing_to_disclose")


CASE, OF_CALL = "Z-00007-26", "ZZ-00007"
OPENED, SEARCHED, ACTED_ON, OTHER = range(7001, 7005)
"""Plates of a hot list."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worked(hub, api):
    """A case in which somebody opened a read, searched a plate and acted on an alert; and its call,
    for which somebody searched before there was a case. The ids of alerts by plate."""
    await push_source(api)
    plates = [f"ZZT{number}" for number in (OPENED, SEARCHED, ACTED_ON, OTHER)]
    await hot_list(api, *plates)
    report = {"report_number": CASE, "call_number": OF_CALL, "status": "open",
              "offence": {"text": "Robbery", "common": "120"}}  # fmt: skip
    told = call(7, id="report-7", type="watchfloor.rms.report.v1", subject=CASE, data=report)
    reads = [read(number) for number in (OPENED, SEARCHED, ACTED_ON, OTHER)]
    await api.push("push-1", [call(7), told, *reads])
    await until(lambda: _raised(api, plates))
    alerts = {p: a for a in (await api.get("/alerts"))["items"] for p in plates if p in a["title"]}
    async with signed_in(hub, somebody("ana", Role.ANALYST)) as ana:
        await open_request(ana, purpose="in_progress_call", number=OF_CALL, provisional=False)
        await ana.call("GET", "/search", q="9 Nowhere Rd")
        await ana.send("PUT", "/session/request", {"request": None})
        await ana.get(f"/alerts/{alerts[plates[3]]['id']}")
        await open_request(ana, purpose="investigation", number=CASE, provisional=False)
        await ana.get(f"/events/{alerts[plates[0]]['events'][0]}")
        await ana.call("GET", "/search", q=plates[1])
        await ana.send("POST", f"/alerts/{alerts[plates[2]]['id']}/mark-wrong", {})
    return [alerts[plate]["id"] for plate in plates]


async def _raised(api, plates):
    titles = str((await api.get("/alerts"))["items"])
    return all(plate in titles for plate in plates)


async def _case(hub, number):
    async with officer(hub) as records:
        answer = await records.call("POST", "/disclosures/case", {"case": number})
        assert answer.status == 200, answer.body
    package = zipfile.ZipFile(io.BytesIO(answer.body)).read("disclosure.zip")
    return json.loads(zipfile.ZipFile(io.BytesIO(package)).read("case.json"))


@pytest.mark.parametrize("number", [CASE, "z-00007-26", "Z0000726 "])
async def test_a_case_has_the_hits_that_were_opened_searched_or_acted_on(hub, worked, number):
    file = await _case(hub, number)
    assert (file["case"], len(file["requests"])) == (CASE, 2)
    assert [each["alert"] for each in file["alerts"]] == worked[:3]
    assert [each["alert"] for each in file["leads"]] == [worked[2]]
    [acted] = [row for row in file["records"] if row["what"] == "alert.acted"]
    assert (acted["seen"], acted["who"]) == (f"alerts/{worked[2]}/mark-wrong", "ana")


async def test_a_hit_stands_there_after_the_reads_that_it_came_of_are_gone(hub, worked):
    book = hub.hub.store.alerts
    alert = await book.alert(worked[1])
    try:
        await book.change_alert(replace(alert, events=[]))
        assert worked[1] in [each["alert"] for each in (await _case(hub, CASE))["alerts"]]
    finally:
        await book.change_alert(alert)


async def test_work_for_the_call_is_the_cases_and_found_by_its_own_number(hub, worked):
    of_call, whole = await _case(hub, OF_CALL.lower()), await _case(hub, CASE)
    assert (of_call["case"], len(of_call["requests"]), of_call["alerts"]) == (OF_CALL, 1, [])
    assert set(of_call["requests"]) < set(whole["requests"])
    assert "9 NOWHERE RD" in str(of_call["records"])
