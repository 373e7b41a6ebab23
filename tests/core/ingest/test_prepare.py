"""Ingest takes what is right, mends what it can and says so, refuses the rest with a reason."""

import json
from datetime import UTC, datetime

import pytest

from watchfloor.ingest import MAX_EVENT, Origin, Preparer, Refusal, Validators
from watchfloor.ports.store import Box, NewEvent

NOW = round(datetime(2026, 5, 2, 21, 15, tzinfo=UTC).timestamp() * 1e6)
ORIGIN = Origin("lpr", "/ex-pd/lpr", "lpr-rest/0.1.0")
BOUNDS = Box(-90.2, 29.8, -89.6, 30.2)


@pytest.fixture(scope="module")
def preparer():
    return Preparer(Validators(), BOUNDS)


def read(**changes):
    event = {
        "specversion": "1.0", "id": "r-1", "source": "/ex-pd/lpr",
        "type": "watchfloor.lpr.read.v1", "time": "2026-05-02T21:14:07Z",
        "dataclassification": "le-sensitive", "subject": "reader/R-1",
        "data": {"plate": "ZZT1234", "reader": "R-1", "place": {"point": [-90.05, 29.95]}},
    }  # fmt: skip
    event["data"].update(changes.pop("data", {}))
    return {**event, **changes}


def prepare(preparer, event, origin=ORIGIN):
    raw = event if isinstance(event, bytes) else json.dumps(event).encode()
    return preparer.event(origin, raw, NOW)


def test_a_good_event_keeps_its_bytes_and_is_filed_under_its_keys(preparer):
    raw = json.dumps(read()).encode()
    row = preparer.event(ORIGIN, raw, NOW, "/reads/3")
    assert isinstance(row, NewEvent)
    assert row.body is raw
    assert row.keys == (("plate", "ZZT1234"), ("asset", "R-1"))
    assert row.point == (-90.05, 29.95)
    assert row.pointer == "/reads/3"
    assert row.changes is None
    assert row.time == round(datetime(2026, 5, 2, 21, 14, 7, tzinfo=UTC).timestamp() * 1e6)


def test_a_plate_is_normalised_and_what_the_vendor_sent_is_kept(preparer):
    row = prepare(preparer, read(data={"plate": "zzt-1234"}))
    data = json.loads(row.body)["data"]
    assert (data["plate"], data["plate_as_read"]) == ("ZZT1234", "zzt-1234")
    assert json.loads(row.changes) == [["data.plate", "zzt-1234", "ZZT1234"]]
    assert ("plate", "ZZT1234") in row.keys


def test_point_0_0_is_no_place(preparer):
    row = prepare(preparer, read(data={"place": {"point": [0, 0], "address": "030XX Example Ave"}}))
    assert row.point is None
    assert json.loads(row.body)["data"]["place"]["precision"] == "masked"


@pytest.mark.parametrize("point", [[29.95, -90.05], [29.95, -90.0]])
def test_swapped_coordinates_are_mended_where_that_lands_in_the_agencys_world(preparer, point):
    row = prepare(preparer, read(data={"place": {"point": point}}))
    assert row.point == (point[1], point[0])
    assert json.loads(row.changes)[0][0] == "data.place.point"


def test_a_place_far_away_is_kept_when_swapping_does_not_help(preparer):
    row = prepare(preparer, read(data={"place": {"point": [10.0, 50.0]}}))
    assert row.point == (10.0, 50.0)


def test_a_time_in_the_future_is_kept_and_its_doubt_is_stated(preparer):
    """A vendor's clock is two days ahead: correlation must know how far the time can be off."""
    row = prepare(preparer, read(time="2026-05-04T21:15:00Z"))
    assert json.loads(row.body)["timeerror"] == 2 * 86400
    assert row.time > NOW


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{", "not_json"),
        (b"\xff\xfe{}", "not_json"),
        (b"[]", "unknown_type"),
        (b"null", "unknown_type"),
        (b'{"type": 7}', "unknown_type"),
        (b'{"type": "watchfloor.unicorn.v1"}', "unknown_type"),
        (json.dumps(read()).replace("29.95", "NaN").encode(), "not_json"),
        (json.dumps(read()).replace("29.95", "1e999").encode(), "not_json"),
        (b"x" * (MAX_EVENT + 1), "too_large"),
    ],
)
def test_what_is_no_event_of_ours_is_refused(preparer, raw, code):
    assert prepare(preparer, raw).code == code


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (read(time="2026-05-02T21:14:07"), "invalid"),
        (read(time="yesterday"), "invalid"),
        (read(time="2026-02-30T00:00:00Z"), "invalid"),
        (read(id=""), "invalid"),
        (read(id=7), "invalid"),
        (read(dataclassification="secret"), "invalid"),
        (read(data={"confidence": 1.5}), "invalid"),
        (read(data={"place": {"point": [-190.0, 29.95]}}), "invalid"),
        (read(data={"place": {"point": [-90.05]}}), "invalid"),
        (read(data={"place": {"point": ["-90.05", "29.95"]}}), "invalid"),
        (read(data={"place": "here"}), "invalid"),
        (read(data={"unheard_of": 1}), "invalid"),
        (read(data={"plate": "Z" * 33}), "invalid"),
        (read(data={"plate": None}), "invalid"),
        (read(source="/ex-pd/cad"), "foreign_source"),
        (read(source=None), "foreign_source"),
    ],
)
def test_an_event_that_breaks_the_contract_is_refused_with_a_reason(preparer, event, code):
    outcome = prepare(preparer, event)
    assert isinstance(outcome, Refusal)
    assert outcome.code == code
    assert outcome.detail


def test_a_refusal_never_carries_the_plate(preparer):
    outcome = prepare(preparer, read(data={"plate": "ZZSECRET" * 5}))
    assert "ZZSECRET" not in outcome.detail


def test_a_type_that_the_manifest_does_not_declare_is_refused(preparer):
    origin = Origin("lpr", "/ex-pd/lpr", "x/1", frozenset({"watchfloor.cad.incident.v1"}))
    assert prepare(preparer, read(), origin).code == "undeclared_type"


@pytest.mark.parametrize(
    "time", ["2026-05-02T23:59:60Z", "2026-05-02t21:14:07z", "0000-01-01T00:00:00Z"]
)
def test_odd_times_are_taken_or_refused_and_never_break_ingest(preparer, time):
    assert isinstance(prepare(preparer, read(time=time)), NewEvent | Refusal)
