"""What each field of a vehicle position becomes, and which positions are given out."""

from __future__ import annotations

import json
import math
import time
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from google.transit import gtfs_realtime_pb2 as gtfs

from watchfloor.contracts import decode_event
from watchfloor_gtfs_realtime.mapping import Batch, parse, to_batch, to_page
from watchfloor_gtfs_realtime.settings import Settings
from watchfloor_sdk import AskAPerson, RetryLater
from watchfloor_sdk.testing import context

NOW = datetime(2026, 2, 16, 16, 0, tzinfo=UTC)
STAMP = int(NOW.timestamp())
BUSES = Settings(feed_url="http://127.0.0.1/feed", fleet="Example Transit")
UNITS = Settings(feed_url="http://127.0.0.1/feed", fleet="Example PD", units=True)

FULL = {
    "trip": {"trip_id": "30095100", "route_id": "D96"},
    "vehicle": {"id": "4582", "label": "Bus 4582", "license_plate": "ZZT1234"},
    "position": {"latitude": 38.933418, "longitude": -77.079742, "bearing": 133.0, "speed": 8.84},
    "timestamp": STAMP - 10,
}


def entity(key: str = "1", **changed: object) -> gtfs.FeedEntity:
    about = {name: value for name, value in {**FULL, **changed}.items() if value is not None}
    return gtfs.FeedEntity(id=key, vehicle=gtfs.VehiclePosition(**about))


def feed(*entities: gtfs.FeedEntity, stamp: int = STAMP) -> gtfs.FeedMessage:
    header = gtfs.FeedHeader(gtfs_realtime_version="2.0", timestamp=stamp)
    return gtfs.FeedMessage(header=header, entity=entities)


def batch_of(message: gtfs.FeedMessage, settings: Settings = BUSES, **known: int) -> Batch:
    ctx = context(settings, source="bus", handling="public", now=NOW)
    return to_batch(ctx, message, known, NOW)


def one(settings: Settings = BUSES, **changed: object) -> dict:
    (event,) = batch_of(feed(entity(**changed)), settings).events
    decode_event(raw := msgspec.json.encode(event))
    return json.loads(raw)


def test_envelope():
    event = one()
    assert event["id"] == f"4582:{STAMP - 10}"
    assert event["type"] == "watchfloor.vehicle.position.v1"
    assert event["subject"] == "vehicle/4582"
    assert event["time"] == "2026-02-16T15:59:50Z"
    assert event["expirytime"] == "2026-02-16T16:04:50Z"
    assert event["dataclassification"] == "public"
    assert "timeerror" not in event


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("vehicle", "4582"),
        ("label", "Bus 4582"),
        ("fleet", "Example Transit"),
        ("speed_mps", 8.84),
        ("course_deg", 133.0),
    ],
)
def test_each_field(field: str, value: object):
    assert one()["data"][field] == value


def test_place_within_the_precision_of_32_bits():
    longitude, latitude = one()["data"]["place"]["point"]
    assert math.dist((longitude, latitude), (-77.079742, 38.933418)) < 1e-5


def test_the_number_plate_is_nowhere():
    batch = batch_of(feed(entity()))
    assert "ZZT1234" not in msgspec.json.encode(batch.events).decode()


def test_bearing_and_speed_are_optional_and_zero_is_a_value():
    bare = {"latitude": 38.9, "longitude": -77.0}
    assert {"speed_mps", "course_deg"}.isdisjoint(one(position=bare)["data"])
    still = one(position={**bare, "bearing": 0, "speed": 0})["data"]
    assert (still["speed_mps"], still["course_deg"]) == (0, 0)


@pytest.mark.parametrize(("bearing", "speed"), [(-1, -1), (361, 5000), (math.nan, math.inf)])
def test_a_bearing_or_speed_that_cannot_be_is_left_out(bearing: float, speed: float):
    position = {"latitude": 38.9, "longitude": -77.0, "bearing": bearing, "speed": speed}
    assert {"speed_mps", "course_deg"}.isdisjoint(one(position=position)["data"])


def test_without_a_vehicle_id_the_entity_names_it_and_without_a_time_the_feed():
    event = one(vehicle=None, timestamp=None)
    assert event["id"] == f"1:{STAMP}"


def test_labels_of_own_units_are_unit_names_and_their_places_are_sensitive():
    event = one(UNITS, vehicle={"id": "veh-7", "label": "5A12"})
    assert event["data"]["unit"] == "5A12"
    assert event["dataclassification"] == "le-sensitive"
    assert "unit" not in one()["data"]


def test_a_unit_without_a_label_goes_by_its_id():
    assert one(UNITS, vehicle={"id": "5A12"})["data"]["unit"] == "5A12"


def test_what_has_not_changed_is_not_given_out_again():
    first = batch_of(feed(entity()))
    again = batch_of(feed(entity(), stamp=STAMP + 15), **first.seen)
    assert (len(first.events), len(again.events)) == (1, 0)


def test_a_later_position_of_the_same_vehicle_is_given_out():
    first = batch_of(feed(entity()))
    moved = batch_of(feed(entity(timestamp=STAMP)), **first.seen)
    assert [event.id for event in moved.events] == [f"4582:{STAMP}"]


def test_a_stale_position_is_not_given_out():
    assert batch_of(feed(entity(timestamp=STAMP - 301))).events == []


def test_a_vehicle_without_a_fix_is_nowhere():
    batch = batch_of(feed(entity(position={"latitude": 0, "longitude": 0})))
    assert (batch.events, batch.rejected) == ([], [])


def test_deleted_entities_and_other_kinds_are_passed_over():
    gone = entity("1")
    gone.is_deleted = True
    alert = gtfs.FeedEntity(id="2", alert=gtfs.Alert())
    assert batch_of(feed(gone, alert)).events == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"position": {"latitude": math.nan, "longitude": -77.0}}, "bad_point"),
        ({"position": {"latitude": 138.9, "longitude": -77.0}}, "bad_point"),
        ({"position": {"latitude": 38.9, "longitude": math.inf}}, "bad_point"),
        ({"timestamp": STAMP + 3 * 86400}, "clock_off"),
        ({"timestamp": 2**63}, "bad_time"),
    ],
)
def test_a_position_that_cannot_be_is_rejected_once_and_the_others_stay(changed: dict, code: str):
    bad = entity("9", **{**changed, "vehicle": {"id": "x", "license_plate": "ZZT1234"}})
    message = feed(bad, entity())
    batch = batch_of(message)
    assert [event.data.vehicle for event in batch.events] == ["4582"]
    assert [record.code for record in batch.rejected] == [code]
    assert "ZZT1234" not in batch.rejected[0].raw
    assert batch_of(message, **batch.seen).rejected == []


def test_a_feed_clock_that_is_a_little_off_is_said_in_the_events():
    (event,) = batch_of(feed(entity(timestamp=STAMP + 110), stamp=STAMP + 120)).events
    assert event.timeerror == 120
    assert event.expirytime == NOW + timedelta(seconds=290)  # by our clock, not by the feed's


def test_a_feed_that_stands_still_is_said_and_nothing_of_it_is_shown():
    with pytest.raises(RetryLater) as caught:
        batch_of(feed(entity(), stamp=STAMP - 3600))
    assert caught.value.code == "stale_feed"


def test_a_feed_clock_days_ahead_is_said_and_nothing_of_it_is_shown():
    with pytest.raises(RetryLater) as caught:
        batch_of(feed(entity(), stamp=STAMP + 2 * 86400))
    assert caught.value.code == "clock_off"


def test_a_page_keeps_the_new_entities_as_they_came():
    old, new = entity("1"), entity("2", vehicle={"id": "77"})
    message = feed(old, new)
    batch = batch_of(message, **{"4582": STAMP - 10})
    page = to_page(message, batch, NOW)
    assert list(gtfs.FeedMessage.FromString(page.raw).entity) == [new]
    assert list(page.pointers) == ["/entity/0"]
    assert page.assured_until == NOW


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><html><body>Down for maintenance</body></html>",
        b'{"header": {}}',
        feed(entity()).SerializeToString()[:-7],
        b"\xff" * 64,
    ],
    ids=["empty", "html", "json", "cut", "noise"],
)
def test_what_is_no_feed_is_tried_again(body: bytes):
    with pytest.raises(RetryLater) as caught:
        parse(body)
    assert caught.value.code == "unreadable_answer"


def test_a_differential_feed_needs_a_person():
    message = feed(entity())
    message.header.incrementality = gtfs.FeedHeader.DIFFERENTIAL
    with pytest.raises(AskAPerson):
        parse(message.SerializeToString())


def test_a_feed_of_ten_thousand_vehicles_is_read_well_within_a_poll():
    fleet = [entity(str(n), vehicle={"id": str(n), "label": str(n)}) for n in range(10_000)]
    body = feed(*fleet).SerializeToString()
    began = time.perf_counter()
    message = parse(body)
    page = to_page(message, batch_of(message), NOW)
    assert len(page.events) == 10_000
    assert time.perf_counter() - began < 5  # of the fifteen seconds between two polls
