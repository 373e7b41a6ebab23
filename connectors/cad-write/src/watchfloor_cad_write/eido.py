"""Changes to an EIDO (NENA-STA-021.1b-2022, schema version 1.0). Pure.

An EIDO of another system is changed as the JSON object that it is: what this file does not know
stays in it. Required fields of each component are those of the schema.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import msgspec

from watchfloor_sdk import GiveUp, Place
from watchfloor_sdk.eido import (
    VERSION,
    Author,
    Component,
    Eido,
    Incident,
    Reference,
    tracking_id,
)

from .orders import CreateCall, UpdateCall

Json = dict[str, Any]

_NOTE = re.compile(r"urn:watchfloor:note:([0-9a-f]{16}):(.+)")
_PROLOGUE = {field.encode_name for field in msgspec.structs.fields(Component)}


def new_id(key: str, agency: str) -> str:
    """The tracking id of an incident that is to be created: the same for the same key."""
    return tracking_id(f"wf{_digest(key)}", agency)


def note_id(key: str, incident: str) -> str:
    """A note's id, which says its incident, so that it can be found again (form: ours)."""
    return f"urn:watchfloor:note:{_digest(key)}:{incident}"


def incident_of(note: str) -> str:
    """The incident of a note that we wrote. Raises ``GiveUp`` (code ``bad_parameters``)."""
    found = _NOTE.fullmatch(note)
    if found is None:
        raise GiveUp("This is not the reference of a note.", code="bad_parameters")
    return found[2]


def with_note(eido: Json, note: str, text: str, author: Author) -> Json:
    """With one note more; as it is where the note is there already."""
    notes = _list(eido, "notesComponent")
    if any(one.get("$id") == note for one in notes):
        return eido
    written = _json(author.note(note, text))
    return _signed({**eido, "notesComponent": [*notes, written]}, author)


def without_note(eido: Json, note: str, author: Author) -> Json:
    """Without that note; as it is where it has gone already."""
    notes = _list(eido, "notesComponent")
    left = [one for one in notes if one.get("$id") != note]
    if len(left) == len(notes):
        return eido
    return _signed({**eido, "notesComponent": left}, author)


def updated(eido: Json, order: UpdateCall, author: Author) -> Json:
    """With what the order says; as it is where it says so already."""
    now = eido.get("incidentComponent") or {}
    said = _json(
        Incident(
            **author.prologue(now.get("$id", f"urn:watchfloor:incident:{eido['$id']}")),
            incident_type_common_registry_text=order.type or "",
            incident_status_common_registry_text=[order.status] if order.status else [],
            incident_common_priority_number=order.priority,
            beat_or_dispatch_group_text=order.beat,
        )
    )
    if all(now.get(name) == said[name] for name in said.keys() - _PROLOGUE):
        return eido
    if "$id" not in now and order.type is None:
        raise GiveUp("The incident has no type yet: say it, too.", code="bad_parameters")
    return _signed({**eido, "incidentComponent": {**now, **said}}, author)


def created(id: str, key: str, order: CreateCall, author: Author) -> Json:
    """A new incident's EIDO."""
    place = f"urn:watchfloor:place:{id}"
    located = order.point is not None or order.address is not None
    where = Place(point=order.point, address=order.address)
    new = Eido(
        **author.prologue(id),
        eido_version=VERSION,
        issuing_element_identification=f"watchfloor.{author.agency}",
        incident_component=Incident(
            **author.prologue(f"urn:watchfloor:incident:{id}"),
            incident_type_common_registry_text=order.type,
            incident_status_common_registry_text=["Active"],
            incident_common_priority_number=order.priority,
            location_reference=[Reference(ref=place)] if located else None,
        ),
        location_component=[author.location(place, "CurrentIncident", where)] if located else [],
    )
    return with_note(_json(new), note_id(key, id), order.text, author)


def _signed(eido: Json, author: Author) -> Json:
    """As of now, by us: agency and agent are named, where they were not yet."""
    agency, agent = author.agency_component("Informational"), author.agent_component()
    return {
        **eido,
        **_json(Component(**author.prologue(eido["$id"]))),
        "agencyComponent": _with(_list(eido, "agencyComponent"), _json(agency)),
        "agentComponent": _with(_list(eido, "agentComponent"), _json(agent)),
    }


def _with(components: list[Json], one: Json) -> list[Json]:
    known = any(each.get("$id") == one["$id"] for each in components)
    return components if known else [*components, one]


def _list(eido: Json, name: str) -> list[Json]:
    found = eido.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise GiveUp(f"The system's EIDO has a {name} that is no list.", code="bad_eido")
    return found


def _json(component: Component) -> Json:
    """As it stands in a document."""
    found: Json = msgspec.to_builtins(component)
    return found


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]
