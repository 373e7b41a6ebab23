"""A call for service to an EIDO: the other direction of ``mapping.py``."""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from watchfloor_sdk import CadIncident, Coded, Note, Place, UnitStatus

from . import pidflo
from .eido import (
    Agency,
    Agent,
    Call,
    Callback,
    Disposition,
    Eido,
    Incident,
    Location,
    Notes,
    Reference,
    Resource,
    Vehicle,
)
from .mapping import NO_CODE

VERSION = "1.0"
"""Of the schema (NENA-STA-021.1b-2022)."""


class Author(NamedTuple):
    """Who writes: an agency by its domain name, and its desk."""

    agency: str
    desk: str = "dispatch"

    @property
    def agent(self) -> str:
        """The desk's global id."""
        return f"{self.desk}@{self.agency}"


class UnitState(NamedTuple):
    """What a unit does, since when."""

    status: UnitStatus
    since: datetime


def incident_id(author: Author, call_number: str) -> str:
    """The global id of a call, in the form of NENA-STA-021.1b."""
    return f"urn:emergency:uid:incidentid:{call_number}:{author.agency}"


def to_eido(
    call: CadIncident, at: datetime, author: Author, units: Mapping[str, UnitState] | None = None
) -> Eido:
    """The call's state as of ``at``; of the units in ``units``, also what they do and where."""
    return _Writing(call, at, author, units or {}).eido()


class _Writing:
    def __init__(
        self, call: CadIncident, at: datetime, author: Author, units: Mapping[str, UnitState]
    ) -> None:
        self._call, self._at, self._author = call, at, author
        self._names = list(dict.fromkeys([*call.units, *units]))
        self._units = units
        self._id = incident_id(author, call.call_number)

    def eido(self) -> Eido:
        call, author = self._call, self._author
        latest = max([self._at, *(state.since for state in self._units.values())])
        return Eido(
            **self._prologue(self._id, latest),
            eido_version=VERSION,
            issuing_element_identification=f"cad.{author.agency}",
            agency_component=[self._agency()],
            agent_component=[self._agent()],
            incident_component=self._incident(),
            call_component=self._calls(),
            callback_component=self._callbacks(),
            location_component=self._locations(),
            emergency_resource_component=[self._resource(name) for name in self._names],
            notes_component=[self._note(*numbered) for numbered in enumerate(call.notes)],
            vehicle_component=[self._vehicle(*numbered) for numbered in enumerate(call.plates)],
        )

    def _prologue(self, id: str, at: datetime | None = None) -> dict[str, Any]:
        return {
            "id": id,
            "last_update_time_stamp": at or self._at,
            "updated_by_agency_reference": Reference(ref=self._author.agency),
        }

    def _urn(self, part: str) -> str:
        """A component's id (ours: the standard leaves their form open)."""
        return f"urn:watchfloor:{self._author.agency}:{self._call.call_number}:{part}"

    def _agency(self) -> Agency:
        return Agency(
            **self._prologue(self._author.agency),
            agency_role_description_registry_text=["Dispatching"],
            agency_type=["police"],
        )

    def _agent(self) -> Agent:
        return Agent(
            **self._prologue(self._author.agent),
            agent_role_registry_text=["Dispatching"],
            agency_reference=Reference(ref=self._author.agency),
        )

    def _incident(self) -> Incident:
        call = self._call
        return Incident(
            **self._prologue(self._urn("incident")),
            incident_type_common_registry_text=call.incident_type.common or NO_CODE,
            incident_type_internal_code=call.incident_type.code,
            incident_type_internal_text=call.incident_type.text,
            incident_status_common_registry_text=[call.status],
            incident_status_internal_text=[call.status_text] if call.status_text else [],
            internal_incident_id=call.call_number,
            incident_common_priority_number=call.priority,
            incident_priority_internal_text=call.priority_text,
            beat_or_dispatch_group_text=call.beat,
            disposition_component=self._dispositions(),
            location_reference=[Reference(ref=self._urn("place"))] if call.place else [],
        )

    def _dispositions(self) -> list[Disposition]:
        ending: Coded | None = self._call.disposition
        if ending is None:
            return []
        return [
            Disposition(
                **self._prologue(self._urn("disposition")),
                disposition_common_registry_code=ending.common or "",
                disposition_primary_indicator=True,
                disposition_category_text=ending.code,
                disposition_description_text=ending.text,
            )
        ]

    def _calls(self) -> list[Call]:
        call = self._call
        if call.created is None:
            return []
        callback = Reference(ref=self._urn("callback")) if call.callback else None
        return [
            Call(
                **self._prologue(
                    f"urn:emergency:uid:callid:{call.call_number}:{self._author.agency}",
                    call.created,
                ),
                standard_primary_call_type="emergency",
                direction="internal" if call.self_initiated else "incoming",
                call_start_timestamp=call.created,
                call_state_registry_text="callEnd" if call.closed else "callAnswered",
                call_back_reference=callback,
            )
        ]

    def _callbacks(self) -> list[Callback]:
        number = self._call.callback
        if not number:
            return []
        uris = [f"tel:{number}"]
        return [Callback(**self._prologue(self._urn("callback")), call_back_information_uri=uris)]

    def _locations(self) -> list[Location]:
        found = [self._location("place", "CurrentIncident", self._call.place)]
        for name, state in self._units.items():
            found.append(self._location(f"at:{name}", "UnitLocation", state.status.place))
        return [one for one in found if one]

    def _location(self, part: str, kind: str, place: Place | None) -> Location | None:
        if place is None:
            return None
        return Location(
            **self._prologue(self._urn(part)),
            location_type_description_registry_text=kind,
            location_by_value=pidflo.write(place, self._author.agent),
            location_description_text=place.address,
        )

    def _resource(self, name: str) -> Resource:
        status, since = self._units.get(name, (UnitStatus(unit=name, status="Assigned"), self._at))
        there = [Reference(ref=self._urn(f"at:{name}"))] if status.place else []
        return Resource(
            **self._prologue(self._urn(f"unit:{name}"), since),
            emergency_resource_type_common_registry_text="PatrolUnit",
            primary_unit_status_registry_text=status.primary or "NotAvailable",
            secondary_unit_status_registry_text=[status.status],
            agent_reference=[Reference(ref=self._author.agent)],
            emergency_resource_name=name,
            unit_location_reference=there,
            active_on_incident_id=self._id if status.call_number else None,
        )

    def _note(self, index: int, note: Note) -> Notes:
        return Notes(
            **self._prologue(self._urn(f"note:{index}"), note.time),
            notes_action_comments=_escaped(note.text),
            agent_reference=[Reference(ref=note.author or self._author.agent)],
        )

    def _vehicle(self, index: int, plate: str) -> Vehicle:
        identification = {"nc:IdentificationID": plate}
        registration = {"j:ConveyanceRegistrationPlateIdentification": identification}
        return Vehicle(
            **self._prologue(self._urn(f"vehicle:{index}")),
            vehicle_relationship_type=["InvolvedVehicle"],
            vehicle_relationship_time_stamp=self._at,
            nc_vehicle_component={"j:ConveyanceRegistration": [registration]},
        )


def _escaped(text: str) -> str:
    """Notes are HTML5: what looks like a tag is written as text."""
    return html.escape(text, quote=False).replace("\n", "<br>")
