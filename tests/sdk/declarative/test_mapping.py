"""What a mapping file can say of a record, and what comes of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from declaring import CALL, NOW, ROW, mapped, plan, refused, source, told

from watchfloor_sdk.declarative import Scope

BOUNDS = {"bounds": [-91, 29, -89, 31]}


@pytest.mark.parametrize(
    ("field", "said", "value"),
    [
        # paths
        ("beat", "a", "x"),
        ("beat", "deep.er", "y"),
        ("beat", "list.1.name", "second"),
        ("beat", "nothing.here", None),
        ("beat", "list.9.name", None),
        # constants and templates
        ("beat", "=5D", "5D"),
        ("priority", 3, 3),
        ("self_initiated", True, True),
        ("beat", "{a}-{whole}", "x-7"),
        ("beat", "{a}-{nothing}", None),
        ("beat", "{{{a}}}", "{x}"),
        ("beat", "@settings.owner", "Example PD"),
        # conversions follow from the contract's field
        ("beat", "whole", "7"),
        ("beat", "yes", "true"),
        ("beat", "empty", None),
        ("priority", "text_number", 2),
        ("self_initiated", "words_yes", True),
        ("self_initiated", "words_no", False),
        ("created", "wall", "2026-05-02T21:00:00Z"),
        ("created", "epoch", "2026-05-02T21:00:00Z"),
        ("units", "units", ["A1", "B2"]),
        ("units", "a", ["x"]),
        # values with more to them
        ("beat", {"jmespath": "list[?name=='second'].code | [0]"}, "B"),
        ("beat", {"first": ["nothing", "empty", "a"]}, "x"),
        ("beat", {"path": "nothing", "otherwise": "=none"}, "none"),
        ("beat", {"path": "a", "when": {"path": "whole", "one_of": [7]}}, "x"),
        ("beat", {"path": "a", "when": {"path": "whole", "one_of": [8]}}, None),
        ("beat", {"path": "dashed", "replace": {"pattern": "-"}}, "B0610222"),
        ("units", {"path": "joined", "split": ","}, ["A1", "B2"]),
        ("beat", {"path": "a", "table": {"values": {"X": "ex"}}}, "ex"),
        ("beat", {"path": "a", "table": {"values": {}, "otherwise": None}}, None),
        ("beat", {"path": "a", "table": "letters"}, "the letter x"),
        ("notes", {"items": [{"fields": {"text": "a"}}, {"fields": {"text": "nothing"}}]},
         [{"text": "x"}]),
        ("notes", {"each": "list", "fields": {"text": "name", "author": "code"}},
         [{"text": "first", "author": "A"}, {"text": "second", "author": "B"}]),
        ("disposition", {"fields": {"code": "a"}}, {"code": "x"}),
        ("disposition", {"fields": {"code": "nothing"}}, None),
    ],
)  # fmt: skip
def test_values(field: str, said: Any, value: Any):
    row = {
        "a": "x", "deep": {"er": "y"}, "whole": 7, "yes": True, "empty": "", "text_number": "2",
        "list": [{"name": "first", "code": "A"}, {"name": "second", "code": "B"}],
        "words_yes": "Y", "words_no": "N", "wall": "5/2/2026 16:00", "epoch": 1777755600,
        "units": ["A1", "B2"], "joined": "A1, B2,", "dashed": "B-06102-22",
    }  # fmt: skip
    data = told(
        {field: said}, row,
        settings={"owner": "Example PD"},
        time_zone="America/Chicago",
        time_formats=["iso", "%m/%d/%Y %H:%M", "epoch_s"],
        tables={"letters": {"values": {"x": "the letter x"}}},
    )  # fmt: skip
    assert data.get(field) == value


@pytest.mark.parametrize(
    ("fields", "row", "code"),
    [
        ({"beat": "deep"}, {"deep": {"er": 1}}, "bad_text"),
        ({"priority": "n"}, {"n": "many"}, "bad_number"),
        ({"priority": "n"}, {"n": 2.5}, "bad_number"),
        ({"priority": "n"}, {"n": 12}, "unmapped_record"),
        ({"priority": {"path": "n", "low": 0, "high": 9}}, {"n": 12}, "bad_number"),
        ({"created": "t"}, {"t": "soon"}, "bad_time"),
        ({"created": "t"}, {"t": "2026-05-02T20:00:00"}, "time_without_zone"),
        ({"beat": {"path": "a", "table": {"values": {}}}}, {"a": "x"}, "unknown_code"),
        ({}, {"id": None}, "incomplete"),
        ({}, {"at": ""}, "incomplete"),
        ({}, {"id": "x" * 300}, "unmapped_record"),
        ({"beat": "deep.er"}, {"deep": "flat"}, "bad_shape"),
        ({"beat": {"jmespath": "abs(a)"}}, {"a": "x"}, "bad_path"),
    ],
)
def test_what_cannot_be_is_refused_with_its_code(fields: Any, row: Any, code: str):
    assert refused(fields, row) == code


def test_one_bad_record_does_not_take_the_others_with_it():
    mapper = plan(source(CALL)).mappers["s"]
    rows = [{**ROW, "id": "Z-1"}, {**ROW, "at": "soon"}, {**ROW, "id": "Z-3"}]
    page = mapper.page(json.dumps({"rows": rows}).encode(), Scope(NOW))
    assert [event.id for event in page.events] == ["Z-1", "Z-3"]
    assert page.pointers == ["/rows/0", "/rows/2"]
    assert [json.loads(bad.raw) for bad in page.rejected] == [rows[1]]


def test_a_number_that_is_none_costs_its_record_only():
    """NaN and infinities, which JSON forbids and vendors write."""
    mapper = plan(source({**CALL, "fields": {**CALL["fields"], "priority": "n"}})).mappers["s"]
    body = b'{"rows": [{"id": "a", "at": "2026-05-02T20:00:00Z", "n": %s}, ' % b"NaN"
    body += b'{"id": "b", "at": "2026-05-02T20:00:00Z", "n": 1e999}, '
    body += b'{"id": "c", "at": "2026-05-02T20:00:00Z", "n": 1}]}'
    page = mapper.page(body, Scope(NOW))
    assert [event.id for event in page.events] == ["c"]
    assert [bad.code for bad in page.rejected] == ["bad_number", "bad_number"]
    assert b"NaN" in page.rejected[0].raw


PLACES = [{"pattern": "XX ", "precision": "block", "error_m": 60}]


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ({"longitude": "x", "latitude": "y"}, {"point": (-90.07, 29.95)}),
        ({"longitude": "xt", "latitude": "yt"}, {"point": (-90.07, 29.95)}),
        ({"longitude": "xm", "latitude": "ym", "scale": 1e-6}, {"point": (-90.07, 29.95)}),
        ({"wkt": "wkt"}, {"point": (-90.07, 29.95)}),
        ({"lat_lon": "pair"}, {"point": (-90.07, 29.95)}),
        ({"geojson": "geometry"}, {"point": (-90.07, 29.95)}),
        ({"longitude": "zero", "latitude": "zero", "address": "street"},
         {"address": "Example Ave", "precision": "masked"}),
        ({"address": "street"}, {"address": "Example Ave"}),
        ({"longitude": "x", "latitude": "y", "address": "block", "error_m": "m"},
         {"point": (-90.07, 29.95), "address": "030XX Example Ave", "error_m": 25.0,
          "precision": "block"}),
        ({"longitude": "x", "latitude": "y", "error_m": {"path": "m", "unit": "ft"}},
         {"point": (-90.07, 29.95), "error_m": 7.62}),
    ],
)  # fmt: skip
def test_places(where: Any, place: Any):
    row = {"x": -90.07, "y": 29.95, "xt": " -90.07", "yt": "29.95", "xm": -90070000,
           "ym": "29950000", "wkt": "POINT (-90.07 29.95)", "pair": "(29.95, -90.07)", "zero": 0,
           "geometry": {"type": "Point", "coordinates": [-90.07, 29.95]}, "m": 25,
           "street": "Example Ave", "block": "030XX Example Ave"}  # fmt: skip
    found = told({}, row, output={"place": where}, places=PLACES)["place"]
    assert {name: value for name, value in found.items() if value is not None} == place


def test_exchanged_numbers_are_found_by_the_bounds():
    where = {"longitude": "y", "latitude": "x"}
    row = {"x": -90.07, "y": 29.95}
    assert refused({}, row, output={"place": where}, settings=BOUNDS) == "swapped_point"


def test_a_doubtful_point_can_be_left_out_and_is_told_all_the_same():
    where = {"longitude": "x", "latitude": "y", "if_wrong": "leave_out", "address": "street"}
    page = mapped({}, {"x": 300, "y": 29.95, "street": "Example Ave"}, output={"place": where})
    assert page.events[0].data.place.point is None
    assert page.events[0].data.place.address == "Example Ave"
    assert page.events[0].data.place.precision is None  # masked is what the vendor left out
    assert [bad.code for bad in page.rejected] == ["bad_point"]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"path": "word", "one_of": ["a", "b"]}, True),
        ({"path": "word", "none_of": ["a"]}, False),
        ({"path": "word"}, True),
        ({"path": "nothing"}, False),
        ({"path": "no"}, False),
        ({"path": "nothing", "there": False}, True),
        ({"path": "object", "there": True}, True),
        ({"path": "word", "matches": "^[a-c]$"}, True),
        ({"jmespath": "length(list) > `1`"}, True),
        ({"all": [{"path": "word"}, {"path": "nothing"}]}, False),
        ({"any": [{"path": "word"}, {"path": "nothing"}]}, True),
        ({"never": [{"path": "nothing"}]}, True),
    ],
)
def test_conditions_choose_what_is_told(condition: Any, holds: bool):
    row = {"word": "a", "no": False, "object": {"x": 1}, "list": [1, 2]}
    page = mapped({}, row, output={"when": condition})
    assert (len(page.events), page.rejected) == (int(holds), [])


def test_one_record_may_be_an_event_and_an_asset():
    camera = {"asset": "camera", "id": "cam", "fields": {"name": "cam"}}
    file = source(CALL)
    file["sources"][0]["outputs"].append(camera)
    rows = [{**ROW, "cam": "C-1"}, {**ROW, "id": "Z-2", "cam": "C-2"}]
    page = plan(file).mappers["s"].page(json.dumps({"rows": rows}).encode(), Scope(NOW))
    assert [event.id for event in page.events] == ["Z-1", "Z-2"]
    assert [asset.id for asset in page.assets] == ["C-1", "C-2"]
    assert page.pointers == ["/rows/0", "/rows/1"]


def test_an_unchanged_record_is_the_same_event_a_changed_one_is_new():
    def id_of(beat: str) -> str:
        return mapped({"beat": "b"}, {"b": beat}, output={"id": "{id}#{@hash}"}).events[0].id

    assert id_of("5D") == id_of("5D") != id_of("6D")


def test_a_record_seen_to_change_is_a_new_event_though_it_says_what_it_said_before():
    def id_of(seen: str) -> str:
        output = {"id": "{id}#{@hash}", "observed": "seen"}
        return mapped({}, {"seen": seen}, output=output).events[0].id

    first, later = "2026-05-02T20:01:00Z", "2026-05-02T20:02:00Z"
    assert id_of(first) == id_of(first) != id_of(later)


@pytest.mark.parametrize(
    ("row", "time", "error_s"),
    [
        ({"at": "", "until": "2026-05-02 21:00"}, (21, 0), 60),
        ({"at": "2026-05-02 20:00:30", "until": "2026-05-02 19:00"}, (20, 0), None),
        ({"at": "2026-05-02 20:00", "until": "2026-05-02 21:00:10"}, (21, 0), None),
        ({"at": "2026-05-02 20:00"}, (20, 0), 60),
    ],
)
def test_of_several_times_the_latest_counts_with_its_error(row: Any, time: Any, error_s: Any):
    formats = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
    output = {"time": ["at", "until"]}
    (event,) = mapped({}, row, output=output, time_zone="UTC", time_formats=formats).events
    assert ((event.time.hour, event.time.minute), event.timeerror) == (time, error_s)


def test_a_record_without_any_of_its_times_is_refused():
    assert refused({}, {"at": None}, output={"time": ["at", "until"]}) == "incomplete"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"created": "at"}, "created"),
        ({"incident_type.common": {"path": "at", "table": {"values": {}}}}, "incident_type.common"),
        ({"notes": {"items": [{"fields": {"text": "=x", "time": "at"}}]}}, "notes"),
    ],
)
def test_what_is_refused_names_the_field(fields: dict[str, Any], field: str):
    output = {"time": "seen"}
    page = mapped(fields, {"at": "noon", "seen": "2026-05-02T20:00:00Z"}, output=output)
    assert page.events == []
    assert page.rejected[0].detail.startswith(f"{field}: ")
    assert "noon" not in page.rejected[0].detail


def test_a_wrong_time_of_the_event_is_named_too():
    page = mapped({}, {"at": "noon"})
    assert page.rejected[0].detail.startswith("time: ")


def test_the_envelope_is_the_sources_own():
    output = {"subject": "call/{id}", "observed": "seen", "handling": "agency",
              "expires": "until"}  # fmt: skip
    row = {"seen": "2026-05-02T20:01:00Z", "until": "2026-05-03T20:00:00+00:00"}
    (event,) = mapped({}, row, output=output).events
    assert (event.subject, event.dataclassification) == ("call/Z-1", "agency")
    assert event.observedtime == datetime(2026, 5, 2, 20, 1, tzinfo=UTC)
    assert event.expirytime == datetime(2026, 5, 3, 20, 0, tzinfo=UTC)
    assert event.dataschema == "urn:watchfloor:schema:cad.incident.v1"


def test_an_hour_that_happens_twice_has_an_error_of_an_hour():
    at = {"at": "2026-11-01 01:30:00"}
    (event,) = mapped({}, at, time_zone="America/Chicago").events
    assert event.timeerror == 3600


def test_views_are_records_of_their_own():
    layout = {"records": "rows", "views": "views"}
    output = {**CALL, "id": "{id}:{@number}", "fields": {**CALL["fields"], "beat": "view.name"}}
    body = {"rows": [{**ROW, "views": [{"name": "north"}, {"name": "south"}]}]}
    mapper = plan(source(output, layout)).mappers["s"]
    page = mapper.page(json.dumps(body).encode(), Scope(NOW))
    assert [(e.id, e.data.beat) for e in page.events] == [("Z-1:1", "north"), ("Z-1:2", "south")]
    assert page.pointers == ["/rows/0/views/0", "/rows/0/views/1"]


def test_xml_records_are_read_as_objects():
    layout = {"format": "xml", "records": "calls.call"}
    output = {**CALL, "fields": {**CALL["fields"], "beat": "where.beat", "units": "unit"}}
    body = b"""<feed xmlns="urn:example"><calls>
      <call id="Z-1"><at>2026-05-02T20:00:00Z</at><where><beat>5D</beat></where>
        <unit>A1</unit><unit>B2</unit></call>
      <call id="Z-2"><at>2026-05-02T20:00:00Z</at><unit/></call></calls></feed>"""
    page = plan(source(output, layout)).mappers["s"].page(body, Scope(NOW))
    assert [event.data.call_number for event in page.events] == ["Z-1", "Z-2"]
    assert page.events[0].data.beat == "5D"
    assert [event.data.units for event in page.events] == [["A1", "B2"], []]


def test_names_of_csv_columns_may_have_dots_and_spaces():
    layout = {"format": "csv", "delimiter": ";"}
    output = {**CALL, "id": "Call No.", "time": "at",
              "fields": {**CALL["fields"], "call_number": "Call No."}}  # fmt: skip
    body = b"Call No.;at\r\nZ-1; 2026-05-02T20:00:00Z \r\n"
    page = plan(source(output, layout)).mappers["s"].page(body, Scope(NOW))
    assert [event.data.call_number for event in page.events] == ["Z-1"]
    assert page.pointers == ["row=2"]


@pytest.mark.parametrize("formats", [["iso"], ["%Y-%m-%dT%H:%M:%S%z"]])
def test_times_are_told_in_utc_whatever_their_offset(formats: list[str]):
    """Both where the decoder reads them and where the mapping does."""
    at = "2026-05-02T15:00:00-05:00"
    page = mapped({"closed": "closed"}, {"at": at, "closed": at}, time_formats=formats)
    (event,) = page.events
    for time in (event.time, event.data.closed):
        assert (time.isoformat(), page.rejected) == ("2026-05-02T20:00:00+00:00", [])
