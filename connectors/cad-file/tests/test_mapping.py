"""Each field that is mapped, from an invented row in the columns of a real export."""

import csv
import io
import json
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from watchfloor_sdk import AskAPerson, CadIncident, Coded, Place
from watchfloor_sdk.declarative import Scope

ROW = {
    "item_number": "Z0000122",
    "Type": "34S",
    "TypeText": "AGGRAVATED BATTERY BY SHOOTING",
    "Priority": "2C",
    "InitialType": "94",
    "InitialTypeText": "DISCHARGING FIREARM",
    "TimeCreate": "5/2/2022 16:14",
    "TimeDispatch": "5/2/2022 16:15",
    "TimeArrive": "5/2/2022 16:21",
    "TimeClosed": "5/2/2022 18:02",
    "Disposition": "RTF",
    "DispositionText": "REPORT TO FOLLOW",
    "SelfInitiated": "N",
    "Beat": "9Z01",
    "BLOCK_ADDRESS": "030XX Example Ave",
    "PoliceDistrict": "9",
    "Location": "POINT (-90.034 29.987)",
    "rtcc_research_outcome": "Relevant video was found",
}
BOUNDS = [-90.2, 29.8, -89.6, 30.2]


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def document(row):
    out = io.StringIO()
    csv.writer(out).writerows([row.keys(), row.values()])
    return out.getvalue().encode()


class Reader:
    """Reads rows by a mapping: a shipped one, or New Orleans' with changes."""

    def __init__(self, mapper, folder):
        self._mapper = mapper
        self._own = folder / "own.json"

    def mapped(self, mapping, row):
        now = Scope(utc(2026, 1, 1))
        return self._mapper(mapping, bounds=BOUNDS).page(document(row), now)

    def event(self, mapping="new-orleans", **changes):
        (event,) = self.mapped(mapping, {**ROW, **changes}).events
        return event

    def call(self, mapping="new-orleans", **changes):
        return self.event(mapping, **changes).data

    def refusal(self, **changes):
        page = self.mapped("new-orleans", {**ROW, **changes})
        assert page.events == []
        return page.rejected[0]

    def own(self, fields, **output):
        shipped = files("watchfloor_cad_file").joinpath("mappings/new-orleans.json")
        mapping = json.loads(shipped.read_text())
        made = mapping["sources"][0]["outputs"][0]
        made.update(output)
        made["fields"].update(fields)
        self._own.write_text(json.dumps(mapping))
        return self._own


@pytest.fixture
def reader(mapper, tmp_path):
    return Reader(mapper, tmp_path)


def test_every_field(reader):
    assert reader.call() == CadIncident(
        call_number="Z0000122",
        status="Closed",
        incident_type=Coded(code="34S", text="AGGRAVATED BATTERY BY SHOOTING", common="SHOOT"),
        initial_type=Coded(code="94", text="DISCHARGING FIREARM", common="WEAPON"),
        priority=2,
        priority_text="2C",
        place=Place(
            point=(-90.034, 29.987), error_m=60, address="030XX Example Ave", precision="block"
        ),
        beat="9Z01",
        district="9",
        created=utc(2022, 5, 2, 21, 14),
        dispatched=utc(2022, 5, 2, 21, 15),
        arrived=utc(2022, 5, 2, 21, 21),
        closed=utc(2022, 5, 2, 23, 2),
        disposition=Coded(code="RTF", text="REPORT TO FOLLOW", common="01"),
        self_initiated=False,
        centre_outcome="Relevant video was found",
    )


def test_the_event_is_as_old_as_the_latest_time_in_the_row(reader):
    assert reader.event().time == utc(2022, 5, 2, 23, 2)
    assert reader.event(TimeClosed="", TimeArrive="").time == utc(2022, 5, 2, 21, 15)


def test_whole_minutes_are_uncertain_by_a_minute(reader):
    assert reader.event().timeerror == 60
    assert reader.event(TimeClosed="5/2/2022 18:02:41").timeerror is None


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"TimeDispatch": "", "TimeArrive": "", "TimeClosed": ""}, "Active"),
        ({"TimeArrive": "", "TimeClosed": ""}, "ResourcesAssigned"),
        ({"TimeClosed": ""}, "ResourcesOnscene"),
        ({}, "Closed"),
        ({"Disposition": "VOI"}, "Cancelled"),
        ({"Disposition": "VOI", "TimeClosed": ""}, "ResourcesOnscene"),
    ],
)
def test_status_follows_from_the_times(changes, status, reader):
    assert reader.call(**changes).status == status


def test_a_status_column_counts_before_the_times(reader):
    stages = {"values": {"REOPEN": "ReOpened"}, "otherwise": None}
    status = {
        "first": [
            {"path": "Stage", "table": stages},
            {"path": "=Closed", "when": {"path": "TimeClosed", "there": True}},
            {"path": "=ResourcesEnroute", "when": {"path": "Out", "there": True}},
        ]
    }
    mine = reader.own({"status": status, "status_text": "Stage"})
    again = reader.call(mine, Stage="REOPEN", Out="")
    assert (again.status, again.status_text) == ("ReOpened", "REOPEN")
    underway = reader.call(mine, Stage="?", Out="5/2/2022 16:17", TimeClosed="")
    assert (underway.status, underway.status_text) == ("ResourcesEnroute", "?")


@pytest.mark.parametrize(
    ("text", "priority"), [("3", 1), ("2A", 2), ("1J", 3), ("0", 4), ("X", None), ("", None)]
)
def test_priority_counts_up_from_the_most_urgent(text, priority, reader):
    mapped = reader.call(Priority=text)
    assert (mapped.priority, mapped.priority_text) == (priority, text or None)


@pytest.mark.parametrize(
    ("address", "precision", "error_m"),
    [
        ("030XX Example Ave", "block", 60),
        ("20Blk Example Ave", "block", 60),
        ("Example Ave & Sample St", "intersection", 30),
        ("I-00 E", "area", 300),
    ],
)
def test_how_exact_the_place_is(address, precision, error_m, reader):
    place = reader.call(BLOCK_ADDRESS=address).place
    assert (place.precision, place.error_m) == (precision, error_m)


def test_a_masked_place_keeps_its_address(reader):
    mapped = reader.mapped("new-orleans", {**ROW, "Location": "POINT (0 0)"})
    place = mapped.events[0].data.place
    assert place == Place(address="030XX Example Ave", precision="masked")
    assert mapped.rejected == []


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("POINT (29.987 -90.034)", "swapped_point"),
        ("POINT (-90.034 NaN)", "bad_point"),
        ("POINT (-90.034 929.9)", "bad_point"),
        ("POINT (-90.034", "bad_point"),
        ("somewhere", "bad_point"),
    ],
)
def test_a_call_with_a_wrong_point_is_told_without_it(location, code, reader):
    mapped = reader.mapped("new-orleans", {**ROW, "Location": location})
    assert [one.code for one in mapped.rejected] == [code]
    (event,) = mapped.events
    assert event.data.place == Place(address="030XX Example Ave")
    assert event.data.status == "Closed"


def test_latitude_first_where_the_mapping_says_so(reader):
    event = reader.event(
        "new-orleans-2016",
        NOPD_Item="Z0000116",
        Type_="94",
        TimeCreate="04/07/2016 09:09:00 PM",
        TimeDispatch="",
        TimeArrive="",
        TimeClosed="",
        Location="(29.944, -90.113)",
    )
    assert event.data.place.point == (-90.113, 29.944)
    assert event.time == utc(2016, 4, 8, 2, 9)
    assert event.timeerror is None


def test_san_antonio_takes_the_epoch_and_two_columns(mapper):
    row = {
        "Date": "09/01/24", "Time": " 3:03:28", "Address": "400 Example Dr", "Zipcode": "78200",
        "Category": "Other Calls", "ProblemType": "Shooting In Progress", "PatrolDistrict": "3360",
        "Substation": "NORTH", "IncidentNumber": "SAPD-2024-0000001", "LAT": "29.491138",
        "LON": "-98.290397", "ResponseDate": "1725177808000",
    }  # fmt: skip
    (event,) = mapper("san-antonio").page(document(row), Scope(utc(2026, 1, 1))).events
    assert event.data == CadIncident(
        call_number="SAPD-2024-0000001",
        status="Closed",
        incident_type=Coded(text="Shooting In Progress", common="SHOOT"),
        place=Place(
            point=(-98.290397, 29.491138), error_m=60, address="400 Example Dr", precision="block"
        ),
        beat="3360",
        district="NORTH",
        created=utc(2024, 9, 1, 8, 3, 28),
    )


def test_lists_flags_and_notes(reader):
    mine = reader.own(
        {
            "units": {"path": "Units", "split": ","},
            "plates": {"path": "Plates", "split": ","},
            "notes": {"items": [{"fields": {"text": "Text"}}]},
            "callback": "Phone",
        }
    )
    mapped = reader.call(
        mine,
        Units="3A12, 3B7,",
        Plates="ZZT1234",
        Text="caller hears shots",
        Phone="555-0199",
        SelfInitiated="Y",
    )
    assert mapped.units == ["3A12", "3B7"]
    assert mapped.plates == ["ZZT1234"]
    assert [note.text for note in mapped.notes] == ["caller hears shots"]
    assert mapped.callback == "555-0199"
    assert mapped.self_initiated is True


def test_a_date_and_a_time_in_two_columns(reader):
    mine = reader.own({"created": "{Day} {Hour}"})
    mapped = reader.call(mine, Day="5/2/2022", Hour="16:14")
    assert mapped.created == utc(2022, 5, 2, 21, 14)


def test_in_the_hour_that_happens_twice_the_error_says_so(reader):
    event = reader.event(TimeClosed="11/6/2022 1:30:00")
    assert event.time == utc(2022, 11, 6, 6, 30)
    assert event.timeerror == 3600


def test_in_the_hour_that_does_not_exist_the_error_says_so(reader):
    none = {"TimeArrive": "", "TimeDispatch": "", "TimeClosed": ""}
    closed = reader.call(**{**none, "TimeClosed": "3/13/2022 2:30:00"})
    created = reader.event(**{**none, "TimeCreate": "3/13/2022 2:30:00"})
    assert closed.closed == created.time == utc(2022, 3, 13, 8, 30)
    assert created.timeerror == 3600


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"item_number": " "}, "incomplete"),
        ({"TimeCreate": "", "TimeDispatch": "", "TimeArrive": "", "TimeClosed": ""}, "incomplete"),
        ({"TimeArrive": "tomorrow"}, "bad_time"),
    ],
)
def test_a_row_that_cannot_be_a_call_is_given_up(changes, code, reader):
    assert reader.refusal(**changes).code == code


def test_a_call_that_lacks_its_time_of_creation_is_told_by_its_others(reader):
    event = reader.event(TimeCreate="")
    assert (event.data.created, event.time) == (None, utc(2022, 5, 2, 23, 2))


def test_the_reason_names_the_field(reader):
    assert reader.refusal(TimeArrive="tomorrow").detail.startswith("arrived: ")


def test_the_same_row_is_the_same_event_and_a_changed_one_another(reader):
    told = reader.event().id
    assert told == reader.event().id == reader.event(Zip="70126").id
    assert told != reader.event(rtcc_research_outcome="No relevant video was found").id
    assert told.startswith("Z0000122#")


def test_a_change_time_makes_a_return_to_an_earlier_state_an_event(reader):
    mine = reader.own({}, observed="Changed", time=["TimeClosed", "Changed"])
    first = reader.event(mine, Changed="5/2/2022 18:02")
    again = reader.event(mine, Changed="5/2/2022 18:30")
    assert first.data == again.data
    assert first.id != again.id
    assert again.observedtime == again.time == utc(2022, 5, 2, 23, 30)


def test_a_header_without_a_mapped_column_is_refused_by_name(reader):
    known = {name: value for name, value in ROW.items() if name != "TimeCreate"}
    with pytest.raises(AskAPerson, match="'TimeCreate'"):
        reader.mapped("new-orleans", known)
