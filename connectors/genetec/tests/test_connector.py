"""A real worker and the connector itself against the simulated Security Center."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from watchfloor_city import Asset, Look, PlatePassed
from watchfloor_genetec.autovu import picture, to_read
from watchfloor_genetec.connector import Genetec
from watchfloor_genetec.mapping import to_hit, to_region, to_row
from watchfloor_genetec.settings import Settings
from watchfloor_genetec_simulator import GenetecSimulator
from watchfloor_genetec_simulator.export import export
from watchfloor_sdk import AskAPerson, Context, GiveUp, Page, RetryLater
from watchfloor_sdk.answer import VendorRejected
from watchfloor_sdk.testing import Fault, context, run_contract, simulated
from watchfloor_sdk.transports.drop import Entry, File

POINT = (-90.07, 29.95)
ASSETS = [
    Asset(id=f"SIM-{number}", kind="plate_reader", name=f"Reader {number}", point=POINT)
    for number in range(130)
]
CTX = context(Settings(base_url="http://127.0.0.1:1/WebSdk", owner="Example PD"), source="sc")
HITS = "/WebSdk/report/LprHit"
GOLDEN = json.loads((Path(__file__).parent / "golden/hits.json").read_text())
ROW = GOLDEN["answer"]["Rsp"]["Result"][0]


def passed(number: int, at: datetime | None = None) -> PlatePassed:
    return PlatePassed(
        at=at or datetime.now(UTC) - timedelta(seconds=600 - number), reader="SIM-1",
        plate=f"ZZT{number:04}", region="US-KS", confidence=0.9, heading_deg=90.0, point=POINT,
        vehicle=Look("Ford", "F-150", "white", "pickup"),
    )  # fmt: skip


async def polled(ctx: Context[Settings], checkpoint: Any = None) -> list[Page]:
    return [page async for page in Genetec().poll(ctx, checkpoint)]


async def test_contract_with_exported_reads(tmp_path: Path):
    """Each plate is a hit and a read; files are read once, whatever is killed."""
    vendor = GenetecSimulator(ASSETS[:3], folder=tmp_path)
    hub = await run_contract("genetec", vendor, map(passed, range(60)))
    kinds = [event["type"].split(".")[2] for event in hub.events.values()]
    assert (kinds.count("hit"), kinds.count("read")) == (60, 60)


async def test_all_entities_are_listed_although_the_report_says_no_total():
    """130 readers are two pages, and their names are asked for in seven requests."""
    vendor = GenetecSimulator(ASSETS)
    async with simulated(vendor, Settings) as ctx:
        listed = await Genetec().inventory(ctx)
    assert listed.complete
    assert {asset.name for asset in listed.assets} == {asset.name for asset in ASSETS}
    assert vendor.requests["/WebSdk/entity"] == 7


async def test_a_server_that_does_not_heed_the_page_is_read_once():
    vendor = GenetecSimulator(ASSETS[:2])
    rows = [{"Guid": entity} for entity in vendor.entities]
    answer = json.dumps({"Rsp": {"Status": "Ok", "Result": rows}}).encode()
    vendor.faults.always(Fault.instead(answer), path="/WebSdk/report/EntityConfiguration")
    async with simulated(vendor, Settings) as ctx:
        listed = await Genetec().inventory(ctx)
    assert len(listed.assets) == 9  # all three, for each of the types that were asked for


async def test_too_many_results_are_asked_for_in_halves():
    vendor = GenetecSimulator(ASSETS, most_rows=20)
    async with simulated(vendor, Settings) as ctx:
        for number in range(100):
            vendor.feed(passed(number))
        pages = await polled(ctx)
    assert {event.id for page in pages for event in page.events} == set(vendor.ledger)


async def test_an_older_roles_envelope_in_small_letters_is_understood():
    vendor = GenetecSimulator(ASSETS, old=True)
    async with simulated(vendor, Settings) as ctx:
        vendor.feed(passed(1))
        pages = await polled(ctx)
    assert sum(len(page.events) for page in pages) == 1


@pytest.mark.parametrize(
    ("said", "error", "code"),
    [
        ({"Rsp": {"Status": "Fail", "Result": {"SdkErrorCode": "InsufficientPrivilege"}}},
         AskAPerson, "websdk_failed"),
        ({"rsp": {"status": "fail", "error": {"Code": "7", "Message": "ZZT0001"}}},
         AskAPerson, "websdk_failed"),
        ({"Rsp": {"Status": "Fail", "Result": None}}, AskAPerson, "websdk_failed"),
        ({"Rsp": {"Status": "Perhaps"}}, RetryLater, "unreadable_answer"),
        ({"status": "Ok"}, RetryLater, "unreadable_answer"),
        ([], RetryLater, "unreadable_answer"),
    ],
)  # fmt: skip
async def test_a_failure_inside_http_200_is_one(said: Any, error: type[Exception], code: str):
    vendor = GenetecSimulator(ASSETS)
    vendor.faults.add(Fault.instead(json.dumps(said).encode()), path=HITS)
    async with simulated(vendor, Settings) as ctx:
        with pytest.raises(error) as caught:
            await polled(ctx)
    assert caught.value.code == code
    assert "ZZT" not in caught.value.detail


async def test_a_bad_request_that_is_answered_with_a_web_page_is_a_rejection():
    vendor = GenetecSimulator(ASSETS)
    async with simulated(vendor, Settings) as ctx:
        with pytest.raises(VendorRejected):
            await ctx.http.get("/report/LprHit?q=nonsense", auth=_auth(ctx))


def _auth(ctx: Context[Settings]) -> Any:
    from watchfloor_sdk.auth import Basic

    return Basic(ctx, "user")


async def test_hits_are_asked_for_again_for_as_long_as_they_may_be_late():
    """A patrol car hands over its hits at the end of a shift."""
    vendor = GenetecSimulator(ASSETS)
    late = passed(1, datetime.now(UTC) - timedelta(hours=7))
    async with simulated(vendor, Settings, late_hours=8) as ctx:
        first = await polled(ctx)
        vendor.feed(late)
        pages = await polled(ctx, first[-1].checkpoint)
    assert [event.id for page in pages for event in page.events] == list(vendor.ledger)


def test_times_are_utc_over_both_changes_of_the_clocks():
    """The local column stands beside it and is not read."""
    for said in ("2026-03-08T08:30:00", "2026-11-01T06:30:00", "2026-11-01T07:30:00Z"):
        event = to_hit(CTX, to_row({**ROW, "TimestampUtc": said}), {})
        assert event is not None
        assert event.time == datetime.fromisoformat(said.rstrip("Z")).replace(tzinfo=UTC)
        assert event.timeerror is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"HitId": ""}, "unexpected_shape"),
        ({"Read1Plate": None}, "unexpected_shape"),
        ({"Read1Plate": "---"}, "unexpected_shape"),
        ({"TimestampUtc": 7}, "unexpected_shape"),
        ({"TimestampUtc": "yesterday"}, "bad_time"),
        ({"Read1UnitId": None, "Read1PatrollerId": None}, "no_reader"),
    ],
)
def test_a_row_that_cannot_be_is_given_up_without_showing_the_plate(
    changes: dict[str, Any], code: str
):
    with pytest.raises(GiveUp) as caught:
        to_hit(CTX, to_row({**ROW, **changes}), {})
    assert caught.value.code == code
    assert "ZZ" not in caught.value.detail


@pytest.mark.parametrize(
    ("state", "region"),
    [("KS", "US-KS"), (" la ", "US-LA"), ("ON", None), ("Kansas", None), ("", None), (None, None)],
)
def test_only_codes_of_states_become_regions(state: str | None, region: str | None):
    assert to_region(state) == region


def exported(**changes: str) -> File:
    text = export(passed(1, datetime(2026, 1, 15, 3, 4, 5, 678000, UTC)), "SIM-guid", "SIM CAM 01")
    for old, new in changes.values():
        text = text.replace(old, new)
    return File(Entry("1.xml", len(text), 0), text.encode())


def test_each_element_of_an_export():
    event = to_read(CTX, exported())
    assert (event.id, event.time) == (
        "read:SIM-guid",
        datetime(2026, 1, 15, 3, 4, 5, 678000, UTC),
    )
    read = event.data
    assert (read.plate, read.reader, read.region) == ("ZZT0001", "SIM CAM 01", "US-KS")
    assert read.place.point == POINT
    assert [(one.kind, one.handle, one.owner) for one in read.media] == [
        ("plate_picture", "export:PlateImage:1.xml", "Example PD"),
        ("scene_picture", "export:ContextImage:1.xml", "Example PD"),
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("AutoVu", "Other"), "not_autovu"),
        (("<Plate>ZZT0001</Plate>", ""), "unexpected_shape"),
        (("<Guid>SIM-guid</Guid>", "<Guid/>"), "unexpected_shape"),
        (("2026:01:15", "15.01.2026"), "bad_time"),
        (("<LatitudeY>29.95", "<LatitudeY>north"), "bad_point"),
        (("<AutoVu>", "<!DOCTYPE x [<!ENTITY e 'ZZ'>]><AutoVu>&e;"), "unsafe_xml"),
        (("</AutoVu>", ""), "not_xml"),
    ],
)
def test_a_file_that_cannot_be_is_given_up_without_showing_the_plate(
    change: tuple[str, str], code: str
):
    with pytest.raises(GiveUp) as caught:
        to_read(CTX, exported(one=change))
    assert caught.value.code == code
    assert "ZZ" not in caught.value.detail


async def test_a_picture_comes_out_of_its_file_while_that_is_there(tmp_path: Path):
    vendor = GenetecSimulator(ASSETS, folder=tmp_path)
    async with simulated(vendor, Settings) as ctx:
        vendor.feed(passed(1))
        [file] = tmp_path.glob("*.xml")
        answer = await picture(ctx, f"export:PlateImage:{file.name}")
        assert (answer.body, answer.content_type) == (b"\xff\xd8synthetic\xff\xd9", "image/jpeg")
        for handle in ("export:Guid:1.xml", "export:PlateImage:../1.xml", "elsewhere"):
            assert (await picture(ctx, handle)).state == "missing"
        file.unlink()
        assert (await picture(ctx, f"export:PlateImage:{file.name}")).state == "expired"


async def test_check_looks_at_cameras_hits_and_folder(tmp_path: Path):
    cameras = [Asset(id="SIM-cam", kind="camera", name="Lobby", point=POINT)]
    async with simulated(GenetecSimulator(cameras, folder=tmp_path), Settings) as ctx:
        found = await Genetec().check(ctx)
    assert [(one.ok, one.detail) for one in found] == [
        (True, "It lists 1 cameras."),
        (True, "The folder has 0 files."),
    ]
