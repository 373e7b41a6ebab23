"""What each element of an alert document becomes, and which documents are refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from watchfloor.contracts import decode_event
from watchfloor_sdk import Delivery, Event, GiveUp
from watchfloor_sdk.finding import find
from watchfloor_sdk.testing import context
from watchfloor_sdk.xml import MAX_BYTES

CONNECTOR = find("soundthinking-style").connector
CTX = context(CONNECTOR.settings(owner="nopd"), source="shots")
NOW = datetime(2026, 1, 15, 3, 5, tzinfo=UTC)


def to_events(ctx: Any, body: bytes) -> list[Event]:
    return list(CONNECTOR().webhook(ctx, Delivery(1, NOW, {}, body)))


FULL = {
    "id": "900001",
    "time": "2026-01-15T03:04:05Z",
    "simRevision": "1",
    "simState": "created",
    "simType": "MULTIPLE GUNSHOTS",
    "simRounds": "3",
    "simReviewed": "false",
    "simLatitude": "29.95",
    "simLongitude": "-90.07",
    "simErrorM": "25",
    "simAddress": "030XX Example Ave",
    "simCoverageArea": "District 5",
    "simAudioUrl": "https://audio.example.org/900001.wav",
}


def document(fields: dict[str, str], root: str = "IALRT05") -> bytes:
    elements = "".join(f"<{name}>{text}</{name}>" for name, text in fields.items())
    return f"<?xml version='1.0' encoding='UTF-8'?><{root}>{elements}</{root}>".encode()


def one(**changed: str | None) -> dict:
    fields = {name: text for name, text in {**FULL, **changed}.items() if text is not None}
    (event,) = to_events(CTX, document(fields))
    decode_event(raw := msgspec.json.encode(event))
    return json.loads(raw)


def test_envelope():
    event = one()
    assert event["id"] == "900001:1"
    assert event["type"] == "watchfloor.gunshot.detection.v1"
    assert event["time"] == "2026-01-15T03:04:05Z"
    assert event["subject"] == "gunshot/900001"
    assert event["dataclassification"] == "le-sensitive"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("incident", "900001"),
        ("state", "created"),
        ("classification", "MULTIPLE GUNSHOTS"),
        ("rounds", 3),
        ("coverage_area", "District 5"),
        ("place", {"point": [-90.07, 29.95], "error_m": 25.0, "address": "030XX Example Ave"}),
        (
            "media",
            [
                {
                    "handle": "https://audio.example.org/900001.wav",
                    "kind": "audio",
                    "owner": "nopd",
                    "retention_class": "gunshot-audio",
                }
            ],
        ),
    ],
)
def test_each_element(field: str, value: object):
    assert one()["data"][field] == value


def test_the_verified_elements_alone_make_an_incident():
    """Root, id and time are all that is known to be the vendor's."""
    body = b"<IALRT05><id>7</id><time>2026-01-15T03:04:05Z</time></IALRT05>"
    (event,) = to_events(CTX, body)
    assert msgspec.to_builtins(event)["data"] == {
        "incident": "7",
        "state": "created",
        "classification": "gunshot, type not given",
    }
    assert event.id == "7:created"


def test_elements_that_are_unknown_are_passed_over():
    assert one(vendorOwnElement="whatever")["data"] == one()["data"]


def test_review_and_cancellation_are_new_events_of_the_same_incident():
    events = [
        one(),
        one(simRevision="2", simState="updated", simReviewed="true"),
        one(simRevision="3", simState="cancelled", simReviewed="true"),
    ]
    assert [event["id"] for event in events] == ["900001:1", "900001:2", "900001:3"]
    assert [event["data"]["state"] for event in events] == ["created", "updated", "cancelled"]
    assert [event["data"].get("reviewed", False) for event in events] == [False, True, True]
    assert {event["subject"] for event in events} == {"gunshot/900001"}


def test_without_a_revision_the_state_tells_events_apart():
    assert one(simRevision=None)["id"] == "900001:created"
    assert one(simRevision=None, simState=None, simReviewed="true")["id"] == "900001:updated"


def test_the_same_document_twice_is_the_same_event():
    assert one()["id"] == one()["id"]


def test_a_position_of_zero_zero_is_none():
    place = one(simLatitude="0", simLongitude="0")["data"]["place"]
    assert place == {"address": "030XX Example Ave", "precision": "masked"}


def test_a_heartbeat_is_no_event():
    assert to_events(CTX, document({"time": "2026-01-15T03:04:05Z"}, "simHeartbeat")) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"id": None}, "incomplete"),
        ({"time": None}, "incomplete"),
        ({"time": "2026-01-15T03:04:05"}, "time_without_zone"),
        ({"time": "soon"}, "bad_time"),
        ({"simRounds": "three"}, "bad_number"),
        ({"simRounds": "-1"}, "bad_number"),
        ({"simLatitude": "NaN"}, "bad_point"),
        ({"simLatitude": "129.9"}, "bad_point"),
        ({"simErrorM": "inf"}, "bad_number"),
        ({"simState": "exploded"}, "unknown_code"),
    ],
)
def test_an_incident_that_cannot_be_is_given_up(changed: dict, code: str):
    with pytest.raises(GiveUp) as caught:
        one(**changed)
    assert caught.value.code == code


@pytest.mark.parametrize("root", ["IALRT04", "IALRT06", "SPALRT01", "html"])
def test_other_documents_are_given_up_by_name(root: str):
    with pytest.raises(GiveUp) as caught:
        to_events(CTX, document(FULL, root))
    assert caught.value.code == "unknown_document"


LAUGHS = b"""<!DOCTYPE IALRT05 [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<IALRT05><id>&b;</id></IALRT05>"""
OUTSIDE = b"""<!DOCTYPE IALRT05 [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<IALRT05><id>&x;</id></IALRT05>"""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_xml"),
        (b"not xml", "not_xml"),
        (b'{"id": 1}', "not_xml"),
        (document(FULL)[:-12], "not_xml"),
        (b"<!doctype html><html><body>Busy</body></html>", "not_xml"),
        (b"<IALRT05><id>\xff</id></IALRT05>", "not_xml"),
        (b"<?xml version='1.0' encoding='klingon'?><IALRT05/>", "not_xml"),
        (b"<IALRT05><id>&nothing;</id></IALRT05>", "not_xml"),
        (LAUGHS, "unsafe_xml"),
        (OUTSIDE, "unsafe_xml"),
        (b'<!DOCTYPE IALRT05 SYSTEM "http://192.0.2.1/x.dtd"><IALRT05/>', "unsafe_xml"),
        (b"<IALRT05><a><b>deep</b></a></IALRT05>", "incomplete"),
        (b"<a>" * 80_000, "unsafe_xml"),
        (document({"id": "x" * MAX_BYTES}), "too_large"),
    ],
    ids=[
        "empty", "text", "json", "cut", "html", "bytes", "encoding", "entity", "laughs", "outside",
        "dtd", "nested", "deep", "large",
    ],
)  # fmt: skip
def test_a_document_that_is_broken_or_dangerous_is_given_up(body: bytes, code: str):
    with pytest.raises(GiveUp) as caught:
        to_events(CTX, body)
    assert caught.value.code == code


def test_utf_16_is_read():
    text = document(FULL).decode().replace("UTF-8", "UTF-16")
    (event,) = to_events(CTX, text.encode("utf-16"))
    assert event.data.incident == "900001"
