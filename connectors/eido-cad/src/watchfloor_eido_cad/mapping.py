"""An EIDO to a call for service and its units. Pure.

| CadIncident | EIDO |
|---|---|
| call_number | incident: internalIncidentId, else the EIDO's $id |
| status, status_text | incidentStatusCommonRegistryText, incidentStatusInternalText |
| incident_type | incidentType{CommonRegistryText, InternalCode, InternalText} |
| priority, priority_text | incidentCommonPriorityNumber, incidentPriorityInternalText |
| place | location: locationByValue (PIDF-LO), locationDescriptionText |
| beat | beatOrDispatchGroupText |
| created | call: the earliest callStartTimestamp |
| closed | the incident's lastUpdateTimeStamp, once it is closed |
| disposition | dispositionComponent: CommonRegistryCode, CategoryText, DescriptionText |
| units | emergencyResource: emergencyResourceName |
| notes | notes: notesActionComments, lastUpdateTimeStamp, agentReference |
| callback | callback: callBackInformationUri (tel:) |
| plates | vehicle: ncVehicleComponent (NIEM, plate identification) |
| self_initiated | a unit's ResponderInitiatedEvent, or a call's direction |

Where the standard is silent the reading is ours: of a unit's secondary statuses the last counts,
of an incident's the furthest.

An EIDO has no place for district, a place's precision and centre_outcome; initial_type,
dispatched and arrived are history, which ``history.py`` learns by comparing snapshots.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, get_args

import msgspec

from watchfloor_sdk import CadIncident, Coded, GiveUp, UnitStatus
from watchfloor_sdk.eido import (
    Disposition,
    Eido,
    Incident,
    Resource,
    best,
    notes,
    referred,
    telephone,
    times,
    trimmed,
)
from watchfloor_sdk.mapping import Bounds

Status = Literal[
    "Active", "ReOpened", "ResourcesAssigned", "ResourcesEnroute", "ResourcesOnscene",
    "Closed", "Cancelled",
]  # fmt: skip
"""From first to last: an EIDO may list several, and the furthest is where the call stands."""

NO_CODE = "NCRNONE"
"""IncidentType-Common for "no code found": the same as none."""

ENDED = frozenset({"Closed", "Cancelled"})

PLACES = ("CurrentIncident", "InitialIncident", "Caller", "Other", "RoutingLocation")
"""Which location is the call's, best first. Staging, towers and units are elsewhere."""

Primary = Literal["Available", "ConditionallyAvailable", "NotAvailable"]


class Told(NamedTuple):
    """One event's worth: what, under which id, when, and where in the document it stands."""

    data: CadIncident | UnitStatus
    id: str
    time: datetime
    subject: str
    pointer: str
    problem: GiveUp | None


def told(eido: Eido, bounds: Bounds | None = None) -> Iterator[Told]:
    """The call, then its units. Raises ``GiveUp`` (``no_time``) for one without any time."""
    if eido.last_update_time_stamp is None:
        raise GiveUp("The EIDO does not say when it was updated.", code="no_time")
    yield _incident(eido, eido.last_update_time_stamp, bounds)
    for index, resource in enumerate(eido.emergency_resource_component):
        if _unit(resource):
            at = resource.last_update_time_stamp or eido.last_update_time_stamp
            yield _unit_status(eido, index, _utc(at), bounds)


def _incident(eido: Eido, at: datetime, bounds: Bounds | None) -> Told:
    head = eido.incident_component or Incident(id=eido.id)
    since = _utc(head.last_update_time_stamp or at)
    where = best(
        referred(eido.location_component, head.location_reference) or eido.location_component,
        PLACES,
        bounds,
    )
    status = _status(head)
    call = CadIncident(
        call_number=_call_number(eido),
        status=status,
        status_text=", ".join(trimmed(head.incident_status_internal_text)) or None,
        incident_type=_type(head),
        priority=_priority(head.incident_common_priority_number),
        priority_text=head.incident_priority_internal_text,
        place=where.place,
        beat=head.beat_or_dispatch_group_text,
        created=min(times(one.call_start_timestamp for one in eido.call_component), default=None),
        closed=since if status in ENDED else None,
        disposition=_disposition(head.disposition_component),
        self_initiated=_self_initiated(eido),
        units=trimmed(_unit(one) for one in eido.emergency_resource_component),
        notes=notes(eido.notes_component),
        callback=telephone(eido.callback_component),
        plates=list(_plates([one.nc_vehicle_component for one in eido.vehicle_component])),
    )
    name = _id(call.call_number, call, since)
    pointer = "/incidentComponent" if eido.incident_component else ""
    return Told(call, name, since, f"call/{call.call_number}", pointer, where.problem)


def _unit_status(eido: Eido, index: int, at: datetime, bounds: Bounds | None) -> Told:
    resource = eido.emergency_resource_component[index]
    there = referred(eido.location_component, resource.unit_location_reference)
    where = best(there, ("UnitLocation", *PLACES), bounds)
    statuses = trimmed(resource.secondary_unit_status_registry_text)
    primary = resource.primary_unit_status_registry_text.strip()
    here = resource.active_on_incident_id in (None, "", eido.id)
    unit = UnitStatus(
        unit=_unit(resource),
        status=statuses[-1] if statuses else primary or "Unknown",
        primary=next((one for one in get_args(Primary) if one == primary), None),
        call_number=_call_number(eido) if here else None,
        place=where.place,
    )
    pointer = f"/emergencyResourceComponent/{index}"
    return Told(unit, _id(unit.unit, unit, at), at, f"unit/{unit.unit}", pointer, where.problem)


def _id(name: str, data: CadIncident | UnitStatus, stamp: datetime) -> str:
    """Name and a hash of what is told with its time stamp: unchanged is the same event."""
    content = msgspec.json.encode((data, stamp))
    return f"{name}#{hashlib.blake2b(content, digest_size=8).hexdigest()}"


def _call_number(eido: Eido) -> str:
    internal = eido.incident_component and eido.incident_component.internal_incident_id
    return (internal or "").strip() or eido.id


def _unit(resource: Resource) -> str:
    return (resource.emergency_resource_name or "").strip()


def _status(head: Incident) -> Status:
    listed = set(trimmed(head.incident_status_common_registry_text))
    reached: list[Status] = [one for one in get_args(Status) if one in listed]
    return reached[-1] if reached else "Active"


def _type(head: Incident) -> Coded:
    listed = head.incident_type_common_registry_text.strip()
    common = None if listed in ("", NO_CODE) else listed
    code, text = head.incident_type_internal_code, head.incident_type_internal_text
    return Coded(code=code, text=text, common=common)


def _priority(number: int | None) -> int | None:
    """The contract counts to 9; what is less urgent than that is 9."""
    return None if number is None or number < 0 else min(number, 9)


def _disposition(several: list[Disposition]) -> Coded | None:
    """The one that is marked primary, else the first."""
    ordered = sorted(several, key=lambda one: not one.disposition_primary_indicator)
    return next(
        (
            Coded(
                code=one.disposition_category_text,
                text=one.disposition_description_text,
                common=one.disposition_common_registry_code.strip() or None,
            )
            for one in ordered
        ),
        None,
    )


def _self_initiated(eido: Eido) -> bool | None:
    """Whether an officer began it: a unit says so, or somebody called."""
    statuses = (
        one.secondary_unit_status_registry_text for one in eido.emergency_resource_component
    )
    if any("ResponderInitiatedEvent" in trimmed(words) for words in statuses):
        return True
    return False if any(one.direction == "incoming" for one in eido.call_component) else None


def _plates(niem: Any, depth: int = 16) -> Iterator[str]:
    """Plate identifications anywhere in NIEM JSON, whatever prefix its names carry."""
    if depth and isinstance(niem, list):
        for one in niem:
            yield from _plates(one, depth - 1)
    if not depth or not isinstance(niem, dict):
        return
    for name, value in niem.items():
        if name.endswith("ConveyanceRegistrationPlateIdentification"):
            yield from _identifications(value)
        else:
            yield from _plates(value, depth - 1)


def _identifications(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        for name, words in one.items() if isinstance(one, dict) else ():
            if name.endswith("IdentificationID") and isinstance(words, str) and words.strip():
                yield words.strip()


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
