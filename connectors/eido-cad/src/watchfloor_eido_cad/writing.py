"""A call for service to an EIDO: the other direction of ``mapping.py``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from watchfloor_sdk import CadIncident, Coded, Note, Place, UnitStatus
from watchfloor_sdk.eido import (
    VERSION,
    Author,
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
    call_id,
    tracking_id,
)

from .mapping import NO_CODE


class UnitState(NamedTuple):
    """What a unit does, since when."""

    status: UnitStatus
    since: datetime


def to_eido(
    call: CadIncident, author: Author, units: Mapping[str, UnitState] | None = None
) -> Eido:
    """The call's state as of ``author.at``; of the units in ``units``, also what they do and
    where."""
    return _Writing(call, author, units or {}).eido()


class _Writing:
    def __init__(self, call: CadIncident, author: Author, units: Mapping[str, UnitState]) -> None:
        self._call, self._author = call, author
        self._names = list(dict.fromkeys([*call.units, *units]))
        self._units = units
        self._id = tracking_id(call.call_number, author.agency)

    def eido(self) -> Eido:
        call, author = self._call, self._author
        latest = max([author.at, *(state.since for state in self._units.values())])
        return Eido(
            **author.prologue(self._id, latest),
            eido_version=VERSION,
            issuing_element_identification=f"cad.{author.agency}",
            agency_component=[author.agency_component("Dispatching")],
            agent_component=[author.agent_component()],
            incident_component=self._incident(),
            call_component=self._calls(),
            callback_component=self._callbacks(),
            location_component=self._locations(),
            emergency_resource_component=[self._resource(name) for name in self._names],
            notes_component=[self._note(*numbered) for numbered in enumerate(call.notes)],
            vehicle_component=[self._vehicle(*numbered) for numbered in enumerate(call.plates)],
        )

    def _prologue(self, part: str, at: datetime | None = None) -> dict[str, Any]:
        return self._author.prologue(self._urn(part), at)

    def _urn(self, part: str) -> str:
        """A component's id (ours: the standard leaves their form open)."""
        return f"urn:watchfloor:{self._author.agency}:{self._call.call_number}:{part}"

    def _incident(self) -> Incident:
        call = self._call
        return Incident(
            **self._prologue("incident"),
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
            location_reference=[Reference(ref=self._urn("place"))] if call.place else None,
        )

    def _dispositions(self) -> list[Disposition]:
        ending: Coded | None = self._call.disposition
        if ending is None:
            return []
        return [
            Disposition(
                **self._prologue("disposition"),
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
                **self._author.prologue(
                    call_id(call.call_number, self._author.agency), call.created
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
        return [Callback(**self._prologue("callback"), call_back_information_uri=uris)]

    def _locations(self) -> list[Location]:
        found = [self._location("place", "CurrentIncident", self._call.place)]
        for name, state in self._units.items():
            found.append(self._location(f"at:{name}", "UnitLocation", state.status.place))
        return [one for one in found if one]

    def _location(self, part: str, kind: str, place: Place | None) -> Location | None:
        return self._author.location(self._urn(part), kind, place) if place else None

    def _resource(self, name: str) -> Resource:
        status, since = self._units.get(
            name, (UnitStatus(unit=name, status="Assigned"), self._author.at)
        )
        there = Reference(ref=self._urn(f"at:{name}")) if status.place else None
        return Resource(
            **self._prologue(f"unit:{name}", since),
            emergency_resource_type_common_registry_text="PatrolUnit",
            primary_unit_status_registry_text=status.primary or "NotAvailable",
            secondary_unit_status_registry_text=[status.status],
            agent_reference=[Reference(ref=self._author.agent)],
            emergency_resource_name=name,
            unit_location_reference=there and [there],
            active_on_incident_id=self._id if status.call_number else None,
        )

    def _note(self, index: int, note: Note) -> Notes:
        return self._author.note(self._urn(f"note:{index}"), note.text, note.time, note.author)

    def _vehicle(self, index: int, plate: str) -> Vehicle:
        identification = {"nc:IdentificationID": plate}
        registration = {"j:ConveyanceRegistrationPlateIdentification": identification}
        return Vehicle(
            **self._prologue(f"vehicle:{index}"),
            vehicle_relationship_type=["InvolvedVehicle"],
            vehicle_relationship_time_stamp=self._author.at,
            nc_vehicle_component={"j:ConveyanceRegistration": [registration]},
        )
