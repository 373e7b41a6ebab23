"""What each field of a read and of a reader becomes, and what becomes of pages that are wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec
import pytest

from watchfloor.contracts import Event, decode_event
from watchfloor_lpr_rest.mapping import to_inventory, to_page
from watchfloor_sdk import RetryLater

NOW = datetime(2026, 5, 2, 21, 15, tzinfo=UTC)

ROW = {
    "id": "r-1",
    "read_at": "2026-05-02T16:14:07.125-05:00",
    "reader": "LPR-014",
    "plate": "zzt-1234",
    "region": "US-LA",
    "confidence": 0.93,
    "heading_deg": 270.0,
    "longitude": -90.0712,
    "latitude": 29.9511,
    "vehicle": {"make": "Ford", "model": "F-150", "colour": "white", "body": "pickup"},
    "picture": {"path": "/pictures/r-1", "expires": "2026-05-03T21:14:07Z"},
}

READER = {
    "id": "LPR-014",
    "name": "Canal St at N Broad St, westbound",
    "longitude": -90.0712,
    "latitude": 29.9511,
    "heading_deg": 270.0,
    "angle_deg": 35.0,
    "range_m": 30.0,
    "owner": "Example Police Department",
    "address": "Canal St & N Broad St",
    "status": "online",
}


def page_of(*rows: object, **frame: object) -> bytes:
    return json.dumps({"reads": rows, "next": "c-2", "more": False, **frame}).encode()


def mapped(**changed: object) -> Event:
    """The one event of a page, as the hub reads it: through the wire and strictly."""
    page, _ = to_page("lpr", "nopd", page_of({**ROW, **changed}))
    assert not page.rejected
    raw = msgspec.json.encode(page.events[0])
    return decode_event(raw)


def data(**changed: object) -> dict:
    return mapped(**changed).data


def test_identity_time_and_handling():
    event = mapped()
    assert (event.id, event.source, event.type) == ("r-1", "lpr", "watchfloor.lpr.read.v1")
    assert event.time == datetime(2026, 5, 2, 21, 14, 7, 125000, UTC)
    assert event.dataclassification == "le-sensitive"


def test_plate_is_given_as_read():
    """Normal forms are the hub's business, so that what the vendor sent is not lost."""
    assert data()["plate"] == "zzt-1234"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reader", "LPR-014"),
        ("region", "US-LA"),
        ("confidence", 0.93),
        ("heading_deg", 270.0),
        ("place", {"point": [-90.0712, 29.9511]}),
        ("vehicle", {"make": "Ford", "model": "F-150", "colour": "white", "body": "pickup"}),
        (
            "media",
            [
                {
                    "handle": "/pictures/r-1",
                    "kind": "plate_picture",
                    "owner": "nopd",
                    "retention_class": "plate-reads",
                    "expires": "2026-05-03T21:14:07Z",
                }
            ],
        ),
    ],
)
def test_each_field(field: str, value: object):
    assert data()[field] == value


@pytest.mark.parametrize("field", ["region", "confidence", "heading_deg", "vehicle", "picture"])
def test_optional_fields_may_be_missing(field: str):
    row = {name: value for name, value in ROW.items() if name != field}
    page, _ = to_page("lpr", "nopd", page_of(row))
    event = msgspec.to_builtins(page.events[0])
    assert {"picture": "media"}.get(field, field) not in event["data"]


def test_half_a_position_is_no_place():
    assert "place" not in data(latitude=None)


def test_exchanged_coordinates_go_on_to_the_hub_which_mends_them():
    page, _ = to_page("lpr", "nopd", page_of({**ROW, "longitude": 29.95, "latitude": -90.07}))
    assert page.events[0].data.place.point == (29.95, -90.07)


def test_a_page_carries_its_cursor_raw_form_and_pointers():
    body = page_of(ROW, {**ROW, "id": "r-2"})
    page, answer = to_page("lpr", "nopd", body)
    assert (page.checkpoint, page.raw) == ("c-2", body)
    assert list(page.pointers) == ["/reads/0", "/reads/1"]
    assert not answer.more


def test_nothing_is_missing_up_to_as_of_once_there_is_no_more():
    said = {"as_of": "2026-05-02T21:15:00Z"}
    assert to_page("lpr", "nopd", page_of(**said))[0].assured_until == NOW
    assert to_page("lpr", "nopd", page_of(ROW, more=True, **said))[0].assured_until is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"read_at": "2026-05-02T21:14:07"},
        {"read_at": 1777756447},
        {"plate": 1234},
        {"plate": ""},
        {"plate": "Z" * 10_000_000},
        {"confidence": 93},
        {"confidence": float("nan")},
        {"longitude": float("nan")},
        {"latitude": 1e9},
        {"reader": None},
        {"vehicle": "Ford"},
    ],
    ids=lambda wrong: f"{next(iter(wrong))}-{str(next(iter(wrong.values())))[:12]}",
)
def test_a_bad_row_is_rejected_and_the_others_stay(wrong: dict):
    body = page_of({**ROW, "id": "r-1"}, {**ROW, **wrong, "id": "r-2"}, {**ROW, "id": "r-3"})
    page, _ = to_page("lpr", "nopd", body)
    assert [event.id for event in page.events] == ["r-1", "r-3"]
    assert list(page.pointers) == ["/reads/0", "/reads/2"]
    assert json.loads(page.rejected[0].raw)["id"] == "r-2"
    assert page.rejected[0].code == "unmapped_read"
    assert "ZZT" not in page.rejected[0].detail.upper()


@pytest.mark.parametrize(
    "odd", [b"\xff", b"\xed\xa0\x80", b"\\ud800"], ids=["byte", "half", "escape"]
)
def test_a_row_that_is_not_utf_8_is_rejected_byte_for_byte(odd: bytes):
    """As it stood in the page, between good ones, whatever else is odd in that page."""
    rows = [{**ROW, "id": "r-1"}, {**ROW, "id": "r-2", "plate": "?"}, {**ROW, "id": "r-3"}]
    body = page_of(*rows, {**ROW, "confidence": float("nan")}).replace(b"?", odd)
    page, answer = to_page("lpr", "nopd", body)
    assert [event.id for event in page.events] == ["r-1", "r-3"]
    assert (page.checkpoint, page.raw, list(page.pointers)) == (
        answer.next, body, ["/reads/0", "/reads/2"],
    )  # fmt: skip
    bad, _ = page.rejected
    assert (bad.raw, bad.code) == (
        json.dumps(rows[1]).encode().replace(b"?", odd), "unmapped_read",
    )  # fmt: skip
    assert bad.detail == "It is not UTF-8."


def test_odd_bytes_in_what_is_not_read_cost_nothing():
    row = {**ROW, "operator_note": "?"}
    page, _ = to_page("lpr", "nopd", page_of(row, {**ROW, "plate": 7}).replace(b"?", b"\xff"))
    assert len(page.events) == len(page.rejected) == 1


def test_a_cursor_that_is_not_utf_8_is_asked_for_again():
    with pytest.raises(RetryLater):
        to_page("lpr", "nopd", page_of(ROW).replace(b'"c-2"', b'"\xff"'))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Sign in</body></html>",
        page_of(ROW)[:200],
        b"[]",
        b'"reads"',
        b'{"reads": {}, "next": "1", "more": false}',
        b'{"reads": [], "more": false}',
        b'{"reads": [], "next": 7, "more": false}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
    ids=["empty", "html", "cut", "list", "text", "object", "no-next", "number", "bytes", "deep"],
)
def test_what_is_no_page_is_tried_again_and_moves_no_cursor(body: bytes):
    with pytest.raises(RetryLater) as caught:
        to_page("lpr", "nopd", body)
    assert caught.value.code == "unreadable_answer"


def test_a_page_longer_than_asked_for_is_still_pointed_into():
    rows = [{**ROW, "id": f"r-{number}"} for number in range(1200)]
    page, _ = to_page("lpr", "nopd", page_of(*rows))
    assert page.pointers[-1] == "/reads/1199"


def test_readers_become_assets():
    (asset,) = to_inventory("lpr", json.dumps({"readers": [READER]}).encode(), NOW).assets
    assert msgspec.to_builtins(asset) == {
        "id": "LPR-014",
        "source": "lpr",
        "kind": "plate_reader",
        "name": "Canal St at N Broad St, westbound",
        "geometry": {"type": "Point", "coordinates": [-90.0712, 29.9511]},
        "owner": "Example Police Department",
        "address": "Canal St & N Broad St",
        "field_of_view": {"heading_deg": 270.0, "angle_deg": 35.0, "range_m": 30.0},
        "status": "online",
        "observed": "2026-05-02T21:15:00Z",
    }


def test_a_reader_with_the_least_said_about_it():
    (asset,) = to_inventory("lpr", b'{"readers": [{"id": "LPR-1", "name": ""}]}', NOW).assets
    assert asset.geometry is None
    assert asset.field_of_view is None
    assert asset.status == "unknown"


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"readers": {}}', b'{"readers": [', b"\xff"])
def test_an_unreadable_list_of_readers_is_tried_again(body: bytes):
    with pytest.raises(RetryLater):
        to_inventory("lpr", body, NOW)


def test_a_bad_reader_is_rejected_and_the_others_stay():
    bad = [{**READER, "name": 7}, {**READER, "name": "?"}, {**READER, "longitude": float("nan")}]
    body = json.dumps({"readers": [READER, *bad]}).encode().replace(b"?", b"\xff")
    inventory = to_inventory("lpr", body, NOW)
    assert [asset.id for asset in inventory.assets] == ["LPR-014"]
    assert {row.code for row in inventory.rejected} == {"unmapped_reader"}
    assert b'"name": "\xff"' in inventory.rejected[1].raw
