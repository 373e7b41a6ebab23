"""Each fact about a camera that is taken over, and those that never are."""

import gzip
import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

import watchfloor_camera_registry
from watchfloor_camera_registry.mapping import CameraMapper
from watchfloor_camera_registry.plan import MAPPINGS, MappingFile
from watchfloor_camera_registry.records import listing
from watchfloor_sdk import AccessTerms, AskAPerson, Asset, FieldOfView, GiveUp, RetryLater
from watchfloor_sdk.mapping import Bounds

DATA = Path(os.environ.get("WATCHFLOOR_DATA", Path(__file__).parents[4] / "shared/data"))
NOW = datetime(2026, 5, 2, 21, 14, tzinfo=UTC)
BOUNDS = Bounds(-90.2, 29.8, -89.6, 30.2)

FULL = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [-90.03, 29.98]},
    "properties": {
        "camera_id": "reg-00017-2",
        "label": "Front door",
        "site_kind": "business",
        "site_name": "Example Hardware",
        "address": "100 Example St",
        "covers": ["street", "entrance"],
        "heading_deg": 135,
        "fov_deg": 60,
        "range_m": 40,
        "retention_days": 14,
        "records_audio": False,
        "status": "online",
        "status_since": "2026-05-01T10:00:00Z",
        "stream_url": "rtsp://cameras.example.org/17-2",
        "contact_name": "Zed Example",
        "phone": "555-0100",
        "email": "zed@example.org",
        "consent": {
            "level": "conditional_live",
            "given_by": "Zed Example",
            "conditions": "panic button only",
            "expires_at": "2027-02-01T15:00:00Z",
        },
    },
}


def mapped(record, mapping="registry-geojson", bounds=BOUNDS):
    plan = mapping if isinstance(mapping, MappingFile) else MAPPINGS.load(mapping)
    return CameraMapper(plan, "registry", bounds).camera(record, NOW)


def with_(consent=None, at=None, **properties):
    geometry = {"type": "Point", "coordinates": at} if at else FULL["geometry"]
    consent = {**FULL["properties"]["consent"], **(consent or {})}
    properties = {**FULL["properties"], **properties, "consent": consent}
    return {**FULL, "geometry": geometry, "properties": properties}


def test_every_fact():
    camera = mapped(FULL)
    assert camera.asset == Asset(
        id="reg-00017-2",
        source="registry",
        kind="camera",
        name="Front door",
        geometry={"type": "Point", "coordinates": [-90.03, 29.98]},
        owner="Example Hardware",
        field_of_view=FieldOfView(heading_deg=135, angle_deg=60, range_m=40),
        access=AccessTerms(
            level="conditional_live",
            conditions="panic button only",
            expires=datetime(2027, 2, 1, 15, tzinfo=UTC),
        ),
        address="100 Example St",
        streams=["rtsp://cameras.example.org/17-2"],
        status="online",
        attributes={"site_kind": "business", "retention_days": 14, "records_audio": False},
    )
    assert camera.changed == datetime(2026, 5, 1, 10, tzinfo=UTC)


def test_contact_data_never_leaves_the_registry():
    written = msgspec.json.encode(mapped(FULL).asset).decode()
    for word in ("Zed", "555-0100", "zed@", "given_by", "phone"):
        assert word not in written


@pytest.mark.parametrize(
    "attributes",
    [
        {"who": "properties.contact_name"},
        {"e-mail": "x"},
        {"x": "properties.phone"},
        {"x": "consent.given_by"},
    ],
)
def test_a_mapping_may_not_take_contact_data_over(attributes):
    text = json.dumps(
        {**msgspec.to_builtins(MAPPINGS.load("registry-geojson")), "attributes": attributes}
    )
    with pytest.raises(AskAPerson, match="contact data"):
        MAPPINGS.decode(text, "mine.json")


@pytest.mark.parametrize(
    ("level", "read"),
    [
        ("listed", "listed"),
        ("live_and_recorded", "live_and_recorded"),
        (None, "request"),
        ("0", "listed"),
        (3, "live"),
        ("4", "live_and_recorded"),
        ("everything", "listed"),
        ("5", "listed"),
    ],
)
def test_a_level_that_is_not_known_is_the_least(level, read):
    assert mapped(with_({"level": level})).asset.access.level == read


@pytest.mark.parametrize(
    ("consent", "streams"),
    [
        ({"level": "live"}, 1),
        ({"level": "request"}, 0),
        ({"level": "listed"}, 0),
        ({"level": "live", "withdrawn_at": "2026-05-01T00:00:00Z"}, 0),
        ({"level": "live", "expires_at": "2026-05-01T00:00:00Z"}, 0),
        ({"level": "live", "expires_at": "some day"}, 0),
    ],
)
def test_a_stream_is_taken_over_only_with_consent(consent, streams):
    assert len(mapped(with_(consent)).asset.streams) == streams


def test_withdrawn_consent_is_said_with_its_time():
    withdrawn = with_({"withdrawn_at": "2026-05-01T00:00:00Z"})
    assert mapped(withdrawn).asset.access.withdrawn == datetime(2026, 5, 1, tzinfo=UTC)
    assert mapped(with_({"withdrawn_at": "yes"})).asset.access.withdrawn == NOW
    assert mapped(with_({"withdrawn_at": "no"})).asset.access.withdrawn is None


def test_an_end_of_consent_that_cannot_be_read_leaves_the_least():
    access = mapped(with_({"level": "live", "expires_at": "01/02/27"})).asset.access
    assert (access.level, access.expires) == ("listed", None)


@pytest.mark.parametrize(
    ("covers", "refused"),
    [
        (["interior"], True),
        ("Indoor", True),
        (["street", "interior"], False),
        (["entrance"], False),
        (None, False),
    ],
)
def test_a_camera_that_looks_inside_is_refused(covers, refused):
    if refused:
        with pytest.raises(GiveUp) as caught:
            mapped(with_(covers=covers))
        assert caught.value.code == "interior"
    else:
        assert mapped(with_(covers=covers)).asset.id


@pytest.mark.parametrize(
    ("heading", "degrees"),
    [
        ("North", 0), ("south-west", 225), ("NE", 45), ("w", 270), ("182.5", 182.5), (0, 0),
        ("PTZ", None), ("East-West", None), ("400", None), ("NaN", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_headings(heading, degrees):
    view = mapped(with_(heading_deg=heading)).asset.field_of_view
    assert (view and view.heading_deg) == degrees


def test_a_view_without_its_opening_has_the_usual_one():
    view = mapped(with_(fov_deg=None, range_m="far")).asset.field_of_view
    assert (view.angle_deg, view.range_m) == (90, None)


@pytest.mark.parametrize(
    ("at", "problem"),
    [
        ([29.98, -90.03], "swapped_point"),
        ([-90.03, 929.98], "bad_point"),
        ([float("nan"), 29.98], "bad_number"),
        (["somewhere", "else"], "bad_number"),
    ],
)
def test_a_point_that_cannot_be_is_left_out_and_told(at, problem):
    camera = mapped(with_(at=at))
    assert camera.problem.code == problem
    assert camera.asset.geometry is None


@pytest.mark.parametrize("at", [[0, 0], [None, None], ["", ""]])
def test_no_point_is_no_problem(at):
    camera = mapped(with_(at=at))
    assert (camera.asset.geometry, camera.problem) == (None, None)


def test_a_record_without_an_identifier_is_given_up():
    with pytest.raises(GiveUp) as caught:
        mapped(with_(camera_id=" "))
    assert caught.value.code == "no_id"


def records(text, mapping):
    return listing(text.encode() if isinstance(text, str) else text, MAPPINGS.load(mapping)).records


def test_microdegrees_and_an_identifier_of_two_columns():
    text = (
        "name,id,status,mapRegionId,lat,lon,hasSnapshot,timestamp,imageViewDirection,roadway,"
        "direction,associatedRoadwaysCount\n"
        "IH @ FM1,IH @ FM1__X,Device Online,FTW,32508525,-98431509,True,"
        "10\\/02\\/2018 at 5:53 PM,,IH-20,West,0\n"
    )
    asset = mapped(records(text, "txdot")[0], "txdot", None).asset
    assert asset.id == "FTW:IH @ FM1__X"
    assert asset.geometry["coordinates"] == [-98.431509, 32.508525]
    assert asset.status == "online"
    assert asset.attributes == {"roadway": "IH-20", "direction": "West"}


def test_coordinates_as_text():
    feature = {
        "geometry": {"coordinates": ["-76.72991", "37.35102"]},
        "properties": {"id": "85209", "active": True, "description": "I-00 / MM 1"},
    }
    asset = mapped(feature, "virginia-511", None).asset
    assert asset.geometry["coordinates"] == [-76.72991, 37.35102]
    assert (asset.name, asset.status) == ("I-00 / MM 1", "online")


def test_one_camera_for_every_view_of_a_site():
    site = [{"Id": "s1", "Latitude": 39.16, "Longitude": -84.55, "Location": "74 at Example",
             "Cameras": [{"Direction": "East", "SmallURL": "http://x.example/1", "LargeURL": None},
                         {"Direction": "PTZ", "SmallURL": "http://x.example/2"}]}]  # fmt: skip
    first, second = (
        mapped(record, "ohgo", None).asset for record in records(json.dumps(site), "ohgo")
    )
    assert (first.id, second.id) == ("s1:1", "s1:2")
    assert first.field_of_view.heading_deg == 90
    assert second.field_of_view is None
    assert first.streams == ["http://x.example/1"]


def test_json_in_a_function_call():
    text = (
        'Ext.data.JsonP.callback6({"data":[{"id":"m1","lat":39.2,"lon":-76.5,"opStatus":"OK"}]});'
    )
    asset = mapped(records(text, "maryland-chart")[0], "maryland-chart", None).asset
    assert (asset.id, asset.status) == ("m1", "online")


@pytest.mark.parametrize(
    ("text", "mapping", "error"),
    [
        ('{"features": [{"a"', "registry-geojson", RetryLater),
        ('{"features": []}', "registry-geojson", RetryLater),
        ("camera_id,lat,lon\na,1,2\nb,1", "registry-csv", RetryLater),
        ("camera_id,lat,lon\n", "registry-csv", RetryLater),
        ("id,y,x\na,1,2\n", "registry-csv", AskAPerson),
        ('{"cameras": []}', "registry-geojson", AskAPerson),
        ("[]", "registry-geojson", AskAPerson),
        (b"camera_id,lat,lon\n\xff,1,2\n", "registry-csv", AskAPerson),
    ],
)
def test_what_is_no_registry_is_refused(text, mapping, error):
    with pytest.raises(error):
        records(text, mapping)


def test_a_byte_order_mark_is_no_part_of_the_first_column():
    text = "\ufeffcamera_id,lat,lon\na,29.98,-90.03\n"
    assert mapped(records(text, "registry-csv")[0], "registry-csv").asset.id == "a"


@pytest.mark.parametrize("name", MAPPINGS.shipped())
def test_shipped_mappings_are_sound(name):
    assert MAPPINGS.load(name).name


def test_the_schema_for_editors_is_that_of_the_class():
    path = Path(watchfloor_camera_registry.__file__).with_name("mapping.schema.json")
    assert json.loads(path.read_text()) == json.loads(json.dumps(msgspec.json.schema(MappingFile)))


@pytest.mark.data
@pytest.mark.skipif(not DATA.exists() and not os.environ.get("CI"), reason="no open data here")
@pytest.mark.parametrize(
    ("file", "mapping", "cameras", "placed"),
    [
        ("new_orleans/rtcc_cameras_2022.csv", "new-orleans", 432, 432),
        ("washington_dc/mpd_cctv_cameras.geojson", "dc-cctv", 568, 568),
        ("cincinnati/ohgo_cameras_2018.json", "ohgo", 161, 161),
        ("cameras_dot/texas_txdot_2018.csv", "txdot", 2534, 2534),
        ("cameras_dot/georgia_navigator_2023.json", "georgia-navigator", 3043, 3040),
        ("cameras_dot/virginia_511_2018.geojson", "virginia-511", 1230, 1229),
        ("cameras_dot/louisiana_511la_2018.json", "louisiana-511", 434, 434),
        ("cameras_dot/maryland_chart_2018.jsonp", "maryland-chart", 450, 450),
        ("cameras_dot/nyc_dot_2023.json", "nyc-dot", 723, 723),
    ],
)
def test_real_registries(file, mapping, cameras, placed):
    plan = MAPPINGS.load(mapping)
    mapper = CameraMapper(plan, "registry")
    found = []
    for record in listing(gzip.decompress((DATA / f"{file}.gz").read_bytes()), plan).records:
        with suppress(GiveUp):
            found.append(mapper.camera(record, NOW).asset)
    assert len(found) == cameras
    assert sum(asset.geometry is not None for asset in found) == placed
    for asset in found:
        msgspec.convert(msgspec.to_builtins(asset), Asset)
