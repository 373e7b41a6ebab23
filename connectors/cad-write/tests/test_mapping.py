"""What becomes of an EIDO, component by component."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from watchfloor_cad_write import eido
from watchfloor_cad_write.orders import AddNote, CreateCall, UpdateCall, read
from watchfloor_sdk import ActionRequest, GiveUp
from watchfloor_sdk.eido import Author

AT = datetime(2026, 5, 2, 21, 14, 9, tzinfo=UTC)
AUTHOR = Author("police.example.org", "Casey Analyst", AT)
ID = "urn:emergency:uid:incidentid:sim0001:police.example.org"
NOTE = f"urn:watchfloor:note:0123456789abcdef:{ID}"
PROLOGUE = {
    "lastUpdateTimeStamp": "2026-05-02T21:14:09Z",
    "updatedByAgencyReference": {"$ref": "police.example.org"},
    "updatedByAgentReference": {"$ref": "Casey.Analyst@police.example.org"},
}
AGENCY = {
    "$id": "police.example.org",
    **PROLOGUE,
    "agencyRoleDescriptionRegistryText": ["Informational"],
    "agencyType": ["police"],
}
AGENT = {
    "$id": "Casey.Analyst@police.example.org",
    **PROLOGUE,
    "agentRoleRegistryText": ["Dispatching"],
    "agencyReference": {"$ref": "police.example.org"},
}


def before() -> dict[str, Any]:
    return {
        "$id": ID,
        "lastUpdateTimeStamp": "2026-01-15T03:05:00Z",
        "updatedByAgencyReference": {"$ref": "dispatch.example.org"},
        "eidoVersion": "1.0",
        "issuingElementIdentification": "cad.dispatch.example.org",
        "agencyComponent": [{"$id": "dispatch.example.org"}],
        "incidentComponent": {
            "$id": "urn:example:sim:1",
            "incidentTypeCommonRegistryText": "SHOOT",
            "incidentCommonPriorityNumber": 1,
            "vendorOwn": {"kept": True},
        },
        "notesComponent": [{"$id": "urn:example:sim:note", "notesActionComments": "<b>old</b>"}],
        "unknownComponent": [1, 2],
    }


def test_a_note_is_added_and_all_else_stays() -> None:
    was = before()
    after = eido.with_note(was, NOTE, "Seen <here> & there\nat the corner", AUTHOR)
    assert was == before()
    assert after == {
        **before(),
        **PROLOGUE,
        "agencyComponent": [{"$id": "dispatch.example.org"}, AGENCY],
        "agentComponent": [AGENT],
        "notesComponent": [
            *before()["notesComponent"],
            {
                "$id": NOTE,
                **PROLOGUE,
                "notesActionComments": "Seen &lt;here&gt; &amp; there<br>at the corner",
                "agentReference": {"$ref": "Casey.Analyst@police.example.org"},
            },
        ],
    }


def test_what_is_as_asked_is_left_alone() -> None:
    after = eido.with_note(before(), NOTE, "Once.", AUTHOR)
    assert eido.with_note(after, NOTE, "Once.", AUTHOR) is after
    gone = eido.without_note(after, NOTE, AUTHOR)
    assert [one["$id"] for one in gone["notesComponent"]] == ["urn:example:sim:note"]
    assert eido.without_note(gone, NOTE, AUTHOR) is gone
    order = UpdateCall(call=ID, type="SHOOT", priority=1)
    assert eido.updated(gone, order, AUTHOR) is gone


def test_an_update_changes_what_it_names() -> None:
    after = eido.updated(before(), UpdateCall(call=ID, status="Closed", beat="B1"), AUTHOR)
    assert after["incidentComponent"] == {
        **before()["incidentComponent"],
        **PROLOGUE,
        "incidentStatusCommonRegistryText": ["Closed"],
        "beatOrDispatchGroupText": "B1",
    }
    assert after["unknownComponent"] == [1, 2]


def test_an_incident_without_its_component_gets_one_only_with_its_type() -> None:
    bare = {name: value for name, value in before().items() if name != "incidentComponent"}
    with pytest.raises(GiveUp):
        eido.updated(bare, UpdateCall(call=ID, priority=2), AUTHOR)
    after = eido.updated(bare, UpdateCall(call=ID, type="SUSP"), AUTHOR)
    assert after["incidentComponent"]["incidentTypeCommonRegistryText"] == "SUSP"


def test_a_new_call_field_by_field() -> None:
    order = CreateCall(
        type="SUSP", text="Vehicle seen.", priority=3, address="500 EXAMPLE ST", point=(-90.1, 30.0)
    )
    made = eido.created(ID, "k-1", order, AUTHOR)
    place, note = f"urn:watchfloor:place:{ID}", eido.note_id("k-1", ID)
    [location] = made.pop("locationComponent")
    pidf = location.pop("locationByValue")
    assert "<gml:pos>30.0 -90.1</gml:pos>" in pidf
    assert location == {
        "$id": place,
        **PROLOGUE,
        "locationTypeDescriptionRegistryText": "CurrentIncident",
        "locationDescriptionText": "500 EXAMPLE ST",
    }
    assert made == {
        "$id": ID,
        **PROLOGUE,
        "eidoVersion": "1.0",
        "issuingElementIdentification": "watchfloor.police.example.org",
        "agencyComponent": [AGENCY],
        "agentComponent": [AGENT],
        "incidentComponent": {
            "$id": f"urn:watchfloor:incident:{ID}",
            **PROLOGUE,
            "incidentTypeCommonRegistryText": "SUSP",
            "incidentStatusCommonRegistryText": ["Active"],
            "incidentCommonPriorityNumber": 3,
            "locationReference": [{"$ref": place}],
        },
        "notesComponent": [
            {
                "$id": note,
                **PROLOGUE,
                "notesActionComments": "Vehicle seen.",
                "agentReference": {"$ref": "Casey.Analyst@police.example.org"},
            }
        ],
    }


def test_a_call_without_a_place_refers_to_none() -> None:
    made = eido.created(ID, "k-1", CreateCall(type="SUSP", text="x"), AUTHOR)
    assert "locationComponent" not in made
    assert "locationReference" not in made["incidentComponent"]


def test_ids_follow_from_the_key_and_a_note_knows_its_incident() -> None:
    assert eido.new_id("k-1", "a.example.org") == eido.new_id("k-1", "a.example.org")
    assert eido.new_id("k-1", "a.example.org") != eido.new_id("k-2", "a.example.org")
    assert eido.incident_of(eido.note_id("k-1", ID)) == ID
    with pytest.raises(GiveUp):
        eido.incident_of("urn:example:sim:note")


@pytest.mark.parametrize("notes", ["text", {"a": 1}, [1]])
def test_an_eido_that_is_odd_is_not_changed(notes: Any) -> None:
    odd = {**before(), "notesComponent": notes}
    was = copy.deepcopy(odd)
    with pytest.raises(GiveUp) as caught:
        eido.with_note(odd, NOTE, "x", AUTHOR)
    assert caught.value.code == "bad_eido"
    assert odd == was


def test_parameters_that_do_not_fit_are_refused() -> None:
    request = ActionRequest(
        idempotency_key="k", action="add-note", requested_by="x", parameters={"call": 7}
    )
    with pytest.raises(GiveUp) as caught:
        read(request, AddNote)
    assert caught.value.code == "bad_parameters"
