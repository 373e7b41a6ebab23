"""Changes to an EIDO (NENA-STA-021.1b-2022, schema version 1.0). Pure.

An EIDO of another system is changed as the JSON object that it is: what this file does not know
stays in it. Required fields of each component are those of the schema.
"""

from __future__ import annotations

import hashlib
import html
import re
from datetime import datetime
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from watchfloor_sdk import GiveUp, Point

from .orders import CreateCall, UpdateCall

Eido = dict[str, Any]

VERSION = "1.0"
_NOTE = re.compile(r"urn:watchfloor:note:([0-9a-f]{16}):(.+)")
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


class Author(NamedTuple):
    """Who writes: a person at an agency, which is known by its domain name; and when."""

    agency: str
    person: str
    now: datetime

    @property
    def agent(self) -> str:
        """The person's global id: ``name@domain``."""
        return f"{_UNFIT.sub('.', self.person).strip('.') or 'watchfloor'}@{self.agency}"

    def prologue(self, id: str) -> Eido:
        """What every component begins with."""
        return {
            "$id": id,
            "lastUpdateTimeStamp": self.now.isoformat(timespec="milliseconds"),
            "updatedByAgencyReference": {"$ref": self.agency},
            "updatedByAgentReference": {"$ref": self.agent},
        }


def tracking_id(call: str, agency: str) -> str:
    """An incident's tracking id; a bare call number is one of this agency's (that the number is in
    it is a custom, not the standard's)."""
    return call if call.startswith("urn:") else f"urn:emergency:uid:incidentid:{call}:{agency}"


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


def with_note(eido: Eido, note: str, text: str, author: Author) -> Eido:
    """With one note more; as it is where the note is there already."""
    notes = _list(eido, "notesComponent")
    if any(one.get("$id") == note for one in notes):
        return eido
    written = {
        **author.prologue(note),
        "notesActionComments": _escaped(text),
        "agentReference": [{"$ref": author.agent}],
    }
    return _signed({**eido, "notesComponent": [*notes, written]}, author)


def without_note(eido: Eido, note: str, author: Author) -> Eido:
    """Without that note; as it is where it has gone already."""
    notes = _list(eido, "notesComponent")
    left = [one for one in notes if one.get("$id") != note]
    if len(left) == len(notes):
        return eido
    return _signed({**eido, "notesComponent": left}, author)


def updated(eido: Eido, order: UpdateCall, author: Author) -> Eido:
    """With what the order says; as it is where it says so already."""
    now = eido.get("incidentComponent") or {}
    said = {
        "incidentTypeCommonRegistryText": order.type,
        "incidentStatusCommonRegistryText": order.status and [order.status],
        "incidentCommonPriorityNumber": order.priority,
        "beatOrDispatchGroupText": order.beat,
    }
    news = {name: value for name, value in said.items() if value not in (None, now.get(name))}
    if not news:
        return eido
    if "$id" not in now and order.type is None:
        raise GiveUp("The incident has no type yet: say it, too.", code="bad_parameters")
    id_ = now.get("$id", f"urn:watchfloor:incident:{eido['$id']}")
    return _signed({**eido, "incidentComponent": {**now, **author.prologue(id_), **news}}, author)


def created(id: str, key: str, order: CreateCall, author: Author) -> Eido:
    """A new incident's EIDO."""
    place = f"urn:watchfloor:place:{id}"
    located = order.point is not None or order.address is not None
    incident = {
        **author.prologue(f"urn:watchfloor:incident:{id}"),
        "incidentTypeCommonRegistryText": order.type,
        "incidentStatusCommonRegistryText": ["Active"],
        "incidentCommonPriorityNumber": order.priority,
        "locationReference": [{"$ref": place}] if located else None,
    }
    location = {
        **author.prologue(place),
        "locationTypeDescriptionRegistryText": "CurrentIncident",
        "locationByValue": order.point and _pidf_lo(order.point, author.agent),
        "locationDescriptionText": order.address,
    }
    eido = {
        "eidoVersion": VERSION,
        "issuingElementIdentification": f"watchfloor.{author.agency}",
        "incidentComponent": _said(incident),
        "locationComponent": [_said(location)] if located else None,
        "$id": id,
    }
    return with_note(_said(eido), note_id(key, id), order.text, author)


def _signed(eido: Eido, author: Author) -> Eido:
    """As of now, by us: agency and agent are named, where they were not yet."""
    agency = {
        **author.prologue(author.agency),
        "agencyRoleDescriptionRegistryText": ["Informational"],
        "agencyType": ["police"],
    }
    agent = {
        **author.prologue(author.agent),
        "agentRoleRegistryText": ["Dispatching"],
        "agencyReference": {"$ref": author.agency},
    }
    return {
        **eido,
        **author.prologue(eido["$id"]),
        "agencyComponent": _with(_list(eido, "agencyComponent"), agency),
        "agentComponent": _with(_list(eido, "agentComponent"), agent),
    }


def _with(components: list[Eido], one: Eido) -> list[Eido]:
    known = any(each.get("$id") == one["$id"] for each in components)
    return components if known else [*components, one]


def _list(eido: Eido, name: str) -> list[Eido]:
    found = eido.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise GiveUp(f"The system's EIDO has a {name} that is no list.", code="bad_eido")
    return found


def _said(component: Eido) -> Eido:
    return {name: value for name, value in component.items() if value is not None}


def _escaped(text: str) -> str:
    """Notes are HTML5: what looks like a tag is written as text."""
    return html.escape(text, quote=False).replace("\n", "<br>")


def _pidf_lo(point: Point, entity: str) -> str:
    """A point as PIDF-LO (RFC 4119, RFC 5491); EPSG 4326 has the latitude first."""
    longitude, latitude = point
    return (
        '<presence xmlns="urn:ietf:params:xml:ns:pidf" '
        'xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" '
        'xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" '
        f'xmlns:gml="http://www.opengis.net/gml" entity="pres:{escape(entity)}">'
        '<dm:device id="place"><gp:geopriv><gp:location-info>'
        '<gml:Point srsName="urn:ogc:def:crs:EPSG::4326">'
        f"<gml:pos>{latitude!r} {longitude!r}</gml:pos></gml:Point>"
        "</gp:location-info><gp:usage-rules/></gp:geopriv></dm:device></presence>"
    )


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]
