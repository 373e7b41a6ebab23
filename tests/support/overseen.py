"""A floor whose look-ups go through the real door into a real audit log, for oversight."""

from __future__ import annotations

from dataclasses import dataclass

from asking import purpose
from month_of_work import MONDAY, WEEK
from msgspec.structs import replace

from watchfloor.access import About, Asking, Door
from watchfloor.adapters.clock import SettableClock
from watchfloor.audit import AuditEvent, AuditLog
from watchfloor.contracts import PurposeOfUse, Refused
from watchfloor.identity import Origin, Permission, Person, Role
from watchfloor.oversight import DAY, Oversight
from watchfloor.ports.store import ReviewBook


class Secrets:
    """A keyring in memory."""

    def __init__(self):
        self.kept = {}

    async def names(self, instance):
        return [name for of, name in self.kept if of == instance]

    async def get(self, instance, name):
        return self.kept[instance, name]

    async def put(self, instance, name, value):
        self.kept[instance, name] = value


class Purposes:
    """Requests by their purpose, as the desk would say it."""

    def __init__(self):
        self.open: dict[str, PurposeOfUse] = {}

    async def purpose(self, id, person):
        return self.open[id]


class NobodyAgrees:
    """A second person is asked, and does not answer."""

    async def opens(self, person, digest):
        return None

    async def ask(self, *args):
        return type("Asked", (), {"id": "A-000000000000"})


def person(handle: str, *roles: Role, agency: str = "ex-pd") -> Person:
    return Person(
        f"idp|{handle}", handle, handle.capitalize(), agency, frozenset(roles or (Role.ANALYST,)),
        certified={"ncic": MONDAY + 400 * DAY},
    )  # fmt: skip


@dataclass
class Floor:
    """A hub's door, log and oversight, on a clock that the test sets."""

    clock: SettableClock
    log: AuditLog
    door: Door
    purposes: Purposes
    oversight: Oversight
    book: ReviewBook

    async def asks(self, who: Person, plate: str, days_back=1.0, address="192.0.2.10",
                   device="console", facts=None,
                   request="R-26-000001", **said):  # fmt: skip
        """A search for a plate through the door; the code of what refused it, if anything did."""
        self.clock.advance(60)
        why = replace(purpose(**said), request=request)
        self.purposes.open[why.request] = why
        now = self.clock.now()
        since = now - round(days_back * DAY)
        about = About(
            facts={"subject": "plate", "lookback_days": days_back, **(facts or {})},
            subject=("plate", plate), lookback=(since, None),
            more={name: n for name, n in (facts or {}).items() if name in ("agencies", "cameras")},
        )  # fmt: skip
        asking = Asking(
            who, Permission.DATA_SEARCH, AuditEvent.SEARCH_ASKED, Origin(address, device),
            purpose="needed", request=why.request, about=about,
        )  # fmt: skip
        try:
            await self.door.admit(asking)
        except Refused as refused:
            return refused.code
        return None

    async def week_passes(self) -> None:
        """To the same moment a week on; a checkpoint covers what was recorded."""
        await self.log.proof(self.log.size - 1)
        self.clock.advance(WEEK / 1e6)

    async def found(self) -> dict[str, str]:
        """Findings by detector."""
        return {item.why: item.words for item in await self.oversight.sweep()}
