"""Each field that is mapped, from an invented row in the columns of a real export."""

from datetime import UTC, datetime

import msgspec
import pytest

from watchfloor_cad_file.mapping import RowMapper
from watchfloor_cad_file.plan import MAPPINGS, MappingFile
from watchfloor_sdk import AskAPerson, CadIncident, Coded, GiveUp, Place
from watchfloor_sdk.mapping import Bounds

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
BOUNDS = Bounds(-90.2, 29.8, -89.6, 30.2)


def call(mapping="new-orleans", bounds=BOUNDS, **changes):
    plan = mapping if isinstance(mapping, MappingFile) else MAPPINGS.load(mapping)
    row = {**ROW, **changes}
    return RowMapper(plan, list(row), bounds).call(list(row.values()))


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def plan(**changes):
    return msgspec.structs.replace(MAPPINGS.load("new-orleans"), **changes)


def test_every_field():
    assert call().incident == CadIncident(
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


def test_the_event_is_as_old_as_the_latest_time_in_the_row():
    assert call().time == utc(2022, 5, 2, 23, 2)
    assert call(TimeClosed="", TimeArrive="").time == utc(2022, 5, 2, 21, 15)


def test_whole_minutes_are_uncertain_by_a_minute():
    assert call().error_s == 60
    assert call(TimeClosed="5/2/2022 18:02:41").error_s is None


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
def test_status_follows_from_the_times(changes, status):
    assert call(**changes).incident.status == status


def test_a_status_column_counts_before_the_times():
    columns = msgspec.structs.replace(
        MAPPINGS.load("new-orleans").columns, status="Stage", enroute="Out"
    )
    mine = plan(columns=columns, statuses={"REOPEN": "ReOpened"})
    again = call(mine, Stage="REOPEN", Out="").incident
    assert (again.status, again.status_text) == ("ReOpened", "REOPEN")
    underway = call(mine, Stage="?", Out="5/2/2022 16:17", TimeArrive="", TimeClosed="").incident
    assert (underway.status, underway.status_text) == ("ResourcesEnroute", "?")


@pytest.mark.parametrize(
    ("text", "priority"), [("3", 1), ("2A", 2), ("1J", 3), ("0", 4), ("X", None), ("", None)]
)
def test_priority_counts_up_from_the_most_urgent(text, priority):
    mapped = call(Priority=text).incident
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
def test_how_exact_the_place_is(address, precision, error_m):
    place = call(BLOCK_ADDRESS=address).incident.place
    assert (place.precision, place.error_m) == (precision, error_m)


def test_a_masked_place_keeps_its_address():
    mapped = call(Location="POINT (0 0)")
    assert mapped.incident.place == Place(address="030XX Example Ave", precision="masked")
    assert mapped.problem is None


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
def test_a_call_with_a_wrong_point_is_told_without_it(location, code):
    mapped = call(Location=location)
    assert mapped.problem.code == code
    assert mapped.incident.place == Place(address="030XX Example Ave")
    assert mapped.incident.status == "Closed"


def test_latitude_first_where_the_mapping_says_so():
    mapped = call(
        "new-orleans-2016",
        NOPD_Item="Z0000116",
        Type_="94",
        TimeCreate="04/07/2016 09:09:00 PM",
        TimeDispatch="",
        TimeArrive="",
        TimeClosed="",
        Location="(29.944, -90.113)",
    )
    assert mapped.incident.place.point == (-90.113, 29.944)
    assert mapped.time == utc(2016, 4, 8, 2, 9)
    assert mapped.error_s is None


def test_san_antonio_takes_the_epoch_and_two_columns():
    row = {
        "Date": "09/01/24", "Time": " 3:03:28", "Address": "400 Example Dr", "Zipcode": "78200",
        "Category": "Other Calls", "ProblemType": "Shooting In Progress", "PatrolDistrict": "3360",
        "Substation": "NORTH", "IncidentNumber": "SAPD-2024-0000001", "LAT": "29.491138",
        "LON": "-98.290397", "ResponseDate": "1725177808000",
    }  # fmt: skip
    mapped = RowMapper(MAPPINGS.load("san-antonio"), list(row)).call(list(row.values()))
    assert mapped.incident == CadIncident(
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


def test_lists_flags_and_notes():
    columns = msgspec.structs.replace(
        MAPPINGS.load("new-orleans").columns,
        units="Units",
        plates="Plates",
        notes="Text",
        callback="Phone",
    )
    mapped = call(
        plan(columns=columns),
        Units="3A12, 3B7,",
        Plates="ZZT1234",
        Text="caller hears shots",
        Phone="555-0199",
        SelfInitiated="Y",
    ).incident
    assert mapped.units == ["3A12", "3B7"]
    assert mapped.plates == ["ZZT1234"]
    assert [note.text for note in mapped.notes] == ["caller hears shots"]
    assert mapped.callback == "555-0199"
    assert mapped.self_initiated is True


def test_a_date_and_a_time_in_two_columns():
    columns = msgspec.structs.replace(MAPPINGS.load("new-orleans").columns, created=["Day", "Hour"])
    mapped = call(plan(columns=columns), Day="5/2/2022", Hour="16:14")
    assert mapped.incident.created == utc(2022, 5, 2, 21, 14)


def test_in_the_hour_that_happens_twice_the_error_says_so():
    mapped = call(TimeClosed="11/6/2022 1:30:00")
    assert mapped.time == utc(2022, 11, 6, 6, 30)
    assert mapped.error_s == 3600


def test_in_the_hour_that_does_not_exist_the_error_says_so():
    mapped = call(TimeClosed="3/13/2022 2:30:00", TimeArrive="", TimeDispatch="")
    created = call(TimeCreate="3/13/2022 2:30:00", TimeArrive="", TimeDispatch="", TimeClosed="")
    assert mapped.incident.closed == created.time == utc(2022, 3, 13, 8, 30)
    assert created.error_s == 3600


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"item_number": " "}, "no_call_number"),
        ({"TimeCreate": ""}, "no_time"),
        ({"TimeArrive": "tomorrow"}, "bad_time"),
    ],
)
def test_a_row_that_cannot_be_a_call_is_given_up(changes, code):
    with pytest.raises(GiveUp) as caught:
        call(**changes)
    assert caught.value.code == code


def test_the_reason_names_the_column():
    with pytest.raises(GiveUp, match="TimeArrive"):
        call(TimeArrive="tomorrow")


def test_the_same_row_is_the_same_event_and_a_changed_one_another():
    assert call().id == call().id == call(Zip="70126").id
    assert call().id != call(rtcc_research_outcome="No relevant video was found").id
    assert call().id.startswith("Z0000122#")


def test_a_change_time_makes_a_return_to_an_earlier_state_an_event():
    columns = msgspec.structs.replace(MAPPINGS.load("new-orleans").columns, updated="Changed")
    first = call(plan(columns=columns), Changed="5/2/2022 18:02")
    again = call(plan(columns=columns), Changed="5/2/2022 18:30")
    assert first.incident == again.incident
    assert first.id != again.id
    assert again.updated == again.time == utc(2022, 5, 2, 23, 30)


def test_a_header_without_a_mapped_column_is_refused_by_name():
    with pytest.raises(AskAPerson, match="'TimeCreate'"):
        RowMapper(MAPPINGS.load("new-orleans"), [name for name in ROW if name != "TimeCreate"])
