"""Each field that is mapped, there and back; and documents that are not what they should be."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from watchfloor_eido_cad import UnitState, to_eido
from watchfloor_eido_cad.mapping import told
from watchfloor_sdk import CadIncident, Coded, GiveUp, Note, Place, UnitStatus
from watchfloor_sdk.eido import Author, decode, encode
from watchfloor_sdk.mapping import Bounds

DATA = Path(os.environ.get("WATCHFLOOR_DATA", Path(__file__).parents[4] / "shared/data"))
SAMPLE = DATA / "messages/eido/Sample_call_transfer_EIDO.json"
AT = datetime(2026, 1, 15, 3, 5, tzinfo=UTC)
AUTHOR = Author("police.example.org", "dispatch", AT)
INCIDENT = "urn:emergency:uid:incidentid:sim0001:example.org"
POLICE = {"$ref": "police.example.org"}
POINT = (
    '<presence xmlns="urn:ietf:params:xml:ns:pidf"><gml:Point '
    'xmlns:gml="http://www.opengis.net/gml"><gml:pos>40.0 -100.0</gml:pos></gml:Point></presence>'
)


def part(id, **fields):
    stamp = {"lastUpdateTimeStamp": "2026-01-15T03:05:00Z", "updatedByAgencyReference": POLICE}
    return {"$id": id, **stamp, **fields}


def location(kind="CurrentIncident", id="loc:1", value=POINT, **fields):
    return part(id, locationTypeDescriptionRegistryText=kind, locationByValue=value, **fields)


def unit(id="unit:1", **fields):
    return part(
        id,
        **{
            "emergencyResourceTypeCommonRegistryText": "PatrolUnit",
            "primaryUnitStatusRegistryText": "NotAvailable ",
            "secondaryUnitStatusRegistryText": ["Dispatched", "EnRoute "],
            "emergencyResourceName": "SIM1",
            **fields,
        },
    )


def document(incident=None, **components):
    head = {
        "incidentTypeCommonRegistryText": "SHOOT ",
        "incidentStatusCommonRegistryText": ["Active", "ResourcesAssigned"],
        "internalIncidentId": "SIM-2026-000001",
        **(incident or {}),
    }
    return part(
        INCIDENT,
        eidoVersion="1.0",
        issuingElementIdentification="cad.example.org",
        agencyComponent=[part("police.example.org", agencyType=["police"])],
        incidentComponent=part("comp:1", **head),
        **components,
    )


def mapped(doc, bounds=None):
    return list(told(decode(json.dumps(doc).encode()), bounds))


def call(incident=None, **components):
    return mapped(document(incident, **components))[0].data


def test_the_least_that_an_incident_says():
    assert call() == CadIncident(
        call_number="SIM-2026-000001",
        status="ResourcesAssigned",
        incident_type=Coded(common="SHOOT"),
    )


@pytest.mark.parametrize(
    ("fields", "attribute", "value"),
    [
        ({"incidentTypeInternalCode": "34S"}, "incident_type", Coded(code="34S", common="SHOOT")),
        (
            {"incidentTypeInternalText": "SHOOTING", "incidentTypeCommonRegistryText": "NCRNONE"},
            "incident_type",
            Coded(text="SHOOTING"),
        ),
        ({"incidentStatusInternalText": ["ENRT ", "x"]}, "status_text", "ENRT, x"),
        ({"incidentCommonPriorityNumber": 1}, "priority", 1),
        ({"incidentCommonPriorityNumber": 14}, "priority", 9),
        ({"incidentCommonPriorityNumber": -1}, "priority", None),
        ({"incidentPriorityInternalText": "2C"}, "priority_text", "2C"),
        ({"beatOrDispatchGroupText": "B1"}, "beat", "B1"),
        ({"internalIncidentId": " "}, "call_number", INCIDENT),
        (
            {
                "dispositionComponent": [
                    part("d1", dispositionCommonRegistryCode="02"),
                    part(
                        "d2",
                        dispositionCommonRegistryCode="01 ",
                        dispositionPrimaryIndicator=True,
                        dispositionCategoryText="RTF",
                        dispositionDescriptionText="REPORT TO FOLLOW",
                    ),
                ]
            },
            "disposition",
            Coded(code="RTF", text="REPORT TO FOLLOW", common="01"),
        ),
    ],
)
def test_fields_of_the_incident(fields, attribute, value):
    assert getattr(call(fields), attribute) == value


@pytest.mark.parametrize(
    ("listed", "status"),
    [
        ([], "Active"),
        (["Active"], "Active"),
        (["ResourcesOnscene ", "Active", "ResourcesEnroute"], "ResourcesOnscene"),
        (["NewLocation", "ResourcesEnroute"], "ResourcesEnroute"),
        (["ReOpened"], "ReOpened"),
        (["Active", "Closed"], "Closed"),
        (["Cancelled", "Closed"], "Cancelled"),
        (["FireUnderControl"], "Active"),
    ],
)
def test_the_furthest_status_counts(listed, status):
    found = call({"incidentStatusCommonRegistryText": listed})
    assert found.status == status
    assert found.closed == (AT if status in ("Closed", "Cancelled") else None)


def test_the_call_gives_its_beginning_and_its_number():
    found = call(
        callComponent=[
            part("c1", callStartTimestamp="2026-01-14T22:05:00-05:00"),
            part("c2", callStartTimestamp="2026-01-15T03:04:00Z"),
        ],
        callbackComponent=[
            part("b1", callBackInformationUri=["sip:5550100@example.org", "tel:555-0100;ext=2"])
        ],
    )
    assert found.created == datetime(2026, 1, 15, 3, 4, tzinfo=UTC)
    assert found.callback == "555-0100"


@pytest.mark.parametrize(
    ("direction", "statuses", "answer"),
    [
        ("incoming", ["Dispatched"], False),
        ("internal", ["Dispatched"], None),
        ("incoming", ["ResponderInitiatedEvent ", "OnScene"], True),
    ],
)
def test_who_began_it(direction, statuses, answer):
    found = call(
        callComponent=[part("c1", direction=direction)],
        emergencyResourceComponent=[unit(secondaryUnitStatusRegistryText=statuses)],
    )
    assert found.self_initiated is answer


def test_notes_are_text_with_time_and_author():
    note = part(
        "n1",
        notesActionComments="<p>caller hears <b>shots</b></p><script>x</script>",
        agentReference=[{"$ref": "desk1@police.example.org"}],
    )
    assert call(notesComponent=[note, part("n2", notesActionComments=" ")]).notes == [
        Note(text="caller hears shots", time=AT, author="desk1@police.example.org")
    ]


def test_plates_are_found_in_niem_whatever_the_prefix():
    niem = {
        "j:ConveyanceRegistration": [
            {"j:ConveyanceRegistrationPlateIdentification": {"nc:IdentificationID": "ZZT1234"}}
        ]
    }
    flat = {"nc:ConveyanceRegistrationPlateIdentification": [{"nc:IdentificationID": " ZZT99 "}]}
    other = {"nc:VehicleIdentification": {"nc:IdentificationID": "a VIN"}}
    vehicles = [part(f"v{n}", ncVehicleComponent=one) for n, one in enumerate((niem, flat, other))]
    assert call(vehicleComponent=vehicles).plates == ["ZZT1234", "ZZT99"]


def test_a_reference_leads_to_its_location():
    found = call(
        {"locationReference": [{"$ref": "nowhere"}, {"$ref": "loc:2"}]},
        locationComponent=[
            location(),
            location(id="loc:2", locationDescriptionText="200 SAMPLE ST"),
        ],
    )
    assert found.place == Place(point=(-100.0, 40.0), address="200 SAMPLE ST")


def test_without_a_reference_the_best_kind_of_location_counts():
    found = call(
        locationComponent=[
            location("Staging", "s", locationDescriptionText="STAGING"),
            location("Caller", "c", locationDescriptionText="CALLER"),
            location("CurrentIncident ", "i", value=None, locationDescriptionText="100 EXAMPLE ST"),
        ]
    )
    assert found.place == Place(address="100 EXAMPLE ST")


def test_a_wrong_location_leaves_the_call_and_says_what_was_wrong():
    bounds = Bounds(39, -101, 41, -99)  # here the pair above is exchanged
    incident = mapped(
        document(locationComponent=[location(locationDescriptionText="100 EXAMPLE ST")]), bounds
    )[0]
    assert incident.problem.code == "swapped_point"
    assert incident.data.place == Place(address="100 EXAMPLE ST")


def test_a_unit_is_told_with_what_it_does_and_where():
    doc = document(
        emergencyResourceComponent=[unit(unitLocationReference=[{"$ref": "at:1"}])],
        locationComponent=[location("UnitLocation", "at:1")],
    )
    incident, status = mapped(doc)
    assert incident.data.units == ["SIM1"]
    assert incident.data.place is None
    assert status.data == UnitStatus(
        unit="SIM1",
        status="EnRoute",
        primary="NotAvailable",
        call_number="SIM-2026-000001",
        place=Place(point=(-100.0, 40.0)),
    )
    assert (status.subject, status.time) == ("unit/SIM1", AT)
    assert status.pointer == "/emergencyResourceComponent/0"


def test_a_unit_that_is_on_another_call_is_not_counted_to_this_one():
    doc = document(emergencyResourceComponent=[unit(activeOnIncidentId="urn:other")])
    assert mapped(doc)[1].data.call_number is None


def test_units_without_a_name_are_passed_over():
    doc = document(emergencyResourceComponent=[unit(emergencyResourceName=" ")])
    assert len(mapped(doc)) == 1


@pytest.mark.parametrize("single", [{"$ref": "at:1"}, [{"$ref": "at:1"}]])
def test_a_reference_may_stand_alone_or_in_a_list(single):
    doc = document(
        emergencyResourceComponent=[unit(unitLocationReference=single)],
        locationComponent=[location("UnitLocation", "at:1")],
    )
    assert mapped(doc)[1].data.place.point == (-100.0, 40.0)


def test_unchanged_is_the_same_event_and_changed_another():
    first, again = mapped(document()), mapped(document())
    assert [one.id for one in first] == [one.id for one in again]
    changed = mapped(document({"incidentCommonPriorityNumber": 2}))
    assert first[0].id != changed[0].id
    assert first[0].id.startswith("SIM-2026-000001#")


def test_a_return_to_an_earlier_state_is_an_event():
    later = document()
    later["incidentComponent"]["lastUpdateTimeStamp"] = "2026-01-15T03:09:00Z"
    assert mapped(later)[0].data == mapped(document())[0].data
    assert mapped(later)[0].id != mapped(document())[0].id


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b'{"$id": 1}',
        b'{"lastUpdateTimeStamp": "2026-01-15T03:05:00Z"}',
        b'{"$id": "x", "incidentComponent": []}',
        b'{"$id": "x", "lastUpdateTimeStamp": "2026-01-15T03:05:00"}',
        b'{"$id": "x", "lastUpdateTimeStamp": "yesterday"}',
        b'{"$id": "x", "incidentComponent": {"$id": "y", "incidentCommonPriorityNumber": NaN}}',
        b'{"$id": "\xff"}',
    ],
)
def test_what_is_no_eido_is_given_up_with_its_reason(raw):
    with pytest.raises(GiveUp) as caught:
        decode(raw)
    assert caught.value.code == "bad_eido"


def test_an_eido_without_any_time_is_given_up():
    with pytest.raises(GiveUp) as caught:
        list(told(decode(b'{"$id": "x"}')))
    assert caught.value.code == "no_time"


CALL = CadIncident(
    call_number="SIM-2026-000001",
    status="Closed",
    status_text="CLR",
    incident_type=Coded(code="34S", text="SHOOTING", common="SHOOT"),
    priority=1,
    priority_text="2C",
    place=Place(point=(-100.0, 40.0), error_m=60.0, address="1XX EXAMPLE ST"),
    beat="B1",
    created=AT,
    closed=AT,
    disposition=Coded(code="RTF", text="REPORT TO FOLLOW", common="01"),
    units=["SIM1", "SIM2"],
    notes=[Note(text="a < b & c\nsecond line", time=AT, author="desk1@police.example.org")],
    callback="555-0100",
    plates=["ZZT1234"],
    self_initiated=False,
)
NOT_IN_AN_EIDO = {
    "initial_type": Coded(code="94"),
    "district": "9",
    "dispatched": AT,
    "arrived": AT,
    "centre_outcome": "Relevant video was found",
}


def there_and_back(incident, units=None):
    eido = to_eido(incident, AUTHOR, units)
    return [one.data for one in told(decode(encode(eido)))]


def test_a_call_goes_there_and_back_unchanged():
    assert there_and_back(CALL)[0] == CALL


def test_what_an_eido_cannot_hold_is_what_is_listed():
    full = msgspec.structs.replace(CALL, **NOT_IN_AN_EIDO)
    assert there_and_back(full)[0] == CALL
    covered = {
        name for name in CadIncident.__struct_fields__ if getattr(CALL, name) not in (None, [])
    }
    assert covered | NOT_IN_AN_EIDO.keys() == set(CadIncident.__struct_fields__)


def test_units_go_there_and_back_unchanged():
    status = UnitStatus(
        unit="SIM1",
        status="EnRoute",
        primary="NotAvailable",
        call_number="SIM-2026-000001",
        place=Place(point=(-100.01, 40.02)),
    )
    _, first, second = there_and_back(CALL, {"SIM1": UnitState(status, AT)})
    assert first == status
    assert (second.unit, second.status) == ("SIM2", "Assigned")


def test_the_written_form_has_what_the_standard_requires():
    document = json.loads(encode(to_eido(CALL, AUTHOR)))
    assert document["$id"] == "urn:emergency:uid:incidentid:SIM-2026-000001:police.example.org"
    required = {
        "eidoVersion", "issuingElementIdentification", "agencyComponent", "lastUpdateTimeStamp",
        "updatedByAgencyReference",
    }  # fmt: skip
    assert required <= document.keys()
    components = [one for many in document.values() if isinstance(many, list) for one in many]
    resource = document["emergencyResourceComponent"][0]
    assert resource["resourceAttributeRegistryText"] == []
    for one in [*components, document["incidentComponent"]]:
        assert {"$id", "lastUpdateTimeStamp", "updatedByAgencyReference"} <= one.keys()
    ids = [one["$id"] for one in components]
    assert len(ids) == len(set(ids))


@pytest.mark.data
@pytest.mark.skipif(
    not SAMPLE.exists() and not os.environ.get("CI"), reason="the open data is not here"
)
def test_the_published_sample_is_mapped():
    (incident,) = told(decode(SAMPLE.read_bytes()))
    assert incident.data.call_number == "urn:emergency:uid:incidentid:a56e556d871:bcf.state.pa.us"
    assert incident.data.created == datetime(2021, 4, 30, 18, 40, tzinfo=UTC)
    assert incident.data.place == Place(address="42 W Cellular Street", precision="address")
    assert incident.data.status == "Active"
    assert incident.problem is None
