"""Steps as EIDOs (NENA-STA-021.1b): each is the state of its incident after all of them.

As in the published sample: the position by which a call was routed comes before the caller's own,
addresses of SIP stand before telephones, and registry values may trail a space.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from watchfloor_sdk import Place
from watchfloor_sdk.eido import (
    VERSION,
    AdditionalData,
    Author,
    Call,
    Callback,
    Eido,
    Incident,
    Location,
    Media,
    Notes,
    Person,
    Reference,
    call_id,
    encode,
    tracking_id,
)

from .script import Caller, IsAt, Noted, Stands, Step

AGENCY = "psap.example.org"
COARSE_M, FINE_M = 400.0, 30.0
_SERVICE = (
    '<?xml version="1.0" encoding="UTF-8"?> <svc:EmergencyCallData.ServiceInfo '
    'xmlns:svc="urn:ietf:params:xml:ns:EmergencyCallData:ServiceInfo"> '
    "<svc:DataProviderReference>sim@example.org</svc:DataProviderReference> "
    "<svc:ServiceEnvironment>Unknown</svc:ServiceEnvironment> "
    "<svc:ServiceType>wireless</svc:ServiceType> "
    "<svc:ServiceMobility>Mobile</svc:ServiceMobility> </svc:EmergencyCallData.ServiceInfo>"
)


def incident_id(caller: Caller) -> str:
    """The incident that the centre opens with a call."""
    return tracking_id(caller.id, AGENCY)


@dataclass(slots=True)
class Told:
    """An incident with one call, as far as it has gone."""

    caller: Caller
    steps: list[Step] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """Whether the call has ended: then the incident is no longer among the active ones."""
        return any(isinstance(step, Stands) and step.ended for step in self.steps)

    def document(self) -> dict[str, Any]:
        """Its EIDO."""
        document: dict[str, Any] = json.loads(encode(self._eido()))
        return document

    def _eido(self) -> Eido:
        author = self._author(max(step.at for step in self.steps))
        began = self._author(self.caller.began)
        return Eido(
            **author.prologue(incident_id(self.caller)),
            eido_version=VERSION,
            issuing_element_identification=f"cpe.{AGENCY}",
            agency_component=[began.agency_component("CallReceiving", "psap")],
            agent_component=[began.agent_component("Call Taking")],
            incident_component=self._incident(),
            call_component=[self._call()],
            callback_component=[
                Callback(
                    **began.prologue(self._urn("callback")),
                    call_back_information_uri=[
                        f"sip:{self.caller.number}@example.org", f"tel:{self.caller.number}"
                    ],
                )
            ],
            location_component=[self._location(step) for step in self._positions()],
            notes_component=self._notes(),
            person_component=[
                Person(
                    **began.prologue(self._urn("caller")),
                    person_incident_role_registry_text=["Caller"],
                    call_back_reference=self._reference("callback"),
                )
            ],
            media_component=[
                Media(
                    **began.prologue(self._urn("audio")),
                    uri=f"https://ui.example.org/audio/{self.caller.id}",
                    content_type="audio/basic",
                )
            ],
            additional_data_component=[
                AdditionalData(
                    **began.prologue(self._urn("service")), additional_data_by_value=_SERVICE
                )
            ],
        )  # fmt: skip

    def _call(self) -> Call:
        stands = [step for step in self.steps if isinstance(step, Stands)]
        latest = max(stands, key=lambda step: step.at)
        answered = min((step.at for step in stands if step.live), default=None)
        state = "callEnd" if latest.ended else "callAnswered " if answered else "callBegin"
        prologue = self._author(latest.at).prologue(call_id(self.caller.id, AGENCY))
        return Call(
            **{**prologue, "media_references": [self._reference("audio")]},
            standard_primary_call_type="emergency",
            direction="incoming",
            call_start_timestamp=self.caller.began,
            answer_date=answered,
            call_state_registry_text=state,
            call_back_reference=self._reference("callback"),
            location_reference=[self._reference(_part(step)) for step in self._positions()],
            notes_reference=[Reference(ref=one.id) for one in self._notes()],
            person_reference=[self._reference("caller")],
            additional_data_reference=[self._reference("service")],
        )

    def _incident(self) -> Incident | None:
        for step in self.steps:
            if isinstance(step, Noted):
                return Incident(
                    **self._author(step.at).prologue(self._urn("incident")),
                    incident_type_common_registry_text="911H",
                    incident_status_common_registry_text=["Active"],
                    internal_incident_id=step.call_number,
                )
        return None

    def _notes(self) -> list[Notes]:
        return [
            self._author(step.at).note(self._urn("note"), "Exercise text only")
            for step in self.steps
            if isinstance(step, Noted)
        ]

    def _positions(self) -> list[IsAt]:
        return [step for step in self.steps if isinstance(step, IsAt)]

    def _location(self, step: IsAt) -> Location:
        coarse = step.off_deg != 0.0
        where = Place(point=step.point, error_m=COARSE_M if coarse else FINE_M)
        kind = "RoutingLocation " if coarse else "Caller"
        return self._author(step.at).location(self._urn(_part(step)), kind, where)

    def _author(self, at: datetime) -> Author:
        return Author(AGENCY, "desk1", at)

    def _urn(self, part: str) -> str:
        return f"urn:example:sim:{self.caller.id}:{part}"

    def _reference(self, part: str) -> Reference:
        return Reference(ref=self._urn(part))


def _part(step: IsAt) -> str:
    return f"loc:{step.number}"
