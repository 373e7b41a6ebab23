"""The gap ledger's keeper: turns heartbeats, cadence and outages into intervals without assurance.

A source is **assured** up to a time when it says so (``assured_until``) or when it shows that it is
alive and pushes. Silence beyond three cadences opens a gap that starts where assurance ended. News
closes it; it counts as filled when the source could fetch what was missed (``backfill``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchfloor.contracts import micros
from watchfloor.ports.store import Gap, Micros, Store
from watchfloor.ports.world import Clock

SILENT_CADENCES = 3

NOTE_EVERY = 2_000_000
"""Microseconds by which the ledger may be behind what a source assured. A hub that is killed
forgets so much of it: its gap begins earlier, never later."""


@dataclass(slots=True)
class Watched:
    """What is expected of one source."""

    cadence_s: float
    backfill: bool
    assured: Micros
    noted: Micros
    """What of that the ledger knows."""
    open: bool = False


class GapKeeper:
    """One per hub. Its memory is the ledger: a restart goes on where the last one ended."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._watched: dict[str, Watched] = {}

    async def watch(self, source: str, cadence_s: float, *, backfill: bool) -> None:
        """Expect a source from now on. What the hub slept through is a gap, too."""
        assured = await self._store.gaps.assured(source)
        now = self._clock.now()
        known = now if assured is None else assured
        watched = Watched(cadence_s, backfill, known, known)
        self._watched[source] = watched
        if assured is None:
            await self._store.gaps.assure(source, now)
        elif self._silent(watched, now):
            await self._open(source, watched, "The hub was not connected to this source.")

    def forget(self, source: str) -> None:
        """Expect nothing more of a source (switched off, removed)."""
        self._watched.pop(source, None)

    async def assured(self, source: str, until: str | None = None) -> None:
        """A sign of life. ``until`` (RFC 3339): up to when nothing is missing; else now."""
        watched = self._watched.get(source)
        if watched is None:
            return
        moment = micros(until) if until else self._clock.now()
        watched.assured = max(watched.assured, moment)
        if watched.open:
            watched.open = False
            await self._store.gaps.close(source, watched.assured, filled=watched.backfill)
        if watched.assured - watched.noted >= NOTE_EVERY:
            watched.noted = watched.assured
            await self._store.gaps.assure(source, watched.assured)

    async def lost(self, source: str, reason: str) -> None:
        """Something says that data is being missed (a worker ended, a vendor refuses)."""
        watched = self._watched.get(source)
        if watched is not None:
            await self._open(source, watched, reason)

    async def check(self) -> None:
        """Look for silence; bootstrap calls it every few seconds."""
        now = self._clock.now()
        for source, watched in list(self._watched.items()):
            if self._silent(watched, now):
                await self._open(source, watched, "No sign of life for three cadences.")

    async def recent(self, source: str, since: Micros) -> Sequence[Gap]:
        """A source's gaps since a time that were not filled."""
        return await self._store.gaps.between(since, self._clock.now(), source)

    def assured_until(self, source: str) -> Micros | None:
        """Up to when a source is assured."""
        watched = self._watched.get(source)
        return watched.assured if watched else None

    def _silent(self, watched: Watched, now: Micros) -> bool:
        return now - watched.assured > SILENT_CADENCES * watched.cadence_s * 1_000_000

    async def _open(self, source: str, watched: Watched, reason: str) -> None:
        if not watched.open:
            watched.open = True
            await self._store.gaps.open(source, watched.assured, reason)
