"""The retention of a hub: which schedule is in force, how it changes, and how far back one sees."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from watchfloor.contracts import NotFound, Refused, rfc3339
from watchfloor.ports.store import (
    Micros,
    Purging,
    Schedules,
    ScheduleVersion,
    Stream,
)
from watchfloor.ports.world import Clock

from .kinds import EVENTS
from .plan import plan
from .schedule import InForce, Schedule, in_force, read

_UNNAMED = ""
"""A handling class that no rule names."""

Agreed = Callable[[], Awaitable[Mapping[str, int]]]
"""By source: the days that its approved impact statement names."""


async def _nothing_agreed() -> Mapping[str, int]:
    return {}


class _Apart(NamedTuple):
    """Caps that differ from their type's, found when so many streams had been delivered."""

    streams: int
    caps: dict[tuple[str, str, str | None], Micros]


class Retention:
    """Holds the schedule that is in force. ``refresh`` it at start and after every change."""

    def __init__(
        self,
        schedules: Schedules,
        purging: Purging,
        clock: Clock,
        agreed: Agreed = _nothing_agreed,
    ) -> None:
        self._schedules = schedules
        self._purging = purging
        self._clock = clock
        self._agreed = agreed
        self._in_force = InForce(Schedule())
        self._refreshing = asyncio.Lock()
        """One after the other: what was read before an approval must not be set after it."""
        self._caps: dict[tuple[str, str, str | None], Micros] = {}
        self._apart: _Apart | None = None
        self._delivered: set[Stream] = set()
        """What there is of events, and what came in since: ingest adds to it from its thread."""

    async def refresh(self) -> InForce:
        """Read what is in force now."""
        async with self._refreshing:
            found = in_force(await self._schedules.all(), await self._agreed())
            streams = await self._purging.streams()
            self._in_force = found
            self._delivered |= {stream for stream in streams if stream.kind in EVENTS}
            self._caps = {}  # not emptied: what ingest's thread works out now, it puts into the old
            self._apart = None
            return found

    @property
    def in_force(self) -> InForce:
        """The schedule that counts now; version 0: nobody chose one, and the defaults count."""
        return self._in_force

    def earliest(self, type: str, source: str, handling: str | None = None) -> Micros:
        """The oldest moment of which such data may be shown or taken in; ``handling`` of ``None``:
        the strictest class. Quick: asked for every event."""
        return self._clock.now() - self._cap(source, type, handling)

    def shown_from(self, at: Micros) -> dict[str, Micros]:
        """The oldest moment of which each type of event may be shown at a moment, whatever its
        source."""
        return {type_: at - self._cap("", type_, None) for type_ in EVENTS}

    def apart(self, at: Micros) -> dict[tuple[str, str, str | None], Micros]:
        """The same of each source's data that has another cap than its type alone: by type, source
        and handling class, ``None`` standing for those that no rule names."""
        found = self._apart
        if found is None or found.streams != len(self._delivered):
            found = self._apart = self._caps_apart()
        return {key: at - cap for key, cap in found.caps.items()}

    def _caps_apart(self) -> _Apart:
        delivered, classes = tuple(self._delivered), self._in_force.classes
        apart: dict[tuple[str, str, str | None], Micros] = {}
        for source, kind in delivered:
            caps = {named: self._cap(source, kind, named or _UNNAMED) for named in (None, *classes)}
            if any(cap != self._cap("", kind, None) for cap in caps.values()):
                apart |= {(kind, source, named): cap for named, cap in caps.items()}
        return _Apart(len(delivered), apart)

    def _cap(self, source: str, type: str, handling: str | None) -> Micros:
        asked, caps = (source, type, handling), self._caps
        cap = caps.get(asked)
        if cap is None:
            if source and type in EVENTS:
                self._delivered.add(Stream(source, type))
            limits = self._in_force.limits(Stream(source, type), handling)
            cap = caps[asked] = limits.cap.micros
        return cap

    async def plan(self) -> list[dict[str, object]]:
        """What counts for everything that there is, and how much of it is due."""
        return await plan(self._purging, self._in_force, self._clock.now())

    # --- Changing the schedule: one proposes, another approves -------------------------------

    async def propose(self, document: str | bytes, by: str, called: str = "") -> int:
        """A whole new schedule (JSON), which changes nothing yet; its version. ``by`` is the
        person's id, ``called`` what people call them, where that is another. Raises
        ``AskAPerson`` for one that cannot be used."""
        schedule = read(document)
        said = msgspec.json.encode(schedule).decode()
        return await self._schedules.propose(
            ScheduleVersion(0, said, self._clock.now(), by, called or by)
        )

    async def approve(self, version: int, by: str, called: str = "") -> InForce:
        """Put a proposed schedule in force, as another person than who proposed it. Raises
        ``NotFound``; ``Refused`` (codes ``two_people``, ``not_waiting``)."""
        proposed = await self._version(version)
        if proposed.proposed_by == by:
            raise Refused(
                "A retention schedule is approved by somebody else than who proposed it.",
                code="two_people",
                remedy="Ask a second person who may change retention.",
            )
        read(proposed.document)  # a preset may be gone since
        await self._schedules.approve(version, self._clock.now(), by, called or by)
        return await self.refresh()

    async def proposer(self, version: int) -> str:
        """The id of whoever proposed a schedule. Raises ``NotFound``."""
        return (await self._version(version)).proposed_by

    async def versions(self) -> list[dict[str, Any]]:
        """Every schedule that was proposed, newest first."""
        return [_document(each) for each in await self._schedules.all()]

    async def _version(self, version: int) -> ScheduleVersion:
        for each in await self._schedules.all():
            if each.version == version:
                return each
        raise NotFound(f"There is no retention schedule {version}.", code="no_such_schedule")


def _document(version: ScheduleVersion) -> dict[str, Any]:
    return {
        "version": version.version,
        "schedule": msgspec.json.decode(version.document),
        "proposed": rfc3339(version.proposed),
        "proposed_by": version.proposer,
        "approved": None if version.approved is None else rfc3339(version.approved),
        "approved_by": version.approver,
    }
