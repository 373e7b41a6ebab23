"""What readers and writers of EIDOs have in common."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from watchfloor_sdk import GiveUp, Note, Place, eido

AT = datetime(2026, 5, 2, 21, 14, 9, tzinfo=UTC)
AUTHOR = eido.Author("a.example.org", "Casey Analyst", AT)
HERE = Place(point=(-100.0, 40.0))


@pytest.mark.parametrize(
    ("name", "agent"),
    [
        ("Casey Analyst", "Casey.Analyst@a.example.org"),
        ("x@y <z>", "x.y.z@a.example.org"),
        ("…", "watchfloor@a.example.org"),
    ],
)
def test_a_persons_name_makes_an_id(name: str, agent: str) -> None:
    assert eido.Author("a.example.org", name, AT).agent == agent


def test_ids_are_global_and_stay_as_they_are() -> None:
    id_ = eido.tracking_id("sim0001", "a.example.org")
    assert id_ == "urn:emergency:uid:incidentid:sim0001:a.example.org"
    assert eido.tracking_id(id_, "other.example.org") == id_
    assert eido.call_id("c1", "a.example.org") == "urn:emergency:uid:callid:c1:a.example.org"


def test_what_is_written_has_the_prologue_and_the_standards_names() -> None:
    written = eido.Eido(
        **AUTHOR.prologue("urn:example:1"),
        eido_version=eido.VERSION,
        agency_component=[AUTHOR.agency_component("CallReceiving", "psap")],
        agent_component=[AUTHOR.agent_component()],
    )
    prologue = {
        "lastUpdateTimeStamp": "2026-05-02T21:14:09Z",
        "updatedByAgencyReference": {"$ref": "a.example.org"},
        "updatedByAgentReference": {"$ref": "Casey.Analyst@a.example.org"},
    }
    assert json.loads(eido.encode(written)) == {
        "$id": "urn:example:1",
        **prologue,
        "eidoVersion": "1.0",
        "agencyComponent": [
            {
                "$id": "a.example.org",
                **prologue,
                "agencyRoleDescriptionRegistryText": ["CallReceiving"],
                "agencyType": ["psap"],
            }
        ],
        "agentComponent": [
            {
                "$id": "Casey.Analyst@a.example.org",
                **prologue,
                "agentRoleRegistryText": ["Dispatching"],
                "agencyReference": {"$ref": "a.example.org"},
            }
        ],
    }


def test_a_note_is_read_as_it_was_written() -> None:
    text = "Seen <here> & there\nat the corner"
    written = [AUTHOR.note("n1", text, author="desk1@b.example.org"), AUTHOR.note("n2", " ")]
    assert "<here>" not in written[0].notes_action_comments
    assert eido.notes(written) == [Note(text=text, time=AT, author="desk1@b.example.org")]


def test_a_place_is_read_as_it_was_written() -> None:
    where = Place(point=(-100.0, 40.0), error_m=60.0, address="1XX EXAMPLE ST")
    location = AUTHOR.location("l1", "Caller", where)
    assert eido.best([location], ["Caller"]) == (where, location, None)


def test_of_several_locations_the_best_kind_counts_and_one_that_says_nothing_does_not() -> None:
    empty = AUTHOR.location("l1", "Caller", Place())
    routing = AUTHOR.location("l2", "RoutingLocation ", HERE)
    tower = AUTHOR.location("l3", "TowerLocation", HERE)
    found = eido.best([tower, routing, empty], ["Caller", "RoutingLocation"])
    assert found.location is routing
    assert eido.best([tower], ["Caller"]) == (None, None, None)


def test_what_was_wrong_with_a_location_is_said() -> None:
    wrong = eido.Location(
        id="l1", location_type_description_registry_text="Caller", location_by_value="<presence"
    )
    found = eido.best([wrong, AUTHOR.location("l2", "Caller", HERE)], ["Caller"])
    assert found.place == HERE
    assert isinstance(found.problem, GiveUp)
    assert found.problem.code == "bad_location"


@pytest.mark.parametrize("single", [True, False])
def test_a_reference_may_stand_alone_or_in_a_list_and_lead_nowhere(single: bool) -> None:
    there = eido.Reference(ref="l2")
    nowhere = eido.Reference(ref="l9")
    several = [AUTHOR.location(f"l{number}", "Caller", HERE) for number in (1, 2)]
    assert eido.referred(several, there if single else [nowhere, there]) == several[1:]
    assert eido.referred(several, None) == []


@pytest.mark.parametrize(
    ("uris", "number"),
    [
        (["sip:5550100@example.org", "tel:555-0100;ext=2"], "555-0100"),
        (["tel:", "tel:555-0101"], "555-0101"),
        (["sip:5550100@example.org"], None),
    ],
)
def test_a_number_to_call_back_is_a_telephone(uris: list[str], number: str | None) -> None:
    assert eido.telephone([eido.Callback(id="b1", call_back_information_uri=uris)]) == number


def test_registry_values_are_trimmed_and_times_are_in_utc() -> None:
    assert eido.trimmed(["EnRoute ", " "]) == ["EnRoute"]
    there = AT.astimezone(timezone(timedelta(hours=-5)))
    assert [one.isoformat() for one in eido.times([there, None])] == ["2026-05-02T21:14:09+00:00"]
