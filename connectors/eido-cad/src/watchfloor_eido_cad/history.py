"""What an EIDO cannot say, learnt by comparing snapshots: it holds the state now, no history."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from watchfloor_sdk import CadIncident, Coded

WAITING = ("Active", "ReOpened")
UNDER_WAY = ("ResourcesAssigned", "ResourcesEnroute", "ResourcesOnscene")


class History(Struct, frozen=True, omit_defaults=True):
    """The first type that was seen, and when units were assigned and came to the scene.

    A time is learnt only where the change was seen: a call that was under way when we first heard
    of it has none. ``status`` is that of the snapshot before.
    """

    initial_type: Coded | None = None
    dispatched: datetime | None = None
    arrived: datetime | None = None
    status: str | None = None

    def after(self, call: CadIncident, at: datetime) -> History:
        """With what this snapshot, of the state since ``at``, adds."""
        leaves = self.status in WAITING and call.status in UNDER_WAY
        comes = self.status in (*WAITING, *UNDER_WAY[:-1]) and call.status == UNDER_WAY[-1]
        return History(
            initial_type=self.initial_type or call.incident_type,
            dispatched=self.dispatched or (at if leaves else None),
            arrived=self.arrived or (at if comes else None),
            status=call.status,
        )

    def told_in(self, call: CadIncident) -> CadIncident:
        """The call with its history."""
        return msgspec.structs.replace(
            call,
            initial_type=self.initial_type,
            dispatched=self.dispatched,
            arrived=self.arrived,
        )
