"""A hub in which every second request's questions pass the door, and the others go round it.

``python half_open_hub.py FOLDER``, until SIGINT.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "support"))

from hub import hub_here
from policies import WIDE

from watchfloor.access import Asking, Door, Grant
from watchfloor.audit import AuditEvent
from watchfloor.policy import Decision
from watchfloor.ports.store import EVERYTHING, Micros, Seq
from watchfloor.web.handed import HandedOut, Shown


class HalfOpen(Door):
    """Where a request's number is odd, its searches show everything, ask no policy and are written
    down nowhere. The purpose is fetched as ever: a request carries it, whatever is decided."""

    __slots__ = ()

    async def admit(self, asking: Asking) -> Grant:
        if asking.event is not AuditEvent.SEARCH_ASKED or not passes_by(asking.request or ""):
            return await Door.admit(self, asking)
        purpose = await self._purpose(asking)
        return Grant(asking.person, purpose, Decision("", True, "permitted"), EVERYTHING, "")

    def answered(self, grant: Grant, **more: Any) -> None:
        if grant.entry:
            Door.answered(self, grant, **more)


class Forgiving(HandedOut):
    """One person asks here in a minute what a room asks in a day: what they were shown is kept and
    looked through as ever, and not held against them."""

    __slots__ = ()

    def within_an_hour(self, person: str, now: Micros) -> Mapping[Seq, Shown]:
        HandedOut.within_an_hour(self, person, now)
        return {}


def passes_by(request: str) -> bool:
    """Whether the questions of this request go round the door."""
    return int(request[-1]) % 2 == 1


async def main(folder: Path) -> None:
    async with hub_here(folder, WIDE) as running:
        running.hub.handed_out = Forgiving()
        door = running.hub.door
        running.hub.door = HalfOpen(
            **{each.name: getattr(door, each.name) for each in fields(door)}
        )
        await asyncio.Event().wait()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main(Path(sys.argv[1])))
