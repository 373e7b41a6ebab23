"""What is known of faces does not leave the worker, in the shapes in which vendors send it; and
nothing else is lost."""

import json
import time

import pytest

from watchfloor_sdk import Page
from watchfloor_sdk.connector import Rejected
from watchfloor_sdk.emitter import _params, rejected_record
from watchfloor_sdk.faces import is_of_face, stripped, without_faces

FRIGATE = {
    "type": "new",
    "after": {
        "id": "1790000000.1-sim", "camera": "sim_gate", "label": "person",
        "sub_label": ["Sim Person", 0.9], "score": 0.8, "attributes": {"face": 0.7, "amazon": 0.2},
        "current_attributes": [
            {"label": "face", "box": [1, 2, 3, 4], "score": 0.7},
            {"label": "amazon", "box": [1, 2, 3, 4], "score": 0.2},
        ],
    },
}  # fmt: skip
FRIGATE_LEFT = {
    "type": "new",
    "after": {
        "id": "1790000000.1-sim", "camera": "sim_gate", "label": "person",
        "score": 0.8, "attributes": {"amazon": 0.2},
        "current_attributes": [
            {"label": "face"},
            {"label": "amazon", "box": [1, 2, 3, 4], "score": 0.2},
        ],
    },
}  # fmt: skip
ONVIF_JSON = {
    "topic": "cam17/onvif-ej/RuleEngine/Recognition/Face/&VS1/rule-north",
    "payload": {"UtcTime": "2026-03-04T05:06:07Z", "Data": {"Label": "Sim Person"}},
}


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        (FRIGATE, FRIGATE_LEFT),
        (
            {"type": "face", "name": "Sim Person", "score": 0.9, "camera": "sim_gate", "id": "1"},
            {"type": "face", "camera": "sim_gate", "id": "1"},
        ),
        (
            {"type": "classification", "model": "m", "sub_label": "Sim Person", "score": 1},
            {"type": "classification", "model": "m", "score": 1},
        ),
        (
            {"data": {"objects": ["person", "car"], "sub_labels": ["Sim Person"], "zones": []}},
            {"data": {"objects": ["person", "car"], "zones": []}},
        ),
        (ONVIF_JSON, {"topic": ONVIF_JSON["topic"]}),
        (
            {"@ObjectId": "3", "Appearance": {"HumanFace": {"Age": 40}, "HumanBody": {"a": 1}}},
            {"@ObjectId": "3", "Appearance": {"HumanBody": {"a": 1}}},
        ),
        (
            {"details": {"smart_list_name": "SIM", "person_type": "x", "object_type": "person"}},
            {"details": {"object_type": "person"}},
        ),
        ({"person_label": "Sim Person", "camera_id": "c"}, {"camera_id": "c"}),
        (
            [{"faceId": 1, "face_embedding": [0.1], "FACE_CROP": "…", "x": [{"facial": 1}]}],
            [{"x": [{}]}],
        ),
    ],
)
def test_attributes_of_faces_go_and_the_rest_stays(sent, left):
    assert stripped(sent) == left
    assert json.loads(without_faces(json.dumps(sent).encode())) == left
    assert json.loads(without_faces(json.dumps(sent).encode("utf-16"))) == left


@pytest.mark.parametrize(
    "sent",
    [
        {"label": "car", "sub_label": "Sim parcels", "surface": "wet", "interface": 1},
        {"objects": ["car"], "sub_labels": ["Sim parcels"]},
        {"topic": "x/RuleEngine/Recognition/LicensePlate", "Data": {"PlateNumber": "ZZT1234"}},
        {"note": "The face of the building is damaged.", "type": "person"},
    ],
)
def test_what_is_not_of_faces_is_the_same_bytes(sent):
    body = json.dumps(sent, indent=3).encode()
    assert without_faces(body) is body


ONVIF_XML = b"""<?xml version="1.0"?>
<tt:MetadataStream xmlns:tt="http://www.onvif.org/ver10/schema"><tt:VideoAnalytics>
 <tt:Frame UtcTime="2026-03-04T05:06:07Z"><tt:Object ObjectId="3"><tt:Appearance>
  <tt:Class><tt:Type Likelihood="0.9">Human</tt:Type></tt:Class>%s<tt:HumanBody/>
 </tt:Appearance></tt:Object></tt:Frame></tt:VideoAnalytics></tt:MetadataStream>"""


@pytest.mark.parametrize(
    "face",
    [
        b"<tt:HumanFace><tt:Age><tt:Min>20</tt:Min></tt:Age></tt:HumanFace>",
        b"<tt:HumanFace/>",
        b"<fc:HumanFace a='1'><fc:HumanFace>x</fc:HumanFace><fc:B/></fc:HumanFace>",
        b'<tt:SimpleItem Name="FaceId" Value="7"/>',
        b'<tt:ElementItem Name="HumanFace"><tt:Gender>x</tt:Gender></tt:ElementItem >',
    ],
)
def test_onvif_profile_m_loses_its_faces(face):
    assert without_faces(ONVIF_XML % face) == ONVIF_XML % b""


def test_an_onvif_message_about_a_face_loses_its_data_and_its_neighbours_keep_theirs():
    def message(topic, data):
        return (
            f"<wsnt:NotificationMessage><wsnt:Topic>tns1:RuleEngine/Recognition/{topic}</wsnt:Topic>"
            f"<tt:Message>{data}</tt:Message></wsnt:NotificationMessage>"
        )

    data = '<tt:Data><tt:SimpleItem Name="Label" Value="SIM"/></tt:Data>'
    sent = message("Face", data) + message("LicensePlate", data)
    left = message("Face", "") + message("LicensePlate", data)
    assert without_faces(f"<r>{sent}</r>".encode()) == f"<r>{left}</r>".encode()


def test_an_element_that_does_not_end_is_cut_to_the_end_and_costs_no_more_than_its_length():
    body = b"<a><HumanFace>" * 50_000
    began = time.perf_counter()
    assert without_faces(body) == b"<a>"
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    "body", [b"", b"face", b"<face", b'{"face": ', b"\xff\xfeface", b"\x00\x00face"]
)
def test_what_cannot_be_read_passes_as_it_is(body):
    assert without_faces(body) == body


@pytest.mark.parametrize("name", ["surface", "Interface", "preface", "facet", "type", "person"])
def test_names_that_only_look_like_it(name):
    assert not is_of_face(name)


def test_nothing_of_a_face_is_sent_in_page_event_or_dead_letter(make_event):
    page = Page(
        events=[make_event({"person_label": "Sim Person", "device": "d"})],
        raw=json.dumps(FRIGATE).encode(),
        rejected=[Rejected(json.dumps(FRIGATE), "bad", "x")],
    )
    sent = _params(page)
    assert b"Sim Person" not in sent
    assert b"sim_gate" in sent
    assert b'"device":"d"' in sent
    assert "Sim Person" not in rejected_record(page.rejected[0]).raw


@pytest.fixture
def make_event():
    from datetime import UTC, datetime

    from watchfloor_sdk import Event

    def make(data):
        return Event(
            id="1", source="s", type="watchfloor.video.detection.v1",
            time=datetime(2026, 5, 1, tzinfo=UTC), data=data, dataclassification="agency",
        )  # fmt: skip

    return make
