"""The parts of an EIDO that are read and written here (NENA-STA-021.1b-2022, schema version 1.0).

Names are the standard's; components that are not needed are passed over. Everything but ``$id``
may be missing: what a source leaves out, it leaves out. ``Reference`` stands single or in a list:
some are a list in the schema and single in the wild, or the reverse; ``several`` reads both.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from watchfloor.contracts import GiveUp

Instant = Annotated[datetime, Meta(tz=True)]
MIME = "application/emergency.eido+json"
VERSION = "1.0"
"""Of the schema (NENA-STA-021.1b-2022)."""


def _listed() -> list[str]:
    """For lists that the standard requires: written even when they are empty."""
    return []


class Part(Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """Base of all parts."""


class Reference(Part):
    """A pointer to the component of that ``$id``."""

    ref: str = field(name="$ref")


References = list[Reference] | Reference | None


class Component(Part):
    """The prologue that every component starts with."""

    id: str = field(name="$id")
    last_update_time_stamp: Instant | None = None
    updated_by_agency_reference: Reference | None = None
    updated_by_agent_reference: Reference | None = None
    media_references: References = None


class Incident(Component):
    """What the incident is."""

    incident_type_common_registry_text: str = ""
    incident_type_internal_code: str | None = None
    incident_type_internal_text: str | None = None
    incident_status_common_registry_text: list[str] = []
    incident_status_internal_text: list[str] = []
    internal_incident_id: str | None = None
    incident_common_priority_number: int | None = None
    incident_priority_internal_text: str | None = None
    beat_or_dispatch_group_text: str | None = None
    disposition_component: list[Disposition] = []
    location_reference: References = None


class Disposition(Component):
    """How it ended."""

    disposition_common_registry_code: str = ""
    disposition_primary_indicator: bool | None = None
    disposition_category_text: str | None = None
    disposition_description_text: str | None = None


class Call(Component):
    """A call that told of it. ``$id`` is its call identifier."""

    standard_primary_call_type: str = ""
    direction: str = ""
    call_start_timestamp: Instant | None = None
    call_state_registry_text: str = ""
    answer_date: Instant | None = None
    call_back_reference: Reference | None = None
    location_reference: References = None
    notes_reference: References = None
    additional_data_reference: References = None
    person_reference: References = None


class Callback(Component):
    """Where the caller can be called back."""

    call_back_information_uri: list[str] = []


class Location(Component):
    """A place, as PIDF-LO in a string or in words."""

    location_type_description_registry_text: str = ""
    location_by_value: str | None = None
    location_description_text: str | None = None


class Resource(Component):
    """A unit."""

    emergency_resource_type_common_registry_text: str = ""
    resource_attribute_registry_text: list[str] = field(default_factory=_listed)
    primary_unit_status_registry_text: str = ""
    secondary_unit_status_registry_text: list[str] = field(default_factory=_listed)
    agent_reference: References = None
    emergency_resource_name: str | None = None
    unit_location_reference: References = None
    active_on_incident_id: str | None = None


class Notes(Component):
    """A line of narrative; it may hold HTML."""

    notes_action_comments: str = ""
    agent_reference: References = None


class Person(Component):
    """A person who plays a part, as far as that is written here: which one."""

    person_incident_role_registry_text: list[str] = []
    call_back_reference: Reference | None = None


class Media(Component):
    """A recording or a stream, by its address."""

    uri: str = ""
    content_type: str = ""


class AdditionalData(Component):
    """What the network tells of a call (RFC 7852), as XML in a string."""

    additional_data_by_value: str | None = None


class Vehicle(Component):
    """A vehicle that plays a part; ``nc_vehicle_component`` is NIEM JSON."""

    vehicle_relationship_type: list[str] = []
    vehicle_relationship_time_stamp: Instant | None = None
    nc_vehicle_component: Any = None


class Agency(Component):
    """An agency that plays a part."""

    agency_role_description_registry_text: list[str] = []
    agency_type: list[str] = []


class Agent(Component):
    """A person or program that acts for an agency."""

    agent_role_registry_text: list[str] = []
    agency_reference: Reference | None = None


class Eido(Component):
    """The current state of one incident."""

    eido_version: str = ""
    issuing_element_identification: str = ""
    agency_component: list[Agency] = []
    agent_component: list[Agent] = []
    incident_component: Incident | None = None
    call_component: list[Call] = []
    callback_component: list[Callback] = []
    location_component: list[Location] = []
    emergency_resource_component: list[Resource] = []
    notes_component: list[Notes] = []
    vehicle_component: list[Vehicle] = []
    person_component: list[Person] = []
    media_component: list[Media] = []
    additional_data_component: list[AdditionalData] = []


def several(references: References) -> list[Reference]:
    """As a list, however they stand."""
    return [references] if isinstance(references, Reference) else references or []


def decode(raw: bytes) -> Eido:
    """Read an EIDO. Raises ``GiveUp`` (code ``bad_eido``) with the failing path."""
    try:
        return msgspec.json.decode(raw, type=Eido)
    except msgspec.ValidationError as error:
        raise GiveUp(f"Not an EIDO: {error}.", code="bad_eido") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise GiveUp(f"Not JSON ({len(raw)} bytes).", code="bad_eido") from None


def encode(eido: Eido) -> bytes:
    """Write an EIDO."""
    return msgspec.json.encode(eido)
