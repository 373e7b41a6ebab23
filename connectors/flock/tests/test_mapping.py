"""What each field of an alert and a device becomes, and what is refused. All examples are invented.

The whole of both is in tests/golden.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from watchfloor_flock import mapping
from watchfloor_flock.settings import Settings
from watchfloor_flock.states import REGIONS, to_region, to_state
from watchfloor_flock.wire import Device
from watchfloor_sdk import GiveUp, Refused
from watchfloor_sdk.testing import context

ALERT = json.loads((Path(__file__).parent / "golden/alert.json").read_text())["delivery"]
SETTINGS = Settings(
    base_url="http://127.0.0.1:1", owner="Example PD", webhook_scheme="apiKey",
    webhook_header="x-api-key",
)  # fmt: skip
CTX = context(SETTINGS, source="flock")
LISTED = {"name": "SIM Custom List", "reason": "Exercise vehicle", "caseNumber": "SIM-0001"}


def hits(changes: dict[str, Any], content_type: str = "application/json") -> list[dict[str, Any]]:
    body = json.dumps({**ALERT, **changes}).encode()
    events = mapping.to_hits(CTX, mapping.to_alert(body, content_type))
    return [json.loads(msgspec.json.encode(event)) for event in events]


def one(**changes: Any) -> dict[str, Any]:
    [hit] = hits({"sources": [LISTED], **changes})
    return hit


def test_a_hit_is_unverified():
    """The contract leaves that word out: it is what a hit is until a person has looked."""
    assert one()["data"].get("verification", "unverified") == "unverified"


def test_a_read_on_two_lists_is_two_hits_with_ids_of_their_own():
    first, second = hits({})
    assert first["id"] != second["id"]
    assert {hit["id"].split(":")[0] for hit in (first, second)} == {ALERT["objectId"]}


def test_the_same_list_named_twice_is_one_hit():
    assert len(hits({"sources": [LISTED, LISTED]})) == 1


def test_the_id_shows_no_plate_and_no_case():
    assert not [word for word in ("ZZ", "SIM") if word in one()["id"]]


@pytest.mark.parametrize(
    ("name", "mark"),
    [("NCIC", "cji"), (" ncic stolen", "cji"), ("SIM Custom List", "le-sensitive")],
)
def test_what_comes_from_ncic_is_criminal_justice_information(name: str, mark: str):
    assert one(sources=[{**LISTED, "name": name}])["dataclassification"] == mark


@pytest.mark.parametrize(
    ("reason", "case", "said"),
    [
        ("Exercise", "SIM-1", "Exercise (case SIM-1)"),
        ("Exercise", None, "Exercise"),
        (None, "SIM-1", "case SIM-1"),
        (None, None, None),
    ],
)
def test_reason_and_case(reason: str | None, case: str | None, said: str | None):
    listed = {"name": "SIM List", "reason": reason, "caseNumber": case}
    assert one(sources=[listed])["data"].get("reason") == said


@pytest.mark.parametrize(
    ("state", "region"),
    [
        ("kansas", "US-KS"), ("new_york", "US-NY"), ("washington_dc", "US-DC"),
        ("washington", "US-WA"), ("puerto_rico", "US-PR"), ("Kansas ", "US-KS"),
        ("KS", None), ("ontario", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_states_are_full_names(state: str | None, region: str | None):
    assert to_region(state) == region


def test_every_state_has_its_own_region_and_back():
    """Fifty states, the District of Columbia and Puerto Rico."""
    assert len(REGIONS) == len(set(REGIONS.values())) == 52
    assert all(to_state(region) == state for state, region in REGIONS.items())


def test_a_region_that_flock_does_not_know_is_not_asked_for():
    with pytest.raises(Refused):
        to_state("CA-ON")


def test_the_picture_is_the_networks_and_runs_out():
    [picture] = one()["data"]["media"]
    assert (picture["owner"], picture["expires"]) == ("Example Agency SIM", "2026-01-15T04:04:05Z")
    [own] = one(networkName=None)["data"]["media"]
    assert own["owner"] == "Example PD"


@pytest.mark.parametrize("expiration", [None, "", "soon", "2026-01-15T04:04:05"])
def test_a_picture_whose_end_cannot_be_read_costs_the_end_not_the_hit(expiration: str | None):
    [picture] = one(imageExpiration=expiration)["data"]["media"]
    assert "expires" not in picture


@pytest.mark.parametrize("url", [None, "", "https://img.example.org/" + "x" * 5000])
def test_a_picture_address_that_is_none_costs_the_picture_not_the_hit(url: str | None):
    assert "media" not in one(imageUrl=url)["data"]


def test_what_is_not_said_is_absent():
    bare = {
        name: ALERT[name] for name in ("objectId", "eventTime", "deviceExternalId", "sources")
    } | {"ocr": {"label": "ZZTEST1"}}
    events = mapping.to_hits(CTX, mapping.to_alert(json.dumps(bare).encode(), ""))
    data = json.loads(msgspec.json.encode(events[1].data))
    assert set(data) == {"plate", "reader", "hot_list", "reason"}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"<alert/>", "application/xml"), (b"{}", "text/xml"), (b"\n <?xml", "application/json")],
)
def test_the_xml_form_is_refused_with_the_reason(body: bytes, content_type: str):
    with pytest.raises(GiveUp, match="does not publish") as caught:
        mapping.to_alert(body, content_type)
    assert caught.value.code == "xml_not_public"
    assert "application/json" in caught.value.remedy


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ocr": None}, "no_plate"),
        ({"sources": []}, "no_hot_list"),
        ({"sources": None}, "unexpected_shape"),
        ({"sources": [{"reason": "nameless"}]}, "unexpected_shape"),
        ({"objectId": ""}, "unexpected_shape"),
        ({"deviceExternalId": None}, "unexpected_shape"),
        ({"ocr": {"label": "---"}}, "unexpected_shape"),
        ({"ocr": {"label": "ZZ" * 1000}}, "unexpected_shape"),
        ({"ocr": {"label": "ZZTEST1", "labelConfidence": 93}}, "unexpected_shape"),
        ({"eventTime": "yesterday"}, "bad_time"),
        ({"eventTime": "2026-01-15T03:04:05"}, "time_without_zone"),
        ({"deviceLat": 1000.0}, "bad_point"),
    ],
)
def test_an_alert_that_cannot_be_is_given_up_without_showing_the_plate(
    changes: dict[str, Any], code: str
):
    with pytest.raises(GiveUp) as caught:
        hits(changes)
    assert caught.value.code == code
    assert "ZZ" not in caught.value.detail


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff\xfe", b'{"a":' * 50_000])
def test_a_body_that_is_no_alert_is_given_up(body: bytes):
    with pytest.raises(GiveUp):
        mapping.to_alert(body, "application/json")


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("camera", "plate_reader"), ("video", "camera"), ("external", "camera"),
        ("audio", "gunshot_sensor"),
    ],
)  # fmt: skip
def test_a_device_becomes_an_asset_of_its_kind(type_: str, kind: str):
    asset = mapping.to_asset(CTX, Device(id="SIM-1", type=type_), datetime(2026, 1, 1, tzinfo=UTC))
    assert (asset.kind, asset.name, asset.owner) == (kind, "SIM-1", "Example PD")
    assert (asset.geometry, asset.status) == (None, "unknown")


def test_a_device_of_a_new_kind_is_not_guessed():
    with pytest.raises(GiveUp):
        mapping.to_asset(CTX, Device(id="SIM-1", type="toaster"), datetime(2026, 1, 1, tzinfo=UTC))
