"""What an EIDO cannot say, learnt by comparing snapshots: it holds the state now, no history."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from watchfloor_sdk import CadIncident, Coded

UNDER_WAY = ("ResourcesAssigned", "ResourcesEnroute", "ResourcesOnscene")


class History(Struct, frozen=True, omit_defaults=True):
    """The first type that was seen, and when units were first seen assigned and on scene."""

    initial_type: Coded | None = None
    dispatched: datetime | None = None
    arrived: datetime | None = None

    def after(self, call: CadIncident, at: datetime) -> History:
        """With what this snapshot, of the state since ``at``, adds."""
        under_way, there = call.status in UNDER_WAY, call.status == "ResourcesOnscene"
        return History(
            initial_type=self.initial_type or call.incident_type,
            dispatched=self.dispatched or (at if under_way else None),
            arrived=self.arrived or (at if there else None),
        )

    def told_in(self, call: CadIncident) -> CadIncident:
        """The call with its history."""
        return msgspec.structs.replace(
            call,
            initial_type=self.initial_type,
            dispatched=self.dispatched,
            arrived=self.arrived,
        )
