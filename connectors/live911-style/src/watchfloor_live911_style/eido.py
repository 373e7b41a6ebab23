"""The calls of an EIDO (NENA-STA-021.1b-2022, call data component). Pure.

| EmergencyCall | EIDO |
|---|---|
| call | call: $id |
| state | call: callStateRegistryText: callBegin is ringing, callEnd ended, any other answered; ended without ever being answered is abandoned (this reading is ours) |
| place | the newest location of the call that is the caller's, else the one it was routed by: locationByValue (PIDF-LO), locationDescriptionText |
| class_of_service | additional data of the call: ServiceType of the ServiceInfo (RFC 7852, section 4.2) |
| callback | callback of the call: callBackInformationUri (tel:) |
| started, answered | call: callStartTimestamp, answerDate; without one the lastUpdateTimeStamp with which it was first seen answered |
| ended | call: lastUpdateTimeStamp with which it was first seen ended |
| call_number | incident: internalIncidentId |
| notes | notes that the call refers to: notesActionComments |
| media | media of the call of a type audio/...: uri |

An EIDO is the state now, and each part of it has its own time: so it says several things at once,
most of which were said before.
"""  # noqa: E501 - a table's row is one line

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from watchfloor_sdk import GiveUp, xml
from watchfloor_sdk.eido import (
    Call,
    Component,
    Eido,
    Found,
    Incident,
    best,
    notes,
    referred,
    telephone,
    times,
)

from .calls import Anything, Position, Remark, Stand, digest, keyed

PLACES = ("Caller", "RoutingLocation")
"""Which location is the caller's, best first. Towers are elsewhere."""

MOST_NOTES = 20
"""Of one call, the newest: what is said of a call must have room in its memory."""

_SERVICE = {"svc": "urn:ietf:params:xml:ns:EmergencyCallData:ServiceInfo"}


class Heard(NamedTuple):
    """What an EIDO says of one call; ``problem`` is what was wrong with a part of it, which is left
    out."""

    call: str
    said: list[Anything]
    problem: GiveUp | None

    @property
    def id(self) -> str:
        """Of the event that comes of it: the same for the same state."""
        return f"{self.call}:{digest(''.join(one.key for one in self.said).encode())}"


def heard(eido: Eido) -> Iterator[Heard]:
    """The calls that came in. Raises ``GiveUp`` (``no_time``)."""
    for call in eido.call_component:
        if call.direction.strip() == "incoming":
            where, (service, problem) = _where(eido, call), _class_of_service(eido, call)
            said: list[Anything] = [_stand(eido, call), *_remarks(eido, call)]
            if where.place or service:
                at = _at(eido, where.location or call)
                said.append(Position(at=at, place=where.place, service=service))
            yield Heard(call.id, [keyed(one) for one in said], where.problem or problem)


def _stand(eido: Eido, call: Call) -> Stand:
    at, state = _at(eido, call), call.call_state_registry_text.strip()
    begins = state in ("", "callBegin", "callEnd")
    return Stand(
        at=at,
        started=next(times([call.call_start_timestamp]), None),
        answered=next(times([call.answer_date]), None if begins else at),
        ended=at if state == "callEnd" else None,
        number=telephone(referred(eido.callback_component, call.call_back_reference)),
        audio=_audio(eido, call),
        incident=eido.id,
    )


def _where(eido: Eido, call: Call) -> Found:
    """The newest of the best kind. Locations that no call refers to are those of the only one."""
    several = referred(eido.location_component, call.location_reference)
    if not several and len(eido.call_component) == 1:
        several = eido.location_component
    return best(sorted(several, key=lambda one: _at(eido, one), reverse=True), PLACES)


def _remarks(eido: Eido, call: Call) -> Iterator[Remark]:
    head = eido.incident_component or Incident(id=eido.id)
    if number := (head.internal_incident_id or "").strip():
        yield Remark(at=_at(eido, head), call_number=number)
    for one in notes(referred(eido.notes_component, call.notes_reference)[-MOST_NOTES:]):
        yield Remark(at=one.time or _at(eido, call), text=one.text, author=one.author)


def _class_of_service(eido: Eido, call: Call) -> tuple[str | None, GiveUp | None]:
    """And what was wrong with where it should stand."""
    for one in referred(eido.additional_data_component, call.additional_data_reference):
        text = (one.additional_data_by_value or "").strip()
        if "EmergencyCallData.ServiceInfo" in text:
            try:
                return xml.parse(text.encode(), _SERVICE).text("svc:ServiceType"), None
            except GiveUp as error:
                return None, error
    return None, None


def _audio(eido: Eido, call: Call) -> str | None:
    several = referred(eido.media_component, call.media_references)
    audio = (one.uri for one in several if one.content_type.strip().startswith("audio/"))
    return next(filter(None, audio), None)


def _at(eido: Eido, component: Component) -> datetime:
    """When a component was last changed, in UTC."""
    stamps = [component.last_update_time_stamp, eido.last_update_time_stamp]
    for at in times(stamps):
        return at
    raise GiveUp("The EIDO does not say when it was updated.", code="no_time")
