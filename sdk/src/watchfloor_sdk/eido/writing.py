"""What writers of EIDOs have in common: global ids, the prologue, and who signs it. Pure.

Required fields of each component are those of the schema (NENA-STA-021.1b-2022).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, NamedTuple

from watchfloor.contracts import Place

from . import pidflo
from .narrative import escaped
from .parts import Agency, Agent, Location, Notes, Reference

_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


class Author(NamedTuple):
    """Who writes, and when: an agency, which is known by its domain name, and somebody there."""

    agency: str
    name: str
    at: datetime

    @property
    def agent(self) -> str:
        """The writer's global id: ``name@domain``."""
        return f"{_UNFIT.sub('.', self.name).strip('.') or 'watchfloor'}@{self.agency}"

    def prologue(self, id: str, at: datetime | None = None) -> dict[str, Any]:
        """What every component begins with, as fields of a ``Component``."""
        return {
            "id": id,
            "last_update_time_stamp": at or self.at,
            "updated_by_agency_reference": Reference(ref=self.agency),
            "updated_by_agent_reference": Reference(ref=self.agent),
        }

    def agency_component(self, role: str, type: str = "police") -> Agency:
        """The agency: ``role`` is of the registry AgencyRole, ``type`` of the IANA responders."""
        return Agency(
            **self.prologue(self.agency),
            agency_role_description_registry_text=[role],
            agency_type=[type],
        )

    def agent_component(self, role: str = "Dispatching") -> Agent:
        """The writer: ``role`` is of the registry AgentRoles."""
        return Agent(
            **self.prologue(self.agent),
            agent_role_registry_text=[role],
            agency_reference=Reference(ref=self.agency),
        )

    def note(
        self, id: str, text: str, at: datetime | None = None, author: str | None = None
    ) -> Notes:
        """A note of the writer's own, or of another ``author`` (an agent's global id)."""
        return Notes(
            **self.prologue(id, at),
            notes_action_comments=escaped(text),
            agent_reference=Reference(ref=author or self.agent),
        )

    def location(self, id: str, kind: str, place: Place, at: datetime | None = None) -> Location:
        """A place: ``kind`` is of the registry LocationType."""
        return Location(
            **self.prologue(id, at),
            location_type_description_registry_text=kind,
            location_by_value=pidflo.write(place, self.agent),
            location_description_text=place.address,
        )


def tracking_id(incident: str, agency: str) -> str:
    """An incident's tracking id; a bare call number is one of this agency's (that the number is in
    it is a custom, not the standard's)."""
    return _uid("incidentid", incident, agency)


def call_id(call: str, agency: str) -> str:
    """A call's identifier; a bare name is one of this agency's."""
    return _uid("callid", call, agency)


def _uid(kind: str, name: str, agency: str) -> str:
    return name if name.startswith("urn:") else f"urn:emergency:uid:{kind}:{name}:{agency}"
