"""Single records that are wrong, in a page that is right and in an export that is written anew: the
others are filed, what cannot be is listed, and what is uncertain carries its error."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from hub import until
from made_up import connect, passed

from watchfloor_lpr_rest_simulator import LprRestSimulator

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOW = datetime.now(UTC)


def row(id, **changes):
    """A read as the vendor writes it."""
    whole = {
        "id": id,
        "read_at": NOW.isoformat(),
        "reader": "gate-1",
        "plate": "ZZT1234",
        "longitude": -90.07,
        "latitude": 29.95,
        **changes,
    }
    return json.dumps({k: v for k, v in whole.items() if v is not ...}).encode()


LISTED = {
    "wrong type": row("b-1", plate=7),
    "no plate": row("b-2", plate=...),
    "null": b"null",
    "a list": b"[1, 2]",
    "not a number": row("b-3", longitude=float("nan")),
    "infinite": row("b-4", latitude=float("inf")),
    "longitude out of range": row("b-5", longitude=-200),
    "time without zone": row("b-6", read_at="2026-05-02T21:14:07"),
    "time in words": row("b-7", read_at="yesterday"),
    "a field of 10 MB": row("b-8", reader="x" * 10_000_000),
    "a plate with nothing in it": row("b-9", plate="---"),
    "confidence out of range": row("b-10", confidence=11),
}

KEPT = {
    "zeros": row("k-1", longitude=0, latitude=0),
    "swapped": row("k-2", longitude=29.95, latitude=-90.07),
    "a clock ahead": row("k-3", read_at=(NOW + timedelta(days=3)).isoformat()),
    "a clock behind": row("k-4", read_at=(NOW - timedelta(days=3)).isoformat()),
    "out of order": row("k-5", read_at=(NOW - timedelta(hours=1)).isoformat()),
    "twice": row("k-1"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def vendor(api):
    """Right rows, then wrong and odd ones, then right ones, as one page."""
    vendor = LprRestSimulator()
    setup = await vendor.start()
    for number in range(20):
        vendor.feed(passed(number))
    rows = vendor._kept._rows
    rows[10:10] = [*LISTED.values(), *KEPT.values()]
    await connect(api, "lpr", setup, every_s=0.2)
    await until(lambda: filed(api, 25), deadline_s=30)
    yield vendor
    await vendor.stop()


async def filed(api, count):
    """The events by id, once there are so many."""
    events = await api.events(source="lpr")
    return {event["id"]: event for event in events} if len(events) >= count else None


async def test_right_rows_are_filed_and_wrong_ones_listed(api):
    events = await filed(api, 25)
    assert set(events) == {f"r-{number}" for number in range(20)} | {
        f"k-{number}" for number in range(1, 6)
    }
    letters = await until(lambda: enough_letters(api))
    assert len(letters) == len(LISTED)
    assert all(letter["detail"] for letter in letters)
    assert (await api.source("lpr"))["state"] == "running"


async def enough_letters(api):
    letters = await api.dead("lpr")
    return letters if len(letters) >= len(LISTED) else None


async def test_a_letter_holds_the_vendors_record(api):
    raws = []
    for letter in await api.dead("lpr"):
        raws.append((await api.get(f"/dead-letters/{letter['id']}"))["raw"])
    for id in ("b-1", "b-2", "b-3", "b-4", "b-5", "b-6", "b-7", "b-10"):
        assert [raw for raw in raws if f'"{id}"' in raw], id


async def whole(api, id):
    event = (await filed(api, 25))[id]
    document = await api.get(f"/events/{event['seq']}")
    return document["event"], {change["path"] for change in document["lineage"]["changes"]}


async def test_odd_rows_are_mended_and_it_is_said(api):
    zeros, changes = await whole(api, "k-1")
    assert "point" not in zeros["data"].get("place", {})
    assert "data.place.point" in changes
    swapped, changes = await whole(api, "k-2")
    assert swapped["data"]["place"]["point"] == [-90.07, 29.95]
    assert "data.place.point" in changes
    ahead, changes = await whole(api, "k-3")
    assert ahead["timeerror"] == pytest.approx(3 * 86_400, abs=3600)
    assert "timeerror" in changes
    for id in ("k-4", "k-5"):
        _, changes = await whole(api, id)
        assert not changes


MAPPING = {
    "name": "Example PD calls for service",
    "time_zone": "America/Chicago",
    "time_formats": ["%m/%d/%Y %H:%M:%S"],
    "sources": [
        {
            "name": "calls",
            "file": {},
            "layout": {"format": "csv"},
            "outputs": [
                {
                    "event": "call",
                    "id": "{Incident}#{@hash}",
                    "subject": "call/{Incident}",
                    "time": "Received",
                    "place": {
                        "latitude": "LAT",
                        "longitude": "LON",
                        "address": "Location",
                        "if_wrong": "leave_out",
                    },
                    "fields": {
                        "call_number": "Incident",
                        "status": "=Active",
                        "created": "Received",
                        "incident_type.code": "Nature",
                        "priority_text": "Pri",
                    },
                }
            ],
        }
    ],
}

EXPORT = b"""Incident,Received,Nature,Location,Pri,LAT,LON
A-1,05/02/2026 12:00:00,35A,100 Main St,1,29.95,-90.07
A-2,03/08/2026 02:30:00,35A,in the hour that is left out,1,29.95,-90.07
A-3,11/01/2026 01:30:00,35A,in the hour that comes twice,1,29.95,-90.07
A-4,05/02/2026 12:00:00,35A,swapped,1,-90.07,29.95
A-5,05/02/2026 12:00:00,35A,zeros,1,0,0
,05/02/2026 12:00:00,35A,no number,1,29.95,-90.07
A-7,the day before,35A,no time,1,29.95,-90.07
A-8,05/02/2026 12:00:00
A-9,05/02/2026 12:00:00,35A,\xff\xfe,1,29.95,-90.07
A-10,05/02/2026 12:00:00,35A,NaN,1,NaN,NaN
A-11,05/02/2026 12:00:00,35A,100 Main St,1,29.95,-90.07
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def calls(api, tmp_path_factory):
    """The export's calls by number, each as it was filed."""
    folder = tmp_path_factory.mktemp("export")
    (folder / "mapping.json").write_text(json.dumps(MAPPING))
    (folder / "calls.csv").write_bytes(EXPORT)
    config = {
        "mapping": str(folder / "mapping.json"),
        "path": str(folder / "calls.csv"),
        "bounds": [-90.2, 29.8, -89.6, 30.2],
        "every_s": 0.3,
    }
    wanted = {"connector": "cad-file", "name": "Calls", "config": config}
    await api.send("PUT", "/sources/cad", wanted)

    async def last():
        events = await api.events(source="cad")
        return events if [e for e in events if "A-11" in e["subject"]] else None

    found = {}
    for summary in await until(last, deadline_s=30):
        event = (await api.get(f"/events/{summary['seq']}"))["event"]
        found[event["data"]["call_number"]] = event
    return found


async def test_times_that_the_clocks_leave_open_carry_an_hours_error(calls):
    assert calls["A-1"]["time"] == "2026-05-02T17:00:00Z"
    assert not calls["A-1"].get("timeerror")
    assert calls["A-2"]["time"] == "2026-03-08T08:30:00Z"
    assert calls["A-2"]["timeerror"] == 3600
    assert calls["A-3"]["time"] == "2026-11-01T06:30:00Z"
    assert calls["A-3"]["timeerror"] == 3600


async def test_a_call_whose_point_cannot_be_right_is_told_without_it(calls):
    assert calls["A-1"]["data"]["place"]["point"] == [-90.07, 29.95]
    for number in ("A-4", "A-5", "A-10"):
        assert "point" not in calls[number]["data"]["place"]


async def test_rows_that_can_be_no_calls_are_listed(api, calls):
    assert {"A-1", "A-2", "A-3", "A-4", "A-5", "A-10", "A-11"} <= set(calls)
    assert not {"A-7", "A-8"} & set(calls)
    raws = [
        (await api.get(f"/dead-letters/{letter['id']}"))["raw"] for letter in await api.dead("cad")
    ]
    for mark in ("no number", "the day before", "A-8", "A-9", "swapped", "NaN"):
        assert [raw for raw in raws if mark in raw], mark
