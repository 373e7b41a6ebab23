"""What each field of a webhook, a history row and a camera becomes. All examples are invented."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec
import pytest

from watchfloor.contracts import decode_event
from watchfloor_sdk import GiveUp, Place
from watchfloor_sdk.testing import context
from watchfloor_verkada import mapping
from watchfloor_verkada.settings import Settings
from watchfloor_verkada.wire import Camera, SeenPlate

CAMERA = "99999999-8888-4777-8666-000000000001"
LPR = {
    "camera_id": CAMERA,
    "created": 1790000122,
    "detected": 1790000122417,
    "license_plate_number": "ZZT0042",
    "confidence": 0.91,
    "crop": [0.31, 0.44, 0.52, 0.57],
    "image_url": "https://pictures.example.org/1",
    "license_plate_state": "us-la",
}
OLDER = {
    "camera_id": CAMERA,
    "created": 1790000122,
    "license_plate_number": "ZZT0042",
    "confidence": 0.91,
}
PLACES = {CAMERA: Place(point=(-90.07, 29.95), address="100 Example St")}
CTX = context(Settings(base_url="http://127.0.0.1:1", owner="nopd"), source="vk")


def webhook(data: object, kind: str = "lpr", **envelope: object) -> bytes:
    return json.dumps(
        {
            "org_id": "11111111-2222-4333-8444-555555555555",
            "webhook_type": kind,
            "created_at": 1790000123,
            "webhook_id": "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
            "data": data,
            **envelope,
        }
    ).encode()


def one(data: object, kind: str = "lpr") -> dict:
    event = mapping.to_event(CTX, mapping.opened(webhook(data, kind)), PLACES)
    decode_event(raw := msgspec.json.encode(event))
    return json.loads(raw)


def test_a_read_occurred_when_it_was_detected_in_milliseconds():
    assert one(LPR)["time"] == "2026-09-21T14:15:22.417000Z"


def test_an_older_sample_occurred_when_it_was_created_in_seconds():
    assert one(OLDER)["time"] == "2026-09-21T14:15:22Z"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("plate", "ZZT0042"),
        ("reader", CAMERA),
        ("region", "US-LA"),
        ("confidence", 0.91),
        ("place", {"point": [-90.07, 29.95], "address": "100 Example St"}),
        (
            "media",
            [
                {
                    "handle": "https://pictures.example.org/1",
                    "kind": "plate_picture",
                    "owner": "nopd",
                    "retention_class": "plate-reads",
                }
            ],
        ),
    ],
)
def test_each_field_of_a_read(field: str, value: object):
    assert one(LPR)["data"][field] == value


def test_a_read_is_law_enforcement_sensitive():
    assert one(LPR)["dataclassification"] == "le-sensitive"


def test_fields_that_older_samples_lack_are_absent_not_guessed():
    assert set(one(OLDER)["data"]) == {"plate", "reader", "confidence", "place"}


@pytest.mark.parametrize(
    ("state", "region"), [("us-ca", "US-CA"), ("ca-on", "CA-ON"), ("california", None), ("", None)]
)
def test_state_becomes_iso_3166_2(state: str, region: str | None):
    assert mapping.to_region(state) == region


def test_the_id_is_the_same_from_webhook_old_webhook_and_history():
    """A read that was pushed and is then found in the history is one event."""
    seen = SeenPlate(license_plate="ZZT0042", timestamp=1790000122)
    history = mapping.from_history(CTX, CAMERA, seen, PLACES)
    assert one(LPR)["id"] == one(OLDER)["id"] == history.id


def test_the_id_shows_no_plate():
    assert "ZZT0042" not in one(LPR)["id"]


@pytest.mark.parametrize(
    "other",
    [{"created": 1790000123}, {"camera_id": "another"}, {"license_plate_number": "ZZT0043"}],
)
def test_another_second_camera_or_plate_is_another_read(other: dict):
    assert one({**LPR, **other})["id"] != one(LPR)["id"]


def test_history_has_both_pictures_and_owns_up_to_its_second():
    seen = SeenPlate("ZZT0042", 1790000122, "https://p.example.org/1", "https://p.example.org/2")
    event = mapping.from_history(CTX, CAMERA, seen, {})
    assert [media.kind for media in event.data.media] == ["plate_picture", "vehicle_picture"]
    assert event.timeerror == 1.0
    assert event.data.place is None


def test_a_timestamp_in_milliseconds_is_understood_in_history_too():
    seconds = SeenPlate("ZZT0042", 1790000122)
    milliseconds = SeenPlate("ZZT0042", 1790000122417)
    ids = {mapping.from_history(CTX, CAMERA, seen, {}).id for seen in (seconds, milliseconds)}
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("kind", "status"), [("camera_online", "online"), ("camera_offline", "offline")]
)
def test_a_camera_that_goes_or_comes_back(kind: str, status: str):
    note = {"camera_id": CAMERA, "created": 1790000122, "notification_type": kind}
    event = one(note, "notification")
    assert event["type"] == "watchfloor.camera.status.v1"
    assert event["id"] == f"{CAMERA}:{status}:1790000122"
    assert event["dataclassification"] == "agency"
    assert (event["data"]["camera"], event["data"]["status"]) == (CAMERA, status)


def test_motion_is_a_detection_with_its_picture():
    note = {
        "camera_id": CAMERA,
        "created": 1790000122,
        "notification_type": "motion",
        "image_url": "https://pictures.example.org/2",
    }
    event = one(note, "notification")
    assert event["type"] == "watchfloor.video.detection.v1"
    assert event["id"] == f"{CAMERA}:motion:1790000122"
    assert event["dataclassification"] == "le-sensitive"
    assert (event["data"]["device"], event["data"]["detected"]) == (CAMERA, "motion")
    (picture,) = event["data"]["media"]
    assert (picture["kind"], picture["retention_class"]) == ("scene_picture", "camera-events")


@pytest.mark.parametrize(
    "kind", ["person_of_interest", "loitering", "crowd", "license_plate_of_interest", "brand_new"]
)
def test_other_notifications_are_not_news_for_us(kind: str):
    note = {
        "camera_id": CAMERA,
        "created": 1790000122,
        "notification_type": kind,
        "person_label": "must not be read",
    }
    assert mapping.opened(webhook(note, "notification")) is None


@pytest.mark.parametrize("kind", ["sensor_alert", "alarm_site_state_changed", "alert", "new"])
def test_other_webhooks_are_not_news_for_us(kind: str):
    assert mapping.opened(webhook({"any": "thing"}, kind)) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"camera_id": None},
        {"camera_id": ""},
        {"license_plate_number": 42},
        {"license_plate_number": "Z" * 10_000_000},
        {"confidence": 91},
        {"created": "yesterday"},
        {"created": None, "detected": None},
        {"detected": 1e300},
    ],
    ids=lambda wrong: f"{next(iter(wrong))}-{str(next(iter(wrong.values())))[:12]}",
)
def test_a_read_that_cannot_be_is_given_up_without_showing_the_plate(wrong: dict):
    with pytest.raises(GiveUp) as caught:
        mapping.to_event(CTX, mapping.opened(webhook({**LPR, **wrong})), PLACES)
    assert "ZZ" not in caught.value.detail


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"null", webhook(LPR)[:80], b"\xff\xfe", b'{"a":' * 50_000, b"NaN"],
)
def test_a_body_that_is_no_webhook_is_given_up(body: bytes):
    with pytest.raises(GiveUp):
        mapping.opened(body)


def test_not_a_number_is_refused():
    with pytest.raises(GiveUp):
        mapping.opened(webhook({**LPR, "confidence": float("nan")}))


def test_a_picture_address_too_long_to_keep_costs_the_picture_not_the_read():
    data = one({**LPR, "image_url": "https://pictures.example.org/" + "x" * 5000})["data"]
    assert "media" not in data


def test_a_camera_becomes_an_asset():
    camera = Camera(
        camera_id=CAMERA, name="Lot B gate", site="Lot B", location="100 Example St",
        location_lat=29.95, location_lon=-90.07, location_angle=-90.0, model="CB52-E",
        status="Live",
    )  # fmt: skip
    now = datetime(2026, 9, 21, tzinfo=UTC)
    assert msgspec.to_builtins(mapping.to_asset(CTX, camera, now)) == {
        "id": CAMERA,
        "source": "vk",
        "kind": "camera",
        "name": "Lot B gate",
        "geometry": {"type": "Point", "coordinates": [-90.07, 29.95]},
        "owner": "nopd",
        "address": "100 Example St",
        "field_of_view": {"heading_deg": 270.0},
        "status": "online",
        "observed": "2026-09-21T00:00:00Z",
        "attributes": {"site": "Lot B", "model": "CB52-E"},
    }


def test_a_camera_of_which_only_the_id_is_known():
    asset = mapping.to_asset(CTX, Camera(camera_id=CAMERA), datetime(2026, 9, 21, tzinfo=UTC))
    assert (asset.name, asset.geometry, asset.status) == (CAMERA, None, "unknown")


def test_a_camera_nowhere_near_the_globe_is_refused():
    with pytest.raises(GiveUp):
        mapping.to_place(Camera(camera_id=CAMERA, location_lat=1000.0, location_lon=0.5))
